"""Facets follow from facts: one table for each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model import derived
from provenance.model.facets import Ancestry, Content, Credential, Revocation, Signer, Signing, Time
from provenance.model.further import Further, TimeCheck
from provenance.model.manifest import StatusKind
from provenance.model.trust import Purpose, Trust
from tests.unit import stores
from tests.unit.stores import a_manifest, a_store, an_ingredient, bad, good


def derive(store, trust=stores.TRUST):
    return derived.of_store(store, trust, where="embedded")


CONTENT = {
    "matching": (good("assertion.dataHash.match"), Content.INTACT),
    "matching boxes": (good("assertion.boxesHash.match"), Content.INTACT),
    "not matching": (bad("assertion.dataHash.mismatch"), Content.CHANGED),
    "a changed assertion": ((*good("assertion.dataHash.match"), *bad("assertion.hashedURI.mismatch")), Content.CHANGED),
    "both": ((*good("assertion.dataHash.match"), *bad("assertion.dataHash.mismatch")), Content.CHANGED),
    "a broken rule": ((*good("assertion.dataHash.match"), *bad("manifest.multipleParents")), Content.MALFORMED),
    "a broken rule and a change": (bad("manifest.multipleParents", "assertion.dataHash.mismatch"), Content.CHANGED),
    "an assertion alone": (good("assertion.hashedURI.match"), Content.NOT_CHECKED),
    "silence": ((), Content.NOT_CHECKED),
}
SIGNATURE = {
    "validated": (good("claimSignature.validated"), Signing.VALID),
    "mismatch": (bad("claimSignature.mismatch"), Signing.INVALID),
    "missing": (bad("claimSignature.missing"), Signing.INVALID),
    "contradicting": ((*good("claimSignature.validated"), *bad("claimSignature.mismatch")), Signing.INVALID),
    "silence": ((), Signing.NOT_CHECKED),
}
SIGNER = {
    "trusted": (good("signingCredential.trusted"), Signer.TRUSTED),
    "untrusted": (bad("signingCredential.untrusted"), Signer.UNTRUSTED),
    "expired": (bad("signingCredential.expired", "signingCredential.untrusted"), Signer.INVALID),
    "wrong certificate": ((*good("signingCredential.trusted"), *bad("signingCredential.invalid")), Signer.INVALID),
    "outside validity": ((*good("signingCredential.trusted"), *bad("claimSignature.outsideValidity")), Signer.INVALID),
    "bad signature": ((*good("signingCredential.trusted"), *bad("claimSignature.mismatch")), Signer.NOT_CHECKED),
    "silence": ((), Signer.UNTRUSTED),
}
TIME = {
    "none": ((), Time.ABSENT),
    "trusted": (good("timeStamp.validated", "timeStamp.trusted"), Time.TRUSTED),
    "not on a list": ((*good("timeStamp.validated"), *bad("timeStamp.untrusted")), Time.UNTRUSTED),
    "nothing said of trust": (good("timeStamp.validated"), Time.UNTRUSTED),
    "another's": ((*good("timeStamp.trusted"), *bad("timeStamp.mismatch")), Time.INVALID),
    "unreadable": (bad("timeStamp.malformed"), Time.INVALID),
    "authority not valid then": (bad("timeStamp.outsideValidity"), Time.INVALID),
}
REVOCATION = {
    "silence": ((), Revocation.NOT_CHECKED),
    "skipped": (good("signingCredential.ocsp.skipped"), Revocation.NOT_CHECKED),
    "inaccessible": (bad("signingCredential.ocsp.inaccessible"), Revocation.NOT_CHECKED),
    "good": (good("signingCredential.ocsp.notRevoked"), Revocation.GOOD),
    "unknown": (bad("signingCredential.ocsp.unknown"), Revocation.UNKNOWN),
    "revoked": (bad("signingCredential.ocsp.revoked"), Revocation.REVOKED),
    "revoked and good": (
        (*good("signingCredential.ocsp.notRevoked"), *bad("signingCredential.ocsp.revoked")),
        Revocation.REVOKED,
    ),
}
PARENT = a_manifest("parent")
ANCESTRY = {
    "no ingredients": (a_store(), Ancestry.NONE),
    "one that is sound": (a_store(a_manifest("a", an_ingredient("parent")), PARENT), Ancestry.INTACT),
    "one whose signer is unknown": (
        a_store(a_manifest("a", an_ingredient("parent", bad("signingCredential.untrusted"))), PARENT),
        Ancestry.INTACT,
    ),
    "one without credentials": (a_store(a_manifest("a", an_ingredient())), Ancestry.UNKNOWN),
    "one with and one without": (
        a_store(a_manifest("a", an_ingredient("parent"), an_ingredient()), PARENT),
        Ancestry.UNKNOWN,
    ),
    "one whose certificate had expired": (
        a_store(a_manifest("a", an_ingredient("parent", bad("signingCredential.expired"))), PARENT),
        Ancestry.UNKNOWN,
    ),
    "a change on record": (
        a_store(a_manifest("a", an_ingredient("parent", bad("assertion.dataHash.mismatch"))), PARENT),
        Ancestry.BROKEN,
    ),
    "a change found now": (
        a_store(a_manifest("a", an_ingredient("parent")), PARENT, deltas=bad("claimSignature.mismatch")),
        Ancestry.BROKEN,
    ),
    "an unknown failure": (
        a_store(a_manifest("a", an_ingredient("parent", bad("unheard.of"))), PARENT),
        Ancestry.BROKEN,
    ),
    "a revoked certificate": (
        a_store(a_manifest("a", an_ingredient("parent", bad("signingCredential.ocsp.revoked"))), PARENT),
        Ancestry.BROKEN,
    ),
    "a manifest that is missing, said of the file itself": (
        a_store(a_manifest("a", an_ingredient("parent")), statuses=bad("ingredient.manifest.missing")),
        Ancestry.BROKEN,
    ),
    "a change two generations back": (
        a_store(
            a_manifest("a", an_ingredient("b")),
            a_manifest("b", an_ingredient("parent", bad("assertion.bmffHash.mismatch"))),
            PARENT,
        ),
        Ancestry.BROKEN,
    ),
    "a change beside one that was not fetched": (
        a_store(
            a_manifest(
                "a",
                an_ingredient(None, bad("manifest.inaccessible")),
                an_ingredient("parent", bad("claimSignature.missing")),
            ),
            PARENT,
        ),
        Ancestry.BROKEN,
    ),
    "one that was not fetched": (
        a_store(a_manifest("a", an_ingredient(None, bad("manifest.inaccessible")))),
        Ancestry.NOT_CHECKED,
    ),
}


@pytest.mark.parametrize(("found", "state"), CONTENT.values(), ids=CONTENT)
def test_content_follows_from_statuses(found, state):
    assert derive(a_store(statuses=found)).content.state is state


@pytest.mark.parametrize(("found", "state"), SIGNATURE.values(), ids=SIGNATURE)
def test_signature_follows_from_statuses(found, state):
    assert derive(a_store(statuses=found)).signature.state is state


@pytest.mark.parametrize(("found", "state"), SIGNER.values(), ids=SIGNER)
def test_signer_follows_from_statuses(found, state):
    assert derive(a_store(statuses=found)).signer.state is state


@pytest.mark.parametrize(("found", "state"), TIME.values(), ids=TIME)
def test_time_follows_from_statuses(found, state):
    assert derive(a_store(statuses=found)).time.state is state


@pytest.mark.parametrize(("found", "state"), REVOCATION.values(), ids=REVOCATION)
def test_revocation_follows_from_statuses(found, state):
    assert derive(a_store(statuses=found)).revocation.state is state


@pytest.mark.parametrize(("store", "state"), ANCESTRY.values(), ids=ANCESTRY)
def test_ancestry_follows_from_all_manifests(store, state):
    assert derive(store).ancestry.state is state


@pytest.mark.parametrize("named", ["stamps", "a list of somebody else", None])
def test_only_a_list_for_signers_vouches_for_a_signer(named):
    found = derive(a_store(trust_list=named)).signer
    assert found.state is Signer.UNTRUSTED
    assert "can't be verified" in found.reason


def test_a_list_of_this_machine_is_called_so():
    trust = Trust(lists=(stores.a_list("own", local=True),))
    assert "this machine only" in derive(a_store(trust_list="own"), trust).signer.reason


def test_without_any_list_the_reason_says_so():
    found = derive(a_store(statuses=bad("signingCredential.untrusted")), Trust()).signer
    assert "no trust list is set up" in found.reason


@pytest.mark.parametrize("version", [1, 2])
def test_a_time_stamp_of_the_first_claims_is_never_called_trusted(version):
    store = a_store(a_manifest(claim_version=version), statuses=good("timeStamp.validated", "timeStamp.trusted"))
    assert derive(store).time.state is (Time.NOT_CHECKED if version == 1 else Time.TRUSTED)


def test_without_a_list_of_authorities_no_time_stamp_is_trusted():
    trust = Trust(lists=(stores.a_list("signers", Purpose.SIGNER),))
    assert (
        derive(a_store(statuses=good("timeStamp.validated", "timeStamp.trusted")), trust).time.state is Time.NOT_CHECKED
    )


def test_a_failure_filed_as_a_success_does_not_make_anything_intact():
    found = tuple(stores.status(code, StatusKind.SUCCESS) for code in ("assertion.dataHash.mismatch",))
    assert derive(a_store(statuses=found)).content.state is Content.NOT_CHECKED


def test_a_manifest_without_a_signature_has_no_name_and_no_trust():
    store = a_store(a_manifest(signature=None), statuses=good("claimSignature.validated"))
    found = derive(store)
    assert found.signer.state is Signer.UNTRUSTED
    assert "a certificate without a name" in found.signer.reason


def test_every_facet_gives_a_reason():
    for found in (derive(a_store()), derived.without_store(Credential.ABSENT, "none")):
        for name in type(found).__dataclass_fields__:
            assert getattr(found, name).reason


def test_nothing_is_said_to_be_checked_where_there_is_nothing_to_check():
    found = derived.without_store(Credential.ABSENT, "none")
    checked = [getattr(found, name).state for name in type(found).__dataclass_fields__ if name != "credential"]
    assert set(checked) == {"not checked"}


def test_the_same_store_without_its_trust_list_changes_the_signer_only():
    store = a_store()
    known, unknown = derive(store), derive(replace(store, trust_list=None))
    assert replace(known, signer=unknown.signer) == unknown


STAMPED = replace(stores.SIGNED, time=stores.AT, expires=stores.AT)
LATER = stores.AT.replace(year=2030)
CHECKS = {
    "no look at it": (None, Time.TRUSTED, Signer.TRUSTED),
    "one that agrees": (
        TimeCheck(time=stores.AT, authority="Example Time", through="stamps"),
        Time.TRUSTED,
        Signer.TRUSTED,
    ),
    "one that does not": (
        TimeCheck(time=None, authority="", through=None, problem="it names two times that differ"),
        Time.UNTRUSTED,
        Signer.UNTRUSTED,
    ),
    "one that finds nobody to vouch for it": (
        TimeCheck(time=stores.AT, authority="Example Time", through=None),
        Time.UNTRUSTED,
        Signer.UNTRUSTED,
    ),
}


@pytest.mark.parametrize(("check", "time", "signer"), CHECKS.values(), ids=CHECKS)
def test_a_time_that_only_the_engine_trusts_keeps_no_expired_certificate_alive(check, time, signer):
    codes = ("signingCredential.trusted", "claimSignature.validated", "timeStamp.validated", "timeStamp.trusted")
    store = a_store(a_manifest(signature=STAMPED), statuses=good(*codes))
    found = derived.of_store(store, stores.TRUST, where="", at=LATER, further=Further(stamp=check))
    assert (found.time.state, found.signer.state) == (time, signer)
