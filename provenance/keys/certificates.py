"""Certificate chains, checked rule by rule before anything is signed.

The engine says "the certificate is invalid" and no more; here each rule has a name, and so has each way to break it.
They are checked in one order, and each finds at most one fault per certificate:

* the chain as a whole: `empty`, `unreadable`, `wrong-order`
* every certificate: `version`, `unique-id`, `expired` or `not-yet-valid`, `signature-algorithm`, `key`,
  `no-authority-key`
* the leaf: `self-signed`, `authority`, `no-key-usage`, `no-digital-signature`, `signs-certificates`,
  `no-purpose`, `any-purpose`, `mixed-purposes`, `wrong-purpose`, `no-organization`, `critical-extension`
* the others: `not-authority`
* between them: `gap`, `root-included`
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509

from provenance.errors import KeyUnavailable, UnsuitableCertificate
from provenance.keys.profile import (
    ASK_FOR_ANOTHER,
    WARN_DAYS,
    Check,
    Examined,
    Outcome,
    issued,
    label,
    printable,
    self_signed,
)
from provenance.keys.rules import EVERY, ISSUER, LEAF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from os import PathLike

_CHAIN = "the chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """One rule that a chain breaks: its name, what was found, and what to do."""

    rule: str
    found: str
    mend: str


def parse_chain(data: str | bytes, *, path: str | PathLike[str] | None = None) -> tuple[x509.Certificate, ...]:
    """Read all certificates of a PEM text, in their order.

    Raises `KeyUnavailable` when there is none or one of them is damaged; `path` only serves the message.
    """
    raw = data.encode("utf-8") if isinstance(data, str) else data
    try:
        return tuple(x509.load_pem_x509_certificates(raw))
    except (ValueError, x509.InvalidVersion) as error:
        if b"BEGIN CERTIFICATE-" in raw:
            message, hint = "a certificate of the chain is damaged", "get the chain again from its issuer"
        else:
            message = "no certificates in PEM were found in this file"
            hint = "give the chain in PEM: leaf first, then its issuer, without the root"
        raise KeyUnavailable(message, path=path, hint=hint) from error


def require_suitable(chain: Sequence[x509.Certificate], *, at: datetime, path: str | PathLike[str] | None) -> None:
    """Refuse a chain that breaks any rule of the profile at this time (aware).

    Raises `UnsuitableCertificate`: the message names the first fault, the hint mends it and lists the others.
    """
    faults = check_chain(chain, at=at)
    if faults:
        first, *others = faults
        also = f"; also: {'; '.join(fault.found for fault in others)}" if others else ""
        raise UnsuitableCertificate(first.found, path=path, hint=f"{first.mend}{also}")


def check_chain(chain: Sequence[x509.Certificate], *, at: datetime) -> tuple[ChainFault, ...]:
    """List every rule of the C2PA profile that a chain breaks at this time (aware); empty when it may sign.

    See `examine_chain`, whose failing rows these are.
    """
    return tuple(
        ChainFault(rule=item.fault or item.rule, found=item.sentence, mend=item.mend or ASK_FOR_ANOTHER)
        for item in examine_chain(chain, at=at)
        if item.outcome is Outcome.FAIL
    )


def examine_chain(chain: Sequence[x509.Certificate], *, at: datetime, warn_days: int = WARN_DAYS) -> tuple[Check, ...]:
    """Give a row for every rule of the C2PA profile, kept or not, at this time (aware).

    The chain is leaf first. If the same certificates would fit in another order, that is a fault of its own and the
    other rules look at them in the right order. Source: C2PA 2.4, X.509 certificates.
    """
    given = tuple(chain)
    readable = _readable(given)
    if readable.outcome is Outcome.FAIL:
        return (readable,)
    return (readable, *_rows(given, at, warn_days))


def in_order(chain: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return the certificates leaf first, each issued by the next; as they are when there is no such order."""
    return _ordered(tuple(chain)) or tuple(chain)


def _rows(chain: tuple[x509.Certificate, ...], at: datetime, warn_days: int) -> Iterator[Check]:
    ordered = in_order(chain)
    if ordered == chain:
        yield _kept("order", "is in the right order")
    else:
        yield _broken("order", "wrong-order", "is in the wrong order", "wrong order: leaf first, then its issuer")
    has_root = len(ordered) > 1 and self_signed(ordered[-1])
    for number, certificate in enumerate(ordered[:-1] if has_root else ordered, start=1):
        examined = Examined(certificate=certificate, number=number, at=at, warn_days=warn_days)
        for rule in (*EVERY, *(LEAF if number == 1 else ISSUER)):
            yield rule(examined)
    yield from _links(ordered)
    if has_root:
        found = f"ends with its root, {label(ordered[-1])}, which the standard wants left out"
        mend = "root included: take the last certificate out (`provenance identity import` does)"
        yield _broken("root", "root-included", found, mend)
    else:
        yield _kept("root", "leaves its root out")


def _kept(rule: str, found: str) -> Check:
    return Check(rule=rule, outcome=Outcome.PASS, subject=_CHAIN, found=found)


def _broken(rule: str, fault: str, found: str, mend: str) -> Check:
    return Check(rule=rule, outcome=Outcome.FAIL, subject=_CHAIN, found=found, mend=mend, fault=fault)


def _readable(chain: tuple[x509.Certificate, ...]) -> Check:
    if not chain:
        return _broken("readable", "empty", "holds no certificate", ASK_FOR_ANOTHER)
    damaged = [number for number, item in enumerate(chain, start=1) if not _sound(item)]
    if damaged:
        found = f"has an empty or unreadable extension in certificate number {damaged[0]}"
        return _broken("readable", "unreadable", found, "get the chain again from its issuer")
    return _kept("readable", f"has {len(chain)} readable certificate{'s' if len(chain) > 1 else ''}")


def _sound(certificate: x509.Certificate) -> bool:
    try:
        return all(value is not None for value in (certificate.extensions, certificate.subject, certificate.issuer))
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False


def _ordered(chain: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...] | None:
    """Find the order in which each certificate is issued by the next, if there is one."""
    if all(issued(one, by=other) for one, other in pairwise(chain)):
        return chain
    found = [item for item in chain if not any(issued(other, by=item) for other in chain)][:1]
    rest = [item for item in chain if item not in found]
    while found and rest:
        issuer = next((item for item in rest if issued(found[-1], by=item)), None)
        if issuer is None:
            return None
        found.append(issuer)
        rest.remove(issuer)
    return tuple(found) if len(found) == len(chain) else None


def _links(chain: tuple[x509.Certificate, ...]) -> Iterator[Check]:
    gaps = [(number, *pair) for number, pair in enumerate(pairwise(chain), start=1) if not issued(pair[0], by=pair[1])]
    if not gaps:
        yield _kept("links", "has no gap: each certificate was issued by the next")
    for number, one, other in gaps:
        yield Check(
            rule="links",
            outcome=Outcome.FAIL,
            subject=label(one),
            found=f"was not issued by the next one in the chain, {label(other)}",
            mend=f"put the certificate of its issuer there: {printable(one.issuer.rfc4514_string())}",
            certificate=number,
            fault="gap",
        )
