"""How the changes of an archive are told: line by line as they are found, and a summary."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.batch.auditing.drift import Kind, Weight
from provenance.batch.auditing.rounds import Mode
from provenance.cli import common
from provenance.cli.audit_rows import STANDINGS, csv_header, csv_line, json_line, row_of, said, summary_row
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.summary import WORST_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.text import Text

    from provenance.batch.auditing.drift import Change, Difference
    from provenance.batch.auditing.rounds import Summary

_COLOURS = {Weight.WORSE: "red", Weight.REVIEW: "yellow", Weight.NOTHING: "green"}
_AROUND = {
    Kind.POLICY: "the policy is another one",
    Kind.PROGRAM: "the version of this program is another one",
    Kind.TRUST: "a trust list is another one",
    Kind.ONLINE: "over the network",
}
"""What holds for all files of a run."""
_DIGEST = 12
"""Digits of a digest that people are shown."""
VERSION = 1


class Form(StrEnum):
    """How changes are written."""

    TEXT = "text"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"


class Told:
    """Tells changes one by one, and keeps none; each is on its way when `add` returns."""

    def __init__(self, form: Form, *, generator: str) -> None:
        self._form, self._generator = form, generator
        self._count = 0

    def begin(self) -> None:
        """Write what comes before all changes."""
        if self._form is Form.JSON:
            common.write(f'{{"version": {VERSION}, "generator": {json_line(self._generator)}, "changes": [\n')
        elif self._form is Form.CSV:
            common.write("\ufeff" + csv_header())

    def add(self, change: Change) -> None:
        """Tell of one change."""
        if self._form is Form.TEXT:
            common.show(*_lines(change))
            sys.stdout.flush()
        elif self._form is Form.CSV:
            common.write(csv_line(change))
        else:
            comma = ",\n" if self._form is Form.JSON and self._count else ""
            common.write(comma + json_line(row_of(change)) + ("\n" if self._form is Form.JSONL else ""))
        self._count += 1

    def end(self, summary: Summary) -> None:
        """Sum up."""
        if self._form is Form.TEXT:
            common.show(sentence(summary))
        elif self._form is Form.JSON:
            common.write(f'\n], "summary": {json_line(summary_row(summary))}}}\n')
        elif self._form is Form.JSONL:
            common.write(f'{{"summary": {json_line(summary_row(summary))}}}\n')


def sentence(found: Summary) -> str:
    """Sum up for people."""
    since = f" since {wording.moment(found.since)}" if found.since else ""
    parts = []
    if found.changed:
        parts.append(
            ", ".join(f"{found.kinds[kind]:,} {kind}" for kind in Kind if found.kinds[kind] and _of_file(kind))
        )
    if found.unchanged:
        all_of_them = not (found.changed or found.remembered or found.stopped)
        parts.append(f"{'nothing has changed' if all_of_them else f'{found.unchanged:,} unchanged'}{since}")
    if found.remembered:
        parts.append(_remembered(found))
    lines = [f"{_files(found.files)}{', ' if parts else ''}{'; '.join(parts)}"]
    if found.mode is Mode.KEEP:
        lines.append("nothing of this is remembered: it will be told again")
    if found.stopped:
        lines.append("stopped: not all files were looked at; the next audit tells of the others")
    return "\n".join(lines)


def _remembered(found: Summary) -> str:
    """Say what begins: there is nothing yet to compare with."""
    if found.remembered != found.files:
        return f"{found.remembered:,} looked at for the first time"
    counts = ((STANDINGS[item], found.decisions[item]) for item in WORST_FIRST)
    counted = ", ".join(f"{count:,} {standing}" for standing, count in counts if count)
    if found.mode is Mode.KEEP:
        return f"looked at for the first time: {counted}"
    return f"remembered as they are: {counted}"


def _of_file(kind: Kind) -> bool:
    return kind not in _AROUND


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _lines(change: Change) -> list[RenderableType]:
    """Tell of a change: what, and then each difference on a line of its own."""
    if change.kind in _AROUND:
        (one,) = change.differences
        return [_line(f"{_AROUND[change.kind]}: {visible(one.before)} → {visible(one.after)}", "bold")]
    why = "; ".join(visible(item.says) for item in change.reasons) or visible(said(change))
    name = f"  {visible(change.name, limit=2000)}" if change.name else ""
    known = f" ({_files(change.below)} known below it)" if change.below else ""
    head = _line(change.kind.value, f"bold {_COLOURS[change.weight]}")
    head.append(name, "bold").append(f": {why}{known}" if why or known else "")
    return [head, *(_line(f"    {_told(item)}") for item in _worth_telling(change.differences))]


def _worth_telling(differences: tuple[Difference, ...]) -> Iterator[Difference]:
    """Leave out what follows: without credentials there is nothing to check, and with them there is now."""
    follows = any(item.what == "credential" for item in differences)
    for item in differences:
        if not (item.what == "size" or (follows and "not checked" in {item.before, item.after})):
            yield item


def _told(item: Difference) -> str:
    if item.what == "sha256":
        return f"sha256: {item.before[:_DIGEST]}… → {item.after[:_DIGEST]}…"
    why = f" ({visible(item.why)})" if item.why else ""
    return f"{item.what}: {visible(item.before)} → {visible(item.after)}{why}"


def _line(words: str, style: str = "") -> Text:
    from rich.text import Text

    return Text.assemble((words, style))
