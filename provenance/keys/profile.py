"""What the rules of the C2PA certificate profile are made of: their limits, their words, and the row that each gives.

Source: C2PA specification 2.4, X.509 certificates and certificate profiles, together with what the engine refuses
beyond it. The rules themselves are in `rules`, one small function each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance.model.trust import DEFAULT_KEY_USAGES

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

Extension = TypeVar("Extension", bound=x509.ExtensionType)

SMALLEST_RSA: Final = 2048
LARGEST_RSA: Final = 4096
"""Bits. The standard names no upper limit; the engine refuses larger keys with "invalid public key"."""

SUITABLE_KEYS: Final = f"use ECDSA on P-256, P-384 or P-521, Ed25519, or RSA with {SMALLEST_RSA} to {LARGEST_RSA} bits"
ASK_FOR_ANOTHER: Final = "ask the certification authority for a certificate made for C2PA claim signing"
WARN_DAYS: Final = 30
"""Days before its end from which a validity is warned about."""

CLAIM_SIGNING: Final = "1.3.6.1.4.1.62558.2.1"
ANY_PURPOSE: Final = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string
ONLY_ALONE: Final = frozenset(
    {ExtendedKeyUsageOID.TIME_STAMPING.dotted_string, ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string}
)
"""Purposes that exclude every other one."""
ACCEPTED_PURPOSES: Final = frozenset(DEFAULT_KEY_USAGES) - ONLY_ALONE
"""Purposes one of which a signer's certificate must have."""

_PURPOSES = {
    CLAIM_SIGNING: "C2PA claim signing",
    "1.3.6.1.4.1.311.76.59.1.9": "C2PA signing (Microsoft)",
    "1.3.6.1.5.5.7.3.36": "document signing",
    ANY_PURPOSE: "any purpose",
    ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string: "client authentication",
    ExtendedKeyUsageOID.CODE_SIGNING.dotted_string: "code signing",
    ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string: "e-mail protection",
    ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string: "OCSP signing",
    ExtendedKeyUsageOID.SERVER_AUTH.dotted_string: "server authentication",
    ExtendedKeyUsageOID.TIME_STAMPING.dotted_string: "time-stamping",
}


class Outcome(StrEnum):
    """What came of one rule."""

    PASS = "pass"  # noqa: S105 -- not a secret
    FAIL = "fail"
    WARNING = "warning"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule, and what was found: a row of the certificate doctor."""

    rule: str
    outcome: Outcome
    subject: str
    """Whose certificate it is about, or what else."""
    found: str
    """What was found, as words that follow the subject: "expired on …"."""
    mend: str | None = None
    """What to do, where something should be done."""
    certificate: int | None = None
    """The number of the certificate in the chain, of which the leaf is 1; `None` for what is about no single one."""
    fault: str | None = None
    """The name under which `check_chain` reports it; only what fails has one."""

    @property
    def sentence(self) -> str:
        """The subject and what was found, for a message of its own."""
        return f"{self.subject if self.certificate is None else f'the certificate of {self.subject}'} {self.found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One certificate under examination: what a rule is given."""

    certificate: x509.Certificate
    number: int
    """Its number in the chain, of which the leaf is 1."""
    at: datetime
    warn_days: int

    def passes(self, rule: str, found: str) -> Check:
        """Say that it keeps a rule."""
        return self._row(rule, Outcome.PASS, found, None, None)

    def warns(self, rule: str, found: str, mend: str) -> Check:
        """Say that something should be better, though nobody refuses it."""
        return self._row(rule, Outcome.WARNING, found, mend, None)

    def fails(self, rule: str, fault: str, found: str, mend: str = ASK_FOR_ANOTHER) -> Check:
        """Say that it breaks a rule, and how to mend it."""
        return self._row(rule, Outcome.FAIL, found, mend, fault)

    def _row(self, rule: str, outcome: Outcome, found: str, mend: str | None, fault: str | None) -> Check:
        return Check(
            rule=rule,
            outcome=outcome,
            subject=label(self.certificate),
            found=found,
            mend=mend,
            certificate=self.number,
            fault=fault,
        )


def label(certificate: x509.Certificate) -> str:
    """Return what people call the subject: common name, else organisation, else the whole name; printable."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            return f"“{printable(str(attribute.value))}”"
    return f"“{printable(certificate.subject.rfc4514_string())}”"


def printable(text: str) -> str:
    """Replace what could move a cursor or turn the reading direction: names are other people's text."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def purpose_names(purposes: set[str] | frozenset[str]) -> str:
    """Say in words what extended key usages (OIDs) allow."""
    return ", ".join(sorted(_PURPOSES.get(item, item) for item in purposes))


def purposes_of(certificate: x509.Certificate) -> frozenset[str]:
    """Return the extended key usages of a certificate (OIDs); empty when it has none."""
    return frozenset(item.dotted_string for item in extension(certificate, x509.ExtendedKeyUsage) or ())


def extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    """Return the value of an extension, if the certificate has it."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def public_key_of(certificate: x509.Certificate) -> CertificatePublicKeyTypes | None:
    """Return the public key of a certificate; None for a kind that nobody knows."""
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is marked as that of a certification authority."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def issued(certificate: x509.Certificate, *, by: x509.Certificate) -> bool:
    """Say whether names and signature agree that one certificate was issued by the other."""
    # Names first: they cost nothing, and a bundle given by mistake can hold hundreds of certificates.
    if certificate.issuer != by.subject:
        return False
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def self_signed(certificate: x509.Certificate) -> bool:
    """Say whether a certificate was issued by itself."""
    return issued(certificate, by=certificate)
