"""The HTML report as text: what stands in it, where, and in which words. What a browser makes of it: tests/pages."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from provenance.model.claim import Action, Assertion, Origin
from provenance.model.media import Digest, Media
from provenance.model.policy import Outcome, Policy, RuleUse, Severity
from provenance.model.verdict import Finding, Verdict
from provenance.reports import to_html
from provenance.reports.result import Result, Results
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join, text
from provenance.reports.to_html.origin import disclosure
from provenance.reports.to_html.parts import phrase
from tests.pages.results import a_picture, a_result, a_rich_result, an_error, results, uri
from tests.unit.stores import AT, SOUND, a_manifest, a_store, an_ingredient, an_inspection, bad, good, trace

GOLDEN = Path(__file__).parent / "test_html_golden.html"
PACKAGE = Path(to_html.__file__).parent
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def words(page):
    """Return what a page, or a part of one, says: one space between words."""
    body = page.rpartition("<body>")[2]
    joined = re.sub(r"</?(?:a|bdi|code|span|strong|time)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", joined)).split())


def level(page, number):
    return re.search(rf'data-level="{number}".*?</details>', page, re.DOTALL)[0]


def said(*items):
    return words(to_html.document(results(*items)))


def test_text_is_escaped_in_elements_and_in_attributes():
    made = element("p", "<b>&\"'\x00", class_='x" onclick="y')
    assert made == '<p class="x&quot; onclick=&quot;y">&lt;b&gt;&amp;&quot;&#x27;⟨U+0000⟩</p>'


def test_markup_stays_and_nothing_is_left_out():
    assert element("p", element("b", "x"), None, join(["<", Markup("<i>")])) == "<p><b>x</b>&lt;<i></p>"
    assert element("details", open=True, id=None, hidden=False) == "<details open></details>"
    assert element("img", src=Markup("data:"), alt="") == '<img src="data:" alt="">'


def test_what_is_filled_into_a_label_is_not_filled_in_turn():
    assert phrase("{name} & {count}", name="{count} <b>", count=3) == "<bdi>{count} &lt;b&gt;</bdi> &amp; 3"


def test_long_text_is_cut_and_says_so():
    assert text("x" * 5000, limit=10) == "xxxxxxxxxx… (5000 characters)"


def test_a_page_allows_its_own_style_and_nothing_else():
    page = to_html.page("title", "text")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", "img-src data:", f"style-src 'sha256-{digest}'", "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    assert " style=" not in page
    assert "url(" not in style
    assert "@import" not in style


def test_the_page_says_what_it_is_before_any_text():
    page = to_html.page("title", "text")
    assert page.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv=')


def golden():
    """Make a small report in which nothing depends on a clock, a machine or a policy that comes along."""
    manifest = a_manifest(
        "urn:c2pa:one", title="harbour.jpg",
        actions=(Action(name="c2pa.created", source_type=f"{_IPTC}digitalCapture"),),
        assertions=(Assertion(label="c2pa.metadata", data={"dc:creator": ["Zoë <b>"]}, origin=Origin.CREATED),),
    )  # fmt: skip
    store = a_store(manifest)
    media = Media(name="harbour.jpg", media_type="image/jpeg", size=1234, digest=Digest(algorithm="sha256", value="0f"))
    policy = Policy(
        name="desk", version="1", purpose="Is it intact?", digest="00ff", text="",
        rules=(RuleUse(rule="integrity.content-intact", severity=Severity.FAIL),),
    )  # fmt: skip
    finding = Finding(
        rule="integrity.content-intact", outcome=Outcome.PASSED, severity=Severity.INFO,
        message="the content is what was signed", evidence=("assertion.dataHash.match",),
    )  # fmt: skip
    verdict = Verdict(inspection=an_inspection(store, media=media), policy=policy, findings=(finding,))
    return Results(
        items=(Result(name="harbour.jpg", verdict=verdict, history=trace(store)),), generator="provenance 1.2.3"
    )


def legible(page):
    """Break a page into lines, without its style sheet."""
    bare = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    bare = re.sub(r"sha256-[\w+/=]+", "sha256-…", bare)
    return re.sub(
        r"(?<=>)(?=<(?:/?(?:html|head|body|header|main|article|details|section|table|tr|ol|dl|div|p|h\d|meta)))",
        "\n",
        bare,
    )


def test_the_small_report_is_what_it_was():
    """Written anew by `python -m tests.unit.reports.test_html`."""
    assert legible(to_html.document(golden())) == GOLDEN.read_text(encoding="utf-8")


def test_a_report_is_the_same_each_time():
    assert to_html.document(results(a_rich_result())) == to_html.document(results(a_rich_result()))


def test_every_label_is_used_and_every_heading_has_one_place():
    sources = "".join(path.read_text() for path in PACKAGE.parent.rglob("*.py") if path.name != "labels.py")
    names = [name for name in vars(labels) if name.isupper()]
    assert len(names) > 100
    assert [name for name in names if f"labels.{name}" not in sources] == []


def test_the_first_level_says_what_became_of_it_and_by_whose_rules():
    page = to_html.document(results(a_result(a_store(), picture=a_picture())))
    first = words(page).partition(labels.ORIGIN)[0]
    assert "accepted by the policy standard, version" in first
    assert "Signed by Example News / Desk, and intact since." in first
    assert 'alt="The file as it is now"' in page


@pytest.mark.parametrize("word", ["✓", "✔", "☑", "✅", "🗸"])
def test_nothing_is_ticked_off(word):
    assert word not in to_html.document(results(a_rich_result(), a_result(a_store())))


def test_a_changed_file_stands_beside_the_thumbnail_of_what_was_signed():
    shown = {uri("m"): a_picture()}
    store = a_store(a_manifest("m", thumbnail=uri("m")), statuses=bad("assertion.dataHash.mismatch"))
    page = to_html.document(results(a_result(store, picture=a_picture((10, 10)), thumbnails=shown)))
    assert page.index(labels.AS_IT_IS) < page.index(labels.AS_SIGNED) < page.index('data-level="2"')


@pytest.mark.parametrize(
    "code", ["assertion.dataHash.mismatch", "claimSignature.mismatch", "signingCredential.expired"]
)
def test_nothing_in_a_broken_file_is_attributed_to_the_signer(code):
    page = to_html.document(results(a_result(a_store(statuses=(*good(*SOUND), *bad(code))))))
    told = words(level(page, 2))
    assert "What follows stands in the file, but nothing in it can be attributed to the signer." in told
    assert "Example News / Desk is named, but nothing in it can be attributed to the signer" in told


def test_what_was_not_checked_is_said_on_the_second_level():
    told = words(level(to_html.document(results(a_result(a_store()))), 2))
    assert re.search(r"Not checked [a-z, ]*revocation", told)


def test_statements_of_the_program_stand_apart_from_those_that_it_passes_on():
    told = words(level(to_html.document(results(a_rich_result())), 2))
    own, _, passed = told.partition(labels.PASSED_ON)
    assert "Zoë Example" in own.partition(labels.STATED)[2]
    assert "Hamburg" in passed
    assert "Hamburg" not in own


def test_claims_of_version_one_do_not_tell_who_vouches():
    data = {"dc:creator": ["Zoë"]}
    store = a_store(a_manifest("m", claim_version=1, assertions=(Assertion(label="c2pa.metadata", data=data),)))
    told = said(a_result(store))
    assert labels.STATED_OR_PASSED_ON in told
    assert labels.PASSED_ON not in told


def created(kind, **more):
    return a_manifest("m", actions=(Action(name="c2pa.created", source_type=f"{_IPTC}{kind}"),), **more)


SOURCES = {
    "nothing": (a_store(), labels.SOURCE_NOT_STATED),
    "a camera": (
        a_store(created("digitalCapture")),
        "Nothing generative is stated. Stated: captured by a digital camera or recorder.",
    ),
    "a model": (a_store(created("trainedAlgorithmicMedia")), "Stated: generated by a trained model (AI)."),
    "several": (
        a_store(created("composite")),
        "It may have generated parts. Stated: composed of several sources, which may be generated.",
    ),
    "a model, disclosed": (
        a_store(
            created("digitalCapture", assertions=(Assertion(label="c2pa.ai-disclosure", data={"modelName": "M"}),))
        ),
        "Stated: captured by a digital camera or recorder, c2pa.ai-disclosure names the model M.",
    ),
    "a gap": (a_store(a_manifest("m", an_ingredient())), f"{labels.SOURCE_NOT_STATED} {labels.PARTLY_UNKNOWN}"),
    "one that nobody knows": (a_store(created("dreamt")), "Nothing generative is stated. Stated: dreamt."),
}


@pytest.mark.parametrize(("store", "sentence"), SOURCES.values(), ids=SOURCES)
def test_whether_a_model_had_a_part_in_it_is_said_with_what_is_known(store, sentence):
    assert words(disclosure(trace(store))) == sentence


def test_red_flags_are_said_at_once_and_lead_to_their_steps():
    page = to_html.document(results(a_rich_result()))
    count = len(a_rich_result().flags)
    assert count > 3
    assert f"{count} red flags in its history" in words(page).partition(labels.ORIGIN)[0]
    third = level(page, 3)
    assert third.count('<a href="#file-1-step-') >= count
    assert labels.FLAGS_NOTE in third
    assert labels.NO_FLAGS in words(to_html.document(results(a_result(a_store(a_manifest("m")), name="x"))))


def test_redactions_are_told_with_their_reasons_in_words():
    third = words(level(to_html.document(results(a_rich_result())), 3))
    assert "redacted c2pa.metadata – personal information" in third
    assert "c2pa.metadata was redacted later: personal information" in third


def test_the_fourth_level_holds_what_the_verdict_rests_on():
    given = a_rich_result()
    fourth = words(level(to_html.document(results(given)), 4))
    verdict = given.verdict
    expected = [finding.rule for finding in verdict.findings] + [
        item.code for item in verdict.inspection.store.statuses
    ]
    expected += [*verdict.inspection.store.manifests, verdict.policy.digest, "ab" * 32, "1.3.6.1.4.1.62558.1.1"]
    expected += ["Example Time, through the list stamps", "http://ocsp.example.com/", "frozen since 2026", "number 4"]
    expected += [getattr(verdict.facets, name).reason for name in type(verdict.facets).__dataclass_fields__]
    assert [entry for entry in expected if entry not in fourth] == []


def test_a_file_without_credentials_has_a_sentence_and_the_facts():
    page = to_html.document(results(a_result()))
    assert "No Content Credentials" in words(page)
    assert re.findall(r'data-level="(\d)"', page) == ["4"]


def test_a_file_that_could_not_be_looked_at_says_why_and_what_to_do():
    assert "not looked at gone.jpg It could not be looked at. no such file check the path" in said(an_error())


def test_many_files_are_counted_and_their_reasons_told_first():
    told = said(a_result(a_store(), name="good.jpg"), a_result(name="bare.jpg"), an_error(), a_rich_result())
    first = told.partition(labels.EVERY)[0]
    assert "All 4 files 1 rejected 1 not looked at 1 to review 1 accepted" in first
    assert "1 not looked at: no such file gone.jpg" in first
    assert "unknown provenance, in 1 file" in first


def test_the_page_says_what_made_it_and_when():
    assert said(an_error()).endswith("Made by provenance 1.2.3.")
    told = words(to_html.document(replace(results(an_error()), at=AT)))
    assert told.endswith("Made by provenance 1.2.3 at 2026-05-01 12:00:00 UTC.")


def test_one_file_needs_no_summary():
    assert labels.EVERY not in said(a_rich_result())


def test_a_finding_that_no_facet_tells_is_told_on_the_second_level():
    given = a_result(a_store())
    finding = Finding(
        rule="custom.desk", outcome=Outcome.FAILED, severity=Severity.REVIEW, message="nobody has called the desk"
    )
    verdict = replace(given.verdict, findings=(*given.verdict.findings, finding))
    second = words(level(to_html.document(results(replace(given, verdict=verdict))), 2))
    assert "What the policy found besides nobody has called the desk custom.desk" in second


if __name__ == "__main__":
    GOLDEN.write_text(legible(to_html.document(golden())), encoding="utf-8")
