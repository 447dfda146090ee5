"""Small media of every kind, made here: Pillow, the standard library, and ffmpeg for what they cannot write."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import tempfile
import wave
import zipfile
from functools import cache
from pathlib import Path

import piexif
import pytest
from PIL import Image

SIZE = (160, 120)
EXTENSIONS = {
    "jpeg": "jpg", "png": "png", "webp": "webp", "tiff": "tif", "dng": "dng", "gif": "gif", "avif": "avif",
    "svg": "svg", "wav": "wav", "pdf": "pdf", "mp4": "mp4", "mov": "mov", "m4a": "m4a", "avi": "avi", "mp3": "mp3",
    "flac": "flac", "heic": "heic", "heif": "heif", "jxl": "jxl",
    "epub": "epub", "docx": "docx", "xlsx": "xlsx", "pptx": "pptx",
    "odt": "odt", "ods": "ods", "odp": "odp", "odg": "odg",
}  # fmt: skip
PACKAGES = {
    "epub": "application/epub+zip",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "odg": "application/vnd.oasis.opendocument.graphics",
    "docx": "word",
    "xlsx": "xl",
    "pptx": "ppt",
}
"""Kinds of ZIP packages: the type that their first entry states, or the folder that their parts are in."""
_BORROWED = {"heic": "python__sample1.heic", "heif": "python__sample1.heic", "jxl": "rs__sample1.jxl"}
"""Formats that nothing at hand can write: files of others serve, where they are present."""
_FFMPEG = {
    "mp4": ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=1", "-pix_fmt", "yuv420p", "-c:v", "mpeg4"),
    "mov": ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=1", "-pix_fmt", "yuv420p", "-c:v", "mpeg4"),
    "avi": ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"),
    "m4a": ("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"),
    "mp3": ("-f", "lavfi", "-i", "sine=duration=1", "-metadata", "title=Café", "-metadata", "artist=Zoë"),
    "flac": ("-f", "lavfi", "-i", "sine=duration=1", "-metadata", "title=Café"),
}


def picture(seed: int = 1) -> Image.Image:
    """Make a picture with soft and hard edges, the same for the same seed."""
    image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    image.paste((200, 30 * seed % 255, 40), (20, 20, 60, 70))
    image.paste((20, 90, 60 * seed % 255), (90, 40, 140, 100))
    return image


def exif_block() -> bytes:
    """Make EXIF with a device, a time with its offset, a place, rights and non-ASCII text."""
    return piexif.dump(
        {
            "0th": {
                piexif.ImageIFD.Make: b"Acme",
                piexif.ImageIFD.Model: "Kamera Ü1".encode(),
                piexif.ImageIFD.Artist: "Zoë Müller".encode(),
                piexif.ImageIFD.Copyright: "© Beispiel".encode(),
                piexif.ImageIFD.ImageDescription: "Überschwemmung am Ufer".encode(),
            },
            "Exif": {
                piexif.ExifIFD.DateTimeOriginal: b"2025:06:01 12:30:00",
                piexif.ExifIFD.OffsetTimeOriginal: b"+02:00",
                piexif.ExifIFD.BodySerialNumber: b"SN-4711",
                piexif.ExifIFD.FNumber: (28, 10),
            },
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((52, 1), (31, 1), (1234, 100)),
                piexif.GPSIFD.GPSLongitudeRef: b"E",
                piexif.GPSIFD.GPSLongitude: ((13, 1), (24, 1), (5678, 100)),
            },
        }
    )


def jpeg(seed: int = 1, *, exif: bool = False) -> bytes:
    """Make a JPEG."""
    return _saved(picture(seed), "JPEG", quality=90, **({"exif": exif_block()} if exif else {}))


@cache
def make(kind: str) -> bytes:
    """Make a file of a kind of `EXTENSIONS`; skips the test when nothing here can."""
    if kind in _BORROWED:
        data = _borrowed(_BORROWED[kind])
        # Its brand says HEIF; as HEIC it differs in nothing else.
        return b"%bheic%b" % (data[:8], data[12:]) if kind == "heic" else data
    if kind in _FFMPEG:
        return _by_ffmpeg(kind)
    if kind in PACKAGES:
        return package(kind)
    return _SIMPLE[kind]()


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def package(kind: str, *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Make a package of documents with some entries; the engine takes stored ones only."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as entries:
        if "/" in PACKAGES[kind]:
            entries.writestr(zipfile.ZipInfo("mimetype"), PACKAGES[kind])
        else:
            entries.writestr("[Content_Types].xml", "<Types/>")
            entries.writestr("_rels/.rels", "<Relationships/>")
            entries.writestr(f"{PACKAGES[kind]}/document.xml", "<document/>")
        entries.writestr("content/text.xml", "<text>Überschwemmung am Ufer</text>" * 20)
        entries.writestr("content/picture.png", _saved(picture(), "PNG"))
    return target.getvalue()


def _wav() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", (i * 37) % 2000 - 1000) for i in range(8000)))
    return target.getvalue()


def _gif() -> bytes:
    frames = [picture(seed).convert("P") for seed in (1, 2, 3)]
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)


def _dng() -> bytes:
    """A TIFF that declares itself a DNG: enough to be told apart and signed as one."""
    return _saved(picture(), "TIFF", tiffinfo={50706: bytes((1, 4, 0, 0)), 50708: "Acme Ü1"})


def _svg() -> bytes:
    return b"""<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120"><title>Test</title>
<rect x="20" y="20" width="40" height="50" fill="#c81e28"/></svg>
"""


_SIMPLE = {
    "jpeg": lambda: jpeg(exif=True),
    "png": lambda: _saved(picture(), "PNG", exif=exif_block()),
    "webp": lambda: _saved(picture(), "WEBP", quality=90, exif=exif_block()),
    "tiff": lambda: _saved(picture(), "TIFF", tiffinfo={315: "Zoe", 33432: "Copyright"}),
    "avif": lambda: _saved(picture(), "AVIF", exif=exif_block()),
    "pdf": lambda: _saved(picture(), "PDF"),
    "wav": _wav,
    "gif": _gif,
    "dng": _dng,
    "svg": _svg,
}


def _borrowed(name: str) -> bytes:
    path = Path(__file__).parents[2].parent / "shared" / "vectors" / name
    if not path.is_file():
        pytest.skip(f"../shared/vectors/{name} is not there, and nothing here writes this format")
    return path.read_bytes()


def _by_ffmpeg(kind: str) -> bytes:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed, and nothing else here writes this format")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made.{EXTENSIONS[kind]}"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-fflags", "+bitexact", *_FFMPEG[kind], "-flags", "+bitexact", str(path)],
            check=True,
        )
        return path.read_bytes()
