"""A hot folder: where files come in, where results and originals go."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.finding import Wanted
from provenance.errors import OutputError, SettingsError
from provenance.storage import is_object

if TYPE_CHECKING:
    from provenance.batch.naming import Naming


class Originals(StrEnum):
    """What becomes of originals once they are signed."""

    LEAVE = "leave"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class HotFolder:
    """Where files come in, and where they go."""

    path: Path
    """Resolved, so that a file has one name."""
    naming: Naming
    done: Path
    failed: Path
    originals: Originals = Originals.LEAVE
    wanted: Wanted = field(default_factory=Wanted)

    def __post_init__(self) -> None:
        """Refuse what would go round in circles.

        Raises `SettingsError`.
        """
        if not self.path.is_dir():
            raise SettingsError("there is no such folder to watch", path=self.path, hint="make it first")
        output = self.output
        if output == self.path and self.naming.template is None:
            raise SettingsError(
                "results cannot go into the hot folder under the names of their sources",
                path=self.path,
                hint="choose another folder with -o, or other names with --name",
            )
        places = [self.failed, *([self.done] if self.moves else [])]
        if len({self.path, *places}) <= len(places) or output in places:
            raise SettingsError(
                "the hot folder, and those for results, for originals and for failures must be different ones",
                path=self.path,
                hint="see -o, --done and --failed",
            )

    @property
    def moves(self) -> bool:
        """Whether originals are moved once they are signed."""
        return self.originals is Originals.MOVE

    @property
    def output(self) -> Path | None:
        """The folder of results, resolved; `None` where there is none, or where it is not here."""
        named = self.naming.output
        return None if named is None or is_object(named) else Path(named).resolve()

    @property
    def sources(self) -> Wanted:
        """What to take: nothing of what was put there by the watcher itself."""
        spare = [self.done, self.failed, *([self.output] if self.output not in {None, self.path} else [])]
        return Wanted(
            recursive=self.wanted.recursive,
            include=self.wanted.include,
            exclude=self.wanted.exclude,
            spare=tuple(item for item in spare if item is not None),
        )

    def prepare(self) -> None:
        """Make the folder of results.

        Raises `OutputError`.
        """
        if self.output is None:
            return
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot be made: {error.strerror or error}", path=self.output) from error

    def missing(self) -> OutputError | None:
        """Say when the folder of results has gone: it may be a disk that is not mounted, so it is not made again."""
        if self.output is None or self.output.is_dir():
            return None
        return OutputError("the folder of results has gone", path=self.output, hint="bring it back")

    def below(self, path: Path) -> str:
        """Return the folders of a file below the hot folder."""
        return str(path.parent.relative_to(self.path))
