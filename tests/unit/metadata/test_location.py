from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from provenance.errors import UnsupportedMedia
from provenance.metadata import drop_location, has_location, location, read
from provenance.metadata.tiff import walk
from tests.support import media
from tests.support.campaign import cases
from tests.unit.metadata import samples
from tests.unit.metadata.samples import GPS, LOCATED_XMP, VECTORS, box, exif, saved, with_chunk, with_segment
from tests.unit.metadata.test_read import CONTAINERS

EXIF = exif(gps=GPS, sub={piexif.ExifIFD.FNumber: (28, 10)})
SECOND = saved("JPEG", exif_bytes=EXIF)
CLEANABLE = {
    **{name: data for name, data in CONTAINERS.items() if name != "png-compressed"},
    "exif-only": saved("JPEG", exif_bytes=EXIF),
    "xmp-only": saved("JPEG", xmp=LOCATED_XMP),
    "second-picture": saved("JPEG") + SECOND,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>' + LOCATED_XMP + b"</metadata></svg>",
    "pdf": b"%PDF-1.7\n" + LOCATED_XMP + b"\n" + SECOND,
    "movie-xmp": samples.movie(box(b"XMP_", LOCATED_XMP)),
}
TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "movie-xmp": "video/mp4"}


def packets(data: bytes) -> int:
    return sum(data.count(word) for word in (b"48,12", b"16,22", b"+16.37", b"exif:GPSLongitude"))


@pytest.mark.parametrize("name", CLEANABLE)
def test_location_is_removed_in_place(name):
    data, media_type = CLEANABLE[name], TYPES.get(name, "image/x")
    assert has_location(data, media_type)
    cleaned = drop_location(data, media_type)
    assert len(cleaned) == len(data)
    assert not has_location(cleaned, media_type)
    assert packets(cleaned) == 0
    assert struct.pack(">II", *samples.LATITUDE[2]) not in cleaned
    assert struct.pack("<II", *samples.LATITUDE[2]) not in cleaned
    before, after = read(data, media_type), read(cleaned, media_type)
    assert after.problems == before.problems == ()
    assert after.place is None
    assert (after.device, after.title, after.creators) == (before.device, before.title, before.creators)
    assert drop_location(cleaned, media_type) is cleaned


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff", "avif", "second-picture"])
def test_pixels_stay_the_same(name):
    before = Image.open(io.BytesIO(CLEANABLE[name]))
    after = Image.open(io.BytesIO(drop_location(CLEANABLE[name], "image/x")))
    assert after.tobytes() == before.tobytes()
    # verifies the checksums of PNG
    Image.open(io.BytesIO(drop_location(CLEANABLE[name], "image/x"))).verify()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True], ids=["tiff", "bigtiff"])
def test_pointers_are_taken_out_and_the_link_moves_up(order, big):
    """IFD0 holds Make, GPS and Copyright, then a link to IFD1; the GPS directory holds one latitude."""
    word, pointer, size, head = ("Q", 8, 20, 16) if big else ("I", 4, 12, 8)

    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(f"{order}HH{word}", tag, kind, count) + value.ljust(pointer, b"\0")

    def table(*entries: bytes, link: int = 0) -> bytes:
        count = struct.pack(order + ("Q" if big else "H"), len(entries))
        return count + b"".join(entries) + struct.pack(order + word, link)

    first = (8 if big else 2) + 3 * size + pointer
    second = (8 if big else 2) + size + pointer
    gps_at, next_at = head + first, head + first + second
    value_at = next_at + second
    data = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    data += struct.pack(order + "HHQ", 8, 0, head) if big else struct.pack(order + "I", head)
    data += table(
        entry(0x010F, 2, 3, b"abc"),
        entry(0x8825, 4, 1, struct.pack(order + "I", gps_at)),
        entry(0x8298, 2, 3, b"xyz"),
        link=next_at,
    )
    data += table(entry(2, 5, 3, struct.pack(order + word, value_at)))
    data += table(entry(0x0112, 3, 1, struct.pack(order + "H", 1)))
    data += struct.pack(order + "6I", 48, 1, 12, 1, 29, 1)
    cleaned = drop_location(data, "image/tiff")
    tiff = walk(cleaned)
    assert [(one.name, [field.tag for field in one.fields]) for one in tiff.directories] == [
        ("main", [0x010F, 0x8298]),
        ("next", [0x0112]),
    ]
    assert cleaned[gps_at:next_at].strip(b"\0") in {b"", b"\1"}
    assert cleaned[value_at:] == bytes(24)


