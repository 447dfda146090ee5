"""The policies that come with the program: files to copy and change."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
STANDARD = "standard"
"""The policy that is used when none is named."""


def names() -> tuple[str, ...]:
    """Return the names of all packs, the standard one first."""
    found = sorted(item.stem for item in _HERE.glob("*.toml"))
    return (STANDARD, *(item for item in found if item != STANDARD))


def text(name: str) -> str | None:
    """Return the file of a pack, if there is one of that name."""
    # A name is not a path: only what lies here is looked at.
    return (_HERE / f"{name}.toml").read_text(encoding="utf-8") if name in names() else None
