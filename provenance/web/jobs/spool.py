"""The folder in which files of jobs wait, and signed ones until they are fetched; and which servers are alive.

A server works on jobs whose files are in its own folder; several may share one. Each holds a lock there for as long as
it lives: the kernel lets go of it at its death, whatever it died of, so that others need not wait for its leases.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from provenance.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_ID: Final = "id"
_OWNERS: Final = "owners"
_RESERVED: Final = frozenset({_ID, _OWNERS})


class Spool:
    """The folder of a server's jobs. Everything here raises `OutputError` where it cannot be written."""

    def __init__(self, root: Path) -> None:
        """Take a folder, which is made where it is not there, for nobody else to read."""
        self._root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (root / _OWNERS).mkdir(mode=0o700, exist_ok=True)
            self.id = self._known()
        except OSError as error:
            raise OutputError(f"cannot be used for jobs: {error.strerror or error}", path=root) from error

    def make(self, job: str) -> Path:
        """Make the folder of a job."""
        folder = self._root / job
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise OutputError(f"cannot be made: {error.strerror or error}", path=folder) from error
        return folder

    def free(self) -> int:
        """Return how many bytes can still be written."""
        return shutil.disk_usage(self._root).free

    def given(self, job: str, number: int) -> Path:
        """Return where the file of an item waits."""
        return self._root / job / str(number)

    def signed(self, job: str, number: int) -> Path:
        """Return where the signed file of an item is kept."""
        return self._root / job / f"{number}.signed"

    def discard(self, job: str, number: int) -> None:
        """Remove the file of an item that is over."""
        self.given(job, number).unlink(missing_ok=True)

    def remove(self, job: str) -> None:
        """Remove all files of a job."""
        shutil.rmtree(self._root / job, ignore_errors=True)

    def left(self, *, before: datetime) -> list[str]:
        """Return the ids of jobs whose folders were last changed before a time."""
        found = []
        for entry in self._root.iterdir():
            with suppress(FileNotFoundError):
                at = datetime.fromtimestamp(entry.stat().st_mtime, UTC)
                if entry.name not in _RESERVED and at < before:
                    found.append(entry.name)
        return found

    @contextmanager
    def owning(self) -> Iterator[str]:
        """Give the id of an owner who is alive for as long as the block, or this process, runs."""
        owner = secrets.token_hex(8)
        handle = _locked(self._root / _OWNERS / owner, new=True)
        try:
            yield owner
        finally:
            (self._root / _OWNERS / owner).unlink(missing_ok=True)
            if handle is not None:
                os.close(handle)

    def dead(self, owners: Collection[str]) -> list[str]:
        """Return those of these owners that are not alive any more."""
        return [item for item in owners if self._is_dead(item)]

    def _is_dead(self, owner: str) -> bool:
        path = self._root / _OWNERS / owner
        try:
            handle = _locked(path)
        except FileNotFoundError:
            return True
        if handle is None:
            return False
        path.unlink(missing_ok=True)
        os.close(handle)
        return True

    def _known(self) -> str:
        """Return the id of the folder, which was given to it when it was first used."""
        path = self._root / _ID
        draft = self._root / f"{_ID}.{secrets.token_hex(8)}"
        draft.write_text(secrets.token_hex(16), encoding="ascii")
        try:
            with suppress(FileExistsError):  # another server was here first
                os.link(draft, path)
        finally:
            draft.unlink()
        return path.read_text(encoding="ascii").strip()


def _locked(path: Path, *, new: bool = False) -> int | None:
    """Open a file and lock it; `None` where somebody else holds the lock. Raises `OSError`."""
    import fcntl  # noqa: PLC0415 -- not on every system

    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if new else 0), 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle
