"""What two files have to do with each other: which steps they share, and what each did since.

A label can be copied by anybody. Steps count as the same only where they bear the same signature, and a relation is
relied on only where everything between the files and what they share is what its signers signed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.history.statements import differences
from provenance.history.trace import trace
from provenance.model import derived
from provenance.model.comparison import Comparison, Likeness, Relation, Shared, Side
from provenance.model.facets import Content, Signing
from provenance.model.history import EditState
from provenance.model.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model.history import Edit, History
    from provenance.model.manifest import ManifestStore

_NOBODY = Trust(lists=())
_LIKENESSES = 20
"""Pairs of steps with the same picture that are named."""
_CUT_OFF = "histories can be cut off, so that this proves nothing"
_DERIVED = {
    Side.OTHER: "B's manifest is in the history of A, which is {how}",
    Side.ONE: "A's manifest is in the history of B, which is {how}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One file as its credentials tell of it."""

    store: ManifestStore | None
    seals: Mapping[str, str] = field(default_factory=dict)
    """Digests of the signatures as they stand in the store, by the labels of their manifests."""
    why_not: str | None = None
    """Why there is no store."""


def compare(one: Told, other: Told) -> Comparison:
    """Say what two files have to do with each other, by what their signers say."""
    if one.store is not None and other.store is not None:
        return _Comparing(one, one.store, other, other.store).result()
    sides = ((Side.ONE, one), (Side.OTHER, other))
    missing = [f"{side}: {told.why_not or 'no Content Credentials'}" for side, told in sides if told.store is None]
    return _without(one, other, "; ".join(missing))


def _without(one: Told, other: Told, reason: str) -> Comparison:
    return Comparison(
        relation=Relation.UNKNOWN,
        reason=reason,
        is_reliable=False,
        why_not=None,
        unverified=(),
        made_from=None,
        shared=(),
        one_since=(),
        other_since=(),
        possibly=(),
        differences=(),
        one=trace(one.store) if one.store else None,
        other=trace(other.store) if other.store else None,
    )


class _Comparing:
    """Two histories side by side."""

    def __init__(self, one: Told, one_store: ManifestStore, other: Told, other_store: ManifestStore) -> None:
        self._stores = one_store, other_store
        self._histories = trace(one_store), trace(other_store)
        self._pairs = _pairs(self._histories, (one.seals, other.seals))
        self._proved = {
            label: label in one.seals and one.seals[label] == other.seals.get(counterpart)
            for label, counterpart in self._pairs.items()
            if not self._histories[0].edit(label).is_gap
        }
        self._forged = _forged(self._histories, (one.seals, other.seals))

    def result(self) -> Comparison:
        relation, made_from, basis, reason = self._relation()
        why_not = self._why_not(basis) if basis is not None else self._forged or _CUT_OFF
        one, other = self._histories
        found = set(self._pairs.values())
        return Comparison(
            relation=relation,
            reason=reason,
            is_reliable=why_not is None,
            why_not=why_not,
            unverified=tuple(dict.fromkeys(self._unverified(basis))) if basis is not None else (),
            made_from=made_from,
            shared=tuple(self._shared()),
            one_since=tuple(item for item in one.nearest(len(one.edits)) if item.id not in self._pairs),
            other_since=tuple(item for item in other.nearest(len(other.edits)) if item.id not in found),
            possibly=tuple(self._possibly()),
            differences=tuple(differences(self._stores[0].active_manifest, self._stores[1].active_manifest)),
            one=one,
            other=other,
        )

    def _relation(self) -> tuple[Relation, Side | None, str | None, str]:
        """Find the closest relation, and the step of the first history that it rests on."""
        one, other = self._histories
        if self._pairs.get(one.head) == other.head:
            return Relation.SAME, None, one.head, "both carry the same manifest"
        lines = dict.fromkeys(one.line), dict.fromkeys(other.line)
        if one.head in self._pairs:
            how = "made from it" if self._pairs[one.head] in lines[1] else "put together with it"
            return Relation.DERIVED, Side.ONE, one.head, _DERIVED[Side.ONE].format(how=how)
        back = {counterpart: label for label, counterpart in self._pairs.items()}
        if other.head in back:
            how = "made from it" if back[other.head] in lines[0] else "put together with it"
            return Relation.DERIVED, Side.OTHER, back[other.head], _DERIVED[Side.OTHER].format(how=how)
        common = next((item for item in lines[0] if item in self._proved and self._pairs[item] in lines[1]), None)
        if common is not None:
            return Relation.ORIGIN, None, common, f"both continue {self._named(common)}"
        nearest = next(iter(self._shared()), None)
        if nearest is not None:
            return Relation.ANCESTORS, None, nearest.one, f"{self._named(nearest.one)} went into both"
        return Relation.NOTHING, None, None, "no manifest is in the history of both"

    def _named(self, label: str) -> str:
        title = self._histories[0].edit(label).title
        return repr(title) if title else "a file without a name"

    def _shared(self) -> Iterator[Shared]:
        one = self._histories[0]
        for edit in one.nearest(len(one.edits)):
            if edit.id in self._proved:
                signature = edit.signature
                yield Shared(
                    one=edit.id,
                    other=self._pairs[edit.id],
                    title=edit.title,
                    signer=signature.organization or signature.common_name if signature else None,
                    is_proved=self._proved[edit.id],
                )

    def _why_not(self, basis: str) -> str | None:
        """Find what speaks against relying on a relation: something that is broken, or that may be a copy."""
        if self._forged is not None:
            return self._forged
        if not self._proved[basis]:
            return "whether both bear the same signature could not be checked, and a label alone can be copied"
        for side, store, history, label in zip(
            Side, self._stores, self._histories, (basis, self._pairs[basis]), strict=True
        ):
            unsound = _unsound(store)
            if unsound is not None:
                return f"{side} {unsound}"
            broken = next((item for item in _way(history, label) if item.state is not EditState.INTACT), None)
            if broken is not None:
                title = repr(broken.title) if broken.title else "a file without a name"
                return f"{title}, in the history of {side}, is {broken.state}"
        return None

    def _unverified(self, basis: str) -> Iterator[str]:
        """Name the steps that say what they were made from, and are signed by somebody whom nobody vouches for."""
        for history, label in zip(self._histories, (basis, self._pairs[basis]), strict=True):
            yield from (
                item.title or "(no title)" for item in _way(history, label) if item.id != label and not item.trusted
            )

    def _possibly(self) -> Iterator[Likeness]:
        """Find steps with the same thumbnail, bit by bit: whoever copies a picture can copy that too."""
        pictures: dict[bytes, str] = {}
        counterparts = set(self._pairs.values())
        for edit in self._histories[1].edits:
            data = self._stores[1].thumbnails.get(edit.thumbnail or "")
            if data is not None and edit.id not in counterparts:
                pictures.setdefault(data, edit.id)
        named = 0
        for edit in self._histories[0].edits:
            found = pictures.get(self._stores[0].thumbnails.get(edit.thumbnail or "", b""))
            if found is not None and edit.id not in self._pairs and named < _LIKENESSES:
                named += 1
                yield Likeness(one=edit.id, other=found, reason="their thumbnails are the same")


