"""Find the credentials of a file again that were taken off: in the catalogue, by bytes and by what it shows.

1. The same bytes. 2. The same bytes without the manifest, or from before it was signed. 3. The same watermark. 4. Like
fingerprints. 5. What resolvers name. What only looks the same is compared, picture by picture, with the original or
with the thumbnail in its manifest; so is what has the same watermark, which can be copied. The result is never a
signature of this file.
"""

from __future__ import annotations

from dataclasses import replace
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
from provenance.workspace.consulting import Question, consult
from provenance.workspace.moving import without_store
from provenance.workspace.seeing import seek

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.model.fingerprints import Fingerprint
    from provenance.model.history import History
    from provenance.model.record import Record
    from provenance.model.verdict import Verdict
    from provenance.signing import Sight
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace

MOST: Final = 5
"""Candidates that are compared picture by picture."""
_WAYS: Final = {DigestOf.OUTPUT: Way.SAME_FILE, DigestOf.BARE: Way.STRIPPED, DigestOf.SOURCE: Way.UNSIGNED}
_KEPT: Final = Keep.STORE | Keep.THUMBNAILS


def recover(
    space: Workspace, source: Readable, *, most: int = MOST, resolvers: Sequence[str] = (), send_file: bool = False
) -> Recovery:
    """Find the credentials of a file in the catalogue, and through resolvers; see `Workspace.recover`."""
    if not resolvers:
        require_kept(space)
    given = open_source(source).held()
    media = sniff.detect(given.head(sniff.HEAD), given.name)
    about = Media(
        name=given.name,
        media_type=media.media_type,
        size=given.size,
        digest=Digest(algorithm="sha256", value=given.sha256()),
    )
    exact = tuple(_exact(space, given, most)) if space.keeps_catalogue else ()
    if exact:
        return Recovery(media=about, found=exact)
    sight = seek(space, given, media)
    like = _by_picture(space, given, about, sight, most) if space.keeps_catalogue else []
    kept = [item for item in like if item.standing is not Standing.CONTRADICTED]
    # Those that could be compared come first, each kind in the order in which it was found.
    kept.sort(key=_is_unsure)
    notes = () if sight.fingerprints else (f"not looked for by its picture: {sight.why_none}",)
    found = Recovery(media=about, found=tuple(kept), contradicted=len(like) - len(kept), notes=(*notes, *sight.notes))
    if not resolvers or not all(map(_is_unsure, kept)):
        return found
    question = Question(
        given=given, media_type=about.media_type, fingerprints=sight.fingerprints, send_file=send_file, most=most
    )
    return _with_others(space, found, question, resolvers)


def _by_picture(space: Workspace, given: Source, about: Media, sight: Sight, most: int) -> list[Candidate]:
    """Compare with the records of the same watermark and, unless that settles it, with those of like fingerprints."""
    marked = _marked(space, sight.payloads, most)
    like = [_compared(space, given, about, *item, Way.WATERMARK) for item in marked.values()]
    if not all(map(_is_unsure, like)):
        return like
    near = space.prints.near(sight.fingerprints, most=most) if sight.fingerprints else ()
    return like + [_compared(space, given, about, *item, Way.FINGERPRINT) for item in near if item[0].id not in marked]


def _marked(space: Workspace, payloads: tuple[Fingerprint, ...], most: int) -> dict[str, tuple[Record, Likeness]]:
    """Find records by the payloads of watermarks, each once, by their ids."""
    found = {}
    for item in payloads:
        likeness = Likeness(method=item.method, distance=0, bits=8 * len(item.value), variant=item.variant)
        for record in islice(space.catalogue.by_watermark(item.method, item.value), most):
            found[record.id] = (record, likeness)
    return found


def _is_unsure(item: Candidate) -> bool:
    return item.standing is not Standing.CONFIRMED


def _with_others(space: Workspace, found: Recovery, question: Question, urls: Sequence[str]) -> Recovery:
    """Add what resolvers have named. Raises `FetchError` where nobody at all could be asked."""
    told = consult(space, question, urls)
    if len(told.refusals) == len(set(urls)) and not space.keeps_catalogue:
        raise told.refusals[0]
    own = {item.label for item in found.found}
    both = [*found.found, *(item for item in told.found if item.label not in own)]
    return replace(
        found,
        found=tuple(sorted(both, key=_is_unsure)),
        contradicted=found.contradicted + told.contradicted,
        notes=(*found.notes, *told.notes),
    )


def _exact(space: Workspace, given: Source, most: int) -> Iterator[Candidate]:
    """Find records by bytes, and verify their originals."""
    for record, way in islice(known(space, given), most):
        verdict, _ = _original(space, record)
        yield Candidate(record=record, way=way, verdict=verdict, history=_history(verdict))


def known(space: Workspace, given: Source) -> Iterator[tuple[Record, Way]]:
    """Find the records of a file in the catalogue by its bytes, the surest way first; each record once."""
    seen: set[str] = set()
    digest, bare = given.sha256(), _bare(space, given)
    asked = [(digest, kind) for kind in _WAYS]
    if bare is not None:
        asked += [(bare, DigestOf.BARE), (bare, DigestOf.SOURCE)]
    for value, kind in asked:
        for record in space.catalogue.by_digest(value, kind):
            if record.id not in seen:
                seen.add(record.id)
                yield record, _WAYS[kind]


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
    looked = beside.with_original(given, about.media_type, verdict.inspection if verdict else None, original)
    if looked.difference is not None and looked.difference.alignment is None and signing.is_animated(given):
        # Only first frames were compared, and it may begin with another one.
        looked = replace(looked, difference=None, why_not="of animations, only the first frames are compared")
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
