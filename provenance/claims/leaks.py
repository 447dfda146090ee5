"""Find where a value still is after it was to go: in statements, in texts, in pictures, among bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.claims.fields import FIELDS, NEEDED, covering
from provenance.claims.needles import Needle, Point, needle, texts
from provenance.claims.redact import described, forbidden
from provenance.errors import InvalidClaim
from provenance.model.redaction import Hiding, Leak, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.claims.fields import Field
    from provenance.model.manifest import ManifestStore
    from provenance.model.redaction import Content, Gone

_IN_FILE = "--erase removes it from the file"
_REMEDIES = {
    Hiding.EXIF: _IN_FILE,
    Hiding.XMP: _IN_FILE,
    Hiding.IPTC: _IN_FILE,
    Hiding.TEXT: _IN_FILE,
    Hiding.PLACE: "remove it with ExifTool from the original, and sign that",
    Hiding.ACTION: "actions cannot be redacted",
    Hiding.INGREDIENT: "ingredients cannot be redacted",
    Hiding.TITLE: "titles cannot be redacted",
    Hiding.THUMBNAIL: "--field thumbnail takes it out",
    Hiding.SIGNER: "who signed cannot be redacted",
    Hiding.STORE: "only assertions can be redacted",
    Hiding.REMOTE: "have it taken down there; --erase removes the address",
    Hiding.BYTES: "save the picture anew without it, and sign that",
}
_OWN_NAMES = frozenset({"dc:title", "dc:format"})
"""What claims and ingredients say of files, not of what a picture shows."""
_MOST = 500
"""Values that are looked for at once: a hostile file may have any number."""
_LONGEST = 120
"""Characters of a leaking text that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place to look at."""

    hiding: Hiding
    where: str
    """In words."""
    texts: tuple[tuple[tuple[str, ...], str], ...] = ()
    """What it says: paths of keys, and values."""
    raw: bytes = field(default=b"", repr=False)
    remedy: str | None = None
    """Better than the usual one."""
    by_name: bool = False
    """A property of a field that was to go is a leak by itself, whatever its value."""

    def leak(self, what: str, *, path: tuple[str, ...] = (), value: str = "", remedy: str | None = None) -> Leak:
        """Say that something was found here; of long texts and of bytes only the value is told."""
        short = len(what) <= _LONGEST and what.isprintable()
        told = what if short else f"… {value} …" if value else f"{what[:_LONGEST]}…"
        told = f"{path[-1]}: {told}" if path else told
        known = remedy or self.remedy or _REMEDIES[self.hiding]
        return Leak(hiding=self.hiding, where=self.where, what=told, remedy=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What must not be found anywhere any more."""

    fields: tuple[Field, ...]
    needles: tuple[Needle, ...]
    files: tuple[bytes, ...] = ()
    """Embedded files that went, such as thumbnails."""

    @property
    def raw(self) -> dict[bytes, Needle]:
        """All needles as bytes."""
        return {form: one for one in self.needles for form in one.raw}


def wanted_values(fields: Sequence[Field], gone: Sequence[Gone], erased: Sequence[Value]) -> Wanted:
    """Put together what to look for: what went from the history, and from the file.

    Raises `InvalidClaim` for more than can be looked for.
    """
    values = (*(value for item in gone for value in item.values), *erased)
    distinct = {(value.name.lower(), value.text): value for value in values if value.text.strip()}
    if len(distinct) > _MOST:
        raise InvalidClaim(
            f"{len(distinct)} different values would go, and only {_MOST} can be looked for elsewhere",
            hint="redact less at once: narrow it with --manifest, or name fields",
        )
    return Wanted(
        fields=tuple(fields),
        needles=tuple(needle(value) for value in distinct.values()),
        files=tuple(dict.fromkeys(item.file for item in gone if item.file)),
    )


def leaks(wanted: Wanted, spots: Iterable[Spot]) -> tuple[Leak, ...]:
    """Return what is still there, each place and value once."""
    found: dict[tuple[Hiding, str, str], Leak] = {}
    raw = wanted.raw
    for spot in spots:
        seen: set[Needle] = set()
        for leak in (*_named(wanted, spot), *_told(wanted, spot, seen), *_among_bytes(wanted, raw, spot, seen)):
            found.setdefault((leak.hiding, leak.where, leak.what), leak)
    return tuple(found.values())


