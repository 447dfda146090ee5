"""Files of every fate, put together by hand with fixed times, as reports see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action, Assertion, Carrier, Generator, Origin, Relationship
from provenance.model.manifest import IdentityAssertion, Signature
from provenance.model.media import Digest, Media
from provenance.model.policy import Outcome, Policy, RuleUse, Severity
from provenance.model.verdict import Finding, Verdict
from provenance.reports.result import Result, Results
from tests.support.reports import questions
from tests.unit.stores import AT, SIGNED, SOUND, STANDARD, a_manifest, a_store, a_verdict, an_ingredient, bad, good

BEFORE = AT - timedelta(days=1)
POLICY = replace(STANDARD, digest="cd" * 32)
"""A comment more or less in its file is of no interest here."""
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
INTERCHANGE = {
    "@context": {"@vocab": "https://c2pa.org/crjson"},
    "manifests": [{"label": "urn:c2pa:1", "signature": {"algorithm": "es256"}}],
    "jsonGenerator": {"name": "engine", "version": "1.0.0"},
}


def published():
    """Captured, then published: two signers, a time-stamp, a publisher."""
    camera = Signature(algorithm="es256", organization="Camera Maker", common_name="X100", serial="7", time=BEFORE)
    captured = a_manifest(
        "urn:c2pa:0", title="DSC_1.jpg", signature=camera, generators=(Generator(name="Camera", version="3.1"),),
        actions=(Action(name="c2pa.created", when="2026-04-30T09:00:00Z", source_type=f"{SOURCE}digitalCapture"),),
    )  # fmt: skip
    active = a_manifest(
        "urn:c2pa:1",
        an_ingredient("urn:c2pa:0", title="DSC_1.jpg"),
        title="front page.jpg",
        signature=replace(SIGNED, time=AT - timedelta(hours=2)),
        actions=(Action(name="c2pa.opened"), Action(name="c2pa.published", description="Morning edition")),
        assertions=(
            Assertion(label="c2pa.metadata", data={"dc:creator": ["Zoë Müller"], "photoshop:City": "Oslo"}),
            Assertion(label="cawg.metadata", data={"dc:rights": "© Example News"}, origin=Origin.GATHERED),
        ),
    )
    return replace(a_store(active, captured), interchange=INTERCHANGE)


def generated():
    """Made by a model, signed by nobody who is known, with a part that is missing."""
    active = a_manifest(
        "urn:c2pa:2",
        an_ingredient("urn:c2pa:gone", title="left.png", relationship=Relationship.COMPONENT_OF),
        title="picture.png",
        actions=(Action(name="c2pa.created", source_type=f"{SOURCE}trainedAlgorithmicMedia"),),
        identities=(
            IdentityAssertion(
                label="cawg.identity", organization="Studio", common_name=None, roles=("cawg.creator",), kind=None
            ),
        ),
    )
    found = (*good(*SOUND[1:]), *bad("signingCredential.untrusted", "cawg.x509.credential.untrusted"))
    return a_store(active, statuses=found, reported="Valid", trust_list=None)


def changed():
    """Altered after it was signed."""
    return a_store(statuses=(*good(*SOUND[:2]), *bad("assertion.dataHash.mismatch")), reported="Invalid")


def looked_at(name, store=None, **facts):
    """Judge by the standard policy."""
    digest = Digest(algorithm="sha256", value=f"{len(name):02x}" * 32)
    media = Media(name=name, media_type="image/jpeg", size=1000 + len(name), digest=digest)
    verdict = replace(a_verdict(store, media=media, **facts), policy=POLICY)
    return Result(name=name, verdict=verdict, history=trace(store) if store else None)


def several():
    """One run over files of every fate."""
    return Results(
        items=(
            looked_at("in/front page.jpg", published()),
            looked_at("in/=plain.jpg"),
            looked_at("in/picture.png", generated()),
            Result(
                name="in/empty.jpg", error=UnreadableMedia("is empty", path="in/empty.jpg", hint="get it once more")
            ),
            looked_at("in/changed.jpg", changed()),
            looked_at("in/torn.jpg", problem="two manifest stores", carrier=Carrier.EMBEDDED),
            looked_at("in/kept elsewhere.jpg", remote_url="https://example.org/a.c2pa", carrier=Carrier.REMOTE),
        ),
        generator="provenance 1.0.0",
        at=AT,
        policy=POLICY,
        questions=questions(POLICY),
    )


def newsroom():
    """One file under a policy with a condition of its own."""
    uses = (
        *(use for use in STANDARD.rules if use.rule.startswith("integrity.")),
        RuleUse(
            rule="custom.not-generated", severity=Severity.REVIEW, require="x == {}", message="it may be [generated]"
        ),
        RuleUse(rule="custom.has-caption", severity=Severity.INFO, require="size(captions) > 0", message="no caption"),
    )
    policy = Policy(name="newsroom", version="7", purpose="x", rules=uses, digest="ab" * 32, text="")
    found = looked_at("published.jpg", published())
    verdict = found.verdict
    own = (
        Finding(rule="custom.not-generated", outcome=Outcome.UNDECIDED, severity=Severity.REVIEW,
                message="the condition cannot be decided: x is not known"),
        Finding(rule="custom.has-caption", outcome=Outcome.FAILED, severity=Severity.INFO, message="no caption",
                subject="urn:c2pa:1", evidence=("captions = []",)),
    )  # fmt: skip
    kept = tuple(item for item in verdict.findings if item.rule.startswith("integrity."))
    judged = Verdict(inspection=verdict.inspection, policy=policy, findings=(*kept, *own))
    return Results(
        items=(replace(found, verdict=judged),), generator="provenance 1.0.0", at=AT, policy=policy,
        questions=questions(policy),
    )  # fmt: skip