def _unsound(store: ManifestStore) -> str | None:
    """Say why a file itself cannot be relied on."""
    facets = derived.of_store(store, _NOBODY, where="")
    if facets.content.state is not Content.INTACT:
        return _NOT_INTACT[facets.content.state]
    if facets.signature.state is not Signing.VALID:
        return "bears a signature that does not hold, or was not checked"
    return None


_NOT_INTACT = {
    Content.CHANGED: "was changed after it was signed",
    Content.MALFORMED: "has credentials that break the rules of the standard",
    Content.NOT_CHECKED: "was not checked against its credentials",
}


def _pairs(histories: tuple[History, History], seals: tuple[Mapping[str, str], Mapping[str, str]]) -> dict[str, str]:
    """Find the steps that both have: by their signatures, and by their labels where there are none to compare.

    Files of unknown provenance that went into the same step are the same.
    """
    one, other = histories
    signed = {seals[1][item.id]: item.id for item in other.edits if item.id in seals[1]}
    found: dict[str, str] = {}
    for edit in one.edits:
        if edit.is_gap:
            continue
        seal = seals[0].get(edit.id)
        if seal in signed:
            found[edit.id] = signed[seal]
        elif edit.id in other and not other.edit(edit.id).is_gap and (seal is None or edit.id not in seals[1]):
            found[edit.id] = edit.id
    for label, counterpart in tuple(found.items()):
        gaps = {item.ingredient: item.source for item in other.sources(counterpart) if other.edit(item.source).is_gap}
        for edge in one.sources(label):
            if one.edit(edge.source).is_gap and edge.ingredient in gaps:
                found[edge.source] = gaps[edge.ingredient]
    return found


def _forged(histories: tuple[History, History], seals: tuple[Mapping[str, str], Mapping[str, str]]) -> str | None:
    """Find a manifest that bears one label on both sides, but not one signature."""
    one, other = histories
    for edit in one.edits:
        first, second = seals[0].get(edit.id), seals[1].get(edit.id)
        if edit.id in other and first is not None and second is not None and first != second:
            return f"the manifest {edit.id} is in both, but not with the same signature"
    return None


def _way(history: History, label: str) -> Iterator[Edit]:
    """Yield the steps from the head to an older one, by the shortest way, both included."""
    towards: dict[str, str | None] = {history.head: None}
    waiting = deque([history.head])
    while waiting and label not in towards:
        step = waiting.popleft()
        for edge in history.sources(step):
            if edge.source not in towards:
                towards[edge.source] = step
                waiting.append(edge.source)
    place: str | None = label
    while place is not None:
        yield history.edit(place)
        place = towards[place]
