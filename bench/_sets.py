"""Sets of media for benchmarks over many files: made once, kept in a folder, signed on request.

A handful of pictures are really different; the others are copies of them that carry a number of their own, so that
every digest differs and nothing can be skipped. Run as a script, it makes all sets.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import time
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from _measure import fresh, has_ffmpeg, large_mp4, make, new_identity, open_workspace, picture, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES = 8
"""How many pictures of a set are really different."""

_IDENTITY_DAYS = 365
_PNG_BEGINNING = 33
"""Bytes of the signature and of the first chunk (PNG 3, 5.6: IHDR comes first)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSet:
    """Files of one kind: how many there are at scale 1, and how one is made."""

    name: str
    what: str
    suffix: str
    count: int
    make: Callable[[Path, int], None]
    """Fills a folder with this many files."""

    def scaled(self, scale: float) -> int:
        """Say how many files there are at this scale."""
        return max(1, round(self.count * scale))


# ---- pictures


def numbered_jpeg(data: bytes, number: int) -> bytes:
    """Return a JPEG with a comment after its first segment (ITU-T T.81, B.2.4.5)."""
    text = f"number {number}".encode()
    after = 4 + int.from_bytes(data[4:6], "big")
    return b"".join((data[:after], b"\xff\xfe", (len(text) + 2).to_bytes(2, "big"), text, data[after:]))


def numbered_png(data: bytes, number: int) -> bytes:
    """Return a PNG with a text after its header (PNG 3, 11.3.3.2)."""
    chunk = b"tEXt" + b"Comment\0" + f"number {number}".encode()
    whole = b"".join(((len(chunk) - 4).to_bytes(4, "big"), chunk, zlib.crc32(chunk).to_bytes(4, "big")))
    return data[:_PNG_BEGINNING] + whole + data[_PNG_BEGINNING:]


def large_jpegs(folder: Path, count: int) -> None:
    """12 megapixels, about 5 MB each."""
    _pictures(folder, count, ".jpg", lambda seed: _jpeg(4000, 3000, quality=90, seed=seed))


def small_jpegs(folder: Path, count: int) -> None:
    """1 megapixel, about 370 kB each."""
    _pictures(folder, count, ".jpg", lambda seed: _jpeg(1200, 900, quality=86, seed=seed))


def large_pngs(folder: Path, count: int) -> None:
    """12 megapixels, about 25 MB each."""
    _pictures(folder, count, ".png", _png)


def _pictures(folder: Path, count: int, suffix: str, draw: Callable[[int], bytes]) -> None:
    """Write what is missing; a file that is there is whole, since it was given its name last."""
    number_in = numbered_png if suffix == ".png" else numbered_jpeg
    for seed in range(1, min(PICTURES, count) + 1):
        missing = [at for at in range(seed - 1, count, PICTURES) if not _place(folder, at, suffix).exists()]
        if not missing:
            continue
        data = draw(seed)
        for at in missing:
            part = folder / "part"
            part.write_bytes(number_in(data, at))
            part.rename(_place(folder, at, suffix))


def _place(folder: Path, number: int, suffix: str) -> Path:
    return folder / f"{number:04}{suffix}"


def _jpeg(width: int, height: int, *, quality: int, seed: int) -> bytes:
    out = io.BytesIO()
    picture(width, height, seed=seed).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _png(seed: int) -> bytes:
    out = io.BytesIO()
    picture(4000, 3000, coloured=True, seed=seed).save(out, "PNG", compress_level=1)
    return out.getvalue()


# ---- video


