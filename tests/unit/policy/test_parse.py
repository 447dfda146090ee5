"""Policy files: what is read, and that every mistake in one is named with its line."""

from __future__ import annotations

import hashlib

import pytest

from provenance.errors import SettingsError
from provenance.model.policy import Severity
from provenance.policy import mistakes, packs, parse
from provenance.policy.registry import every

HEAD = 'name = "mine"\nversion = "1"\npurpose = "To try it."\n'
RULE = '[[rules]]\nrule = "signer.trusted"\nseverity = "fail"\n'
CUSTOM = '[[custom]]\nid = "mine"\nrequire = "true"\nseverity = "review"\nmessage = "it is not so"\n'


def test_a_policy_is_read_with_what_it_leaves_out():
    text = f'{HEAD}{RULE}lists = ["a", "b"]\nwhen = "x"\n{RULE}on_missing = "info"\n{CUSTOM}'
    policy = parse(text, source="mine.toml")
    assert (policy.name, policy.version, policy.purpose) == ("mine", "1", "To try it.")
    first, second, third = policy.rules
    assert (first.rule, first.severity, first.on_missing) == ("signer.trusted", Severity.FAIL, Severity.REVIEW)
    assert (first.options, first.when) == ({"lists": ("a", "b")}, "x")
    assert (second.on_missing, second.options, second.when) == (Severity.INFO, {}, None)
    assert (third.rule, third.require, third.message) == ("custom.mine", "true", "it is not so")
    assert policy.conditions == ("x", "true")
    assert policy.text == text
    assert policy.digest == hashlib.sha256(text.encode()).hexdigest()


