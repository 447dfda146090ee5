"""What is found in a folder or below a prefix, before it is opened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file or object that was found."""

    name: str
    """As it is opened: a path or an address."""
    relative: str
    """Below the folder or prefix that was walked, with `/`."""
    size: int
    """Bytes."""
    version: str
    """Changes whenever the content does: the time of the last change, or an entity tag."""
