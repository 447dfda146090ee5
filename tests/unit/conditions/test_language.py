"""Mistakes in conditions that can be seen without any facts."""

from __future__ import annotations

import pytest

from provenance.conditions.language import FUNCTIONS, MACROS, TYPES, paths

WRONG = {
    "facts.time.state == 'x'": "there is no 'facts'; did you mean 'facets'?",
    "facets.tme.state == 'x'": "facets has no 'tme'; did you mean 'time'?",
    "facets.time.status == 'x'": "facets.time has no 'status'; did you mean 'state'?",
    "has(facets.time.status)": "facets.time has no 'status'; did you mean 'state'?",
    "history.edits.trusted": "history.edits is a list: say of which item, as in history.edits.exists(item, …)",
    "history.edits.exist(e, e.trusted)": "there is no function 'exist'; did you mean 'exists'?",
    "history.edits.exists(e, f.trusted)": "there is no 'f'",
    "history.edits.exists(e, f, e.trusted)": "exists() takes the name of an item, then what is said of it",
    "sise > 5": "there is no 'sise'; did you mean 'size'?",
    "lowerAscii('A') == 'a'": "there is no function 'lowerAscii'",
    ".facets.time == 'x'": "there is no '.facets'",
    "size == 5 &&": "it cannot be read at character 13: mismatched input '<EOF>'",
    "size = 5": "it cannot be read at character 6",
    "'a": "it cannot be read at character 1",
    "size == 5\n  && (size == 6": "it cannot be read at line 2, character 16",
    "": "it cannot be read",
    "(" * 900 + "1" + ")" * 900: "it cannot be read",
}


@pytest.mark.parametrize(("expression", "words"), WRONG.items(), ids=lambda item: item[:40])
def test_a_mistake_is_seen_before_any_file_is(expression, words, evaluator):
    found = evaluator.wrong(expression)
    assert any(words in item for item in found), found


def test_everything_that_is_wrong_is_said_at_once(evaluator):
    assert len(evaluator.wrong("nothing == 1 && facets.tme == 2 && foo(3)")) == 3


ARGUMENTS = {
    "size": "size('a') == 1",
    "contains": "'ab'.contains('a')",
    "startsWith": "'ab'.startsWith('a')",
    "endsWith": "'ab'.endsWith('b')",
    "matches": "'ab'.matches('a.')",
    "string": "string(1) == '1'",
    "int": "int('1') == 1",
    "uint": "uint(1) == 1u",
    "double": "double(1) == 1.0",
    "bytes": "bytes('a') == b'a'",
    "type": "type(1) == int",
    "dyn": "dyn(1) == 1",
    "timestamp": "timestamp('2026-05-01T12:00:00Z') < timestamp('2026-05-01T12:00:01Z')",
    "duration": "duration('1h') == duration('60m')",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_that_is_offered_works(name, evaluator):
    told = ARGUMENTS.get(name, f"timestamp('2026-05-01T12:00:00Z').{name}() >= 0")
    assert evaluator.wrong(told) == ()
    assert evaluator.holds(told, {}).value is True


@pytest.mark.parametrize("name", TYPES)
def test_every_type_that_is_offered_has_values(name, evaluator):
    values = {"bool": "true", "int": "1", "uint": "1u", "double": "1.0", "string": "''", "bytes": "b''", "list": "[]"}
    written = f"type({values.get(name, '{}' if name == 'map' else 'null')}) == {name}"
    assert evaluator.wrong(written) == ()
    assert evaluator.holds(written, {}).value is True


@pytest.mark.parametrize("name", MACROS)
def test_every_macro_that_is_offered_works(name, evaluator):
    told = "has({'a': 1}.a)" if name == "has" else f"[1].{name}(i, i == 1) != false"
    assert evaluator.wrong(told) == ()
    assert evaluator.holds(told, {}).value is True


PATHS = {
    "a.b == 'c.d' && e": ["a.b", "e"],
    'a.b("x.y").c': ["a"],
    "a . b\n. c == 1": ["a.b.c"],
    "a.size() > 1 && size(b.c) > 1": ["a", "b.c"],
    "l.exists(x, x.a == b.c)": ["l", "b.c"],
    "l.exists( x , x.a.exists(y, y.b == x.c))": ["l"],
    "a['b.c'].d == e[0].f": ["a", "e"],
    "r'\\' == a && '\\'' == b": ["a", "b"],
    "'''a.b''' == c // d.e": ["c"],
    "a == 1 || a == 2": ["a"],
    "has(a.b) ? 1.5e3 : -2": ["a.b"],
    '"""a "b" c""" == d': ["d"],
}


@pytest.mark.parametrize(("expression", "found"), PATHS.items(), ids=PATHS)
def test_the_facts_that_a_condition_names_are_found(expression, found):
    assert [".".join(item) for item in paths(expression)] == found
