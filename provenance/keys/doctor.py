"""The certificate doctor: every rule as a row, kept or not, with what was found and how to mend it.

The rules of the profile are those that signing asks for (`certificates.examine_chain`). Here come those that need more
than the chain: trust lists, the key, an answer about revocation.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cryptography import x509

from provenance.errors import SigningError
from provenance.keys.certificates import examine_chain, in_order
from provenance.keys.profile import (
    ACCEPTED_PURPOSES,
    WARN_DAYS,
    Check,
    Outcome,
    issued,
    label,
    printable,
    public_key_of,
    purpose_names,
    purposes_of,
)
from provenance.model.facets import Revocation
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from provenance.keys.algorithms import PublicKey
    from provenance.model.revocation import RevocationAnswer
    from provenance.model.trust import TrustList

_SERVES: Final = {Purpose.SIGNER: "signers", Purpose.IDENTITY: "publishers"}
"""Lists that can vouch for the certificate of an identity, and whom they vouch for; time-stamp lists cannot."""
_OUTCOMES: Final = {
    Revocation.GOOD: Outcome.PASS,
    Revocation.REVOKED: Outcome.FAIL,
    Revocation.UNKNOWN: Outcome.WARNING,
    Revocation.NOT_CHECKED: Outcome.SKIPPED,
}
_MENDING: Final = {
    Revocation.REVOKED: "stop signing with it, and ask the certification authority for a new one with a new key",
    Revocation.UNKNOWN: "ask the certification authority whether it issued this certificate",
}


def examine(
    chain: Sequence[x509.Certificate],
    *,
    at: datetime,
    lists: Sequence[TrustList] = (),
    key: PublicKey | SigningError | None = None,
    revocation: RevocationAnswer | None = None,
    warn_days: int = WARN_DAYS,
) -> tuple[Check, ...]:
    """Check a chain (leaf first) against every rule at this time (aware).

    `lists` are the trust lists that are set up; `key` is the public key that belongs to the private one at hand, or why
    that one cannot be opened; `warn_days` says how long before its end a validity is warned about. What cannot be
    checked is a row that is skipped. The chain can sign when no row fails. Raises nothing: what is wrong is a row.
    """
    rows = examine_chain(chain, at=at, warn_days=warn_days)
    if len(rows) == 1:
        # Nothing can be read, so there is nothing to compare with.
        return rows
    ordered = in_order(chain)
    useful = [item for item in lists if item.purpose in _SERVES]
    return (
        *rows,
        _accepted(ordered[0], useful, sound=_keeps(rows, "extended-key-usage")),
        _vouched(ordered, useful),
        _pair(ordered[0], key),
        _revocation(ordered[0], revocation),
    )


def _keeps(rows: tuple[Check, ...], rule: str) -> bool:
    return all(item.outcome is Outcome.PASS for item in rows if item.rule == rule)


def _accepted(leaf: x509.Certificate, lists: list[TrustList], *, sound: bool) -> Check:
    """Say which lists accept the purposes of the leaf; one that names none accepts what the engine does."""
    rule, purposes = "lists-purpose", purposes_of(leaf)
    if not lists or not sound:
        return _skipped(rule, leaf, "no list of signers or publishers is set up" if sound else "its purpose is unfit")
    accepting = [item for item in lists if purposes & (set(item.key_usages) or ACCEPTED_PURPOSES)]
    others = [item for item in lists if item not in accepting]
    if not accepting:
        wanted = purpose_names({usage for item in others for usage in item.key_usages})
        mend = f"ask the certification authority for a certificate made for {wanted}"
        return _row(rule, Outcome.WARNING, leaf, f"has a purpose that no list accepts: {_named(others)}", mend)
    refusing = f"; not {_named(others)}" if others else ""
    return _row(rule, Outcome.PASS, leaf, f"has a purpose that is accepted by {_named(accepting)}{refusing}")


def _vouched(chain: tuple[x509.Certificate, ...], lists: list[TrustList]) -> Check:
    """Say under which lists the chain ends; a list counts only where it accepts the purposes of the leaf."""
    rule, leaf = "lists-root", chain[0]
    if not lists:
        return _skipped(rule, leaf, "no list of signers or publishers is set up")
    vouching = [item for item in lists if _vouches(item, chain)]
    if vouching:
        return _row(rule, Outcome.PASS, leaf, f"is vouched for by {_named(vouching)}")
    mend = "add its issuers if some are missing in the chain, or the list that holds its root (provenance trust add)"
    return _row(rule, Outcome.WARNING, leaf, "is vouched for by no list that is set up here", mend)


def _vouches(item: TrustList, chain: tuple[x509.Certificate, ...]) -> bool:
    if item.key_usages and not purposes_of(chain[0]) & set(item.key_usages):
        return False
    if chain[0] in _certificates(item.allowed):
        return True
    connected = [chain[0]]
    for one, other in pairwise(chain):
        if not issued(one, by=other):
            break
        connected.append(other)
    # An anchor may be a root that was left out, or one of the certificates that are there.
    return any(one == anchor or issued(one, by=anchor) for anchor in _certificates(item.anchors) for one in connected)


def _certificates(pems: Sequence[str]) -> list[x509.Certificate]:
    found = []
    for pem in pems:
        # One that nobody can read vouches for nobody; whose list it is in will say so when it is used.
        with suppress(ValueError):
            found.append(x509.load_pem_x509_certificate(pem.encode("ascii")))
    return found


def _named(lists: list[TrustList]) -> str:
    return ", ".join(f"{printable(item.name)!r} ({_SERVES[item.purpose]})" for item in lists)


def _pair(leaf: x509.Certificate, key: PublicKey | SigningError | None) -> Check:
    rule = "key-pair"
    if isinstance(key, SigningError):
        return _row(rule, Outcome.FAIL, leaf, f"has no private key to sign with: {key.message}", key.hint)
    if key is None:
        return _skipped(rule, leaf, "the private key is not at hand, or its place does not tell the public one")
    if public_key_of(leaf) == key:
        return _row(rule, Outcome.PASS, leaf, "belongs to the private key")
    mend = "give the key that the certificate was requested with, or import the certificate of this key"
    return _row(rule, Outcome.FAIL, leaf, "does not belong to the private key", mend)


def _revocation(leaf: x509.Certificate, answer: RevocationAnswer | None) -> Check:
    rule = "revocation"
    if answer is None:
        return _skipped(rule, leaf, "nobody was asked whether it is revoked (--online asks)")
    found = f"is {answer.state}: {printable(answer.reason)}"
    return _row(rule, _OUTCOMES[answer.state], leaf, found, _MENDING.get(answer.state))


def _skipped(rule: str, leaf: x509.Certificate, why: str) -> Check:
    return _row(rule, Outcome.SKIPPED, leaf, f"not checked: {why}")


def _row(rule: str, outcome: Outcome, leaf: x509.Certificate, found: str, mend: str | None = None) -> Check:
    return Check(rule=rule, outcome=outcome, subject=label(leaf), found=found, mend=mend, certificate=1)
