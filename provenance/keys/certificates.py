"""Certificate chains, checked rule by rule before anything is signed.

The engine says "the certificate is invalid" and no more; here each rule has a name. They are checked in one
order, and each finds at most one fault per certificate:

* the chain as a whole: `empty`, `unreadable`, `wrong-order`
* every certificate: `version`, `unique-id`, `expired` or `not-yet-valid`, `signature-algorithm`, `key`,
  `no-authority-key`
* the leaf: `self-signed`, `authority`, `no-key-usage`, `no-digital-signature`, `signs-certificates`,
  `no-purpose`, `any-purpose`, `mixed-purposes`, `wrong-purpose`, `no-organization`, `critical-extension`
* the others: `not-authority`
* between them: `gap`, `root-included`
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509

from provenance.errors import KeyUnavailable, UnsuitableCertificate
from provenance.keys.profile import (
    ASK_FOR_ANOTHER,
    EVERY,
    ISSUER,
    LEAF,
    ChainFault,
    issued,
    label,
    printable,
    self_signed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from os import PathLike

__all__ = ["ChainFault", "check_chain", "parse_chain", "require_suitable"]


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

    The chain is leaf first. If the same certificates would fit in another order, that is a fault of its own
    and the other rules look at them in the right order. Source: C2PA 2.4, X.509 certificates.
    """
    return tuple(_faults(tuple(chain), at))


def _faults(chain: tuple[x509.Certificate, ...], at: datetime) -> Iterator[ChainFault]:
    if not chain:
        yield ChainFault(rule="empty", found="the chain holds no certificate", mend=ASK_FOR_ANOTHER)
        return
    unreadable = [number for number, item in enumerate(chain, start=1) if not _readable(item)]
    if unreadable:
        found = f"certificate number {unreadable[0]} in the chain has an empty or unreadable extension"
        yield ChainFault(rule="unreadable", found=found, mend="get the chain again from its issuer")
        return
    ordered = _ordered(chain) or chain
    if ordered != chain:
        found = "the certificates of the chain are in the wrong order"
        yield ChainFault(rule="wrong-order", found=found, mend="wrong order: leaf first, then its issuer")
    has_root = len(ordered) > 1 and self_signed(ordered[-1])
    for number, certificate in enumerate(ordered[:-1] if has_root else ordered):
        for rule in (*EVERY, *(ISSUER if number else LEAF)):
            if fault := rule(certificate, at):
                yield fault
    yield from _gaps(ordered)
    if has_root:
        found = f"the chain ends with its root, {label(ordered[-1])}"
        yield ChainFault(rule="root-included", found=found, mend="root included: take the last certificate out")


def _readable(certificate: x509.Certificate) -> bool:
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


def _gaps(chain: tuple[x509.Certificate, ...]) -> Iterator[ChainFault]:
    for one, other in pairwise(chain):
        if not issued(one, by=other):
            found = f"the certificate of {label(one)} was not issued by the next one in the chain, {label(other)}"
            mend = f"put the certificate of its issuer there: {printable(one.issuer.rfc4514_string())}"
            yield ChainFault(rule="gap", found=found, mend=mend)
