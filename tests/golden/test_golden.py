"""Every format, word for word, but for HTML, which has a page of its own (`tests/unit/reports/test_html.py`).

`REGENERATE=1 pytest tests/golden` writes the files anew; look at what has changed in them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenance.reports.faces import Format
from tests.golden import cases
from tests.support.reports import check, write

HERE = Path(__file__).parent / "files"
EXTENSIONS = {
    Format.TEXT: "txt", Format.JSON: "json", Format.JSONL: "jsonl", Format.CSV: "csv", Format.JUNIT: "xml",
    Format.SARIF: "sarif", Format.MARKDOWN: "md", Format.CRJSON: "crjson",
}  # fmt: skip
RUNS = {"several": cases.several, "newsroom": cases.newsroom}
NAMES = {f"{run}.{EXTENSIONS[how]}": (RUNS[run], how) for run in RUNS for how in EXTENSIONS}


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_word_for_word_as_it_was(name):
    run, how = NAMES[name]
    results = run()
    written = write(how, results)
    check(how, written, results)
    path = HERE / name
    if os.environ.get("REGENERATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written.encode())
    # Bytes: a spreadsheet's line ends are part of it.
    assert written.encode().split(b"\n") == path.read_bytes().split(b"\n")


def test_no_golden_file_is_left_over():
    assert {path.name for path in HERE.iterdir()} == set(NAMES)
