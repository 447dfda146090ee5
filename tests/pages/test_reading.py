"""A page can be read: by day and by night, on a phone, on paper, and by whoever cannot see it."""

from __future__ import annotations

import shutil
import subprocess
from itertools import cycle, product

import pytest

from provenance.reports import to_html
from tests.pages.results import a_result, a_rich_result, an_error, results
from tests.support.campaign import cases
from tests.unit.stores import SOUND, a_manifest, a_store, bad, good

LONG = "urn:uuid:" + "0123456789abcdef" * 20
PAGES = {
    "one": results(a_rich_result()),
    "changed": results(a_rich_result(statuses=bad("assertion.dataHash.mismatch"))),
    "many": results(
        a_rich_result(), a_result(a_store(), name="sound.jpg"), a_result(name="bare.jpg"), an_error(),
        a_result(a_store(reported="Invalid", statuses=(*good(*SOUND), *bad("unheard.of"))), name="odd.jpg"),
    ),
    "none": results(),
    "an error": results(an_error()),
    "long names": results(a_result(a_store(a_manifest(LONG, title=LONG)), name=f"folder/{LONG}.jpg")),
}  # fmt: skip
CONTRAST = """
() => {
  const luminance = ([r, g, b]) => {
    const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
  }
  const colour = text => text.match(/[\\d.]+/g).map(Number)
  const behind = item => {
    for (; item; item = item.parentElement) {
      const found = colour(getComputedStyle(item).backgroundColor)
      if (found.length === 3 || found[3] === 1) return found
    }
    return [255, 255, 255]
  }
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const item = walker.currentNode.parentElement
    if (!walker.currentNode.textContent.trim()) continue
    const pair = [colour(getComputedStyle(item).color), behind(item)].map(luminance).sort((a, b) => b - a)
    found.push([(pair[0] + 0.05) / (pair[1] + 0.05), walker.currentNode.textContent.slice(0, 40)])
  }
  return found
}
"""
STRUCTURE = """
() => ({
  language: document.documentElement.lang,
  title: document.title,
  headings: [...document.querySelectorAll('h1,h2,h3,h4')].map(item => Number(item.localName[1])),
  landmarks: ['header', 'main', 'footer'].map(name => document.querySelectorAll(`body > ${name}`).length),
  unnamed: [...document.querySelectorAll('img')].filter(item => !item.alt).length,
  tables: [...document.querySelectorAll('table')].map(item => [
    item.caption.textContent !== '', item.querySelectorAll('th[scope=col]').length,
    new Set([...item.querySelectorAll('tbody tr')].map(line => line.children.length)).size,
  ]),
  ids: [...document.querySelectorAll('[id]')].map(item => item.id),
  ends: [...document.querySelectorAll('a[href],[aria-labelledby]')].map(
    item => (item.getAttribute('href') || '#' + item.getAttribute('aria-labelledby')).slice(1)),
})
"""
UNFOLD = "document.querySelectorAll('details').forEach(item => { item.open = true })"


@cases(("given", "dark"), zip(PAGES, cycle([False, True])), more=product(PAGES, [False, True]))
def test_every_text_stands_out_from_what_is_behind_it(given, dark, browser):
    page, _ = browser.open(to_html.document(PAGES[given]), dark=dark)
    page.evaluate(UNFOLD)
    found = page.evaluate(CONTRAST)
    assert found
    assert [item for item in found if item[0] < 4.5] == []


def test_day_and_night_are_told_apart(browser):
    colours = set()
    for dark in (False, True):
        page, _ = browser.open(to_html.document(PAGES["one"]), dark=dark)
        colours.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(colours) == 2


