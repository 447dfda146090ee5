"""Which policy judges, and where its file is."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.policy import packs, parse

if TYPE_CHECKING:
    from provenance.model.policy import Policy


def load(name: str | Path | None, *, home: Path, default: str) -> Policy:
    """Read a policy: a file, one of the user's own (`policies/NAME.toml` in the workspace), or one that comes along.

    Raises `SettingsError` for a name that nobody bears and for a file that is no policy.
    """
    if isinstance(name, Path) or (name and ("/" in name or name.endswith(".toml"))):
        return _of_file(Path(name))
    wanted = name or default
    own = home / "policies" / f"{wanted}.toml"
    if own.is_file():
        return _of_file(own)
    text = packs.text(wanted)
    if text is None:
        known = names(home)
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        raise SettingsError(f"there is no policy {wanted!r}", hint=hint)
    return parse(text, source=wanted)


def names(home: Path) -> tuple[str, ...]:
    """Return the names of all policies: those that come along, then the user's own."""
    own = sorted(item.stem for item in (home / "policies").glob("*.toml"))
    return tuple(dict.fromkeys((*packs.names(), *own)))


def _of_file(path: Path) -> Policy:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"the policy cannot be read: {reason}",
            path=path,
            hint="`provenance policy list` names those that are there",
        ) from error
    return parse(text, source=str(path))
