"""Each list vouches for what it was made for, where the engine is looser: purposes, key usages, single certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance import Decision
from provenance.keys.files import FileSigner
from provenance.model.facets import Signer
from provenance.model.ports import Algorithm
from provenance.model.trust import Purpose, Trust, TrustList
from provenance.storage import open_source
from provenance.verification import inspect, verify
from tests.support import media
from tests.support.certificates import CLAIM_SIGNING, EMAIL_PROTECTION, Plan, build
from tests.unit.stores import STANDARD

NOW = datetime.now(UTC).replace(microsecond=0)
DOCUMENTS = "1.3.6.1.5.5.7.3.36"


def a_signer(*purposes, common="desk"):
    key, chain, root = build(Plan(purposes=purposes, common=common), at=NOW)
    return FileSigner(name=common, algorithm=Algorithm.ES256, chain_pem=chain, private_key=key), root


def a_list(name="list", purpose=Purpose.SIGNER, *, anchors=(), allowed=(), usages=()):
    return TrustList(
        name=name, purpose=purpose, anchors=tuple(anchors), allowed=tuple(allowed), key_usages=usages, source="",
        digest="00",
    )  # fmt: skip


def leaf_of(signer):
    return signer.chain_pem[: signer.chain_pem.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"


def judged(workspace, signer, *lists):
    data = workspace.sign(media.jpeg(), signer=signer).data
    return verify(inspect(open_source(data), trust=Trust(lists=lists), at=NOW), STANDARD)


USAGES = {
    "the one that is accepted": ((CLAIM_SIGNING,), (CLAIM_SIGNING,), True),
    "one of several that are accepted": ((CLAIM_SIGNING,), (EMAIL_PROTECTION, CLAIM_SIGNING), True),
    "the accepted one among others": ((EMAIL_PROTECTION, CLAIM_SIGNING), (CLAIM_SIGNING,), True),
    "another one": ((EMAIL_PROTECTION,), (CLAIM_SIGNING,), False),
    "others": ((EMAIL_PROTECTION, DOCUMENTS), (CLAIM_SIGNING,), False),
    "whatever the engine takes": ((EMAIL_PROTECTION,), (), True),
}


@pytest.mark.parametrize(("has", "accepted", "trusted"), USAGES.values(), ids=USAGES)
def test_a_list_trusts_only_certificates_made_for_what_it_accepts(workspace, has, accepted, trusted):
    signer, root = a_signer(*has)

    verdict = judged(workspace, signer, a_list("strict", anchors=[root], usages=accepted))

    assert verdict.facets.signer.state is (Signer.TRUSTED if trusted else Signer.UNTRUSTED)
    assert "'strict'" in verdict.facets.signer.reason
    assert verdict.decision is (Decision.ACCEPTED if trusted else Decision.REVIEW)


def test_another_list_with_the_same_root_may_accept_it(workspace):
    signer, root = a_signer(EMAIL_PROTECTION)

    verdict = judged(
        workspace, signer, a_list("strict", anchors=[root], usages=(CLAIM_SIGNING,)), a_list("wide", anchors=[root])
    )

    assert verdict.facets.signer.state is Signer.TRUSTED
    assert "'wide'" in verdict.facets.signer.reason


def test_an_address_book_trusts_the_certificates_in_it_and_nobody_beside_them(workspace):
    friend, _ = a_signer(CLAIM_SIGNING, common="friend")
    neighbour, _ = a_signer(CLAIM_SIGNING, common="neighbour")
    book = a_list("book", allowed=[leaf_of(friend)])

    assert "'book'" in judged(workspace, friend, book).facets.signer.reason
    assert judged(workspace, friend, book).decision is Decision.ACCEPTED
    assert judged(workspace, neighbour, book).facets.signer.state is Signer.UNTRUSTED
    assert judged(workspace, neighbour, book).decision is Decision.REVIEW


def test_an_address_book_beside_a_list_of_roots(workspace):
    friend, _ = a_signer(CLAIM_SIGNING, common="friend")
    others = workspace.trust.lists[0].anchors
    roots, book = a_list("roots", anchors=others), a_list("book", allowed=[leaf_of(friend)])

    assert judged(workspace, friend, roots).facets.signer.state is Signer.UNTRUSTED
    assert "'book'" in judged(workspace, friend, roots, book).facets.signer.reason


@pytest.mark.parametrize("purpose", [Purpose.TIMESTAMP, Purpose.IDENTITY])
def test_single_certificates_on_a_list_for_something_else_vouch_for_no_signer(workspace, purpose):
    friend, root = a_signer(CLAIM_SIGNING)

    for lists in (
        [a_list("other", purpose, allowed=[leaf_of(friend)])],
        [a_list("other", purpose, anchors=[root])],
        [a_list("other", purpose, anchors=[root], allowed=[leaf_of(friend)])],
    ):
        assert judged(workspace, friend, *lists).facets.signer.state is Signer.UNTRUSTED


def test_an_address_book_does_not_mend_a_broken_file(workspace):
    friend, _ = a_signer(CLAIM_SIGNING)
    data = bytearray(workspace.sign(media.jpeg(), signer=friend).data)
    data[-20] ^= 0xFF
    book = a_list("book", allowed=[leaf_of(friend)])

    assert (
        verify(inspect(open_source(bytes(data)), trust=Trust(lists=(book,)), at=NOW), STANDARD).decision
        is Decision.REJECTED
    )


def test_a_list_can_be_named_so_that_only_it_counts(workspace):
    signer, root = a_signer(CLAIM_SIGNING)
    data = workspace.sign(media.jpeg(), signer=signer).data
    trust = Trust(
        lists=(
            a_list("one", anchors=[root]),
            a_list("two", anchors=workspace.trust.lists[0].anchors),
            a_list("times", Purpose.TIMESTAMP, anchors=[root]),
        )
    )

    def state(*names):
        return verify(inspect(open_source(data), trust=trust.narrowed(names), at=NOW), STANDARD).facets.signer.state

    assert state("one") is Signer.TRUSTED
    assert state("two") is Signer.UNTRUSTED
    assert state("times") is Signer.TRUSTED
    assert [item.name for item in trust.narrowed(("one",)).lists] == ["one", "times"]


def test_the_note_of_a_list_stands_wherever_it_is_named(workspace):
    signer, root = a_signer(CLAIM_SIGNING)
    frozen = replace(a_list("interim", anchors=[root]), note="frozen on 2026-01-01")

    assert "frozen on 2026-01-01" in judged(workspace, signer, frozen).facets.signer.reason
