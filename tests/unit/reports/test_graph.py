"""Histories as pictures: each step once, below what it went into; bounded, and safe in any page."""

from __future__ import annotations

import io
import re
import unicodedata
from base64 import b64encode
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from provenance.history import trace, without_credentials
from provenance.model.claim import Action, Assertion, Generator, Relationship
from provenance.model.flags import red_flags
from provenance.model.manifest import Signature
from provenance.model.media import Thumbnail
from provenance.reports.to_graph import MOST, svg
from provenance.reports.to_graph.as_page import document
from provenance.reports.to_graph.boxes import Box
from provenance.reports.to_graph.measure import Style, fold, width
from provenance.reports.to_graph.rails import rails
from provenance.reports.to_graph.view import view
from tests.unit.stores import a_manifest, a_store, an_ingredient, bad

PLACED = Relationship.COMPONENT_OF
NASTY = "\x1b[2J\u202e\u200b\U000e0041<script>alert(1)</script>&lt;\"'`]]>\r\nZoë\0 " + "x" * 400
BEGUN = (Action(name="c2pa.created"),)


def chain(count):
    manifests = [a_manifest(str(n), an_ingredient(str(n + 1)), actions=()) for n in range(count - 1)]
    return trace(a_store(*manifests, a_manifest(str(count - 1))))


def fan(count):
    parts = [an_ingredient(str(n), relationship=PLACED, label=f"c2pa.ingredient.v3__{n}") for n in range(count)]
    return trace(a_store(a_manifest("h", *parts), *(a_manifest(str(n)) for n in range(count))))


def all_of_all(count):
    labels = [f"{n:03}" for n in range(count)]
    return trace(
        a_store(*(a_manifest(one, *(an_ingredient(other) for other in labels if other > one)) for one in labels))
    )


def nasty(text):
    """A store that says the same everywhere."""
    signature = Signature(algorithm=text, organization=text, common_name=text, serial=text, time=None)
    redacted = Action(name="c2pa.redacted", reason=text, parameters={"redacted": f"self#jumbf=/c2pa/b/x/{text}"})
    action = Action(name=text, when=text, software_agent=text, description=text, source_type=text, reason=text)
    return a_store(
        a_manifest(
            "a", an_ingredient("b"), an_ingredient(None, title=text, description=text), an_ingredient(text, title=text),
            title=text, media_type=text, generators=(Generator(name=text, version=text),), signature=signature,
            actions=(action, redacted), assertions=(Assertion(label="c2pa.ai-disclosure", data={"modelName": text}),),
        ),
        a_manifest("b", title=text),
    )  # fmt: skip


DIAMOND = trace(
    a_store(
        a_manifest("a", an_ingredient("b"), an_ingredient("c", relationship=PLACED)),
        a_manifest("b", an_ingredient("d")),
        a_manifest("c", an_ingredient("d"), an_ingredient(None, label="c2pa.ingredient.v3__1", title="gap")),
        a_manifest("d"),
    )
)
HISTORIES = {
    "one step": chain(1),
    "a shared ancestor": DIAMOND,
    "a circle": trace(a_store(a_manifest("a", an_ingredient("b")), a_manifest("b", an_ingredient("a")))),
    "itself": trace(a_store(a_manifest("a", an_ingredient("a")))),
    "a missing one": trace(a_store(a_manifest("a", an_ingredient("gone")))),
    "no credentials": without_credentials("photo.jpg", "image/jpeg", reason="no Content Credentials"),
    "three hundred generations": chain(300),
    "three hundred parts": fan(300),
    "a hundred that all use each other": all_of_all(100),
    "nasty text": trace(nasty(NASTY)),
    "nothing known": trace(a_store(a_manifest("a", title=None, signature=None, generators=(), actions=()))),
}


def drawn(history, thumbnails=None, **more):
    return svg(history, flags=red_flags(history), thumbnails=thumbnails or {}, **more)


def texts(picture):
    return [item.text for item in ET.fromstring(picture).iter() if item.text]


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_each_step_stands_once_and_below_what_it_went_into(history):
    shown = view(history, ())
    labels = [item.edit.id for item in shown.nodes]
    assert labels[0] == history.head
    assert len(labels) == len(set(labels)) == min(len(history.edits), MOST)
    if history.beginnings:
        assert all(into < source for into, source, _ in shown.edges)


def test_the_nearest_steps_are_shown_and_the_rest_is_counted():
    shown = view(fan(300), ())
    assert shown.nodes[0].sources_left_out == 300 - MOST + 1
    assert shown.note == f"{MOST} of 301 steps are shown, the nearest first; the JSON form lists all 301"
    assert view(DIAMOND, ()).note is None


def test_what_many_have_used_names_some_of_them_and_counts_the_rest():
    last = view(all_of_all(20), ()).nodes[-1]
    assert (len(last.uses), last.more_uses) == (6, 13)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("standalone", [False, True])
