from __future__ import annotations

import json
import struct

import cbor2
import pytest

from provenance import Assertion, Preset, SigningOptions
from provenance.errors import ManifestError
from provenance.manifests.contents import contents
from tests.support import media


def jumbf(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def superbox(label: str | None, *parts: bytes) -> bytes:
    named = bytes([3]) + label.encode() + b"\0" if label is not None else b"\0"
    return jumbf(b"jumb", jumbf(b"jumd", bytes(16), named), *parts)


def store(*assertions: bytes) -> bytes:
    return superbox("c2pa", superbox("one", superbox("c2pa.assertions", *assertions)))


def test_every_box_is_there_with_what_it_says():
    data = store(
        superbox("a", jumbf(b"cbor", cbor2.dumps({"text": "é", "at": b"\1"}))),
        superbox("b__1", jumbf(b"json", json.dumps({"n": [1]}).encode())),
        superbox("c", jumbf(b"bfdb", b"\0image/png\0"), jumbf(b"bidb", b"picture")),
        superbox("d", jumbf(b"uuid", b"anything")),
        superbox("e", jumbf(b"cbor", b"\xff")),
        superbox("f", jumbf(b"json", b"[" * 100_000)),
    )
    found = contents(data)
    assert [item.label for item in found] == ["a", "b__1", "c", "d", "e", "f"]
    assert {(item.manifest, item.room, item.is_assertion) for item in found} == {("one", "c2pa.assertions", True)}
    assert [item.value for item in found] == [{"text": "é", "at": b"\1"}, {"n": [1]}, None, None, None, None]
    assert [item.media_type for item in found] == [None, None, "image/png", None, None, None]
    assert (found[2].data, found[3].data, found[4].data) == (b"picture", b"anything", b"\xff")


UNREADABLE = {
    "a compressed manifest": superbox("c2pa", superbox("one", jumbf(b"brob", b"jumb..."))),
    "a compressed box": store(superbox("a", jumbf(b"brob", b"..."))),
    "no label": store(superbox(None, jumbf(b"cbor", b"\xa0"))),
    "content outside of manifests": superbox("c2pa", superbox("one", jumbf(b"cbor", b"\xa0"))),
}
deep = superbox("x", jumbf(b"cbor", b"\xa0"))
for _ in range(40):
    deep = superbox("x", deep)
UNREADABLE["too deep"] = deep


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_looked_into_is_refused(data):
    with pytest.raises(ManifestError, match="cannot be looked into"):
        contents(data)


def test_it_finds_what_the_engine_reports_and_the_numbers_that_it_leaves_out(workspace):
    notes = tuple(Assertion(label="org.example.note", data={"text": text}) for text in ("one", "two"))
    signed = workspace.sign(media.jpeg(exif=True), options=SigningOptions(preset=Preset.CAPTURE, assertions=notes))
    found = {item.label: item for item in contents(signed.store.data)}
    reported = {item.label for item in signed.store.active_manifest.assertions}
    assert reported < set(found)
    assert found["org.example.note"].value == {"text": "one"}
    assert found["org.example.note__1"].value == {"text": "two"}
    assert found["c2pa.thumbnail.claim"].media_type == "image/jpeg"
    assert found["c2pa.thumbnail.claim"].data.startswith(b"\xff\xd8\xff")
    assert {item.room for item in found.values()} == {"c2pa.assertions", "c2pa.claim.v2", "c2pa.signature"}
