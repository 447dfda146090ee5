"""A directory of trust lists: added, updated without a way back, pinned, compared, removed.

Reading them for a verification understands no certificate and loads nothing that the other tasks need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from provenance.errors import SettingsError
from provenance.model.trust import Purpose
from provenance.trust import records
from provenance.trust.names import DEVELOPMENT, DEVELOPMENT_IDENTITIES, HOW_TO_GET_LISTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from provenance.model.trust import TrustList
    from provenance.trust.changes import Change, Entry
    from provenance.trust.records import Record, Version, Wanted

    Fetch = Callable[[str], bytes]
    """Return what is behind an https address, or raise `FetchError`."""

BOOKS: Final = {Purpose.SIGNER: "address-book", Purpose.IDENTITY: "address-book-identity"}
"""The address books: single certificates that the user added."""

_TAKEN = {DEVELOPMENT, DEVELOPMENT_IDENTITIES, *BOOKS.values()}
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,46}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The trust lists in one directory, which need not exist before the first is added."""

    directory: Path

    def names(self) -> tuple[str, ...]:
        """List the names of all lists, sorted. Raises `SettingsError` when the directory cannot be read."""
        try:
            found = [item.name for item in self.directory.iterdir() if item.name[0] != "." and item.is_dir()]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise SettingsError(
                f"the trust lists cannot be read: {error.strerror}", path=self.directory, hint="check who owns it"
            ) from error
        return tuple(sorted(found))

    def get(self, name: str) -> Record:
        """Return what is known about a list. Raises `SettingsError` when there is none such, or it is damaged."""
        names = self.names()
        if name in names:
            return records.read_record(self.directory / name)
        raise self._unknown(name, names)

    def load(self, name: str) -> TrustList:
        """Return a list for verifying, without understanding its certificates.

        Raises `SettingsError` when there is none such, or its files were changed since it was obtained.
        """
        record = self.get(name)
        anchors, allowed = records.read_version(self.directory / name, record, record.current)
        source = " and ".join(record.addresses) or str(self.directory / name)
        return records.trust_list(record, anchors, allowed, source=source)

    def lists(self) -> tuple[TrustList, ...]:
        """Return all lists for verifying. Raises `SettingsError` when one of them cannot be relied on."""
        return tuple(self.load(name) for name in self.names())

    def add(self, name: str, wanted: Wanted, *, at: datetime, fetch: Fetch) -> Change:
        """Get a list and install it under a name.

        Raises `TrustError` when its address gives no usable list, `SettingsError` when its file is none or the name
        or the wish cannot be used, `OutputError` when it cannot be written; nothing is left behind then.
        """
        from provenance.trust import installing  # noqa: PLC0415 -- not where lists are only read

        self._require_free(name)
        return installing.add(self, name, wanted, at=at, fetch=fetch)

    def update(self, name: str, *, at: datetime, fetch: Fetch) -> Change:
        """Get a list again; a newer one takes its place, and the one before is kept.

        A pinned list stays as it is, and `Change.held` says that the source has another one. Raises `TrustError` or
        `SettingsError` for a source that gives no usable list, or an older one; what is installed stays as it was.
        """
        from provenance.trust import installing  # noqa: PLC0415 -- see add

        return installing.update(self, name, at=at, fetch=fetch)

    def diff(self, name: str, other: str | None = None, *, at: datetime) -> Change:
        """Compare a list with another: an installed one, a file, or, by default, the version before.

        What was added is what the other one has beyond it; against the version before, what it has beyond that.
        Raises `SettingsError` when there is nothing to compare with.
        """
        from provenance.trust import installing  # noqa: PLC0415 -- see add

        return installing.diff(self, name, other, at=at)

    def members(self, name: str) -> tuple[Entry, ...]:
        """List who is on a list. Raises `SettingsError` when there is none such, or it is damaged."""
        from provenance.trust import installing  # noqa: PLC0415 -- see add

        return installing.members(self, name)

    def skipped(self, name: str) -> tuple[tuple[str, str], ...]:
        """List what of a list does not count: the reason, and who or where it is (other people's text)."""
        record = self.get(name)
        return records.read_about(self.directory / name, record.current).skipped

    def add_certificate(
        self, path: str | Path, *, purpose: Purpose, at: datetime, label: str | None = None
    ) -> tuple[str, Entry]:
        """Add the certificate of one signer to the address book; return the book's name and the entry.

        Raises `SettingsError` for a certificate that is damaged, expired, an authority's or made for time-stamps, and
        for a file with more than one; `OutputError` when it cannot be written.
        """
        from provenance.trust import book  # noqa: PLC0415 -- see add

        return book.add_certificate(self, path, purpose=purpose, at=at, label=label)

    def remove_certificate(self, fingerprint: str, *, at: datetime) -> tuple[str, Entry]:
        """Remove one certificate from the address book, by its fingerprint or the beginning of it.

        Raises `SettingsError` when none or several are meant.
        """
        from provenance.trust import book  # noqa: PLC0415 -- see add

        return book.remove_certificate(self, fingerprint, at=at)

    def remove(self, name: str) -> None:
        """Remove a list with everything that is kept of it. Raises `SettingsError` when there is none such."""
        from provenance.trust import keeping  # noqa: PLC0415 -- see add

        names = self.names()
        if name not in names:
            raise self._unknown(name, names)
        keeping.remove_list(self.directory / name)

    def pin(self, name: str, digest: str | None = None) -> Record:
        """Hold a list as it is, or go back to the version before when its digest is given, and hold that.

        Raises `SettingsError` when no version that is kept has this digest, or its files are damaged.
        """
        record = self.get(name)
        if record.source is None:
            raise SettingsError(f"{name} changes only by your own hand", hint="there is nothing to pin")
        versions = [item for item in (record.current, record.previous) if item is not None]
        chosen = next((item for item in versions if digest is None or _means(digest, item)), None)
        if chosen is None:
            raise SettingsError(
                f"no version of {name} that is kept here has this digest",
                hint=f"kept are: {', '.join(item.digest for item in versions)}",
            )
        other = next((item for item in versions if item is not chosen), None)
        records.read_version(self.directory / name, record, chosen)
        return self._rewritten(replace(record, pinned=True, current=chosen, previous=other))

    def unpin(self, name: str) -> Record:
        """Let updates change a list again. Raises `SettingsError` when there is none such."""
        return self._rewritten(replace(self.get(name), pinned=False))

    def _rewritten(self, record: Record) -> Record:
        from provenance.trust import keeping  # noqa: PLC0415 -- see add

        keeping.write_record(self.directory / record.name, record)
        return record

    def _require_free(self, name: str) -> None:
        from provenance.network import shown  # noqa: PLC0415 -- see add

        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise SettingsError(
                f"{shown(name)} cannot be the name of a trust list",
                hint="use small letters, digits, hyphens and dots; development and the address books are taken",
            )
        if name in self.names():
            raise SettingsError(
                f"there is a trust list named {name} already",
                path=self.directory / name,
                hint=f"update it with `provenance trust update {name}`, or choose another name",
            )

    def _unknown(self, name: str, names: tuple[str, ...]) -> SettingsError:
        from provenance.network import shown  # noqa: PLC0415 -- see add
        from provenance.trust.sources import KNOWN  # noqa: PLC0415

        if name in {DEVELOPMENT, DEVELOPMENT_IDENTITIES}:
            return SettingsError(
                "the list of development roots is made of this machine's own identities",
                hint="the settings switch it off: development = false under [trust]",
            )
        close = get_close_matches(name, names, n=1)
        there = (
            f"did you mean {close[0]}?" if close else f"there are: {', '.join(names)}" if names else HOW_TO_GET_LISTS
        )
        hint = f"add it with `provenance trust add {name}`" if name in KNOWN else there
        return SettingsError(f"there is no trust list named {shown(name)}", hint=hint)


def _means(digest: str, version: Version) -> bool:
    """Say whether a digest, or the beginning of one, is that of a version."""
    wanted = digest.lower().replace(":", "")
    return len(wanted) >= 16 and version.digest.startswith(wanted)
