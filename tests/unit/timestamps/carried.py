"""Time-stamps out of media that others signed: each with the message that it was made for."""

from __future__ import annotations

from dataclasses import dataclass

import cbor2


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A time-stamp as it stands in the unprotected header of a signature (C2PA 2.4, time-stamps)."""

    header: str
    """sigTst: a whole response; sigTst2: a token."""
    der: bytes
    message: bytes


def carried_in(path):
    """Return the time-stamps in a JPEG, or in a manifest store that stands alone."""
    data = path.read_bytes()
    boxes = dict(_boxes(data if path.suffix == ".c2pa" else _segments(data)))
    found = []
    for place, content in boxes.items():
        manifest, _, label = place.rpartition("/")
        if label == "c2pa.signature":
            claim = boxes.get(f"{manifest}/c2pa.claim") or boxes.get(f"{manifest}/c2pa.claim.v2")
            found += _stamps(content, claim)
    return found


def _stamps(content, claim):
    signature = cbor2.loads(content)
    protected, headers, _, signed = getattr(signature, "value", signature)
    # First versions stamped the claim, later ones the signature over it.
    payloads = {"sigTst": claim, "sigTst2": cbor2.dumps(signed)}
    for header, payload in payloads.items():
        for token in headers.get(header, {}).get("tstTokens", ()):
            message = cbor2.dumps(["CounterSignature", protected, b"", payload])
            yield Carried(header=header, der=token["val"], message=message)


def _segments(data):
    """Join the APP11 segments of a JPEG (ISO 19566-5, D)."""
    parts, at = [], 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + size]
        if data[at + 1] == 0xEB and body[:2] == b"JP":
            number = int.from_bytes(body[4:8], "big")
            parts.append((body[2:4], number, body[8:] if number == 1 else body[16:]))
        at += 2 + size
    return b"".join(body for _, _, body in sorted(parts))


def _boxes(data, prefix=""):
    at, label = 0, ""
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + size]
        if kind == b"jumd":
            label = body[17:].split(b"\0")[0].decode()
        elif kind == b"jumb":
            yield from _boxes(body, f"{prefix}/{label}" if label else prefix)
        elif kind == b"cbor":
            yield f"{prefix}/{label}", body
        at += max(size, 8)
