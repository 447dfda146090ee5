"""What goes to an authority and what comes back (RFC 3161, 2.4): requests, and responses around their tokens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.der import (
    BITS,
    BOOLEAN,
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    UTF8,
    Fields,
    algorithm,
    integer,
    oid,
    read,
    sequence,
    split,
)
from provenance.network import shown
from provenance.timestamps.faults import Fault, Flaw

if TYPE_CHECKING:
    from provenance.der import Element

_GRANTED = (0, 1)
"""granted and grantedWithMods. What was asked for is compared with what came, field by field: a modification that
passes concerns nothing that matters here."""
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
"""AlgorithmIdentifier (RFC 5754, 2)."""
_CERTIFICATES_WANTED = bytes.fromhex("0101ff")
_STATUSES = {
    2: "rejection",
    3: "waiting",
    4: "revocation warning",
    5: "revocation notification",
}
_FAILURES = {
    0: "unknown algorithm",
    2: "bad request",
    5: "wrong data format",
    14: "no time available",
    15: "unaccepted policy",
    16: "unaccepted extension",
    17: "additional information not available",
    25: "system failure",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for (TimeStampReq)."""

    algorithm: str
    """Object identifier of the digest."""
    imprint: bytes = field(repr=False)
    policy: str | None
    nonce: int | None


def request_for(message: bytes, *, nonce: int) -> bytes:
    """Write a TimeStampReq (RFC 3161, 2.4.1): version 1, SHA-256, a nonce of 8 bytes, the certificate is wanted."""
    imprint = sequence(_SHA256, b"\x04\x20" + hashlib.sha256(message).digest())
    return sequence(b"\x02\x01\x01", imprint, b"\x02\x08" + nonce.to_bytes(8, "big"), _CERTIFICATES_WANTED)


def parse_request(der: bytes) -> Request:
    """Read a TimeStampReq; raises `ValueError` when it is none."""
    fields = Fields(_sequence(der))
    if integer(fields.take(INTEGER)) != 1:
        raise ValueError("it has a version nobody knows")
    kind, imprint = parse_imprint(fields.take(SEQUENCE))
    policy, nonce = fields.maybe(OID), fields.maybe(INTEGER)
    fields.maybe(BOOLEAN)
    fields.maybe(0xA0)
    fields.end()
    return Request(
        algorithm=kind,
        imprint=imprint,
        policy=None if policy is None else oid(policy),
        nonce=None if nonce is None else integer(nonce),
    )


def parse_imprint(element: Element) -> tuple[str, bytes]:
    """Return the object identifier of the digest, and the digest."""
    fields = Fields(element)
    kind, imprint = algorithm(fields.take(SEQUENCE)), fields.take(OCTETS).body
    fields.end()
    return kind, imprint


def token_in(der: bytes) -> Element:
    """Return the token (ContentInfo) of a TimeStampResp, or the token that it is already.

    Raises `ValueError` when it is neither, and `Flaw` with the words of the authority when it granted none.
    """
    whole = _sequence(der)
    inside = split(whole.body)
    if inside and inside[0].tag == OID:
        return whole
    fields = Fields(whole)
    _require_granted(fields.take(SEQUENCE))
    token = fields.take(SEQUENCE)
    fields.end()
    return token


def _sequence(der: bytes) -> Element:
    if der[:1] != bytes([SEQUENCE]):
        raise ValueError("it begins as something else")
    return read(der)


def _require_granted(info: Element) -> None:
    fields = Fields(info)
    status = integer(fields.take(INTEGER))
    texts, bits = fields.maybe(SEQUENCE), fields.maybe(BITS)
    fields.end()
    if status in _GRANTED:
        return
    reasons = [_STATUSES.get(status, f"status {status}"), *_failures(bits)]
    if texts is not None:
        said = [item.body.decode("utf-8", "replace") for item in split(texts.body) if item.tag == UTF8]
        reasons.append(f"“{shown(' '.join(said))}”")
    raise Flaw(Fault.MALFORMED, f"the authority grants no time-stamp: {', '.join(reasons)}")


def _failures(bits: Element | None) -> list[str]:
    """Name the bits that are set (PKIFailureInfo); the first byte counts the bits that are unused."""
    body = b"" if bits is None else bits.body[1:]
    return [name for bit, name in _FAILURES.items() if bit // 8 < len(body) and body[bit // 8] & 0x80 >> bit % 8]
