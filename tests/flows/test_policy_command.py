"""`provenance policy`: list, show, check, explain and test, as people and pipelines use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provenance.policy import packs
from tests.flows.house import CONDITIONS, POLICY, narrow, needs_cel
from tests.support.command import run


def test_policies_are_listed_with_the_first_sentence_of_their_purpose(tmp_path):
    own = tmp_path / "policies"
    own.mkdir()
    (own / "house.toml").write_text(POLICY)
    (own / "broken.toml").write_text("name = 1")
    done = run("policy", "list", PROVENANCE_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("standard ")
    assert "house " in done.stdout
    assert "What we print. (yours)" in " ".join(done.stdout.split())
    assert "It does not prove" not in done.stdout.partition("house ")[2].partition("\n")[0]
    assert "is not a policy: line 1" in " ".join(done.stdout.split())
    assert narrow(done.stdout)


def test_all_rules_are_listed_with_their_questions_and_options():
    done = run("policy", "list", "--rules")
    assert done.returncode == 0, done.stderr
    assert "\nsigner.trusted\n    Can the identity of the signer be verified?\n" in done.stdout
    assert "development  true or false; default: true" in done.stdout
    assert "days  a whole number; must be given" in done.stdout
    assert narrow(done.stdout)


@pytest.mark.parametrize("name", packs.names())
def test_a_policy_that_is_shown_can_be_copied_and_used(name, tmp_path):
    done = run("policy", "show", name)
    assert done.stdout == packs.text(name)
    mine = tmp_path / "mine.toml"
    mine.write_text(done.stdout, encoding="utf-8")
    checked = run("policy", "check", mine)
    assert checked.returncode == 0, checked.stdout
    assert f"mine.toml: {name} " in checked.stdout


def test_a_policy_of_ones_own_is_used_by_its_name(tmp_path, signed, home):
    own = Path(home) / "policies"
    own.mkdir(exist_ok=True)
    (own / "mine.toml").write_text(POLICY)
    done = run("policy", "explain", signed, "--policy", "mine")
    (own / "mine.toml").unlink()
    assert "by house 7" in done.stdout


UNKNOWN = {
    "a name": ("standrad", "did you mean 'standard'?"),
    "a name far from any": ("zzz", "there are: standard"),
    "a file": ("./nothing.toml", "cannot be read"),
    "a file without its path": ("here", "a file is named by its path: ./here"),
    "a folder": ("./", "cannot be read"),
    "a file that is no text": ("./binary.toml", "it is not UTF-8 text"),
}


@pytest.mark.parametrize("command", ["show", "check", "test", "explain"])
@pytest.mark.parametrize(("name", "words"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_policy_that_is_not_there_is_an_error_of_the_settings(name, words, command, tmp_path):
    (tmp_path / "here").write_text(POLICY)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    more = {"test": [name, "."], "explain": ["photo.jpg", "--policy", name]}.get(command, [name])
    done = run("policy", command, *more, cwd=tmp_path)
    assert done.returncode == 4, done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_check_names_every_mistake_with_its_line_and_exits_4(house, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(POLICY.replace("signer.trusted", "signer.trustd").replace('"fail"', '"fial"', 1))
    done = run("policy", "check", house, wrong)
    assert done.returncode == 4
    assert f"{house}: house 7, 4 rules" in done.stdout
    assert f"{wrong}:7: 'severity' is one of fail, review, info, not 'fial'; did you mean 'fail'?" in done.stdout
    assert f"{wrong}:18: there is no rule 'signer.trustd'; did you mean 'signer.trusted'" in done.stdout


def test_a_check_warns_of_what_is_hardly_meant_and_exits_0(house):
    house.write_text(POLICY.replace("integrity.content-intact", "time.trusted") + 'lists = ["c2pa"]\n')
    done = run("policy", "check", house)
    assert done.returncode == 0
    assert f"{house}:1: warning: it accepts files that were changed after signing" in done.stdout
    assert f"{house}:20: warning: there is no trust list 'c2pa' here" in done.stdout


@needs_cel
def test_a_check_finds_mistakes_in_conditions(house):
    house.write_text(POLICY + CONDITIONS.replace("facets.time", "facets.tme").replace("!= 'x'", "!="))
    done = run("policy", "check", house)
    assert done.returncode == 4
    assert f"{house}:24: 'when': facets has no 'tme'; did you mean 'time'?" in done.stdout
    assert f"{house}:34: 'require': it cannot be read at character 10" in done.stdout


def test_hostile_texts_of_a_policy_are_shown_as_text(house):
    house.write_text(POLICY.replace('"house"', '"\\u001b[31m\\u202ered"'))
    done = run("policy", "check", house)
    assert "⟨U+001B⟩[31m⟨U+202E⟩red" in done.stdout
    assert "\x1b" not in done.stdout


@needs_cel
def test_an_explanation_has_every_rule_its_facts_and_what_it_counts_as(house, signed):
    house.write_text(POLICY + CONDITIONS)
    done = run("policy", "explain", signed, "--policy", house)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "REVIEW" in told.partition("by house 7")[0]
    assert "asks: Is the content what was signed? finds: the content is what was signed counts as: accepted" in told
    assert "rests on: content: intact" in told
    assert "not asked time.trusted" in told
    assert "when: facets.time.state == 'trusted' rests on: facets.time.state = \"absent\"" in told
    assert "passed custom.ours asks: history.edits.exists(" in told
    assert "its condition cannot be decided: 'sha256' is not known counts as: review (on_missing = review)" in told
    assert narrow(done.stdout)


@needs_cel
def test_an_explanation_for_programs_says_the_same(house, signed, changed, tmp_path):
    house.write_text(POLICY + CONDITIONS)
    (tmp_path / "note.txt").write_text("no picture")
    done = run("policy", "explain", signed, changed, tmp_path / "note.txt", "--policy", house, "--json")
    assert done.returncode == 5
    told = json.loads(done.stdout)
    assert told["policy"]["name"] == "house"
    first, second, third = told["files"]
    assert (first["decision"], second["decision"], third["decision"]) == ("review", "rejected", None)
    assert third["error"]
    rules = {item["rule"]: item for item in first["rules"]}
    assert list(rules)[:2] == ["integrity.content-intact", "integrity.signature-valid"]
    assert rules["time.trusted"]["asked"] is False
    assert rules["time.trusted"]["outcome"] is None
    assert rules["time.trusted"]["facts"] == ['facets.time.state = "absent"']
    assert rules["custom.known"]["outcome"] == "undecided"
    assert rules["custom.known"]["decision"] == "review"


def test_without_the_library_a_policy_with_conditions_is_refused(house, signed, tmp_path):
    """Where nothing called `cel` can be found: the name is taken by something else."""
    (tmp_path / "cel.py").write_text("raise SystemExit(99)\n")
    house.write_text(POLICY + CONDITIONS)
    for command in (["check", house], ["explain", signed, "--policy", house], ["test", house, tmp_path]):
        done = run("policy", *command, PYTHONPATH=str(tmp_path))
        assert done.returncode == 4, done.stdout
        assert "pip install 'media-provenance[cel]'" in done.stderr
    house.write_text(POLICY)
    assert run("policy", "check", house, PYTHONPATH=str(tmp_path)).returncode == 0
