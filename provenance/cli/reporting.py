"""Where reports go: to the terminal or to a file, file by file or as one document."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from provenance.cli import common
from provenance.reports import faces
from provenance.reports.faces import Format
from provenance.reports.result import Result, Results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from provenance.reports.summary import Summary

    Write = Callable[[str], None]

_WIDTH = 100
"""Columns of a text report in a file."""


class Report(Protocol):
    """Something that results are told to, one by one, and what became of all of them in the end."""

    def add(self, result: Result) -> None:
        """Take one file."""

    def end(self, summary: Summary) -> None:
        """Finish."""


class Silence:
    """Nothing: the exit code tells."""

    def add(self, result: Result) -> None:
        """Say nothing of one file."""

    def end(self, summary: Summary) -> None:
        """Say nothing in the end."""


class Shown:
    """Text for people: every file when it was looked at, and a summary after several; errors go to standard error."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, result: Result) -> None:
        """Show one file."""
        from provenance.reports import to_terminal

        if self._count:
            common.show("")
        self._count += 1
        if result.error is not None:
            common.report(result.error)
        else:
            common.show(to_terminal.result(result))

    def end(self, summary: Summary) -> None:
        """Show what became of all of them."""
        from provenance.reports import to_terminal

        if self._count > 1:
            common.show("", to_terminal.summary(summary))


class Text:
    """The same in a file, with errors where they belong."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._count = 0

    def add(self, result: Result) -> None:
        """Write one file."""
        from provenance.reports import to_terminal

        self._put(to_terminal.result(result))

    def end(self, summary: Summary) -> None:
        """Write what became of all of them."""
        from provenance.reports import to_terminal

        if self._count > 1:
            self._put(to_terminal.summary(summary))

    def _put(self, part: RenderableType) -> None:
        from rich.console import Console

        target = io.StringIO()
        Console(file=target, width=_WIDTH, highlight=False, emoji=False, markup=False).print(part)
        lines = "".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines())
        self._write(f"\n{lines}" if self._count else lines)
        self._count += 1


class Lines:
    """JSON lines: none is kept."""

    def __init__(self, write: Write, *, generator: str) -> None:
        self._write = write
        self._generator = generator

    def add(self, result: Result) -> None:
        """Write one line."""
        from provenance.reports import to_json

        self._write(to_json.line(result))

    def put(self, line: str) -> None:
        """Write a line that was made elsewhere."""
        self._write(line)

    def end(self, summary: Summary) -> None:
        """Write the last line."""
        from provenance.reports import to_json

        self._write(to_json.last_line(summary, generator=self._generator))


class Whole:
    """One document about all files, written in the end."""

    def __init__(self, form: Format, write: Write, *, about: Results) -> None:
        self._form = form
        self._write = write
        self._about = about
        self._items: list[Result] = []

    def add(self, result: Result) -> None:
        """Keep one file."""
        self._items.append(result)

    def end(self, summary: Summary) -> None:  # noqa: ARG002 -- documents sum up for themselves
        """Write the document."""
        from dataclasses import replace

        results = replace(self._about, items=tuple(self._items))
        self._write(faces.document(self._form, results))
        if self._form is Format.CRJSON:
            _tell_missing(self._items)


def _tell_missing(items: Sequence[Result]) -> None:
    """Say why there is no crJSON: `null` does not."""
    from provenance.reports import to_crjson

    for item in items:
        reason = to_crjson.missing(item)
        if reason is not None:
            common.warn(f"{item.name}: {reason}")


@contextmanager
def report(form: Format, output: Path | None, *, about: Results, force: bool, quiet: bool) -> Iterator[Report]:
    """Give a report in this format, to standard output or to a file that appears whole or not at all.

    `about` is what it says besides the files. Raises `OutputExists` or `OutputError`.
    """
    if output is None:
        shown = Silence() if quiet else Shown()
        yield shown if quiet or form is Format.TEXT else _written(form, common.write, about)
        return
    from provenance.storage.outputs import writing

    with writing(output, overwrite=force) as stream:

        def write(text: str) -> None:
            stream.write(text.encode("utf-8", "backslashreplace"))

        yield _written(form, write, about)


def _written(form: Format, write: Write, about: Results) -> Report:
    if form is Format.TEXT:
        return Text(write)
    if form is Format.JSONL:
        return Lines(write, generator=about.generator)
    return Whole(form, write, about=about)
