"""What comes out of a file is shown whole and harmless."""

from __future__ import annotations

import json
import unicodedata

import pytest

from provenance.reports.escape import LIMIT, as_cell, as_json, as_markdown, as_message, visible
from tests.conftest import VECTORS

HARMFUL = {
    "escape sequence": ("\x1b[31mred\x1b[0m", "⟨U+001B⟩[31mred⟨U+001B⟩[0m"),
    "line feed": ("two\nlines", "two⟨U+000A⟩lines"),
    "carriage return": ("good\rbad", "good⟨U+000D⟩bad"),
    "tab": ("a\tb", "a⟨U+0009⟩b"),
    "null": ("a\0b", "a⟨U+0000⟩b"),
    "delete": ("a\x7fb", "a⟨U+007F⟩b"),
    "eight-bit escape": ("\x9b31m", "⟨U+009B⟩31m"),
    "right-to-left override": ("photo\u202egpj.exe", "photo⟨U+202E⟩gpj.exe"),
    "isolates": ("\u2066a\u2069", "⟨U+2066⟩a⟨U+2069⟩"),
    "zero-width space": ("Reu\u200bters", "Reu⟨U+200B⟩ters"),
    "zero-width joiner": ("a\u200db", "a⟨U+200D⟩b"),
    "byte-order mark": ("\ufeffa", "⟨U+FEFF⟩a"),
    "soft hyphen": ("a\u00adb", "a⟨U+00AD⟩b"),
    "tags": ("a\U000e0041\U000e007f", "a⟨U+E0041⟩⟨U+E007F⟩"),
    "line separator": ("a\u2028b\u2029c", "a⟨U+2028⟩b⟨U+2029⟩c"),
    "surrogate": ("a\udc80b", "a⟨U+DC80⟩b"),
    "private use": ("a\ue000b", "a⟨U+E000⟩b"),
    "unassigned": ("a\u0378b", "a⟨U+0378⟩b"),
    "letters drawn as nothing": ("\u3164\u115f\u1160\uffa0\u2800", "⟨U+3164⟩⟨U+115F⟩⟨U+1160⟩⟨U+FFA0⟩⟨U+2800⟩"),
}
HARMLESS = [
    "",
    "Zoë Müller",
    "新闻社",
    "وكالة الأنباء",
    "© 2026 – “quoted”",
    "<b>&amp;</b> [red]not markup[/red]",
    "😀",
]


def attacks():
    files = sorted((VECTORS / "attacks").glob("*.txt"))
    lines = [
        pytest.param(line, id=f"{path.stem}-{number}")
        for path in files
        for number, line in enumerate(path.read_bytes().decode("utf-8", "surrogateescape").split("\n"))
    ]
    return lines or [pytest.param("", id="absent", marks=pytest.mark.skip(reason="../shared/vectors is not there"))]


@pytest.mark.parametrize(("text", "shown"), HARMFUL.values(), ids=HARMFUL)
def test_hidden_characters_are_written_out(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize("text", HARMLESS)
def test_what_can_be_seen_is_left_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("text", attacks())
def test_no_attack_string_moves_the_cursor_or_hides_anything(text):
    shown = visible(text)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert len(text) > LIMIT or len(shown) >= len(text)
    assert len(shown) <= LIMIT * len("⟨U+10FFFF⟩") + 40


@pytest.mark.parametrize("length", [LIMIT - 1, LIMIT, LIMIT + 1, 10_000])
def test_long_text_is_cut_and_says_so(length):
    shown = visible("A" * length)
    assert shown.startswith("A" * min(length, LIMIT))
    assert shown.endswith(f"… ({length} characters)") is (length > LIMIT)


def test_the_limit_counts_characters_of_the_text_and_not_of_what_is_shown():
    assert visible("\0" * 5, limit=3) == "⟨U+0000⟩⟨U+0000⟩⟨U+0000⟩… (5 characters)"


@pytest.mark.parametrize("value", [None, 5, ("a", "\n"), {"key": "\x1b"}], ids=repr)
def test_values_that_are_no_text_are_shown_safely_too(value):
    assert not {unicodedata.category(char) for char in visible(value)} & {"Cc", "Cf"}


CELLS = {
    "formula": ("=1+1", "'=1+1"),
    "plus": ("+1", "'+1"),
    "minus": ("-1", "'-1"),
    "at": ("@x", "'@x"),
    "after blanks": (" \u3000=1", " \u3000'=1"),
    "after a tab": ("\t=1", "⟨U+0009⟩=1"),
    "full width": ("＝1", "'＝1"),
    "small": ("﹢1", "'﹢1"),
    "minus sign": ("−1", "'−1"),
    "after a semicolon": ("a;=1", "a;'=1"),
    "after separators": ("a;;|=1", "a;;|'=1"),
    "after a quote": ('a"=1', "a\"'=1"),
    "dash between words": ("a – b - c", "a – b - c"),
    "equals sign inside": ("a=b", "a=b"),
    "empty": ("", ""),
}
MARKDOWN = {
    "words": ("Signed by Example News, and intact since.", "Signed by Example News, and intact since."),
    "names": ("can't two-way (it) 'quoted'; 8 – C2PA / x", "can't two-way (it) 'quoted'; 8 – C2PA / x"),
    "code in brackets": ("changed (assertion.dataHash.mismatch)", "changed (`assertion.dataHash.mismatch`)"),
    "several": ("see https://a.b and @c", "see `https://a.b` and `@c`"),
    "run": ("a *b* _c_ d", "a `*b* _c_` d"),
    "bar": ("a|b", "`a`&#124;`b`"),
    "backticks": ("`a``b`", "``` `a``b` ```"),
    "a lone backtick": ("`", "`` ` ``"),
    "tag": ("<b>", "`<b>`"),
    "commit": ("deadbeef0", "`deadbeef0`"),
    "hidden": ("a\u202eb", "`a⟨U+202E⟩b`"),
    "empty": ("", ""),
}


@pytest.mark.parametrize(("text", "cell"), CELLS.values(), ids=CELLS)
def test_no_cell_begins_as_a_formula_does(text, cell):
    assert as_cell(text) == cell


@pytest.mark.parametrize(("text", "shown"), MARKDOWN.values(), ids=MARKDOWN)
def test_all_but_plain_words_is_code_in_markdown(text, shown):
    assert as_markdown(text) == shown


def test_a_message_of_sarif_links_to_nothing_and_stands_for_nothing():
    assert as_message("[x](sarif:/a) {0} }") == "[x] (sarif:/a) {{0}} }}"


@pytest.mark.parametrize("text", [*(item[0] for item in HARMFUL.values()), *HARMLESS, "\U0001f600\u202e\U000e0041"])
def test_json_is_made_visible_and_means_the_same(text):
    written = as_json(json.dumps({"key": text}, ensure_ascii=False, indent=1))
    assert not {unicodedata.category(char) for char in written.replace("\n", "")} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert json.loads(written) == {"key": text}
