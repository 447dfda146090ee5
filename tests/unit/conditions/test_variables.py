"""What conditions may ask: the report of a file, the whole of it, and nothing that is not known."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from provenance.history import trace
from provenance.model.facets import Facets
from provenance.reports.form import FileReport
from provenance.reports.variables import JUDGED, listed, names, variables
from tests.unit.stores import a_manifest, a_store, an_ingredient, an_inspection

PAGE = Path(__file__).parents[3] / "docs" / "policies.md"
STORES = {
    "sound": a_store(),
    "with ancestors": a_store(a_manifest("a", an_ingredient("b"), an_ingredient()), a_manifest("b", signature=None)),
    "none": None,
}


def of(store):
    return variables(an_inspection(store), trace(store) if store else None)


def test_the_table_of_the_page_has_every_variable_and_no_other():
    table = PAGE.read_text(encoding="utf-8").partition("<!-- variables -->")[2].partition("<!-- end -->")[0]
    assert re.findall(r"^\| `([^`]+)`", table, re.MULTILINE) == list(listed())


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_every_name_in_a_report_is_known_before_there_is_one(store):
    unknown = []

    def walk(value, known, path):
        if isinstance(value, dict):
            unknown.extend(f"{path}.{name}" for name in value if name not in known)
            for name, item in value.items():
                walk(item, known[name] or {}, f"{path}.{name}")

    walk(of(store), names(), "")
    assert unknown == []


def test_judgements_are_no_facts():
    assert {item.name for item in fields(FileReport)} >= JUDGED
    assert not JUDGED & set(names())
    assert not JUDGED & set(of(a_store()))


def test_all_facets_are_offered():
    assert set(names()["facets"]) == {item.name for item in fields(Facets)} == set(of(a_store())["facets"])


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_what_is_not_known_is_not_there(store):
    def walk(value):
        assert value is not None
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    found = of(store)
    walk(found)
    assert "sha256" not in found
    assert ("history" in found) is (store is not None)
    assert ("statuses" in found) is (store is not None), "every item of an empty list is whatever one likes"


def test_now_is_the_day_for_which_the_verdict_holds():
    assert of(a_store())["now"] == of(a_store())["at"]