def test_a_picture_is_xml_that_nothing_in_it_can_run_or_load(history, standalone):
    picture = drawn(history, standalone=standalone)
    root = ET.fromstring(picture)
    tags = {item.tag.rpartition("}")[2] for item in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "path", "circle", "text", "image", "style"}
    assert ("style" in tags) is standalone
    names = {name for item in root.iter() for name in item.attrib}
    assert not {name for name in names if name.startswith("on") or name in {"style", "class", "id"}}
    assert "href" not in names
    assert "url(" not in picture
    hidden = {char for char in picture if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert hidden <= {"\n"}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_picture_says_in_words_what_it_shows(history):
    root = ET.fromstring(drawn(history))
    assert root.get("role") == "img"
    told = {item.tag.rpartition("}")[2]: item.text for item in root if item.text}
    assert told["title"].startswith("The history of ")
    assert "1. " in told["desc"]
    assert len(told["desc"]) < 5000


def test_a_gap_has_a_broken_border_and_says_what_it_is():
    picture = drawn(DIAMOND)
    assert picture.count("stroke-dasharray") == 1
    assert "no Content Credentials" in texts(picture)
    assert "stroke-dasharray" not in drawn(chain(3))


def test_red_flags_stand_at_their_steps():
    store = a_store(a_manifest("a", an_ingredient("b", bad("assertion.dataHash.mismatch"))), a_manifest("b"))
    assert any(item.startswith("broken ancestor: it is not what was") for item in texts(drawn(trace(store))))


def test_nothing_is_attributed_to_the_signer_of_a_broken_step():
    store = a_store(a_manifest("a", an_ingredient("b", bad("assertion.dataHash.mismatch"))), a_manifest("b"))
    said = " ".join(texts(drawn(trace(store))))
    assert said.count("signed by Example News / Desk") == 1
    assert "names Example News / Desk as its signer" in said


def test_how_a_step_was_used_is_a_sentence_that_ends_with_its_name():
    said = texts(drawn(DIAMOND))
    place = said.index("title of d")
    assert said[place - 2 : place] == ["title of b was made from", "title of c was made from"]
    assert said[said.index("title of c") - 1] == "title of a was made with"


def test_boxes_lead_to_their_steps_and_say_what_they_went_into():
    links = {item.id: f"#step-{item.id}" for item in DIAMOND.edits if item.id != "c"}
    root = ET.fromstring(drawn(DIAMOND, links=links))
    found = {item.get("href"): item for item in root.iter() if item.tag.endswith("}a")}
    assert root.get("role") == "group"
    assert set(found) == set(links.values())
    steps = {key: (item.get("data-step"), item.get("data-into")) for key, item in found.items()}
    assert steps["#step-a"] == ("0", "")
    numbers = {step for step, _ in steps.values()}
    last = next(item for item in view(DIAMOND, ()).nodes if item.edit.title == "title of d")
    assert steps[f"#step-{last.edit.id}"] == (str(last.number), "1 2")
    assert len(numbers) == len(links)
    assert found["#step-a"].get("aria-label") == "1. title of a: intact"


def thumbnail(form="JPEG"):
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(target, form)
    return Thumbnail(media_type=f"image/{form.lower()}", data=target.getvalue())


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_thumbnails_are_part_of_the_picture(form):
    history = trace(a_store(a_manifest("a", thumbnail="self#jumbf=x")))
    picture = drawn(history, {"self#jumbf=x": thumbnail(form)})
    expected = f"data:image/{form.lower()};base64,{b64encode(thumbnail(form).data).decode()}"
    images = [item for item in ET.fromstring(picture).iter() if item.tag.endswith("image")]
    assert [item.get("href") for item in images] == [expected]


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "image/jpeg;x"])
def test_what_is_no_raster_picture_is_not_shown(media_type):
    history = trace(a_store(a_manifest("a", thumbnail="x")))
    picture = drawn(history, {"x": Thumbnail(media_type=media_type, data=b"<svg onload='alert(1)'/>")})
    assert "data:" not in picture


def placed(history):
    """Read boxes back from a picture: where they are and how large."""
    frames = [item for item in ET.fromstring(drawn(history)).iter() if item.tag.endswith("svg")][1:]
    return [tuple(float(item.get(name)) for name in ("x", "y", "width", "height")) for item in frames]


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_boxes_do_not_overlap_and_stay_inside_the_picture(history):
    root = ET.fromstring(drawn(history))
    boxes = placed(history)
    for (_, top, _, height), (_, below, _, _) in pairwise(boxes):
        assert top + height < below
    assert all(x + wide <= float(root.get("width")) for x, _, wide, _ in boxes)
    assert boxes[-1][1] + boxes[-1][3] <= float(root.get("height"))


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_rails_in_one_lane_do_not_touch(history):
    shown = view(history, ())
    boxes = [Box(node=item, top=item.number * 100.0, height=90, texts=(), thumbnail=None) for item in shown.nodes]
    tracks = rails(((into, source) for into, source, _ in shown.edges), boxes)
    assert {source for item in tracks for source, _ in item.ends} == {source for _, source, _ in shown.edges}

    def span(item):
        heights = [boxes[item.into].leaves, *(height for _, height in item.ends)]
        return min(heights), max(heights)

    for one, other in combinations(tracks, 2):
        if one.lane == other.lane:
            assert span(one)[1] < span(other)[0] or span(other)[1] < span(one)[0]


STYLE = Style(size=10, leading=14, most=3)


@pytest.mark.parametrize("text", ["", "a", "two words", "word " * 40, "x" * 500, "日本語" * 60, "é́́́" * 30, "a " * 200])
def test_text_is_folded_into_what_fits(text):
    lines = fold(text, STYLE, 80)
    assert len(lines) <= 3
    assert all(width(item, STYLE) <= 80 for item in lines)
    shown = "".join(lines).removesuffix("…").replace(" ", "")
    assert text.replace(" ", "").startswith(shown)
    assert bool(shown) is bool(text.strip())


def test_lines_break_between_words():
    assert fold("signed by Example News", STYLE, 80) == ["signed by", "Example News"]


def test_a_page_holds_the_picture_and_the_flags_as_text():
    history = HISTORIES["nasty text"]
    page = document(NASTY, history, flags=red_flags(history), thumbnails={}, generator="test 1")
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == 1 + len(history.edits)
    assert "generative source" in re.sub(r"<svg.*</svg>", "", page, flags=re.DOTALL)


def test_a_page_without_flags_says_so():
    page = document("x", chain(1), flags=(), thumbnails={}, generator="test 1")
    assert "No red flags" in page
