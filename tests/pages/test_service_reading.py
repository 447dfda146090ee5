"""The pages of the service can be read: by day and by night, on a phone, on paper, by keys, and by who cannot see."""

from __future__ import annotations

import shutil
import subprocess
from itertools import cycle, product

import pytest

from tests.conftest import VECTORS
from tests.pages.files import STEPS
from tests.pages.test_hostile import ATTACKS
from tests.pages.test_reading import CONTRAST, STRUCTURE, UNFOLD
from tests.pages.test_service_check import checked, quiet
from tests.support.campaign import cases

KINDS = ("accepted", "review", "rejected", "bare", "edited", "long")
SERIOUS = {"serious", "critical", "moderate"}


@pytest.fixture(scope="session")
def _addresses():
    return {}


@pytest.fixture
def read(files, _addresses):
    """Open the report of a kind of file: it is checked by whoever comes first, and read by all."""

    def opened(page, kind):
        if kind in _addresses:
            page.goto(_addresses[kind])
        else:
            _addresses[kind] = checked(page, getattr(files, kind)).url
        return page

    return opened


def violations(page):
    """Ask axe-core."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page).response["violations"]
    return [(item["id"], [node["html"][:120] for node in item["nodes"][:3]]) for item in found if item["impact"]]


@cases(("kind", "width"), zip(KINDS, cycle([320, 1000])), more=product(KINDS, [1000, 320]))
def test_axe_finds_nothing_in_a_report(kind, width, visitor, read):
    page, tried = visitor.come(width=width)
    read(page, kind)
    page.evaluate(UNFOLD)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    quiet(tried, visitor.url)


PATHS = ("/", "/sign-in", "/reports/00000000000000000000000000")


@cases(("path", "dark"), zip(PATHS, cycle([False, True])), more=product(PATHS, [False, True]))
def test_axe_finds_nothing_in_the_other_pages(path, dark, visitor):
    page, _ = visitor.come(dark=dark, width=320)
    page.goto(path)
    page.evaluate(UNFOLD)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@cases(("kind", "dark"), zip(KINDS, cycle([False, True])), more=product(KINDS, [False, True]))
def test_every_text_stands_out_from_what_is_behind_it(kind, dark, visitor, read):
    page, _ = visitor.come(dark=dark)
    read(page, kind)
    page.evaluate(UNFOLD)
    found = [item for item in page.evaluate(CONTRAST) if item[0] < 4.5]
    assert [item for item in found if item[1].strip()] == []


def test_a_report_has_the_structure_that_it_shows(visitor, read):
    page, _ = visitor.come()
    read(page, "accepted")
    found = page.evaluate(STRUCTURE)
    assert found["landmarks"] == [1, 1, 1]
    assert found["headings"].count(1) == 1
    steps = zip(found["headings"], found["headings"][1:], strict=False)
    assert [pair for pair in steps if pair[1] > pair[0] + 1] == []
    assert len(found["ids"]) == len(set(found["ids"]))


def test_the_verdict_is_told_by_more_than_its_colour(visitor, read):
    page, _ = visitor.come()
    signs = set()
    for kind in ("accepted", "review", "rejected"):
        read(page, kind)
        signs.add(page.evaluate("getComputedStyle(document.querySelector('.decision'), '::before').maskImage"))
    assert len(signs) == 3


# ---- by keys


def focused(page):
    return page.evaluate(
        "() => (document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
    )


def test_everything_is_reached_by_keys(visitor, files):
    page, _ = visitor.come()
    page.goto("/")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert reached == [
        "To the content", "provenance", "Check a file", "For operators", "file", "address", "Check",
        "How it is judged",
    ]  # fmt: skip


def test_what_is_reached_is_seen(visitor, read):
    page, _ = visitor.come()
    read(page, "accepted")
    for _ in range(12):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const item = document.activeElement
                const box = getComputedStyle(item.matches('svg a') ? item.querySelector('rect') : item)
                return box.outlineStyle !== 'none' || box.strokeWidth === '3px'
            }"""
        )
        assert seen, focused(page)


def test_the_history_is_walked_by_keys(visitor, read):
    page, tried = visitor.come()
    read(page, "edited")
    page.focus('.graph a[data-step="0"]')
    assert focused(page).startswith("1. cut.jpg")
    page.keyboard.press("ArrowDown")
    assert focused(page).startswith("2. harbour.jpg")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page).startswith("1. cut.jpg")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "harbour.jpg" in page.inner_text(":target")
    assert page.get_attribute(".graph a.here", "aria-current") == "step"
    quiet(tried, visitor.url)


