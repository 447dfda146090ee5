"""Evidence packs of every kind of verdict: a replay elsewhere, later and offline comes to the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography import x509

from provenance import Decision, Workspace
from provenance.errors import EvidenceError, FetchError
from provenance.evidence import Agreement, Packing
from provenance.evidence.outcome import Basis
from provenance.model.facets import Content, Revocation
from provenance.settings import Settings
from tests.support.evidence import Case, Cases, reach_loopback, replayed_elsewhere
from tests.support.ocsp import GOOD, REVOKED, UNKNOWN, Says

DECISIONS = {
    "trusted": "accepted",
    "of a stranger": "review",
    "without credentials": "review",
    "with credentials that cannot be read": "rejected",
    "changed": "rejected",
    "with a sidecar": "accepted",
    "with a manifest elsewhere": "review",
    "with a trusted time": "accepted",
    "with the time of a stranger": "review",
    "by a policy of one's own": "accepted",
    "failing that policy": "rejected",
    "as of another day": "rejected",
    "made from another": "accepted",
    "with a publisher": "accepted",
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    found = Cases(tmp_path_factory.mktemp("cases"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def files(cases):
    return cases.every()


@pytest.fixture(scope="module")
def packs(files, tmp_path_factory):
    """A pack of each case."""
    folder = tmp_path_factory.mktemp("packs")
    return {name: case.pack(folder / f"{number}.zip") for number, (name, case) in enumerate(files.items())}


@pytest.fixture
def elsewhere(tmp_path):
    """A workspace that has neither lists nor identities."""
    return Workspace(Settings(home=str(tmp_path / "elsewhere")))


def test_the_cases_are_those_of_the_table(files):
    assert list(files) == list(DECISIONS)


def expected(packs, *, expired=()):
    """Say what a replay is to find, and for which packs the engine has changed its mind."""
    return {str(packs[name]): ["same", decision, decision, [], name in expired] for name, decision in DECISIONS.items()}


NOTHING_EXPIRES = {
    "without credentials", "with credentials that cannot be read", "with a manifest elsewhere", "with a trusted time",
    "by a policy of one's own",
}  # fmt: skip


def test_a_replay_elsewhere_and_offline_comes_to_the_same_verdict(packs, tmp_path):
    assert replayed_elsewhere(list(packs.values()), tmp_path / "there") == expected(packs)


def later(days):
    """Set the clock of a process."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("faketime is not there")
    moment = datetime.now(UTC) + timedelta(days=days)
    return {"LD_PRELOAD": str(library), "FAKETIME": f"@{moment:%Y-%m-%d %H:%M:%S}", "TZ": "UTC"}


@pytest.mark.parametrize("years", [1, 11])
def test_a_replay_years_later_comes_to_the_same_verdict(packs, tmp_path, years):
    """All certificates have expired by then, those of authorities too."""
    found = replayed_elsewhere(list(packs.values()), tmp_path / "later", **later(365 * years))

    assert found == expected(packs, expired=DECISIONS.keys() - NOTHING_EXPIRES)


@pytest.mark.parametrize("name", DECISIONS)
def test_a_pack_says_what_verify_says(files, packs, elsewhere, name):
    case = files[name]
    verdict = case.space.verify(case.path, policy=case.wishes.policy, as_of=case.wishes.as_of)

    replay = elsewhere.replay(packs[name])

    assert replay.recorded.decision is verdict.decision is replay.verdict.decision
    facets, again = verdict.facets, replay.verdict.facets
    assert [getattr(facets, item).state for item in replay.recorded.facets] == [
        getattr(again, item).state for item in replay.recorded.facets
    ]
    assert replay.verdict.policy.digest == verdict.policy.digest
    assert replay.basis is Basis.FILE


