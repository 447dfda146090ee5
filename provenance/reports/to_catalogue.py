"""What a catalogue knows: for people at a terminal, and as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.model.claim import short_source_type
from provenance.model.verdict import Decision
from provenance.reports.escape import as_cell, visible
from provenance.reports.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from provenance.model.ledger import Head, Problem
    from provenance.model.record import Check, Pruning, Record, Summary

_COLOURS: Final = {Decision.ACCEPTED: "green", Decision.REVIEW: "yellow", Decision.REJECTED: "red"}
_COLUMNS: Final = (
    "id", "recorded_at", "operation", "label", "manifest", "media_type", "size", "source", "output", "bare", "width",
    "height", "title", "signer", "certificate", "signed_at", "attested_at", "source_type", "written_to", "asked_by",
)  # fmt: skip
_DESCRIBED: Final = ("caption", "credit", "rights", "device", "captured_at", "place")


def status(name: str, found: Summary, *, waiting: int) -> RenderableType:
    """Show how much there is."""
    rows = [
        ("records", f"{found.records:,}"),
        ("manifest stores", f"{found.manifests:,}"),
        ("fingerprints", f"{found.fingerprints:,}"),
        ("verifications", f"{found.checks:,}"),
        ("waiting", f"{waiting:,} to be entered" if waiting else "nothing"),
        ("ledger", str(found.head)),
    ]
    return Group(Text(visible(name), "bold"), Padding(_grid(rows), (0, 0, 0, 1), expand=False))


def records(found: Sequence[Record], *, more: bool) -> RenderableType:
    """List records; `more` says that there may be others."""
    if not found:
        return Text("no such record", "yellow")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("id", no_wrap=True)
    table.add_column("signed", no_wrap=True)
    table.add_column("title", overflow="fold")
    table.add_column("signer", overflow="fold")
    for item in found:
        day = (item.signed_at or item.recorded_at).strftime("%Y-%m-%d")
        table.add_row(item.id, day, visible(item.title or "(no title)"), visible(item.signer or "–"))
    rest = (Text("there may be more: --limit 0 lists all", "dim"),) if more else ()
    return Group(table, *rest)


def record(found: Record, checks: Sequence[Check], *, store: int | None) -> RenderableType:
    """Show one record, the bytes of its manifest store, and how the file was verified since."""
    about = found.described
    size = f"{found.size:,} bytes" + (f", {found.width} × {found.height} pixels" if found.width else "")
    rows = [
        ("title", found.title),
        ("operation", found.operation.value),
        ("signed by", found.signer),
        ("signed", moment(found.signed_at) if found.signed_at else None),
        ("attested", moment(found.attested_at) if found.attested_at else None),
        ("recorded", f"{moment(found.recorded_at)}, asked by {found.asked_by or 'nobody that is named'}"),
        ("began as", short_source_type(found.source_type) if found.source_type else None),
        ("media", f"{found.media_type}, {size}"),
        ("written to", found.written_to),
        ("by", ", ".join(about.creators) or None),
        *((name.replace("_", " "), getattr(about, name)) for name in _DESCRIBED),
        *(("made from", item.label or "something of unknown provenance") for item in found.parents),
        ("manifest", f"{found.label}, {'not kept' if store is None else f'{store:,} bytes'}"),
        ("before", found.source),
        ("after", found.output),
        ("without", found.bare),
    ]
    parts: list[RenderableType] = [Text(found.id, "bold"), Padding(_grid(rows), (0, 0, 0, 1), expand=False)]
    if checks:
        parts.append(Text("\nVerifications of this very file", "bold"))
        parts += [_checked(item) for item in checks]
    return Group(*parts)


def _checked(item: Check) -> Text:
    reasons = f": {', '.join(item.reasons)}" if item.reasons else ""
    return Text.assemble(
        f" {moment(item.at)}  ",
        (item.decision.value, _COLOURS[item.decision]),
        f" by {visible(item.policy)}{visible(reasons)}",
    )


def problems(found: Sequence[Problem], head: Head, *, expected: Head | None) -> RenderableType:
    """Say what is wrong with a catalogue, or that nothing is, as far as that can be known."""
    lines = [Text(f"{item.kind}: {visible(item.message)}", "red") for item in found]
    if not found:
        lines.append(Text("every record, manifest store and entry of the ledger is as it was entered", "green"))
    if expected is None:
        lines.append(
            Text("whether its end was cut off was not checked: --expect takes a head that was noted", "yellow")
        )
    return Group(*lines, Text(f"head of the ledger: {head}"))


def pruning(found: Pruning, *, is_done: bool) -> RenderableType:
    """Say what goes, or went."""
    verb = "went" if is_done else "would go"
    counts = (
        (found.records, "records"),
        (found.fingerprints, "fingerprints"),
        (found.manifests, f"manifest stores ({found.manifest_bytes / 1e6:.1f} MB)"),
        (found.checks, "verifications"),
    )
    what = ", ".join(f"{count:,} {name}" for count, name in counts if count) or "nothing"
    rest = "" if is_done or what == "nothing" else "; --yes does it"
    return Text(f"{what} of before {moment(found.before)} {verb}{rest}")


def csv_lines(found: Iterable[Record]) -> Iterator[str]:
    """Write records as CSV (RFC 4180), a line each; no cell is taken for a formula."""
    yield _line((*_COLUMNS, "creators", *_DESCRIBED, "parents"))
    for item in found:
        own = (getattr(item, name) for name in _COLUMNS)
        about = (getattr(item.described, name) for name in _DESCRIBED)
        parents = " ".join(parent.label or "?" for parent in item.parents)
        yield _line((*own, "; ".join(item.described.creators), *about, parents))


def _line(cells: Iterable[object]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow(as_cell(item) for item in cells)
    return target.getvalue()


def _grid(rows: Iterable[tuple[str, str | None]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:
            table.add_row(Text(name, "dim"), Text(visible(value)))
    return table
