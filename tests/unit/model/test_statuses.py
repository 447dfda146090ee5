"""What status codes are about: every known one by name, and every other as a breach of the rules."""

from __future__ import annotations

import pytest

from provenance.model import statuses
from provenance.model.facets import Content
from provenance.model.manifest import Status, StatusKind
from provenance.model.statuses import Concern
from provenance.model.verdict import Decision
from tests.unit import stores

CASES = {
    "assertion.dataHash.mismatch": Concern.CONTENT,
    "assertion.bmffHash.mismatch": Concern.CONTENT,
    "assertion.boxesHash.mismatch": Concern.CONTENT,
    "assertion.hashedURI.mismatch": Concern.CONTENT,
    "claimSignature.mismatch": Concern.SIGNATURE,
    "claimSignature.missing": Concern.SIGNATURE,
    "claimSignature.outsideValidity": Concern.CREDENTIAL,
    "signingCredential.invalid": Concern.CREDENTIAL,
    "signingCredential.expired": Concern.CREDENTIAL,
    "signingCredential.untrusted": Concern.TRUST,
    "signingCredential.ocsp.revoked": Concern.REVOCATION,
    "timeStamp.mismatch": Concern.TIME,
    "ingredient.manifest.missing": Concern.ANCESTRY,
    "ingredient.claimSignature.mismatch": Concern.ANCESTRY,
    "manifest.inaccessible": Concern.FETCH,
    "cawg.ica.signature_mismatch": Concern.IDENTITY,
}
UNKNOWN = [
    "", "unheard.of", "assertion.newHash.mismatch", "manifest.multipleParents", "assertion.action.malformed",
    "claimSignature.unheardOf", "signingCredential.unheardOf", "Ingredient.manifest.missing", "timestamp.mismatch",
    "general.error", "algorithm.unsupported", "\u202eassertion",
]  # fmt: skip


@pytest.mark.parametrize(("code", "concern"), CASES.items(), ids=CASES)
def test_a_known_code_is_about_what_the_standard_says(code, concern):
    assert statuses.concern(code) is concern


@pytest.mark.parametrize("code", UNKNOWN)
def test_an_unknown_code_counts_as_a_breach_of_structure(code):
    assert statuses.concern(code) is Concern.STRUCTURE


@pytest.mark.parametrize("code", UNKNOWN)
def test_an_unknown_failure_makes_content_malformed_and_the_file_rejected(code):
    store = stores.a_store(statuses=(*stores.good(*stores.SOUND), *stores.bad(code)))
    verdict = stores.a_verdict(store)
    assert verdict.facets.content.state is Content.MALFORMED
    assert verdict.decision is Decision.REJECTED


@pytest.mark.parametrize("kind", [StatusKind.SUCCESS, StatusKind.INFORMATIONAL])
@pytest.mark.parametrize("code", UNKNOWN)
def test_an_unknown_code_that_is_no_failure_breaks_nothing(code, kind):
    store = stores.a_store(statuses=(*stores.good(*stores.SOUND), stores.status(code, kind)))
    assert stores.a_verdict(store).decision is Decision.ACCEPTED


def test_a_sentence_always_ends_with_the_code():
    for code in [*CASES, *UNKNOWN]:
        status = Status(code=code, kind=StatusKind.FAILURE, uri="", explanation="")
        words = statuses.sentence(status)
        assert words.endswith(f" ({code})")
        assert len(words) > len(code) + 10


def test_the_engines_explanation_stands_where_we_have_no_sentence_of_our_own():
    status = Status(code="unheard.of", kind=StatusKind.FAILURE, uri="", explanation="the moon is wrong")
    assert statuses.sentence(status) == "the moon is wrong (unheard.of)"


def test_trust_alone_never_breaks_ancestry():
    assert Concern.TRUST not in statuses.BREAKS_ANCESTRY
