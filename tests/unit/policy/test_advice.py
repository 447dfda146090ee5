"""What is allowed in a policy, and hardly meant."""

from __future__ import annotations

import pytest

from provenance.policy import packs, parse
from provenance.policy.advice import advice
from provenance.policy.registry import find

HEAD = 'name = "mine"\nversion = "1"\npurpose = "To try it."\n'
SOUND = "".join(
    f'[[rules]]\nrule = "{name}"\nseverity = "fail"\n'
    for name in ("integrity.content-intact", "integrity.signature-valid", "integrity.engine-agrees", "signer.trusted")
)
END = HEAD.count("\n") + SOUND.count("\n")
DEPTH = '[[rules]]\nrule = "history.depth"\nseverity = "fail"\nmost = 5\n'


def told(text, lists=None):
    return advice(parse(text, source="mine.toml"), lists=lists)


def test_a_policy_that_asks_what_it_should_gets_no_advice():
    assert told(HEAD + SOUND) == ()


ASKED = {
    "content": ("integrity.content-intact", "it accepts files that were changed after signing"),
    "signature": ("integrity.signature-valid", "it accepts files whose signature does not hold"),
    "engine": ("integrity.engine-agrees", "what the engine calls invalid"),
    "signer": ("signer.trusted", "it accepts signatures of anybody"),
}
WEAK = {
    "not asked": lambda rule, text: text.replace(f'[[rules]]\nrule = "{rule}"\nseverity = "fail"\n', ""),
    "for information": lambda rule, text: text.replace(f'{rule}"\nseverity = "fail"', f'{rule}"\nseverity = "info"'),
    "not of every file": lambda rule, text: text.replace(f'rule = "{rule}"\n', f'rule = "{rule}"\nwhen = "x"\n'),
}


@pytest.mark.parametrize("weaken", WEAK.values(), ids=WEAK)
@pytest.mark.parametrize(("rule", "words"), ASKED.values(), ids=ASKED)
def test_a_policy_that_does_not_ask_for_integrity_is_told_what_it_accepts(rule, words, weaken):
    found = [what for line, what in told(weaken(rule, HEAD + SOUND)) if line == 1]
    assert len(found) == 1
    assert words in found[0]


TOLD = {
    "nothing checked is accepted": (
        '[[rules]]\nrule = "integrity.ancestors-intact"\nseverity = "fail"\non_missing = "info"\n',
        4, "what cannot be checked is accepted",
    ),
    "undecided weighs more": (
        '[[rules]]\nrule = "time.trusted"\nseverity = "info"\n', 3, "weighs more when it cannot be decided",
    ),
    "the same twice": (DEPTH * 2, 5, "history.depth is asked twice in the same way"),
    "the same twice, weighing more": (
        DEPTH + DEPTH.replace("fail", "review"), 5, "in the same way: the more severe one counts",
    ),
    "asked for and forbidden": (
        '[[rules]]\nrule = "history.generator-allowed"\nseverity = "fail"\nnames = ["a", "b"]\n'
        '[[rules]]\nrule = "history.generator-forbidden"\nseverity = "fail"\nnames = ["b", "c"]\n',
        4, "history.generator-allowed asks for 'b', which history.generator-forbidden forbids",
    ),
    "a list that is not there": (
        '[[rules]]\nrule = "signer.trusted"\nseverity = "fail"\nlists = ["c2pa", "house"]\n',
        4, "there is no trust list 'house' here",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), TOLD.values(), ids=TOLD)
def test_what_is_hardly_meant_has_its_line(text, line, words):
    found = told(HEAD + SOUND + text, lists=["c2pa", "interim"])
    assert len(found) == 1, found
    assert found[0][0] == END + line
    assert words in found[0][1]


def test_the_same_rule_with_other_options_is_no_repetition():
    assert told(HEAD + SOUND + DEPTH + DEPTH.replace("5", "6")) == ()


def test_lists_are_only_missed_where_it_is_known_which_there_are():
    text = HEAD + SOUND + '[[rules]]\nrule = "signer.trusted"\nseverity = "fail"\nlists = ["x"]\n'
    assert told(text) == ()
    assert "no trust list 'x' here" in told(text, lists=[])[0][1]


def test_a_near_name_is_suggested():
    text = HEAD + SOUND + '[[rules]]\nrule = "signer.trusted"\nseverity = "fail"\nlists = ["c2ap"]\n'
    assert "did you mean 'c2pa'?" in told(text, lists=["c2pa"])[0][1]


@pytest.mark.parametrize("name", packs.names())
def test_the_policies_that_come_along_mean_what_they_say(name):
    assert told(packs.text(name)) == ()


def test_the_rules_that_advice_knows_exist():
    from provenance.policy import advice as module

    known = {*module.ASKED_BY_ALL, *module.CHECKED, *module.NAMES, *module.OPPOSED}
    known |= {other for other, _ in module.OPPOSED.values()}
    assert [name for name in known if find(name) is None] == []
    for rule, (other, option) in module.OPPOSED.items():
        assert {rule: option in find(rule).options, other: option in find(other).options} == {rule: True, other: True}
