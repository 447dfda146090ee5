"""How trust lists are shown: tables for people, dictionaries for programs. All text in them is other people's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance.reports.escape import visible

if TYPE_CHECKING:
    from rich.table import Table

    from provenance.model.trust import TrustList
    from provenance.trust.changes import Change, Entry
    from provenance.trust.records import Record, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One list in the table of lists."""

    name: str
    found: TrustList | None = None
    pinned: bool = False
    problem: str | None = None
    """Why it cannot be used."""

    def out_of_date(self, at: datetime) -> bool:
        """Say whether its publisher promised a newer one by now."""
        return self.found is not None and self.found.next_update is not None and self.found.next_update < at


def table(rows: Iterable[Row], *, at: datetime) -> Table:
    """Show lists: what they serve, how many certificates, how old."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("name", "vouches for", "certificates", "as of", "checked"):
        shown.add_column(column)
    for row in rows:
        cells = ["cannot be used"] if row.found is None else _cells(row.found, at=at)
        shown.add_row(Text(visible(row.name)), *cells)
    return shown


def _cells(found: TrustList, *, at: datetime) -> list[str]:
    single = f" + {len(found.allowed)} single" if found.allowed else ""
    return [found.purpose.value, f"{len(found.anchors)}{single}", day(found.as_of), age(found.obtained, at=at)]


def remarks(row: Row, *, at: datetime) -> str | None:
    """Say what is special about a list, if anything."""
    found = []
    if row.problem:
        found.append(row.problem)
    if row.out_of_date(at) and row.found is not None:
        found.append(f"OUT OF DATE: a newer one was promised for {day(row.found.next_update)}")
    if row.pinned:
        found.append("pinned")
    if row.found is not None and row.found.skipped:
        found.append(f"{row.found.skipped} in its source {'does' if row.found.skipped == 1 else 'do'} not count")
    if row.found is not None and row.found.local:
        found.append("made by this machine, and trusted on this machine only")
    if row.found is not None and row.found.note:
        found.append(row.found.note)
    return f"{visible(row.name)}: {visible('; '.join(found), limit=1000)}" if found else None


def row_data(row: Row, *, at: datetime) -> dict[str, Any]:
    """Give a list for JSON."""
    if row.found is None:
        return {"name": row.name, "problem": row.problem}
    found = row.found
    return {
        "name": row.name,
        "purpose": found.purpose,
        "authorities": len(found.anchors),
        "single": len(found.allowed),
        "skipped": found.skipped,
        "source": found.source,
        "digest": found.digest,
        "as_of": found.as_of,
        "checked": found.obtained,
        "sequence": found.sequence,
        "next_update": found.next_update,
        "out_of_date": row.out_of_date(at),
        "pinned": row.pinned,
        "local": found.local,
        "key_usages": found.key_usages,
        "note": found.note,
    }


def day(date: datetime | None) -> str:
    """Show a date."""
    return f"{date:%Y-%m-%d}" if date else "—"


def age(date: datetime | None, *, at: datetime) -> str:
    """Say how long ago something was."""
    if date is None:
        return "—"
    days = max((at - date).days, 0)
    return "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"


def who(entry: Entry) -> str:
    """Name the owner of a certificate: whom the list or the user says, else the organisation."""
    return visible(entry.entity or entry.organisation or "—")


def called(entry: Entry) -> str:
    """Name a certificate."""
    return visible(entry.common_name or entry.subject or "—")


def members(entries: Iterable[Entry]) -> Table:
    """Show who is on a list."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("who", "certificate", "kind", "valid until"):
        shown.add_column(column, overflow="fold")
    shown.add_column("fingerprint", no_wrap=True)
    for item in entries:
        kind = "single" if item.single else "authority"
        shown.add_row(Text(who(item)), Text(called(item)), kind, day(item.not_after), item.fingerprint[:16])
    return shown


def head(record: Record, source: str) -> Iterator[str]:
    """Say everything about a list but who is on it."""
    version = record.current
    yield f"{record.name} vouches for {record.purpose.value}: {version.anchors} authorities, {version.allowed} single"
    yield f"source       {visible(source)}"
    yield f"digest       {version.digest}"
    number = f", number {version.sequence}" if version.sequence is not None else ""
    yield f"as of        {day(version.as_of)}{number}; checked {day(record.checked)}, added {day(record.added)}"
    if version.next_update:
        yield f"next update  {day(version.next_update)}"
    if record.key_usages:
        yield f"accepts      {', '.join(record.key_usages)}"
    if record.keep_expired:
        yield "expired certificates are kept"
    if record.pinned:
        yield "pinned: updates do not change it"
    if record.note:
        yield record.note


def head_of_file(found: TrustList) -> Iterator[str]:
    """Say of a list that is not installed what there is to say."""
    count = f"{len(found.anchors)} authorities, {len(found.allowed)} single"
    yield f"{visible(found.name)} vouches for {found.purpose.value}: {count}"
    yield f"source       {visible(found.source)}"
    yield f"digest       {found.digest}"
    if found.skipped:
        yield f"{found.skipped} in its source {'does' if found.skipped == 1 else 'do'} not count"


def installed(version: Version) -> str:
    """Say in one sentence what a version is."""
    from provenance.trust.reading import told

    number = f" (number {version.sequence})" if version.sequence is not None else ""
    dated = f", as of {day(version.as_of)}{number}" if version.as_of else ""
    count = sum(version.skipped.values())
    skipped = f"; {count} {'does' if count == 1 else 'do'} not count: {told(version.skipped)}" if count else ""
    return f"{version.count} certificate{'' if version.count == 1 else 's'}{dated}{skipped}"


def added(change: Change, record: Record) -> Iterator[str]:
    """Say that a list was installed."""
    yield f"Added {record.name}, which vouches for {record.purpose.value}: {installed(change.after)}."
    if "expired" in change.after.skipped:
        yield "Add it with --keep-expired if expired ones shall count for what they signed in time."
    if record.note:
        yield f"Mind: {record.note}."


def updated(change: Change) -> Iterator[str]:
    """Say what an update did."""
    if change.held:
        yield f"{change.name}: pinned, so nothing was changed; its source has another one: {summary(change)}"
        yield from details(change)
        yield f"Take it: provenance trust unpin {change.name}, then provenance trust update {change.name}"
        return
    yield f"{change.name}: {summary(change)}; {installed(change.after)}"
    yield from details(change)
    if change.unannounced:
        yield "  The publisher changed it under the same number and date."


def summary(change: Change) -> str:
    """Say in a few words what a change is."""
    if change.same:
        return "no change"
    return f"{len(change.added)} added, {len(change.removed)} removed, {change.unchanged} unchanged"


def details(change: Change) -> Iterator[str]:
    """Name what was added and what was removed, a line each."""
    for sign, entries in (("+", change.added), ("-", change.removed)):
        for item in entries:
            kind = f"{'single' if item.single else 'authority'}, until {day(item.not_after)}"
            yield f"  {sign} {who(item)} · {called(item)} · {kind} · {item.fingerprint[:16]}"


def entry_data(entry: Entry) -> dict[str, Any]:
    """Give one certificate for JSON."""
    return {
        "fingerprint": entry.fingerprint,
        "kind": "single" if entry.single else "authority",
        "entity": entry.entity,
        "organisation": entry.organisation,
        "common_name": entry.common_name,
        "subject": entry.subject,
        "not_before": entry.not_before,
        "not_after": entry.not_after,
    }


def change_data(change: Change) -> dict[str, Any]:
    """Give a comparison for JSON."""
    return {
        "name": change.name,
        "before": _version_data(change.before),
        "after": _version_data(change.after),
        "added": [entry_data(item) for item in change.added],
        "removed": [entry_data(item) for item in change.removed],
        "unchanged": change.unchanged,
    }


def _version_data(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {"digest": version.digest, "as_of": version.as_of, "sequence": version.sequence, "count": version.count}