MISTAKES = {
    "no TOML": (f"{HEAD}rule = \n", 4, "Invalid value"),
    "a string without an end": (f'{HEAD}{RULE}lists = ["a\n', 7, "Illegal character"),
    "a list without an end": (f"{HEAD}{RULE}lists = [1,\n", 7, "Invalid value"),
    "a key twice": (f'{HEAD}name = "again"\n', 4, "overwrite"),
    "an unknown key": (f'{HEAD}rulez = 1\n{RULE}', 4, "there is no 'rulez' in a policy; did you mean 'rules'?"),
    "no name": ('version = "1"\npurpose = "x"\n' + RULE, 1, "'name' is missing or is not a text"),
    "a name of several lines": (HEAD.replace('"mine"', '"a\\nb"') + RULE, 1, "'name' is a single line"),
    "a name without an end": (HEAD.replace("mine", "m" * 101) + RULE, 1, "longer than 100 characters"),
    "a version that is a number": (HEAD.replace('"1"', "1") + RULE, 2, "'version' is missing or is not a text"),
    "a version that is a day": (HEAD.replace('"1"', "2026-01-01") + RULE, 2, "'version' is missing or is not a text"),
    "an empty purpose": (HEAD.replace("To try it.", " ") + RULE, 3, "'purpose' is missing"),
    "nothing in it": ("", 1, "it has no rules, so it would accept anything"),
    "no rules": (HEAD, 1, "it has no rules, so it would accept anything"),
    "an empty list of rules": (f"{HEAD}rules = []\n", 1, "it has no rules, so it would accept anything"),
    "rules as one table": (f'{HEAD}[rules]\nrule = "signer.trusted"\n', 4, "'rules' is not a list of tables"),
    "rules as texts": (f'{HEAD}rules = ["signer.trusted"]\n', 4, "begin each with [[rules]]"),
    "a rule without a name": (f'{HEAD}[[rules]]\nseverity = "fail"\n', 4, "a rule needs its name"),
    "a rule that nobody knows": (
        HEAD + RULE.replace("trusted", "trustd"), 5,
        "there is no rule 'signer.trustd'; did you mean 'signer.trusted'",
    ),
    "a rule under half its name": (
        HEAD + RULE.replace("signer.trusted", "who.organization"), 5, "did you mean 'signer.organization'?",
    ),
    "a rule far from any": (HEAD + RULE.replace("signer.trusted", "zzz"), 5, "there are integrity, signer, time"),
    "a rule that is no text": (HEAD + RULE.replace('"signer.trusted"', "7"), 5, "there is no rule 7"),
    "no severity": (f'{HEAD}[[rules]]\nrule = "signer.trusted"\n', 4, "severity = fail | review | info"),
    "a severity that nobody knows": (
        HEAD + RULE.replace("fail", "fial"), 6, "is one of fail, review, info, not 'fial'; did you mean 'fail'?",
    ),
    "a severity that is a list": (HEAD + RULE.replace('"fail"', '["fail"]'), 6, "not ['fail']"),
    "on_missing that nobody knows": (f'{HEAD}{RULE}on_missing = "ignore"\n', 7, "'on_missing' is one of"),
    "an unknown option": (f"{HEAD}{RULE}list = []\n", 7, "has no option 'list'; did you mean 'lists'?"),
    "an option of the wrong kind": (f'{HEAD}{RULE}development = "no"\n', 7, "is true or false"),
    "a list that is a text": (f'{HEAD}{RULE}lists = "a"\n', 7, "is a list of texts, with at least one"),
    "an empty list": (f"{HEAD}{RULE}lists = []\n", 7, "is a list of texts, with at least one"),
    "an empty text in a list": (f'{HEAD}{RULE}lists = ["a", ""]\n', 7, "is a list of texts"),
    "an option that is missing": (
        f'{HEAD}[[rules]]\nseverity = "fail"\nrule = "time.max-age"\n', 6, "time.max-age needs its option 'days'",
    ),
    "a condition that is no text": (f"{HEAD}{RULE}when = true\n", 7, "'when' is missing or is not a text"),
    "a condition without an end": (f"{HEAD}{RULE}when = '''{'a ' * 1100}'''\n", 7, "longer than 2,000 characters"),
    "an own condition without an id": (HEAD + CUSTOM.replace('id = "mine"\n', ""), 4, "needs 'id'"),
    "an id with blanks": (HEAD + CUSTOM.replace('"mine"', '"my own"'), 5, "letters, digits, dots and dashes"),
    "nothing that must hold": (HEAD + CUSTOM.replace('require = "true"\n', ""), 4, "needs 'require'"),
    "nothing to say": (HEAD + CUSTOM.replace('message = "it is not so"\n', ""), 4, "says what is the matter"),
    "an unknown key of a condition": (f"{HEAD}{CUSTOM}requires = 1\n", 9, "did you mean 'require'?"),
    "two conditions of one name": (f"{HEAD}{CUSTOM}{CUSTOM}", 10, "there are two conditions 'mine'"),
    "only rules with conditions": (
        f'{HEAD}{RULE}when = "true"\n{CUSTOM}when = "true"\n', 7, "every rule has a condition",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_line(text, line, words):
    found = mistakes(text)
    assert any(where == line and words in what for where, what in found), found
    with pytest.raises(SettingsError) as caught:
        parse(text, source="mine.toml")
    assert f"line {line}: " in str(caught.value)
    assert caught.value.path == "mine.toml"


NUMBERS = {"-1": False, "true": False, '"7"': False, "1.5": False, "nan": False, "inf": False, "10": True, "0": True}


@pytest.mark.parametrize(("written", "good"), NUMBERS.items(), ids=NUMBERS)
def test_days_are_a_whole_number(written, good):
    text = f'{HEAD}[[rules]]\nrule = "time.max-age"\nseverity = "fail"\ndays = {written}\n'
    assert (mistakes(text) == ()) is good


PROPORTION = {
    "days": ("time.max-age", "days = 10_000_000", "larger than 1,000,000"),
    "minutes": ("time.not-in-future", "tolerance_minutes = 10_000_000", "larger than 1,000,000"),
    "bytes": ("file.size", "largest = 10_000_000_000_000", "larger than 1,000,000,000,000"),
    "bytes without end": ("file.size", f"largest = 1{'0' * 400}", "larger than 1,000,000,000,000"),
}


@pytest.mark.parametrize(("rule", "option", "words"), PROPORTION.values(), ids=PROPORTION)
def test_a_number_that_is_out_of_all_proportion_is_a_mistake(rule, option, words):
    ((line, what),) = mistakes(f'{HEAD}[[rules]]\nrule = "{rule}"\nseverity = "fail"\n{option}\n')
    assert line == 7
    assert words in what


def test_bounds_that_nothing_fits_between_are_a_mistake():
    text = f'{HEAD}[[rules]]\nrule = "file.size"\nseverity = "fail"\nsmallest = 10\nlargest = 5\n'
    assert mistakes(text) == ((7, "'smallest' is more than 'largest': no file can pass"),)


def test_a_word_that_an_option_does_not_know_is_a_mistake():
    text = f'{HEAD}[[rules]]\nrule = "file.type"\nseverity = "fail"\ntypes = ["image/jpeg", "jpeg"]\n'
    ((line, what),) = mistakes(text)
    assert line == 7
    assert "'jpeg' is no media type" in what


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines():
    text = 'name = ""\nversion = 1\nkind = "x"\n' + RULE.replace("fail", "no") + CUSTOM.replace('"true"', "1")
    assert [line for line, _ in mistakes(text)] == [1, 1, 2, 3, 6, 9]


def test_an_error_lists_twenty_mistakes_and_counts_the_rest():
    text = HEAD + '[[rules]]\nrule = "nothing"\n' * 30
    assert len(mistakes(text)) == 30
    with pytest.raises(SettingsError, match="and 10 more"):
        parse(text, source="mine.toml")


def test_what_is_wrong_with_a_condition_has_its_line():
    def wrong(expression):
        return [f"{expression} is odd"] if expression != "true" else []

    text = f"{HEAD}{RULE}when = 'a'\n{RULE}{CUSTOM}when = 'b'\n"
    assert mistakes(text, wrong=wrong) == ((7, "'when': a is odd"), (16, "'when': b is odd"))
    with pytest.raises(SettingsError, match="a is odd"):
        parse(text, source="mine.toml", wrong=wrong)


@pytest.mark.parametrize("name", packs.names())
def test_a_policy_that_comes_along_has_no_mistakes(name):
    assert mistakes(packs.text(name)) == ()
    policy = parse(packs.text(name), source=name)
    assert policy.name == name
    assert policy.conditions == (), "the extra `cel` may not be there"


def test_the_policies_that_come_along_are_found_by_name_only():
    assert packs.names()[0] == "standard"
    assert packs.text("../packs/standard") is None
    assert packs.text("nothing") is None


def test_no_option_of_a_rule_is_called_like_something_of_every_rule():
    from provenance.policy.faults import CUSTOM as OWN
    from provenance.policy.faults import USE

    assert [item.id for item in every() if set(item.options) & {*USE, *OWN}] == []
