"""A small watermark, to show how one is plugged in. It is weak: whoever knows it can read, remove and copy it.

The picture is shrunk to 128 × 128 grey blocks. Each bit lies in a dozen of their lower frequencies (DCT), each of which
is moved to the nearest even multiple of a step for 0, or odd one for 1 (quantisation index modulation). So it survives
JPEG and scaling, but no cropping, turning or mirroring.
"""

from __future__ import annotations

import sys
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SIDE = 128
"""Blocks along each edge."""
PAYLOAD = 4
"""Bytes; a CRC-32 follows, without which every picture would seem to hold something."""
BITS = 8 * (PAYLOAD + 4)
STEP = 16.0
LOW, HIGH = 6, 46
"""Which frequencies are used: those where both numbers of waves together lie between these."""
ROUNDS = 3
"""Rounding and clipping take a little of the mark away; it is put in again."""


class BlockWatermark:
    """Read this watermark."""

    algorithm = "org.example.block-watermark.1"
    """A watermark for more than a demonstration has its name in C2PA's list of soft binding algorithms."""

    def find(self, picture: Image.Image) -> bytes | None:
        """Return the payload; None where there is none."""
        found = _frequencies(_grey(picture))[_places()] / STEP
        # 1 next to an odd multiple, -1 next to an even one; the frequencies of one bit vote.
        votes = -np.cos(np.pi * found)
        bits = [votes[start::BITS].sum() > 0 for start in range(BITS)]
        data = np.packbits(bits).tobytes()
        payload, check = data[:PAYLOAD], data[PAYLOAD:]
        return payload if check == _check(payload) else None


WATERMARK = BlockWatermark()
"""What the entry point names."""


def mark(picture: Image.Image, payload: bytes) -> Image.Image:
    """Return the picture with a payload of four bytes in it."""
    if len(payload) != PAYLOAD:
        raise ValueError(f"a payload has {PAYLOAD} bytes")
    bits = np.unpackbits(np.frombuffer(payload + _check(payload), np.uint8))
    marked = picture.convert("RGB")
    for _ in range(ROUNDS):
        marked = _moved(marked, bits)
    return marked


def _moved(picture: Image.Image, bits: NDArray[np.uint8]) -> Image.Image:
    """Move each frequency to the nearest multiple that says its bit."""
    there = _frequencies(_grey(picture))
    places = _places()
    wanted = np.resize(bits, len(places[0]))
    now = there[places] / STEP
    change = np.zeros_like(there)
    change[places] = (2 * np.round((now - wanted) / 2) + wanted - now) * STEP
    blocks = Image.fromarray((_waves().T @ change @ _waves()).astype(np.float32))
    more = np.asarray(blocks.resize(picture.size, Image.Resampling.BICUBIC))
    pixels = np.asarray(picture, np.float64) + more[:, :, np.newaxis]
    return Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))


def _grey(picture: Image.Image) -> Floats:
    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    grey: Floats = np.asarray(small, np.float64) @ np.array([0.299, 0.587, 0.114])
    return grey


def _frequencies(blocks: Floats) -> Floats:
    waves = _waves()
    return waves @ blocks @ waves.T


@cache
def _waves() -> Floats:
    """Return the matrix of the discrete cosine transform (DCT-II, orthonormal)."""
    number = np.arange(SIDE)
    waves: Floats = np.cos(np.pi * (2 * number + 1) * number[:, np.newaxis] / (2 * SIDE)) * np.sqrt(2 / SIDE)
    waves[0] /= np.sqrt(2)
    return waves


@cache
def _places() -> tuple[NDArray[Any], NDArray[Any]]:
    """Where the bits lie, one after the other; shuffled, so that no bit has the higher frequencies alone."""
    rows, columns = np.indices((SIDE, SIDE)).reshape(2, -1)
    used = np.flatnonzero((rows + columns >= LOW) & (rows + columns < HIGH) & (rows > 0) & (columns > 0))
    used = np.random.default_rng(1).permutation(used)
    return rows[used], columns[used]


def _check(payload: bytes) -> bytes:
    return zlib.crc32(payload).to_bytes(4, "big")


def main() -> None:
    """Mark a picture: `python block_watermark.py IN OUT PAYLOAD`, the payload in eight hexadecimal digits."""
    source, target, payload = sys.argv[1:]
    with Image.open(source) as picture:
        mark(picture, bytes.fromhex(payload)).save(Path(target), quality=92)
    print(f"{target}: {payload}")


if __name__ == "__main__":
    main()
