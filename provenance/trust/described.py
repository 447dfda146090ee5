"""What a certificate says of itself, for policies that ask for keys, dates and policies."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from provenance.model.further import CertificateFacts


def described(certificate: bytes) -> CertificateFacts | None:
    """Describe a certificate in DER; None where it cannot be read. Source: RFC 5280, 4.1 and 4.2.1.4."""
    try:
        found = x509.load_der_x509_certificate(certificate)
        kind, bits = _key(found)
        return CertificateFacts(
            key_type=kind,
            key_bits=bits,
            valid_from=found.not_valid_before_utc,
            valid_until=found.not_valid_after_utc,
            policies=_policies(found),
        )
    except (ValueError, TypeError, x509.InvalidVersion):
        return None


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ec", key.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519", 256
    return type(key).__name__.removesuffix("PublicKey").strip("_").lower(), 0


def _policies(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(item.policy_identifier.dotted_string for item in found)
