"""A signature for trial: what the doctor lets pass the engine signs and trusts, and what goes wrong is an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from provenance.errors import SignerRefused
from provenance.keys import FileSigner, parse_chain
from provenance.keys.doctor import examine
from provenance.keys.profile import Outcome
from provenance.model.ports import Algorithm
from provenance.model.trust import Purpose, Trust
from provenance.signing.trial import trial
from provenance.trust import parse_pem
from tests.support.certificates import HEALTHY, WARNINGS, build

NOW = datetime.now(UTC)


def made(plan=HEALTHY, algorithm=Algorithm.ES256):
    """Return a signer, and trust in its root."""
    key, chain_pem, root_pem = build(plan, algorithm=algorithm, at=NOW)
    found = parse_pem(root_pem, name="news", purpose=Purpose.SIGNER, source="test")
    signer = FileSigner(name="Desk", algorithm=algorithm, chain_pem=chain_pem, private_key=key)
    return signer, Trust(lists=(found,))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_algorithm_is_signed_read_back_and_trusted(algorithm):
    signer, trust = made(algorithm=algorithm)
    done = trial(signer, trust=trust, at=NOW)
    assert (done.ok, done.problem, done.trusted_through) == (True, None, "news")


def test_without_a_list_it_is_signed_and_nobody_vouches():
    signer, _ = made()
    done = trial(signer, trust=Trust(), at=NOW)
    assert (done.ok, done.trusted_through) == (True, None)


def test_a_list_of_time_stamp_authorities_does_not_vouch_for_signers():
    signer, trust = made()
    wrong = Trust(lists=(replace(trust.lists[0], purpose=Purpose.TIMESTAMP),))
    assert trial(signer, trust=wrong, at=NOW).trusted_through is None


@pytest.mark.parametrize("warning", WARNINGS)
def test_a_warning_does_not_keep_from_signing_and_only_one_costs_the_trust(warning):
    signer, trust = made(replace(HEALTHY, **WARNINGS[warning]))
    done = trial(signer, trust=trust, at=NOW)
    rows = {row.rule: row for row in examine(parse_chain(signer.chain_pem), at=NOW, lists=trust.lists)}
    assert done.ok
    assert rows["lists-root"].outcome is Outcome.PASS
    # What the doctor warns about there is what happens: the engine does not follow such a chain.
    assert done.trusted_through == (None if warning == "p521_with_sha256" else "news")


def test_an_expired_certificate_is_the_engine_s_problem_and_an_answer():
    signer, trust = made(replace(HEALTHY, starts=-90, ends=-10))
    done = trial(signer, trust=trust, at=NOW)
    assert not done.ok
    assert "certificate" in done.problem


@dataclass(frozen=True)
class Odd:
    """A signer whose key does something else than sign."""

    name: str
    algorithm: Algorithm
    chain_pem: str
    answer: object

    def sign(self, data):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            SignerRefused("the token has been taken out", hint="put it back"),
            "the token has been taken out (put it back)",
        ),
        (OSError("the network is down"), "the network is down"),
        (b"\x00" * 64, ""),
        (b"", ""),
    ],
    ids=["refusal", "error", "nonsense", "nothing"],
)
def test_a_signer_that_gives_no_signature_is_an_answer_with_its_cause(answer, words):
    signer, trust = made()
    done = trial(Odd("Desk", signer.algorithm, signer.chain_pem, answer), trust=trust, at=NOW)
    assert not done.ok
    assert done.problem
    assert words in done.problem


def test_no_file_is_touched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    signer, trust = made()
    assert trial(signer, trust=trust, at=NOW).ok
    assert list(tmp_path.iterdir()) == []
