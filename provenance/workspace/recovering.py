"""Find the credentials of a file again that were taken off: in the catalogue, by bytes and by what it shows.

1. The same bytes. 2. The same bytes without the manifest, or from before it was signed. 3. The same watermark. 4. Like
fingerprints. What only looks the same is compared, picture by picture, with the original or with the thumbnail in its
manifest; so is what has the same watermark, which can be copied. The result is never a signature of this file.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance import signing, verification
from provenance.errors import MediaError
from provenance.history import trace
from provenance.manifests import sniff
from provenance.manifests.reader import Keep
from provenance.model.claim import Carrier
from provenance.model.media import Digest, Media
from provenance.model.record import DigestOf
from provenance.model.recovery import Candidate, Likeness, Recovery, Standing, Way
from provenance.storage import open_source
from provenance.workspace import beside
from provenance.workspace.cataloguing import require_kept
from provenance.workspace.moving import without_store
from provenance.workspace.seeing import see

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.comparison import Looked
    from provenance.model.fingerprints import Fingerprint
    from provenance.model.history import History
    from provenance.model.record import Record
    from provenance.model.verdict import Inspection, Verdict
    from provenance.signing import Sight
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace

MOST: Final = 5
"""Candidates that are compared picture by picture."""
_WAYS: Final = {DigestOf.OUTPUT: Way.SAME_FILE, DigestOf.BARE: Way.STRIPPED, DigestOf.SOURCE: Way.UNSIGNED}
_KEPT: Final = Keep.STORE | Keep.THUMBNAILS


def recover(space: Workspace, source: Readable, *, most: int = MOST) -> Recovery:
    """Find the credentials of a file in the catalogue; see `Workspace.recover`."""
    require_kept(space)
    given = open_source(source).held()
    media = sniff.detect(given.head(sniff.HEAD), given.name)
    digest = given.sha256()
    about = Media(
        name=given.name,
        media_type=media.media_type,
        size=given.size,
        digest=Digest(algorithm="sha256", value=digest),
    )
    exact = tuple(_exact(space, given, digest))[:most]
    if exact:
        return Recovery(media=about, found=exact)
    sight = see(space, given, media)
    like = _by_picture(space, given, about, sight, most)
    kept = [item for item in like if item.standing is not Standing.CONTRADICTED]
    # Those that could be compared come first, each kind in the order of its fingerprints.
    kept.sort(key=lambda item: item.standing is not Standing.CONFIRMED)
    lacking = () if sight.fingerprints else (f"not looked for by its picture: {sight.why_none}",)
    return Recovery(media=about, found=tuple(kept), contradicted=len(like) - len(kept), notes=(*lacking, *sight.notes))


def _by_picture(space: Workspace, given: Source, about: Media, sight: Sight, most: int) -> list[Candidate]:
    """Compare with the records of the same watermark and, unless that settles it, with those of like fingerprints."""
    like = [
        _compared(space, given, about, *item, Way.WATERMARK) for item in _marked(space, sight.payloads, most).values()
    ]
    if any(item.standing is Standing.CONFIRMED for item in like):
        return like
    seen = {item.record.id for item in like}
    near = space.prints.near(sight.fingerprints, most=most) if sight.fingerprints else ()
    return like + [_compared(space, given, about, *item, Way.FINGERPRINT) for item in near if item[0].id not in seen]


def _marked(space: Workspace, payloads: tuple[Fingerprint, ...], most: int) -> dict[str, tuple[Record, Likeness]]:
    """Find records by the payloads of watermarks, each once."""
    found = {}
    for item in payloads:
        likeness = Likeness(method=item.method, distance=0, bits=8 * len(item.value), variant=item.variant)
        for record in islice(space.catalogue.by_watermark(item.method, item.value), most):
            found[record.id] = (record, likeness)
    return found


def _exact(space: Workspace, given: Source, digest: str) -> Iterator[Candidate]:
    """Find records by bytes, the surest way first; each record once."""
    seen: set[str] = set()
    asked = [(digest, kind) for kind in _WAYS]
    bare = _bare(space, given)
    if bare is not None:
        asked += [(bare, DigestOf.BARE), (bare, DigestOf.SOURCE)]
    for value, kind in asked:
        for record in space.catalogue.by_digest(value, kind):
            if record.id not in seen:
                seen.add(record.id)
                verdict, _ = _original(space, record)
                yield Candidate(record=record, way=_WAYS[kind], verdict=verdict, history=_history(verdict))


def _bare(space: Workspace, given: Source) -> str | None:
    """Return the digest of a file without the manifest that it carries; None where it carries none."""
    try:
        found = signing.look(given, trust=space.trust, allow_broken=True, beside=False)
        if found.carrier is not Carrier.EMBEDDED:
            return None
        return without_store(given, found.media).sha256()
    except MediaError:
        # It cannot be taken off: then it is found by its picture, or not at all.
        return None


def _compared(space: Workspace, given: Source, about: Media, record: Record, likeness: Likeness, way: Way) -> Candidate:
    verdict, original = _original(space, record)
    newer = beside.picture_of("this file", given, about.media_type)
    looked = _looked(newer, verdict.inspection if verdict else None, original)
    return Candidate(
        record=record,
        way=way,
        verdict=verdict,
        history=_history(verdict),
        likeness=likeness,
        looked=looked,
    )


def _history(verdict: Verdict | None) -> History | None:
    store = verdict.inspection.store if verdict else None
    return trace(store) if store else None


def _looked(newer: beside.Picture, found: Inspection | None, original: Source | None) -> Looked:
    """Compare with the original where it is at hand, else with the thumbnail that its signer kept in the manifest."""
    if original is not None and found is not None:
        return beside.look(newer, beside.picture_of("the original", original, found.media.media_type))
    store = found.store if found else None
    uri = store.active_manifest.thumbnail if store else None
    data = store.thumbnails.get(uri) if store and uri else None
    why_not = None if data else "neither the original nor a thumbnail of it is at hand"
    older = beside.Picture(name="the thumbnail in the original's manifest", data=data, why_not=why_not)
    return beside.look(newer, older, is_thumbnail=True)


def _original(space: Workspace, record: Record) -> tuple[Verdict | None, Source | None]:
    """Verify the original where it still is, as it was recorded; else its manifest alone."""
    original = _still_there(record)
    if original is not None:
        found = space.inspect(original, keep=_KEPT)
        if found.store is not None and found.store.active == record.label:
            return space.judge(found, space.policy()), original
    store = space.catalogue.manifest(record.manifest)
    if store is None:
        return None, original
    name = record.title or record.id
    media = Media(name=name, media_type=record.media_type, size=record.size)
    asked = verification.Questions(keep=_KEPT)
    alone = verification.inspect_alone(store, media, trust=space.trust, at=space.now(), questions=asked)
    return space.judge(alone, space.policy()), original


def _still_there(record: Record) -> Source | None:
    """Open the file that was signed, if it still is where it was written, unchanged."""
    if record.written_to is None or record.output is None or "://" in record.written_to:
        return None
    path = Path(record.written_to)
    try:
        if not path.is_file() or path.stat().st_size != record.size:
            return None
        opened = open_source(path).held()
        return opened if opened.sha256() == record.output else None
    except (MediaError, OSError, ValueError):
        return None
