"""Keep trust lists apart as the standard wants: a list vouches for what it was made for, and for nothing else.

The engine does not: it asks every list for signers and for time-stamp authorities alike, where one root is on several
lists it names any of them, and it knows neither which key usages a list accepts nor single certificates by the name of
their list. So it is given each root once, under the names of all lists that hold it. Where the lists that it then
names serve another purpose, or do not accept the certificate, the trust is taken back; single certificates are looked
up here.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from provenance.model.manifest import StatusKind
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.model.manifest import ManifestStore, Status
    from provenance.model.trust import Trust, TrustList

_BETWEEN = "\n"
"""Between the names of lists that share roots; no name of a list holds it."""
_NAMES_LIST = ", trust list: "
"""What the engine ends its explanation of a trusted time-stamp with, before the name."""
_FOUND_IN = re.compile(r"found in \[(.*)\] trust anchors", re.DOTALL)
"""What the engine says of a trusted certificate: the name stands in the brackets."""
_STANDING = {
    "signingCredential.trusted": Purpose.SIGNER,
    "signingCredential.untrusted": Purpose.SIGNER,
    "cawg.x509.credential.trusted": Purpose.IDENTITY,
    "cawg.x509.credential.untrusted": Purpose.IDENTITY,
}


def anchors(trust: Trust) -> Iterator[tuple[str, Purpose, tuple[str, ...]]]:
    """Yield groups of roots (PEM) that stand on the same lists: their common name, what it serves first, the roots."""
    holders: dict[str, list[TrustList]] = {}
    for item in trust.lists:
        for pem in dict.fromkeys(item.anchors):
            holders.setdefault(pem, []).append(item)
    groups: dict[tuple[str, ...], list[str]] = {}
    purposes: dict[tuple[str, ...], set[Purpose]] = {}
    for pem, lists in holders.items():
        names = tuple(item.name for item in lists)
        groups.setdefault(names, []).append(pem)
        purposes[names] = {item.purpose for item in lists}
    for names, pems in groups.items():
        for purpose in Purpose:
            # Anchors of identities are the only ones that the engine keeps apart: they are named once more.
            if purpose in purposes[names] and (purpose is Purpose.IDENTITY or purpose is _first(purposes[names])):
                yield _BETWEEN.join(names), purpose, tuple(pems)


def _first(purposes: set[Purpose]) -> Purpose:
    return next(item for item in Purpose if item in purposes)


def corrected(store: ManifestStore, trust: Trust, raw: Callable[[], bytes]) -> ManifestStore:
    """Return a store whose trust rests on lists that were made for it; `trust_list` becomes the signer's one list.

    `raw` gives the bytes of the manifest store, where certificates must be looked at.
    """
    judge = _Judge(trust=trust, store=store, raw=raw)
    statuses = tuple(judge.judged(item) for item in store.statuses)
    trusted = next((item for item in statuses if item.code == "signingCredential.trusted"), None)
    return replace(store, statuses=statuses, trust_list=_named(trusted) if trusted else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    trust: Trust
    store: ManifestStore
    raw: Callable[[], bytes]

    def judged(self, status: Status) -> Status:
        if status.code == "timeStamp.trusted":
            return self._time(status)
        purpose = _STANDING.get(status.code)
        return status if purpose is None else self._standing(status, purpose)

    def _time(self, status: Status) -> Status:
        names = status.explanation.rpartition(_NAMES_LIST)[2].split(_BETWEEN)
        if any(item.purpose is Purpose.TIMESTAMP and item.name in names for item in self.trust.lists):
            return status
        return replace(
            status,
            code="timeStamp.untrusted",
            kind=StatusKind.INFORMATIONAL,
            explanation="no list of time-stamp authorities has its root",
        )

    def _standing(self, status: Status, purpose: Purpose) -> Status:
        """Say anew whether a certificate is trusted, and through which list."""
        names = (_named(status) or "").split(_BETWEEN) if status.code.endswith(".trusted") else []
        lists = [item for item in self.trust.lists if item.purpose is purpose]
        rooted = [item for item in lists if item.name in names]
        found = next((item for item in (*rooted, *lists) if self._accepts(item, status, rooted=item in rooted)), None)
        base = status.code.rpartition(".")[0]
        if found is not None:
            explanation = f"signing certificate trusted, found in [{found.name}] trust anchors"
            return replace(status, code=f"{base}.trusted", kind=StatusKind.SUCCESS, explanation=explanation)
        explanation = "no list made for this has its root"
        if rooted:
            explanation = (
                f"the list {rooted[0].name!r} has its root, but does not accept what the certificate is made for"
            )
        return replace(status, code=f"{base}.untrusted", kind=StatusKind.FAILURE, explanation=explanation)

    def _accepts(self, item: TrustList, status: Status, *, rooted: bool) -> bool:
        if not rooted and not item.allowed:
            return False
        if rooted and not item.key_usages:
            return True
        from provenance.manifests.leaf import key_usages  # noqa: PLC0415 -- most lists look at no certificate

        leaf = self._leaf(status)
        if leaf is None or not (rooted or leaf in _certificates(item.allowed)):
            return False
        return not item.key_usages or not set(item.key_usages).isdisjoint(key_usages(leaf))

    def _leaf(self, status: Status) -> bytes | None:
        """Read the certificate that a status is about."""
        from provenance.manifests import cose  # noqa: PLC0415 -- see above

        label = status.uri.rpartition("/")[2]
        if _STANDING[status.code] is Purpose.SIGNER:
            found = cose.evidence(self.raw(), self.store.active)
        else:
            found = cose.identity(self.raw(), self.store.active, label)
        return found.chain[0] if found and found.chain else None


def _named(status: Status) -> str | None:
    match = _FOUND_IN.search(status.explanation)
    return match[1] if match else None


@cache
def _certificates(pems: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(b64decode("".join(line for line in pem.splitlines() if "-----" not in line)) for pem in pems)
