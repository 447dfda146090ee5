"""Signed by this program, taken apart and put together again: nothing else about the file may change."""

from __future__ import annotations

import io
import wave
import zipfile
from functools import cache

import pytest

from provenance.errors import ManifestError, UnsupportedMedia
from provenance.manifests.containers import attach, holds_store, strip
from tests.support import compare, media
from tests.unit.manifests.container_lab import MEDIA_TYPES, THROW_AWAY, TRUST, read, sign, type_of

EXACT = ("jpeg", "png", "webp", "gif", "avif", "heic", "heif", "jxl", "mp4", "mov", "m4a", "avi", "wav", "flac")
PADDED = ("tiff", "dng")
"""Directories begin at a multiple of four: up to three zeros at the end of a file cannot be told from its own."""
REWRITTEN = ("svg", "mp3", "pdf")
ATTACHED = (*EXACT, *PADDED, "mp3")
PACKAGES = {
    "epub": ("application/epub+zip", ("mimetype", "META-INF/container.xml", "page.xhtml")),
    "docx": (MEDIA_TYPES["docx"], ("[Content_Types].xml", "_rels/.rels", "word/document.xml")),
    "odt": (MEDIA_TYPES["odt"], ("mimetype", "META-INF/manifest.xml", "content.xml")),
}


@cache
def _signed(kind):
    data = media.make(kind)
    media_type = type_of(data, f"made.{media.EXTENSIONS[kind]}")
    return data, media_type, *sign(data, media_type)


@pytest.mark.parametrize("kind", [*EXACT, *PADDED, *REWRITTEN])
def test_strip_leaves_the_content_alone(kind):
    data, media_type, signed, _ = _signed(kind)

    bare = strip(signed, media_type, signer=THROW_AWAY)

    assert read(signed, media_type).store is not None
    assert read(bare, media_type).store is None
    assert not holds_store(bare)
    assert compare.content(kind, bare) == compare.content(kind, data)


@pytest.mark.parametrize("kind", [*EXACT, *PADDED])
def test_strip_gives_the_unsigned_file_back(kind):
    data, media_type, signed, _ = _signed(kind)

    bare = strip(signed, media_type, signer=THROW_AWAY)

    if kind in PADDED:
        assert bare.startswith(data)
        assert bare[len(data) :] in {b"", b"\0", b"\0\0", b"\0\0\0"}
    else:
        assert bare == data


@pytest.mark.parametrize("kind", ["jpeg", "tiff", "mp3"])
def test_strip_does_not_touch_a_file_without_a_store(kind):
    data, media_type, _, _ = _signed(kind)

    assert strip(data, media_type, signer=THROW_AWAY) is data


@pytest.mark.parametrize("kind", [*EXACT, *PADDED])
def test_strip_leaves_nothing_of_an_earlier_signature(kind):
    data, media_type, signed, _ = _signed(kind)
    again, _ = sign(signed, media_type)

    bare = strip(again, media_type, signer=THROW_AWAY)

    assert not holds_store(bare)
    assert compare.content(kind, bare) == compare.content(kind, data)


def test_strip_keeps_the_tags_of_an_mp3(tmp_path):
    data, media_type, signed, _ = _signed("mp3")

    bare = strip(signed, media_type, signer=THROW_AWAY)

    assert compare.metadata(bare, "mp3", tmp_path) == compare.metadata(data, "mp3", tmp_path)


@pytest.mark.parametrize("kind", ATTACHED)
def test_attach_gives_the_signed_file_back(kind):
    _, media_type, signed, store = _signed(kind)
    bare = strip(signed, media_type, signer=THROW_AWAY)

    assert attach(bare, store, media_type, signer=THROW_AWAY, trust=TRUST) == signed


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp", "avif", "jxl"])
def test_a_large_store_goes_out_and_in(kind):
    data, media_type, _, _ = _signed(kind)
    signed, store = sign(data, media_type, title="x" * 150_000)

    bare = strip(signed, media_type, signer=THROW_AWAY)

    assert bare == data
    assert attach(bare, store, media_type, signer=THROW_AWAY, trust=TRUST) == signed


