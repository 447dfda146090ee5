"""Results in which one text stands in every field that anybody but us can fill."""

from __future__ import annotations

from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action, Assertion, Carrier, Generator, Relationship
from provenance.model.manifest import IdentityAssertion, Ingredient, Signature, Status, StatusKind
from provenance.model.media import Media
from provenance.model.policy import Outcome, Policy, RuleUse, Severity
from provenance.model.trust import Purpose, Trust, TrustList
from provenance.model.verdict import Finding, Verdict
from provenance.reports.result import Result, Results
from tests.unit.stores import AT, SOUND, STANDARD, a_manifest, a_store, a_verdict, an_ingredient, good


def a_list(text):
    return TrustList(
        name="signers", purpose=Purpose.SIGNER, anchors=(), source=text, digest="00", local=False, note=text
    )  # fmt: skip


def store(text):
    statuses = (
        *good(*SOUND),
        Status(code=text, kind=StatusKind.FAILURE, uri=text, explanation=text),
        Status(code="timeStamp.malformed", kind=StatusKind.FAILURE, uri=text, explanation=text),
    )
    signature = Signature(algorithm=text, organization=text, common_name=text, serial=text, time=None)
    action = Action(name=text, when=text, software_agent=text, description=text, source_type=text, reason=text)
    metadata = Assertion(label="c2pa.metadata", data={"dc:creator": [text], "dc:rights": text, text: text})
    identity = IdentityAssertion(label=text, organization=text, common_name=text, roles=(text,), kind=text)
    part = Ingredient(
        label=text, title=text, media_type=text, relationship=Relationship.PARENT_OF, manifest=None, description=text
    )
    active = a_manifest(
        f"a{text}", part, an_ingredient(f"gone{text}", title=text), an_ingredient(f"b{text}", statuses=statuses),
        title=text, media_type=text, generators=(Generator(name=text, version=text),), signature=signature,
        actions=(action,), assertions=(metadata,), identities=(identity,),
    )  # fmt: skip
    older = a_manifest(f"b{text}", title=text, signature=signature, actions=(action,))
    return a_store(active, older, statuses=statuses, reported="Invalid")


def policy(text):
    uses = (
        *STANDARD.rules,
        RuleUse(rule=f"custom.{text}", severity=Severity.REVIEW, require=text, message=text),
        RuleUse(rule="metadata.same", severity=Severity.INFO),
    )
    return Policy(name=text, version=text, purpose=text, rules=uses, digest="00", text=text)


def verdict(text, **facts):
    """A verdict of which inspection, findings and policy say nothing but `text`."""
    media = Media(name=text, media_type="image/jpeg", size=1)
    trust = Trust(lists=(a_list(text),))
    found = a_verdict(facts.pop("store", None), media=media, trust=trust, **facts)
    odd = (
        Finding(rule=f"custom.{text}", outcome=Outcome.FAILED, severity=Severity.REVIEW, message=text,
                subject=text, evidence=(text,)),
        Finding(rule="metadata.same", outcome=Outcome.UNDECIDED, severity=Severity.REVIEW, message=text),
    )  # fmt: skip
    return Verdict(inspection=found.inspection, policy=policy(text), findings=(*found.findings, *odd))


def results(text):
    """Files of every fate."""
    said = store(text)
    verdicts = {
        "judged": (verdict(text, store=said), trace(said)),
        "unreadable": (verdict(text, problem=text), None),
        "not fetched": (verdict(text, remote_url=text, problem=text), None),
        "beside it": (verdict(text, store=a_store(), carrier=Carrier.SIDECAR, found_in=text), trace(a_store())),
    }
    items = [Result(name=text, verdict=found, history=history) for found, history in verdicts.values()]
    items.append(Result(name=text, error=UnreadableMedia(text, path=text, hint=text)))
    return Results(items=tuple(items), generator="provenance 1.0", at=AT, policy=policy(text))
