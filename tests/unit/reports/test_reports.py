"""The reports of verdicts put together by hand: the JSON document, and what a terminal gets to see."""

from __future__ import annotations

import io
import json
import unicodedata
from dataclasses import replace

import pytest
from rich.console import Console

from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action, Assertion, Generator
from provenance.model.manifest import Signature
from provenance.model.media import Digest, Media
from provenance.reports import form, to_json, to_terminal, to_tree
from provenance.reports.result import Result, Results
from provenance.reports.summary import summarise
from tests.support.schemas import require_valid
from tests.unit.stores import SOUND, STANDARD, a_manifest, a_store, a_verdict, an_ingredient, bad, good

NASTY = "\x1b[2J\u202e\u200b\U000e0041[red]<b>\r\nZoë\0"
STORES = {
    "sound": a_store(),
    "two generations": a_store(a_manifest("a", an_ingredient("b")), a_manifest("b")),
    "gaps": a_store(a_manifest("a", an_ingredient("gone"), an_ingredient())),
    "circle": a_store(a_manifest("a", an_ingredient("b")), a_manifest("b", an_ingredient("a"))),
    "broken": a_store(a_manifest("a", an_ingredient("b", bad("assertion.dataHash.mismatch"))), a_manifest("b")),
    "failures": a_store(statuses=(*good(*SOUND), *bad("cawg.new", "unheard.of")), reported="Invalid"),
    "nothing known": a_store(
        a_manifest("a", title=None, media_type=None, signature=None, generators=(), actions=()), statuses=()
    ),
    "nasty text": a_store(
        a_manifest(
            "a", title=NASTY, media_type=NASTY, generators=(Generator(name=NASTY, version=NASTY),),
            signature=Signature(algorithm=NASTY, organization=NASTY, common_name=NASTY, serial=NASTY, time=None),
            actions=(Action(name=NASTY, when=NASTY, software_agent=NASTY, description=NASTY, source_type=NASTY,
                            reason=NASTY),),
            assertions=(Assertion(label="c2pa.metadata", data={"dc:creator": [NASTY], "dc:rights": NASTY}),),
        ),
        trust_list=NASTY,
    ),
}  # fmt: skip


def shown(*parts, width=160):
    console = Console(file=io.StringIO(), width=width, highlight=False, emoji=False, markup=False)
    for part in parts:
        console.print(part)
    return console.file.getvalue()


def a_result(store=None, **facts):
    return Result(name="photo.jpg", verdict=a_verdict(store, **facts), history=trace(store) if store else None)


def document(*items):
    return json.loads(to_json.document(Results(items=items, generator="test")))


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_the_json_report_follows_its_schema(store):
    written = document(a_result(store))
    require_valid(written, form.schema())
    assert written["files"][0]["facets"].keys() >= {"credential", "content", "signer", "ancestry"}


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_the_terminal_report_holds_no_hidden_characters(store):
    verdict = replace(a_verdict(store), inspection=replace(a_verdict(store).inspection, media=Media(
        name=NASTY, media_type="image/jpeg", size=1
    )))  # fmt: skip
    text = shown(to_terminal.verdict(verdict), to_tree.history(verdict, trace(store)))
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} <= {"\n"}
    assert verdict.decision.upper() in text


def test_markup_in_a_file_is_shown_and_not_obeyed():
    store = a_store(a_manifest("a", title="[red]title[/red]"))
    assert "[red]title[/red]" in shown(to_tree.history(a_verdict(store), trace(store)))


def test_an_error_is_shown_with_its_hint_and_nothing_hidden():
    text = shown(to_terminal.error(str(UnreadableMedia("is\x1b odd", path="a\u202eb.jpg", hint="look"))))
    assert text.strip() == "ERROR  a⟨U+202E⟩b.jpg: is⟨U+001B⟩ odd (look)"


def a_chain(generations):
    chain = [a_manifest(str(n), an_ingredient(str(n + 1))) for n in range(generations - 1)]
    return a_store(*chain, a_manifest(str(generations - 1)))


@pytest.mark.parametrize("generations", [to_tree.DEEPEST + 2, 300, 3000])
def test_a_history_too_long_for_a_terminal_is_cut_and_says_so(generations):
    store = a_chain(generations)
    text = shown(to_tree.history(a_verdict(store), trace(store)), width=160)
    assert "title of 0" in text
    assert f"older steps are not shown here: --json lists all {generations}" in text


def test_a_history_that_fits_is_shown_whole():
    store = a_chain(to_tree.DEEPEST + 1)
    text = shown(to_tree.history(a_verdict(store), trace(store)), width=200)
    assert [f"title of {n} " in text for n in range(len(store.manifests))] == [True] * len(store.manifests)
    assert "not shown" not in text