ANSWERS = {
    "good": (Says(status=GOOD), "answer", Revocation.GOOD),
    "revoked": (Says(status=REVOKED), "answer", Revocation.REVOKED),
    "superseded": (Says(status=REVOKED, reason=x509.ReasonFlags.superseded), "answer", Revocation.REVOKED),
    "unknown": (Says(status=UNKNOWN), "answer", Revocation.UNKNOWN),
    "garbage": (Says(), "html", Revocation.NOT_CHECKED),
    "busy": (Says(), "TRY_LATER", Revocation.NOT_CHECKED),
    "late": (Says(), "slow", Revocation.NOT_CHECKED),
    "an error": (Says(), "503", Revocation.NOT_CHECKED),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_about_revocation_are_checked_again(cases, elsewhere, tmp_path, monkeypatch, answer):
    says, does, state = ANSWERS[answer]
    reach_loopback(monkeypatch)
    pack = cases.asked(says, does).pack(tmp_path / "asked.zip")
    questions = len(cases.responder.seen)
    monkeypatch.undo()

    replay = elsewhere.replay(pack)

    assert replay.agreement is Agreement.SAME, replay.differences
    assert replay.verdict.facets.revocation.state is state
    assert len(cases.responder.seen) == questions
    assert all(item.answer is None or item.status for item in replay.contents.asked)


def test_answers_about_revocation_are_good_years_later(cases, tmp_path, monkeypatch):
    """Those that were asked for, and those that the file carries: the engine then passes over them."""
    reach_loopback(monkeypatch)
    packs = [
        case.pack(tmp_path / f"{number}.zip")
        for number, case in enumerate((cases.asked(Says(status=GOOD)), cases.stapled()))
    ]

    found = replayed_elsewhere(packs, tmp_path / "later", **later(1000))

    assert found == {str(pack): ["same", "accepted", "accepted", [], True] for pack in packs}
    stapled = Workspace().replay(packs[1]).verdict
    assert stapled.facets.revocation.state is Revocation.GOOD


def test_nobody_is_asked_for_a_pack_that_was_not_made_online(cases, monkeypatch, tmp_path):
    reach_loopback(monkeypatch)
    questions = len(cases.responder.seen)

    pack = cases.asked(Says()).pack(tmp_path / "silent.zip", online=False)

    assert len(cases.responder.seen) == questions
    assert Workspace().replay(pack).contents.asked == ()


class Shelf:
    """A `ManifestSource` with one manifest store, or none."""

    def __init__(self, data):
        self.data = data

    def fetch(self, url):
        if self.data is None:
            raise FetchError("the server answers 404", path=url)
        return self.data


@pytest.mark.parametrize(("store", "decision"), [("whole", "accepted"), ("cut", "rejected"), ("none", "review")])
def test_a_manifest_that_was_fetched_is_kept(files, cases, elsewhere, tmp_path, store, decision):
    whole = (cases.folder / "elsewhere.store").read_bytes()
    space = Workspace(cases.knowing.settings)
    space.__dict__["manifest_source"] = Shelf({"whole": whole, "cut": whole[:1000], "none": None}[store])
    case = Case(path=files["with a manifest elsewhere"].path, space=space, wishes=Packing(online=True))

    replay = elsewhere.replay(case.pack(tmp_path / "x.zip"))

    assert (replay.agreement, replay.verdict.decision) == (Agreement.SAME, decision), replay.differences
    assert replay.verdict.inspection.found_in == "https://manifests.example/1"


WITHOUT = [name for name in DECISIONS if "elsewhere" not in name and "credentials" not in name]


@pytest.mark.parametrize("name", WITHOUT)
def test_without_the_file_everything_but_the_content_is_checked(files, elsewhere, tmp_path, name):
    pack = files[name].pack(tmp_path / "bare.zip", include_asset=False)

    replay = elsewhere.replay(pack)

    assert replay.basis is Basis.CREDENTIALS
    assert replay.agreement is Agreement.PARTLY, replay.differences
    assert replay.verdict.facets.content.state is Content.NOT_CHECKED
    assert replay.verdict.decision is not Decision.ACCEPTED
    assert {"content", "integrity.content-intact"} <= {item.about for item in replay.differences}


@pytest.mark.parametrize("name", DECISIONS)
def test_the_file_can_be_given_to_a_pack_without_it(files, elsewhere, tmp_path, name):
    pack = files[name].pack(tmp_path / "bare.zip", include_asset=False)

    replay = elsewhere.replay(pack, asset=files[name].path)

    assert (replay.agreement, replay.basis) == (Agreement.SAME, Basis.FILE), replay.differences


def test_another_file_than_its_own_is_refused(files, packs, elsewhere):
    for given in (files["changed"].path, b"not even a picture"):
        with pytest.raises(EvidenceError, match="not the file that this pack is about"):
            elsewhere.replay(packs["trusted"], asset=given)


@pytest.mark.parametrize("name", ["without credentials", "with a manifest elsewhere"])
def test_where_nothing_can_be_checked_that_is_said(files, elsewhere, tmp_path, name):
    pack = files[name].pack(tmp_path / "bare.zip", include_asset=False)

    with pytest.raises(EvidenceError, match="no credentials that could be checked"):
        elsewhere.replay(pack)


def test_nothing_in_a_pack_names_a_folder_of_the_machine(packs, cases):
    for name, path in packs.items():
        data = path.read_bytes()
        assert str(cases.folder).encode() not in data, name
        assert b"home" not in json.dumps(Workspace().replay(path).contents.programs).encode()


def test_the_lists_of_a_pack_are_told_from_those_of_this_machine(packs, cases, elsewhere):
    there = {item.name: item.standing.value for item in elsewhere.replay(packs["trusted"]).lists}
    here = {item.name: item.standing.value for item in cases.knowing.replay(packs["trusted"]).lists}

    assert there == {"roots": "not here", "times": "not here"}
    assert here == {"roots": "the same here", "times": "the same here"}
    assert "through the list 'roots', which is not here" in elsewhere.replay(packs["trusted"]).notes[0]
    assert cases.knowing.replay(packs["trusted"]).notes == ()


CONDITIONS = """
name = "conditions"
version = "1"
purpose = "Conditions of its own."

[[custom]]
id = "intact"
require = 'facets.content.state == "intact" && at.startsWith("20")'
severity = "fail"
message = "it is not intact"

[[custom]]
id = "signed-here"
require = 'trust.exists(list, list.name == "roots") && !file.contains("/")'
severity = "fail"
message = "the list is missing"
"""


@pytest.mark.skipif(find_spec("cel") is None, reason="the extra `cel` is not installed")
@pytest.mark.parametrize(("name", "decision"), [("trusted", "accepted"), ("changed", "rejected")])
def test_conditions_of_a_policy_are_decided_again(files, elsewhere, tmp_path, name, decision):
    policy = tmp_path / "conditions.toml"
    policy.write_text(CONDITIONS)
    whole = files[name].pack(tmp_path / "whole.zip", policy=policy)
    bare = files[name].pack(tmp_path / "bare.zip", policy=policy, include_asset=False)

    found, without = elsewhere.replay(whole), elsewhere.replay(bare)

    assert (found.agreement, found.verdict.decision) == (Agreement.SAME, decision), found.differences
    # A condition knows of no “not checked”: it fails, and only the supposition tells that nothing else differs.
    assert (without.agreement, without.verdict.decision) == (Agreement.PARTLY, Decision.REJECTED)
