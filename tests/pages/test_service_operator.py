"""The page for operators, and who gets to it."""

from __future__ import annotations

import re
from itertools import cycle, product

import pytest

from tests.pages.test_service_check import checked, quiet
from tests.pages.test_service_reading import violations
from tests.support.campaign import cases


@pytest.fixture(scope="module")
def key(server, place):
    from tests.support.service import new_key

    return new_key(place, "--scope", "admin", name="night watch")


@pytest.fixture(scope="module")
def lesser(server, place):
    from tests.support.service import new_key

    return new_key(place, "--scope", "verify", name="reader")


def sign_in(page, key):
    page.goto("/operator")
    assert page.url.endswith("/sign-in")
    page.fill("#key", key)
    page.click("button >> text=Sign in")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_operator_sees_how_the_service_does(scripts, visitor, files, key):
    page, tried = visitor.come(scripts=scripts)
    sign_in(page, key)
    told = page.inner_text("main")
    assert "night watch" in told
    headings = page.locator("main h2").all_inner_texts()
    assert headings[:6] == ["Workers", "Jobs", "Last verdicts", "Last signings", "Trust lists", "Identities"]
    assert "Example News" in told
    assert "in force" in told
    quiet(tried, visitor.url)


def test_verdicts_lead_to_their_reports(visitor, files, key):
    page, _ = visitor.come()
    checked(page, files.rejected)
    sign_in(page, key)
    page.click("text=rejected.jpg >> nth=0")
    assert "Rejected" in page.inner_text(".glance")


@pytest.mark.parametrize("width", [1000, 320])
def test_axe_finds_nothing_there(width, visitor, files, key):
    page, _ = visitor.come(width=width)
    checked(page, files.accepted)
    sign_in(page, key)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_signing_out_ends_it(visitor, key):
    page, _ = visitor.come()
    sign_in(page, key)
    page.click("text=Sign out")
    page.goto("/operator")
    assert page.url.endswith("/sign-in")


def test_a_session_is_ended_at_the_server_too(visitor, key):
    page, _ = visitor.come()
    sign_in(page, key)
    kept = page.context.cookies()
    page.click("text=Sign out")
    page.context.add_cookies(kept)
    page.goto("/operator")
    assert page.url.endswith("/sign-in")


def test_no_script_reads_what_the_browser_keeps_and_the_key_is_not_in_it(visitor, key):
    page, _ = visitor.come()
    sign_in(page, key)
    cookies = page.context.cookies()
    assert all(item["httpOnly"] and item["sameSite"] == "Strict" for item in cookies)
    assert key not in str(cookies)
    assert page.evaluate("document.cookie") == ""


def test_a_wrong_key_opens_nothing(visitor, key):
    page, _ = visitor.come()
    sign_in(page, f"{key[:-4]}AAAA")
    assert page.inner_text("[role=alert]")
    page.goto("/operator")
    assert page.url.endswith("/sign-in")


def test_a_key_of_less_does_not_open_it(visitor, lesser):
    page, _ = visitor.come()
    sign_in(page, lesser)
    assert page.goto("/operator").status == 403
    assert "admin" in page.inner_text("main")


# ---- forms are only taken from pages of ours


def token(page):
    page.goto("/sign-in")
    return page.input_value("input[name=token]")


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {},
]
PATHS = ["/", "/sign-in", "/sign-out"]


@cases(("headers", "path"), zip(ELSEWHERE, cycle(PATHS)), more=product(ELSEWHERE, PATHS), ids=str)
def test_a_form_from_elsewhere_is_refused(path, headers, visitor, key):
    page, _ = visitor.come()
    form = {"token": token(page), "key": key, "address": "https://example.org/x.jpg"}
    answer = page.request.post(path, multipart=form, headers=headers, max_redirects=0)
    assert answer.status == 403
    assert "not sent from a page of this service" in answer.text()


@pytest.mark.parametrize("given", ["", "x" * 64, None])
def test_a_form_without_what_the_cookie_holds_is_refused(given, visitor, key):
    page, _ = visitor.come()
    token(page)
    form = {"key": key} | ({} if given is None else {"token": given})
    answer = page.request.post("/sign-in", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0)
    assert answer.status == 403
    assert "too old" in answer.text()


def test_the_address_of_a_style_sheet_changes_with_it(visitor):
    page, _ = visitor.come()
    page.goto("/")
    address = page.get_attribute("link[href$='page.css']", "href")
    assert re.fullmatch(r"/static/[0-9a-f]{16}/page\.css", address)
    assert "immutable" in page.request.get(address).headers["cache-control"]
    for wrong in ("/static/0000000000000000/page.css", "/static/x/..%2Fpage.py", "/static/x/none"):
        assert page.request.get(wrong).status == 404
