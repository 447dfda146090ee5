"""Recognise a manifest store by its bytes, and find one's way in it (C2PA 2.4, JUMBF; ISO/IEC 19566-5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = 8
"""Bytes of a box's length (LBox) and type (TBox)."""
Box: TypeAlias = tuple[bytes, int, int]
"""The type of a box, and where its content begins and ends."""
_SUPERBOX = b"jumb"
_DEEPEST = 16


class Manifest(NamedTuple):
    """One manifest of a store, as it lies there."""

    label: str
    start: int
    """Where the content of its box begins."""
    end: int


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


def content(data: bytes, *path: str) -> bytes | None:
    """Return what the superboxes of these labels, one within the other, hold besides their description.

    The outermost superbox, which is the store itself, is not named. Returns None where there is no such box, or where
    lengths lie.
    """
    found = next(iter(_boxes(data, 0, len(data))), None)
    for label in path:
        if found is None:
            return None
        inner = (box for box in _boxes(data, *found) if _label(data, box) == label)
        found = next(inner, None)
    if found is None:
        return None
    body = next((box for box in list(_boxes(data, *found))[1:]), None)
    return data[body[0] : body[1]] if body else None


def manifests(data: bytes) -> tuple[Manifest, ...]:
    """Return the manifests of a store, in their order: the last one is active (C2PA 2.4, manifest store)."""
    if not starts_store(data, 0):
        return ()
    store = next(_boxes(data, 0, len(data)), (0, 0))
    inner = ((kind, (start, end), _label(data, (start, end))) for kind, start, end in list(_typed(data, *store))[1:])
    return tuple(Manifest(label, *box) for kind, box, label in inner if kind == _SUPERBOX and label is not None)


def active_alone(data: bytes) -> bytes:
    """Return a manifest store that holds nothing but the active manifest of this one, unchanged.

    Raises `ValueError` where there is none.
    """
    found = manifests(data)
    if not found:
        raise ValueError("it holds no manifest")
    description = next(_typed(data, *next(_boxes(data, 0, len(data)))))
    parts = (description, (_SUPERBOX, found[-1].start, found[-1].end))
    return _box(_SUPERBOX, b"".join(_box(kind, data[start:end]) for kind, start, end in parts))


def leaves(data: bytes) -> Iterator[tuple[tuple[str, ...], tuple[Box, ...]]]:
    """Yield every superbox that holds content: its labels from the outermost on, and the content boxes.

    Raises `ValueError` where a superbox has no label, or where they are nested deeper than in any store.
    """
    for kind, *box in _typed(data, 0, len(data)):
        if kind == _SUPERBOX:
            yield from _leaves(data, (box[0], box[1]), ())


def _leaves(
    data: bytes, box: tuple[int, int], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[Box, ...]]]:
    label = _label(data, box)
    if label is None or len(above) == _DEEPEST:
        raise ValueError("it has boxes that cannot be understood")
    inner = list(_typed(data, *box))[1:]
    for kind, start, end in inner:
        if kind == _SUPERBOX:
            yield from _leaves(data, (start, end), (*above, label))
    content = tuple(item for item in inner if item[0] != _SUPERBOX)
    if content:
        yield (*above, label), content


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the contents of boxes begin and end."""
    yield from ((first, last) for _, first, last in _typed(data, start, end))


def _typed(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the types of boxes, and where their contents begin and end (ISO/IEC 19566-5, LBox and XLBox)."""
    while start + HEADER <= end:
        length, kind, first = (
            int.from_bytes(data[start : start + 4], "big"),
            data[start + 4 : start + 8],
            start + HEADER,
        )
        if length == 1:
            length, first = int.from_bytes(data[first : first + 8], "big"), first + 8
        last = end if length == 0 else start + length
        if not first <= last <= end:
            return
        yield kind, first, last
        start = last


def _label(data: bytes, box: tuple[int, int]) -> str | None:
    """Return the label of a superbox: its description box comes first, with a UUID, toggles, and the label."""
    description = next(_boxes(data, *box), None)
    if description is None:
        return None
    text, end, _ = data[description[0] + 17 : description[1]].partition(b"\x00")
    return text.decode("utf-8", "replace") if end else None


def _box(kind: bytes, body: bytes) -> bytes:
    return (HEADER + len(body)).to_bytes(4, "big") + kind + body
