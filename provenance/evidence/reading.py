"""Open a pack and believe nothing of it that does not fit: every member is compared with what `pack.json` says.

That a pack is consistent does not say who made it: anybody can make another one that is consistent too.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

from provenance import codec
from provenance.errors import EvidenceError
from provenance.evidence import layout
from provenance.evidence.form import (
    CHAIN,
    CONTENTS,
    FORMAT,
    MANIFEST,
    POLICY,
    README,
    REPORT,
    SIGNATURE,
    STAMP,
    VERDICT,
    VERSION,
    Contents,
    Member,
    VerdictRecord,
)

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

LARGEST_PART: Final = 256 << 20
"""Bytes of a member that is held whole; the media file is not. Manifest stores are not larger (`manifests.locate`)."""
LARGEST_PARTS: Final = 512 << 20
"""Bytes of all of them."""
_LARGEST_TOLD: Final = 16 << 20
"""Bytes of what is read as JSON."""
_ALWAYS: Final = (README, POLICY, VERDICT, REPORT)
_UNLISTED: Final = (CONTENTS, SIGNATURE, STAMP)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack that is consistent: every member is what `pack.json` says."""

    contents: Contents
    verdict: VerdictRecord
    raw: bytes = field(repr=False)
    """`pack.json` as it stands there."""
    parts: Mapping[str, bytes] = field(repr=False)
    """All other members but the media file and what vouches for the pack."""
    signature: bytes | None = field(repr=False)
    stamp: bytes | None = field(repr=False)
    archive: zipfile.ZipFile = field(repr=False)

    def copy_asset(self, target: Path) -> None:
        """Write the media file of the pack to a path."""
        name = self.contents.file.member
        if name is None:
            raise EvidenceError("the media file is not in this pack", hint="give it with --asset FILE")
        with target.open("wb") as stream:
            _check(self.archive, _listed(self.contents, name), stream.write)


@contextmanager
def opened(stream: BinaryIO, size: int) -> Iterator[Pack]:
    """Open and check a pack of so many bytes.

    Raises `EvidenceError` for one that is damaged, was tampered with, or is of a version that nobody here knows.
    """
    with layout.opened(stream, size) as archive:
        raw = _contents(archive)
        contents = _understood(raw)
        beside = [CONTENTS, *_vouching(contents)]
        _require_complete(archive, contents, beside)
        asset = contents.file.member
        if asset is not None:
            _check(archive, _listed(contents, asset), lambda _: None)
        parts = {item.name: _whole(archive, item) for item in contents.members if item.name != asset}
        unlisted = {name: _whole(archive, _measured(archive, name)) for name in beside[1:]}
        yield Pack(
            contents=contents,
            verdict=_decoded(parts[VERDICT], VerdictRecord, VERDICT),
            raw=raw,
            parts=parts,
            signature=unlisted.get(SIGNATURE),
            stamp=unlisted.get(STAMP),
            archive=archive,
        )


def _contents(archive: zipfile.ZipFile) -> bytes:
    if CONTENTS not in archive.namelist():
        raise EvidenceError(
            f"this is not an evidence pack: it has no {CONTENTS}", hint="`provenance evidence` makes one"
        )
    told = (item for item in archive.infolist() if item.filename in (CONTENTS, VERDICT))
    large = next((item.filename for item in told if item.file_size > _LARGEST_TOLD), None)
    if large is not None:
        raise layout.damaged(f"{large} is too large")
    return _whole(archive, _measured(archive, CONTENTS))


def _understood(raw: bytes) -> Contents:
    """Read `pack.json`; another version is another form, so that it is looked at first."""
    found: dict[str, Any] = _decoded(raw, dict, CONTENTS)
    if found.get("format") != FORMAT:
        raise EvidenceError("this is not an evidence pack", hint="`provenance evidence FILE` makes one")
    if found.get("version") != VERSION:
        raise EvidenceError(
            f"this evidence pack has version {found.get('version')!r}, and only version {VERSION} is known here",
            hint="replay it with a newer version of provenance",
        )
    contents = _decoded(raw, Contents, CONTENTS)
    layout.require_time(contents.at)
    if contents.as_of is not None and contents.as_of > contents.at:
        raise layout.damaged("it was to hold as of a day that was still to come")
    _require_named(contents)
    return contents