def test_bytes_that_something_else_uses_are_left():
    """The GPS values of a hostile file may lie in the picture itself."""
    data = bytearray(saved("TIFF", exif_bytes=EXIF, xmp=LOCATED_XMP))
    tiff = walk(bytes(data))
    gps, main = tiff.named("gps"), tiff.named("main")
    strip = tiff.numbers(main.get(0x0111))[0]
    field = gps.get(piexif.GPSIFD.GPSLatitude)
    struct.pack_into(tiff.order + "I", data, field.at + 8, strip)
    cleaned = drop_location(bytes(data), "image/tiff")
    assert Image.open(io.BytesIO(cleaned)).tobytes() == Image.open(io.BytesIO(bytes(data))).tobytes()


HEX = exif(gps=GPS).hex().encode()
MORE = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", len(LOCATED_XMP), 0) + LOCATED_XMP
KEYS = box(b"keys", b"\0\0\0\0\0\0\0\1", box(b"mdta", b"com.apple.quicktime.location.ISO6709"))
UTF_16 = LOCATED_XMP.decode().encode("utf-16")
OUTSIDE = b"Exif\0\0MM\0*\0\0\0\x08\0\1\x88\x25\0\4\0\0\0\1\0\0\xff\xff\0\0\0\0"
# IFD0 with eight entries that point into its own table
OVERLAPPING = b"Exif\0\0MM\0*\0\0\0\x08\0\x08" + b"".join(
    struct.pack(">HHII", 0x014A, 4, 1, 10 + 12 * index) for index in range(8)
)
BOMB = saved("PNG")
for _ in range(6):
    packed = samples.zlib.compress(b" " * (4 << 20))
    BOMB = with_chunk(BOMB, b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed)
REFUSED = {
    "png-compressed-xmp": CONTAINERS["png-compressed"],
    "png-raw-profile": with_chunk(saved("PNG"), b"tEXt", b"Raw profile type exif\0\nexif\n  100\n" + HEX + b"\n"),
    "png-raw-profile-compressed": with_chunk(
        saved("PNG"),
        b"zTXt",
        b"Raw profile type APP1\0\0" + samples.zlib.compress(b"\nexif\n  100\n" + HEX + b"\n"),
    ),
    "png-text-chunk": with_chunk(saved("PNG"), b"tEXt", b"exif:GPSLatitude\x0048/1"),
    "jpeg-extended-xmp": with_segment(saved("JPEG"), 0xE1, MORE),
    "jpeg-gps-outside": saved("JPEG", exif_bytes=OUTSIDE),
    "jpeg-xmp-utf-16": saved("JPEG", xmp=UTF_16),
    "jpeg-xmp-broken": saved("JPEG", xmp=LOCATED_XMP.replace(b"</rdf:RDF>", b"")),
    "jpeg-motion-photo": saved("JPEG") + samples.movie(box(b"\xa9xyz", b"\0\x12\x15\xc7+48.2+16.3/")),
    "mp4-xyz": samples.movie(box(b"\xa9xyz", b"\0\x12\x15\xc7+48.2+16.3/")),
    "mp4-loci": samples.movie(box(b"loci", b"\0" * 20)),
    "mov-keys": samples.movie(boxes=box(b"meta", KEYS)),
    "heic-motion-photo": samples.heif(exif(), b"") + box(b"mpvd", samples.movie(box(b"loci", b"\0" * 20))),
    "jxl-brotli": samples.jxl(box(b"brob", b"Exif\x1b\0")),
    "too-many-blocks": samples.jxl(*[box(b"xml ", b"<x/>")] * 6000),
    "overlapping-directories": saved("JPEG", exif_bytes=OVERLAPPING),
    "compression-bomb": BOMB,
}  # fmt: skip


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_cleaned_in_place_is_refused(data):
    assert has_location(data, "image/x")
    with pytest.raises(UnsupportedMedia, match="location") as caught:
        drop_location(data, "image/x")
    assert "exiftool" in (caught.value.hint or "")


UNCHANGED = {
    "wrong-checksum": saved("PNG", exif_bytes=exif()).replace(b"Model 1", b"Model 2"),
    "no-metadata": saved("JPEG"),
    "no-location": saved("PNG", exif_bytes=exif(), xmp=samples.xmp("<dc:title>GPS and latitude</dc:title>")),
    "movie": samples.movie(box(b"name", b"loci")),
    "wav": b"RIFF\4\0\0\0WAVE",
    "text": b"GPSLatitude",
    "empty": b"",
}


