"""What could not be recorded waits in files, and is recorded when the catalogue is there again.

A file appears whole or not at all, and goes only after what is in it was recorded. Since a record is entered once
however often it is given, nothing is lost and nothing is there twice, whoever ends in between.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from provenance import codec
from provenance.catalogue import files
from provenance.errors import CatalogueError, CatalogueUnavailable, OutputError
from provenance.model.record import Check, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from provenance.catalogue.store import Catalogue

    Recordable = Recording | Check
_GROUP: Final = 200
"""Files that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flushed:
    """What became of what was waiting."""

    recorded: int
    unusable: tuple[str, ...]
    """Files that cannot be read, or whose content the catalogue refuses; they stay where they are."""


class Spool:
    """A folder in which recordings and verifications wait."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when something has to wait."""
        self._folder = folder

    def keep(self, found: Iterable[Recordable]) -> None:
        """Keep what could not be recorded. Raises `OutputError` when the disk refuses."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for item in found:
                files.publish(self._folder / _name(item), codec.to_json(item, indent=0).encode("utf-8"))
        except OSError as error:
            raise OutputError(
                f"what was signed can neither be recorded nor kept for later: {error.strerror or error}",
                path=self._folder,
                hint="make room, then enter the signed files: provenance catalogue add FILE…",
            ) from error

    def names(self) -> tuple[str, ...]:
        """Return the names of the files that wait, the oldest first. Raises `OutputError`."""
        try:
            found = [entry.name for entry in os.scandir(self._folder) if entry.name.endswith(".json")]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise OutputError(f"cannot be read: {error.strerror or error}", path=self._folder) from error
        # Ids sort by time.
        return tuple(sorted(found, key=lambda name: name.partition("-")[2]))

    def flush(self, catalogue: Catalogue) -> Flushed:
        """Record what waits.

        Raises `CatalogueUnavailable` when the catalogue is away again; what was not recorded by then waits on.
        """
        recorded, unusable = 0, list[str]()
        names = iter(self.names())
        while group := tuple(islice(names, _GROUP)):
            found = {name: item for name in group if (item := self._read(name)) is not None}
            good = {name: item for name, item in found.items() if not isinstance(item, str)}
            refused = _record(catalogue, good)
            for name in good.keys() - refused:
                # Somebody else may have recorded it at the same time.
                with suppress(FileNotFoundError):
                    (self._folder / name).unlink()
            recorded += len(good) - len(refused)
            unusable += [str(self._folder / name) for name in found if name in refused or name not in good]
        return Flushed(recorded=recorded, unusable=tuple(unusable))

    def _read(self, name: str) -> Recordable | str | None:
        """Read a file; `None` for one that somebody else has just recorded, text for what makes it unusable."""
        kind: type[Recordable] = Check if name.startswith("check-") else Recording
        try:
            return codec.from_json((self._folder / name).read_bytes(), kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            return str(error)


def _name(item: Recordable) -> str:
    return f"check-{item.id}.json" if isinstance(item, Check) else f"recording-{item.record.id}.json"


def _record(catalogue: Catalogue, found: Mapping[str, Recordable]) -> set[str]:
    """Record all, and return the names of what the catalogue refuses for what it says."""
    try:
        record_all(catalogue, tuple(found.values()))
    except CatalogueUnavailable:
        raise
    except CatalogueError:
        if len(found) == 1:
            return set(found)
        return {name for key, item in found.items() for name in _record(catalogue, {key: item})}
    return set()


def record_all(catalogue: Catalogue, found: Sequence[Recordable]) -> None:
    """Record signings and verifications. Raises `CatalogueError`."""
    catalogue.add(item for item in found if isinstance(item, Recording))
    catalogue.add_checks(item for item in found if isinstance(item, Check))
