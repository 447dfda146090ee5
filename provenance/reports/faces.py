"""The formats of reports, and what each of them needs besides the verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.reports.result import Results


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    HTML = "html"
    CRJSON = "crjson"


STREAMED = {Format.TEXT, Format.JSONL}
"""Those that say something of each file as soon as it was looked at, and keep none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a format needs."""

    digest: bool = False
    """The SHA-256 of each file."""
    pictures: bool = False
    interchange: bool = False
    """The engine's report in its interchange form."""
    questions: bool = False
    """What the rules ask, in words."""


FACES = {item: Face() for item in Format} | {
    Format.SARIF: Face(digest=True, questions=True),
    Format.HTML: Face(digest=True, pictures=True),
    Format.CRJSON: Face(interchange=True),
}


def document(form: Format, results: Results) -> str:
    """Write a report on a whole run in one of the formats that are not streamed."""
    module: Any = import_module(f"provenance.reports.to_{form}")
    written: str = module.document(results)
    return written
