"""What a policy is expected to decide: `cases.toml`."""

from __future__ import annotations

import pytest

from provenance.errors import SettingsError
from provenance.model.verdict import Decision
from provenance.policy.cases import Expected, read_cases


def test_cases_are_read_in_their_short_and_their_long_form():
    text = (
        '[cases]\n"a.jpg" = "accepted"\n"b/c.jpg" = { decision = "rejected", rules = { "time.trusted" = "failed" } }\n'
    )
    assert read_cases(text, source="cases.toml") == {
        "a.jpg": Expected(decision=Decision.ACCEPTED, rules={}),
        "b/c.jpg": Expected(decision=Decision.REJECTED, rules={"time.trusted": "failed"}),
    }


def test_a_case_may_expect_outcomes_of_rules_alone():
    found = read_cases('[cases]\n"a.jpg".rules = { "time.trusted" = "not asked" }\n', source="cases.toml")
    assert found["a.jpg"].decision is None


MISTAKES = {
    "no TOML": ("[cases\n", 1, "Expected"),
    "nothing": ("", 1, "it has no cases"),
    "no cases": ("[cases]\n", 1, "it has no cases"),
    "another table": ('[case]\n"a" = "accepted"\n', 1, "did you mean 'cases'?"),
    "a name without quotes": ('[cases]\nphoto.jpg = "accepted"\n', 2, "stands in quotes"),
    "a rule without quotes": ('[cases]\n"a".rules = { time.trusted = "failed" }\n', 2, "id of a rule stands in quotes"),
    "no decision": ('[cases]\n"a" = "good"\n', 2, "is one of accepted, review, rejected, not 'good'"),
    "a decision that is a number": ('[cases]\n"a" = 1\n', 2, "not 1"),
    "nothing expected": ('[cases]\n"a" = {}\n', 2, "nothing is expected"),
    "no outcome": ('[cases]\n"a" = "review"\n"b".rules = { "x" = "good" }\n', 3, "an outcome is one of passed, failed"),
    "rules that are a text": ('[cases]\n"b".rules = "x"\n', 2, "stand in a table"),
}


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_line(text, line, words):
    with pytest.raises(SettingsError) as caught:
        read_cases(text, source="cases.toml")
    assert f"line {line}: " in caught.value.message
    assert words in caught.value.message
    assert caught.value.path == "cases.toml"
