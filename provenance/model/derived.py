"""The facets, derived from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import statuses
from provenance.model.as_of import Then
from provenance.model.facets import (
    Ancestry,
    Content,
    Credential,
    Facet,
    Facets,
    Publisher,
    Revocation,
    Signer,
    Signing,
    Time,
)
from provenance.model.further import NOTHING, Further, TimeCheck
from provenance.model.manifest import StatusKind
from provenance.model.statuses import Concern
from provenance.model.trust import Purpose
from provenance.model.words import name_of, phrase, stamped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from provenance.model.manifest import IdentityAssertion, ManifestStore, Status
    from provenance.model.revocation import RevocationAnswer
    from provenance.model.trust import Trust

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
        publisher=Facet(state=Publisher.NOT_CHECKED, reason="there is no identity assertion at hand"),
    )


def of_store(
    store: ManifestStore,
    trust: Trust,
    *,
    where: str,
    at: datetime | None = None,
    further: Further = NOTHING,
) -> Facets:
    """Derive all facets from a manifest store and the lists that it was checked with.

    `at` (aware) is the time of looking: without it, expiry is left to the engine.
    """
    time = time_facet(store, trust, further.stamp)
    signer = _signer(store, trust, at, time)
    as_of = further.as_of
    stamp = further.stamp if time.state is Time.TRUSTED else None
    if as_of is not None:
        then = Then(store=store, trust=trust, as_of=as_of, time=time, stamp=stamp)
        time, signer = then.time_facet(), then.signer_facet(signer)
    attested = stamp.time if stamp and time.state is Time.TRUSTED else None
    moment = attested or (as_of.at if as_of else None)
    return Facets(
        credential=Facet(state=Credential.PRESENT, reason=where),
        content=_content(store.statuses),
        signature=_signature(store),
        signer=signer,
        time=time,
        revocation=_revocation(store.statuses, further.revocation, moment),
        ancestry=_ancestry(store),
        publisher=_publisher(store, trust),
    )


def failures(found: Iterable[Status], *concerns: Concern) -> list[Status]:
    """Return the failures that are about these concerns."""
    return [item for item in found if item.kind is StatusKind.FAILURE and statuses.concern(item.code) in concerns]


def _has(found: Iterable[Status], *codes: str) -> Status | None:
    return next((item for item in found if item.code in codes), None)


def _content(found: tuple[Status, ...]) -> Facet[Content]:
    changed = failures(found, Concern.CONTENT)
    if changed:
        return Facet(state=Content.CHANGED, reason=statuses.sentence(changed[0]))
    malformed = failures(found, Concern.STRUCTURE)
    if malformed:
        return Facet(state=Content.MALFORMED, reason=statuses.sentence(malformed[0]))
    if any(item.code in statuses.CONTENT_MATCHES for item in found):
        return Facet(state=Content.INTACT, reason="the content is what was signed")
    return Facet(state=Content.NOT_CHECKED, reason="no check of the content is reported")


def _signature(store: ManifestStore) -> Facet[Signing]:
    failed = failures(store.statuses, Concern.SIGNATURE)
    if failed:
        return Facet(state=Signing.INVALID, reason=statuses.sentence(failed[0]))
    if _has(store.statuses, "claimSignature.validated"):
        signature = store.active_manifest.signature
        algorithm = signature.algorithm if signature and signature.algorithm else "an unnamed algorithm"
        return Facet(state=Signing.VALID, reason=f"the claim is signed with the certificate's key ({algorithm})")
    return Facet(state=Signing.NOT_CHECKED, reason="no check of the signature is reported")


def _signer(store: ManifestStore, trust: Trust, at: datetime | None, time: Facet[Time]) -> Facet[Signer]:
    found = store.statuses
    if failures(found, Concern.SIGNATURE):
        return Facet(state=Signer.NOT_CHECKED, reason="nothing can be attributed to it: the signature is invalid")
    who = name_of(store)
    unacceptable = failures(found, Concern.CREDENTIAL)
    if unacceptable:
        return Facet(state=Signer.INVALID, reason=f"{who}: {statuses.sentence(unacceptable[0])}")
    if _has(found, "signingCredential.trusted"):
        through = trust.named(store.trust_list)
        # The engine lets every list vouch for signers, those of time-stamp authorities too.
        if through is not None and through.purpose is Purpose.SIGNER:
            expired = _expired_unseen(store, at, time)
            if expired:
                return Facet(state=Signer.UNTRUSTED, reason=f"{who}: {expired}")
            return Facet(state=Signer.TRUSTED, reason=f"{who}, {phrase(through)}")
    why = "no trust list is set up (`provenance trust update` gets the official ones)"
    if any(item.purpose is Purpose.SIGNER and not item.local for item in trust.lists):
        said = _has(found, "signingCredential.untrusted")
        narrow = said is not None and said.explanation.startswith("the list ")
        why = said.explanation if said and narrow else "no trust list vouches for it"
    return Facet(state=Signer.UNTRUSTED, reason=f"{who}: {why}, so the identity can't be verified")


def _expired_unseen(store: ManifestStore, at: datetime | None, time: Facet[Time]) -> str | None:
    """Say whether only a time-stamp that nobody vouches for makes an expired certificate look valid.

    The engine takes the time of such a stamp: whoever has the key of an expired certificate could make one.
    """
    signature = store.active_manifest.signature
    expires = signature.expires if signature else None
    if at is None or expires is None or at <= expires or time.state is Time.TRUSTED:
        return None
    return f"the certificate expired on {expires:%Y-%m-%d}, and no trusted time says that it was used before"


def time_facet(store: ManifestStore, trust: Trust, check: TimeCheck | None = None) -> Facet[Time]:
    """Say who says when it was signed; `check` is our own look at a time-stamp that the engine trusts."""
    found = store.statuses
    stamp = stamped(store)
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
        return _checked(at, check)
    return Facet(state=Time.UNTRUSTED, reason=f"{at}, by an authority that no list vouches for")


def _checked(at: str, check: TimeCheck | None) -> Facet[Time]:
    """Believe a time-stamp that the engine trusts only as far as our own look at it does."""
    if check is None:
        return Facet(state=Time.TRUSTED, reason=f"{at}, by a trusted time-stamp authority")
    if check.time is None or check.through is None:
        return Facet(state=Time.UNTRUSTED, reason=f"{at}, but {check.problem or 'no list vouches for the authority'}")
    return Facet(
        state=Time.TRUSTED, reason=f"{check.time.isoformat()}, by {check.authority}, through the list {check.through!r}"
    )


def _revocation(
    found: tuple[Status, ...], answer: RevocationAnswer | None, moment: datetime | None
) -> Facet[Revocation]:
    """Judge by what the engine and what an authority says; one word against is enough.

    `moment` is when the certificate was used, where somebody trusted says so, or as of when it is asked.
    """
    if _has(found, "signingCredential.ocsp.revoked", "signingCredential.revoked"):
        return Facet(state=Revocation.REVOKED, reason="the certificate has been revoked")
    if answer is not None and answer.state is Revocation.REVOKED:
        if moment is not None and answer.holds_at(moment):
            return Facet(state=Revocation.GOOD, reason=f"{answer.reason}, which was after its use on {moment:%Y-%m-%d}")
        return Facet(state=Revocation.REVOKED, reason=answer.reason)
    if answer is not None and answer.state is not Revocation.NOT_CHECKED:
        return Facet(state=answer.state, reason=answer.reason)
    if _has(found, "signingCredential.ocsp.notRevoked"):
        return Facet(state=Revocation.GOOD, reason="a stapled answer says that it is not revoked")
    if _has(found, "signingCredential.ocsp.unknown"):
        return Facet(state=Revocation.UNKNOWN, reason="the authority does not know the certificate")
    reason = answer.reason if answer else "nobody was asked whether it is revoked (--online asks)"
    return Facet(state=Revocation.NOT_CHECKED, reason=reason)


_UNPROVED = (".untrusted", ".did_unavailable", ".did_unsupported", ".untrusted_issuer")
"""Failures that leave an identity assertion open; all others break it."""


def _publisher(store: ManifestStore, trust: Trust) -> Facet[Publisher]:
    """Judge the identity assertions, which stand beside the claim's own signature; the worst decides."""
    identities = store.active_manifest.identities
    failed = failures(store.statuses, Concern.IDENTITY)
    if not identities and not failed:
        return Facet(state=Publisher.NONE, reason="nobody but the signer is named")
    who = ", ".join(_identified(item) for item in identities) or "an identity assertion"
    broken = [item for item in failed if not item.code.endswith(_UNPROVED)]
    if broken:
        return Facet(state=Publisher.INVALID, reason=f"{who}: {statuses.sentence(broken[0])}")
    if failed:
        why = (
            "no list of identities vouches for it" if trust.has(Purpose.IDENTITY) else "no list of identities is set up"
        )
        return Facet(state=Publisher.UNTRUSTED, reason=f"{who}: {why}, so this identity can't be verified")
    trusted = [item for item in store.statuses if item.code.endswith("credential.trusted") and "cawg" in item.code]
    if len(trusted) < len(identities):
        said = _has(store.statuses, "cawg.ica.untrusted_issuer")
        why = "who has put this identity together is not checked" if said else "no check of this identity is reported"
        return Facet(state=Publisher.NOT_CHECKED, reason=f"{who}: {why}")
    through = [trust.named(item.explanation.partition("[")[2].rpartition("]")[0]) for item in trusted]
    named = ", ".join(dict.fromkeys(phrase(item) for item in through if item is not None))
    return Facet(state=Publisher.TRUSTED, reason=f"{who}, {named}")


