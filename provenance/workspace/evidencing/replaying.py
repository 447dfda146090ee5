"""Judge an evidence pack again: what it holds is checked anew, as of its time of looking, and nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from provenance import verification
from provenance.errors import EvidenceError
from provenance.evidence import form, reading
from provenance.evidence.comparing import differences
from provenance.evidence.exchanges import Answering, FetchedThen
from provenance.evidence.outcome import Basis, Known, Replay, Standing
from provenance.model.as_of import AsOf
from provenance.model.claim import Carrier
from provenance.model.facets import Credential, Signer
from provenance.model.manifest import Status
from provenance.model.media import Digest, Media
from provenance.model.trust import DEFAULT_KEY_USAGES
from provenance.policy import needs
from provenance.storage import open_source
from provenance.workspace.evidencing import vouching
from provenance.workspace.evidencing.making import KEPT
from provenance.workspace.evidencing.settling import settled
from provenance.workspace.evidencing.telling import programs
from provenance.workspace.evidencing.unpacking import policy_of, trust_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.evidence import VerdictRecord
    from provenance.evidence.outcome import Vouching
    from provenance.evidence.reading import Pack
    from provenance.model.manifest import ManifestStore
    from provenance.model.policy import Policy
    from provenance.model.trust import Trust, TrustList
    from provenance.model.verdict import Inspection, Verdict
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace
    from provenance.workspace.evidencing.settling import Settled

MOST_NOTES: Final = 20
"""Lines about what the engine says otherwise: a record may hold any number."""
SLACK: Final = timedelta(minutes=10)
"""By how much clocks may differ."""


def replay(space: Workspace, pack: Readable, *, asset: Readable | None) -> Replay:
    """Judge a pack again; see `Workspace.replay`."""
    source = open_source(pack)
    with source.stream() as stream, reading.opened(stream, source.size) as opened, TemporaryDirectory() as folder:
        signature, stamp = vouching.vouched(opened, trust=space.trust, now=space.now())
        whole = unpacked(opened, asset, Path(folder))
        again = _Again(space=space, pack=opened, trust=trust_of(opened), policy=policy_of(opened))
        return again.judged(whole, signature, stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """A pack, with its lists and its policy."""

    space: Workspace
    pack: Pack
    trust: Trust
    policy: Policy

    def judged(self, whole: Source | None, signature: Vouching, stamp: Vouching) -> Replay:
        contents, then = self.pack.contents, self.pack.verdict
        found = self._inspected(whole)
        told = None
        if found.store is not None:
            before = then if whole else _without_binding(then)
            told = settled(found.store, before, trust=self.trust, at=contents.at)
            found = replace(found, store=told.store)
            found = self._by_dates(found, told.store) if told.unexplained and contents.as_of is None else found
        verdict = self.space.judge(found, self.policy)
        supposing = None if whole else self.space.judge(self._supposed(found, told), self.policy)
        return Replay(
            contents=contents,
            recorded=then,
            verdict=verdict,
            basis=Basis.FILE if whole else Basis.CREDENTIALS,
            differences=differences(then, verdict, supposing=supposing),
            lists=tuple(_known(item, self.space.trust) for item in self.trust.lists),
            signature=signature,
            stamp=stamp,
            notes=(*_doubts(verdict, self.space.trust), *self._notes(told, stamp)),
        )

    def _inspected(self, whole: Source | None) -> Inspection:
        """Collect the facts as they were collected then, with the answers of then."""
        contents, kept = self.pack.contents, self.pack.contents.credentials
        if whole is not None:
            found = verification.inspect(whole, trust=self.trust, at=contents.at, questions=self._questions())
            here = found.carrier in (Carrier.EMBEDDED, Carrier.SIDECAR)
            return replace(found, found_in=kept.found_in) if here else found
        data = self.pack.parts.get(form.MANIFEST)
        if data is None or kept.state is not Credential.PRESENT:
            raise EvidenceError(
                "the media file is not in this pack, and there are no credentials that could be checked without it",
                hint=f"give it: --asset FILE (SHA-256 {contents.file.sha256})",
            )
        found = verification.inspect_alone(
            data, _media(contents.file), trust=self.trust, at=contents.at, questions=self._questions()
        )
        return replace(found, carrier=kept.carrier, found_in=kept.found_in, remote_url=kept.remote_url)

    def _questions(self) -> verification.Questions:
        contents, parts = self.pack.contents, self.pack.parts
        remote = revocation = None
        if contents.online:
            from provenance.revocation.client import OcspClient  # noqa: PLC0415 -- brings in cryptography

            remote = FetchedThen(contents.fetched, parts.get(form.MANIFEST))
            answers = Answering(contents.asked, parts)
            revocation = OcspClient(answers, clock=lambda: contents.at, sleep=lambda _: None)
        return verification.Questions(
            remote=remote,
            revocation=revocation,
            as_of=contents.as_of,
            digest=True,
            keep=KEPT,
            needs=needs(self.policy),
        )

    def _by_dates(self, found: Inspection, store: ManifestStore) -> Inspection:
        """Judge the signer by dates alone, since what is recorded of it cannot be explained."""
        from provenance.trust.paths import paths  # noqa: PLC0415 -- brings in cryptography

        at = self.pack.contents.at
        # They counted then: the pack says so, whatever date they bear.
        trust = replace(self.trust, lists=tuple(replace(item, as_of=None, obtained=at) for item in self.trust.lists))
        chain = store.evidence.chain if store.evidence else ()
        return replace(found, trust=trust, further=replace(found.further, as_of=AsOf(at=at, paths=paths(chain, trust))))

    def _supposed(self, found: Inspection, told: Settled | None) -> Inspection:
        """Suppose that the content is what it was found to be then: whatever else differs differs for certain."""
        if found.store is None or told is None:
            return found
        then = self.pack.verdict
        binding = [item for item in then.statuses if item.code in verification.BINDING]
        statuses = (*found.store.statuses, *(_status(item) for item in binding))
        state = verification.state_of((*statuses, *found.store.deltas))
        if not (told.failing or told.unexplained) and then.reported_state:
            state = then.reported_state
        return replace(found, store=replace(found.store, statuses=statuses, reported_state=state))

    def _notes(self, told: Settled | None, stamp: Vouching) -> Iterator[str]:
        contents, now = self.pack.contents, self.space.now()
        if told is not None and told.explained:
            yield (
                "the engine judges otherwise today, because certificates have expired or begun since; their dates, "
                f"and the lists in the pack, say that it was right as of {contents.at:%Y-%m-%d %H:%M} UTC"
            )
        if told is not None and told.at_odds:
            yield (
                f"what is recorded of the signer's certificate was not so at {contents.at:%Y-%m-%d %H:%M} UTC: "
                f"the pack was not made then, or by a machine whose clock was wrong"
            )
        elif told is not None and told.unexplained:
            yield "no dates explain what is recorded of certificates, so that the signer was judged by dates alone"
        changed = told.changed if told else ()
        yield from changed[:MOST_NOTES]
        if len(changed) > MOST_NOTES:
            yield f"the engine says {len(changed) - MOST_NOTES} more things otherwise"
        if contents.at > now + SLACK or (stamp.time is not None and contents.at > stamp.time + SLACK):
            yield f"it says that it was made at {contents.at:%Y-%m-%d %H:%M} UTC, which was then still to come"
        if contents.key_usages != DEFAULT_KEY_USAGES:
            yield "other extended key usages counted than count here"
        here = programs()
        yield from (
            f"{name} was {then}, and is {here.get(name, 'not there')} here"
            for name, then in contents.programs.items()
            if here.get(name) != then
        )


def _media(known: form.PackedFile) -> Media:
    digest = Digest(algorithm="sha256", value=known.sha256)
    return Media(name=known.name, media_type=known.media_type, size=known.size, digest=digest)


def _status(item: form.StatusRecord) -> Status:
    return Status(code=item.code, kind=item.kind, uri=item.uri, explanation=item.explanation)


def _without_binding(then: VerdictRecord) -> VerdictRecord:
    """Leave out what was said of the content, as it is left out now."""
    statuses = tuple(item for item in then.statuses if item.code not in verification.BINDING)
    state = verification.state_of(_status(item) for item in (*statuses, *then.deltas))
    return replace(then, statuses=statuses, reported_state=state)


def _doubts(verdict: Verdict, here: Trust) -> Iterator[str]:
    """Say of the list that the signer's trust rests on what this machine knows of it."""
    store, lists = verdict.inspection.store, verdict.inspection.trust
    through = lists.named(store.trust_list if store else None)
    if verdict.facets.signer.state is not Signer.TRUSTED or through is None:
        return
    known = _known(through, here)
    if known.standing is Standing.SAME:
        return
    if known.local:
        yield f"the list {through.name!r} was made by the machine that made the pack, for itself: it proves no identity"
    else:
        yield f"the signer is trusted through the list {through.name!r}, which is {known.standing.value}"


def _known(item: TrustList, here: Trust) -> Known:
    """Say whether this machine has a list too: whoever makes a pack chooses the lists in it."""
    same = any(found.digest == item.digest and found.purpose is item.purpose for found in here.lists)
    standing = Standing.SAME if same else Standing.OTHER if here.named(item.name) else Standing.UNKNOWN
    return Known(name=item.name, purpose=item.purpose, local=item.local, standing=standing)
