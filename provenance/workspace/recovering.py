"""Find the credentials of a file again that were taken off: in the catalogue, by bytes and by what it shows.

1. The same bytes. 2. The same bytes without the manifest, or from before it was signed. 3. Like fingerprints. What only
looks the same is compared, picture by picture, with the original or with the thumbnail in its manifest. The result is
never a signature of this file.
"""

from __future__ import annotations

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
from provenance.model.recovery import Candidate, Recovery, Standing, Way
from provenance.storage import open_source
from provenance.workspace import beside
from provenance.workspace.cataloguing import require_kept
from provenance.workspace.moving import without_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.comparison import Looked
    from provenance.model.history import History
    from provenance.model.record import Record
    from provenance.model.recovery import Likeness
    from provenance.model.verdict import Inspection, Verdict
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
    sight = signing.see(given, media, thumbnail=None, fingerprints=True)
    if not sight.fingerprints:
        return Recovery(media=about, found=(), notes=(f"not looked for by its picture: {sight.why_none}",))
    near = space.prints.near(sight.fingerprints, most=most)
    like = [_compared(space, given, about, *item) for item in near]
    kept = [item for item in like if item.standing is not Standing.CONTRADICTED]
    # Those that could be compared come first, each kind in the order of its fingerprints.
    kept.sort(key=lambda item: item.standing is not Standing.CONFIRMED)
    return Recovery(media=about, found=tuple(kept), contradicted=len(like) - len(kept))


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


def _compared(space: Workspace, given: Source, about: Media, record: Record, likeness: Likeness) -> Candidate:
    verdict, original = _original(space, record)
    newer = beside.picture_of("this file", given, about.media_type)
    looked = _looked(newer, verdict.inspection if verdict else None, original)
    return Candidate(
        record=record,
        way=Way.FINGERPRINT,
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
