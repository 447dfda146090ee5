from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import warnings

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from provenance.metadata import drop_location, has_location, read
from provenance.model.media import CaptureTime, Device, Metadata, MetadataEntry
from tests.unit.metadata import samples
from tests.unit.metadata.samples import LOCATED_XMP, dataset, exif, saved, with_iptc, xmp

E = piexif.ExifIFD
I = piexif.ImageIFD  # noqa: E741 - the letter of its directory


def values(metadata: Metadata) -> dict[str, str | tuple[str, ...]]:
    return {entry.name: entry.value for entry in metadata.entries}


EXIF = exif(gps=samples.GPS, sub={E.FNumber: (28, 10), E.ISOSpeedRatings: 200})
TIFF = EXIF[6:]
CONTAINERS = {
    "jpeg": saved("JPEG", exif_bytes=EXIF, xmp=LOCATED_XMP),
    "png": saved("PNG", exif_bytes=EXIF, xmp=LOCATED_XMP),
    "png-compressed": saved("PNG", exif_bytes=EXIF, xmp=LOCATED_XMP, compressed=True),
    "webp": saved("WEBP", exif_bytes=EXIF, xmp=LOCATED_XMP),
    "tiff": saved("TIFF", exif_bytes=EXIF, xmp=LOCATED_XMP),
    "avif": saved("AVIF", exif_bytes=EXIF, xmp=LOCATED_XMP),
    "heif": samples.heif(EXIF, LOCATED_XMP),
    "heif-idat": samples.heif(EXIF, LOCATED_XMP, method=1),
    "jxl": samples.jxl(samples.box(b"Exif", b"\0\0\0\0", TIFF), samples.box(b"xml ", LOCATED_XMP)),
}


@pytest.mark.parametrize("data", CONTAINERS.values(), ids=CONTAINERS)
def test_reads_exif_and_xmp_of_every_container(data):
    metadata = read(data, "application/octet-stream")
    assert metadata.problems == ()
    assert metadata.device == Device(make="Maker", model="Model 1")
    assert metadata.creators == ("Zoë Ōta", "李雷")
    assert metadata.title == "Size"
    assert metadata.place is not None
    assert (metadata.place.latitude, metadata.place.longitude) == (48.2081743, -16.371)
    assert metadata.place.altitude == -123.4
    found = values(metadata)
    assert found["exif:FNumber"] in {"28/10", "14/5"}  # Pillow reduces the fraction in TIFF
    assert found["exif:ISOSpeedRatings"] == "200"
    assert found["exif:GPSLatitude"] == "48,12.49046000N"
    assert len(found) == len(metadata.entries)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (
            b"GIF89a" + b"\0" * 7 + b"\x21\xff\x0bXMP DataXMP" + LOCATED_XMP + b"\1" + bytes(range(255, -1, -1)),
            "image/gif",
        ),
        (samples.movie(samples.box(b"XMP_", LOCATED_XMP)), "video/quicktime"),
        (
            samples.movie() + samples.box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), LOCATED_XMP),
            "video/mp4",
        ),
        (b"%PDF-1.7\n1 0 obj<</Type/Metadata>>stream\n" + LOCATED_XMP + b"\nendstream", "application/pdf"),
        (b"ID3\4" + b"\0" * 40 + LOCATED_XMP + b"\0" * 40, "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVE_PMX" + len(LOCATED_XMP).to_bytes(4, "little") + LOCATED_XMP, "audio/wav"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>' + LOCATED_XMP + b"</metadata></svg>", "image/svg+xml"),
    ],
    ids=["gif", "mov", "mp4", "pdf", "mp3", "wav", "svg"],
)
def test_reads_xmp_elsewhere(data, media_type):
    metadata = read(data, media_type)
    assert metadata.title == "Size"
    assert metadata.problems == ()


def test_reads_the_rdf_of_svg_whose_prefixes_stand_at_the_root():
    data = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="{samples.RDF}" xmlns:cc="http://creativecommons.org/ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><rdf:RDF><cc:Work rdf:about="">'
        "<dc:title>Drawing</dc:title></cc:Work></rdf:RDF></metadata></svg>"
    ).encode()
    assert read(data, "image/svg+xml").title == "Drawing"


