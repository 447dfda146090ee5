"""File systems that do not tell what others write to them: there one has to look."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
_SILENT: Final = re.compile(
    r"fuse|nfs|cifs|smb|9p|vboxsf|vmhgfs|prl_fs|virtiofs|afs|ceph|coda|lustre|gpfs|beegfs|ncpfs|pvfs|orangefs|ocfs|gfs"
)
"""Begins of names of types; whatever other machines, or programs beside the kernel, write to."""
_ESCAPED = re.compile(r"\\([0-7]{3})")


def silent(folder: Path) -> str | None:
    """Return the type of a file system at `folder` (resolved) or mounted below it that does not tell of changes."""
    try:
        listed = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    return next((kind for kind in types(listed, PurePosixPath(folder)) if _SILENT.match(kind)), None)


def types(mountinfo: str, folder: PurePosixPath) -> list[str]:
    """Return the type of the file system that a folder is on, then those of what is mounted below it (proc(5))."""
    depth, own = 0, ""
    below = []
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(" - ")
        columns, kind = fields.split(" "), rest.partition(" ")[0]
        if len(columns) < 5 or not kind:
            continue
        point = PurePosixPath(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), columns[4]))
        if folder.is_relative_to(point):
            # Of several at one place the last one lies on top.
            if len(point.parts) >= depth:
                depth, own = len(point.parts), kind
        elif point.is_relative_to(folder):
            below.append(kind)
    return [own, *below]
