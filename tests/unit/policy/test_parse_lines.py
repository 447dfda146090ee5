"""Lines of TOML: nothing that only looks like a table or a key is taken for one."""

from __future__ import annotations

import pytest

from provenance.policy import mistakes
from provenance.policy.lines import Lines
from provenance.policy.reading import LONGEST, WIDEST, read

TEXT = '''# [[rules]] in a comment
name = "x" # [[rules]]
"quoted.key"."b\\u0041" = 1
purpose = """
[[rules]]
rule = "a" \\""" "" """""
path = \'\'\'
[[custom]] \'\'\'
inline = [
  {rule = "a", severity = 'x]', list = ["a", # ]
   "b"]},
  { rule.b = 2 },
]
day = 2026-01-01 00:00:00Z
[ a . "b" ]
c = 1.5e3
[[custom]]
id = "1"
[custom.more]
k = true
\t[[custom]]
id = "2"
[custom.more]
k = {}
'''
PLACES = {
    ("name",): 2,
    ("quoted.key", "bA"): 3,
    ("purpose",): 4,
    ("path",): 7,
    ("inline",): 9,
    ("inline", 0, "rule"): 10,
    ("inline", 0, "list", 1): 11,
    ("inline", 1, "rule", "b"): 12,
    ("day",): 14,
    ("a", "b"): 15,
    ("a", "b", "c"): 16,
    ("custom",): 17,
    ("custom", 0, "id"): 18,
    ("custom", 0, "more", "k"): 20,
    ("custom", 1): 21,
    ("custom", 1, "id"): 22,
    ("custom", 1, "more", "k"): 24,
    # What is not there has the line of what it would be in.
    ("custom", 1, "severity"): 21,
    ("custom", 9, "id"): 17,
    ("rules", 0, "rule"): 1,
    (): 1,
}


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n", "\r\n"), "\ufeff{}".format])
@pytest.mark.parametrize(("path", "line"), PLACES.items(), ids=str)
def test_everything_has_the_line_that_it_stands_on(path, line, change):
    text = change(TEXT)
    assert read(text)["custom"][1]["id"] == "2"
    assert Lines(text).of(*path) == line


RULE = '{rule = "signer.trusted", severity = "fail"}'
WRITTEN = {
    "inline tables": (f"rules = [\n  {RULE},\n  {RULE.replace('fail', 'no')},\n]\n", 6),
    "dotted keys": ('[[rules]]\nrule.name = "signer.trusted"\nseverity = "fail"\n', 5),
    "quoted keys": ('[["rules"]]\n"rule" = "signer.trusted"\n\'severity\' = "no"\n', 6),
    "tabs and blanks": ('\t[[ rules ]]\n\trule\t=\t"signer.trusted"\n  severity="no"\n', 6),
    "a comment after the table": ('[[rules]] # first\nrule = "signer.trusted" # severity = 1\nseverity = "no"\n', 6),
    "a table in the purpose": (
        'purpose = """\n[[rules]]\nseverity = "no"\n"""\n[[rules]]\nrule = "signer.trusted"\nseverity = "no"\n', 9,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line"), WRITTEN.values(), ids=WRITTEN)
def test_a_mistake_has_its_line_however_the_table_is_written(text, line):
    head = 'name = "mine"\nversion = "1"\n' + ("" if "purpose" in text else 'purpose = "x"\n')
    assert [where for where, _ in mistakes(head + text)] == [line]


HOSTILE = {
    "deep lists": "a = " + "[" * 1200 + "]" * 1200,
    "deep tables": "a = " + "{a=" * 600 + "1" + "}" * 600,
    "deep over many lines": "a = " + "[\n" * 20000,
    "a long key": "a" + ".a" * 30000 + " = 1",
    "a long file": "# x\n" * (LONGEST // 4 + 1),
    "a long line": "#" * (WIDEST + 1),
    "a number of many digits": f"a = {'9' * 2400}\nb = 0b{'1' * 2400}\nc = {'_'.join(['9999'] * 400)}",
    "a control character": "a = 1\x00",
    "a lone carriage return": "a = 1\rb = 2",
    "half an escape": 'a = "\\ud800"',
    "nothing but a mark": "\ufeff",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_mistakes_and_nothing_else(text):
    found = mistakes(text)
    assert found
    assert all(line >= 1 and what for line, what in found)
