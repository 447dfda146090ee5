"""The C2PA certificate profile: one small function for each rule that a single certificate must keep.

Source: C2PA specification 2.4, X.509 certificates and certificate profiles, together with what the engine
refuses beyond it. A rule returns its fault or None. Which rules apply is decided by the place in the chain:
`EVERY` certificate, the `LEAF`, or an `ISSUER` between leaf and root. The names of the rules are listed in
`certificates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID, SignatureAlgorithmOID

from provenance.model.trust import DEFAULT_KEY_USAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Extension = TypeVar("Extension", bound=x509.ExtensionType)

SMALLEST_RSA: Final = 2048
LARGEST_RSA: Final = 4096
"""Bits. The standard names no upper limit; the engine refuses larger keys with "invalid public key"."""

SUITABLE_KEYS: Final = f"use ECDSA on P-256, P-384 or P-521, Ed25519, or RSA with {SMALLEST_RSA} to {LARGEST_RSA} bits"
ASK_FOR_ANOTHER: Final = "ask the certification authority for a certificate made for C2PA claim signing"

_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string
_ALONE = {ExtendedKeyUsageOID.TIME_STAMPING.dotted_string, ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string}
_ACCEPTED = {usage for usage in DEFAULT_KEY_USAGES if usage not in _ALONE}
_DIGESTS = ("sha256", "sha384", "sha512")
_SIGNATURES = (
    SignatureAlgorithmOID.RSA_WITH_SHA256,
    SignatureAlgorithmOID.RSA_WITH_SHA384,
    SignatureAlgorithmOID.RSA_WITH_SHA512,
    SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    SignatureAlgorithmOID.RSASSA_PSS,
    SignatureAlgorithmOID.ED25519,
)
_UNDERSTOOD = (
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.INHIBIT_ANY_POLICY,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.POLICY_CONSTRAINTS,
    ExtensionOID.POLICY_MAPPINGS,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """One rule that a chain breaks: its name, what was found, and what to do."""

    rule: str
    found: str
    mend: str


def label(certificate: x509.Certificate) -> str:
    """Return what people call the subject: common name, else organisation, else the whole name; printable."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            return f"“{printable(str(attribute.value))}”"
    return f"“{printable(certificate.subject.rfc4514_string())}”"


