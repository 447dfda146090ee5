from __future__ import annotations

import io
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from provenance.metadata.dimensions import dimensions
from provenance.metadata.passages import passages
from provenance.metadata.png_text import find_texts
from tests.support import media
from tests.unit.metadata import samples
from tests.unit.metadata.samples import VECTORS, box, saved, with_chunk, xmp
from tests.unit.metadata.test_erase import AUTHOR, FILES, PNG, SERIAL
from tests.unit.metadata.test_location import CLEANABLE, REFUSED

SAID = {
    "jpeg": {"exif", "xmp", "iptc"},
    "second-picture": {"exif"},
    "png": {"exif", "xmp", "text"},
    **{kind: {"exif", "xmp"} for kind in ("webp", "tiff", "avif", "heif", "jxl")},
    "svg": {"xmp"},
    "movie": {"xmp"},
}


@pytest.mark.parametrize("name", FILES)
def test_every_source_that_names_the_author_is_told(name):
    found = passages(FILES[name], "image/svg+xml" if name == "svg" else "image/x")
    assert {item.source for item in found if any(text == AUTHOR for _, text in item.said)} == SAID[name]
    for item in found:
        assert all(0 <= start < end <= len(FILES[name]) for start, end in item.spans)


def test_what_a_reader_passes_over_is_told_too():
    """Structures, second names of the same thing, attributes, and namespaces that nobody knows."""
    packet = xmp(
        '<exif:A rdf:parseType="Resource"><my:B xmlns:my="http://example.com/my/"><rdf:Bag><rdf:li>deep</rdf:li>'
        '</rdf:Bag></my:B></exif:A><dc:title><rdf:Alt><rdf:li xml:lang="de">Titel</rdf:li></rdf:Alt></dc:title>'
        '<dc:source rdf:resource="link"/>'
    )
    (found,) = passages(saved("JPEG", xmp=packet), "image/jpeg")
    assert (("exif:A", "my:B"), "deep") in found.said
    assert (("dc:title",), "Titel") in found.said
    assert (("dc:source",), "link") in found.said


def test_the_texts_of_a_png_are_unpacked():
    assert {(item.name, item.text) for item in find_texts(PNG)} == {
        ("dc:creator", AUTHOR), ("dc:creator", f"Autor\n{AUTHOR}"), ("exif:BodySerialNumber", SERIAL),
        ("exif:UserComment", "kept"),
    }  # fmt: skip
    bomb = with_chunk(saved("PNG"), b"zTXt", b"Author\0\0" + samples.zlib.compress(b" " * (8 << 20)))
    (passage,) = passages(bomb, "image/png")
    assert passage.said == ((("dc:creator",), "a text that cannot be unpacked"),)
    assert list(find_texts(saved("JPEG"))) == []
    assert list(find_texts(PNG[:50])) == []


@pytest.mark.parametrize("data", [*CLEANABLE.values(), *REFUSED.values()], ids=[*CLEANABLE, *REFUSED])
def test_wherever_a_location_is_or_may_be_it_is_told(data):
    said = [
        path[-1]
        for item in passages(data, "image/svg+xml" if data[:4] == b"<svg" else "image/x")
        for path, _ in item.said
    ]
    assert any(name.rpartition(":")[2].lower().startswith(("gps", "lat", "alt", "long")) for name in said)


def test_in_a_tiff_only_its_texts_are_spans():
    data = FILES["tiff"]
    (exif,) = [item for item in passages(data, "image/tiff") if item.source == "exif"]
    assert exif.raw == b""
    covered = b"".join(data[start:end] for start, end in exif.spans)
    assert b"Model 1" in covered
    assert len(covered) < 500


@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6))))
def test_damage_never_raises(name, damages):
    data = bytearray(FILES[name])
    for at, patch in damages:
        data[int(at * len(data)) : int(at * len(data)) + len(patch)] = patch
    passages(bytes(data), "image/x")
    dimensions(bytes(data))


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp", "tiff", "dng"])
def test_dimensions_are_those_that_a_decoder_finds(kind):
    assert dimensions(media.make(kind)) == media.SIZE


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"exif": samples.exif()}], ids=str)
def test_every_kind_of_webp_tells_its_dimensions(options):
    out = io.BytesIO()
    media.picture().save(out, "WEBP", **options)
    assert dimensions(out.getvalue()) == media.SIZE


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a\0\0\0\0", b"RIFF", box(b"ftyp")])
def test_without_a_header_there_are_no_dimensions(data):
    assert dimensions(data) is None


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public test files are not here")
def test_dimensions_of_the_public_files_are_those_that_a_decoder_finds():
    compared = 0
    for path in sorted(VECTORS.iterdir()):
        data = path.read_bytes() if path.is_file() else b""
        found = dimensions(data)
        if found is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                assert image.size == found
        compared += 1
    assert compared > 20
