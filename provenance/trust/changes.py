"""What was added to a list and what was removed, as people see it.

Loaded only where that is shown: it brings in `cryptography`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.x509.oid import NameOID

from provenance.trust.bundle import fingerprint_of
from provenance.trust.sorting import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from cryptography import x509

    from provenance.trust.records import Version

SHORTEST_PREFIX: Final = 8
"""Digits of a fingerprint or a digest that stand for the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One certificate on a list. All text in it is other people's."""

    fingerprint: str
    """SHA-256, lower-case hexadecimal."""
    single: bool
    """It counts for itself only, and nobody under it."""
    organisation: str | None
    common_name: str | None
    not_before: datetime
    not_after: datetime
    entity: str | None
    """Who it belongs to, by the list or by whoever added it."""
    subject: str
    """The whole name (RFC 4514)."""

    def matches(self, text: str) -> bool:
        """Say whether a name holds this text, or the fingerprint begins with it."""
        wanted = " ".join(text.casefold().split())
        names = (self.organisation, self.common_name, self.entity, self.subject)
        digits = wanted.replace(":", "").replace(" ", "")
        return any(wanted in name.casefold() for name in names if name) or (
            len(digits) >= SHORTEST_PREFIX and self.fingerprint.startswith(digits)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The certificates of one version, in PEM, and whom they belong to."""

    anchors: tuple[str, ...] = field(default=(), repr=False)
    allowed: tuple[str, ...] = field(default=(), repr=False)
    entities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What makes the difference between two versions of a list, or between two lists."""

    name: str
    before: Version | None
    after: Version
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    unchanged: int
    """Certificates that are on both."""
    held: bool = False
    """The list is pinned, so that nothing was changed although the source has another one."""

    @property
    def same(self) -> bool:
        """Say whether the certificates are the same."""
        return not self.added and not self.removed

    @property
    def unannounced(self) -> bool:
        """Say whether the publisher changed the content without changing number or date."""
        return (
            self.before is not None
            and self.before.sequence is not None
            and (self.before.sequence, self.before.as_of) == (self.after.sequence, self.after.as_of)
            and not self.same
        )


def entries(members: Members) -> tuple[Entry, ...]:
    """List who is on a list: authorities first, then single certificates, each in its order."""
    return tuple(
        _entry(pem, single=single, entities=members.entities)
        for group, single in ((members.anchors, False), (members.allowed, True))
        for pem in group
    )


def differences(before: Members, after: Members) -> tuple[tuple[Entry, ...], tuple[Entry, ...], int]:
    """Return what was added, what was removed, and how many are on both."""
    return (
        entries(_without(after, before)),
        entries(_without(before, after)),
        len(set(before.anchors) & set(after.anchors)) + len(set(before.allowed) & set(after.allowed)),
    )


def _without(these: Members, those: Members) -> Members:
    return Members(
        anchors=_left(these.anchors, those.anchors),
        allowed=_left(these.allowed, those.allowed),
        entities={**those.entities, **these.entities},
    )


def _left(these: Iterable[str], those: Iterable[str]) -> tuple[str, ...]:
    known = set(those)
    return tuple(pem for pem in these if pem not in known)


def _entry(pem: str, *, single: bool, entities: Mapping[str, str]) -> Entry:
    certificate = load(pem.encode("ascii"))
    fingerprint = fingerprint_of(pem)
    return Entry(
        fingerprint=fingerprint,
        single=single,
        organisation=_name(certificate, NameOID.ORGANIZATION_NAME),
        common_name=_name(certificate, NameOID.COMMON_NAME),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        entity=entities.get(fingerprint) or None,
        subject=certificate.subject.rfc4514_string(),
    )


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str | None:
    values = [str(item.value) for item in certificate.subject.get_attributes_for_oid(oid)]
    return ", ".join(values) or None
