"""Recovered credentials: for people at a terminal. That they were recovered stands before all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.model.recovery import Standing, Way
from provenance.model.resolution import BEST
from provenance.reports import to_comparison, to_terminal, wording
from provenance.reports.escape import visible
from provenance.reports.recovered import NOT_EMBEDDED, measured, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from provenance.model.recovery import Candidate, Recovery

_COLOURS = {Standing.IDENTICAL: "green", Standing.CONFIRMED: "green", Standing.OPEN: "yellow"}
_NOTHING = "Nothing that is like this file was found"


def recovery(found: Recovery) -> RenderableType:
    """Show what was found for a file, the surest first."""
    parts: list[RenderableType] = [Text(visible(found.media.name), "bold")]
    if not found.found:
        parts.append(Text(_NOTHING, "yellow"))
    for item in found.found:
        parts += [Text(), *_candidate(item)]
    if found.found:
        parts += [Text(), Text(NOT_EMBEDDED, "bold yellow")]
    if found.contradicted:
        parts.append(Text(f"{found.contradicted} that were like it at first show something else", "dim"))
    parts += [Text(visible(note), "yellow") for note in found.notes]
    return Group(*parts)


def _candidate(item: Candidate) -> Iterator[RenderableType]:
    said = sentence(item)
    yield Text(said[:1].upper() + said[1:], f"bold {_COLOURS.get(item.standing, 'yellow')}")
    yield Padding(_about(item), (0, 0, 0, 1), expand=False)
    if item.looked is not None:
        yield from (Padding(line, (0, 0, 0, 1), expand=False) for line in to_comparison.picture(item.looked))
    if item.verdict is not None:
        yield Text("\nThe original's credentials", "bold")
        yield Padding(to_terminal.verdict(item.verdict), (0, 0, 0, 1), expand=False)


def _about(item: Candidate) -> Table:
    like = item.likeness
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    rows = [("title", item.title), ("signed by", item.signer or "somebody whose identity is not verified")]
    if item.record is not None:
        record = item.record
        rows = [("record", record.id), *rows]
        rows += [("recorded", wording.moment(record.recorded_at)), ("written to", record.written_to)]
    if item.named is not None:
        match = item.named.match
        rows = [("manifest", match.manifest), *rows, ("resolver", item.named.resolver), ("kept at", match.endpoint)]
        rows.append(("its score", None if match.score is None else f"{match.score} of {BEST}"))
    if like is not None and item.way is Way.WATERMARK:
        rows.append(("watermark", f"{like.method}: the same payload of {like.bits} bits"))
    elif like is not None:
        rows.append(("fingerprint", f"{like.method}: {like.distance} of {like.bits} bits differ ({like.variant})"))
    if item.standing is Standing.CONFIRMED:
        rows.append(("how sure", measured()))
    for name, value in rows:
        if value:
            table.add_row(Text(name, "dim"), Text(visible(value)))
    return table
