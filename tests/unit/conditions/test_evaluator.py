"""Deciding conditions: what holds, what does not, what cannot be said, and what would never end."""

from __future__ import annotations

import gc
import os
import sys
import time

import pytest

from provenance.conditions import Evaluator
from provenance.conditions import evaluator as module
from provenance.errors import SettingsError
from tests.unit.conditions.conftest import FACTS, HAS_CEL, NAMES

needs_cel = pytest.mark.skipif(not HAS_CEL, reason="the extra `cel` is not installed")

HOLDS = {
    "facets.time.state == 'absent'": True,
    "facets.time.state == 'trusted'": False,
    "facets.time.state in ['absent', 'untrusted']": True,
    "history.edits.exists(e, e.id == history.head && e.trusted)": True,
    "history.edits.all(e, has(e.signature))": False,
    "history.edits.exists(e, has(e.signature) && e.signature.organization.startsWith('Example'))": True,
    "size(history.edits) == 2 && size > 4": True,
    "history.edits.filter(e, has(e.trusted)).map(e, e.id) == ['b']": True,
    "now - timestamp(at) < duration('24h')": False,
    "now - timestamp(at) <= duration('24h')": True,
    "timestamp(at).getFullYear() == 2026": True,
    "'Example News'.matches('^[A-Z][a-z]+ News$')": True,
    "statuses.all(s, s.kind != 'failure')": True,
    # What decides it is known, whatever else is not.
    "size == 5 || sha256 == 'x'": True,
    "sha256 == 'x' && size == 4": False,
}
OPEN = {
    "sha256 != 'x'": "'sha256' is not known",
    "size == 4 || sha256 == 'x'": "'sha256' is not known",
    "facets.time.at == 'x'": "'at' is not known",
    "history.edits[1].signature.organization == 'x'": "'signature' is not known",
    "history.edits[7].id == 'x'": "index out of bounds: 7",
    "nothing == 1": "there is no 'nothing'",
    "size + 'a' == 'b'": "it puts values together that do not fit",
    "timestamp('yesterday') < now": "timestamp",
    "timestamp(size) < now": "timestamp() does not take what it is given",
    "size / 0 == 1": "division by zero",
    "size": "it gives int, neither true nor false",
    "facets": "it gives dict, neither true nor false",
    "null": "it gives NoneType, neither true nor false",
    "'a'.matches('(')": "not a valid regex",
    "size ==": "it cannot be read at character 8",
}


@pytest.mark.parametrize(("expression", "value"), HOLDS.items(), ids=HOLDS)
def test_a_condition_holds_or_does_not(expression, value, evaluator):
    assert evaluator.wrong(expression) == ()
    assert evaluator.holds(expression, FACTS).value is value


@pytest.mark.parametrize(("expression", "why"), OPEN.items(), ids=OPEN)
def test_what_cannot_be_decided_says_why_and_is_neither_true_nor_false(expression, why, evaluator):
    held = evaluator.holds(expression, FACTS)
    assert held.value is None
    assert why in held.why
    assert "\n" not in held.why


def test_a_condition_comes_with_the_facts_that_it_names(evaluator):
    held = evaluator.holds("facets.time.state == 'x' && sha256 == 'y' || size(history.edits) > 1", FACTS)
    assert held.evidence == ('facets.time.state = "absent"', "sha256 is not known", "history.edits: 2 items")


FORBIDDEN = [
    "open('/etc/passwd')", "__import__('os')", "facets.__class__", "read('x')", "getenv('HOME')", "http.get('x')",
    "now.__class__.__mro__", "eval('1')", "env.HOME", "cel.bind(x, 1, x == 1)",
]  # fmt: skip


@pytest.mark.parametrize("expression", FORBIDDEN)
def test_there_is_nothing_but_facts_and_what_compares_them(expression, evaluator):
    assert evaluator.wrong(expression)
    assert evaluator.holds(expression, FACTS).value is None


