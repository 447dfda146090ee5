"""Answers that came with a file: the right one is found among them, and the worst of what they say counts."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from provenance.model.facets import Revocation
from provenance.revocation.stapled import read_stapled
from tests.support.ocsp import DAY, REVOKED, UNKNOWN, Pki, Says, answer, der, issue, now

EXPIRED = Says(next_update=-timedelta(minutes=1))


@pytest.fixture(scope="module")
def leaf(pki):
    return pki.leaf()


@pytest.fixture(scope="module")
def answers(pki, leaf):
    def by(says=None, about=None):
        return answer(about or leaf, pki.middle, pki.middle_key, says)

    return {
        "good": by(),
        "revoked": by(Says(status=REVOKED)),
        "unknown": by(Says(status=UNKNOWN)),
        "expired": by(EXPIRED),
        "another's": by(Says(status=REVOKED), about=pki.leaf()),
        "garbage": b"\x30\x03garbage",
        "above good": answer(pki.middle, pki.root, pki.root_key),
        "above revoked": answer(pki.middle, pki.root, pki.root_key, Says(status=REVOKED)),
        "above expired": answer(pki.middle, pki.root, pki.root_key, EXPIRED),
    }


STAPLED = {
    "good": "good",
    "good, another's, garbage": "good",
    "good, expired": "good",
    "good, unknown": "good",
    "good, revoked": "revoked",
    "revoked, expired": "revoked",
    "unknown, garbage": "unknown",
    "expired": "not checked",
    "another's": "not checked",
    "garbage": "not checked",
    "above good": "not checked",
    "good, above good": "good",
    "good, above revoked": "revoked",
    "good, above expired": "not checked",
    "": "not checked",
}


@pytest.mark.parametrize(("names", "state"), STAPLED.items())
def test_what_is_stapled_counts_together_in_any_order(pki, leaf, answers, names, state):
    chosen = [answers[name] for name in names.split(", ") if name]

    for responses in itertools.permutations(chosen):
        found = read_stapled(responses, chain=der(leaf, pki.middle, pki.root), at=now())
        assert (found.state.value, found.source) == (state, "stapled")


REASONS = {
    "": "no answer about the certificate is stapled",
    "another's": "no stapled answer is about the signer's certificate",
    "expired": "the answer expired on",
    "above revoked, good": "“Example intermediate”: the certificate was revoked on",
}


@pytest.mark.parametrize(("names", "reason"), REASONS.items())
def test_the_reason_is_that_of_the_answer_that_counts(pki, leaf, answers, names, reason):
    chosen = [answers[name] for name in names.split(", ") if name]

    assert read_stapled(chosen, chain=der(leaf, pki.middle, pki.root), at=now()).reason.startswith(reason)


def test_a_trusted_time_of_signing_lets_an_older_answer_count(pki, leaf, answers):
    late = now() + 30 * DAY

    assert read_stapled([answers["good"]], chain=der(leaf, pki.middle), at=late).state is Revocation.NOT_CHECKED
    assert (
        read_stapled([answers["good"]], chain=der(leaf, pki.middle), at=late, signed_at=now()).state is Revocation.GOOD
    )


def chains(pki, leaf):
    alone = issue("Alone", pki.leaf_key)
    return {
        "no chain": [],
        "no issuer": der(leaf),
        "the wrong issuer": der(leaf, pki.root),
        "signed by itself": der(alone, pki.middle),
        "garbage first": [b"\x30\x03no!", *der(leaf, pki.middle)],
        "garbage": [b"\x30\x03no!"],
    }


@pytest.mark.parametrize(
    "which", ["no chain", "no issuer", "the wrong issuer", "signed by itself", "garbage first", "garbage"]
)
def test_without_the_issuer_nothing_can_be_checked(pki, leaf, answers, which):
    found = read_stapled([answers["good"]], chain=chains(pki, leaf)[which], at=now())

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the certificate of its issuer is not at hand to check a stapled answer with"


def test_the_issuer_is_found_wherever_it_stands_in_the_chain(pki, leaf, answers):
    other = Pki("es384")

    for rest in itertools.permutations([*der(pki.middle, pki.root, other.middle), b"garbage"]):
        found = read_stapled([answers["good"], answers["above good"]], chain=[*der(leaf), *rest], at=now())
        assert found.state is Revocation.GOOD
