"""Files that others signed, damaged or laid out differently."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from PIL import Image

from provenance.errors import ManifestError
from provenance.manifests.containers import attach, blank, holds_store, riff, strip, tiff, wrapping, zipped
from provenance.manifests.containers.placement import Place, place
from tests.conftest import VECTORS
from tests.support import compare, media
from tests.unit.manifests.container_lab import SIGNER, THROW_AWAY, TRUST, read, sign, type_of

FITS = (
    "python__CA.jpg", "python__CACAE-uri-CA.jpg", "python__C_with_CAWG_data.jpg", "python__boxhash.jpg",
    "python__legacy.mp4", "python__legacy_ingredient_hash.jpg", "python__sample1_signed.wav", "python__video1.mp4",
    "rs__C.jpg", "rs__CACA.jpg", "rs__ocsp.jpg", "rs__ocsp_with_assertion.jpg", "rs__update_manifest.jpg",
)  # fmt: skip
UNFIT = {
    "python__C.dng": "the content was changed",  # its store lay between the pictures and the directory
    "python__XCA.jpg": "the content was changed",
    "python__E-sig-CA.jpg": "the signature does not fit the claim",
}
UNREADABLE = ("python__prerelease.jpg", "rs__no_alg.jpg", "rs__sample3.svg", "rs__sample4.svg")
DAMAGED = {
    "rs__nested_moov_1000.mp4": "video/mp4",
    "rs__tiff_poc.tiff": "image/tiff",
    "rs__sample3.invalid.wav": "audio/wav",
}
DRAWN = {"jpg": "jpeg", "dng": "dng", "svg": "svg", "wav": "wav", "mp4": "mp4"}
STORE = b"\0\0\1\0jumb\0\0\0\x1ejumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x008\x9bq\x03c2pa\0".ljust(256, b"s")
_RECORD = b"PK\1\2"


def _vector(name):
    path = VECTORS / name
    if not path.is_file():
        pytest.skip(f"../shared/vectors/{name} is not there")
    return path.read_bytes()


@pytest.mark.parametrize("name", [*FITS, *UNFIT, *UNREADABLE])
def test_strip_removes_what_others_wrote(name):
    data = _vector(name)
    media_type = type_of(data, name)

    bare = strip(data, media_type, signer=THROW_AWAY)

    reading = read(bare, media_type)
    assert reading.store is None
    assert reading.problem is None
    assert not holds_store(bare)
    kind = DRAWN[name.rpartition(".")[2]]
    assert compare.content(kind, bare) == compare.content(kind, data)


@pytest.mark.parametrize("name", FITS)
def test_attach_gives_back_what_others_wrote(name):
    data = _vector(name)
    media_type = type_of(data, name)
    bare = strip(data, media_type, signer=THROW_AWAY)

    assert attach(bare, read(data, media_type).store.data, media_type, signer=THROW_AWAY, trust=TRUST) == data


@pytest.mark.parametrize(("name", "reason"), UNFIT.items(), ids=UNFIT)
def test_attach_refuses_what_would_not_verify(name, reason):
    data = _vector(name)
    media_type = type_of(data, name)
    bare = strip(data, media_type, signer=THROW_AWAY)

    with pytest.raises(ManifestError, match=f"does not fit this file: {reason}"):
        attach(bare, read(data, media_type).store.data, media_type, signer=THROW_AWAY, trust=TRUST)


@pytest.mark.parametrize(("name", "media_type"), DAMAGED.items(), ids=DAMAGED)
def test_strip_gives_up_on_files_that_cannot_be_followed(name, media_type):
    with pytest.raises(ManifestError, match="could not be removed and nothing was changed"):
        strip(_vector(name), media_type, signer=THROW_AWAY)


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_strip_does_not_leave_a_store_in_dead_bytes(kind):
    data = media.make(kind)
    media_type = type_of(data, "made")
    signed, store = sign(data, media_type)

    with pytest.raises(ManifestError, match="its bytes are still in the file"):
        strip(signed + store, media_type, signer=THROW_AWAY)


@pytest.mark.parametrize("pieces", [1, 2, 3, 5])
def test_a_jpeg_is_cut_into_as_many_segments_as_there_were(pieces):
    store = STORE.ljust(60_000, b"s")
    where = Place(label="", start=2, length=len(store) + 12 + 20 * (pieces - 1))

    data = wrapping.jpeg(media.jpeg(), store, where)

    assert len(data) == len(media.jpeg()) + where.length
    assert data[:2] + data[2 + where.length :] == media.jpeg()
    assert _segments(data) == [(number, store[:8]) for number in range(1, pieces + 1)]


def test_a_manifest_of_boxes_or_for_a_sidecar_names_no_place():
    _, store = sign(media.jpeg(), "image/jpeg", detached=True)

    assert place(store, trust=TRUST).start is None


@pytest.mark.parametrize("insert", [wrapping.jpeg, wrapping.png, wrapping.gif, wrapping.jxl, riff.insert])
def test_a_place_beyond_the_file_is_refused(insert):
    with pytest.raises(ManifestError, match="a place that the file does not have"):
        insert(media.make("webp"), STORE, Place(label="", start=10**9, length=300))


def test_a_store_too_short_for_the_engine_is_refused():
    with pytest.raises(ManifestError, match="only 256 bytes"):
        blank.replaced(media.make("avif"), STORE, "image/avif", signer=SIGNER)


def test_riff_stores_are_removed_from_every_form():
    first = _form(b"AVI ", _chunk(b"LIST", b"moviabc"), _chunk(b"C2PA", STORE), _chunk(b"idx1", b"1234"))
    second = _form(b"AVIX", _chunk(b"C2PA", STORE[:-1]), _chunk(b"LIST", b"movi"))

    bare = riff.remove(first + second + b"tail")

    assert bare == (
        _form(b"AVI ", _chunk(b"LIST", b"moviabc"), _chunk(b"idx1", b"1234"))
        + _form(b"AVIX", _chunk(b"LIST", b"movi"))
        + b"tail"
    )


@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
@pytest.mark.parametrize("following", [False, True], ids=["last", "followed"])
def test_tiff_stores_between_the_pictures_are_blanked(order, following):
    data = _tiff(order, following=following)

    bare = tiff.remove(data)

    with Image.open(io.BytesIO(bare)) as image:
        assert image.tobytes() == b"pixels"
        assert 0xCD41 not in image.tag_v2
        assert image.n_frames == 1 + following
        if following:
            image.seek(1)
            assert image.tobytes() == b"pixels"
    assert not holds_store(bare)
    assert b"sss" not in bare


def test_a_tiff_tag_that_lies_does_not_take_pixels_along():
    data = _tiff("<", following=False, claimed=10**6)

    assert tiff.remove(data).startswith(data[:14])
    assert not holds_store(tiff.remove(data))


@pytest.mark.parametrize(
    "data", [b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\x08\0\0\0\0\0\x04\0\0\0"]
)
def test_tiffs_that_lead_nowhere_are_left_alone(data):
    assert tiff.remove(data) == data


def test_a_package_keeps_its_compressed_entries():
    packed = {"[Content_Types].xml": b"<types/>" * 50, "word/document.xml": b"<w/>" * 900}
    target = _Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", packed["[Content_Types].xml"])
        archive.writestr("META-INF/", b"")
        archive.writestr("META-INF/content_credential.c2pa", STORE, zipfile.ZIP_STORED)
        archive.writestr("word/document.xml", packed["word/document.xml"])
        archive.comment = b"a comment"

    bare = zipped.remove(bytes(target.data))

    with zipfile.ZipFile(io.BytesIO(bare)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == packed
        assert archive.comment == b"a comment"
    assert not holds_store(bare)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: b"PK\3\4", "no directory"),
        (lambda data: data[: data.rfind(b"PK\5\6")] + b"PK\5\6", "damaged"),
        (lambda data: data.replace(_RECORD, b"PK\1\1"), "directory of the archive is damaged"),
        (lambda data: data[:-6] + b"\xff\xff\xff\xff" + data[-2:], "64-bit"),
        (lambda data: data[: data.rfind(_RECORD) + 42] + bytes(4) + data[data.rfind(_RECORD) + 46 :], "overlap"),
    ],
    ids=["no end", "cut", "wrong record", "64-bit", "overlapping"],
)
def test_damaged_packages_are_refused(spoil, reason):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("one", b"1" * 30)
        archive.writestr("two", b"2" * 30)

    with pytest.raises(ManifestError, match=reason):
        zipped.remove(spoil(target.getvalue()))


class _Unseekable:
    """A target that makes `zipfile` write data descriptors behind the entries."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        self.data += data
        return len(data)

    def flush(self):
        pass


