"""The policies that come along: each can be read, says what it is for, and stands on its page as it is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from provenance.model.policy import Severity
from provenance.policy import packs, parse
from provenance.policy.placeholders import placeholders
from provenance.policy.registry import find

ROOT = Path(__file__).parents[3]
NAMES = packs.names()
SHIPPED = {
    "standard", "newsroom-intake", "own-output", "user-submitted", "archive", "eu-ai-act-marking", "conformance-2.4",
}  # fmt: skip


def read(name):
    return parse(packs.text(name), source=name)


def test_these_come_along_the_usual_one_first():
    assert set(NAMES) == SHIPPED
    assert NAMES[0] == packs.STANDARD


def test_nothing_but_a_pack_is_read_by_its_name():
    assert packs.text("absent") is None
    assert packs.text("../packs/standard") is None
    assert packs.text("__init__") is None


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_bears_the_name_of_its_file_and_a_version(name):
    policy = read(name)
    assert policy.name == name
    assert re.fullmatch(r"\d+", policy.version)


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_says_what_it_is_for_and_what_it_does_not_prove(name):
    header = packs.text(name).partition("\nname = ")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    assert len(header.splitlines()) >= 5
    for text in (header, read(name).purpose):
        assert re.search(r"\b(not|no|cannot)\b", text), "what it does not prove"
    assert all(len(line) <= 120 for line in packs.text(name).splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_asks_the_questions_without_which_it_would_accept_what_is_broken(name):
    weights = {use.rule: use for use in read(name).rules}
    for rule in (
        "integrity.credentials-readable", "integrity.content-intact", "integrity.signature-valid",
        "integrity.ancestors-intact", "revocation.not-revoked", "signer.publisher-unbroken",
    ):  # fmt: skip
        assert weights[rule].severity is Severity.FAIL, rule
    for rule in ("integrity.engine-agrees", "signer.certificate-acceptable", "signer.trusted"):
        assert weights[rule].severity is not Severity.INFO


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_asks_nothing_twice_and_gives_no_option_its_own_default(name):
    uses = read(name).rules
    assert len({use.rule for use in uses}) == len(uses)
    defaults = {
        f"{use.rule} {key}"
        for use in uses
        for key, value in use.options.items()
        if find(use.rule).options[key].default == value
    }
    # Said all the same, because whoever copies it should see them.
    assert defaults <= {"signer.key-usage oids", "signer.key-at-least rsa", "integrity.credentials-kept places"}


def test_what_has_to_be_changed_is_marked():
    assert {name for name in NAMES if placeholders(packs.text(name))} == {"own-output"}
    marked = placeholders(packs.text("own-output"))
    lines = packs.text("own-output").splitlines()
    assert [lines[line - 1] for line, _ in marked] == ['names = ["Example News"] # change this'] * 2
    assert "'names' comes from the policy that was copied" in marked[0][1]
    assert placeholders('# change this\nnames = ["Mine"] # changed\n') == ()


def test_the_page_is_current():
    spec = importlib.util.spec_from_file_location("policies_shipped", ROOT / "docs" / "policies_shipped.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.page() == (ROOT / "docs" / "policies-shipped.md").read_text(), "run `python docs/policies_shipped.py`"


def test_the_page_says_of_each_rule_what_it_weighs_and_why():
    page = (ROOT / "docs" / "policies-shipped.md").read_text()
    for name in NAMES:
        section = page.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]
        told = [(row[0].strip(" `"), row[2], row[3]) for row in rows]
        assert told == [(use.rule, use.severity.value, use.on_missing.value) for use in read(name).rules]
        assert rows[0][4].strip(" |") != "″"
        assert all(row[4].strip() for row in rows)
