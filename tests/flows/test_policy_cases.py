"""`provenance policy test`: a policy is tried on files whose decision is known."""

from __future__ import annotations

import json

import pytest

from tests.flows.house import CONDITIONS, POLICY, narrow, needs_cel
from tests.support import media
from tests.support.command import run


@pytest.fixture
def cases(tmp_path, signed, changed):
    folder = tmp_path / "cases"
    for name in ("accepted", "rejected/old", "review"):
        (folder / name).mkdir(parents=True)
    (folder / "accepted" / "signed.jpg").write_bytes(signed.read_bytes())
    (folder / "accepted" / ".hidden").write_text("x")
    (folder / "rejected" / "old" / "changed.jpg").write_bytes(changed.read_bytes())
    (folder / "review" / "plain.png").write_bytes(media.make("png"))
    return folder


def test_cases_in_folders_are_as_expected(house, cases):
    done = run("policy", "test", house, cases)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as expected  accepted/signed.jpg: accepted" in done.stdout
    assert "as expected  rejected/old/changed.jpg: rejected" in done.stdout
    assert "house 7: 3 cases, all as expected" in done.stdout


def test_a_case_that_differs_says_why_and_exits_1(house, cases):
    (cases / "review" / "plain.png").rename(cases / "accepted" / "plain.png")
    (cases / "cases.toml").write_text(
        '[cases]\n"accepted/signed.jpg".rules = { "signer.trusted" = "failed", "time.trusted" = "passed" }\n'
        '"gone.jpg" = "accepted"\n'
    )
    done = run("policy", "test", house, cases)
    assert done.returncode == 1
    told = " ".join(done.stdout.split())
    assert "DIFFERS accepted/plain.png: review → expected accepted, decided review" in told
    assert "→ signer.trusted: expected failed, found passed" in told
    assert "→ time.trusted: expected passed, found not in the policy" in told
    assert "DIFFERS gone.jpg: not looked at → it could not be looked at" in told
    assert "4 cases, 3 not as expected" in told
    assert narrow(done.stdout)
    as_json = run("policy", "test", house, cases, "--json")
    assert as_json.returncode == 1
    report = json.loads(as_json.stdout)
    assert report["as_expected"] is False
    assert {item["file"]: bool(item["differences"]) for item in report["cases"]} == {
        "accepted/plain.png": True, "accepted/signed.jpg": True, "gone.jpg": True, "rejected/old/changed.jpg": False,
    }  # fmt: skip


@needs_cel
def test_a_case_may_expect_that_a_rule_is_not_asked(house, cases):
    house.write_text(POLICY + CONDITIONS.partition("[[custom]]")[0])
    (cases / "cases.toml").write_text('[cases]\n"accepted/signed.jpg".rules = { "time.trusted" = "not asked" }\n')
    assert run("policy", "test", house, cases).returncode == 0


def test_a_sidecar_is_no_case_of_its_own(house, cases, workspace):
    (cases / "accepted" / "signed.jpg.c2pa").write_bytes(b"whatever")
    done = run("policy", "test", house, cases)
    assert "signed.jpg.c2pa" not in done.stdout


EMPTY = {"nothing there": "nothing", "an empty folder": "empty"}


@pytest.mark.parametrize("name", EMPTY.values(), ids=EMPTY)
def test_no_cases_at_all_are_an_error(name, house, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run("policy", "test", house, tmp_path / name)
    assert done.returncode == 4
    assert "cases" in done.stderr
    assert "accepted, review, rejected" in done.stderr


def test_a_list_of_cases_that_is_wrong_has_its_line(house, cases):
    (cases / "cases.toml").write_text("[cases]\nphoto.jpg = 1\n")
    done = run("policy", "test", house, cases)
    assert done.returncode == 4
    assert "cases.toml: is not a list of cases: line 2" in done.stderr
