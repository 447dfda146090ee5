"""Many files, and files with more in them than anybody reads: a page says what it leaves out, and stays usable."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.claim import Action, Assertion, Relationship
from provenance.model.media import Thumbnail
from provenance.reports import to_html
from provenance.reports.to_html.pictures import LIMIT
from provenance.reports.to_html.plan import STEPS
from tests.pages.results import a_picture, a_result, a_rich_result, an_error, results, uri
from tests.unit.stores import SOUND, a_manifest, a_store, an_ingredient, bad, good

MEGABYTE = 1_000_000
COMPONENT = Relationship.COMPONENT_OF


def a_chain(count):
    manifests = [a_manifest(f"m{number}", an_ingredient(f"m{number + 1}")) for number in range(count - 1)]
    return a_store(*manifests, a_manifest(f"m{count - 1}"))


def a_crowd(count):
    """One file into which many others went, named before the one that it was made from."""
    crowd = [an_ingredient(title=f"part {number}", relationship=COMPONENT) for number in range(count)]
    return a_store(a_manifest("head", *crowd, an_ingredient("origin")), a_manifest("origin", title="the origin"))


def a_nest(count):
    """Files within files within files."""
    manifests = [
        a_manifest(f"m{number}", an_ingredient(f"m{number + 1}", relationship=COMPONENT)) for number in range(count - 1)
    ]
    return a_store(*manifests, a_manifest(f"m{count - 1}"))


def a_web(count):
    """Every file went into every other, itself included."""
    names = [f"m{number}" for number in range(count)]
    return a_store(*(a_manifest(name, *(an_ingredient(other) for other in names)) for name in names))


def a_talker(count):
    """One file that says everything very often."""
    actions = tuple(Action(name="c2pa.edited", description=f"number {number}") for number in range(count))
    assertions = tuple(Assertion(label=f"com.example.{number}", data={"x": "y" * 500}) for number in range(count))
    statuses = (*good(*SOUND), *bad(*(f"code.{number}" for number in range(count))))
    return a_store(a_manifest("m", actions=actions, assertions=assertions), statuses=statuses, reported="Invalid")


MORE = "which the JSON report lists"
STORES = {
    "500 in a row": (a_chain(500), STEPS, "250 of 500 steps are shown here."),
    "500 went into one": (a_crowd(500), 32, "32 of 502 steps are shown here."),
    "500 within each other": (a_nest(500), 9, "9 of 500 steps are shown here."),
    "a web of 60": (a_web(60), 31, "31 of 60 steps are shown here."),
    "20,000 of everything": (a_talker(20_000), 1, MORE),
}


@pytest.mark.parametrize(("store", "shown", "said"), STORES.values(), ids=STORES)
def test_a_huge_history_is_shown_in_part_and_says_so(store, shown, said, browser):
    html = to_html.document(results(a_result(store)))
    assert len(html) < MEGABYTE
    page, tried = browser.open(html, width=320)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    assert tried.messages == []
    assert page.locator(".step").count() == shown
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert said in page.inner_text("main")


def test_what_a_file_was_made_from_cannot_be_crowded_out(browser):
    page, _ = browser.open(to_html.document(results(a_result(a_crowd(2_000)))))
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    assert "the origin" in page.inner_text(".history > .steps > li:last-child")
    assert "1970 more files went into it that are not shown here." in page.inner_text(".steps")


def test_two_hundred_files_are_summed_up_worst_first(browser):
    sound, bare = a_result(a_store()), a_result()
    broken = a_rich_result(statuses=bad("assertion.dataHash.mismatch"))
    kinds = (sound, bare, broken, an_error())
    items = [replace(kinds[number % 4], name=f"file {number}.jpg") for number in range(200)]
    html = to_html.document(results(*items))
    assert len(html) < 10 * MEGABYTE
    page, tried = browser.open(html)
    assert tried.messages == []
    assert page.title() == "200 files – Content Credentials report"
    decisions = page.evaluate("[...document.querySelectorAll('.files .decision')].map(item => item.className)")
    assert len(decisions) == 200
    order = list(dict.fromkeys(item.removeprefix("decision ") for item in decisions))
    assert order[:2] == ["rejected", "none"]
    assert order == sorted(order, key=["rejected", "none", "review", "accepted"].index)
    assert page.evaluate("[...document.querySelectorAll('article h2')].map(item => item.innerText)") == page.evaluate(
        "[...document.querySelectorAll('.files a')].map(item => item.innerText)"
    )


def test_pictures_beyond_the_limit_are_left_off_and_counted(browser):
    heavy = Thumbnail(media_type="image/jpeg", data=a_picture().data.ljust(MEGABYTE, b"\0"))
    html = to_html.document(results(*(a_result(name=f"{number}.jpg", picture=heavy) for number in range(30))))
    assert LIMIT * 0.9 < len(html) < LIMIT + 3 * MEGABYTE
    page, _ = browser.open(html)
    left_off = 30 - page.locator("img").count()
    assert left_off > 0
    assert f"{left_off} pictures are left off: a page holds 24 MB of them." in page.inner_text("main")


def test_the_same_thumbnail_stands_with_every_step_that_it_belongs_to(browser):
    store = a_store(
        a_manifest("a", an_ingredient("b", thumbnail=uri("b")), thumbnail=uri("a")), a_manifest("b", thumbnail=None)
    )
    shown = {uri("a"): a_picture(), uri("b"): a_picture(colour=(0, 0, 0))}
    page, _ = browser.open(to_html.document(results(a_result(store, thumbnails=shown))))
    assert page.evaluate("[...document.querySelectorAll('.step img')].map(item => item.alt)") == [
        "Thumbnail of step 1", "Thumbnail of step 2",
    ]  # fmt: skip