def repeated(clip: Path, output: Path, *, size: int) -> None:
    """Play a clip again and again into one file of about `size` bytes, without encoding it again; needs ffmpeg."""
    times = max(1, size // clip.stat().st_size)
    encoder = shutil.which("ffmpeg") or "ffmpeg"
    options = ("-v", "error", "-y", "-stream_loop", str(times - 1), "-i", str(clip), "-c", "copy")
    subprocess.run([encoder, *options, str(output)], check=True)


def one_video(folder: Path, megabytes: int) -> None:
    """One file of this many megabytes."""
    place, part, clip = folder / "0000.mp4", folder / "part.mp4", folder / "clip.mp4"
    if place.exists():
        return
    large_mp4(clip)
    repeated(clip, part, size=megabytes * 1_000_000)
    clip.unlink()
    part.rename(place)


SETS = (
    MediaSet(name="jpeg-12mp", what="JPEG, 12 megapixels", suffix=".jpg", count=400, make=large_jpegs),
    MediaSet(name="jpeg-1mp", what="JPEG, 1 megapixel", suffix=".jpg", count=2000, make=small_jpegs),
    MediaSet(name="png-12mp", what="PNG, 12 megapixels", suffix=".png", count=50, make=large_pngs),
)
VIDEO_MEGABYTES = 2000

# ---- what is kept


def media(chosen: MediaSet, place: Path, *, scale: float = 1) -> Path:
    """Return the folder of a set, after making what it does not have yet."""
    count = chosen.scaled(scale)
    folder = place / f"{chosen.name}-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    make(partial(_made, chosen.make, count), folder)
    return folder


def video(place: Path, *, scale: float = 1) -> Path | None:
    """Return the folder of the one video, or None where there is no ffmpeg to make it."""
    if not has_ffmpeg():
        return None
    megabytes = max(50, round(VIDEO_MEGABYTES * scale))
    folder = place / f"mp4-{megabytes}mb"
    folder.mkdir(parents=True, exist_ok=True)
    make(partial(_made, one_video, megabytes), folder)
    return folder


def files_of(folder: Path) -> list[Path]:
    """Return the files of a set in order, without what an interrupted run left half made."""
    return sorted(folder.glob("[0-9]*"))


def signed(folder: Path, home: Path) -> Path:
    """Return a folder with the same files signed by the identity in `home`, without thumbnails."""
    output = folder.with_name(f"{folder.name}-signed")
    output.mkdir(exist_ok=True)
    fresh(_sign, home, folder, output)
    return output


def identity(place: Path) -> Path:
    """Return the home of the identity that signs the sets; a new one makes the signed sets anew."""
    home = place / "identity"
    if not (home / "home").is_dir():
        for outdated in place.glob("*-signed"):
            shutil.rmtree(outdated)
        home.mkdir(parents=True, exist_ok=True)
        new_identity(home, days=_IDENTITY_DAYS)
    return home


def key_and_chain(home: Path) -> tuple[Path, Path]:
    """Return the files of the identity that peers sign with: its key (PKCS#8) and its chain (PEM, leaf first)."""
    found = open_workspace(home).identities.get("Example News")
    if found.key_path is None:
        raise AssertionError("a development identity keeps its key in a file")
    return found.key_path, found.chain_path


def _made(fill: Callable[[Path, int], None], count: int, folder: Path) -> None:
    """Fill a folder: the order of arguments that `make` needs."""
    fill(folder, count)


def _sign(home: Path, folder: Path, output: Path) -> None:
    from provenance import SigningOptions

    space = open_workspace(home)
    options = SigningOptions(thumbnail=None)
    for source in files_of(folder):
        target = output / source.name
        if not target.exists():
            space.sign(source, target, options=options)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make sets of media for the benchmarks.")
    parser.add_argument("folder", type=Path, help="where they are kept; what is there is used again")
    parser.add_argument("--scale", type=float, default=1, metavar="X", help="how many files, against the full sets (1)")
    parser.add_argument("--signed", action="store_true", help="make signed versions too")
    chosen = parser.parse_args()
    home = identity(chosen.folder)
    rows = []
    makers = {item.what: partial(media, item) for item in SETS} | {"MP4": video}
    for what, maker in makers.items():
        begun = time.perf_counter()
        folder = maker(chosen.folder, scale=chosen.scale)
        if folder is None:
            print(f"{what}: not made, no ffmpeg on PATH\n")
            continue
        made = time.perf_counter()
        if chosen.signed:
            signed(folder, home)
        files = files_of(folder)
        size = sum(item.stat().st_size for item in files)
        took = (f"{made - begun:.1f}", f"{time.perf_counter() - made:.1f}")
        rows.append((what, folder.name, str(len(files)), f"{size / 1e6:.0f}", *took))
    print_table(("", "folder", "files", "MB", "made in, s", "signed in, s"), rows, markdown=False)


if __name__ == "__main__":
    main()