LENS = ("24/1", "70/1", "28/10", "4/1")
TEXTS = [
    ({I.Artist: "Zoë Ōta".encode()}, {}, "tiff:Artist", "Zoë Ōta"),
    ({I.Artist: "Zoë".encode("latin-1")}, {}, "tiff:Artist", "Zoë"),
    ({I.Copyright: b"A. Author\0E. Editor\0"}, {}, "tiff:Copyright", "A. Author; E. Editor"),
    ({I.Make: b"Maker\0rubbish"}, {}, "tiff:Make", "Maker"),
    ({I.Make: b"Ma\x1b[2Jker \x07"}, {}, "tiff:Make", "Ma[2Jker"),
    ({}, {E.UserComment: b"ASCII\0\0\0plain   "}, "exif:UserComment", "plain"),
    ({}, {E.UserComment: b"UNICODE\0" + "Größe 日".encode("utf-16-be")}, "exif:UserComment", "Größe 日"),
    ({}, {E.UserComment: b"UNICODE\0" + "Größe abc".encode("utf-16-le")}, "exif:UserComment", "Größe abc"),
    ({}, {E.UserComment: b"\0" * 8 + "Größe".encode()}, "exif:UserComment", "Größe"),
    ({}, {E.UserComment: b"JIS\0\0\0\0\0" + "日本".encode("iso2022_jp")}, "exif:UserComment", "日本"),
    ({I.XPTitle: tuple("Titel ß\0".encode("utf-16-le"))}, {}, "dc:title", "Titel ß"),
    ({I.XPAuthor: tuple("Zoë;李雷\0".encode("utf-16-le"))}, {}, "dc:creator", ("Zoë", "李雷")),
    ({}, {E.LensModel: b"50mm f/1.8"}, "exifEX:LensModel", "50mm f/1.8"),
    ({}, {E.ExposureTime: (1, 250)}, "exif:ExposureTime", "1/250"),
    ({}, {E.ExposureBiasValue: (-1, 3)}, "exif:ExposureBiasValue", "-1/3"),
    ({}, {E.FNumber: (1, 0)}, "exif:FNumber", None),
    ({}, {E.LensSpecification: ((24, 1), (70, 1), (28, 10), (4, 1))}, "exifEX:LensSpecification", LENS),
]  # fmt: skip


@pytest.mark.parametrize(("main", "sub", "name", "expected"), TEXTS)
def test_exif_values(main, sub, name, expected):
    metadata = read(saved("JPEG", exif_bytes=exif(main=main, sub=sub)), "image/jpeg")
    assert values(metadata).get(name) == expected


MOMENT = b"2024:05:06 07:08:09"
TIMES = {
    "no-offset": ({E.DateTimeOriginal: MOMENT}, {}, "2024-05-06T07:08:09", False),
    "offset": (
        {E.DateTimeOriginal: MOMENT, E.OffsetTimeOriginal: b"+02:00", E.SubSecTimeOriginal: b"123"},
        {},
        "2024-05-06T07:08:09.123+02:00",
        True,
    ),
    "offset-of-the-same-second": (
        {E.DateTimeOriginal: MOMENT, E.OffsetTime: b"-03:30"},
        {I.DateTime: MOMENT},
        "2024-05-06T07:08:09-03:30",
        True,
    ),
    "offset-of-an-editor": (
        {E.DateTimeOriginal: MOMENT, E.OffsetTime: b"-03:30"},
        {I.DateTime: b"2025:01:01 00:00:00"},
        "2024-05-06T07:08:09",
        False,
    ),
    "blank-offset": ({E.DateTimeOriginal: MOMENT, E.OffsetTimeOriginal: b"   :  "}, {}, "2024-05-06T07:08:09", False),
    "digitized": ({E.DateTimeDigitized: MOMENT}, {}, "2024-05-06T07:08:09", False),
    "zeros": ({E.DateTimeOriginal: b"0000:00:00 00:00:00"}, {}, None, False),
    "month-13": ({E.DateTimeOriginal: b"2024:13:06 07:08:09"}, {}, None, False),
    "blanks": ({E.DateTimeOriginal: b"    :  :     :  :  "}, {}, None, False),
}


@pytest.mark.parametrize(("sub", "main", "text", "known"), TIMES.values(), ids=TIMES)
def test_capture_time_of_exif(sub, main, text, known):
    found = read(saved("JPEG", exif_bytes=exif(main=main, sub=sub)), "image/jpeg").captured_at
    assert found == (None if text is None else CaptureTime(text=text, offset_known=known))


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ("<exif:DateTimeOriginal>2024-05-06T07:08Z</exif:DateTimeOriginal>", "2024-05-06T07:08:00Z"),
        (
            "<photoshop:DateCreated>2024-05-06T07:08:09.5</photoshop:DateCreated>"
            "<xmp:CreateDate>2024-05-06T07:08:09+01:00</xmp:CreateDate>",
            "2024-05-06T07:08:09.5+01:00",
        ),
        ("<xmp:CreateDate>2023-01-02T03:04:05-08:00</xmp:CreateDate>", "2023-01-02T03:04:05-08:00"),
        ("<photoshop:DateCreated>2024-05-06</photoshop:DateCreated>", None),
        ("<photoshop:DateCreated>2024-02-30T00:00:00</photoshop:DateCreated>", None),
    ],
    ids=["original", "offset-borrowed", "created", "day-only", "no-such-day"],
)
def test_capture_time_of_xmp(properties, text):
    found = read(saved("JPEG", xmp=xmp(properties)), "image/jpeg").captured_at
    assert (found.text if found else None) == text


