"""Take a file out of a hot folder: never over another one, and never lost.

Within a file system it gets a second name before it loses the first; across, it is copied, pushed to the disk and
compared before. Whoever is killed in between can do it again: what is there already, with the same bytes, is it.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.batch.work import Fate
from provenance.errors import OutputError, OutputExists
from provenance.manifests.locate import sidecars
from provenance.reports.escape import visible
from provenance.storage import publish, same_bytes, writing

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.batch.work import Outcome

REASON: Final = ".reason.txt"
_LONGEST = 255
"""Bytes of a name."""


def put_aside(path: Path, folder: Path) -> Path:
    """Move a file, with its sidecar if it has one, into a folder; returns where it is now.

    Raises `OutputError`; the file is where it was then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = _own_sidecars(path)
        for number in count(1):
            target = folder / _numbered(path.name, number)
            pairs = [(item, target.with_name(f"{target.stem}.c2pa")) for item in beside]
            pairs = [
                (item, place if item.stem != path.name else target.with_name(f"{target.name}.c2pa"))
                for item, place in pairs
            ]
            if any(os.path.lexists(place) and not _same(item, place) for item, place in (*pairs, (path, target))):
                continue
            with suppress(FileExistsError, OutputExists):
                for item, place in pairs:
                    _second(item, place)
                _second(path, target)
                _settle(target.parent)
                for item in (path, *beside):
                    item.unlink(missing_ok=True)
                return target
    except OSError as error:
        raise OutputError(
            f"cannot be moved to {folder}: {error.strerror or error}", path=path, hint="it stays where it is"
        ) from error
    raise AssertionError(path)


def tell_why(moved: Path, outcome: Outcome, *, hot: Path, at: datetime) -> None:
    """Write beside a file that was put aside why, and what to do next.

    Raises `OutputError`.
    """
    name = moved.name + REASON
    if len(os.fsencode(name)) > _LONGEST:
        name = _cut(moved.name, _LONGEST - len(REASON)) + REASON
    publish(reason(outcome, hot=hot, at=at).encode(), moved.with_name(name), overwrite=True)


def reason(outcome: Outcome, *, hot: Path, at: datetime) -> str:
    """Say in words why a file was not signed."""
    error = outcome.error
    if outcome.fate is not Fate.FAILED or error is None:
        raise AssertionError(outcome)
    hint = error.hint
    if isinstance(error, OutputExists):
        hint = "if this one is another picture, give it another name; if it is a new version, take the old result away"
    lines = [
        f"{visible(Path(outcome.job.source).name)} was not signed.",
        "",
        f"When:  {at:%Y-%m-%d %H:%M:%S %Z}",
        f"What:  {visible(error.message)}",
    ]
    if isinstance(error, OutputExists):
        lines.append(f"       {visible(error.path)}")
    if hint:
        lines.append(f"Next:  {visible(hint)}")
    lines += ["", f"To have it tried again, put it back into {visible(hot)}; this note may be deleted.", ""]
    return "\n".join(lines)


def _own_sidecars(path: Path) -> list[Path]:
    """Name the sidecars of a file, less the one that may be another's: photo.c2pa, when there is a photo.png too."""
    full, short = sidecars(path)
    found = [full] if full.is_file() else []
    if short.is_file() and short != full:
        others = set(path.parent.glob(f"{glob.escape(path.stem)}.*")) - {path, full, short}
        found += [] if others else [short]
    return found


def _numbered(name: str, number: int) -> str:
    if number == 1:
        return name
    path, mark = Path(name), f"-{number}"
    room = _LONGEST - len(os.fsencode(path.suffix)) - len(mark) - len(".c2pa")
    return f"{_cut(path.stem, room)}{mark}{path.suffix}"


def _cut(name: str, room: int) -> str:
    return os.fsencode(name)[:room].decode("utf-8", "ignore") if len(os.fsencode(name)) > room else name


def _same(one: Path, other: Path) -> bool:
    """Say whether two names stand for one file, or for the same bytes."""
    if one.is_symlink() or not other.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    if one.samefile(other):
        return True
    with one.open("rb") as ours, other.open("rb") as theirs:
        return same_bytes(ours, theirs)


def _second(path: Path, target: Path) -> None:
    """Have a file under a second name; where the system takes only one, it is moved.

    Raises `FileExistsError`, `OutputExists` or another `OSError`.
    """
    if os.path.lexists(target):
        return
    if path.is_symlink():
        target.symlink_to(path.parent.absolute() / path.readlink())
        return
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError as error:
        # No links on FAT, nor to files of others (fs.protected_hardlinks).
        if error.errno == errno.EXDEV or not _renamed(path, target):
            _copy(path, target)


def _renamed(path: Path, target: Path) -> bool:
    """Take a name, if it is free, and fill it by a rename."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    try:
        path.replace(target)
    except OSError as error:
        target.unlink(missing_ok=True)
        if error.errno == errno.EXDEV:
            return False
        raise
    return True


def _copy(path: Path, target: Path) -> None:
    before = path.stat()
    with path.open("rb") as source, writing(target, like=path) as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    if not _same(path, target) or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        target.unlink()
        raise OSError(errno.EBUSY, "it changed while it was copied")


def _settle(folder: Path) -> None:
    """Push the names in a folder to the disk, before the old ones go."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