def _identified(item: IdentityAssertion) -> str:
    name = item.organization or item.common_name or "somebody without a name"
    roles = ", ".join(role.removeprefix("cawg.") for role in item.roles)
    return f"{name} ({roles})" if roles else name


def _ancestry(store: ManifestStore) -> Facet[Ancestry]:
    ingredients = [item for manifest in store.manifests.values() for item in manifest.ingredients]
    found = (*store.deltas, *(status for item in ingredients for status in item.statuses))
    broken = failures(store.statuses, Concern.ANCESTRY) or failures(found, *statuses.BREAKS_ANCESTRY)
    if broken:
        return Facet(state=Ancestry.BROKEN, reason=f"an ingredient is broken: {statuses.sentence(broken[0])}")
    elsewhere = failures(found, Concern.FETCH)
    if elsewhere:
        return Facet(state=Ancestry.NOT_CHECKED, reason=statuses.sentence(elsewhere[0]))
    if not ingredients:
        return Facet(state=Ancestry.NONE, reason="it was made from no other files that are named")
    doubtful = failures(found, Concern.CREDENTIAL)
    if doubtful:
        return Facet(state=Ancestry.UNKNOWN, reason=f"the signer of an ingredient: {statuses.sentence(doubtful[0])}")
    unknown = sum(item.manifest is None for item in ingredients)
    if unknown:
        which = f"{unknown} of {len(ingredients)} files that it was made from have"
        if len(ingredients) == 1:
            which = "the file that it was made from has"
        return Facet(state=Ancestry.UNKNOWN, reason=f"{which} no credentials")
    return Facet(state=Ancestry.INTACT, reason="every file that it was made from is what was signed")
