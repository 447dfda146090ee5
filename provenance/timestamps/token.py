"""Time-stamps (RFC 3161), read and judged as of the time that they name.

What each check is for, in the order in which they are made:

1. it can be read: a token, alone (C2PA `sigTst2`) or in a response that grants it (`sigTst`);
2. it carries the certificate of its authority;
3. its imprint is the digest of the message;
4. the authority's key signed it, with the certificate that it names;
5. the certificate is made for time-stamps alone and was valid at the time;
6. a list vouches for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenance.der import (
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    Fields,
    integer,
    moment,
    oid,
    read,
    split,
)
from provenance.errors import TimestampError
from provenance.network import shown
from provenance.timestamps.authority import name_of, require_authority, require_listed
from provenance.timestamps.faults import Fault, Flaw
from provenance.timestamps.messages import parse_imprint, token_in
from provenance.timestamps.signature import DIGESTS, check_signature
from provenance.timestamps.signed import UNREADABLE, parse_signed, signer_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509

    from provenance.der import Element
    from provenance.timestamps.signed import Signed

__all__ = ["Fault", "Token", "check_token", "fault_of", "read_token"]

_SAID: Final = {
    Fault.MALFORMED: "this is not a time-stamp that can be used",
    Fault.MISMATCH: "the time-stamp does not belong to this",
    Fault.OUTSIDE_VALIDITY: "the time-stamp was made with a certificate that was not valid",
    Fault.UNTRUSTED: "the time-stamp cannot be relied on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What an authority says: this imprint was there at this time."""

    time: datetime
    policy: str
    """Object identifier of the rules that the authority works under."""
    algorithm: str
    """Of the imprint: sha256, sha384, sha512, or the object identifier of another."""
    imprint: bytes = field(repr=False)
    serial: int
    nonce: int | None
    authority: str
    """The subject of its certificate, printable."""
    not_before: datetime
    """From here on its certificate is valid."""
    not_after: datetime
    certificates: tuple[bytes, ...] = field(repr=False)
    """All that the token carries, DER, in no order."""
    accuracy: timedelta | None
    """By how much the time may be wrong; None when the authority does not say."""


def read_token(der: bytes) -> Token:
    """Read a token or a response without judging it.

    Raises `TimestampError` when it is neither, or a response without a token.
    """
    try:
        return _read(der)[0]
    except Flaw as flaw:
        raise _error(flaw) from flaw


def check_token(der: bytes, *, imprint_of: bytes | None, anchors: Sequence[str] | None) -> Token:
    """Read a token or a response, and make every check as of the time that it names.

    `imprint_of` is the message; None leaves the imprint to the caller. `anchors` are the certificates (PEM) of the
    trusted lists of time-stamp authorities, roots or not; an empty list trusts nobody, and None leaves open who
    vouches for the authority. Raises `TimestampError`, whose fault `fault_of` tells, and `TrustError` for anchors that
    cannot be read.
    """
    try:
        token, signed, certificate = _read(der)
        if imprint_of is not None:
            _check_imprint(token, imprint_of)
        _check_signature(signed, certificate, token.time)
        require_authority(certificate, at=token.time)
        if anchors is not None:
            require_listed(certificate, token.certificates, anchors=anchors, at=token.time)
    except Flaw as flaw:
        raise _error(flaw) from flaw
    return token


def fault_of(error: TimestampError) -> Fault:
    """Return the fault that `check_token` and `read_token` found."""
    return error.__cause__.fault if isinstance(error.__cause__, Flaw) else Fault.MALFORMED


def _error(flaw: Flaw) -> TimestampError:
    return TimestampError(f"{_SAID[flaw.fault]}: {flaw.reason}")


def _read(der: bytes) -> tuple[Token, Signed, x509.Certificate]:
    try:
        signed = parse_signed(token_in(der))
        certificate = signer_of(signed)
        return _token(signed, certificate), signed, certificate
    except UNREADABLE as error:
        raise Flaw(Fault.MALFORMED, f"it cannot be read: {shown(str(error))}") from error


def _check_imprint(token: Token, message: bytes) -> None:
    if token.algorithm not in DIGESTS.values():
        raise Flaw(Fault.UNTRUSTED, f"its imprint is made with a digest that does not count ({token.algorithm})")
    if hashlib.new(token.algorithm, message).digest() != token.imprint:
        raise Flaw(Fault.MISMATCH, "its imprint is the one of something else")


def _check_signature(signed: Signed, certificate: x509.Certificate, time: datetime) -> None:
    try:
        check_signature(signed, certificate, time=time)
    except UNREADABLE as error:
        raise Flaw(Fault.MALFORMED, f"its signature cannot be read: {shown(str(error))}") from error


def _token(signed: Signed, certificate: x509.Certificate) -> Token:
    """Read what is signed (TSTInfo; RFC 3161, 2.4.2)."""
    fields = Fields(read(signed.content))
    if integer(fields.take(INTEGER)) != 1:
        raise ValueError("it has a version nobody knows")
    policy = oid(fields.take(OID))
    digest, imprint = parse_imprint(fields.take(SEQUENCE))
    serial, time = integer(fields.take(INTEGER)), moment(fields.take(GENERALIZED_TIME))
    accuracy, _ordering = fields.maybe(SEQUENCE), fields.maybe(BOOLEAN)
    nonce, _name, extensions = fields.maybe(INTEGER), fields.maybe(0xA0), fields.maybe(0xA1)
    fields.end()
    if extensions is not None:
        _refuse_critical(extensions)
    return Token(
        time=time,
        policy=policy,
        algorithm=DIGESTS.get(digest, digest),
        imprint=imprint,
        serial=serial,
        nonce=None if nonce is None else integer(nonce),
        authority=name_of(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        certificates=signed.certificates,
        accuracy=None if accuracy is None else _accuracy(accuracy),
    )


def _accuracy(element: Element) -> timedelta:
    fields = Fields(element)
    seconds, millis, micros = fields.maybe(INTEGER), fields.maybe(0x80), fields.maybe(0x81)
    fields.end()
    numbers = [0 if item is None else integer(item) for item in (seconds, millis, micros)]
    if not all(0 <= number < 1 << 31 for number in numbers):
        raise ValueError("its accuracy is no length of time")
    return timedelta(seconds=numbers[0], milliseconds=numbers[1], microseconds=numbers[2])


def _refuse_critical(extensions: Element) -> None:
    for item in split(extensions.body):
        fields = Fields(item)
        kind, critical = oid(fields.take(OID)), fields.maybe(BOOLEAN)
        fields.take(OCTETS)
        fields.end()
        if critical is not None and critical.body != b"\x00":
            raise ValueError(f"it has a critical extension nobody knows ({kind})")
