"""Has the signer's certificate been revoked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.facets import Revocation
from provenance.policy.registry import by_state, rule

if TYPE_CHECKING:
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts


@rule("revocation.not-revoked", "Does nobody say that the certificate was revoked?")
def not_revoked(facts: Facts) -> Answer:
    """Undecided when nobody was asked, or when the authority does not know the certificate."""
    return by_state(facts.facets.revocation, good=(Revocation.GOOD,), bad=(Revocation.REVOKED,))


@rule("revocation.known", "Does the authority that was asked know the certificate?")
def known(facts: Facts) -> Answer:
    """An authority that does not know a certificate of its own is a sign of forgery; undecided when none was asked."""
    return by_state(facts.facets.revocation, good=(Revocation.GOOD, Revocation.REVOKED), bad=(Revocation.UNKNOWN,))


@rule("revocation.checked", "Does an authority say that the certificate was not revoked?")
def checked(facts: Facts) -> Answer:
    """Fails when nobody was asked: `--online` asks, and signers can staple an answer."""
    return by_state(
        facts.facets.revocation,
        good=(Revocation.GOOD,),
        bad=(Revocation.REVOKED, Revocation.UNKNOWN, Revocation.NOT_CHECKED),
    )
