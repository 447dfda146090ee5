"""Rules about what the hash of a file covers, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.media import Media
from provenance.model.updates import own_manifests
from provenance.policy.registry import find
from tests.unit.policy.asking import FAILED, PASSED, UNDECIDED, Case, changed, check, flat, updating
from tests.unit.stores import a_manifest, a_store, an_ingredient, some_facts

STORE_BOX = [0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81]
TIFF = {"media": Media(name="x.tif", media_type="image/tiff", size=1)}
C2PA_PART = {"names": ["C2PA"], "excluded": True}
ODD = ["x", {"start": "1", "length": None}, {"length": True}, {"length": 9, "start": 1}]


def bound(label="c2pa.hash.data", alg="sha256", *, size=0, **data):
    """A store whose manifest is bound by this hash."""
    found = a_store(a_manifest("active"))
    form = {
        "manifests": [{"label": "active", "claim.v2": {"alg": "sha256"}, "assertions": {label: {"alg": alg} | data}}]
    }
    return replace(found, interchange=form, data=b"x" * size)


def ranges(*pairs):
    return [{"start": start, "length": length} for start, length in pairs]


def boxes(*paths, **more):
    own = {"xpath": "/uuid", "data": [{"offset": 8, "value": STORE_BOX}]}
    return bound("c2pa.hash.bmff.v3", exclusions=[own, *({"xpath": path} for path in paths)], **more)


MORE = bound(exclusions=ranges((20, 1000), (5000, 64)), size=900)
CASES = {
    "integrity.exclusions-allowed": {
        "the manifest only": Case(outcome=PASSED, store=bound(exclusions=ranges((20, 1000)), size=900)),
        "nothing at all": Case(outcome=PASSED, store=bound()),
        "more than the manifest": Case(outcome=FAILED, says="64 bytes at 5000", store=MORE),
        "more, and larger": Case(
            outcome=FAILED,
            says="70000 bytes at 5000",
            store=bound(exclusions=ranges((20, 1000), (5000, 70000)), size=900),
        ),
        "more, within what is allowed": Case(outcome=PASSED, says="allowed here", store=MORE, options={"bytes": 64}),
        "more, beyond what is allowed": Case(outcome=FAILED, store=MORE, options={"bytes": 63}),
        "an updated store, larger than its range": Case(
            outcome=PASSED, store=bound(exclusions=ranges((20, 1000)), size=5000)
        ),
        "more, and which is the manifest's cannot be told": Case(
            outcome=FAILED,
            says="1000 bytes",
            store=bound(exclusions=ranges((20, 1000), (5000, 64)), size=5000),
            options={"bytes": 64},
        ),
        "the length of the manifest in TIFF": Case(
            outcome=PASSED,
            store=bound(exclusions=ranges((20, 4), (50, 1000)), size=900),
            told=TIFF,
        ),
        "as much in a JPEG": Case(
            outcome=FAILED, says="4 bytes at 20", store=bound(exclusions=ranges((20, 4), (50, 1000)), size=900)
        ),
        "boxes that frame": Case(outcome=PASSED, store=boxes("/ftyp", "/mfra", "/free", "/skip")),
        "a box with content": Case(outcome=FAILED, says="the box /emsg", store=boxes("/ftyp", "/emsg")),
        "a box, however much is allowed": Case(outcome=FAILED, store=boxes("/moov"), options={"bytes": 10**9}),
        "media that are hashed apart": Case(outcome=PASSED, store=boxes("/mdat", merkle=[{"count": 1}])),
        "media that are not hashed": Case(outcome=FAILED, says="/mdat", store=boxes("/mdat")),
        "another UUID": Case(
            outcome=FAILED,
            says="/uuid",
            store=bound("c2pa.hash.bmff.v2", exclusions=[{"xpath": "/uuid", "data": [{"offset": 8, "value": "AAAA"}]}]),
        ),
        "a part of a JPEG": Case(
            outcome=FAILED,
            says="the part APP1",
            store=bound("c2pa.hash.boxes", boxes=[C2PA_PART, {"names": ["APP1"], "excluded": True}]),
        ),
        "bytes of a part": Case(
            outcome=FAILED,
            says="12 bytes of the part APP1",
            store=bound(
                "c2pa.hash.boxes",
                boxes=[{"names": ["APP1"], "exclusions": [{"boxIndex": 0, "start": 1, "length": 12}]}],
            ),
        ),
        "parts without exception": Case(
            outcome=PASSED, store=bound("c2pa.hash.boxes", boxes=[{"names": ["SOI", "SOS"]}])
        ),
        "a collection": Case(outcome=PASSED, store=bound("c2pa.hash.collection.data", uris=[])),
        "a binding that nobody knows": Case(outcome=UNDECIDED, store=bound("c2pa.hash.multi-asset", parts=[])),
        "not looked at": Case(outcome=UNDECIDED, says="not known", store=a_store()),
        "none": Case(outcome=UNDECIDED),
        "hostile forms": Case(outcome=FAILED, store=bound(exclusions=ODD)),
    },
    "integrity.hash-algorithm": {
        "one that counts": Case(outcome=PASSED, says="sha256", store=bound()),
        "the claim's own": Case(outcome=PASSED, says="sha256", store=bound(alg=None)),
        "another": Case(outcome=FAILED, says="md5, not by", store=bound(alg="md5")),
        "one that is not wanted": Case(outcome=FAILED, store=bound(), options={"algorithms": ("sha512",)}),
        "not looked at": Case(outcome=UNDECIDED, store=a_store()),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)


def test_what_a_broken_manifest_says_of_its_hash_counts_for_nothing():
    store = replace(bound(), statuses=changed().statuses)
    for rule in CASES:
        assert find(rule).ask(some_facts(store)).outcome is UNDECIDED


def test_answers_name_the_assertion_that_they_rest_on():
    assert find("integrity.exclusions-allowed").ask(some_facts(MORE)).evidence == ("c2pa.hash.data",)


def test_an_update_is_bound_by_what_it_updates():
    """An update has no hash of its own; the engine names the manifest whose hash it has compared."""
    store = updating(a_manifest("old"))
    form = {
        "manifests": [
            {"label": "new", "assertions": {"c2pa.actions.v2": {}}},
            {"label": "old", "assertions": {"c2pa.hash.data": {"alg": "sha384"}}},
        ]
    }
    found = find("integrity.hash-algorithm").ask(some_facts(replace(store, interchange=form)))
    assert (found.outcome, found.message) == (PASSED, "the content is bound by sha384")


@pytest.mark.parametrize("parent", ["old", "gone", "new"])
def test_a_binding_to_which_no_way_leads_is_nobodys(parent):
    """Where the parent is not the manifest whose hash was compared, or leads in a circle, the active one counts."""
    store = updating(a_manifest("other"))
    astray = a_manifest("new", an_ingredient(parent))
    manifests = {"new": astray, "other": a_manifest("other"), "old": a_manifest("old", an_ingredient("new"))}
    assert own_manifests(replace(store, manifests=manifests)) == (astray,)
