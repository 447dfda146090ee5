"""Very large files of many formats, each valid as far as it is cheap to make: what they hold is noise."""

from __future__ import annotations

import io
import math
import random
import shutil
import struct
import subprocess
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from _measure import has_ffmpeg, large_mp4
from _sets import repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BLOCK = 1 << 20
_JPEG_LONGEST = 65_535
_STRIP_ROWS = 8
"""Rows of blocks in the strip that a large JPEG repeats: restart markers are counted to eight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """One kind of file, and how large it can sensibly be."""

    name: str
    suffix: str
    make: Callable[[Path, int], None]
    largest: int
    """Bytes."""
    by_ffmpeg: bool = False
    rewritten: bool = False
    """The engine changes the file even for a sidecar, so that the sidecar belongs to a new file."""

    @property
    def possible(self) -> bool:
        """Whether it can be made here."""
        return not self.by_ffmpeg or has_ffmpeg()


def noise(size: int) -> Iterator[bytes]:
    """Give this many bytes in blocks; the same block again and again."""
    block = random.Random(1).randbytes(BLOCK)
    for _ in range(size // BLOCK):
        yield block
    yield block[: size % BLOCK]


def _fill(out: BinaryIO, size: int) -> None:
    for block in noise(size):
        out.write(block)


# ---- sound and video


def wav(path: Path, size: int) -> None:
    """Stereo of 16 bits: one chunk of samples."""
    size -= size % 4
    with path.open("wb") as out:
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 44_100, 176_400, 4, 16)
        out.write(struct.pack("<4sI4s", b"RIFF", size + 36, b"WAVE") + form + struct.pack("<4sI", b"data", size))
        _fill(out, size)


def film(path: Path, size: int) -> None:
    """One noisy second of video again and again, in the container that the suffix names."""
    clip = path.with_name("clip.mp4")
    large_mp4(clip)
    try:
        repeated(clip, path, size=size)
    finally:
        clip.unlink()


def sound(path: Path, size: int) -> None:
    """Minutes of noise again and again, in the coding that the suffix names."""
    clip = path.with_name(f"clip{path.suffix}")
    source = ("-f", "lavfi", "-i", "anoisesrc=duration=120:sample_rate=44100")
    options = ("-v", "error", "-y", *source, "-ac", "2", "-b:a", "320k", str(clip))
    subprocess.run([shutil.which("ffmpeg") or "ffmpeg", *options], check=True)
    try:
        repeated(clip, path, size=size)
    finally:
        clip.unlink()


# ---- pictures


def tiff(path: Path, size: int) -> None:
    """RGB of 8 bits, uncompressed, in one strip (TIFF 6.0)."""
    edge = math.isqrt(size // 3)
    after = 8 + 2 + 12 * 10 + 4
    entries = (
        (256, 4, 1, edge), (257, 4, 1, edge), (258, 3, 3, after), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, after + 6), (277, 3, 1, 3), (278, 4, 1, edge), (279, 4, 1, edge * edge * 3), (284, 3, 1, 1),
    )  # fmt: skip
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    with path.open("wb") as out:
        out.write(b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + struct.pack("<HHH", 8, 8, 8))
        _fill(out, edge * edge * 3)


def png(path: Path, size: int) -> None:
    """RGB of 8 bits, deflated without compression."""
    edge = math.isqrt(size // 3)
    row = b"\0" + random.Random(1).randbytes(edge * 3)
    deflate = zlib.compressobj(level=0)
    with path.open("wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        _chunk(out, b"IHDR", struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0))
        held = bytearray()
        for _ in range(edge):
            held += deflate.compress(row)
            if len(held) > BLOCK:
                _chunk(out, b"IDAT", bytes(held))
                held.clear()
        _chunk(out, b"IDAT", bytes(held) + deflate.flush())
        _chunk(out, b"IEND", b"")


def _chunk(out: BinaryIO, kind: bytes, data: bytes) -> None:
    out.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))


def jpeg(path: Path, size: int) -> None:
    """One strip of noise again and again, as often as a picture can be high.

    Each row of blocks ends in a restart marker, after which nothing depends on what was before (ITU-T T.81, E.1.4).
    """
    import numpy as np
    from PIL import Image

    height = _STRIP_ROWS * 8
    # One byte of the file for each pixel, about.
    width = min(_JPEG_LONGEST, max(64, size // _JPEG_LONGEST))
    pixels = np.random.default_rng(1).normal(127, 30, (height, width, 3)).clip(0, 255).astype(np.uint8)
    strip = io.BytesIO()
    Image.fromarray(pixels).save(strip, "JPEG", quality=82, subsampling=0, restart_marker_rows=1)
    head, scan = _split(strip.getvalue())
    times = min(_JPEG_LONGEST // height, max(1, size // len(scan)))
    at = head.index(b"\xff\xc0") + 5
    with path.open("wb") as out:
        out.write(head[:at] + (times * height).to_bytes(2, "big") + head[at + 2 :])
        for number in range(times):
            out.write(scan if number == 0 else b"\xff\xd7" + scan)
        out.write(b"\xff\xd9")


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Part a JPEG into everything before its only scan, and the scan."""
    at = data.index(b"\xff\xda")
    begins = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[:begins], data[begins:-2]


