"""Which files of a hot folder are complete, told from what was seen when."""

from __future__ import annotations

import pytest

from provenance.batch.finding import Wanted
from provenance.batch.hot.arrivals import Arrivals, Sight, sights, unfinished
from provenance.storage import Entry


def entry(name, version="1-10", size=10):
    return Entry(name=f"hot/{name}", relative=name, size=size, version=version)


def seen(*entries):
    return [Sight(entry=item) for item in entries]


A, LARGER, LATER = entry("a.jpg", "1-10"), entry("a.jpg", "2-20"), entry("a.jpg", "99999999999999999999-10")
LOOKS = {
    "it stays the same": ([(0, [A]), (1, [A]), (2, [A])], [0, 0, 1]),
    "it is given once": ([(0, [A]), (2, [A]), (4, [A]), (60, [A])], [0, 1, 0, 0]),
    "it grows": ([(0, [A]), (1.9, [LARGER]), (3, [LARGER]), (3.9, [LARGER])], [0, 0, 0, 1]),
    "it grows after it was given": ([(0, [A]), (2, [A]), (3, [LARGER]), (5, [LARGER])], [0, 1, 0, 1]),
    "its time is in the future": ([(0, [LATER]), (2, [LATER])], [0, 1]),
    "a clock was set back meanwhile": ([(0, [LATER]), (1, [A]), (3, [A])], [0, 0, 1]),
    "it goes and comes back": ([(0, [A]), (2, [A]), (3, []), (4, [A]), (6, [A])], [0, 1, 0, 0, 1]),
    "it goes before it is complete": ([(0, [A]), (1, []), (2, [A]), (4, [A])], [0, 0, 0, 1]),
    "looks are rare": ([(0, [A]), (30, [A])], [0, 1]),
    "two come one after the other": (
        [(0, [A]), (1, [A, entry("b.jpg")]), (2, [A, entry("b.jpg")]), (3, [A, entry("b.jpg")])],
        [0, 0, 1, 1],
    ),
}


@pytest.mark.parametrize(("looks", "given"), LOOKS.values(), ids=LOOKS)
def test_a_file_is_complete_when_it_has_stayed_the_same(looks, given):
    arrivals = Arrivals(2)
    assert [len(arrivals.look(seen(*entries), at)) for at, entries in looks] == given


def test_without_a_time_to_settle_it_is_complete_at_once():
    assert Arrivals(0).look(seen(A), 5) == [A]


def test_what_is_still_open_settles_anew():
    arrivals = Arrivals(2)
    arrivals.look(seen(A), 0)
    assert arrivals.look(seen(A), 2) == [A]
    arrivals.wait(A.name, 2)
    assert arrivals.look(seen(A), 3) == []
    assert arrivals.look(seen(A), 4) == [A]


def test_it_says_when_to_look_again():
    arrivals = Arrivals(2)
    assert arrivals.due() is None
    arrivals.look(seen(A), 0)
    arrivals.look(seen(A, entry("b.jpg")), 1)
    assert (arrivals.due(), arrivals.settling) == (2, 2)


NAMES = {
    "photo.jpg": False, "photo.part.jpg": False, "photo.jpg.part": True, "photo.jpg.PART": True, "photo.tmp": True,
    "photo.jpg.crdownload": True, "photo.jpg.filepart": True, "photo.jpg.partial": True, "photo.jpg~": True,
    ".photo.jpg": True, "~photo.jpg": False, "part": False,
}  # fmt: skip


@pytest.mark.parametrize(("name", "partial"), NAMES.items())
def test_names_that_say_that_a_file_is_still_written(name, partial):
    assert unfinished(name) is partial


FOUND = {
    "media": ([entry("a.jpg")], {"a.jpg": 0}),
    "other files": ([entry("a.txt"), entry("a.jpg.c2pa")], {}),
    "names of unfinished files": ([entry("a.jpg.part"), entry("sub/.b.jpg"), entry("c.jpg~")], {}),
    "a sidecar belongs to its file": ([entry("a.jpg"), entry("a.jpg.c2pa"), entry("b.jpg")], {"a.jpg": 1, "b.jpg": 0}),
    "so does one with a short name": ([entry("sub/a.jpg"), entry("sub/a.c2pa"), entry("a.c2pa")], {"sub/a.jpg": 1}),
    "and one that is still written": ([entry("a.jpg"), entry("a.jpg.c2pa.part")], {"a.jpg": 1}),
    "a name that a browser has taken": ([entry("a.jpg", size=0), entry("a.jpg.part")], {}),
    "what was left behind does not block": ([entry("a.jpg"), entry("a.jpg.part")], {"a.jpg": 1}),
    "nor does a copy of an editor": ([entry("a.jpg"), entry("a.jpg~")], {"a.jpg": 0}),
    "an empty file is for others to judge": ([entry("a.jpg", size=0)], {"a.jpg": 0}),
}  # fmt: skip


@pytest.mark.parametrize(("entries", "expected"), FOUND.values(), ids=FOUND)
def test_what_may_be_complete(entries, expected):
    assert {item.entry.relative: len(item.beside) for item in sights(entries, Wanted())} == expected


def test_patterns_take_no_unfinished_file():
    found = sights([entry("a.raw"), entry("a.raw.part"), entry("no.raw")], Wanted(include=("*",), exclude=("no*",)))
    assert [item.entry.relative for item in found] == ["a.raw"]


def test_a_sidecar_that_changes_holds_its_file_up():
    arrivals = Arrivals(2)
    for at, version, given in ((0, "1", 0), (1.5, "2", 0), (2.5, "2", 0), (3.5, "2", 1)):
        look = sights([entry("a.jpg"), entry("a.jpg.c2pa", version)], Wanted())
        assert len(arrivals.look(look, at)) == given
