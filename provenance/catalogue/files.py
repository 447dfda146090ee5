"""Files that appear whole or not at all, down on the disk before they have their names."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def publish(path: Path, content: bytes) -> None:
    """Write a small file, or write it anew. Raises `OSError`."""
    with drafted(path) as draft:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        _sync(draft)
        draft.replace(path)
    _sync(path.parent)


def publish_draft(draft: Path, path: Path) -> None:
    """Give a file that was written under another name its own. Raises `FileExistsError`, `OSError`."""
    _sync(draft)
    # A link never replaces anything, a rename would.
    os.link(draft, path)
    _sync(path.parent)


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a name beside a file; whatever is left under it in the end goes."""
    draft = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
