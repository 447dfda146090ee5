"""Small files that are opened with care: keys, chains, secrets."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import KeyUnavailable

if TYPE_CHECKING:
    from os import PathLike

_CREDENTIAL = 0o440
LARGEST_FILE = 1 << 20
"""Bytes; keys and chains are a few thousand, and a film named by mistake should not be read to its end."""


def read(path: Path, what: str, *, private: bool = False) -> bytes:
    """Return what is in a file of at most `LARGEST_FILE` bytes; `what` names it in messages.

    A private one is refused when group or others may touch it, where files have modes. Raises `KeyUnavailable`.
    """
    try:
        with path.open("rb") as file:
            if private:
                _require_private(file.fileno(), path, what)
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise KeyUnavailable(f"the {what} is not there", path=path, hint="check the path") from error
    except IsADirectoryError as error:
        raise KeyUnavailable(f"this is a directory, not a {what}", path=path, hint="name the file in it") from error
    except PermissionError as error:
        raise KeyUnavailable(
            f"the {what} may not be read by this user", path=path, hint="run as its owner, or `chmod u+r` it"
        ) from error
    except (OSError, ValueError) as error:
        raise KeyUnavailable(f"the {what} cannot be read: {error}", path=path, hint="check the path") from error
    if len(data) > LARGEST_FILE:
        raise KeyUnavailable(f"this is too large for a {what}", path=path, hint="check the path")
    return data


def read_chain(path: str | PathLike[str]) -> str:
    """Return the text of a file with a certificate chain; whether it is one is seen when it is parsed.

    Raises `KeyUnavailable` when the file cannot be read.
    """
    # Comments between certificates may be in any encoding.
    return read(Path(path), "certificate chain").decode("utf-8", "replace")


def _from_systemd(path: Path) -> bool:
    """Say whether a file lies in the folder of credentials that systemd makes for one service, closed to all others.

    It gives the service access by an access control list, whose mask stands in the place of the group.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return folder is not None and path.absolute().parent == Path(folder)


def _require_private(descriptor: int, path: Path, what: str) -> None:
    """Look at the file that is open: the one behind the path may be another by now."""
    if os.name != "posix":
        return
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not (mode == _CREDENTIAL and _from_systemd(path)):
        raise KeyUnavailable(
            f"others on this machine may read this {what} (mode {mode:04o})",
            path=path,
            hint=f"run `chmod 600 {path}`",
        )
