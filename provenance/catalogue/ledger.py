"""The chain of hashes: entries are added at its end, by one writer at a time, and proved to be in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from provenance.catalogue import bulk
from provenance.catalogue.schema import ledger
from provenance.model.ledger import EMPTY, GENESIS, Entry, EntryKind, Head, Proof, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, RowMapping


def head(connection: Connection) -> Head:
    """Return the last entry's number and hash."""
    found = connection.execute(select(ledger.c.number, ledger.c.hash).order_by(ledger.c.number.desc()).limit(1)).first()
    return EMPTY if found is None else Head(number=found.number, hash=found.hash)


def append(connection: Connection, kind: EntryKind, said: Iterable[tuple[str, str, str | None]]) -> Head:
    """Add entries (each: its subject, the digest of its body, and the body where it has no row of its own).

    The caller is the only writer, until its transaction ends.
    """
    last = head(connection)
    rows: list[dict[str, Any]] = []
    for subject, digest, body in said:
        last = Head(number=last.number + 1, hash=link(last.hash, last.number + 1, digest))
        row = {"number": last.number, "kind": kind.value, "subject": subject, "digest": digest, "hash": last.hash}
        rows.append(row | {"body": body})
    bulk.write(connection, ledger, rows)
    return last


def entry_of(row: RowMapping) -> Entry:
    """Make an entry from its row."""
    return Entry(
        number=row["number"],
        kind=EntryKind(row["kind"]),
        subject=row["subject"],
        digest=row["digest"],
        hash=row["hash"],
    )


def known(connection: Connection, subjects: Sequence[str]) -> dict[str, str]:
    """Return the digests of signings that were entered before, by the ids of their records."""
    wanted = select(ledger.c.subject, ledger.c.digest).where(ledger.c.kind == EntryKind.RECORDED.value)
    return {row.subject: row.digest for row in bulk.look_up(connection, wanted, ledger.c.subject, subjects)}


def prove(connection: Connection, entry: Entry, body: str | None) -> Proof:
    """Return an entry and the chain from it to the head."""
    before = select(ledger.c.hash).where(ledger.c.number == entry.number - 1)
    later = select(ledger.c.digest).where(ledger.c.number > entry.number).order_by(ledger.c.number)
    return Proof(
        entry=entry,
        body=body,
        previous=connection.execute(before).scalar() or GENESIS,
        following=tuple(connection.execute(later).scalars()),
        head=head(connection),
    )