def printable(text: str) -> str:
    """Replace what could move a cursor or turn the reading direction: names are other people's text."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


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


def _version(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    if certificate.version is x509.Version.v3:
        return None
    found = f"the certificate of {label(certificate)} is not X.509 version 3"
    return ChainFault(rule="version", found=found, mend=ASK_FOR_ANOTHER)


def _unique_id(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    # issuerUniqueID [1] and subjectUniqueID [2], implicit bit strings (RFC 5280, 4.1.2.8).
    if not {0x81, 0x82} & set(_field_tags(certificate.tbs_certificate_bytes)):
        return None
    found = f"the certificate of {label(certificate)} carries a unique identifier of its issuer or subject"
    return ChainFault(rule="unique-id", found=found, mend=ASK_FOR_ANOTHER)


def _field_tags(der: bytes) -> Iterator[int]:
    """Walk the outermost fields of a DER sequence; `cryptography` has checked it but hides some of them."""
    position = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    while position < len(der):
        yield der[position]
        length, position = der[position + 1], position + 2
        if length & 0x80:
            size = length & 0x7F
            length, position = int.from_bytes(der[position : position + size], "big"), position + size
        position += length


def _validity(certificate: x509.Certificate, at: datetime) -> ChainFault | None:
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at > last:
        found = f"the certificate of {label(certificate)} expired on {last:%Y-%m-%d %H:%M} UTC"
        return ChainFault(rule="expired", found=found, mend="renew the certificate")
    if at < first:
        found = f"the certificate of {label(certificate)} is not valid before {first:%Y-%m-%d %H:%M} UTC"
        mend = "check the clock of this machine, or wait until then"
        return ChainFault(rule="not-yet-valid", found=found, mend=mend)
    return None


def _signature(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    oid = certificate.signature_algorithm_oid
    if oid in _SIGNATURES and (oid != SignatureAlgorithmOID.RSASSA_PSS or _pss_allowed(certificate)):
        return None
    found = f"the certificate of {label(certificate)} is signed with an algorithm that C2PA does not allow"
    mend = "ask its issuer for one signed with RSA, ECDSA or Ed25519 and SHA-256, SHA-384 or SHA-512"
    return ChainFault(rule="signature-algorithm", found=f"{found} ({oid.dotted_string})", mend=mend)


def _pss_allowed(certificate: x509.Certificate) -> bool:
    try:
        digest, scheme = certificate.signature_hash_algorithm, certificate.signature_algorithm_parameters
    except (ValueError, UnsupportedAlgorithm):
        return False
    if digest is None or not isinstance(scheme, padding.PSS) or not isinstance(scheme.mgf, padding.MGF1):
        return False
    mask = scheme.mgf._algorithm  # noqa: SLF001 - there is no public way to the digest of the mask
    return digest.name in _DIGESTS and mask.name == digest.name


def _key(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    try:
        kind = _unsuitable(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        kind = "of an unknown kind"
    if kind is None:
        return None
    found = f"the key in the certificate of {label(certificate)} is {kind}"
    return ChainFault(rule="key", found=found, mend=SUITABLE_KEYS)


def _unsuitable(key: object) -> str | None:
    if isinstance(key, rsa.RSAPublicKey):
        return None if SMALLEST_RSA <= key.key_size <= LARGEST_RSA else f"RSA with {key.key_size} bits"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return None if key.curve.name in _CURVES else f"on the curve {key.curve.name}"
    return None if isinstance(key, ed25519.Ed25519PublicKey) else "neither RSA, ECDSA nor Ed25519"


def _authority_key(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    if self_signed(certificate) or _value(certificate, x509.AuthorityKeyIdentifier) is not None:
        return None
    found = f"the certificate of {label(certificate)} has no authority key identifier"
    return ChainFault(rule="no-authority-key", found=found, mend=ASK_FOR_ANOTHER)


def _not_self_signed(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    if not self_signed(certificate):
        return None
    found = f"the certificate of {label(certificate)} is signed by itself and nobody vouches for it"
    mend = "for trials make an identity with `provenance identity new NAME`; otherwise " + ASK_FOR_ANOTHER
    return ChainFault(rule="self-signed", found=found, mend=mend)


def _not_authority(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    if not _is_authority(certificate):
        return None
    found = f"the certificate of {label(certificate)} belongs to a certification authority"
    return ChainFault(rule="authority", found=found, mend="sign with a certificate that this authority issued")


def _key_usage(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    usage = _value(certificate, x509.KeyUsage)
    whose = f"the certificate of {label(certificate)}"
    if usage is None:
        return ChainFault(rule="no-key-usage", found=f"{whose} has no key usage", mend=ASK_FOR_ANOTHER)
    if not usage.digital_signature:
        found = f"{whose} does not allow digital signatures (key usage)"
        return ChainFault(rule="no-digital-signature", found=found, mend=ASK_FOR_ANOTHER)
    if usage.key_cert_sign and not _is_authority(certificate):
        found = f"{whose} allows signing other certificates (key usage)"
        return ChainFault(rule="signs-certificates", found=found, mend=ASK_FOR_ANOTHER)
    return None


def _purposes(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    extension = _value(certificate, x509.ExtendedKeyUsage)
    purposes = {item.dotted_string for item in extension or ()}
    whose, named = f"the certificate of {label(certificate)}", ", ".join(sorted(purposes))
    if not purposes:
        found = f"{whose} names no purpose (extended key usage)"
        return ChainFault(rule="no-purpose", found=found, mend=ASK_FOR_ANOTHER)
    if _ANY in purposes:
        found = f"{whose} is made for any purpose (anyExtendedKeyUsage), which C2PA forbids"
        return ChainFault(rule="any-purpose", found=found, mend=ASK_FOR_ANOTHER)
    if purposes & _ALONE and len(purposes) > 1:
        found = f"{whose} mixes time-stamping or OCSP signing with other purposes ({named})"
        return ChainFault(rule="mixed-purposes", found=found, mend=ASK_FOR_ANOTHER)
    if not purposes & _ACCEPTED:
        found = f"{whose} is not made for signing claims, documents or e-mail (extended key usage {named})"
        return ChainFault(rule="wrong-purpose", found=found, mend=ASK_FOR_ANOTHER)
    return None


def _organization(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    if any(str(name.value).strip() for name in names):
        return None
    found = f"the certificate of {label(certificate)} names no organization (O) in its subject"
    return ChainFault(rule="no-organization", found=found, mend=ASK_FOR_ANOTHER)


def _critical(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    unknown = [
        item.oid.dotted_string for item in certificate.extensions if item.critical and item.oid not in _UNDERSTOOD
    ]
    if not unknown:
        return None
    found = f"the certificate of {label(certificate)} has a critical extension nobody knows ({unknown[0]})"
    return ChainFault(rule="critical-extension", found=found, mend=ASK_FOR_ANOTHER)


def _issues(certificate: x509.Certificate, _at: datetime) -> ChainFault | None:
    usage = _value(certificate, x509.KeyUsage)
    if _is_authority(certificate) and (usage is None or usage.key_cert_sign):
        return None
    found = f"the certificate of {label(certificate)} is not allowed to issue certificates"
    return ChainFault(rule="not-authority", found=found, mend="put the issuer's certificate there")


def _is_authority(certificate: x509.Certificate) -> bool:
    constraints = _value(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _value(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


EVERY: Final = (_version, _unique_id, _validity, _signature, _key, _authority_key)
LEAF: Final = (_not_self_signed, _not_authority, _key_usage, _purposes, _organization, _critical)
ISSUER: Final = (_issues,)
