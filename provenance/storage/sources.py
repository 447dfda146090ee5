"""Open what a caller gives: a path, bytes, or an open binary file."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

from provenance.errors import UnreadableMedia

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_MEMORY = 256 * 1024 * 1024
"""Files up to this many bytes are held whole when they are read more than once."""

UNNAMED = "(bytes)"
"""Stands for a name in messages about bytes that have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A readable media file: a path, or bytes that are held in memory."""

    name: str
    path: Path | None
    size: int
    data: bytes | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """What to call it in a manifest: the file's name without its folders, as text that can be written."""
        if self.name == UNNAMED:
            return "untitled"
        return PurePath(self.name).name.encode("utf-8", "replace").decode("utf-8")

    def stream(self) -> BinaryIO:
        """Open it at its beginning; the caller closes it.

        Raises `UnreadableMedia` when the file went away.
        """
        if self.data is not None:
            return io.BytesIO(self.data)
        if self.path is None:
            raise UnreadableMedia("has neither bytes nor a path", path=self.name)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise _unreadable(self.name, error) from error

    def held(self) -> Source:
        """Return the same file held in memory, unless it is larger than `IN_MEMORY` bytes.

        What was looked at is then what is signed, and reading it several times costs once.
        """
        if self.data is not None or self.size > IN_MEMORY:
            return self
        data = self.read()
        return replace(self, data=data, size=len(data))

    def read(self) -> bytes:
        """Return all bytes."""
        if self.data is not None:
            return self.data
        with self.stream() as stream:
            return stream.read()

    def sha256(self) -> str:
        """Return the SHA-256 of all bytes, in hexadecimal."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        digest = hashlib.sha256()
        with self.stream() as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()

    def head(self, size: int) -> bytes:
        """Return the first bytes."""
        if self.data is not None:
            return self.data[:size]
        with self.stream() as stream:
            return stream.read(size)


Readable = str | Path | bytes | BinaryIO | Source
"""What a caller may give as a media file."""


def open_source(source: Readable, *, name: str | None = None) -> Source:
    """Make a `Source` of a path, of bytes or of an open binary file; one that is open already stays as it is.

    Raises `UnreadableMedia` for what is missing, a directory, empty or not readable.
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, (str, Path)):
        return _from_path(Path(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), name or UNNAMED)
    data = source.read()
    if not isinstance(data, bytes):
        raise UnreadableMedia("was opened as text", path=name, hint='open it with mode "rb"')
    found = getattr(source, "name", None)
    return _from_bytes(data, name or (found if isinstance(found, str) else UNNAMED))


def same_bytes(one: BinaryIO, other: BinaryIO) -> bool:
    """Say whether two streams go on with the same bytes to their ends, without holding them whole."""
    return all(ours == theirs for ours, theirs in zip_longest(_pieces(one), _pieces(other)))


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(1 << 20):
        yield piece


def _from_bytes(data: bytes, name: str) -> Source:
    if not data:
        raise UnreadableMedia("is empty", path=name)
    return Source(name=name, path=None, size=len(data), data=data)


def _from_path(path: Path) -> Source:
    try:
        if path.is_dir():
            raise UnreadableMedia("is a directory", path=path, hint="name the files in it")
        with path.open("rb") as stream:
            size = stream.seek(0, io.SEEK_END)
    except ValueError as error:
        raise UnreadableMedia("cannot be the name of a file", path=path, hint="leave out the null character") from error
    except OSError as error:
        raise _unreadable(str(path), error) from error
    if size == 0:
        raise UnreadableMedia("is empty", path=path, hint="was it copied completely?")
    return Source(name=str(path), path=path, size=size)


def _unreadable(name: str, error: OSError) -> UnreadableMedia:
    if isinstance(error, FileNotFoundError):
        return UnreadableMedia("no such file", path=name, hint="check the path")
    if isinstance(error, PermissionError):
        return UnreadableMedia("may not be read", path=name, hint="check its permissions")
    return UnreadableMedia(f"cannot be read: {error.strerror or error}", path=name)