@pytest.mark.parametrize("width", [1, 20, 80])
def test_a_narrow_terminal_breaks_nothing(width):
    store = a_chain(300)
    assert shown(to_tree.history(a_verdict(store), trace(store)), width=width).strip()


@pytest.mark.parametrize("generations", [300, 3000])
def test_the_json_report_lists_every_step_of_a_long_history(generations):
    written = document(a_result(a_chain(generations)))
    assert len(written["files"][0]["history"]["edits"]) == generations


def test_a_signer_is_not_named_as_such_when_the_content_was_changed():
    store = a_store(statuses=(*good(*SOUND[:2]), *bad("assertion.dataHash.mismatch")), reported="Invalid")
    text = shown(to_tree.history(a_verdict(store), trace(store)))
    assert "is named, but nothing in it can be attributed to the signer" in text


def test_a_step_shared_by_two_is_shown_once_and_pointed_to_after():
    store = a_store(
        a_manifest("a", an_ingredient("b"), an_ingredient("c")), a_manifest("b", an_ingredient("d")),
        a_manifest("c", an_ingredient("d")), a_manifest("d"),
    )  # fmt: skip
    text = shown(to_tree.history(a_verdict(store), trace(store)))
    assert text.count("made from title of d") == 2
    assert text.count("(shown above)") == 1


def test_the_worst_file_decides_for_a_document():
    results = [a_result(item) for item in (a_store(), a_store(statuses=bad("x.y")))]
    assert document(*results)["decision"] == "rejected"
    assert document(results[0])["decision"] == "accepted"


def test_a_document_of_errors_only_has_no_decision():
    written = document(Result(name="photo.jpg", error=UnreadableMedia("is empty", path="photo.jpg")))
    require_valid(written, form.schema())
    assert (written["decision"], written["files"][0]["decision"]) == (None, None)
    assert written["files"][0]["error"] == "photo.jpg: is empty"


def test_an_empty_run_has_no_decision():
    counts = dict.fromkeys(("files", "accepted", "review", "rejected", "not_looked_at"), 0)
    summary = {**counts, "reasons": [], "flags": []}
    assert document() == {"version": 2, "generator": "test", "decision": None, "files": [], "summary": summary}


def test_the_report_names_digest_policy_and_lists():
    digest = Digest(algorithm="sha256", value="ab" * 32)
    media = Media(name="photo.jpg", media_type="image/jpeg", size=1, digest=digest)
    report = to_json.of_result(a_result(a_store(), media=media))
    assert report.sha256 == "ab" * 32
    assert (report.policy.name, report.policy.digest) == (STANDARD.name, STANDARD.digest)
    assert [(item.name, item.purpose) for item in report.trust] == [("signers", "signer"), ("stamps", "timestamp")]


def test_a_finding_reaches_the_document_whole():
    (report,) = document(a_result(a_store(statuses=bad("assertion.dataHash.mismatch"))))["files"]
    found = next(item for item in report["findings"] if item["rule"] == "integrity.content-intact")
    assert (found["outcome"], found["severity"], found["decision"]) == ("failed", "fail", "rejected")
    assert found["message"] == "the content was changed after signing (assertion.dataHash.mismatch)"


def test_a_history_reaches_the_document_whole():
    history = to_json.of_result(a_result(STORES["two generations"])).history
    assert [item.id for item in history.edits] == ["a", "b"]
    assert [(item.into, item.source, item.relationship) for item in history.edges] == [("a", "b", "parentOf")]


def test_red_flags_reach_the_document():
    (report,) = document(a_result(STORES["gaps"]))["files"]
    assert {"missing ancestor", "unknown provenance"} <= {item["kind"] for item in report["history"]["flags"]}


def test_whatever_cannot_be_seen_is_written_as_an_escape_sequence():
    text = to_json.document(Results(items=(a_result(STORES["nasty text"]),), generator="test"))
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} == {"\n"}
    assert json.loads(text)["files"][0]["history"]["edits"][0]["title"] == NASTY


def test_json_lines_are_told_apart_from_the_last_one():
    lines = [to_json.line(a_result(item)) for item in STORES.values()]
    last = to_json.last_line(summarise(Results(items=(a_result(a_store()),), generator="test")), generator="test")
    assert [line.count("\n") for line in (*lines, last)] == [1] * (len(STORES) + 1)
    assert ["summary" in json.loads(line) for line in (*lines, last)] == [False] * len(STORES) + [True]
    assert json.loads(last)["decision"] == "accepted"