GPS_CASES = {
    "zero-denominator": ({**samples.GPS, 2: ((48, 1), (12, 1), (1, 0))}, None),
    "no-reference": ({key: value for key, value in samples.GPS.items() if key != 1}, None),
    "out-of-range": ({**samples.GPS, 2: ((98, 1), (0, 1), (0, 1))}, None),
    "south": ({**samples.GPS, 1: b"S", 2: ((33, 1), (5152, 100), (0, 1))}, -33.8586667),
}


@pytest.mark.parametrize(("gps", "latitude"), GPS_CASES.values(), ids=GPS_CASES)
def test_positions(gps, latitude):
    place = read(saved("JPEG", exif_bytes=exif(gps=gps)), "image/jpeg").place
    assert place is not None  # the altitude
    assert place.latitude == latitude
    assert (place.longitude is None) == (latitude is None)


UTF8 = dataset(1, 90, b"\x1b%G")


@pytest.mark.parametrize(
    ("datasets", "expected"),
    [
        ([UTF8, dataset(2, 116, "© Ōta".encode())], {"dc:rights": "© Ōta"}),
        ([dataset(2, 116, "© Ōta".encode())], {"dc:rights": "© Ōta"}),
        ([dataset(2, 116, "© Zoë".encode("latin-1"))], {"dc:rights": "© Zoë"}),
        ([dataset(2, 80, b"A"), dataset(2, 80, b"B")], {"dc:creator": ("A", "B")}),
        (
            [dataset(2, 55, b"20240506"), dataset(2, 60, b"070809+0200")],
            {"photoshop:DateCreated": "2024-05-06T07:08:09+02:00"},
        ),
        ([dataset(2, 55, b"20240506")], {"photoshop:DateCreated": "2024-05-06"}),
        ([b"\x1c\2\x78\x80\4\0\0\0\5Hello"], {"dc:description": "Hello"}),
    ],
    ids=["utf-8", "utf-8-unstated", "latin-1", "by-lines", "time", "day", "extended"],
)
def test_iptc(datasets, expected):
    metadata = read(with_iptc(saved("JPEG"), *datasets), "image/jpeg")
    assert values(metadata) == expected
    assert {entry.source for entry in metadata.entries} == {"iptc"}


TITLE = dataset(2, 5, b"of IPTC")


@pytest.mark.parametrize(
    ("digest", "title"),
    [
        (b"", "of XMP"),
        (hashlib.md5(TITLE).digest(), "of XMP"),
        (b"\1" * 16, "of IPTC"),
    ],
    ids=["no-digest", "unchanged", "iptc-edited-later"],
)
def test_precedence_of_iptc_and_xmp(digest, title):
    jpeg = saved("JPEG", xmp=xmp("<dc:title>of XMP</dc:title>"))
    assert read(with_iptc(jpeg, TITLE, digest=digest), "image/jpeg").title == title