def spots_of_store(
    store: ManifestStore, contents: Sequence[Content], *, narrowed: bool, new: str | None = None
) -> Iterator[Spot]:
    """Yield every box of a manifest store as a place to look at.

    `narrowed` says that only some manifests were asked to give something away: what others say by the same name
    is no leak then, unless it is the same value. `new` is the label of the manifest that tells of the redaction.
    """
    for item in contents:
        of = described(store.manifests.get(item.manifest))
        said = tuple(texts(item.value))
        titles = tuple(pair for pair in said if _is_title(item, pair[0]))
        if titles:
            remedy = "--title TEXT gives it another" if item.manifest == new else None
            yield Spot(hiding=Hiding.TITLE, where=f"a title in {of}", texts=titles, remedy=remedy)
        hiding = _hiding(item)
        raw = item.data
        for _, title in titles:
            raw = raw.replace(title.encode(), b"")
        yield Spot(
            hiding=hiding,
            where=f"{_what(item)} of {of}",
            texts=tuple(pair for pair in said if pair not in titles),
            raw=raw,
            remedy=_remedy(item, new) if hiding is Hiding.ASSERTION else None,
            by_name=hiding in {Hiding.ACTION, Hiding.INGREDIENT} and not narrowed,
        )


def _named(wanted: Wanted, spot: Spot) -> Iterator[Leak]:
    for path, text in spot.texts if spot.by_name else ():
        own = spot.hiding in {Hiding.ACTION, Hiding.INGREDIENT}
        keys = [key for key in path if not own or (":" in key and key.lower() not in _OWN_NAMES)]
        covered = any(one.covers(key) for one in wanted.fields for key in keys)
        if covered and text.strip() and path[-1].lower() not in NEEDED:
            yield spot.leak(text, path=path)


def _told(wanted: Wanted, spot: Spot, seen: set[Needle]) -> Iterator[Leak]:
    points = [one for one in wanted.needles if isinstance(one, Point)]
    for path, text in spot.texts:
        for one in wanted.needles:
            if (path and one.in_property(path[-1], text)) or one.in_text(text):
                seen.add(one)
                yield spot.leak(text, path=path, value=one.value.text, remedy=_remedy_in_file(wanted, spot, path))
        rough = {_axis(one) for one in points if one.roughly_in(text)}
        if len(rough) > 1:
            yield spot.leak(text, path=path)


def _remedy_in_file(wanted: Wanted, spot: Spot, path: tuple[str, ...]) -> str | None:
    """Say what takes a value out of the file where it stands under another property than those that go."""
    if _REMEDIES.get(spot.hiding) != _IN_FILE or any(one.covers(key) for one in wanted.fields for key in path):
        return None
    other = next((one for key in path if (one := covering(FIELDS.values(), key)) is not None), None)
    return f"--field {other.name} --erase takes it out too" if other else _REMEDIES[Hiding.PLACE]


def _axis(point: Point) -> str:
    return "latitude" if "lat" in point.value.name.lower() else "longitude"


def _among_bytes(wanted: Wanted, raw: dict[bytes, Needle], spot: Spot, seen: set[Needle]) -> Iterator[Leak]:
    for form, one in raw.items():
        if one not in seen and form in spot.raw:
            seen.add(one)
            yield spot.leak(one.value.text)
    if any(file in spot.raw for file in wanted.files):
        yield spot.leak("the same picture")


def _remedy(item: Content, new: str | None) -> str:
    if item.manifest == new:
        return "--keep-rest says it again: name its field too, or leave that off"
    return f"--assertion {item.label} takes it out"


def _hiding(item: Content) -> Hiding:
    prefixes = {
        "c2pa.actions": Hiding.ACTION,
        "c2pa.ingredient": Hiding.INGREDIENT,
        "c2pa.thumbnail": Hiding.THUMBNAIL,
        "cawg.identity": Hiding.SIGNER,
    }
    if item.room == "c2pa.signature":
        return Hiding.SIGNER
    if not item.is_assertion:
        return Hiding.STORE
    usual = Hiding.STORE if forbidden(item.label) else Hiding.ASSERTION
    return next((kind for prefix, kind in prefixes.items() if item.label.startswith(prefix)), usual)


def _is_title(item: Content, path: tuple[str, ...]) -> bool:
    claims = item.room.startswith("c2pa.claim") or item.label.startswith("c2pa.ingredient")
    return claims and path[-1:] in {("dc:title",), ("title",)}


def _what(item: Content) -> str:
    if item.room == "c2pa.signature":
        return "the certificate or time-stamp"
    return f"the assertion {item.label}" if item.is_assertion else f"the box {item.label}"