@pytest.mark.parametrize("data", UNCHANGED.values(), ids=UNCHANGED)
def test_without_a_location_nothing_changes(data):
    assert not has_location(data, "image/x")
    assert drop_location(data, "image/x") is data


def test_a_gps_directory_with_only_its_version_is_no_location():
    assert not has_location(saved("JPEG", exif_bytes=exif(gps={0: (2, 3, 0, 0)})), "image/jpeg")


@given(st.sampled_from(sorted(CLEANABLE)), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6))))
def test_damaged_files_are_cleaned_or_refused(name, damages):
    data = bytearray(CLEANABLE[name])
    for at, patch in damages:
        position = min(int(at * len(data)), len(data) - len(patch))
        data[position : position + len(patch)] = patch
    try:
        cleaned = drop_location(bytes(data), "image/x")
    except UnsupportedMedia:
        return
    assert len(cleaned) == len(data)
    assert not has_location(cleaned, "image/x")


EXIFTOOL = shutil.which("exiftool")
WRITE = ["-GPSLatitude=48.2", "-GPSLatitudeRef=N", "-GPSLongitude=16.3", "-GPSLongitudeRef=E", "-XMP:GPSLatitude=48.2"]
WRITABLE = [
    "python__A.jpg", "python__P1000827.jpg", "rs__no_alg.jpg", "python__sample1.png", "python__test_xmp.webp",
    "python__sample1.webp", "rs__test.tiff", "rs__MultiPage.tif", "python__C.dng", "python__sample1.heic",
    "python__sample1.avif",
]  # fmt: skip
USUAL = [
    "python__A.jpg", "python__sample1.png", "python__test_xmp.webp", "rs__MultiPage.tif", "python__C.dng",
    "python__sample1.avif",
]  # fmt: skip


def tags(path, *options: str) -> dict[str, object]:
    command = [EXIFTOOL, "-j", "-G1", "-a", "-n", "-struct", *options, path]
    said = subprocess.run(command, capture_output=True, check=True)
    found = json.loads(said.stdout)[0]
    ignored = ("System:", "SourceFile", "ExifTool:", "Composite:")
    return {name: value for name, value in found.items() if not name.startswith(ignored)}


@pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")
@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public test files are not here")
@cases("name", USUAL, more=WRITABLE)
def test_exiftool_finds_no_location_and_all_else(name, tmp_path):
    path = tmp_path / name
    shutil.copyfile(VECTORS / name, path)
    subprocess.run([EXIFTOOL, "-q", "-m", "-overwrite_original", *WRITE, path], check=True, capture_output=True)
    before = tags(path)
    assert any("GPS" in tag for tag in before)
    data = path.read_bytes()
    assert read(data, "image/x").place.latitude == 48.2
    path.write_bytes(drop_location(data, "image/x"))
    assert tags(path, "-gps:all", "-xmp:gps*") == {}
    shifted = ("GPS", "IFD0:GPSInfo")
    assert tags(path) == {tag: value for tag, value in before.items() if not any(part in tag for part in shifted)}
    assert pixels(path.read_bytes()) == pixels(data)


def pixels(data: bytes) -> bytes:
    if data[4:8] == b"ftyp" and b"avif" not in data[:64]:
        pi_heif = pytest.importorskip("pi_heif")
        return pi_heif.HeifImageFile(io.BytesIO(data)).tobytes()
    tiff = walk(data) if data[:4] == b"II*\0" else None
    if tiff is not None and tiff.named("sub") is not None:  # DNG: the strips and tiles themselves
        pairs = ((0x0111, 0x0117), (0x0144, 0x0145))
        spans = [span for one in tiff.directories for pair in pairs for span in strips(tiff, one, pair)]
        return b"".join(data[start : start + size] for start, size in spans)
    return Image.open(io.BytesIO(data)).tobytes()


def strips(tiff, directory, pair):
    offsets, counts = directory.get(pair[0]), directory.get(pair[1])
    return zip(tiff.numbers(offsets), tiff.numbers(counts), strict=True) if offsets and counts else ()


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_an_independent_reader_has_the_last_word(monkeypatch, kind):
    """Were our own walk blind, piexif would still see the coordinates, and nothing would be called clean."""
    data = media.make(kind)
    monkeypatch.setattr(location, "find_blocks", lambda *_: ())
    assert not location.has_location(data, f"image/{kind}")
    with pytest.raises(UnsupportedMedia, match="still there"):
        location.drop_location(data, f"image/{kind}")
