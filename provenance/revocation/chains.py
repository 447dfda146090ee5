"""The way up from a signer's certificate: who can be asked about, because the issuer is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from provenance.network import shown
from provenance.revocation.answer import UNREADABLE
from provenance.revocation.responder import issued

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model.revocation import RevocationAnswer

DEEPEST: Final = 8
"""Steps. Chains come with files; real ones have three, and a long one would only keep us busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Certificates (DER) from the signer's upwards."""

    steps: tuple[tuple[bytes, bytes], ...]
    """Each certificate with that of its issuer."""
    top: bytes | None
    """The last one, about which nobody can be asked since its issuer is not known; `None` for a root."""


def way_up(chain: Sequence[bytes]) -> Way:
    """Follow a chain of certificates (DER) from the first one, in whatever order the others are."""
    known = [(der, parsed) for der in chain if (parsed := _parsed(der)) is not None]
    if not chain or not known or known[0][0] != chain[0]:
        return Way(steps=(), top=chain[0] if chain else None)
    steps: list[tuple[bytes, bytes]] = []
    (der, current), *rest = known
    while not issued(current, by=current):
        above = next((item for item in rest if issued(current, by=item[1])), None)
        if above is None or len(steps) == DEEPEST:
            return Way(steps=tuple(steps), top=der)
        steps.append((der, above[0]))
        rest.remove(above)
        der, current = above
    return Way(steps=tuple(steps), top=None)


def about(answer: RevocationAnswer, certificate: bytes) -> RevocationAnswer:
    """Name the certificate (DER) in the reason of an answer about it."""
    return replace(answer, reason=f"{name_of(certificate)}: {answer.reason}")


def name_of(certificate: bytes) -> str:
    """Return what people call the subject of a certificate (DER), fit to print."""
    parsed = _parsed(certificate)
    if parsed is None:
        return "a certificate that cannot be read"
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in parsed.subject.get_attributes_for_oid(oid):
            return f"“{shown(str(attribute.value))}”"
    return f"“{shown(parsed.subject.rfc4514_string())}”"


def _parsed(der: bytes) -> x509.Certificate | None:
    try:
        parsed = x509.load_der_x509_certificate(der)
        # Names and keys are read late, and may turn out to be damaged.
        parsed.subject, parsed.issuer, parsed.public_key()
    except UNREADABLE:
        return None
    return parsed
