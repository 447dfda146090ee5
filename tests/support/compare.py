"""Compare what two files show and say, apart from their credentials."""

from __future__ import annotations

import atexit
import io
import json
import shutil
import subprocess
import zipfile
from functools import cache, lru_cache
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageSequence

from tests.support import media

_PICTURES = {"jpeg", "png", "webp", "tiff", "dng", "gif", "avif"}
_OWN = ("JUMBF", "C2PA", "CBOR", "JSON", "File:", "ExifTool:", "SourceFile", "System")
"""Groups and names of ExifTool that describe the credentials or the file around the metadata."""
_LAYOUT = {
    "QuickTime:MediaDataOffset", "IFD0:StripOffsets", "EXIF:StripOffsets", "MPImage2:MPImageStart",
    "RIFF:FileSize", "PDF:Linearized", "IFD0:C2PA", "ID3:ID3Size", "PDF:AFRelationship", "Composite:Duration",
}  # fmt: skip
"""Where things lie in the file, or what is worked out from its size: that moves when something is embedded."""


@lru_cache(maxsize=64)
def content(kind: str, data: bytes) -> object:
    """Return what a person sees or hears, in a form that can be compared."""
    if kind in _PICTURES:
        return _frames(data)
    if kind in {"heic", "heif"}:
        return _heif(data)
    if kind == "svg":
        return _drawing(data)
    if kind == "jxl":
        return [box for box in _boxes(data) if box[:4] in {b"jxlc", b"jxlp", b"jbrd"}]
    if kind == "pdf":
        return _pages(data)
    if kind in media.PACKAGES:
        return _entries(data)
    return _decoded(data)


def metadata(data: bytes, extension: str, folder) -> dict[str, object]:
    """Return all metadata that ExifTool finds, except the credentials; of a PNG, all its other chunks."""
    if extension in media.PACKAGES:
        return _entries(data)
    if extension == "png":
        # ExifTool 12 takes the EXIF after a manifest for a directory that it has seen, and stops there.
        return {name: body for name, body in _chunks(data) if name not in {"IDAT", "caBX"}}
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed: there is no independent reader of metadata")
    path = folder / f"compare.{extension}"
    path.write_bytes(data)
    tags = json.loads(_exiftool().ask("-json", "-G1", "-a", "-n", str(path)))[0]
    return {key: value for key, value in tags.items() if not key.startswith(_OWN) and key not in _LAYOUT}


class _ExifTool:
    """One process for all files: to start it takes longer than to read one."""

    def __init__(self):
        self._process = subprocess.Popen(
            ["exiftool", "-stay_open", "True", "-@", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self._process.communicate, "-stay_open\nFalse\n")

    def ask(self, *arguments: str) -> str:
        self._process.stdin.write("\n".join((*arguments, "-execute", "")))
        self._process.stdin.flush()
        return "".join(iter(self._process.stdout.readline, "{ready}\n"))


@cache
def _exiftool() -> _ExifTool:
    return _ExifTool()


def _frames(data: bytes) -> list[tuple]:
    with Image.open(io.BytesIO(data)) as image:
        return [(item.size, item.mode, item.tobytes()) for item in ImageSequence.Iterator(image)]


def _heif(data: bytes) -> tuple:
    pi_heif = pytest.importorskip("pi_heif")
    image = pi_heif.read_heif(data)
    return image.size, bytes(image.data)


def _drawing(data: bytes) -> list[tuple]:
    root = ET.fromstring(data)
    return [
        (item.tag, sorted(item.attrib.items()), (item.text or "").strip())
        for item in root.iter()
        if item.tag.startswith("{http://www.w3.org/2000/svg}") and not item.tag.endswith("}metadata")
    ]


def _boxes(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        size = int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size or len(data) - at
        found.append(data[at + 4 : at + size])
        at += size
    return found


def _chunks(data: bytes) -> list[tuple[str, bytes]]:
    found, at = [], 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8].decode("ascii"), data[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def _entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith((".c2pa", "META-INF/"))}


def _pages(data: bytes) -> bytes:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed: nothing here renders a PDF")
    return subprocess.run(["pdftoppm", "-r", "50", "-"], input=data, check=True, capture_output=True).stdout


def _decoded(data: bytes) -> bytes:
    """Decode sound and moving pictures to samples and frames."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: nothing here decodes this format")
    command = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-map", "0", "-f", "framemd5", "-"]
    try:
        return subprocess.run(command, input=data, check=True, capture_output=True).stdout
    except subprocess.CalledProcessError:
        # Files whose index stands at their end cannot be read from a pipe.
        import tempfile

        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            command[4] = file.name
            return subprocess.run(command, check=True, capture_output=True).stdout