@pytest.mark.parametrize("frames", [100, 101])
@pytest.mark.parametrize("padded", [False, True])
def test_sounds_of_odd_length_keep_their_samples(frames, padded):
    data = _wav(frames, padded=padded)
    signed, store = sign(data, "audio/wav")

    bare = strip(signed, "audio/wav", signer=THROW_AWAY)

    assert _samples(bare) == _samples(data)
    assert int.from_bytes(bare[4:8], "little") == len(bare) - 8
    assert attach(bare, store, "audio/wav", signer=THROW_AWAY, trust=TRUST) == signed


@pytest.mark.parametrize("name", PACKAGES)
def test_strip_keeps_the_entries_of_a_package(name):
    media_type, names = PACKAGES[name]
    data = _package(media_type, names)
    again, _ = sign(sign(data, media_type)[0], media_type)

    bare = strip(again, media_type, signer=THROW_AWAY)

    assert read(again, media_type).store is not None
    assert bare.count(b"c2pa.claim") == 0
    assert _entries(bare) == _entries(data)


def test_what_is_signed_inside_a_package_stays_signed():
    picture = _signed("jpeg")[2]
    media_type, names = PACKAGES["epub"]
    signed, _ = sign(_package(media_type, names, picture=picture), media_type)

    bare = strip(signed, media_type, signer=THROW_AWAY)

    assert read(bare, media_type).store is None
    assert _entries(bare)["picture.jpg"] == picture


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "tiff", "avif", "wav"])
def test_attach_refuses_what_was_made_for_a_sidecar(kind):
    data, media_type, _, _ = _signed(kind)
    _, sidecar = sign(data, media_type, detached=True)

    with pytest.raises(ManifestError, match="made for a sidecar") as caught:
        attach(data, sidecar, media_type, signer=THROW_AWAY, trust=TRUST)

    assert caught.value.hint == "keep the sidecar beside the file"


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("jpeg", media.jpeg(seed=2)),
        ("png", media.make("png")[:-12] + b"\0\0\0\0tEXt\x1e\xab\x9d\x5e" + media.make("png")[-12:]),
        ("wav", media.make("wav")[:-1] + b"\x7f"),
        ("tiff", media.make("tiff")[:20] + b"\x55" + media.make("tiff")[21:]),
    ],
    ids=["another picture", "a chunk more", "another sample", "another pixel"],
)
def test_attach_refuses_a_file_that_was_changed(kind, other):
    _, media_type, _, store = _signed(kind)

    with pytest.raises(ManifestError, match="does not fit this file: the content was changed"):
        attach(other, store, media_type, signer=THROW_AWAY, trust=TRUST)


@pytest.mark.parametrize("kind", ["jpeg", "avif"])
@pytest.mark.parametrize(
    "harm", [lambda store: b"", lambda store: b"x" * 300, lambda store: store[:-5]], ids=["empty", "garbage", "cut"]
)
def test_attach_refuses_a_damaged_store(kind, harm):
    data, media_type, _, store = _signed(kind)

    with pytest.raises(ManifestError, match="the manifest store cannot be read"):
        attach(data, harm(store), media_type, signer=THROW_AWAY, trust=TRUST)


def test_attach_refuses_a_file_with_credentials():
    _, media_type, signed, store = _signed("png")

    with pytest.raises(ManifestError, match="has credentials already"):
        attach(signed, store, media_type, signer=THROW_AWAY, trust=TRUST)


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_attach_refuses_types_that_need_signing_anew(kind):
    data, media_type, _, store = _signed(kind)

    with pytest.raises(UnsupportedMedia, match="without signing anew"):
        attach(data, store, media_type, signer=THROW_AWAY, trust=TRUST)


def _wav(frames, *, padded):
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(number % 251 for number in range(frames)))
    data = target.getvalue()
    if padded and len(data) % 2:
        data += b"\0"
        data = data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]
    return data


def _samples(data):
    with wave.open(io.BytesIO(data), "rb") as sound:
        return sound.readframes(sound.getnframes())


def _package(media_type, names, *, picture=b"a picture"):
    target = io.BytesIO()
    # Stored, because the engine does not take packages with compressed entries.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.writestr(name, media_type if name == "mimetype" else "<part/>")
        archive.writestr("picture.jpg", picture)
    return target.getvalue()


def _entries(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
