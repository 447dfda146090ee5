"""Who may sign an OCSP answer, and whether they did (RFC 6960, 4.2.2.2)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.x509 import ocsp

_DIGESTS: Final = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
_STRONG: Final = tuple(digest.name for digest in _DIGESTS)
_BROKEN = "the signature on the answer does not hold"


class Unusable(Exception):
    """An answer that proves nothing, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def authorized_signer(
    answer: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> x509.Certificate:
    """Return who signed an answer about a certificate: its issuer, or a delegate of the issuer's.

    A delegate's certificate must be valid when the answer was made; whether it has itself been revoked is not asked.
    Raises `Unusable` when neither signed it, and what `cryptography` raises for damaged data.
    """
    if not issued(certificate, by=issuer):
        raise Unusable("the certificate was not issued by the issuer at hand")
    faults = []
    if _signs(answer, issuer):
        if _holds(answer, issuer):
            return issuer
        faults.append(_BROKEN)
    for delegate in answer.certificates:
        if delegate != issuer and _signs(answer, delegate):
            fault = _fault(answer, delegate, certificate, issuer)
            if fault is None:
                return delegate
            faults.append(fault)
    raise Unusable(faults[-1] if faults else "the answer is signed by somebody whose certificate is not with it")


def issued(certificate: x509.Certificate, *, by: x509.Certificate) -> bool:
    """Say whether names and signature agree that one certificate was issued by the other."""
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _signs(answer: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    """Say whether an answer names a certificate as that of its signer, by its name or by the hash of its key."""
    if answer.responder_name is not None:
        return answer.responder_name == certificate.subject
    return answer.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _fault(
    answer: ocsp.OCSPResponse, delegate: x509.Certificate, certificate: x509.Certificate, issuer: x509.Certificate
) -> str | None:
    if delegate == certificate:
        return "the answer is signed with the very certificate that it is about"
    if not issued(delegate, by=issuer):
        return "the answer is signed by a stranger: the issuer did not make the responder's certificate"
    unsuited = _unsuited(delegate)
    if unsuited is not None:
        return f"the responder's certificate {unsuited}"
    made = answer.produced_at_utc
    if not delegate.not_valid_before_utc <= made <= delegate.not_valid_after_utc:
        return f"the responder's certificate was not valid when it answered ({made:%Y-%m-%d %H:%M} UTC)"
    return None if _holds(answer, delegate) else _BROKEN


def _unsuited(delegate: x509.Certificate) -> str | None:
    """Say why a certificate may not sign answers (C2PA 2.4, 14.5.1.1: OCSP signing, and nothing besides)."""
    extensions = delegate.extensions
    try:
        purposes = set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        purposes = set()
    if ExtendedKeyUsageOID.OCSP_SIGNING not in purposes:
        return "is not made for signing answers (extended key usage OCSPSigning)"
    if len(purposes) > 1:
        return "is made for other things too (extended key usage)"
    for item in extensions:
        if isinstance(item.value, x509.BasicConstraints) and item.value.ca:
            return "is that of an authority, not of a responder"
        if isinstance(item.value, x509.KeyUsage) and not item.value.digital_signature:
            return "does not allow signatures (key usage)"
    return None


def _holds(answer: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    """Say whether an answer is signed with a certificate's key; raises `Unusable` for a digest that can be forged."""
    key, signed = certificate.public_key(), (answer.signature, answer.tbs_response_bytes)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _passes(partial(key.verify, *signed))
    if isinstance(key, rsa.RSAPublicKey) and answer.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS:
        # The parameters, which name the digest, cannot be read: only the right one of these passes.
        return any(_passes(partial(key.verify, *signed, _pss(digest), digest)) for digest in _DIGESTS)
    digest = answer.signature_hash_algorithm
    if digest is None or digest.name not in _STRONG:
        raise Unusable(f"the answer is signed with {digest.name if digest else 'no digest'}, which is too weak")
    if isinstance(key, rsa.RSAPublicKey):
        return _passes(partial(key.verify, *signed, padding.PKCS1v15(), digest))
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _passes(partial(key.verify, *signed, ec.ECDSA(digest)))
    return False


def _pss(digest: hashes.HashAlgorithm) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.AUTO)


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
