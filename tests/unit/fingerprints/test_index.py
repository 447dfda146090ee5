"""What is nearest is found: all of it, exactly, by either engine, from memory and from a file."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from provenance.fingerprints import index as module
from provenance.fingerprints.index import Index, Near

RANDOM = np.random.default_rng(7)
VALUES = [bytes(it) for it in RANDOM.integers(0, 256, (600, 32), dtype=np.uint8)]


def near(value: bytes, bits: int) -> bytes:
    number = int.from_bytes(value, "big") ^ ((1 << bits) - 1)
    return number.to_bytes(len(value), "big")


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def plainly(value, pairs, most, within):
    """Do it in the plainest way."""
    found = sorted((distance(value, other), number) for number, other in pairs)
    return [Near(number, it) for it, number in found if it <= within][:most]


@pytest.fixture(params=["numpy", "faiss"])
def engine(request, monkeypatch):
    if request.param == "faiss":
        pytest.importorskip("faiss", reason="faiss is not installed")
    monkeypatch.setattr(module, "_MANY", 1 if request.param == "faiss" else 1 << 40)


@pytest.mark.parametrize(("most", "within"), [(1, 256), (5, 110), (20, 118), (1000, 120), (3, 0), (600, 256)])
def test_the_nearest_are_those_that_counting_finds(engine, most, within):
    pairs = list(enumerate(VALUES))
    index = Index(256)
    index.add(pairs[:250])
    index.add(pairs[250:])
    sought = [VALUES[17], near(VALUES[400], 9), VALUES[3][:16] + VALUES[4][16:]]
    expected = [plainly(value, pairs, most, within) for value in sought]
    assert index.nearest(sought, most=most, within=within) == expected
    assert [index.nearest([value], most=most, within=within)[0] for value in sought] == expected


def test_nothing_that_is_sought_is_nothing_that_is_found(engine):
    index = Index(256)
    index.add([(1, VALUES[0])])
    assert index.nearest([], most=1, within=256) == []


def test_of_many_equal_ones_each_engine_takes_the_same(engine):
    """Both one that is unique and one of which there are more than are asked for, at once."""
    index = Index(256)
    index.add([(number, VALUES[0]) for number in range(50)] + [(99, VALUES[1])])
    assert index.nearest([VALUES[1], VALUES[0]], most=2, within=3) == [[Near(99, 0)], [Near(0, 0), Near(1, 0)]]


def test_equal_fingerprints_are_all_returned_and_lower_ids_come_first(engine):
    index = Index(256)
    index.add([(number, VALUES[0]) for number in (9, 4, 7, 2)] + [(5, VALUES[1])])
    assert index.nearest([VALUES[0]], most=10, within=0)[0] == [Near(it, 0) for it in (2, 4, 7, 9)]
    assert index.nearest([VALUES[0]], most=2, within=0)[0] == [Near(2, 0), Near(4, 0)]


def test_all_bits_may_differ(engine):
    index = Index(256)
    index.add([(1, b"\xff" * 32)])
    assert index.nearest([bytes(32)], most=1, within=256)[0] == [Near(1, 256)]
    assert index.nearest([bytes(32)], most=1, within=255)[0] == []


def test_shorter_fingerprints_have_an_index_too(engine):
    index = Index(64)
    index.add([(1, b"\x00" * 8), (2, b"\x01" + b"\x00" * 7)])
    assert index.nearest([b"\x03" + b"\x00" * 7], most=5, within=1)[0] == [Near(2, 1)]


def test_an_empty_index_finds_nothing(engine):
    index = Index(256)
    index.add([])
    assert (len(index), index.last, index.nearest([bytes(32)], most=3, within=256)[0]) == (0, None, [])


@pytest.mark.parametrize("value", [b"", bytes(8), bytes(33)])
def test_a_fingerprint_of_another_length_is_refused_and_nothing_is_added(value):
    index = Index(256)
    with pytest.raises(ValueError, match="256 bits"):
        index.add([(1, VALUES[0]), (2, value)])
    assert len(index) == 0


def test_bits_that_fill_no_words_are_refused():
    with pytest.raises(ValueError, match="64"):
        Index(100)


def test_what_was_saved_is_found_again_and_can_be_added_to(tmp_path, engine):
    path = tmp_path / "index"
    index, pairs = Index(256), list(enumerate(VALUES))
    index.add(pairs[:300])
    index.save(path)
    for start, end in ((300, 450), (450, 600)):
        index = Index.load(path, bits=256)
        assert (len(index), index.last) == (start, start - 1)
        index.add(pairs[start:end])
        assert index.nearest([VALUES[1]], most=9, within=120)[0] == plainly(VALUES[1], pairs[:end], 9, 120)
        index.save(path)
    assert list(tmp_path.iterdir()) == [path]
    assert len(Index.load(path, bits=256)) == 600


def test_an_empty_index_can_be_saved(tmp_path):
    Index(256).save(tmp_path / "index")
    assert len(Index.load(tmp_path / "index", bits=256)) == 0


def test_loading_does_not_read_the_fingerprints(tmp_path):
    index = Index(256)
    index.add(enumerate(VALUES))
    index.save(tmp_path / "index")
    assert isinstance(Index.load(tmp_path / "index", bits=256)._kept.rows, np.memmap)


DAMAGE = {
    "empty": lambda data: b"",
    "cut off in the head": lambda data: data[:10],
    "cut off": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "of another kind": lambda data: b"SQLite f" + data[8:],
    "of other bits": lambda data: data[:8] + struct.pack("<I", 64) + data[12:],
    "a count that lies": lambda data: data[:16] + struct.pack("<Q", 1 << 62) + data[24:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_cannot_be_gone_on_from_is_no_index(tmp_path, damage):
    path = tmp_path / "index"
    index = Index(256)
    index.add(enumerate(VALUES[:50]))
    index.save(path)
    path.write_bytes(damage(path.read_bytes()))
    assert Index.load(path, bits=256) is None


def test_no_file_is_no_index(tmp_path):
    assert Index.load(tmp_path / "index", bits=256) is None


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "index"
    index = Index(256)
    index.add(enumerate(VALUES[:50]))
    index.save(path)
    before = path.read_bytes()
    index.add(enumerate(VALUES[50:]))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        index.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
