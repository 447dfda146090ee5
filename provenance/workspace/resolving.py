"""Answer resolvers' questions from the catalogue (C2PA 2.4, Soft Binding Resolution API), however they arrive.

A score is what share of the bits of two fingerprints is the same, in per cent, and 99 at most: only the same bytes, or
those that were signed, make 100. So a score of 81 is the least that is answered (48 of 256 bits may differ).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance import signing
from provenance.manifests import sniff
from provenance.manifests.containers import jumbf
from provenance.model.fingerprints import ISCC
from provenance.model.resolution import BEST, ManifestMatch, is_identifier, strongest_first
from provenance.storage import open_source
from provenance.workspace import bindings
from provenance.workspace.recovering import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model.fingerprints import Fingerprint
    from provenance.model.recovery import Likeness
    from provenance.model.resolution import Binding
    from provenance.storage import Readable
    from provenance.workspace.core import Workspace

USUAL: Final = 10
"""Matches that are answered where nobody says how many (`maxResults`)."""
MOST: Final = 100
"""Matches that are answered at most."""
ALGORITHMS: Final = (ISCC,)
"""What bindings may be of."""


def by_binding(space: Workspace, binding: Binding, *, most: int = USUAL) -> tuple[ManifestMatch, ...]:
    """Return the manifests whose pictures have a fingerprint like this one, the strongest match first.

    Raises ValueError for a binding that cannot be looked for or a number of matches below 1, and `CatalogueError`.
    """
    most = _bounded(most)
    return _alike(space, bindings.fingerprints(binding), most)


def by_content(space: Workspace, source: Readable, *, most: int = USUAL) -> tuple[ManifestMatch, ...]:
    """Return the manifests of a file: by its bytes where it is known, else by what it shows.

    Raises `MediaError` for a file that cannot be read or is of no known type, ValueError for a number of matches below
    1, and `CatalogueError`.
    """
    most = _bounded(most)
    given = open_source(source).held()
    exact = tuple(ManifestMatch(manifest=record.label, score=BEST) for record, _ in known(space, given))
    if exact:
        return strongest_first(exact)[:most]
    media = sniff.detect(given.head(sniff.HEAD), given.name)
    sight = signing.seek(given, media)
    return _alike(space, sight.fingerprints, most)


def manifest(space: Workspace, label: str, *, active_only: bool = False) -> bytes | None:
    """Return the manifest store whose active manifest has this label; None where none is kept.

    `active_only` leaves out the other manifests of the store. Raises ValueError for what can be no label of a manifest,
    and `CatalogueError`.
    """
    if not is_identifier(label):
        raise ValueError("that is no identifier of a manifest")
    kept = (space.catalogue.manifest(record.manifest) for record in space.catalogue.by_label(label))
    store = next((data for data in kept if data), None)
    return jumbf.active_alone(store) if active_only and store else store


def _bounded(most: int) -> int:
    if most < 1:
        raise ValueError("at least one match must be asked for")
    return min(most, MOST)


def _alike(space: Workspace, wanted: Iterable[Fingerprint], most: int) -> tuple[ManifestMatch, ...]:
    near = space.prints.near(wanted, most=most)
    return strongest_first(ManifestMatch(manifest=record.label, score=_score(found)) for record, found in near)


def _score(found: Likeness) -> int:
    return min(BEST - 1, round(BEST * (found.bits - found.distance) / found.bits))