def test_exif_goes_before_xmp():
    main = {I.Artist: b"A; B", I.Copyright: b"C", I.ImageDescription: b"D", I.Make: b"of EXIF"}
    packet = xmp(
        "<dc:creator><rdf:Seq><rdf:li>X</rdf:li></rdf:Seq></dc:creator><dc:rights>Y</dc:rights>"
        "<dc:description>Z</dc:description><tiff:Make>of XMP</tiff:Make>"
    )
    metadata = read(saved("JPEG", exif_bytes=exif(main=main), xmp=packet), "image/jpeg")
    assert (metadata.creators, metadata.rights, metadata.caption) == (("A", "B"), "C", "D")
    assert MetadataEntry(name="tiff:Make", value="of EXIF", source="exif") in metadata.entries


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + xmp("<dc:title>&b;</dc:title>")
FILE_READER = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + xmp("<dc:title>&a;</dc:title>")
BROKEN = {
    "no-tiff-header": (saved("JPEG", exif_bytes=b"Exif\0\0rubbish"), "EXIF"),
    "directory-outside": (saved("JPEG", exif_bytes=b"Exif\0\0II*\0\xff\xff\xff\0"), "EXIF"),
    "directory-cut": (saved("JPEG", exif_bytes=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\0" * 12), "EXIF"),
    "xmp-not-xml": (saved("JPEG", xmp=b"<x:xmpmeta"), "XMP"),
    "xmp-bomb": (saved("JPEG", xmp=BOMB), "XMP"),
    "xmp-external-entity": (saved("JPEG", xmp=FILE_READER), "XMP"),
    "xmp-bomb-utf-16": (saved("JPEG", xmp=BOMB.decode().encode("utf-16")), "XMP"),
    "xmp-too-large": (samples.jxl(samples.box(b"xml ", b" " * (5 << 20))), "XMP"),
    "xmp-brotli": (samples.jxl(samples.box(b"brob", b"xml \x1b\0")), "XMP"),
    "iptc-cut": (with_iptc(saved("JPEG"), b"\x1c\2\5\0\xffabc"), "IPTC"),
    "iptc-rubbish": (with_iptc(saved("JPEG"), b"rubbish"), "IPTC"),
}


@pytest.mark.parametrize(("data", "name"), BROKEN.values(), ids=BROKEN)
def test_broken_blocks_are_problems(data, name):
    problems = read(data, "image/jpeg").problems
    assert len(problems) == 1
    assert problems[0].startswith(f"The {name} block")
    assert problems[0].endswith(".")


def test_long_values_are_cut_and_reported():
    metadata = read(saved("JPEG", xmp=xmp(f"<dc:title>{'x' * 10_000}</dc:title>")), "image/jpeg")
    assert metadata.title == "x" * 2000
    assert metadata.problems == ("dc:title is longer than 2000 characters and was cut.",)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"GIF89a", b"RIFF", b"II*\0", b"8BPS", b"<svg", b"text"])
def test_files_without_metadata(data):
    assert read(data, "image/jpeg") == read(data, "image/svg+xml") or data == b"II*\0"
    assert read(data, "image/jpeg").entries == ()
    assert not has_location(data, "image/jpeg")


@given(st.sampled_from(sorted(CONTAINERS)), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6))))
def test_damage_never_raises_in_reading(name, damages):
    data = bytearray(CONTAINERS[name])
    for at, patch in damages:
        position = int(at * len(data))
        data[position : position + len(patch)] = patch
    read(bytes(data), "image/jpeg")
    has_location(bytes(data), "image/jpeg")


@given(st.sampled_from(sorted(CONTAINERS)), st.floats(0, 1))
def test_truncation_never_raises_in_reading(name, share):
    data = CONTAINERS[name]
    read(data[: int(share * len(data))], "image/jpeg")


@pytest.mark.skipif(not samples.VECTORS.is_dir(), reason="the public test files are not here")
def test_reads_the_public_files_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in sorted(samples.VECTORS.iterdir()):
            if path.is_file():
                assert isinstance(read(path.read_bytes(), "application/octet-stream"), Metadata)


EXIFTOOL = shutil.which("exiftool")
ORACLE = {"tiff:Make": "Make", "tiff:Model": "Model", "exifEX:LensModel": "LensModel", "exif:ISOSpeedRatings": "ISO"}


@pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")
@pytest.mark.skipif(not samples.VECTORS.is_dir(), reason="the public test files are not here")
@pytest.mark.parametrize("name", ["python__A.jpg", "python__P1000827.jpg", "python__sample1.png", "rs__no_alg.jpg"])
def test_exiftool_reads_the_same(name):
    path = samples.VECTORS / name
    said = subprocess.run(
        [EXIFTOOL, "-j", "-n", *(f"-EXIF:{tag}" for tag in ORACLE.values()), path], capture_output=True, check=True
    )
    theirs = {tag: str(value) for tag, value in json.loads(said.stdout)[0].items() if tag != "SourceFile"}
    ours = values(read(path.read_bytes(), "image/jpeg"))
    assert {tag: ours[name] for name, tag in ORACLE.items() if name in ours} == theirs


def test_importing_loads_no_heavy_library():
    script = "import sys, provenance.metadata, provenance.images; print({'PIL', 'lxml', 'piexif'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_pillow_sees_the_same_exif():
    image = Image.open(samples.io.BytesIO(CONTAINERS["jpeg"]))
    assert image.getexif()[I.Make] == values(read(CONTAINERS["jpeg"], "image/jpeg"))["tiff:Make"]


def test_dropping_leaves_the_rest_readable():
    before = values(read(CONTAINERS["jpeg"], "image/jpeg"))
    after = values(read(drop_location(CONTAINERS["jpeg"], "image/jpeg"), "image/jpeg"))
    assert after == {name: value for name, value in before.items() if "GPS" not in name}
