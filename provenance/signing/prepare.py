"""Gather what a claim is made of: the past of the files, their metadata, a thumbnail."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.claims import MetadataLevel, Preset, compose, is_generated
from provenance.fingerprints import kept_of, kept_of_video, sought_of, sought_of_video
from provenance.fingerprints.frames import MOVING
from provenance.model.claim import Relationship
from provenance.model.fingerprints import Fingerprints
from provenance.signing.look import Found, Past, ingredient, look, refuse_second_past
from provenance.storage import open_source
from provenance.storage.sources import IN_MEMORY
from provenance.watermarks import LONGEST_EDGE, Payloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from PIL.Image import Image as Picture

    from provenance.claims import SigningOptions
    from provenance.manifests.formats import Format
    from provenance.model.claim import Claim, Generator, Ingredient
    from provenance.model.fingerprints import Fingerprint
    from provenance.model.media import Thumbnail
    from provenance.model.ports import ManifestSource
    from provenance.model.trust import Trust
    from provenance.storage import Source
    from provenance.watermarks import Watermarks

_NOT_DECODED: Final = "its picture cannot be decoded here"


def gather(
    asset: Source,
    options: SigningOptions,
    *,
    trust: Trust,
    remote: ManifestSource | None,
    past: Past | None = None,
) -> tuple[Found, tuple[Ingredient, ...]]:
    """Look at the file to be signed and at everything that went into it.

    `past` is the parent of an edit where it was looked at before. Raises `BrokenSource` for broken credentials
    anywhere, `InvalidClaim` for two pasts, or a `MediaError`.
    """
    explained = options.preset is Preset.EDIT and (past is not None or options.parent is not None)
    # An editor may have left the parent's credentials in the file: they fit the parent, not the result.
    found = look(asset, trust=trust, remote=remote, allow_broken=options.allow_broken_source or explained)
    ingredients = []
    if explained and past is None and options.parent is not None:
        original = open_source(options.parent).held()
        seen = look(original, trust=trust, remote=remote, allow_broken=options.allow_broken_source)
        past = Past(source=original, found=seen)
    if explained and past is not None:
        refuse_second_past(asset, found, past.found)
        ingredients.append(ingredient(past.source, past.found, id="parent", relationship=Relationship.PARENT_OF))
    elif _has_past(found, options):
        ingredients.append(ingredient(asset, found, id="parent", relationship=Relationship.PARENT_OF))
    for number, item in enumerate(options.ingredients, start=1):
        part = open_source(item).held()
        seen = look(part, trust=trust, remote=remote, allow_broken=options.allow_broken_source)
        ingredients.append(ingredient(part, seen, id=f"ingredient-{number}", relationship=Relationship.COMPONENT_OF))
    return found, tuple(ingredients)


def _has_past(found: Found, options: SigningOptions) -> bool:
    """Say whether the source itself goes into the history as a parent.

    A capture begins one, unless there is one already; so does a file that is declared to be generated.
    """
    carries = found.store is not None or found.note is not None
    begins = options.preset is Preset.CAPTURE or (options.preset is Preset.PUBLISH and is_generated(options))
    return carries or not begins


def claim(
    asset: Source,
    media: Format,
    options: SigningOptions,
    ingredients: tuple[Ingredient, ...],
    *,
    generator: Generator,
    at: datetime,
) -> Claim:
    """Compose the claim of a file; `at` is the time of signing, aware.

    Raises `InvalidClaim` when the options contradict each other or the standard.
    """
    metadata = None
    if options.metadata is not MetadataLevel.NONE:
        from provenance.metadata.read import WITHIN, read  # noqa: PLC0415 -- brings in lxml

        metadata = read(asset.head(WITHIN), media.media_type)
    return compose(
        options,
        title=asset.title,
        generator=generator,
        at=at,
        metadata=metadata,
        ingredients=ingredients,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was made of a picture by looking at it."""

    thumbnail: Thumbnail | None = None
    fingerprints: tuple[Fingerprint, ...] = ()
    why_none: str | None = None
    """Why there are no fingerprints although they were asked for, one clause."""
    payloads: tuple[Fingerprint, ...] = ()
    """Of watermarks."""
    notes: tuple[str, ...] = ()
    """Whose watermarks could not be looked for, one clause each."""

    @property
    def soft_bindings(self) -> tuple[Fingerprint, ...]:
        """All that the picture can be found again by."""
        return (*self.fingerprints, *self.payloads)


