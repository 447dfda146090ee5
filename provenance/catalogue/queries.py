"""What is asked of a catalogue, as conditions on its rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import false, literal, or_, select

from provenance.catalogue.rows import folded
from provenance.catalogue.schema import checks, fingerprints, manifests, records, texts
from provenance.model.fingerprints import WATERMARK
from provenance.model.record import DigestOf
from provenance.model.vocabulary import SOURCE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from provenance.model.record import Query
    from provenance.model.verdict import Decision

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    """Give what must hold of a record."""
    yield from map(_says, query.text.split())
    if query.since is not None:
        yield records.c.dated_at >= query.since
    if query.until is not None:
        yield records.c.dated_at < query.until
    if query.signer is not None:
        yield _signed_by(query.signer)
    if query.decision is not None:
        yield _last_decided(query.decision)
    if query.source_type is not None:
        yield records.c.source_type == SOURCE_TYPES.get(query.source_type, query.source_type)
    if query.digest is not None:
        yield of_digest(query.digest)
    if query.before is not None:
        named = select(records.c.number).where(records.c.id == query.before).scalar_subquery()
        yield records.c.number < named


def of_digest(value: str, kind: DigestOf | None = None) -> ColumnElement[bool]:
    """Return what must hold of the records of a digest; without a kind, it may be any of them."""
    value = value.lower()
    if not _SHA256.fullmatch(value):
        return false()
    return or_(*(_has(value, item) for item in ([kind] if kind else DigestOf)))


def of_watermark(algorithm: str, payload: bytes) -> ColumnElement[bool]:
    """Return what must hold of the records of a payload."""
    # The index holds watermarks alone, and is used only where the statement itself says that it is about these.
    marked = fingerprints.c.variant == literal(WATERMARK, literal_execute=True)
    same = (fingerprints.c.method == algorithm, fingerprints.c.value == payload)
    return records.c.number.in_(select(fingerprints.c.number).where(marked, *same))


def _has(value: str, kind: DigestOf) -> ColumnElement[bool]:
    if kind is DigestOf.MANIFEST:
        # One number, not those that are in a list: so a server looks all four kinds up in their indexes.
        return records.c.store == select(manifests.c.number).where(manifests.c.digest == value).scalar_subquery()
    return records.c[kind.value] == value


def _says(word: str) -> ColumnElement[bool]:
    found = select(texts.c.number).where(texts.c.folded.contains(folded(word), autoescape=True))
    return records.c.number.in_(found)


def _signed_by(who: str) -> ColumnElement[bool]:
    named = records.c.signer == who
    digest = who.replace(":", "").lower()
    return or_(named, records.c.certificate == digest) if _SHA256.fullmatch(digest) else named


def _last_decided(decision: Decision) -> ColumnElement[bool]:
    last = (
        select(checks.c.decision)
        .where(checks.c.digest == records.c.output)
        .order_by(checks.c.at.desc(), checks.c.row.desc())
        .limit(1)
        .scalar_subquery()
    )
    return last == decision.value


def checked(
    digest: str | None, since: datetime | None, until: datetime | None, decision: Decision | None
) -> Iterator[ColumnElement[bool]]:
    """Give what must hold of a verification."""
    if digest is not None:
        value = digest.lower()
        yield checks.c.digest == value if _SHA256.fullmatch(value) else false()
    if since is not None:
        yield checks.c.at >= since
    if until is not None:
        yield checks.c.at < until
    if decision is not None:
        yield checks.c.decision == decision.value
