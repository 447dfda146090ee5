"""What a key can sign with: the key decides the algorithm, so that there is nothing to configure and get wrong.

Source: C2PA 2.4, digital signatures; RFC 9053 for ECDSA, RFC 8230 for RSA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from provenance.keys.profile import LARGEST_RSA, SMALLEST_RSA
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

DIGESTS: Final[dict[Algorithm, hashes.HashAlgorithm]] = {
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.ES512: hashes.SHA512(),
    Algorithm.PS256: hashes.SHA256(),
    Algorithm.PS384: hashes.SHA384(),
    Algorithm.PS512: hashes.SHA512(),
}
"""Ed25519 signs messages whole."""

_CURVES = {"secp256r1": Algorithm.ES256, "secp384r1": Algorithm.ES384, "secp521r1": Algorithm.ES512}


def algorithm_of(key: PublicKeyTypes) -> Algorithm | None:
    """Return the algorithm that a public key dictates; None for kinds that Content Credentials do not know."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Algorithm.ED25519
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name)
    if isinstance(key, rsa.RSAPublicKey) and SMALLEST_RSA <= key.key_size <= LARGEST_RSA:
        if key.key_size < 3072:
            return Algorithm.PS256
        return Algorithm.PS384 if key.key_size < 4096 else Algorithm.PS512
    return None


def kind_of(key: object) -> str:
    """Say in a few words what kind of key this is, public or private."""
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return f"ECDSA on {key.curve.name}"
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return f"RSA with {key.key_size} bits"
    return type(key).__name__.removesuffix("PrivateKey").removesuffix("PublicKey")


def digest(data: bytes, algorithm: Algorithm) -> bytes:
    """Return the digest of a message, for keys that sign digests."""
    state = hashes.Hash(DIGESTS[algorithm])
    state.update(data)
    return state.finalize()


def pss(algorithm: Algorithm) -> padding.PSS:
    """Return the padding of RSA: MGF1 with one digest throughout, and a salt as long as it (RFC 8230, 2)."""
    return padding.PSS(mgf=padding.MGF1(DIGESTS[algorithm]), salt_length=padding.PSS.DIGEST_LENGTH)


def raw_to_der(signature: bytes) -> bytes:
    """Turn an ECDSA signature r‖s (each half of it) into DER."""
    half = len(signature) // 2
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))


def sign(key: PrivateKey, data: bytes, algorithm: Algorithm) -> bytes:
    """Sign a whole message with a key that is in memory; ECDSA signatures are DER."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(DIGESTS[algorithm]))
    return key.sign(data, pss(algorithm), DIGESTS[algorithm])


def confirm(signature: bytes, data: bytes, *, key: PublicKey, algorithm: Algorithm) -> bytes | None:
    """Return a signature over a whole message, ECDSA in DER; None when this key did not make it in this way.

    ECDSA may come as DER or as raw r‖s.
    """
    forms = [signature]
    if isinstance(key, ec.EllipticCurvePublicKey) and len(signature) == 2 * ((key.key_size + 7) // 8):
        forms.append(raw_to_der(signature))
    return next((form for form in forms if _verifies(form, data, key, algorithm)), None)


def _verifies(signature: bytes, data: bytes, key: PublicKey, algorithm: Algorithm) -> bool:
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(DIGESTS[algorithm]))
        else:
            key.verify(signature, data, pss(algorithm), DIGESTS[algorithm])
    except InvalidSignature:
        return False
    return True
