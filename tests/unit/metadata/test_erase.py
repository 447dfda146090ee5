from __future__ import annotations

import hashlib
import io
import json
import shutil
import struct
import subprocess
import zlib

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from piexif import ExifIFD as E
from piexif import ImageIFD as M
from PIL import Image

from provenance.claims.fields import FIELDS
from provenance.errors import UnsupportedMedia
from provenance.metadata import read
from provenance.metadata.erase_iptc import erase_iptc
from provenance.metadata.erasing import erase, unwanted_in
from provenance.metadata.iptc import NAMES
from provenance.metadata.passages import has_maker_notes, passages
from provenance.metadata.tags import DATASETS, TAGS
from tests.support import media
from tests.support.campaign import cases
from tests.unit.metadata import samples
from tests.unit.metadata.samples import GPS, VECTORS, dataset, saved, with_chunk, with_iptc, xmp

AUTHOR, SERIAL = "Zoë Müller", "SN-4711-0815"
WIDE = AUTHOR.encode("utf-16-le") + b"\0\0"
EXIF = samples.exif(
    gps=GPS,
    main={M.Artist: AUTHOR.encode(), M.XPAuthor: tuple(WIDE), M.Copyright: b"kept", M.ImageDescription: b"kept too"},
    sub={E.BodySerialNumber: SERIAL.encode(), E.MakerNote: b"maker " + SERIAL.encode(), E.FNumber: (28, 10)},
)
XMP = xmp(
    f"<dc:creator><rdf:Seq><rdf:li>{AUTHOR}</rdf:li></rdf:Seq></dc:creator><dc:rights>kept</dc:rights>"
    f'<my:SerialNumber xmlns:my="http://example.com/my/">{SERIAL}</my:SerialNumber>'
    '<tiff:Artist rdf:resource="x"/>'
)
IPTC = (dataset(1, 90, b"\x1b%G"), dataset(2, 80, AUTHOR.encode()), dataset(2, 116, b"kept"), dataset(2, 80, b"Li"))
TEXTS = (
    (b"tEXt", b"Author\0" + AUTHOR.encode("latin-1")),
    (b"iTXt", b"Author\0\0\0de\0Autor\0" + AUTHOR.encode()),
    (b"iTXt", b"author\0\1\0\0\0" + zlib.compress(AUTHOR.encode())),
    (b"zTXt", b"exif:BodySerialNumber\0\0" + zlib.compress(SERIAL.encode())),
    (b"tEXt", b"Comment\0kept"),
)
PNG = saved("PNG", exif_bytes=EXIF, xmp=XMP)
for kind, body in TEXTS:
    PNG = with_chunk(PNG, kind, body)
FILES = {
    "jpeg": with_iptc(saved("JPEG", exif_bytes=EXIF, xmp=XMP), *IPTC),
    "second-picture": saved("JPEG") + saved("JPEG", exif_bytes=EXIF),
    "png": PNG,
    "webp": saved("WEBP", exif_bytes=EXIF, xmp=XMP),
    "tiff": saved("TIFF", exif_bytes=EXIF, xmp=XMP),
    "avif": saved("AVIF", exif_bytes=EXIF, xmp=XMP),
    "heif": samples.heif(EXIF, XMP),
    "jxl": samples.jxl(samples.box(b"Exif", b"\0\0\0\0", EXIF[6:]), samples.box(b"xml ", XMP)),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>' + XMP + b"</metadata></svg>",
    "movie": samples.movie(samples.box(b"XMP_", XMP)),
}
TYPES = {"svg": "image/svg+xml", "movie": "video/mp4"}


def of(*names):
    return lambda name: any(FIELDS[item].covers(name) for item in names)


def spelled(text):
    return {text.encode(name) for name in ("utf-8", "utf-16-le", "latin-1")}


