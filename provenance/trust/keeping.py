"""Write installed lists: whole, or not at all."""

from __future__ import annotations

import os
import shutil
from secrets import token_hex
from typing import TYPE_CHECKING

from provenance import codec
from provenance.errors import OutputError
from provenance.trust.bundle import join
from provenance.trust.reading import counted
from provenance.trust.records import RECORD, About, Record, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from provenance.trust.reading import Content, Part


def version_of(content: Content, *, as_of: datetime | None, at: datetime) -> Version:
    """Describe what was read as a version in a place of its own."""
    return Version(
        place=f"{content.digest[:16]}-{token_hex(4)}",
        digest=content.digest,
        obtained=at,
        as_of=content.issued or as_of,
        scheme=content.scheme,
        sequence=content.sequence,
        next_update=content.next_update,
        anchors=len(content.anchors),
        allowed=len(content.allowed),
        skipped=counted(content.skipped),
    )


def write_list(directory: Path, record: Record, content: Content, parts: Sequence[Part]) -> None:
    """Keep a new list. Raises `OutputError` when it cannot be written, or another one has the name meanwhile."""
    draft = directory.parent / f".new-{directory.name}-{token_hex(4)}"
    try:
        draft.mkdir(mode=0o700, parents=True)
        try:
            _write_files(draft / record.current.place, _files(content, parts))
            _write_files(draft, {RECORD: _encoded(record)})
            # Renaming a directory never replaces another one that holds something.
            draft.rename(directory)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise _unwritable(record, directory, error) from error


def write_version(directory: Path, record: Record, content: Content, parts: Sequence[Part]) -> None:
    """Keep the new current version of a list, and put it into force.

    Raises `OutputError` when it cannot be written; what was in force stays.
    """
    draft = directory / f".new-{token_hex(4)}"
    try:
        try:
            _write_files(draft, _files(content, parts))
            draft.rename(directory / record.current.place)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise _unwritable(record, directory, error) from error
    try:
        write_record(directory, record)
    except OutputError:
        drop(directory, record.current)
        raise


def write_record(directory: Path, record: Record) -> None:
    """Replace `list.json` in one step. Raises `OutputError`."""
    draft = directory / f".{RECORD}-{token_hex(4)}"
    try:
        try:
            _write_files(directory, {draft.name: _encoded(record)})
            draft.replace(directory / RECORD)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(record, directory, error) from error


def drop(directory: Path, version: Version | None) -> None:
    """Remove the files of a version that no record names any more, as far as possible."""
    if version is not None:
        shutil.rmtree(directory / version.place, ignore_errors=True)


def remove_list(directory: Path) -> None:
    """Remove a list with everything that is kept of it. Raises `OutputError`."""
    # A rename first: half a list is never seen.
    doomed = directory.parent / f".removed-{directory.name}-{token_hex(4)}"
    try:
        directory.rename(doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        raise OutputError(
            f"the trust list {directory.name} cannot be removed: {error.strerror}",
            path=directory,
            hint="check who owns the directory",
        ) from error


def _files(content: Content, parts: Sequence[Part]) -> dict[str, bytes]:
    about = About(
        entities=dict(content.entities), skipped=tuple((item.reason.value, item.who) for item in content.skipped)
    )
    originals = {
        f"source-{number}.{'json' if content.scheme else 'pem'}": part.data
        for number, part in enumerate(parts, start=1)
    }
    return {
        "anchors.pem": join(content.anchors).encode("ascii"),
        "allowed.pem": join(content.allowed).encode("ascii"),
        "about.json": codec.to_json(about).encode("utf-8") + b"\n",
    } | originals


def _encoded(record: Record) -> bytes:
    return codec.to_json(record).encode("utf-8") + b"\n"


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _unwritable(record: Record, directory: Path, error: OSError) -> OutputError:
    return OutputError(
        f"the trust list {record.name} cannot be kept here: {error.strerror}",
        path=directory,
        hint="check that the directory can be written and the disk has room; nothing was changed",
    )
