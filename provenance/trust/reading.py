"""Read a list from what its source gave, in whichever form: PEM, DER, or an official list in JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.trust import bundle, sources
from provenance.trust.official import is_json, parse_official

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from provenance.model.trust import Purpose
    from provenance.trust.official import OfficialList
    from provenance.trust.sorting import Candidate, Skipped

_NO_PEM = "the whole file"
"""The place of a certificate in DER, or of something that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one address of a list gave."""

    data: bytes = field(repr=False)
    source: str
    """For messages: the address or the path."""
    single: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a list says, understood."""

    anchors: tuple[str, ...] = field(repr=False)
    allowed: tuple[str, ...] = field(default=(), repr=False)
    digest: str
    entities: Mapping[str, str] = field(default_factory=dict)
    """Who a certificate belongs to, by its fingerprint."""
    skipped: tuple[Skipped, ...] = ()
    scheme: str | None = None
    """What an official list calls itself."""
    sequence: int | None = None
    issued: datetime | None = None
    next_update: datetime | None = None


def read(parts: Sequence[Part], *, purpose: Purpose, at: datetime | None, keep_expired: bool = False) -> Content:
    """Read a list from its parts; certificates that expired before `at` do not count unless they are to be kept.

    Raises `SettingsError`, with the part as its path, for what is no list, holds a private key, is cut off, serves
    another purpose, or has nothing that counts.
    """
    from provenance.trust.sorting import sort_out  # noqa: PLC0415 -- brings in cryptography

    official: OfficialList | None = None
    candidates: list[Candidate] = []
    for part in parts:
        if part.may_be_empty and not part.data.strip():
            continue
        bundle.require_plausible(part.data, part.source)
        if is_json(part.data):
            official = parse_official(part.data, part.source)
            _require_purpose(official, purpose, part.source)
            candidates += _of_services(official, at)
        else:
            candidates += _of_blocks(part)
    source = parts[-1].source
    found = sort_out(candidates, purpose=purpose, at=None if keep_expired else at, source=source)
    if not found.anchors and not found.allowed:
        raise _nothing_counts(found.skipped, source)
    return Content(
        anchors=found.anchors,
        allowed=found.allowed,
        digest=bundle.digest_of(found.anchors, found.allowed),
        entities=found.entities,
        skipped=found.skipped,
        scheme=official.scheme if official else None,
        sequence=official.sequence if official else None,
        issued=official.issued if official else None,
        next_update=official.next_update if official else None,
    )


def counted(skipped: Sequence[Skipped]) -> dict[str, int]:
    """Count what does not count, by reason."""
    counts: dict[str, int] = {}
    for item in skipped:
        counts[item.reason.value] = counts.get(item.reason.value, 0) + 1
    return counts


def _of_blocks(part: Part) -> Iterator[Candidate]:
    from provenance.trust.sorting import Candidate  # noqa: PLC0415 -- brings in cryptography

    for number, block in enumerate(bundle.blocks(part.data, part.source), start=1):
        place = f"certificate number {number}" if block.startswith(b"-----") else _NO_PEM
        yield Candidate(data=block, place=place, single=part.single)


def _of_services(official: OfficialList, at: datetime | None) -> Iterator[Candidate]:
    from provenance.trust.sorting import Candidate  # noqa: PLC0415 -- brings in cryptography

    for service in official.services:
        begun = at is None or service.since is None or service.since <= at
        yield Candidate(
            data=service.der,
            place=f"{service.entity}: {service.name}",
            trusted=service.trusted and begun,
            entity=service.entity,
        )


def _require_purpose(official: OfficialList, purpose: Purpose, source: str) -> None:
    known = sources.of_scheme(official.scheme)
    if known is not None and known.purpose is not purpose:
        raise SettingsError(
            f"this is the {known.scheme}, which vouches for {known.purpose.value}, not for {purpose.value}",
            path=source,
            hint=f"its purpose is {known.purpose.value}",
        )


def _nothing_counts(skipped: Sequence[Skipped], source: str) -> SettingsError:
    if not skipped or skipped[0].who == _NO_PEM:
        return SettingsError(
            "there are no certificates in this trust list",
            path=source,
            hint="give certificates in PEM, one in DER, or an official list in JSON",
        )
    return SettingsError(
        f"nothing in this trust list counts: {told(counted(skipped))}",
        path=source,
        hint="get the list again from its publisher",
    )


_WORDS = {
    "damaged": "damaged",
    "expired": "expired",
    "withdrawn": "withdrawn by the publisher",
    "single": "no authority (single certificates vouch for no time-stamp)",
}


def told(counts: Mapping[str, int]) -> str:
    """Say how many certificates do not count, and why: “2 expired, 1 damaged”."""
    return ", ".join(f"{number} {_WORDS.get(reason, reason)}" for reason, number in counts.items())
