"""Comparisons for people and for programs: said no stronger than they are."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from rich.console import Console

from provenance.history.compare import Told, compare
from provenance.model.claim import Assertion
from provenance.model.comparison import Looked
from provenance.model.pictures import Alignment, PictureDifference, Region
from provenance.reports import comparison_form, to_history
from provenance.reports.comparison_form import document
from provenance.reports.seen import share
from provenance.reports.to_comparison import comparison
from tests.support.schemas import require_valid
from tests.unit.history.test_compare import SEALS, chain, told
from tests.unit.reports.test_graph import HISTORIES, NASTY, nasty
from tests.unit.stores import a_manifest, a_store, bad

NAMES = ("old.jpg", "new.jpg")
PLACE = Alignment(
    scale_x=0.5, scale_y=0.5, left=10, top=0, width=300, height=200, certainty=0.93, cropped=True, mirrored=True,
    turned=90, tilt=1.5,
)  # fmt: skip
SEEN = PictureDifference(
    size=(150, 100), older_size=(400, 300), alignment=PLACE, why_not=None, changed=0.0004,
    regions=tuple(Region(left=n, top=2, width=30, height=40, strength=0.25) for n in range(9)),
    heat_map=b"PNG", notes=("colours changed everywhere",),
)  # fmt: skip
LOOKED = Looked(newer="B", older="A", difference=SEEN, why_not=None, notes=("thumbnails are small",))
NOT_LOOKED = Looked(newer="B", older="A", difference=None, why_not="B is no picture (video/mp4)")
COMPARISONS = {
    "the same": compare(told(*chain("a")), told(*chain("a"))),
    "derived": compare(told(*chain("a")), told(*chain("b", "a"))),
    "one origin": compare(told(*chain("d", "b", "a")), told(*chain("c", "a"))),
    "nothing": compare(told(*chain("a")), told(*chain("b"))),
    "no credentials": compare(told(*chain("a")), Told(store=None)),
    "broken": compare(told(*chain("b", "a"), deltas=bad("claimSignature.mismatch", label="a")), told(*chain("c", "a"))),
    "nasty": compare(Told(store=nasty(NASTY), seals=SEALS), Told(store=nasty(NASTY[::-1]), seals={})),
}


def shown(found, *looked, names=NAMES, width=80):
    console = Console(file=io.StringIO(), width=width, highlight=False, emoji=False, markup=False)
    console.print(comparison(found, looked, names=names))
    return console.file.getvalue()


def written(found, *looked, names=NAMES):
    return json.loads(comparison_form.text(document(found, looked, names=names, generator="test 1")))


@pytest.mark.parametrize("found", COMPARISONS.values(), ids=COMPARISONS)
@pytest.mark.parametrize("looked", [(), (LOOKED,), (NOT_LOOKED, LOOKED)], ids=len)
def test_the_document_follows_its_schema(found, looked):
    document = written(found, *looked)
    require_valid(document, comparison_form.schema())
    assert document["credentials"]["relation"] == found.relation
    assert len(document["pictures"]) == len(looked)


def test_one_file_alone_has_no_relation():
    document = written(None, LOOKED, names=("old.jpg",))
    require_valid(document, comparison_form.schema())
    assert (document["files"], document["credentials"]) == (["old.jpg"], None)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_the_document_of_a_history_follows_its_schema_and_lists_every_step(history):
    found = json.loads(to_history.text(to_history.document("x.jpg", history, generator="test 1")))
    require_valid(found, to_history.schema())
    assert len(found["history"]["edits"]) == len(history.edits)
    assert len(found["history"]["edges"]) == len(history.edges)


HEADLINES = {
    "the same": "Both carry the same manifest\n",
    "derived": "One is made from the other\n",
    "one origin": "Both are from one origin\n",
    "nothing": "Nothing in common is signed\n",
    "no credentials": "cannot be said by their credentials\n",
    "broken": "Both are from one origin: that is what stands there, but it cannot be relied on\n",
}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_headline_says_no_more_than_is_known(name):
    assert HEADLINES[name] in shown(COMPARISONS[name], width=120)


def test_who_states_a_relation_without_being_known_is_said():
    assert "who signed title of b cannot be verified, and anybody can state this" in shown(COMPARISONS["one origin"])


def test_what_each_did_since_is_listed():
    text = shown(COMPARISONS["one origin"])
    first, second = text.index("What A did since"), text.index("What B did since")
    assert "title of d: created" in text[first:second]
    assert "title of c: created" in text[second:]


def test_what_strangers_did_is_not_called_since():
    assert "since" not in shown(COMPARISONS["nothing"]).replace("proves nothing", "")


def test_differences_stand_side_by_side():
    one, other = (
        told(a_manifest("a", assertions=(Assertion(label="cawg.metadata", data={"dc:title": title}),)))
        for title in ("Ufer", None)
    )
    text = shown(compare(one, other))
    assert "cawg.metadata" in text
    assert "dc:title" in text
    assert "Ufer" in text
    assert "–" in text


def test_a_picture_is_told_in_plain_words():
    text = shown(None, LOOKED, width=120)
    assert "400 × 300 pixels became 150 × 100 pixels" in text
    assert "50% of the older one, cropped, at 50% of its size, mirrored, turned by 91.5° (certainty 93%)" in text
    assert "less than 0.1% of what can be compared" in text
    assert "30 × 40 pixels at 0, 2 from the left and the top" in text
    assert "3 more places" in text
    assert "colours changed everywhere" in text
    assert "thumbnails are small" in text


def test_why_pictures_were_not_compared_is_said():
    assert "not compared: B is no picture (video/mp4)" in shown(None, NOT_LOOKED)


@pytest.mark.parametrize(("value", "said"), [(0, "0%"), (0.0004, "less than 0.1%"), (0.0123, "1.23%"), (1, "100%")])
def test_a_share_is_written_as_people_read_it(value, said):
    assert share(value) == said


def test_nothing_from_a_file_reaches_the_terminal_as_it_is():
    text = shown(COMPARISONS["nasty"], Looked(newer=NASTY, older=NASTY, difference=None, why_not=NASTY))
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} <= {"\n"}


def test_long_lists_are_cut_and_counted():
    labels = [f"{n:03}" for n in range(60)]
    many = tuple(Assertion(label=f"note.{n}", data={"x": n}) for n in range(100))
    long = a_store(*chain(*labels))
    one = Told(store=long, seals={label: label for label in labels})
    other = Told(store=a_store(a_manifest("z", assertions=many), *chain("059")), seals={"059": "059", "z": "z"})
    text = shown(compare(one, other))
    assert "more are not shown here: --json lists all" in text
    assert len(text.splitlines()) < 200
