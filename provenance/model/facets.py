"""The six facets of a verdict, and ancestry: derived from facts, never stored beside them.

Each facet answers one question in one word and gives a reason in one line. What was not checked says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from provenance.model import statuses
from provenance.model.manifest import StatusKind
from provenance.model.statuses import Concern
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from provenance.model.manifest import ManifestStore, Signature, Status
    from provenance.model.trust import Trust, TrustList


class Credential(StrEnum):
    """Are there Content Credentials?"""

    PRESENT = "present"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    NOT_FETCHED = "not fetched"


class Content(StrEnum):
    """Is the content what was signed?"""

    INTACT = "intact"
    CHANGED = "changed"
    MALFORMED = "malformed"
    NOT_CHECKED = "not checked"


class Signing(StrEnum):
    """Was the claim signed with the key of its certificate?"""

    VALID = "valid"
    INVALID = "invalid"
    NOT_CHECKED = "not checked"


class Signer(StrEnum):
    """Can the identity of the signer be verified?"""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    NOT_CHECKED = "not checked"


class Time(StrEnum):
    """Who says when it was signed?"""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    ABSENT = "absent"
    NOT_CHECKED = "not checked"


class Revocation(StrEnum):
    """Has the certificate been revoked?"""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not checked"


class Ancestry(StrEnum):
    """Are the files that it was made from what their signers signed?"""

    NONE = "none"
    INTACT = "intact"
    UNKNOWN = "unknown"
    BROKEN = "broken"
    NOT_CHECKED = "not checked"


S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet(Generic[S]):
    """One answer and its reason."""

    state: S
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """All answers about one file."""

    credential: Facet[Credential]
    content: Facet[Content]
    signature: Facet[Signing]
    signer: Facet[Signer]
    time: Facet[Time]
    revocation: Facet[Revocation]
    ancestry: Facet[Ancestry]


_UNCHECKED = "there is nothing to check it against"


def without_store(credential: Credential, reason: str) -> Facets:
    """Say that nothing could be checked, because there are no credentials to check with."""
    return Facets(
        credential=Facet(state=credential, reason=reason),
        content=Facet(state=Content.NOT_CHECKED, reason=_UNCHECKED),
        signature=Facet(state=Signing.NOT_CHECKED, reason="there is no signature at hand"),
        signer=Facet(state=Signer.NOT_CHECKED, reason="there is no signature at hand"),
        time=Facet(state=Time.NOT_CHECKED, reason="there is no signature at hand"),
        revocation=Facet(state=Revocation.NOT_CHECKED, reason="there is no certificate at hand"),
        ancestry=Facet(state=Ancestry.NOT_CHECKED, reason="there is no history at hand"),
    )


def of_store(store: ManifestStore, trust: Trust, *, where: str, at: datetime | None = None) -> Facets:
    """Derive all facets from a manifest store and the lists that it was checked with.

    `at` (aware) is the time of looking: without it, expiry is left to the engine.
    """
    return Facets(
        credential=Facet(state=Credential.PRESENT, reason=where),
        content=_content(store.statuses),
        signature=_signature(store),
        signer=_signer(store, trust, at),
        time=_time(store, trust),
        revocation=_revocation(store.statuses),
        ancestry=_ancestry(store),
    )


def _failures(found: Iterable[Status], *concerns: Concern) -> list[Status]:
    return [item for item in found if item.kind is StatusKind.FAILURE and statuses.concern(item.code) in concerns]


def _has(found: Iterable[Status], *codes: str) -> Status | None:
    return next((item for item in found if item.code in codes), None)


def _content(found: tuple[Status, ...]) -> Facet[Content]:
    changed = _failures(found, Concern.CONTENT)
    if changed:
        return Facet(state=Content.CHANGED, reason=statuses.sentence(changed[0]))
    malformed = _failures(found, Concern.STRUCTURE)
    if malformed:
        return Facet(state=Content.MALFORMED, reason=statuses.sentence(malformed[0]))
    if any(item.code in statuses.CONTENT_MATCHES for item in found):
        return Facet(state=Content.INTACT, reason="the content is what was signed")
    return Facet(state=Content.NOT_CHECKED, reason="no check of the content is reported")


def _signature(store: ManifestStore) -> Facet[Signing]:
    failed = _failures(store.statuses, Concern.SIGNATURE)
    if failed:
        return Facet(state=Signing.INVALID, reason=statuses.sentence(failed[0]))
    if _has(store.statuses, "claimSignature.validated"):
        signature = store.active_manifest.signature
        algorithm = signature.algorithm if signature and signature.algorithm else "an unnamed algorithm"
        return Facet(state=Signing.VALID, reason=f"the claim is signed with the certificate's key ({algorithm})")
    return Facet(state=Signing.NOT_CHECKED, reason="no check of the signature is reported")


def _signer(store: ManifestStore, trust: Trust, at: datetime | None) -> Facet[Signer]:
    found = store.statuses
    if _failures(found, Concern.SIGNATURE):
        return Facet(state=Signer.NOT_CHECKED, reason="nothing can be attributed to it: the signature is invalid")
    who = _name(store.active_manifest.signature)
    unacceptable = _failures(found, Concern.CREDENTIAL)
    if unacceptable:
        return Facet(state=Signer.INVALID, reason=f"{who}: {statuses.sentence(unacceptable[0])}")
    if _has(found, "signingCredential.trusted"):
        through = trust.named(store.trust_list)
        # The engine lets every list vouch for signers, those of time-stamp authorities too.
        if through is not None and through.purpose is Purpose.SIGNER:
            expired = _expired_unseen(store, trust, at)
            if expired:
                return Facet(state=Signer.UNTRUSTED, reason=f"{who}: {expired}")
            return Facet(state=Signer.TRUSTED, reason=f"{who}, {_through(through)}")
    why = "no trust list vouches for it" if trust.has(Purpose.SIGNER) else "no trust list is set up"
    return Facet(state=Signer.UNTRUSTED, reason=f"{who}: {why}, so the identity can't be verified")


def _expired_unseen(store: ManifestStore, trust: Trust, at: datetime | None) -> str | None:
    """Say whether only a time-stamp that nobody vouches for makes an expired certificate look valid.

    The engine takes the time of such a stamp: whoever has the key of an expired certificate could make one.
    """
    signature = store.active_manifest.signature
    expires = signature.expires if signature else None
    if at is None or expires is None or at <= expires or _time(store, trust).state is Time.TRUSTED:
        return None
    return f"the certificate expired on {expires:%Y-%m-%d}, and no trusted time says that it was used before"


def _name(signature: Signature | None) -> str:
    name = signature.organization or signature.common_name if signature else None
    return name or "a certificate without a name"


def _through(found: TrustList) -> str:
    name = found.name
    return f"trusted on this machine only (list {name!r})" if found.local else f"through the list {name!r}"


def _time(store: ManifestStore, trust: Trust) -> Facet[Time]:
    found = store.statuses
    signature = store.active_manifest.signature
    stamp = signature.time if signature else None
    bad = _has(found, *statuses.BAD_TIME_STAMPS)
    if bad:
        return Facet(state=Time.INVALID, reason=statuses.sentence(bad))
    if not _has(found, "timeStamp.validated", "timeStamp.trusted", "timeStamp.untrusted"):
        return Facet(state=Time.ABSENT, reason="no time-stamp: any time is only the signer's own word")
    at = stamp.isoformat() if stamp else "an unnamed time"
    if store.active_manifest.claim_version < 2:
        return Facet(state=Time.NOT_CHECKED, reason=f"{at}; for claims of version 1 the authority is not checked")
    if not trust.has(Purpose.TIMESTAMP):
        return Facet(state=Time.NOT_CHECKED, reason=f"{at}; no list of time-stamp authorities is set up")
    if _has(found, "timeStamp.trusted"):
        return Facet(state=Time.TRUSTED, reason=f"{at}, by a trusted time-stamp authority")
    return Facet(state=Time.UNTRUSTED, reason=f"{at}, by an authority that no list vouches for")


def _revocation(found: tuple[Status, ...]) -> Facet[Revocation]:
    if _has(found, "signingCredential.ocsp.revoked", "signingCredential.revoked"):
        return Facet(state=Revocation.REVOKED, reason="the certificate has been revoked")
    if _has(found, "signingCredential.ocsp.notRevoked"):
        return Facet(state=Revocation.GOOD, reason="a stapled answer says that it is not revoked")
    if _has(found, "signingCredential.ocsp.unknown"):
        return Facet(state=Revocation.UNKNOWN, reason="the authority does not know the certificate")
    return Facet(state=Revocation.NOT_CHECKED, reason="nobody was asked whether the certificate is revoked")


def _ancestry(store: ManifestStore) -> Facet[Ancestry]:
    ingredients = [item for manifest in store.manifests.values() for item in manifest.ingredients]
    found = (*store.deltas, *(status for item in ingredients for status in item.statuses))
    broken = _failures(store.statuses, Concern.ANCESTRY) or _failures(found, *statuses.BREAKS_ANCESTRY)
    if broken:
        return Facet(state=Ancestry.BROKEN, reason=f"an ingredient is broken: {statuses.sentence(broken[0])}")
    elsewhere = _failures(found, Concern.FETCH)
    if elsewhere:
        return Facet(state=Ancestry.NOT_CHECKED, reason=statuses.sentence(elsewhere[0]))
    if not ingredients:
        return Facet(state=Ancestry.NONE, reason="it was made from no other files that are named")
    doubtful = _failures(found, Concern.CREDENTIAL)
    if doubtful:
        return Facet(state=Ancestry.UNKNOWN, reason=f"the signer of an ingredient: {statuses.sentence(doubtful[0])}")
    unknown = sum(item.manifest is None for item in ingredients)
    if unknown:
        which = f"{unknown} of {len(ingredients)} files that it was made from have"
        if len(ingredients) == 1:
            which = "the file that it was made from has"
        return Facet(state=Ancestry.UNKNOWN, reason=f"{which} no credentials")
    return Facet(state=Ancestry.INTACT, reason="every file that it was made from is what was signed")