def _decoded(data: bytes, kind: type[T], name: str) -> T:
    try:
        return codec.from_json(data, kind)
    except (codec.DecodingError, RecursionError) as error:
        raise layout.damaged(f"{name} says something that cannot be understood: {error}") from error


def _vouching(contents: Contents) -> list[str]:
    wanted = contents.vouched
    return [name for name, there in ((SIGNATURE, wanted.signed is not None), (STAMP, wanted.stamped)) if there]


def _require_named(contents: Contents) -> None:
    """Make sure that every member that something rests on is listed, once and for one thing."""
    names, asset = [item.name for item in contents.members], contents.file.member
    repeated = next((name for name in names if names.count(name) > 1 or name in _UNLISTED), None)
    if repeated is not None:
        raise layout.damaged(f"{CONTENTS} lists {repeated}, which is there already")
    needed = {*_ALWAYS, *(item.member for item in contents.lists), *(item.answer for item in contents.asked)}
    needed |= {MANIFEST if contents.credentials.kept else None, CHAIN if contents.vouched.signed else None}
    if asset in needed - {None}:
        raise layout.damaged(f"{asset} cannot be the media file too")
    missing = next((name for name in {*needed, asset} if name is not None and name not in names), None)
    if missing is not None:
        raise layout.damaged(f"{missing} is needed, and {CONTENTS} does not list it")
    listed = _listed(contents, asset) if asset else None
    if listed and (listed.size, listed.sha256) != (contents.file.size, contents.file.sha256):
        raise layout.damaged(f"{CONTENTS} contradicts itself about the media file")


def _require_complete(archive: zipfile.ZipFile, contents: Contents, beside: list[str]) -> None:
    there, listed = set(archive.namelist()), {item.name for item in contents.members} | set(beside)
    if there != listed:
        missing, added = sorted(listed - there), sorted(there - listed)
        raise layout.damaged(f"{missing[0]} is missing" if missing else f"{added[0]} was added")
    moment = layout.entry(CONTENTS, 0, at=contents.at).date_time
    strange = next((item.filename for item in archive.infolist() if item.date_time != moment), None)
    if strange is not None:
        raise layout.damaged(f"{strange} bears another date than the pack")
    sizes = {item.filename: item.file_size for item in archive.infolist() if item.filename != contents.file.member}
    large = next((name for name, size in sizes.items() if size > LARGEST_PART), None)
    if large is not None or sum(sizes.values()) > LARGEST_PARTS:
        raise layout.damaged(f"{large or 'all of it'} is too large")


def _listed(contents: Contents, name: str) -> Member:
    found = contents.member(name)
    if found is None:
        raise layout.damaged(f"{name} is not listed")
    return found


def _measured(archive: zipfile.ZipFile, name: str) -> Member:
    """Describe a member that nothing is said about; the archive's own checksum is all there is."""
    return Member(name=name, size=archive.getinfo(name).file_size, sha256="")


def _whole(archive: zipfile.ZipFile, item: Member) -> bytes:
    """Return a member."""
    kept = bytearray()
    _check(archive, item, kept.extend)
    return bytes(kept)


def _check(archive: zipfile.ZipFile, item: Member, take: Callable[[bytes], object]) -> None:
    """Read a member piece by piece, and compare it with what is said of it."""
    digest, size = hashlib.sha256(), 0
    with layout.reading(archive, item.name) as stream:
        while found := layout.piece(stream, item.name):
            digest.update(found)
            size += len(found)
            take(found)
    if size != item.size or (item.sha256 and digest.hexdigest() != item.sha256):
        raise layout.damaged(f"{item.name} is not what {CONTENTS} says")
