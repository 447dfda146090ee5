"""Whatever files say, a page shows it and does nothing else."""

from __future__ import annotations

import unicodedata

import pytest

from provenance.model.media import Thumbnail
from provenance.reports import to_html
from provenance.reports.escape import visible
from provenance.reports.to_html.markup import Markup
from tests.conftest import VECTORS
from tests.pages.results import a_rich_result, results, saying, uri

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article", "div",
    "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr",
    "th", "td", "details", "summary", "figure", "figcaption", "img", "a", "span", "strong", "bdi", "code", "time",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "name", "content", "class", "id", "href", "src", "alt", "role", "scope",
    "data-label", "data-level", "open", "datetime", "aria-label", "aria-labelledby",
    "tabindex",
}  # fmt: skip
DRAWN = {"svg", "a", "title", "desc", "path", "rect", "circle", "text", "image"}
"""What a history is drawn with."""
ATTACKS = {
    "script": "<script>alert(1)</script>",
    "out of an attribute": '"><img src=x onerror=alert(1)>',
    "into an attribute": "' onmouseover='alert(1)' x='",
    "out of the title": "</title><script>alert(1)</script>",
    "out of the style": "</style><script>alert(1)</script><style>*{display:none}",
    "drawing": "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>",
    "address": "javascript:alert(1)",
    "comment": "<!--",
    "section": "]]><![CDATA[<script>alert(1)</script>",
    "refresh": "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "base": "<base href=http://127.0.0.1:9/>",
    "style sheet": "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "frame": "<iframe src=http://127.0.0.1:9/></iframe>",
    "form": "<form action=http://127.0.0.1:9/><input autofocus onfocus=alert(1)>",
    "unfolding": "<details open ontoggle=alert(1)>",
    "escaped already": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "templates": "{{7*7}} ${7*7} {0.__class__} {name} %s %(name)s",
    "turned around": "\u202egpj.exe\u2066",
    "terminal": "\x1b[2J\x07\r\n",
    "nothing": "\0\u200b\ufeff\U000e0041\ud800",
    "from right to left": "שלום عليكم",
    "ten thousand characters": "A" * 10_000,
    "piled up": "e" + "\u0301" * 100,
}
"""What stands behind every string of a result."""


def facts(page):
    return page.evaluate(
        """() => { const names = chosen => [...document.querySelectorAll(chosen)].map(item => item.localName); return {
            elements: names('*:not(svg, svg *)'),
            drawn: names('svg, svg *'),
            attributes: [...document.querySelectorAll('*:not(svg, svg *)')].flatMap(item => item.getAttributeNames()),
            drawing: [...document.querySelectorAll('svg, svg *')].flatMap(item => item.getAttributeNames()),
            links: [...document.querySelectorAll('[href]:not(image)')].map(item => item.getAttribute('href')),
            pictures: [...document.querySelectorAll('img, image')].map(
                item => (item.getAttribute('src') || item.getAttribute('href')).slice(0, 23)),
            scripts: document.scripts.length,
            sheets: document.styleSheets.length,
            text: document.body.textContent,
        }}"""
    )


def harmless(page, tried):
    """See that nothing but text came of it, and return that text."""
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    found = facts(page)
    assert (tried.dialogs, tried.messages, tried.requests) == ([], [], [])
    assert found["scripts"] == 0
    assert found["sheets"] == 1
    assert set(found["elements"]) <= ELEMENTS
    assert set(found["drawn"]) <= DRAWN
    assert set(found["attributes"]) <= ATTRIBUTES
    assert [name for name in found["drawing"] if name.startswith("on") or name == "style"] == []
    assert all(link.startswith("#") for link in found["links"])
    assert set(found["pictures"]) <= {"data:image/jpeg;base64,", "data:image/png;base64,/"}
    text = found["text"].removesuffix("\n")
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} == set()
    return text


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_files_say_is_shown_and_not_obeyed(attack, browser):
    page, tried = browser.open(to_html.document(saying(attack)), width=320)
    text = harmless(page, tried)
    assert text.count(visible(attack)[:200]) > 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", "\u202e<b>\0"])
def test_not_even_the_words_of_the_standard_are_believed(attack, browser):
    page, tried = browser.open(to_html.document(saying(attack, spared=frozenset())))
    assert harmless(page, tried).count(visible(attack)) > 100


def test_strings_that_others_attack_with_are_shown_and_not_obeyed(browser):
    folder = VECTORS / "attacks"
    if not folder.is_dir():
        pytest.skip("../shared/vectors/attacks is not there")
    lines = [line for path in sorted(folder.glob("*.txt")) for line in path.read_bytes().decode().split("\n") if line]
    assert len(lines) > 20
    html = to_html.document(results(*(item for line in lines for item in saying(line).items[:2])))
    page, tried = browser.open(html)
    text = harmless(page, tried)
    assert [line for line in lines if visible(line)[:100] not in text] == []


@pytest.mark.parametrize(
    "picture",
    [
        Thumbnail(media_type="text/html", data=b"<script>alert(1)</script>"),
        Thumbnail(media_type="image/svg+xml", data=b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        Thumbnail(media_type="image/jpeg", data=b"<html><script>alert(1)</script>"),
        Thumbnail(media_type='image/jpeg" onerror="alert(1)', data=b"\xff\xd8\xff"),
        Thumbnail(media_type="image/png", data=b"GIF89a"),
    ],
    ids=["html", "svg", "html as jpeg", "a type with an attribute", "gif as png"],
)
def test_what_is_no_raster_image_is_not_shown(picture, browser):
    result = a_rich_result(picture=picture, thumbnails={uri("urn:c2pa:capture"): picture})
    page, tried = browser.open(to_html.document(results(result)))
    harmless(page, tried)
    assert page.locator("img, image").count() == 0


def test_a_page_shows_text_that_was_not_made_here_as_text(browser):
    page, tried = browser.open(to_html.page("</title><b>", "<script>alert(1)</script><b>bold</b>"))
    assert harmless(page, tried) == "<script>alert(1)</script><b>bold</b>"


def smuggled(listener):
    """Markup that should never have come in, for a look at the second line of defence on its own."""
    return (
        f"<script>alert(1)</script><p style='position:fixed'>x</p><img src='{listener.url}/x.png'>"
        f"<img src=x onerror='alert(1)'><style>body{{display:none}} p{{background:url({listener.url}/y)}}</style>"
        f"<a id=link href='javascript:alert(1)'>x</a><iframe src='{listener.url}/z'></iframe>"
    )


def test_what_the_page_did_not_bring_along_is_refused(browser, listener):
    page, tried = browser.open(to_html.page("title", Markup(smuggled(listener))))
    page.click("#link")
    assert (tried.dialogs, listener.visits) == ([], [])
    assert page.is_visible("p")
    assert page.evaluate("getComputedStyle(document.querySelector('p')).position") == "static"
    refused = " ".join(tried.messages)
    assert all(word in refused for word in ("script-src", "style-src", "img-src", "frame-src"))


def test_without_the_rule_of_the_page_the_same_would_do_harm(browser, listener):
    """The test of the tests: they see what they say that they see."""
    _, tried = browser.open(f"<!doctype html><title>x</title>{smuggled(listener)}")
    assert tried.dialogs
    assert tried.requests
    assert {"/x.png", "/z"} <= set(listener.visits)
