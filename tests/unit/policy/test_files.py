"""Where policies are: files as they are, names, and what the page about them shows."""

from __future__ import annotations

import hashlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from provenance.errors import SettingsError
from provenance.policy import mistakes, packs
from provenance.policy.cases import read_cases
from provenance.settings import Settings
from provenance.workspace.judging import Policies
from tests.unit.policy.test_parse import HEAD, RULE

PAGE = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
needs_cel = pytest.mark.skipif(find_spec("cel") is None, reason="the extra `cel` is not installed")


@pytest.fixture
def policies(tmp_path):
    (tmp_path / "policies").mkdir()
    return Policies(Settings(home=str(tmp_path)))


CHANGES = {"as it is": "", "with a mark": "\ufeff", "with other ends of lines": "\r"}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_digest_is_that_of_the_file(change, tmp_path, policies):
    text = (HEAD + RULE).replace("\n", "\r\n") if change == "\r" else change + HEAD + RULE
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode())
    policy = policies.policy(path)
    assert policy.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert policy.text.encode() == path.read_bytes()
    assert policy.name == "mine"


def test_a_policy_is_read_once(policies):
    assert policies.policy() is policies.policy()
    assert policies.policy("standard") == policies.policy()


def test_a_path_is_a_file_and_a_name_is_none(tmp_path, policies, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "standard").write_text(HEAD + RULE)
    assert policies.policy("standard").name == "standard"
    assert policies.policy(Path("standard")).name == "mine"
    assert policies.policy("./standard").name == "mine"


def test_ones_own_policies_come_after_those_that_come_along_and_before_them_where_names_are_equal(tmp_path, policies):
    for name in ("house", "standard"):
        (tmp_path / "policies" / f"{name}.toml").write_text(HEAD + RULE)
    assert policies.names() == (*packs.names(), "house")
    assert policies.own() == ("house", "standard")
    assert policies.policy().name == "mine"


@pytest.mark.parametrize("name", ["../standard", "policies/../x", "x\x00y", "a\\b", ".toml", "x" * 5000])
def test_a_name_leads_nowhere_else(name, policies):
    with pytest.raises(SettingsError):
        policies.policy(name)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file")
def test_an_endless_file_is_no_policy(policies):
    with pytest.raises(SettingsError, match="longer than"):
        policies.policy("/dev/zero")


def test_the_policy_of_the_page_is_one():
    assert mistakes(SHOWN[0]) == ()


@needs_cel
def test_the_conditions_of_the_page_are_right(policies):
    assert mistakes(HEAD + RULE + SHOWN[2], wrong=policies.wrong) == ()


def test_the_cases_of_the_page_are_read():
    assert set(read_cases(SHOWN[1], source="cases.toml")) == {"from-agency.jpg", "changed.jpg"}


def test_the_page_says_what_the_limits_are():
    from provenance.conditions import evaluator
    from provenance.policy import faults, reading

    assert (evaluator.SECONDS, evaluator.MEMORY) == (2, 512 << 20)
    assert (faults.CONDITION, reading.LONGEST) == (2000, 64 << 10)
    assert "seconds and 512 MiB" in PAGE.replace("\n", " ")
    assert "at most 2,000 characters, a policy 64 KiB" in PAGE
