"""Inspect media for credentials, and judge what was found."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError, TimestampError, about
from provenance.history import trace
from provenance.manifests import sniff
from provenance.manifests.formats import MANIFEST_STORE
from provenance.manifests.locate import locate
from provenance.manifests.reader import Keep, read
from provenance.model import statuses
from provenance.model.as_of import AsOf
from provenance.model.derived import time_facet
from provenance.model.facets import Revocation, Time
from provenance.model.further import TimeCheck
from provenance.model.manifest import StatusKind
from provenance.model.media import Digest, Media
from provenance.model.revocation import RevocationAnswer
from provenance.model.statuses import Concern
from provenance.model.trust import Purpose
from provenance.model.updates import own_manifests
from provenance.model.verdict import Inspection
from provenance.policy import Facts, Need, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from provenance.model.manifest import ManifestStore, Status
    from provenance.model.media import Metadata
    from provenance.model.policy import Policy
    from provenance.model.ports import Conditions, ManifestSource, RevocationSource
    from provenance.model.trust import Trust
    from provenance.model.verdict import Verdict
    from provenance.storage import Source

BINDING = statuses.CONTENT_MATCHES | {item.replace(".match", ".mismatch") for item in statuses.CONTENT_MATCHES}
"""What the engine says of whether the content is what was signed."""
_CERTIFICATE_STATUS = "c2pa.certificate-status"
_UNREAD = "the signer's certificates could not be read, so nobody could be asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked beyond what stands in the file."""

    remote: ManifestSource | None = None
    """Allows fetching manifests that are kept elsewhere."""
    revocation: RevocationSource | None = None
    """Is asked whether the signer's certificate has been revoked."""
    as_of: datetime | None = None
    """Another day (aware) than the time of looking, as of which the verdict is to hold."""
    digest: bool = False
    """Computes the file's SHA-256."""
    keep: Keep = Keep.NOTHING
    """What is handed on besides the report."""
    needs: Need = Need.NOTHING
    """What the policy asks for beyond what is always collected."""


def inspect(source: Source, *, trust: Trust, at: datetime, questions: Questions | None = None) -> Inspection:
    """Collect the facts about a file's credentials; absent, unreadable and remote ones are facts too.

    `at` (aware) is the time of looking. Raises `UnreadableMedia` when the file cannot be read, `UnsupportedMedia` for
    its type, `SettingsError` for a day to come.
    """
    asked = questions or Questions()
    if asked.as_of is not None and asked.as_of > at:
        raise SettingsError(
            f"{asked.as_of:%Y-%m-%d %H:%M %Z} is still to come", hint="a verdict can only hold as of a day gone by"
        )
    found_format = sniff.detect(source.head(sniff.HEAD), source.name)
    with about(source.name):
        located = locate(
            source.stream,
            found_format.media_type,
            path=source.path,
            trust=trust,
            remote=asked.remote,
            keep=_keep(asked),
        )
    found = Inspection(
        media=Media(
            name=source.name,
            media_type=found_format.media_type,
            size=source.size,
            digest=Digest(algorithm="sha256", value=source.sha256()) if asked.digest else None,
        ),
        store=located.reading.store,
        carrier=located.carrier,
        found_in=located.found_in,
        problem=located.reading.problem,
        remote_url=located.reading.remote_url,
        trust=trust,
        at=at,
        metadata=_metadata(source, found_format.media_type) if Need.METADATA in asked.needs else None,
    )
    return found if found.store is None else _with_more(found, found.store, asked)


def inspect_alone(
    data: bytes, media: Media, *, trust: Trust, at: datetime, questions: Questions | None = None
) -> Inspection:
    """Collect the facts about a manifest store (JUMBF) whose file is not at hand: that it belongs to it stays open.

    `media` is what is known of the file. Nothing is asked over the network but what `questions` allow.
    """
    asked = questions or Questions()
    reading = read(io.BytesIO(data), MANIFEST_STORE, trust=trust, keep=_keep(asked))
    found = Inspection(
        media=media,
        store=_unbound(reading.store) if reading.store else None,
        carrier=None,
        found_in=None,
        problem=reading.problem,
        remote_url=reading.remote_url,
        trust=trust,
        at=at,
    )
    return found if found.store is None else _with_more(found, found.store, asked)


def state_of(found: Iterable[Status]) -> str:
    """Say in the engine's words (Invalid, Valid, Trusted) what follows from statuses, where not all are its own."""
    codes = {item.code: statuses.concern(item.code) for item in found if item.kind is StatusKind.FAILURE}
    if any(concern not in (Concern.TRUST, Concern.IDENTITY) for concern in codes.values()):
        return "Invalid"
    return "Valid" if codes else "Trusted"


def verify(inspection: Inspection, policy: Policy, *, conditions: Conditions | None = None) -> Verdict:
    """Judge the facts by a policy; `conditions` decides its expressions, where it has some."""
    return evaluate(facts_of(inspection, conditions=conditions), policy)


def facts_of(inspection: Inspection, *, conditions: Conditions | None = None) -> Facts:
    """Return what rules may ask of an inspection, and conditions over its report."""
    return Facts(inspection, trace=trace, report=partial(_variables, inspection), conditions=conditions)