ENDLESS = {
    "loops within loops": "l.exists(a, l.exists(b, l.exists(c, l.exists(d, a + b + c + d < 0))))",
    "lists of lists": "l.map(a, l.map(b, l.map(c, l.map(d, a)))).size() == 0",
    "a text that grows": "l.map(a, l.map(b, t + t + t + t + t + t + t + t)).size() == 0",
    "the square of a long list": "l.filter(a, l.filter(b, l.filter(c, c < 0).size() < 0).size() < 0).size() > 0",
}


@needs_cel
@pytest.mark.parametrize("expression", ENDLESS.values(), ids=ENDLESS)
def test_what_would_never_end_is_ended_and_the_next_condition_is_decided(expression):
    evaluator = Evaluator({"l": None, "t": None}, seconds=0.5)
    facts = {"l": list(range(2000)), "t": "x" * 1_000_000}
    begun = time.monotonic()
    held = evaluator.holds(expression, facts)
    # Half a second, and a generous start of a process; without a limit it would be hours, or all of the memory.
    assert time.monotonic() - begun < 30
    assert held.value is None
    assert held.why == "it takes more than 0.5 seconds, or too much memory"
    assert evaluator.holds("size(l) == 2000", facts).value is True
    evaluator.close()


@needs_cel
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_what_would_take_all_memory_is_ended_long_before_its_time():
    evaluator = Evaluator({"l": None, "t": None}, seconds=100)
    begun = time.monotonic()
    held = evaluator.holds("l.map(a, t + t + t + t).size() == 0", {"l": list(range(2000)), "t": "x" * 4_000_000})
    assert time.monotonic() - begun < 60
    assert held.value is None
    assert "too much memory" in held.why
    evaluator.close()


@needs_cel
def test_the_order_of_conditions_does_not_matter_where_one_is_ended():
    evaluator = Evaluator({"l": None}, seconds=0.5)
    facts = {"l": list(range(3000))}
    asked = ["size(l) == 3000", next(iter(ENDLESS.values())), "size(l) == 0"]
    there = [evaluator.holds(item, facts).value for item in asked]
    back = [evaluator.holds(item, facts).value for item in reversed(asked)]
    assert there == list(reversed(back)) == [True, None, False]
    evaluator.close()


def test_each_file_has_its_own_facts(evaluator):
    for size in (5, 6, 5):
        assert evaluator.holds("size == 5", FACTS | {"size": size}).value is (size == 5)


def test_facts_that_cannot_be_handed_over_decide_nothing(evaluator):
    assert evaluator.holds("true", FACTS | {"now": "yesterday"}).value is None
    assert evaluator.holds("true", FACTS).value is True


def test_a_name_that_is_no_text_is_handed_over_written_out(evaluator):
    assert evaluator.holds("head == 'a\\\\udcff'", {"head": "a\udcff"}).value is True


def test_a_process_that_has_gone_is_replaced(evaluator):
    evaluator.holds("true", FACTS)
    evaluator._worker._process.kill()
    evaluator._worker._process.wait()
    assert evaluator.holds("size == 5", FACTS).value is True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_does_not_share_the_process(evaluator):
    evaluator.holds("true", FACTS)
    before = evaluator._worker._owner
    evaluator._worker._owner = -1
    assert not evaluator._worker.usable
    evaluator._worker._owner = before
    assert evaluator._worker.usable


@needs_cel
def test_the_process_ends_with_whoever_asked():
    evaluator = Evaluator(NAMES)
    assert evaluator.holds("true", FACTS).value is True
    process = evaluator._worker._process
    del evaluator
    gc.collect()
    assert process.returncode is not None


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SettingsError) as caught:
        Evaluator(NAMES)
    assert caught.value.hint == "pip install 'media-provenance[cel]'"


@needs_cel
def test_without_a_process_nothing_is_decided(monkeypatch):
    monkeypatch.setattr(sys, "executable", os.devnull)
    evaluator = Evaluator(NAMES)
    held = evaluator.holds("true", FACTS)
    assert held.value is None
    assert "cannot be started" in held.why
    with pytest.raises(SettingsError, match="cannot be started"):
        evaluator.wrong("true")


def test_the_library_itself_is_not_loaded_here(evaluator):
    assert evaluator.holds("true", FACTS).value is True
    assert "cel" not in sys.modules
