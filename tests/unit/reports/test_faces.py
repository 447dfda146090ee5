"""What each format says of files of every fate, besides what the golden files hold."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from lxml import etree

from provenance.cli.reporting import Lines
from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action
from provenance.model.media import Media
from provenance.model.policy import Severity
from provenance.reports import to_crjson, to_csv, to_junit, to_markdown, to_sarif
from provenance.reports.faces import FACES, STREAMED, Format
from provenance.reports.result import Result, Results
from tests.support.reports import check, questions, write
from tests.unit.stores import AT, STANDARD, a_manifest, a_store, a_verdict, an_ingredient, bad

FLAGGED = a_store(a_manifest("a", an_ingredient("gone", title="left.jpg"), actions=(Action(name="c2pa.opened"),)))
CHANGED = a_store(statuses=bad("assertion.dataHash.mismatch"), reported="Invalid")


def a_result(name, store=None, **facts):
    media = Media(name=name, media_type="image/jpeg", size=1)
    verdict = a_verdict(store, media=media, **facts)
    return Result(name=name, verdict=verdict, history=trace(store) if store else None)


def some_results():
    return Results(
        items=(
            a_result("good.jpg", a_store()),
            a_result("a folder/plain.jpg"),
            Result(name="/full/empty.jpg", error=UnreadableMedia("is empty", path="/full/empty.jpg")),
            a_result("changed.jpg", CHANGED),
            a_result("flagged.jpg", FLAGGED),
        ),
        generator="provenance 1.0",
        at=AT,
        policy=STANDARD,
        questions=questions(STANDARD),
    )


@pytest.mark.parametrize("how", list(Format))
def test_every_format_is_written_and_read(how):
    results = some_results()
    check(how, write(how, results), results)


@pytest.mark.parametrize("how", [item for item in Format if item is not Format.CRJSON])
def test_every_format_names_every_file_and_every_red_flag(how):
    text = write(how, some_results())
    assert [
        name for name in ("good.jpg", "plain.jpg", "empty.jpg", "changed.jpg", "flagged.jpg") if name not in text
    ] == []
    assert "its manifest is named, but not there" in " ".join(text.split()).replace("`", "")


@pytest.mark.parametrize("how", list(Format))
def test_a_run_without_files_can_be_reported(how):
    results = Results(items=(), generator="provenance 1.0")
    check(how, write(how, results), results)


def test_every_format_is_provided_for():
    assert set(FACES) == set(Format)
    assert set(Format) > STREAMED


# ---- csv


def rows(results):
    return list(csv.DictReader(io.StringIO(to_csv.document(results).removeprefix(to_csv.MARK), newline="")))


def test_rows_stand_worst_first_and_say_why():
    found = [(row["file"], row["decision"], row["rule"]) for row in rows(some_results())]
    assert found == [
        ("changed.jpg", "rejected", "integrity.content-intact"),
        ("/full/empty.jpg", "not looked at", ""),
        ("a folder/plain.jpg", "review", "integrity.credentials-present"),
        ("good.jpg", "accepted", ""),
        ("flagged.jpg", "accepted", ""),
    ]


def test_lines_end_as_rfc_4180_says():
    text = to_csv.document(some_results())
    assert text.count("\r\n") == text.count("\n") == 6


# ---- junit


def test_fates_are_told_apart_in_junit():
    root = etree.fromstring(to_junit.document(some_results()).encode())
    fates = {case.get("name"): [item.tag for item in case] for case in root.iter("testcase")}
    assert fates == {
        "good.jpg": [], "a folder/plain.jpg": ["skipped"], "/full/empty.jpg": ["error"], "changed.jpg": ["failure"],
        "flagged.jpg": [],
    }  # fmt: skip
    assert root[0].get("timestamp") == "2026-05-01T12:00:00"
    assert "5 files: 1 rejected, 1 not looked at, 1 to review, 2 accepted" in root.findtext("testsuite/system-out")


# ---- sarif


def results_of(name, log):
    places = {item["location"]["uri"]: number for number, item in enumerate(log["runs"][0]["artifacts"])}
    return [
        item
        for item in log["runs"][0]["results"]
        if item["locations"][0]["physicalLocation"]["artifactLocation"]["index"] == places[name]
    ]


def test_findings_are_levelled_by_their_weight():
    log = json.loads(to_sarif.document(some_results()))
    levels = {item["ruleId"]: (item["kind"], item["level"]) for item in results_of("changed.jpg", log)}
    assert levels["integrity.content-intact"] == ("fail", "error")
    assert levels["integrity.signature-valid"] == ("fail", "warning")
    assert levels["revocation.known"] == ("open", "none")
    assert results_of("good.jpg", log)[0]["message"]["text"].startswith("undecided: nobody was asked")


def test_a_file_without_credentials_is_one_warning_and_not_ten():
    log = json.loads(to_sarif.document(some_results()))
    loud = [item["ruleId"] for item in results_of("a%20folder/plain.jpg", log) if item["level"] != "none"]
    assert loud == ["integrity.credentials-present"]


def test_red_flags_are_to_be_reviewed():
    log = json.loads(to_sarif.document(some_results()))
    (found,) = [item for item in results_of("flagged.jpg", log) if item["ruleId"].startswith("flag.")]
    assert (found["ruleId"], found["kind"], found["level"]) == ("flag.missing", "review", "none")
    assert found["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "gone", "kind": "manifest"}]


def test_rules_are_explained_by_their_questions():
    (first, *_) = json.loads(to_sarif.document(some_results()))["runs"][0]["tool"]["driver"]["rules"]
    assert first["id"] == STANDARD.rules[0].rule
    assert first["shortDescription"]["text"] == "Are there Content Credentials?"
    assert first["defaultConfiguration"]["level"] == "warning"
    assert STANDARD.rules[0].severity is Severity.REVIEW


def test_a_file_that_was_not_looked_at_is_notified():
    run = json.loads(to_sarif.document(some_results()))["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "/full/empty.jpg: is empty"
    assert run["artifacts"][2]["location"]["uri"] == "file:///full/empty.jpg"


NAMES = {
    "a b#c?d.jpg": "a%20b%23c%3Fd.jpg",
    "x:y.jpg": "x%3Ay.jpg",
    "bad\udcff.jpg": "bad%FF.jpg",
    "Zoë.jpg": "Zo%C3%AB.jpg",
    "/a/b": "file:///a/b",
}


@pytest.mark.parametrize(("name", "uri"), NAMES.items())
def test_any_name_becomes_an_address(name, uri):
    result = Result(name=name, error=UnreadableMedia("is empty"))
    log = json.loads(to_sarif.document(Results(items=(result,), generator="provenance 1.0")))
    assert log["runs"][0]["artifacts"][0]["location"]["uri"] == uri


# ---- markdown


def test_several_files_are_summed_up_and_one_is_not():
    several, one = some_results(), replace(some_results(), items=(a_result("good.jpg", a_store()),))
    assert "| rejected | 1 | the content was changed after signing" in to_markdown.document(several)
    assert "| Decision |" not in to_markdown.document(one)
    assert to_markdown.document(one).endswith("Judged by the policy standard, version 3, with provenance `1.0`.\n")


# ---- crjson


def test_the_engines_own_form_is_passed_on_as_it_is():
    form = {"@context": {"@vocab": "x"}, "manifests": [{"label": "a\u202e"}], "jsonGenerator": {"name": "e"}}
    store = replace(a_store(), interchange=form)
    one = Results(items=(a_result("good.jpg", store),), generator="provenance 1.0")
    assert json.loads(to_crjson.document(one)) == form
    two = replace(one, items=(*one.items, a_result("plain.jpg")))
    assert json.loads(to_crjson.document(two)) == [
        {"file": "good.jpg", "crjson": form, "error": None},
        {"file": "plain.jpg", "crjson": None,
         "error": "no Content Credentials, neither in the file nor beside it"},
    ]  # fmt: skip


def test_without_manifests_there_is_nothing_to_pass_on():
    for item in (a_result("plain.jpg"), Result(name="x", error=UnreadableMedia("is empty"))):
        assert json.loads(to_crjson.document(Results(items=(item,), generator="provenance 1.0"))) is None
        assert to_crjson.missing(item)


# ---- json lines


def test_a_line_is_written_as_soon_as_its_file_was_looked_at():
    written = []
    report = Lines(written.append, generator="provenance 1.0")
    for number, item in enumerate(some_results().items, start=1):
        report.add(item)
        assert (len(written), written[-1].count("\n")) == (number, 1)
