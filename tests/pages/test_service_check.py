"""The page for everyone: give a file, and read what it is, with and without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest

KINDS = {
    "accepted": ("Accepted", "Signed by Example News"),
    "review": ("To review", "can't be verified"),
    "rejected": ("Rejected", "changed after signing"),
    "bare": ("To review", "No Content Credentials"),
}


def checked(page, path):
    """Give a file to the page as somebody does who has scripts: choosing it is enough."""
    page.goto("/")
    page.set_input_files("#file", path)
    page.wait_for_url("**/reports/*")
    page.wait_for_selector(".glance")
    return page


def checked_plainly(page, path):
    page.goto("/")
    page.set_input_files("#file", path)
    page.click("text=Check >> nth=-1")
    page.wait_for_url("**/reports/*")
    return page


def quiet(tried, url):
    """Nothing was said, and nobody else was asked."""
    assert (tried.dialogs, tried.messages) == ([], [])
    assert [item for item in tried.requests if not item.startswith((f"{url}/", "data:", "blob:"))] == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_anyone_wants_first_is_said_first(kind, scripts, visitor, files):
    page, tried = visitor.come(scripts=scripts)
    (checked if scripts else checked_plainly)(page, getattr(files, kind))
    word, sentence = KINDS[kind]
    glance = page.inner_text(".glance")
    assert word in glance
    assert sentence in page.inner_text(".sentence")
    assert page.locator("article.file").get_attribute("class").split()[-1] in {"accepted", "review", "rejected"}
    assert page.title().startswith(f"{getattr(files, kind).name} – ")
    quiet(tried, visitor.url)


def test_who_when_and_how_it_began_stand_below(visitor, files):
    page, _ = visitor.come()
    checked(page, files.accepted)
    told = page.inner_text('[data-level="2"]')
    assert all(word in told for word in ("Signed by", "Example News", "When", "How it began", "Generative AI"))
    assert page.locator(".glance img").count() == 1


def test_a_report_stays_under_its_address(visitor, files):
    page, _ = visitor.come()
    address = checked(page, files.accepted).url
    again, _ = visitor.come(scripts=False)
    again.goto(address)
    assert "Accepted" in again.inner_text(".glance")
    assert again.goto(f"{visitor.url}/reports/{'0' * 26}").status == 404
    assert "there is no such report" in again.inner_text("main")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_cannot_be_looked_at_is_said_on_a_page(scripts, visitor, files):
    page, tried = visitor.come(scripts=scripts)
    page.goto("/")
    page.set_input_files("#file", files.text())
    if not scripts:
        page.click("text=Check >> nth=-1")
    page.wait_for_selector("[role=alert]")
    assert "note.txt" in page.inner_text("main")
    assert "/tmp" not in page.content()
    assert [item for item in tried.messages if "415" not in item and "422" not in item] == []


def test_nothing_chosen_is_said_on_a_page(visitor):
    page, _ = visitor.come(scripts=False)
    page.goto("/")
    page.click("text=Check >> nth=-1")
    assert "no file was chosen" in page.inner_text("[role=alert]")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.jpg", "https://127.0.0.1:9/x.jpg", "file:///etc/passwd"])
def test_an_address_that_nobody_may_ask_is_refused(address, visitor):
    page, _ = visitor.come(scripts=False)
    page.goto("/")
    page.fill("#address", address)
    page.click("text=Check >> nth=-1")
    assert page.inner_text("[role=alert]")
    assert "/reports/" not in page.url


def test_a_file_that_is_dropped_is_checked(visitor, files):
    page, _ = visitor.come()
    page.goto("/")
    data = list(files.accepted.read_bytes())
    page.evaluate(
        """data => {
            const given = new DataTransfer()
            given.items.add(new File([new Uint8Array(data)], 'dropped.jpg', {type: 'image/jpeg'}))
            for (const kind of ['dragenter', 'dragover', 'drop'])
                document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: given, bubbles: true, cancelable: true}))
        }""",
        data,
    )
    page.wait_for_url("**/reports/*")
    page.wait_for_selector(".glance")
    assert "dropped.jpg" in page.inner_text(".glance")


def test_another_file_can_be_checked_and_one_can_go_back(visitor, files):
    page, tried = visitor.come()
    checked(page, files.accepted)
    page.click("text=Check another file")
    page.wait_for_selector("#file", state="attached")
    page.set_input_files("#file", files.rejected)
    page.wait_for_selector(".decision.rejected")
    page.go_back()
    page.wait_for_selector("#file", state="attached")
    quiet(tried, visitor.url)


@pytest.mark.parametrize(
    ("name", "begins"), [("report.html", b"<!doctype html>"), ("report.json", b"{")], ids=["a page", "for programs"]
)
def test_a_report_can_be_taken_along(name, begins, visitor, files):
    page, _ = visitor.come()
    checked(page, files.accepted)
    with page.expect_download() as taken:
        page.click(f'a[href$="{name}"]')
    assert taken.value.suggested_filename == f"accepted.jpg.{name}"
    assert Path(taken.value.path()).read_bytes().startswith(begins)


def test_what_is_taken_along_is_not_taken_for_a_page_of_ours(visitor, files):
    page, _ = visitor.come()
    answer = page.request.get(f"{checked(page, files.accepted).url}/report.html")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_page_loads_and_runs_nothing_that_is_not_its_own(visitor):
    page, _ = visitor.come()
    policy = page.goto("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|(?:src|href|action)=.https?:", page.content())


def test_a_policy_can_be_chosen(visitor, files):
    page, _ = visitor.come(scripts=False)
    page.goto("/")
    page.click("text=How it is judged")
    names = page.locator("#policy option").all_inner_texts()
    assert "standard" in names
    page.select_option("#policy", "strict" if "strict" in names else names[-1])
    checked_name = page.input_value("#policy")
    page.set_input_files("#file", files.accepted)
    page.click("text=Check >> nth=-1")
    page.wait_for_url("**/reports/*")
    assert f"by the policy {checked_name}" in page.inner_text(".glance")


def test_credentials_that_were_taken_off_are_looked_for(visitor, files):
    page, tried = visitor.come(scripts=False)
    page.goto("/")
    page.click("text=How it is judged")
    page.check("input[name=recover]")
    page.set_input_files("#file", files.bare)
    page.click("text=Check >> nth=-1")
    page.wait_for_url("**/reports/*")
    assert "Credentials found again" in page.inner_text("article")
    quiet(tried, visitor.url)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_evidence_pack_is_made_where_that_is_ticked(scripts, visitor, files):
    page, tried = visitor.come(scripts=scripts)
    page.goto("/")
    page.click("text=How it is judged")
    page.check("input[name=evidence]")
    page.set_input_files("#file", files.accepted)
    if not scripts:
        page.click("text=Check >> nth=-1")
    page.wait_for_url("**/reports/*")
    with page.expect_download() as taken:
        page.click("text=Evidence pack")
    assert taken.value.suggested_filename == "accepted.jpg.evidence.zip"
    assert "pack.json" in ZipFile(taken.value.path()).namelist()
    quiet(tried, visitor.url)
