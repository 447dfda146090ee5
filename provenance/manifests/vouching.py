"""Keep trust lists apart as the standard wants: a list vouches for what it was made for, and for nothing else.

The engine does not: it asks every list for signers and for time-stamp authorities alike, and where one root is on
several lists it names any of them. So it is given each root once, under the names of all lists that hold it, and where
the list that it then names serves another purpose, the trust is taken back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model.manifest import StatusKind
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.manifest import ManifestStore, Status
    from provenance.model.trust import Trust, TrustList

_BETWEEN = "\n"
"""Between the names of lists that share roots; no name of a list holds it."""
_NAMES_LIST = ", trust list: "
"""What the engine ends its explanation of a trusted time-stamp with, before the name."""


def anchors(trust: Trust) -> Iterator[tuple[str, Purpose, tuple[str, ...]]]:
    """Yield groups of roots (PEM) that stand on the same lists: their common name, what it serves first, the roots."""
    holders: dict[str, list[TrustList]] = {}
    for item in trust.lists:
        for pem in dict.fromkeys(item.anchors):
            holders.setdefault(pem, []).append(item)
    groups: dict[str, list[str]] = {}
    for pem, lists in holders.items():
        groups.setdefault(_BETWEEN.join(item.name for item in lists), []).append(pem)
    for name, pems in groups.items():
        purpose = Purpose.SIGNER if _vouching(trust, name, Purpose.SIGNER) else Purpose.TIMESTAMP
        yield name, purpose, tuple(pems)


def corrected(store: ManifestStore, trust: Trust) -> ManifestStore:
    """Return a store whose trust rests on lists that were made for it; `trust_list` becomes the signer's one list."""
    signer = _vouching(trust, store.trust_list, Purpose.SIGNER)
    return replace(
        store,
        statuses=tuple(_corrected(item, trust, signer) for item in store.statuses),
        trust_list=signer.name if signer else None,
    )


def _corrected(item: Status, trust: Trust, signer: TrustList | None) -> Status:
    if item.code == "signingCredential.trusted" and signer is None:
        return replace(
            item,
            code="signingCredential.untrusted",
            kind=StatusKind.FAILURE,
            explanation="no list of signers has its root",
        )
    if item.code == "timeStamp.trusted":
        named = item.explanation.rpartition(_NAMES_LIST)[2]
        if _vouching(trust, named, Purpose.TIMESTAMP) is None:
            return replace(
                item,
                code="timeStamp.untrusted",
                kind=StatusKind.INFORMATIONAL,
                explanation="no list of time-stamp authorities has its root",
            )
    return item


def _vouching(trust: Trust, name: str | None, purpose: Purpose) -> TrustList | None:
    """Find the list of a purpose among those that the engine names together."""
    names = (name or "").split(_BETWEEN)
    return next((item for item in trust.lists if item.purpose is purpose and item.name in names), None)