def see(
    asset: Source, media: Format, *, thumbnail: int | None, fingerprints: bool, watermarks: Watermarks | None = None
) -> Sight:
    """Make a thumbnail (longer edge in pixels) and fingerprints of a picture, which is decoded once for both.

    For fingerprints all of it is decoded. Where plug-ins for watermarks are given, and installed, it is decoded again.
    """
    if not media.thumbnail and fingerprints:
        return _watched(asset, media, kept_of_video)
    if not media.thumbnail or not (thumbnail or fingerprints or watermarks):
        return Sight()
    from provenance.images import encoded  # noqa: PLC0415 -- brings in Pillow

    try:
        found, small = _looked_at(asset, fingerprints=fingerprints, thumbnail=thumbnail)
    except Exception:  # noqa: BLE001 -- decoders raise anything on hostile files
        return Sight(why_none=_NOT_DECODED)
    read = _payloads(asset, watermarks)
    return Sight(
        thumbnail=encoded(small) if small else None,
        fingerprints=found.found,
        why_none=found.why_none,
        payloads=read.found,
        notes=read.notes,
    )


def _looked_at(asset: Source, *, fingerprints: bool, thumbnail: int | None) -> tuple[Fingerprints, Picture | None]:
    """Return the fingerprints and the thumbnail of a picture. Raises what decoders raise."""
    from provenance.images import make_small, shrink  # noqa: PLC0415 -- brings in Pillow

    with _opened(asset) as picture:
        found = kept_of(picture) if fingerprints else Fingerprints(found=())
        moved = picture.tell() > 0
        if not (thumbnail and moved):
            return found, shrink(picture, size=thumbnail) if thumbnail else None
    # It stands at a later frame of an animation, and not every one can go back.
    with asset.stream() as stream:
        return found, make_small(stream, size=thumbnail)


@contextmanager
def _opened(asset: Source) -> Iterator[Picture]:
    """Open a picture without decoding it; raises what decoders raise, and ValueError for a very large one."""
    from provenance.images.opening import is_too_large, load_if_noisy, open_picture  # noqa: PLC0415 -- brings in Pillow

    with asset.stream() as stream, open_picture(stream) as picture:
        if is_too_large(picture):
            raise ValueError("more pixels than can be decoded safely")
        load_if_noisy(picture)
        yield picture


def is_animated(asset: Source) -> bool:
    """Say whether a picture that can be decoded has frames that follow each other."""
    from provenance.images.opening import open_picture  # noqa: PLC0415 -- brings in Pillow

    with asset.stream() as stream, open_picture(stream) as opened:
        return opened.format in MOVING and bool(getattr(opened, "is_animated", False))


def _watched(asset: Source, media: Format, make: Callable[[Path], Fingerprints]) -> Sight:
    """Make the fingerprints of a video in a file of its own, or say why there are none."""
    if not media.media_type.startswith("video/") or asset.path is None:
        return Sight(why_none=f"{media.name} has no picture that could be fingerprinted")
    if asset.size > IN_MEMORY:
        return Sight(why_none="it is too long to be decoded beside the signing")
    found = make(asset.path)
    return Sight(fingerprints=found.found, why_none=found.why_none)


def seek(asset: Source, media: Format, *, watermarks: Watermarks | None = None) -> Sight:
    """Make the fingerprints that a picture is looked up by, or say why there are none, and read its watermarks."""
    if not media.thumbnail:
        return _watched(asset, media, sought_of_video)
    try:
        with _opened(asset) as picture:
            found = sought_of(picture)
    except Exception:  # noqa: BLE001 -- decoders raise anything on hostile files
        return Sight(why_none=_NOT_DECODED)
    read = _payloads(asset, watermarks)
    return Sight(fingerprints=found.found, why_none=found.why_none, payloads=read.found, notes=read.notes)


def _payloads(asset: Source, watermarks: Watermarks | None) -> Payloads:
    if not watermarks:
        return Payloads()
    from provenance.images import make_small  # noqa: PLC0415 -- brings in Pillow

    with asset.stream() as stream:
        picture = make_small(stream, size=LONGEST_EDGE)
    if picture is None:
        return Payloads(notes=("watermarks were not looked for: the picture is too large to be decoded in full",))
    return watermarks.find(picture.convert("RGB"))
