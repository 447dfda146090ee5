"""The C2PA certificate profile: one small function for each rule that a single certificate must keep.

A rule always gives a row, whether it is kept or not: `check_chain` takes those that fail, the doctor shows them all.
Which rules apply is decided by the place in the chain: `EVERY` certificate, the `LEAF`, or an `ISSUER` between leaf and
root. Source: see `profile`. A rule that only warns rests on a recommendation of the standard or a quirk of the engine.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, NameOID, SignatureAlgorithmOID

from provenance import der
from provenance.keys.algorithms import kind_of
from provenance.keys.profile import (
    ACCEPTED_PURPOSES,
    ANY_PURPOSE,
    ASK_FOR_ANOTHER,
    LARGEST_RSA,
    ONLY_ALONE,
    SMALLEST_RSA,
    SUITABLE_KEYS,
    Check,
    Examined,
    extension,
    is_authority,
    label,
    printable,
    public_key_of,
    purpose_names,
    purposes_of,
    self_signed,
)

_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_LARGEST_P384_SIGNATURE = 104
"""Bytes in DER: what is longer was made on P-521."""
_DIGESTS = ("sha256", "sha384", "sha512")
_SIGNATURES = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: "RSA with SHA-256",
    SignatureAlgorithmOID.RSA_WITH_SHA384: "RSA with SHA-384",
    SignatureAlgorithmOID.RSA_WITH_SHA512: "RSA with SHA-512",
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: "ECDSA with SHA-256",
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: "ECDSA with SHA-384",
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: "ECDSA with SHA-512",
    SignatureAlgorithmOID.RSASSA_PSS: "RSA-PSS",
    SignatureAlgorithmOID.ED25519: "Ed25519",
}
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


def _version(item: Examined) -> Check:
    if item.certificate.version is x509.Version.v3:
        return item.passes("version", "is X.509 version 3")
    return item.fails("version", "version", "is not X.509 version 3")


def _unique_id(item: Examined) -> Check:
    # issuerUniqueID [1] and subjectUniqueID [2], implicit bit strings (RFC 5280, 4.1.2.8).
    fields = der.split(der.read(item.certificate.tbs_certificate_bytes).body)
    if {field.tag for field in fields} & {0x81, 0x82}:
        return item.fails("unique-id", "unique-id", "carries a unique identifier of its issuer or subject")
    return item.passes("unique-id", "has no unique identifiers")


def _validity(item: Examined) -> Check:
    first, last = item.certificate.not_valid_before_utc, item.certificate.not_valid_after_utc
    if item.at > last:
        return item.fails("validity", "expired", f"expired on {last:%Y-%m-%d %H:%M} UTC", "renew the certificate")
    if item.at < first:
        mend = "check the clock of this machine, or wait until then"
        return item.fails("validity", "not-yet-valid", f"is not valid before {first:%Y-%m-%d %H:%M} UTC", mend)
    left = (last - item.at).days
    if last - item.at <= timedelta(days=item.warn_days):
        mend = "renew it now: what is signed later cannot be verified"
        return item.warns("validity", f"expires on {last:%Y-%m-%d}, in {left} {_days(left)}", mend)
    return item.passes("validity", f"is valid from {first:%Y-%m-%d} to {last:%Y-%m-%d}, {left} more {_days(left)}")


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


def _signature(item: Examined) -> Check:
    oid = item.certificate.signature_algorithm_oid
    if oid in _SIGNATURES and (oid != SignatureAlgorithmOID.RSASSA_PSS or _pss_allowed(item.certificate)):
        return item.passes("signature-algorithm", f"is signed with {_SIGNATURES[oid]}")
    found = f"is signed with an algorithm that C2PA does not allow ({oid.dotted_string})"
    mend = "ask its issuer for one signed with RSA, ECDSA or Ed25519 and SHA-256, SHA-384 or SHA-512"
    return item.fails("signature-algorithm", "signature-algorithm", found, mend)


def _pss_allowed(certificate: x509.Certificate) -> bool:
    try:
        digest, scheme = certificate.signature_hash_algorithm, certificate.signature_algorithm_parameters
    except (ValueError, UnsupportedAlgorithm):
        return False
    if digest is None or not isinstance(scheme, padding.PSS) or not isinstance(scheme.mgf, padding.MGF1):
        return False
    mask = scheme.mgf._algorithm  # noqa: SLF001 - there is no public way to the digest of the mask
    return digest.name in _DIGESTS and mask.name == digest.name


def _curve_and_digest(item: Examined) -> Check:
    """Warn where the engine reads a good chain as untrusted: its P-521 does not go with SHA-256."""
    weak = item.certificate.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256
    if weak and len(item.certificate.signature) > _LARGEST_P384_SIGNATURE:
        found = "is signed on P-521 with SHA-256, which the C2PA engine takes for untrusted"
        return item.warns("curve-and-digest", found, "ask its issuer for one signed with SHA-384 or SHA-512")
    return item.passes("curve-and-digest", "is signed with a curve and a digest that verifiers know together")


def _key(item: Examined) -> Check:
    key = public_key_of(item.certificate)
    if key is None:
        return item.fails("key", "key", "has a key of an unknown kind", SUITABLE_KEYS)
    if _suitable(key):
        return item.passes("key", f"has a key for {kind_of(key)}")
    return item.fails("key", "key", f"has a key that C2PA or its engine does not allow: {kind_of(key)}", SUITABLE_KEYS)


def _suitable(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return SMALLEST_RSA <= key.key_size <= LARGEST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in _CURVES
    return isinstance(key, ed25519.Ed25519PublicKey)


def _authority_key(item: Examined) -> Check:
    if extension(item.certificate, x509.AuthorityKeyIdentifier) is not None:
        return item.passes("authority-key", "names the key of its issuer")
    if self_signed(item.certificate):
        return item.passes("authority-key", "needs no key identifier of its issuer, being signed by itself")
    return item.fails("authority-key", "no-authority-key", "has no authority key identifier")


def _subject_key(item: Examined) -> Check:
    if extension(item.certificate, x509.SubjectKeyIdentifier) is not None:
        return item.passes("subject-key", "names its own key")
    return item.warns("subject-key", "has no subject key identifier, which the standard wants", ASK_FOR_ANOTHER)


def _issuer(item: Examined) -> Check:
    if not self_signed(item.certificate):
        name = printable(item.certificate.issuer.rfc4514_string())
        return item.passes("issuer", f"was issued by {name}")
    mend = "for trials make an identity with `provenance identity new NAME`; otherwise " + ASK_FOR_ANOTHER
    return item.fails("issuer", "self-signed", "is signed by itself and nobody vouches for it", mend)


def _not_authority(item: Examined) -> Check:
    if not is_authority(item.certificate):
        return item.passes("ca-flag", "is not that of a certification authority")
    mend = "sign with a certificate that this authority issued"
    return item.fails("ca-flag", "authority", "belongs to a certification authority", mend)


def _key_usage(item: Examined) -> Check:
    usage = extension(item.certificate, x509.KeyUsage)
    if usage is None:
        return item.fails("key-usage", "no-key-usage", "has no key usage")
    if not usage.digital_signature:
        return item.fails("key-usage", "no-digital-signature", "does not allow digital signatures (key usage)")
    if usage.key_cert_sign and not is_authority(item.certificate):
        return item.fails("key-usage", "signs-certificates", "allows signing other certificates (key usage)")
    return item.passes("key-usage", "allows digital signatures")


def _purposes(item: Examined) -> Check:
    rule, purposes = "extended-key-usage", purposes_of(item.certificate)
    named = purpose_names(purposes)
    if not purposes:
        return item.fails(rule, "no-purpose", "names no purpose (extended key usage)")
    if ANY_PURPOSE in purposes:
        return item.fails(rule, "any-purpose", "is made for any purpose (anyExtendedKeyUsage), which C2PA forbids")
    if purposes & ONLY_ALONE and len(purposes) > 1:
        found = f"mixes time-stamping or OCSP signing with other purposes ({named})"
        return item.fails(rule, "mixed-purposes", found)
    if not purposes & ACCEPTED_PURPOSES:
        found = f"is not made for signing claims, documents or e-mail (extended key usage: {named})"
        return item.fails(rule, "wrong-purpose", found)
    return item.passes(rule, f"is made for {named}")


def _organization(item: Examined) -> Check:
    names = item.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    named = [printable(str(name.value)) for name in names if str(name.value).strip()]
    if named:
        return item.passes("organization", f"names the organization {', '.join(named)}")
    return item.fails("organization", "no-organization", "names no organization (O) in its subject")


def _critical(item: Examined) -> Check:
    critical = [found.oid for found in item.certificate.extensions if found.critical]
    unknown = [oid.dotted_string for oid in critical if oid not in _UNDERSTOOD]
    if not unknown:
        return item.passes("critical-extensions", "has no critical extension that is unknown")
    return item.fails(
        "critical-extensions", "critical-extension", f"has a critical extension nobody knows ({unknown[0]})"
    )


def _status_address(item: Examined) -> Check:
    access = extension(item.certificate, x509.AuthorityInformationAccess)
    if any(found.access_method == AuthorityInformationAccessOID.OCSP for found in access or ()):
        return item.passes("status-address", "says where its revocation can be asked for (OCSP)")
    found = "names no OCSP address: nobody can ask whether it is revoked"
    return item.warns("status-address", found, "ask the certification authority for one with an OCSP address (AIA)")


def _issues(item: Examined) -> Check:
    usage = extension(item.certificate, x509.KeyUsage)
    if is_authority(item.certificate) and (usage is None or usage.key_cert_sign):
        return item.passes("ca-flag", f"may issue certificates, as {label(item.certificate)}")
    mend = "put the issuer's certificate there"
    return item.fails("ca-flag", "not-authority", "is not allowed to issue certificates", mend)


EVERY: Final = (
    _version,
    _unique_id,
    _validity,
    _signature,
    _curve_and_digest,
    _key,
    _authority_key,
    _subject_key,
)
LEAF: Final = (
    _issuer,
    _not_authority,
    _key_usage,
    _purposes,
    _organization,
    _critical,
    _status_address,
)
ISSUER: Final = (_issues,)
