"""What an authority says about a certificate: whether it has been revoked, since when and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenance.model.facets import Revocation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

WITHOUT_NEXT_UPDATE: Final = timedelta(hours=24)
"""How long an answer counts after it was made when it does not say so itself (C2PA 2.4, 15.9.1)."""

LEAVES_GOOD: Final = frozenset({"affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"})
"""Reasons (RFC 5280, 5.3.1) that say nothing against what was signed before.

A stolen key was in other hands before anybody noticed, and a reason that is not given may be that one. C2PA 2.4
(15.9.2) asks for the time only; this is stricter.
"""

_WORST_FIRST = (Revocation.REVOKED, Revocation.UNKNOWN, Revocation.NOT_CHECKED, Revocation.GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationAnswer:
    """The state of one certificate, and what it rests on.

    Times (aware) and `response` are there only when the authority's signature on the answer holds; `state` says whether
    the answer counts.
    """

    state: Revocation
    reason: str
    """One line for people."""
    source: str
    """The address that was asked, "stapled", or empty when nobody could be asked."""
    produced_at: datetime | None = None
    this_update: datetime | None = None
    """As of when the authority says so."""
    next_update: datetime | None = None
    """By when it promised to know more; `None` when it did not."""
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    """As RFC 5280 spells it, such as `keyCompromise`; `None` when none was given."""
    response: bytes = field(default=b"", repr=False)
    """OCSPResponse, DER; empty when there is none."""

    @property
    def until(self) -> datetime | None:
        """The last moment that the answer speaks for; `None` when it speaks for none."""
        if self.next_update is not None or self.produced_at is None:
            return self.next_update
        return self.produced_at + WITHOUT_NEXT_UPDATE

    def holds_at(self, moment: datetime) -> bool:
        """Say whether the certificate was good at a moment (aware) that somebody trusted attests.

        That is so when the authority calls it good and speaks for that moment or a later one, or when it was revoked
        after that moment and for one of the reasons that leave earlier signatures good.
        """
        if self.state is Revocation.GOOD:
            return self.until is not None and moment <= self.until
        if self.state is not Revocation.REVOKED or self.revoked_at is None:
            return False
        return moment < self.revoked_at and self.revocation_reason in LEAVES_GOOD


def worst(answers: Iterable[RevocationAnswer]) -> RevocationAnswer:
    """Return the answer that weighs most: revoked, unknown, not checked, good; the first of equals.

    Raises `ValueError` when there are none.
    """
    return min(answers, key=lambda answer: _WORST_FIRST.index(answer.state))
