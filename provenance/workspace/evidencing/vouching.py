"""Who vouches for an evidence pack itself: an identity's signature over `pack.json`, and a time-stamp.

The signature is a plain one of the identity's algorithm over the bytes of `pack.json`, ECDSA in DER, so that `openssl`
checks it too. It cannot pass for one over a claim: what is signed there is CBOR (RFC 9052, Sig_structure), which does
not begin like JSON.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from provenance.errors import EvidenceError, KeyUnavailable, SignerRefused, TimestampError
from provenance.evidence.form import CHAIN, CONTENTS, SIGNATURE, STAMP
from provenance.evidence.outcome import Voucher, Vouching
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate

    from provenance.evidence.reading import Pack
    from provenance.model.ports import Signer, TimeAuthority
    from provenance.model.trust import Trust

_UNSIGNED: Final = "it is consistent, but nobody vouches for it: anybody could have made it"
_UNSTAMPED: Final = "no time-stamp: when it was made is only its own word"
_AGAIN: Final = "get the pack again from whoever made it"
_LARGEST_CHAIN: Final = 1 << 16
"""Bytes; a chain has some thousand."""


def signature_over(contents: bytes, signer: Signer) -> bytes:
    """Sign `pack.json`; ECDSA in DER. Raises `SigningError` with the cause when the key gives no good signature."""
    from provenance.keys import parse_chain  # noqa: PLC0415 -- brings in cryptography
    from provenance.keys.algorithms import confirm  # noqa: PLC0415

    signature = signer.sign(contents)
    key = parse_chain(signer.chain_pem)[0].public_key()
    confirmed = confirm(signature, contents, key=key, algorithm=signer.algorithm)  # type: ignore[arg-type]
    if confirmed is None:
        raise SignerRefused("the signature over the pack does not verify with the certificate", path=signer.name)
    return confirmed


def stamp_over(message: bytes, authority: TimeAuthority) -> bytes:
    """Have it attested that a message is there (TimeStampResp, DER). Raises `TimestampError`."""
    from provenance.timestamps.messages import request_for  # noqa: PLC0415 -- only for who wishes for a time

    return authority.answer(request_for(message, nonce=secrets.randbits(63) | 1 << 62)).response


def vouched(pack: Pack, *, trust: Trust, now: datetime) -> tuple[Vouching, Vouching]:
    """Say who signed a pack, and who attests when it was there, as far as these lists vouch for them.

    Raises `EvidenceError` for a signature or a time-stamp that does not belong to it.
    """
    stamp = _stamp(pack, trust)
    return _signature(pack, trust, stamp, now), stamp


def _signature(pack: Pack, trust: Trust, stamp: Vouching, now: datetime) -> Vouching:
    if pack.signature is None:
        return Vouching(state=Voucher.NOBODY, reason=_UNSIGNED)
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 -- only where there is one

    from provenance.trust.paths import paths  # noqa: PLC0415

    chain = _chain(pack)
    who = _signer(pack, pack.signature, chain[0])
    moment = stamp.time if stamp.state is Voucher.TRUSTED and stamp.time else now
    ways = paths([item.public_bytes(Encoding.DER) for item in chain], trust)
    valid = next((item for item in ways if item.valid_from <= moment <= item.valid_until), None)
    if valid is not None:
        return Vouching(state=Voucher.TRUSTED, reason=f"{who}, through the list {valid.through!r}")
    why = "no list that is set up here vouches for it"
    if ways:
        why = f"its certificates were valid until {ways[0].valid_until:%Y-%m-%d}, not on {moment:%Y-%m-%d}"
    return Vouching(state=Voucher.UNVERIFIED, reason=f"{who}: {why}, so the identity can't be verified")


def _chain(pack: Pack) -> tuple[Certificate, ...]:
    from provenance.keys import parse_chain  # noqa: PLC0415 -- brings in cryptography

    if len(pack.parts[CHAIN]) > _LARGEST_CHAIN:
        raise EvidenceError(f"{CHAIN} cannot be read: it is too large", hint=_AGAIN)
    try:
        return parse_chain(pack.parts[CHAIN])
    except KeyUnavailable as error:
        raise EvidenceError(f"{CHAIN} cannot be read: {error.message}", hint=_AGAIN) from error


def _signer(pack: Pack, signature: bytes, certificate: Certificate) -> str:
    """Name who signed a pack. Raises `EvidenceError` unless the signature fits."""
    from provenance.keys.algorithms import algorithm_of, confirm  # noqa: PLC0415 -- brings in cryptography
    from provenance.keys.profile import label  # noqa: PLC0415

    algorithm = pack.contents.vouched.signed
    try:
        key = certificate.public_key()
        known = algorithm is not None and algorithm_of(key) is not None
        fits = known and confirm(signature, pack.raw, key=key, algorithm=algorithm)  # type: ignore[arg-type]
        who = label(certificate)
    except (ValueError, KeyError) as error:
        raise EvidenceError(f"{CHAIN} cannot be read: {error}", hint=_AGAIN) from error
    if not fits:
        raise EvidenceError(f"this pack was changed or damaged: {SIGNATURE} does not fit {CONTENTS}", hint=_AGAIN)
    return who


def _stamp(pack: Pack, trust: Trust) -> Vouching:
    if pack.stamp is None:
        return Vouching(state=Voucher.NOBODY, reason=_UNSTAMPED)
    from provenance.timestamps.token import check_token  # noqa: PLC0415 -- brings in cryptography

    message = pack.raw if pack.signature is None else pack.signature
    try:
        token = check_token(pack.stamp, imprint_of=message, anchors=None)
    except TimestampError as error:
        raise EvidenceError(f"{STAMP} is not one of this pack: {error.message}", hint=_AGAIN) from error
    said = f"{token.time:%Y-%m-%d %H:%M:%S} UTC, by {token.authority}"
    anchors = [pem for item in trust.lists if item.purpose is Purpose.TIMESTAMP for pem in item.anchors]
    try:
        check_token(pack.stamp, imprint_of=message, anchors=anchors)
    except TimestampError:
        why = "no list of time-stamp authorities that is set up here vouches for it"
        return Vouching(state=Voucher.UNVERIFIED, reason=f"{said}: {why}", time=token.time)
    return Vouching(state=Voucher.TRUSTED, reason=said, time=token.time)