@pytest.mark.parametrize("name", FILES)
def test_named_properties_are_gone_from_every_block_and_nothing_else(name):
    data, media_type = FILES[name], TYPES.get(name, "image/x")
    assert unwanted_in(passages(data, media_type), of("author", "serial"))
    cleaned = erase(data, media_type, of("author", "serial"))
    assert len(cleaned) == len(data)
    assert [form for text in (AUTHOR, SERIAL) for form in spelled(text) if form in cleaned] == []
    assert unwanted_in(passages(cleaned, media_type), of("author", "serial")) == ()
    before, after = read(data, media_type), read(cleaned, media_type)
    assert after.problems == before.problems == ()
    assert after.creators == ()
    assert (after.device, after.title, after.rights, after.place) == (
        before.device, before.title, before.rights, before.place,
    )  # fmt: skip
    names = {entry.name for entry in before.entries} - {entry.name for entry in after.entries}
    assert [item for item in names if not of("author", "serial")(item)] == []
    assert erase(cleaned, media_type, of("author", "serial")) is cleaned


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff", "avif"])
def test_pixels_stay_the_same(name):
    cleaned = erase(FILES[name], "image/x", of("author", "serial", "gps", "rights"))
    with Image.open(io.BytesIO(FILES[name])) as before, Image.open(io.BytesIO(cleaned)) as after:
        assert after.tobytes() == before.tobytes()
    with Image.open(io.BytesIO(cleaned)) as opened:
        opened.verify()  # the checksums of PNG


def test_coordinates_go_with_the_place_and_their_time_with_the_time():
    gps = GPS | {piexif.GPSIFD.GPSDateStamp: b"2025:06:01", piexif.GPSIFD.GPSTimeStamp: ((10, 1), (30, 1), (0, 1))}
    data = saved("JPEG", exif_bytes=samples.exif(gps=gps))
    assert read(erase(data, "image/jpeg", of("place")), "image/jpeg").place is None
    timeless = erase(data, "image/jpeg", of("captured"))
    assert b"2025:06:01" not in timeless
    assert read(timeless, "image/jpeg").place == read(data, "image/jpeg").place


def test_the_preview_goes_and_all_of_its_bytes():
    blocks = {"0th": {M.Make: b"Maker"}, "thumbnail": saved("JPEG", quality=30), "1st": {M.Compression: 6}}
    data = saved("JPEG", exif_bytes=piexif.dump(blocks))
    small = piexif.load(data)["thumbnail"]
    assert small in data
    cleaned = erase(data, "image/jpeg", of("thumbnail"))
    scan = small[small.index(b"\xff\xda") + 14 :]  # its tables are those of the large picture
    assert [at for at in range(0, len(scan) - 12, 12) if scan[at : at + 12] in cleaned] == []
    assert piexif.load(cleaned)["thumbnail"] is None
    assert read(cleaned, "image/jpeg").device.make == "Maker"


def test_bytes_that_something_else_uses_are_left():
    """The author of a hostile file lies in its pixels."""
    data = bytearray(saved("TIFF", exif_bytes=samples.exif(main={M.Artist: b"x" * 40})))
    from provenance.metadata.tiff import walk

    tiff = walk(bytes(data))
    main = tiff.named("main")
    struct.pack_into(tiff.order + "I", data, main.get(0x013B).at + 8, tiff.numbers(main.get(0x0111))[0])
    cleaned = erase(bytes(data), "image/tiff", of("author"))
    with Image.open(io.BytesIO(bytes(data))) as before, Image.open(io.BytesIO(cleaned)) as after:
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize(("right", "renewed"), [(True, True), (False, False)])
def test_a_digest_that_was_right_stays_right(right, renewed):
    block = b"".join(IPTC)
    digest = hashlib.md5(block if right else b"other").digest()
    cleaned = erase(with_iptc(saved("JPEG"), *IPTC, digest=digest), "image/jpeg", of("author"))
    new = hashlib.md5(erase_iptc(block, of("author"))).digest()
    assert (new in cleaned) is renewed
    assert (digest in cleaned) is not renewed


def test_datasets_move_up():
    block = b"".join(IPTC)
    cleaned = erase_iptc(block, of("author"))
    assert cleaned.startswith(IPTC[0] + IPTC[2] + b"\0")
    assert len(cleaned) == len(block)
    assert erase_iptc(block, of("gps")) is block
    with pytest.raises(ValueError, match="longer than the block"):
        erase_iptc(b"\x1c\2\x50\0\xff", of("author"))


