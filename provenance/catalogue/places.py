"""Where a catalogue is, and whether there is one: asked at every signing, so without the database library."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DATABASE: Final = "catalogue.db"
"""In the home of a workspace."""
WAITING: Final = "catalogue-waiting"
"""The folder in the home in which recordings wait for a catalogue that could not be had."""


def url_of(url: str, home: str | Path) -> str:
    """Return the address of the catalogue: the one that was set, or that of the file in the home."""
    return url or f"sqlite:///{Path(home).absolute() / DATABASE}"


def is_kept(url: str, home: str | Path) -> bool:
    """Whether a catalogue is kept: an address was set, or the file in the home was made."""
    return bool(url) or (Path(home) / DATABASE).is_file()
