"""Recognise a manifest store by its bytes (C2PA 2.4, JUMBF; ISO/IEC 19566-5)."""

from __future__ import annotations

import re

HEADER = 8
"""Bytes of a box's length (LBox) and type (TBox)."""

# A superbox whose description box carries the UUID of a manifest store, 63327061-0011-0010-8000-00AA00389B71.
_STORE = re.compile(rb"....jumb....jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x008\x9bq", re.DOTALL)


def holds_store(data: bytes) -> bool:
    """Say whether a manifest store lies openly in these bytes, used or not.

    It does not see one that is encoded or compressed, as in SVG or in a PDF's object streams.
    """
    return _STORE.search(data) is not None


def starts_store(data: bytes, at: int) -> bool:
    """Say whether a manifest store begins at this offset."""
    return _STORE.match(data, at) is not None