def _variables(inspection: Inspection) -> dict[str, Any]:
    from provenance.reports.variables import variables  # noqa: PLC0415 -- only for policies with conditions

    return variables(inspection, trace(inspection.store) if inspection.store else None)


def _metadata(source: Source, media_type: str) -> Metadata:
    from provenance.metadata.read import WITHIN, read  # noqa: PLC0415 -- brings in lxml

    return read(source.head(WITHIN), media_type)


def _keep(asked: Questions) -> Keep:
    evidence = asked.revocation is not None or asked.as_of is not None or Need.CERTIFICATE in asked.needs
    keep = asked.keep | (Keep.EVIDENCE if evidence else Keep.NOTHING)
    return keep | Keep.INTERCHANGE | Keep.STORE if Need.INTERCHANGE in asked.needs else keep


def _unbound(store: ManifestStore) -> ManifestStore:
    """Leave out what the engine says of the content: without the file it compared the hard binding with nothing."""
    kept = tuple(item for item in store.statuses if item.code not in BINDING)
    return replace(store, statuses=kept, reported_state=state_of((*kept, *store.deltas)))


def _with_more(found: Inspection, store: ManifestStore, asked: Questions) -> Inspection:
    """Add what only certificates and tokens can tell."""
    chain = store.evidence.chain if store.evidence else ()
    further = replace(found.further, stamp=_stamp(found, store))
    if Need.CERTIFICATE in asked.needs and chain:
        from provenance.trust.described import described  # noqa: PLC0415 -- brings in cryptography

        further = replace(further, certificate=described(chain, found.trust))
    if Need.METADATA in asked.needs:
        from provenance.metadata.stated import read_stated  # noqa: PLC0415 -- only for policies that compare

        further = replace(further, stated=read_stated(own_manifests(store)))
    if asked.as_of is not None:
        from provenance.trust.paths import paths  # noqa: PLC0415 -- brings in cryptography

        further = replace(further, as_of=AsOf(at=asked.as_of, paths=paths(chain, found.trust)))
    found = replace(found, further=further)
    answers = list(_stapled(store))
    if not (answers or asked.revocation):
        return found
    if not chain:
        unread = RevocationAnswer(state=Revocation.NOT_CHECKED, reason=_UNREAD, source="")
        return replace(found, further=replace(further, revocation=unread))
    revocation = _revocation(found, chain, answers, asked.revocation)
    return replace(found, further=replace(further, revocation=revocation))


def _stamp(found: Inspection, store: ManifestStore) -> TimeCheck | None:
    """Look at a time-stamp that the engine trusts once more.

    It shows another time than the authority attests where the two stand in the token, and takes tokens whose
    certificate is not the one that they name (docs/limits.md).
    """
    # Not by all facets: this is asked of every file.
    if time_facet(store, found.trust).state is not Time.TRUSTED:
        return None
    token = store.evidence.token if store.evidence else None
    if token is None:
        return TimeCheck(time=None, authority="", through=None, problem="the time-stamp could not be looked at")
    from provenance.timestamps.token import check_token  # noqa: PLC0415 -- brings in cryptography

    lists = [item for item in found.trust.lists if item.purpose is Purpose.TIMESTAMP]
    problem = None
    for item in lists:
        try:
            checked = check_token(token, imprint_of=None, anchors=item.anchors)
        except TimestampError as error:
            problem = error.message
        else:
            return TimeCheck(time=checked.time, authority=checked.authority, through=item.name)
    return TimeCheck(time=None, authority="", through=None, problem=problem)


def _stapled(store: ManifestStore) -> Iterator[bytes]:
    """Find answers about revocation beside the signature and in an assertion (C2PA 2.4, `c2pa.certificate-status`)."""
    if store.evidence is not None:
        yield from store.evidence.ocsp
    for assertion in store.active_manifest.assertions:
        values = assertion.data.get("ocspVals") if assertion.label.startswith(_CERTIFICATE_STATUS) else None
        for value in values if isinstance(values, list) else ():
            try:
                # The engine writes bytes as lists of numbers into its report.
                yield bytes(value)
            except (TypeError, ValueError):
                continue


def _revocation(
    found: Inspection, chain: tuple[bytes, ...], stapled: list[bytes], ask: RevocationSource | None
) -> RevocationAnswer:
    """Weigh what was stapled and what is said now: a word against is enough, then what is said now."""
    from provenance.revocation.stapled import read_stapled  # noqa: PLC0415 -- brings in cryptography
    from provenance.trust.paths import issuer_of  # noqa: PLC0415 -- brings in cryptography

    top = issuer_of(chain[-1], chain, found.trust)
    whole = chain if top is None or top in chain else (*chain, top)
    answers = [] if ask is None else [ask.ask_chain(whole)]
    if stapled:
        answers.append(read_stapled(stapled, chain=whole, at=found.at, signed_at=_signed_at(found)))
    revoked = (item for item in answers if item.state is Revocation.REVOKED)
    known = (item for item in answers if item.state is not Revocation.NOT_CHECKED)
    return next(revoked, None) or next(known, None) or answers[0]


def _signed_at(found: Inspection) -> datetime | None:
    """Say when the certificate was used, where somebody trusted attests it."""
    return found.further.stamp.time if found.further.stamp else None
