"""What binds a manifest to its content, and what that leaves out (C2PA 2.4, hard bindings and update manifests)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.model.updates import own_manifests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from provenance.model.manifest import ManifestStore

_PREFIX = "c2pa.hash."
_STORE_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""UUID of the ISO box that holds the manifest store (C2PA 2.4, embedding manifests into BMFF)."""
_FRAMING_BOXES = frozenset({"/ftyp", "/mfra", "/free", "/skip"})
"""Boxes that players show nothing of; the standard prescribes the first two, and the engine leaves out all of them."""
_TIFF = frozenset({"image/tiff", "image/dng", "image/x-sony-arw", "image/x-nikon-nef"})
_COUNT_IN_TIFF = (4, 8)
"""Bytes in which the entry of a TIFF directory says how long the manifest store is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A part of the file that no hash covers, although it is not the manifest."""

    what: str
    """In words, such as `300 bytes at 512` or `the box /emsg`."""
    size: int | None
    """Bytes; `None` where the binding does not say how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The hard binding of a file."""

    manifest: str
    """Label of the manifest that binds: the active one, or the one that it updates."""
    label: str
    """Of the assertion, such as `c2pa.hash.data`."""
    algorithm: str | None
    """Such as `sha256`."""
    left_out: tuple[LeftOut, ...] | None
    """Besides the manifest itself; `None` for kinds of binding that are not known here."""


def bindings(store: ManifestStore, media_type: str) -> tuple[Binding, ...]:
    """Read the hard bindings of a file; none without `ManifestStore.interchange`.

    `ManifestStore.data` is there to tell the manifest's own range from others.
    """
    kept = _Kept(size=len(store.data), in_tiff=media_type in _TIFF)
    found = {item.get("label"): item for item in _maps((store.interchange or {}).get("manifests"))}
    for manifest in own_manifests(store):
        binding = tuple(_bindings(manifest.label, found.get(manifest.label, {}), kept))
        if binding:
            return binding
    return ()


def claim_of(store: ManifestStore, label: str) -> Mapping[str, Any]:
    """Return the claim of a manifest as it stands; empty without `ManifestStore.interchange`."""
    for item in _maps((store.interchange or {}).get("manifests")):
        if item.get("label") == label:
            return next(_maps([item.get("claim.v2"), item.get("claim")]), {})
    return {}


def assertions_of(store: ManifestStore, label: str) -> tuple[str, ...]:
    """Return the labels of all assertions of a manifest, hashes included; none without `ManifestStore.interchange`."""
    for item in _maps((store.interchange or {}).get("manifests")):
        if item.get("label") == label and isinstance(item.get("assertions"), dict):
            return tuple(str(key) for key in item["assertions"])
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """How the manifest store is kept in its file."""

    size: int
    in_tiff: bool


def _bindings(label: str, told: Mapping[str, Any], kept: _Kept) -> Iterator[Binding]:
    assertions = told.get("assertions")
    claim = next(_maps([told.get("claim.v2"), told.get("claim")]), {})
    for name, data in assertions.items() if isinstance(assertions, dict) else ():
        if str(name).startswith(_PREFIX) and isinstance(data, dict):
            algorithm = data.get("alg") or claim.get("alg")
            yield Binding(
                manifest=label,
                label=name,
                algorithm=str(algorithm) if algorithm else None,
                left_out=_left_out(name, data, kept),
            )


def _left_out(name: str, data: Mapping[str, Any], kept: _Kept) -> tuple[LeftOut, ...] | None:
    kind = name.removeprefix(_PREFIX).split("__")[0].split(".")[0]
    if kind == "data":
        return tuple(_ranges(data, kept))
    if kind == "bmff":
        return tuple(_boxes(data))
    if kind == "boxes":
        return tuple(_parts(data))
    # A collection lists the files that it covers; the engine compares the list with what is there.
    return () if kind == "collection" else None


def _ranges(data: Mapping[str, Any], kept: _Kept) -> Iterator[LeftOut]:
    """Yield all ranges but the manifest's own; that there is one that fits it exactly, the engine checks.

    It is the shortest that has room for the store. A store that was updated has outgrown it: then any may be.
    """
    ranges = [(_number(item.get("length")), _number(item.get("start"))) for item in _maps(data.get("exclusions"))]
    ranges.sort()
    if kept.in_tiff and len(ranges) == 2 and ranges[0][0] in _COUNT_IN_TIFF:
        return
    roomy = [item for item in ranges if item[0] >= kept.size]
    own = (roomy or ranges)[:1]
    for length, start in ranges:
        if (length, start) not in own:
            yield LeftOut(what=f"{length} bytes at {start}", size=length)


def _boxes(data: Mapping[str, Any]) -> Iterator[LeftOut]:
    hashed_apart = bool(data.get("merkle"))
    for item in _maps(data.get("exclusions")):
        path = str(item.get("xpath"))
        if path in _FRAMING_BOXES or (path == "/uuid" and _is_store(item)) or (path == "/mdat" and hashed_apart):
            continue
        yield LeftOut(what=f"the box {path}", size=None)


def _is_store(item: Mapping[str, Any]) -> bool:
    return any(part.get("offset") == 8 and _bytes(part.get("value")) == _STORE_BOX for part in _maps(item.get("data")))


def _parts(data: Mapping[str, Any]) -> Iterator[LeftOut]:
    for item in _maps(data.get("boxes")):
        names = item.get("names")
        shown = ", ".join(str(name) for name in names) if isinstance(names, list) else "without a name"
        if item.get("excluded") is True and names != ["C2PA"]:
            yield LeftOut(what=f"the part {shown}", size=None)
        for piece in _maps(item.get("exclusions")):
            length = _number(piece.get("length"))
            yield LeftOut(what=f"{length} bytes of the part {shown}", size=length)


def _maps(items: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what has the form that is expected: interchange repeats what stands in the file."""
    listed: Iterable[Any] = items if isinstance(items, list | tuple) else ()
    yield from (item for item in listed if isinstance(item, dict))


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _bytes(value: Any) -> bytes | None:
    """Read bytes as the interchange form writes them: numbers, or text in Base64."""
    try:
        if isinstance(value, str):
            return b64decode(value.removeprefix("b64'").removesuffix("'"), validate=True)
        return bytes(value) if isinstance(value, list) else None
    except (TypeError, ValueError, Error):
        return None