@pytest.mark.parametrize("prefix", ["dc", "other"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_xmp_goes_by_its_namespace_whatever_its_prefix(prefix, quote):
    packet = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{samples.RDF}"><rdf:Description rdf:about="" '
        f"xmlns:{prefix}={quote}http://purl.org/dc/elements/1.1/{quote} {prefix}:creator='{AUTHOR}' "
        f"{prefix}:rights='kept'/></rdf:RDF></x:xmpmeta>"
    )
    data = saved("JPEG", xmp=packet.encode())
    cleaned = erase(data, "image/jpeg", lambda name: name == "dc:creator")
    assert AUTHOR.encode() not in cleaned
    assert read(cleaned, "image/jpeg").rights == "kept"


REFUSED = {
    "compressed XMP": saved("PNG", xmp=XMP, compressed=True),
    "a profile": with_chunk(saved("PNG"), b"tEXt", b"Raw profile type exif\0\nexif\n  9\n" + EXIF.hex().encode()),
    "XMP in UTF-16": saved("JPEG", xmp=XMP.decode().encode("utf-16")),
    "IPTC that lies": with_iptc(saved("JPEG"), dataset(2, 80, b"Zo")[:-2] + b"\x1c"),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_erased_in_place_is_refused(data):
    with pytest.raises(UnsupportedMedia) as caught:
        erase(data, "image/x", of("author"))
    assert "--as edit" in caught.value.hint


@pytest.mark.parametrize("name", FILES)
def test_nothing_changes_where_nothing_is_unwanted(name):
    assert erase(FILES[name], TYPES.get(name, "image/x"), lambda name: False) is FILES[name]


@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6))))
def test_damaged_files_are_cleaned_or_refused(name, damages):
    data = bytearray(FILES[name])
    for at, patch in damages:
        position = min(int(at * len(data)), len(data) - len(patch))
        data[position : position + len(patch)] = patch
    media_type = TYPES.get(name, "image/x")
    try:
        cleaned = erase(bytes(data), media_type, of("author", "serial", "gps", "thumbnail"))
    except UnsupportedMedia:
        return
    assert len(cleaned) == len(data)
    assert unwanted_in(passages(cleaned, media_type), of("author", "serial")) == ()


def test_whatever_is_read_can_be_erased():
    from provenance.metadata import exif

    assert exif.NAMES.items() <= TAGS.items()
    assert NAMES.items() <= DATASETS.items()


def test_maker_notes_are_noticed():
    assert has_maker_notes(passages(FILES["jpeg"], "image/jpeg"))
    assert not has_maker_notes(passages(media.jpeg(exif=True), "image/jpeg"))


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public test files are not here")
@cases(
    ("name", "fields", "gone"),
    [
        ("python__A.jpg", ("serial",), {"SerialNumber", "LensSerialNumber", "MakerNote"}),
        ("python__test_xmp.webp", ("author", "title"), {"Artist", "Title", "Creator"}),
        ("rs__test.tiff", ("software",), {"CreatorTool"}),
        ("python__sample1.png", ("serial",), {"SerialNumber", "LensSerialNumber"}),
    ],
    more=[
        ("python__A.jpg", ("captured",), {"DateTimeOriginal", "CreateDate", "DateCreated", "TimeCreated",
                                          "DigitalCreationDate", "DigitalCreationTime", "SubSecTimeDigitized"}),
        ("python__P1000827.jpg", ("device",), {"Make", "Model", "LensModel", "Lens"}),
    ],
)  # fmt: skip
def test_exiftool_finds_nothing_of_it_and_all_the_rest(name, fields, gone, tmp_path):
    data = (VECTORS / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data)
    before = tags(path)
    path.write_bytes(erase(data, "image/x", of(*fields)))
    after = tags(path)
    assert {item.partition(":")[2] for item in before.keys() - after.keys()} <= gone
    assert [item for item in after if item.partition(":")[2] in gone] == []
    changed = {item for item in after if after[item] != before.get(item)}
    assert changed <= {"Photoshop:IPTCDigest", "XMP-xmpMM:History"}


def tags(path):
    said = subprocess.run(["exiftool", "-j", "-G1", "-a", "-struct", "-n", path], capture_output=True, check=True)
    ignored = ("System:", "SourceFile", "ExifTool:", "Composite:", "File:", "PNG:Exif", "PNG-")
    return {name: value for name, value in json.loads(said.stdout)[0].items() if not name.startswith(ignored)}
