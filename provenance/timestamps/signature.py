"""Whether the authority signed what its token says (RFC 5652, 5.4 to 5.6; RFC 5035 and RFC 5816)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.der import OCTETS, OID, SEQUENCE, SET, Fields, algorithm, moment, oid, split
from provenance.timestamps.faults import Fault, Flaw
from provenance.timestamps.signed import TST_INFO

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from provenance.der import Element
    from provenance.timestamps.signed import Signed

DIGESTS: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Digests that count, by object identifier. The engine knows SHA-1 too; it stopped being proof of anything."""
SMALLEST_RSA: Final = 2048
LARGEST_DIFFERENCE: Final = 60
"""Seconds between the two times that a token can name."""

_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"

_HASHES: Final[dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
# None: the algorithm names the kind of key only. A digest that is named must be the one of the content, since the
# engine looks at no other.
_RSA = {
    "1.2.840.113549.1.1.1": None,
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA = {
    "1.2.840.10045.2.1": None,
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_ED25519 = "1.3.101.112"


def check_signature(signed: Signed, certificate: x509.Certificate, *, time: datetime) -> None:
    """Make sure that this certificate's key signed the content; `time` is the one that the content names.

    Raises `Flaw`, or `ValueError` for attributes that cannot be read.
    """
    attributes = _attributes(signed.attributes)
    if oid(_one(attributes, _CONTENT_TYPE)) != TST_INFO:
        raise ValueError("its signature is for content of another type")
    digest = DIGESTS.get(signed.digest)
    if digest is None:
        raise Flaw(Fault.UNTRUSTED, f"it is signed with a digest that does not count ({signed.digest})")
    if _one(attributes, _MESSAGE_DIGEST).body != hashlib.new(digest, signed.content).digest():
        raise Flaw(Fault.MISMATCH, "its content was changed after it was signed")
    _verify(signed, certificate, digest)
    _check_name(attributes, certificate)
    # The engine shows this time where it is present, and not the one of the content (RFC 5652, 11.3).
    if _SIGNING_TIME in attributes:
        difference = moment(_one(attributes, _SIGNING_TIME)) - time
        if abs(difference.total_seconds()) > LARGEST_DIFFERENCE:
            raise Flaw(Fault.MISMATCH, "it names two times that differ")


def _attributes(element: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for item in split(element.body):
        fields = Fields(item)
        kind, values = oid(fields.take(OID)), split(fields.take(SET).body)
        fields.end()
        if kind in found:
            raise ValueError("a signed attribute is there twice")
        found[kind] = values
    return found


def _one(attributes: dict[str, list[Element]], kind: str) -> Element:
    values = attributes.get(kind, [])
    if len(values) != 1:
        raise ValueError("a signed attribute is missing, or has several values")
    return values[0]


def _verify(signed: Signed, certificate: x509.Certificate, digest: str) -> None:
    key, kind = certificate.public_key(), signed.algorithm
    message, scheme = _message(signed.attributes), _HASHES[digest]()
    try:
        if isinstance(key, rsa.RSAPublicKey) and _RSA.get(kind, "") in {None, digest} and key.key_size >= SMALLEST_RSA:
            key.verify(signed.signature, message, padding.PKCS1v15(), scheme)
        elif isinstance(key, ec.EllipticCurvePublicKey) and _ECDSA.get(kind, "") in {None, digest} and _known(key):
            key.verify(signed.signature, message, ec.ECDSA(scheme))
        elif isinstance(key, ed25519.Ed25519PublicKey) and kind == _ED25519:
            key.verify(signed.signature, message)
        else:
            raise Flaw(Fault.UNTRUSTED, f"it is signed with a key or an algorithm that does not count ({kind})")
    except InvalidSignature as error:
        raise Flaw(Fault.UNTRUSTED, "its signature is not the one of its authority") from error


def _known(key: ec.EllipticCurvePublicKey) -> bool:
    return key.curve.name in _CURVES


def _message(attributes: Element) -> bytes:
    """Return what is signed: the attributes as a set in the order of DER, whatever their order in the token."""
    head = attributes.whole[1 : len(attributes.whole) - len(attributes.body)]
    return bytes([SET]) + head + b"".join(sorted(item.whole for item in split(attributes.body)))


def _check_name(attributes: dict[str, list[Element]], certificate: x509.Certificate) -> None:
    """Compare the certificate with those that the authority named as its own: the first of each list."""
    kinds = [kind for kind in (_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2) if kind in attributes]
    if not kinds:
        raise ValueError("it does not say which certificate is the one of its authority")
    for kind in kinds:
        identifiers = Fields(Fields(_one(attributes, kind)).take(SEQUENCE))
        if not _identifies(identifiers.take(SEQUENCE), certificate, kind):
            raise Flaw(Fault.MISMATCH, "it was made with another certificate than the one it carries")


def _identifies(identifier: Element, certificate: x509.Certificate, kind: str) -> bool:
    """Compare the digest in an ESSCertID (SHA-1 by definition) or an ESSCertIDv2 with that of a certificate."""
    encoded, fields = certificate.public_bytes(Encoding.DER), Fields(identifier)
    if kind == _SIGNING_CERTIFICATE:
        # It need not withstand who looks for collisions: the signature holds for the certificate's key anyway.
        return fields.take(OCTETS).body == hashlib.sha1(encoded, usedforsecurity=False).digest()
    named = fields.maybe(SEQUENCE)
    digest = "sha256" if named is None else DIGESTS.get(algorithm(named))
    if digest is None:
        raise ValueError("it names its certificate by a digest that does not count")
    return fields.take(OCTETS).body == hashlib.new(digest, encoded).digest()
