"""Erase datasets from IPTC-IIM in place: later ones move up, and zeros fill the end of the block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.metadata.iptc import datasets
from provenance.metadata.tags import DATASETS

if TYPE_CHECKING:
    from collections.abc import Callable


def erase_iptc(block: bytes, unwanted: Callable[[str], bool]) -> bytes:
    """Return the block without the datasets whose XMP names are unwanted, equally long.

    Raises `ValueError` with the rest of a sentence when it is damaged.
    """
    found = list(datasets(block))
    kept = [item for item in found if not (item.record == 2 and unwanted(DATASETS.get(item.number, "")))]
    if len(kept) == len(found):
        return block
    tail = block[found[-1].end :]
    return (b"".join(block[item.start : item.end] for item in kept) + tail).ljust(len(block), b"\0")