def test_the_history_is_walked_without_scripts(visitor, read):
    page, _ = visitor.come()
    address = read(page, "edited").url
    plain, _ = visitor.come(scripts=False)
    plain.goto(address)
    plain.click('.graph a[data-step="1"]')
    assert "harbour.jpg" in plain.inner_text(":target")


def test_a_long_history_is_shown_as_a_whole(visitor, read):
    page, tried = visitor.come()
    read(page, "long")
    assert page.locator(".graph a").count() == STEPS
    assert page.locator(".steps > li").count() == STEPS
    page.locator(".graph a").last.click()
    assert f"Step {STEPS}" in page.inner_text(":target")
    quiet(tried, visitor.url)


# ---- beside an ancestor


def test_a_file_is_laid_over_what_it_was_made_from(visitor, read):
    page, tried = visitor.come()
    read(page, "edited")
    page.click(".choices a >> text=harbour.jpg")
    page.wait_for_selector("#beside h4")
    assert "/beside/" not in page.url
    told = page.inner_text("#beside")
    assert "changed" in told
    assert "cropped" in told
    clip = "getComputedStyle(document.querySelector('.slider figure + figure img')).clipPath"
    before = page.evaluate(clip)
    page.focus(".slider input")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(clip) != before
    assert page.locator("#beside img").count() == 3
    assert violations(page) == []
    quiet(tried, visitor.url)


def test_a_file_is_laid_beside_it_without_scripts_too(visitor, read):
    page, _ = visitor.come()
    address = read(page, "edited").url
    plain, tried = visitor.come(scripts=False, width=320)
    plain.goto(address)
    plain.click(".choices a >> text=harbour.jpg")
    assert "/beside/" in plain.url
    assert plain.locator("#beside img").count() == 3
    assert plain.evaluate("document.documentElement.scrollWidth") <= 320
    quiet(tried, visitor.url)


# ---- on paper


def test_paper_shows_everything_but_what_is_pressed(visitor, read, tmp_path):
    page, _ = visitor.come(dark=True)
    read(page, "accepted")
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    sheets = on_sheets(tmp_path / "report.pdf")
    assert all(word in sheets[0] for word in ("Accepted", "Example News", "accepted.jpg"))
    assert all(word in "".join(sheets) for word in ("integrity.content-intact", "Forensic detail"))
    pressed = ("Check another file", "For operators", "Compare it with its history", "Choose a picture")
    assert [word for word in pressed if word in "".join(sheets)] == []


def test_paper_shows_what_was_compared(visitor, read, tmp_path):
    page, _ = visitor.come()
    read(page, "edited")
    page.click(".choices a >> text=harbour.jpg")
    page.wait_for_selector("#beside h4")
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    words = "".join(on_sheets(tmp_path / "report.pdf"))
    assert "What was changed, in colour" in words
    assert "Choose a picture" not in words


def on_sheets(path):
    """Return the words of each sheet of paper."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    return [" ".join(sheet.split()) for sheet in done.stdout.split("\f")]


# ---- whatever files say


@pytest.mark.parametrize("name", ["script", "out of an attribute", "templates", "piled up", "from right to left"])
def test_what_a_file_says_is_shown_and_not_obeyed(name, visitor, files):
    page, tried = visitor.come(width=320)
    checked(page, files.hostile(ATTACKS[name]))
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("script:not([src])").count() == 0
    quiet(tried, visitor.url)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.jpg", "a\"b'c.jpg", "{{7*7}}.jpg", "\u202egpj.jpg", "é" * 180]
)
def test_what_a_file_is_called_is_shown_and_not_obeyed(name, visitor, files):
    page, tried = visitor.come(width=320)
    page.goto("/")
    data = files.accepted.read_bytes()
    page.set_input_files("#file", {"name": name, "mimeType": "image/jpeg", "buffer": data})
    page.wait_for_selector(".glance")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert "49" not in page.inner_text(".glance h2")
    quiet(tried, visitor.url)


def test_files_that_others_attack_with_break_nothing(visitor):
    folder = VECTORS / "attacks"
    if not folder.is_dir():
        pytest.skip("../shared/vectors/attacks is not there")
    page, _ = visitor.come()
    for path in sorted(VECTORS.glob("*bomb*")) + sorted(VECTORS.glob("*poc*")):
        page.goto("/")
        page.set_input_files("#file", path)
        page.wait_for_selector(".glance, [role=alert]")
    assert page.goto("/").status == 200
