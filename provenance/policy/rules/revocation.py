"""Has the signer's certificate been revoked?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import derived
from provenance.model.facets import Revocation
from provenance.model.statuses import Concern
from provenance.policy.registry import by_state, rule, undecided

if TYPE_CHECKING:
    from enum import StrEnum

    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts


@rule("revocation.not-revoked", "Does nobody say that the certificate was revoked?")
def not_revoked(facts: Facts) -> Answer:
    """Undecided when nobody was asked, or when the authority does not know the certificate."""
    return _said(facts, good=(Revocation.GOOD,), bad=(Revocation.REVOKED,))


@rule("revocation.known", "Does the authority that was asked know the certificate?")
def known(facts: Facts) -> Answer:
    """An authority that does not know a certificate of its own is a sign of forgery; undecided when none was asked."""
    return _said(facts, good=(Revocation.GOOD, Revocation.REVOKED), bad=(Revocation.UNKNOWN,))


@rule("revocation.checked", "Does an authority say that the certificate was not revoked?")
def checked(facts: Facts) -> Answer:
    """Fails when nobody was asked: `--online` asks, and signers can staple an answer.

    Undecided without a certificate to ask about.
    """
    if facts.active is None or facts.active.signature is None:
        return undecided(facts.facets.revocation.reason)
    return _said(
        facts,
        good=(Revocation.GOOD,),
        bad=(Revocation.REVOKED, Revocation.UNKNOWN, Revocation.NOT_CHECKED),
    )


def _said(facts: Facts, *, good: tuple[StrEnum, ...], bad: tuple[StrEnum, ...]) -> Answer:
    found = derived.failures(facts.store.statuses, Concern.REVOCATION) if facts.store else []
    codes = tuple(dict.fromkeys(item.code for item in found))
    return replace(by_state(facts.facets.revocation, good=good, bad=bad), evidence=codes)
