"""Tokens taken apart: what is signed, by whom and how.

They are SignedData of CMS (RFC 5652, 5) under the rules of RFC 3161, 2.4.2: one signer, and signed attributes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from provenance.der import INTEGER, OCTETS, OID, SEQUENCE, SET, Fields, algorithm, integer, oid, read, split
from provenance.timestamps.faults import Fault, Flaw

if TYPE_CHECKING:
    from provenance.der import Element

UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for certificates that it does not understand."""

MOST_CERTIFICATES: Final = 10
"""Chains of authorities have two to four; with many, looking for a path could be made to take forever."""

TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA = "1.2.840.113549.1.7.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A token (SignedData) with its one signer."""

    content: bytes = field(repr=False)
    """What is signed: TSTInfo in DER."""
    certificates: tuple[bytes, ...] = field(repr=False)
    signer: Element
    """Names the signer's certificate: issuer and serial number."""
    digest: str
    """Object identifier of the digest of the content."""
    attributes: Element
    """What the signature is over."""
    algorithm: str
    """Object identifier of the signature's algorithm."""
    signature: bytes = field(repr=False)


def parse_signed(token: Element) -> Signed:
    """Read a token; raises `ValueError` when it is none."""
    outer = Fields(token)
    if oid(outer.take(OID)) != _SIGNED_DATA:
        raise ValueError("it is no signed data")
    fields = Fields(read(outer.take(0xA0).body))
    outer.end()
    fields.take(INTEGER)
    fields.take(SET)
    content = _content(fields.take(SEQUENCE))
    certificates = fields.maybe(0xA0)
    fields.maybe(0xA1)
    signers = split(fields.take(SET).body)
    fields.end()
    if len(signers) != 1:
        raise ValueError(f"it has {len(signers)} signers and not one")
    return _signed(signers[0], content, () if certificates is None else _certificates(certificates))


def _content(element: Element) -> bytes:
    fields = Fields(element)
    if oid(fields.take(OID)) != TST_INFO:
        raise ValueError("what is signed is no time-stamp")
    content = read(fields.take(0xA0).body)
    fields.end()
    if content.tag != OCTETS:
        raise ValueError("what is signed is not in one piece")
    return content.body


def _certificates(element: Element) -> tuple[bytes, ...]:
    found = split(element.body)
    # The engine gives up on other kinds (RFC 5652, 10.2.2), so they must not pass here either.
    if any(item.tag != SEQUENCE for item in found):
        raise ValueError("it carries something else among its certificates")
    if len(found) > MOST_CERTIFICATES:
        raise ValueError(f"it carries more than {MOST_CERTIFICATES} certificates")
    return tuple(item.whole for item in found)


def _signed(info: Element, content: bytes, certificates: tuple[bytes, ...]) -> Signed:
    fields = Fields(info)
    fields.take(INTEGER)
    if fields.maybe(0x80) is not None:
        raise ValueError("it names its authority by a key identifier, which the engine does not understand")
    signer = fields.take(SEQUENCE)
    digest = algorithm(fields.take(SEQUENCE))
    attributes = fields.take(0xA0)
    kind = algorithm(fields.take(SEQUENCE))
    signature = fields.take(OCTETS).body
    fields.maybe(0xA1)
    fields.end()
    return Signed(
        content=content,
        certificates=certificates,
        signer=signer,
        digest=digest,
        attributes=attributes,
        algorithm=kind,
        signature=signature,
    )


def signer_of(signed: Signed) -> x509.Certificate:
    """Return the certificate of the signer; raises `Flaw` when the token does not carry it."""
    for encoded in signed.certificates:
        try:
            certificate = load(encoded)
            if _is_named(certificate, signed.signer):
                return certificate
        except UNREADABLE:
            continue
    raise Flaw(Fault.MALFORMED, "it does not carry the certificate of its authority")


def load(encoded: bytes) -> x509.Certificate:
    """Read a certificate; raises one of `UNREADABLE` when it is none."""
    fields = Fields(Fields(read(encoded)).take(SEQUENCE))
    fields.maybe(0xA0)
    # About these `cryptography` warns on the terminal, for now (RFC 5280, 4.1.2.2).
    if integer(fields.take(INTEGER)) <= 0:
        raise ValueError("its serial number is not positive")
    return x509.load_der_x509_certificate(encoded)


def _is_named(certificate: x509.Certificate, signer: Element) -> bool:
    issuer, number = split(signer.body)
    return issuer.whole == certificate.issuer.public_bytes() and integer(number) == certificate.serial_number
