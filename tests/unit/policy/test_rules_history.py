"""Rules about where it comes from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.claim import Action, Generator
from provenance.model.manifest import StatusKind
from tests.unit.policy.asking import (
    FAILED,
    PASSED,
    UNDECIDED,
    Case,
    changed,
    check,
    created,
    flat,
    opened,
    updating,
)
from tests.unit.stores import a_manifest, a_store, an_ingredient, bad, status


def over(old=None, *actions, head=None, **more):
    """A store of a manifest that was made from another."""
    parent = an_ingredient(old.label if old else "old", **more)
    new = a_manifest("new", parent, **({"actions": (opened(), *actions)} | (head or {})))
    return a_store(new, *([old] if old else []))


def old(*actions, **more):
    return a_manifest("old", actions=actions or (created(),), **more)


def trusted(label="old"):
    return (
        replace(
            status("signingCredential.trusted", StatusKind.SUCCESS), uri=f"self#jumbf=/c2pa/{label}/c2pa.signature"
        ),
    )


def programs(*named):
    return {"generators": tuple(Generator(name=name, version=version) for name, version in named)}


BROKEN = bad("assertion.dataHash.mismatch", label="old")
DOUBTED = bad("signingCredential.untrusted", label="old")
NO_CREDENTIALS = a_store(a_manifest("new", an_ingredient(), actions=(opened(),)))
CIRCLE = a_store(
    a_manifest("new", an_ingredient("old"), actions=(opened(),)),
    a_manifest("old", an_ingredient("new"), actions=(opened(),)),
)
TWICE = a_store(a_manifest("a", actions=(created(), created())))
REDACTING = Action(
    name="c2pa.redacted",
    reason="c2pa.PII.present",
    parameters={"redacted": "self#jumbf=/c2pa/old/c2pa.assertions/cawg.metadata"},
)
UNREASONED = replace(REDACTING, reason=None)
DANGLING = replace(opened(), ingredients=("self#jumbf=c2pa.assertions/c2pa.ingredient.v3__7",))
MINE = {"names": ("Camera *", "Editor/2.*")}
CAMERA, EDITOR = ("Camera 7", "1"), ("Editor", "2.1")
CASES = {
    "history.known-origin": {
        "a creation": Case(outcome=PASSED, says="digitalCapture", store=a_store(a_manifest(actions=(created(),)))),
        "an ancestor's": Case(outcome=PASSED, store=over(old())),
        "without a source type": Case(
            outcome=FAILED, says="how it was made", store=a_store(a_manifest(actions=(created(None),)))
        ),
        "no creation": Case(
            outcome=FAILED, says="that it was created", store=a_store(a_manifest(actions=(Action(name="x"),)))
        ),
        "no credentials of the first": Case(
            outcome=FAILED,
            says="'part' has no Content Credentials",
            store=NO_CREDENTIALS,
            subject="new/c2pa.ingredient.v3/0",
        ),
        "a broken ancestor": Case(
            outcome=UNDECIDED, says="not to be relied on", store=over(old(), statuses=BROKEN), subject="old"
        ),
        "a manifest that is missing": Case(outcome=UNDECIDED, store=over(), subject="old"),
        "in a circle": Case(outcome=FAILED, says="circle", store=CIRCLE),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", actions=(created(),)))),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "history.no-gaps": {
        "none": Case(outcome=PASSED, store=over(old())),
        "without credentials, but named": Case(outcome=PASSED, store=NO_CREDENTIALS),
        "opened, but what": Case(outcome=FAILED, says="not which", store=a_store(a_manifest(actions=(opened(),)))),
        "a manifest that is missing": Case(outcome=FAILED, store=over(), subject="old"),
        "no beginning": Case(outcome=FAILED, store=a_store(a_manifest(actions=()))),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", actions=(created(),)))),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "history.created-once": {
        "once": Case(outcome=PASSED, store=over(old())),
        "twice": Case(outcome=FAILED, says="2 times", store=TWICE),
        "beside a parent": Case(outcome=FAILED, store=over(old(), head={"actions": (created(),)})),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "history.times-in-order": {
        "in order": Case(
            outcome=PASSED,
            store=over(
                old(created(when="2026-01-01T00:00:00Z")), head={"actions": (opened(when="2026-01-02T00:00:00Z"),)}
            ),
        ),
        "out of order": Case(
            outcome=FAILED,
            subject="old",
            store=over(
                old(created(when="2026-01-03T00:00:00Z")), head={"actions": (opened(when="2026-01-02T00:00:00Z"),)}
            ),
        ),
        "one time only": Case(
            outcome=UNDECIDED, says="not two times", store=over(old(created(when="2026-01-01T00:00:00Z")))
        ),
        "none": Case(outcome=UNDECIDED, store=over(old())),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "history.depth": {
        "nothing before": Case(outcome=PASSED, says="0 steps", store=a_store(), options={"most": 0}),
        "one step": Case(outcome=PASSED, says="1 step back", store=over(old()), options={"most": 1}),
        "too many": Case(outcome=FAILED, says="more than 0", store=over(old()), options={"most": 0}),
        "in a circle": Case(outcome=PASSED, store=CIRCLE, options={"most": 1}),
        "no credentials": Case(outcome=UNDECIDED, options={"most": 1}),
    },
    "history.generator-allowed": {
        "one of them": Case(
            outcome=PASSED, says="'Camera 7'", store=a_store(a_manifest(**programs(CAMERA))), options=MINE
        ),
        "by its version": Case(outcome=PASSED, store=a_store(a_manifest(**programs(EDITOR))), options=MINE),
        "by another version": Case(
            outcome=FAILED, store=a_store(a_manifest(**programs(("Editor", "1.0")))), options=MINE
        ),
        "a library does not count": Case(
            outcome=FAILED, says="'Other'", store=a_store(a_manifest(**programs(("Other", None), CAMERA))), options=MINE
        ),
        "none named": Case(
            outcome=FAILED, says="without a name", store=a_store(a_manifest(generators=())), options=MINE
        ),
        "an ancestor's does not count": Case(outcome=PASSED, store=over(old(), head=programs(CAMERA)), options=MINE),
        "unless it is asked for": Case(
            outcome=FAILED, store=over(old(), head=programs(CAMERA)), options=MINE | {"anywhere": True}, subject="old"
        ),
        "a broken ancestor's": Case(
            outcome=UNDECIDED,
            store=over(old(**programs(CAMERA)), head=programs(CAMERA), statuses=BROKEN),
            options=MINE | {"anywhere": True},
            subject="old",
        ),
        "a manifest that is missing": Case(
            outcome=UNDECIDED, store=over(head=programs(CAMERA)), options=MINE | {"anywhere": True}
        ),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", **programs(CAMERA))), options=MINE),
        "no credentials": Case(outcome=UNDECIDED, options=MINE),
    },
    "history.generator-forbidden": {
        "none of them": Case(outcome=PASSED, store=a_store(), options=MINE),
        "one of them": Case(
            outcome=FAILED, says="'Editor'", store=a_store(a_manifest(**programs(EDITOR))), options=MINE
        ),
        "a library": Case(outcome=FAILED, store=a_store(a_manifest(**programs(("Other", None), CAMERA))), options=MINE),
        "an ancestor's": Case(outcome=FAILED, store=over(old(**programs(CAMERA))), options=MINE, subject="old"),
        "an ancestor's, which does not count": Case(
            outcome=PASSED, store=over(old(**programs(CAMERA))), options=MINE | {"anywhere": False}
        ),
        "a broken ancestor's": Case(
            outcome=FAILED, store=over(old(**programs(CAMERA)), statuses=BROKEN), options=MINE, subject="old"
        ),
        "none named": Case(outcome=UNDECIDED, store=a_store(a_manifest(generators=())), options=MINE),
        "a manifest that is missing": Case(outcome=UNDECIDED, store=over(), options=MINE),
        "no credentials": Case(outcome=UNDECIDED, options=MINE),
    },
    "history.no-untrusted-ancestors": {
        "no ancestors": Case(outcome=PASSED, says="no ancestors", store=a_store()),
        "without credentials": Case(outcome=PASSED, store=NO_CREDENTIALS),
        "trusted": Case(outcome=PASSED, says="its 1 ancestor", store=over(old(), statuses=trusted())),
        "not trusted": Case(outcome=FAILED, store=over(old(), statuses=DOUBTED), subject="old"),
        "expired": Case(
            outcome=FAILED, store=over(old(), statuses=bad("signingCredential.expired", label="old")), subject="old"
        ),
        "broken": Case(outcome=FAILED, store=over(old(), statuses=BROKEN), subject="old"),
        "nobody says": Case(outcome=UNDECIDED, store=over(old()), subject="old"),
        "a manifest that is missing": Case(outcome=UNDECIDED, store=over(), subject="old"),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "history.no-redactions": {
        "nothing": Case(outcome=PASSED, says="nothing was", store=over(old())),
        "something": Case(outcome=FAILED, says="'c2pa.PII.present'", store=over(old(), REDACTING)),
        "for a reason that is allowed": Case(
            outcome=PASSED, says="allowed", store=over(old(), REDACTING), options={"reasons": ("c2pa.PII.present",)}
        ),
        "for no reason": Case(
            outcome=FAILED, says="no reason", store=over(old(), UNREASONED), options={"reasons": ("c2pa.PII.present",)}
        ),
        "by an update": Case(outcome=FAILED, store=updating(old(), actions=(opened(), REDACTING))),
        "gone without a word": Case(
            outcome=FAILED,
            says="which is gone",
            options={"reasons": ("c2pa.PII.present",)},
            store=over(old(), REDACTING, head={"actions": (DANGLING, REDACTING)}),
        ),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", actions=(created(),)))),
        "no credentials": Case(outcome=UNDECIDED),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)
