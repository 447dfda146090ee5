"""What the facts say as of another day than today.

The engine judges by today's clock and cannot be told another. What does not depend on the day (content, signature) is
taken from it; the signer is judged anew by the dates of certificates, of a trusted time-stamp and of the lists. Where
one of these is missing, nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.model.facets import Facet, Signer, Time
from provenance.model.words import name_of, phrase

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.further import TimeCheck
    from provenance.model.manifest import ManifestStore
    from provenance.model.trust import CertificatePath, Trust, TrustList


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The day that is asked about, and the ways from the signer's certificate to the lists."""

    at: datetime
    """Aware."""
    paths: tuple[CertificatePath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """A store as it stood on another day."""

    store: ManifestStore
    trust: Trust
    as_of: AsOf
    time: Facet[Time]
    """As it is today."""
    stamp: TimeCheck | None
    """The time-stamp, where it is trusted today."""

    def time_facet(self) -> Facet[Time]:
        """Say whether the time-stamp counted on that day."""
        stamp = self._stamped()
        if stamp is None:
            return self.time
        if stamp > self.as_of.at:
            return Facet(state=Time.NOT_CHECKED, reason=self._said(f"it was only signed on {stamp:%Y-%m-%d %H:%M}"))
        through = self.trust.named(self.stamp.through if self.stamp else None)
        if through is None or not self._held(through):
            why = f"{stamp.isoformat()}; that a list vouched for the authority then is not known"
            return Facet(state=Time.NOT_CHECKED, reason=self._said(why))
        return Facet(state=Time.TRUSTED, reason=self._said(self.time.reason))

    def signer_facet(self, today: Facet[Signer]) -> Facet[Signer]:
        """Say whether the signer was trusted on that day."""
        if today.state is Signer.NOT_CHECKED or self._never_valid():
            return today
        stamp = self._stamped()
        if stamp is not None and stamp > self.as_of.at:
            why = f"it was only signed on {stamp:%Y-%m-%d %H:%M}"
            return Facet(state=Signer.NOT_CHECKED, reason=self._said(why))
        return self._judged()

    def _judged(self) -> Facet[Signer]:
        who, paths = name_of(self.store), self.as_of.paths
        if not paths:
            return Facet(state=Signer.UNTRUSTED, reason=self._said(f"{who}: no list that is set up vouches for it"))
        moment = self._moment()
        valid = [item for item in paths if item.valid_from <= moment <= item.valid_until]
        if not valid:
            dates = f"{paths[0].valid_from:%Y-%m-%d} to {paths[0].valid_until:%Y-%m-%d}"
            why = f"{who}: its certificates were valid from {dates}, not on {moment:%Y-%m-%d}"
            return Facet(state=Signer.INVALID, reason=self._said(why))
        lists = [found for item in valid if (found := self.trust.named(item.through)) is not None]
        held = next((item for item in lists if self._held(item)), None)
        if held is not None:
            return Facet(state=Signer.TRUSTED, reason=self._said(f"{who}, {phrase(held)}"))
        return Facet(state=Signer.NOT_CHECKED, reason=self._said(f"{who}: {_undated(lists[0])}"))

    def _moment(self) -> datetime:
        """When the certificate had to be valid: at its use if somebody trusted says when, else on that day."""
        stamp = self._stamped()
        return stamp if stamp is not None and self.time_facet().state is Time.TRUSTED else self.as_of.at

    def _stamped(self) -> datetime | None:
        return self.stamp.time if self.stamp else None

    def _held(self, item: TrustList) -> bool:
        return held(item, self.as_of.at)

    def _never_valid(self) -> bool:
        """Say whether something speaks against the certificate that no day changes."""
        against = {"signingCredential.invalid"}
        if self.stamp is not None:
            against.add("claimSignature.outsideValidity")
        return any(item.code in against for item in self.store.statuses)

    def _said(self, reason: str) -> str:
        return f"as of {self.as_of.at:%Y-%m-%d %H:%M %Z}, derived: {reason}"


def held(item: TrustList, at: datetime) -> bool:
    """Say whether a list is known to have held on a day; the development root holds since it was made."""
    date = item.as_of or item.obtained
    return item.local or (date is not None and date <= at)


def _undated(item: TrustList) -> str:
    date = item.as_of or item.obtained
    if date is None:
        return f"the list {item.name!r} bears no date, so it is not known whether it held then"
    return f"the list {item.name!r} holds as of {date:%Y-%m-%d}, and what it said before is not known"
