"""What a certificate says of itself, for policies that ask for keys, dates, policies and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from provenance.model.further import CertificateFacts
from provenance.trust.paths import paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model.trust import Trust


def described(chain: Sequence[bytes], trust: Trust) -> CertificateFacts | None:
    """Describe the first certificate of a chain (DER); None where it cannot be read.

    Source: RFC 5280, 4.1, 4.2.1.4 and 4.2.1.12.
    """
    try:
        found = x509.load_der_x509_certificate(chain[0])
        kind, bits = _key(found)
        return CertificateFacts(
            key_type=kind,
            key_bits=bits,
            valid_from=found.not_valid_before_utc,
            valid_until=found.not_valid_after_utc,
            policies=_policies(found),
            key_usages=_key_usages(found),
            paths=paths(chain, trust),
        )
    except (IndexError, ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
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


def _key_usages(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(item.dotted_string for item in found)
