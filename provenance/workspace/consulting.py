"""Ask resolvers for the credentials of a file: what they name is verified here, and compared with the file.

A resolver may be anybody, and so may be whoever gave it a manifest. Nothing that it says is believed: the manifest must
be signed, is trusted as any other, and the file is compared with the thumbnail in it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from provenance import verification
from provenance.errors import FetchError
from provenance.history import trace
from provenance.manifests.formats import MANIFEST_STORE
from provenance.manifests.reader import Keep
from provenance.model.facets import Signing
from provenance.model.media import Media
from provenance.model.recovery import Candidate, Likeness, Named, Standing, Way
from provenance.model.resolution import strongest_first
from provenance.storage.sources import IN_MEMORY
from provenance.workspace import asking, beside, bindings
from provenance.workspace.resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from provenance.model.fingerprints import Fingerprint
    from provenance.model.manifest import ManifestStore
    from provenance.model.resolution import Binding, ManifestMatch
    from provenance.network import Client
    from provenance.storage import Source
    from provenance.workspace.core import Workspace

    Ask = Callable[[], tuple[ManifestMatch, ...]]

_MOST_STATED: Final = 8
"""Soft bindings of its own manifest that are asked for: whoever made the file has chosen how many there are."""
_PATIENCE: Final = 3
"""Failures after which a resolver is not asked further: each may take its time."""
_KEPT: Final = Keep.STORE | Keep.THUMBNAILS


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What resolvers are asked."""

    given: Source
    media_type: str
    fingerprints: tuple[Fingerprint, ...]
    """Of the file's picture."""
    send_file: bool
    """Sends the file itself too."""
    most: int
    """Manifests that are fetched from one resolver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """What came of it."""

    found: tuple[Candidate, ...] = ()
    contradicted: int = 0
    notes: tuple[str, ...] = ()
    """Who did not answer, and what was left out, with the reason."""
    refusals: tuple[FetchError, ...] = ()
    """One for each resolver that answered nothing that it was asked."""


def consult(space: Workspace, question: Question, urls: Sequence[str]) -> Consulted:
    """Ask resolvers one after the other, and look at all that they name, each manifest once.

    Whoever cannot be asked is in the notes. Raises `FetchError` for what can be no address of a resolver.
    """
    client = asking.resolvers()
    resolvers = [Resolver(url, client) for url in dict.fromkeys(urls)]
    if question.send_file and question.given.size > IN_MEMORY:
        return Consulted(notes=("resolvers were not asked: the file is larger than what is sent",))
    round_ = _Round(space, question, client)
    if not (round_.asked or question.send_file):
        return Consulted(notes=("resolvers were not asked: the file has nothing but itself to be found by",))
    for resolver in resolvers:
        round_.ask(resolver)
    kept = tuple(item for item in round_.found if item.standing is not Standing.CONTRADICTED)
    return Consulted(
        found=kept,
        contradicted=len(round_.found) - len(kept),
        notes=tuple(dict.fromkeys(round_.notes)),
        refusals=tuple(round_.refusals),
    )


class _Round:
    """One question, put to one resolver after the other."""

    def __init__(self, space: Workspace, question: Question, client: Client) -> None:
        self._space, self._question, self._client = space, question, client
        self.asked = self._bindings()
        self.found: list[Candidate] = []
        self.notes: list[str] = []
        self.refusals: list[FetchError] = []

    def ask(self, resolver: Resolver) -> None:
        """Ask a resolver, and look at what it names."""
        failures = 0
        for match in self._named(resolver):
            # Only what was had counts as seen: naming a manifest must not keep others from bringing it.
            if failures == _PATIENCE or any(item.label == match.manifest for item in self.found):
                continue
            try:
                self.found.append(self._candidate(resolver, match))
            except FetchError as error:
                self.notes.append(str(error))
                failures += 1
            except _NoCandidate as error:
                self.notes.append(f"{resolver.name}: left out the manifest {match.manifest}: {error}")

    def _bindings(self) -> tuple[Binding, ...]:
        """Return what the picture is found again by, and what the file's own manifest states."""
        store = self._space.inspect(self._question.given).store
        stated = bindings.stated(store.active_manifest)[:_MOST_STATED] if store else ()
        return tuple(dict.fromkeys((*bindings.of_picture(self._question.fingerprints), *stated)))

    def _named(self, resolver: Resolver) -> Sequence[ManifestMatch]:
        """Return the strongest matches of a resolver for all that it is asked."""
        question = self._question
        answers: list[tuple[ManifestMatch, ...]] = []
        refused: list[FetchError] = []
        asks: list[Ask] = [partial(resolver.by_binding, item, most=question.most) for item in self.asked]
        if question.send_file:
            asks.append(partial(resolver.by_content, question.given.read(), question.media_type, most=question.most))
        for ask in asks:
            try:
                answers.append(ask())
            except FetchError as error:
                refused.append(error)
            if len(refused) == _PATIENCE:
                break
        self.notes += [str(error) for error in refused]
        if refused and not answers:
            self.refusals.append(refused[0])
        return strongest_first(chain.from_iterable(answers))[: question.most]

    def _candidate(self, resolver: Resolver, match: ManifestMatch) -> Candidate:
        """Fetch a manifest, verify it, and compare the file with what it shows."""
        space, question = self._space, self._question
        keeper = resolver if match.endpoint is None else Resolver(match.endpoint, self._client)
        data = keeper.manifest(match.manifest)
        media = Media(name=match.manifest, media_type=MANIFEST_STORE, size=len(data))
        asked = verification.Questions(keep=_KEPT)
        alone = verification.inspect_alone(data, media, trust=space.trust, at=space.now(), questions=asked)
        signature = alone.facets.signature
        if alone.store is None or signature.state is not Signing.VALID:
            raise _NoCandidate(alone.problem or signature.reason)
        return Candidate(
            record=None,
            way=Way.NAMED,
            verdict=space.judge(alone, space.policy()),
            history=trace(alone.store),
            likeness=_likeness(alone.store, question.fingerprints),
            looked=beside.with_original(question.given, question.media_type, alone, None),
            named=Named(resolver=resolver.name, match=match),
        )


class _NoCandidate(Exception):
    """A manifest that was named counts for nothing, for this reason."""


def _likeness(store: ManifestStore, own: Sequence[Fingerprint]) -> Likeness | None:
    """Measure how far the fingerprint that a manifest states is from the file's, whatever a resolver says of it."""
    near = [
        Likeness(
            method=ours.method,
            distance=(int.from_bytes(ours.value) ^ int.from_bytes(theirs.value)).bit_count(),
            bits=8 * len(ours.value),
            variant=ours.variant,
        )
        for theirs in _stated(store)
        for ours in own
        if ours.method == theirs.method
    ]
    return min(near, key=lambda item: item.distance, default=None)


def _stated(store: ManifestStore) -> Iterator[Fingerprint]:
    for binding in bindings.stated(store.active_manifest):
        with suppress(ValueError):  # of other algorithms, or damaged
            yield from bindings.fingerprints(binding)