def _segments(data):
    found, at = [], 2
    while data[at : at + 2] == b"\xff\xeb":
        found.append((int.from_bytes(data[at + 8 : at + 12], "big"), data[at + 12 : at + 20]))
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def _chunk(name, body):
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def _form(name, *chunks):
    return _chunk(b"RIFF", name + b"".join(chunks))


def _tiff(order, *, following, claimed=256):
    """Make a picture of three by two pixels whose store stands before its directory, as some writers have it."""
    pixels, stored = 8, 14
    at = stored + len(STORE)
    first = [
        (256, 3, 1, 3), (257, 3, 1, 2), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, pixels),
        (277, 3, 1, 1), (278, 3, 1, 2), (279, 4, 1, 6), (0xCD41, 7, claimed, stored),
    ]  # fmt: skip
    then = at + 6 + 12 * len(first) if following else 0
    parts = [b"II*\0" if order == "<" else b"MM\0*", struct.pack(f"{order}I", at), b"pixels", STORE]
    parts.append(_directory(order, first, then))
    if following:
        parts.append(_directory(order, first[:-1], 0))
    return b"".join(parts)


def _directory(order, entries, following):
    packed = b"".join(_entry(order, *entry) for entry in entries)
    return struct.pack(f"{order}H", len(entries)) + packed + struct.pack(f"{order}I", following)


def _entry(order, tag, kind, count, value):
    tail = struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value)
    return struct.pack(f"{order}HHI", tag, kind, count) + tail