def svg(path: Path, size: int) -> None:
    """One path of many lines."""
    with path.open("wb") as out:
        out.write(b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><path d="M0 0')
        for number in range(size // 12):
            out.write(b" L%5d %4d" % (number % 99_991, number % 9973))
        out.write(b'"/></svg>\n')


# ---- documents


def pdf(path: Path, size: int) -> None:
    """One page with one uncompressed picture (ISO 32000-1)."""
    edge = math.isqrt(size // 3)
    length = edge * edge * 3
    drawing = b"q 500 0 0 500 50 50 cm /P Do Q"
    picture = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Length %d>>"
    objects = (
        (b"<</Type/Catalog/Pages 2 0 R>>", None),
        (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", None),
        (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>", None),
        (b"<</Length %d>>" % len(drawing), iter((drawing,))),
        (picture % (edge, edge, length), noise(length)),
    )
    offsets = []
    with path.open("wb") as out:
        out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        for number, (dictionary, stream) in enumerate(objects, start=1):
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n%s\n" % (number, dictionary))
            if stream is not None:
                out.write(b"stream\n")
                out.writelines(stream)
                out.write(b"\nendstream\n")
            out.write(b"endobj\n")
        table = out.tell()
        out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets))
        out.write(b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table)


def docx(path: Path, size: int) -> None:
    """One large picture in a stored package."""
    _package(path, size, {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}, "word/media/1.png")


def epub(path: Path, size: int) -> None:
    """One large picture in a stored package that names its type first."""
    _package(path, size, {"mimetype": "application/epub+zip", "book.opf": "<package/>"}, "picture.png")


def _package(path: Path, size: int, texts: dict[str, str], large: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as entries:
        for name, text in texts.items():
            entries.writestr(zipfile.ZipInfo(name), text)
        # Sizes of 64 bits only where they are needed.
        with entries.open(zipfile.ZipInfo(large), "w", force_zip64=size >= zipfile.ZIP64_LIMIT) as out:
            for block in noise(size):
                out.write(block)


_two = partial(Large, largest=2_000_000_000)
LARGE = (
    _two(name="WAV", suffix=".wav", make=wav),
    _two(name="MP4", suffix=".mp4", make=film, by_ffmpeg=True),
    _two(name="QuickTime", suffix=".mov", make=film, by_ffmpeg=True),
    _two(name="AVI", suffix=".avi", make=film, by_ffmpeg=True),
    _two(name="TIFF", suffix=".tif", make=tiff),
    _two(name="PNG", suffix=".png", make=png),
    _two(name="JPEG", suffix=".jpg", make=jpeg),
    _two(name="FLAC", suffix=".flac", make=sound, by_ffmpeg=True, rewritten=True),
    _two(name="MP3", suffix=".mp3", make=sound, by_ffmpeg=True, rewritten=True),
    _two(name="PDF", suffix=".pdf", make=pdf, rewritten=True),
    _two(name="Word", suffix=".docx", make=docx, rewritten=True),
    _two(name="EPUB", suffix=".epub", make=epub, rewritten=True),
    Large(name="SVG", suffix=".svg", make=svg, largest=200_000_000),
)
