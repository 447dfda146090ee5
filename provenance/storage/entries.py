"""What walking through a folder or a bucket finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file or object."""

    name: str
    """As it is opened: a path or an address."""
    relative: str
    """Below the folder or prefix that was walked, with `/`; it never leads out of it."""
    size: int
    """Bytes."""
    version: str
    """Changes whenever the content does; compared, never read."""