@pytest.mark.parametrize("given", PAGES.values(), ids=PAGES)
def test_a_page_has_the_structure_that_it_shows(given, browser):
    page, tried = browser.open(to_html.document(given))
    found = page.evaluate(STRUCTURE)
    assert tried.messages == []
    assert found["language"] == "en"
    assert found["title"]
    assert found["landmarks"] == [1, 1, 1]
    assert found["unnamed"] == 0
    assert found["headings"][0] == 1
    assert found["headings"].count(1) == 1
    steps = zip(found["headings"], found["headings"][1:], strict=False)
    assert [pair for pair in steps if pair[1] > pair[0] + 1] == []
    assert [item for item in found["tables"] if not item[0] or item[1] < 2 or item[2] > 1] == []
    assert len(found["ids"]) == len(set(found["ids"]))
    assert set(found["ends"]) <= set(found["ids"])


@pytest.mark.parametrize("given", PAGES.values(), ids=PAGES)
def test_a_page_fits_on_a_phone(given, browser):
    page, _ = browser.open(to_html.document(given), width=320)
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    wide = "[...document.querySelectorAll('main *')].filter(item => item.getBoundingClientRect().right > 320)"
    assert page.evaluate(f"{wide}.map(item => item.outerHTML.slice(0, 80))") == []


def test_tables_become_lists_that_say_what_each_value_is(browser):
    page, _ = browser.open(to_html.document(PAGES["one"]), width=320)
    page.evaluate(UNFOLD)
    label = "getComputedStyle(document.querySelector('.findings td'), '::before').content"
    assert page.evaluate(label) == '"Rule"'
    assert page.evaluate("getComputedStyle(document.querySelector('.findings tr')).display") == "block"
    assert page.get_by_role("table", name="What the policy found").get_by_role("cell").count() > 20


def test_the_first_two_levels_are_open_and_the_others_unfold(browser):
    page, _ = browser.open(to_html.document(PAGES["one"]))
    levels = "[...document.querySelectorAll('details')].map(item => [item.dataset.level, item.open])"
    assert page.evaluate(levels) == [["2", True], ["3", False], ["4", False]]
    assert not page.is_visible("text=integrity.content-intact")
    page.click("text=Forensic detail")
    assert page.is_visible("text=integrity.content-intact")


def test_a_link_unfolds_what_it_leads_to(browser):
    page, _ = browser.open(to_html.document(PAGES["one"]))
    assert not page.is_visible("text=harbour-raw.jpg >> nth=0")
    page.click("text=red flags in its history")
    assert page.is_visible(".steps")
    page.click(".flags a >> nth=0")
    assert page.evaluate("document.querySelector(':target').localName") == "li"


def test_a_link_of_the_summary_leads_to_its_file(browser):
    page, _ = browser.open(to_html.document(PAGES["many"]))
    page.click(".files a >> text=sound.jpg")
    assert "sound.jpg" in page.inner_text(":target h2")


def test_everything_is_unfolded_on_paper(browser):
    page, _ = browser.open(to_html.document(PAGES["one"]))
    seen = "[...document.querySelectorAll('table, .steps')].map(item => item.checkVisibility())"
    assert not any(page.evaluate(seen))
    page.emulate_media(media="print")
    assert all(page.evaluate(seen))


def test_paper_shows_every_level(browser, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    page, _ = browser.open(to_html.document(PAGES["many"]), dark=True)
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    done = subprocess.run(["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True)
    words = " ".join(done.stdout.split())
    for said in ("5 files", "Zoë Example", "harbour-raw.jpg", "integrity.content-intact", "ab" * 16, "check the path"):
        assert said in words


def test_states_are_told_apart_without_colours(browser):
    page, _ = browser.open(to_html.document(PAGES["many"]))
    page.evaluate(UNFOLD)
    style = "item => [item.textContent, getComputedStyle(item).borderTopStyle]"
    found = page.evaluate(f"[...document.querySelectorAll('.state')].map({style})")
    styles = dict(map(tuple, found))
    assert styles["trusted"] != styles["not checked"] != styles["broken"] != styles["trusted"]
    lines = page.evaluate("[...document.querySelectorAll('.file')].map(item => getComputedStyle(item).borderTopStyle)")
    assert {"double", "dashed", "solid"} <= set(lines)
