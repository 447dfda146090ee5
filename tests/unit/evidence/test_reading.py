"""Packs whose members do not fit: whatever was altered, removed, added or promised is noticed."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from provenance.errors import EvidenceError
from provenance.evidence import form, writing
from provenance.evidence.reading import LARGEST_PART
from tests.unit.evidence import packs

GOOD = packs.pack()
NAMES = tuple(packs.members(GOOD))


def test_the_table_below_knows_every_kind_of_member():
    assert set(NAMES) == {*packs.PARTS, form.CONTENTS, form.SIGNATURE, form.STAMP, "asset.jpg"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {form.SIGNATURE, form.STAMP}])
def test_an_altered_member_is_noticed(name):
    """What vouches for the pack is not listed in it: that is compared by its own means."""
    altered = packs.members(GOOD)
    altered[name] = altered[name][:-1] + bytes([altered[name][-1] ^ 1])

    with pytest.raises(EvidenceError, match=f"{name} "):
        packs.read(packs.zipped(altered.items()))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {form.CONTENTS, form.SIGNATURE, form.STAMP}])
def test_a_member_that_grew_is_noticed(name):
    altered = packs.members(GOOD)
    altered[name] += b" "

    with pytest.raises(EvidenceError, match=f"{name} is not what"):
        packs.read(packs.zipped(altered.items()))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_member_is_noticed(name):
    altered = packs.members(GOOD)
    del altered[name]

    with pytest.raises(EvidenceError, match=f"{name} is missing|it has no {name}"):
        packs.read(packs.zipped(altered.items()))


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_is_there_twice_is_noticed(name):
    found = list(packs.members(GOOD).items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = packs.zipped([*found, (name, b"another")])

    with pytest.raises(EvidenceError, match=f"{name} is in it more than once"):
        packs.read(data)


@pytest.mark.parametrize("name", ["more.txt", "trust/list-2.pem", "asset.png", "signature/pack.p7s"])
def test_a_member_that_was_added_is_noticed(name):
    with pytest.raises(EvidenceError, match=f"{name} was added"):
        packs.read(packs.zipped([*packs.members(GOOD).items(), (name, b"more")]))


def without(name):
    return {key: value for key, value in packs.PARTS.items() if key != name}


def member(name, data=b"more"):
    return form.Member(name=name, size=len(data), sha256=packs.sha256(data))


TOLD = packs.contents()
LIES = {
    "another format": ({"format": "zip"}, "not an evidence pack"),
    "a later version": ({"version": 2}, "has version 2, and only version 1"),
    "no version": ({"version": None}, "has version None"),
    "no time": ({"at": None}, "cannot be understood"),
    "a time without a zone": ({"at": "2026-03-01T12:30:15"}, "cannot be understood"),
    "a time before all archives": ({"at": "1970-01-01T00:00:00Z"}, "no time for a pack"),
    "a time in another zone": ({"at": "2026-03-01T14:30:15+02:00"}, "no time for a pack"),
    "the end of time": ({"at": "9999-12-31T23:59:59Z"}, "no time for a pack"),
    "as of a day to come": ({"as_of": "2026-03-02T00:00:00Z"}, "still to come"),
    "another time": ({"at": "2026-03-02T12:30:15Z"}, "bears another date"),
    "a digest that is none": ({"policy": {"name": "p", "version": "1", "digest": "../../etc"}}, "cannot be understood"),
    "key usages that are none": ({"key_usages": ["1.3\nanything"]}, "cannot be understood"),
    "unknown words": ({"more": 1}, "unknown key 'more'"),
    "a size below nothing": ({"members": [{"name": "a", "size": -1, "sha256": "0" * 64}]}, "cannot be understood"),
}


@pytest.mark.parametrize("case", LIES.values(), ids=LIES)
def test_what_a_pack_says_about_itself_is_not_taken_on_trust(case):
    changes, words = case
    found = packs.members(GOOD)
    found[form.CONTENTS] = json.dumps(json.loads(found[form.CONTENTS]) | changes).encode()

    with pytest.raises(EvidenceError, match=words):
        packs.read(packs.zipped(found.items()))


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format":' * 5000])
def test_a_description_that_is_no_description_is_refused(raw):
    found = packs.members(GOOD) | {form.CONTENTS: raw}

    with pytest.raises(EvidenceError, match=r"pack\.json says something that cannot be understood"):
        packs.read(packs.zipped(found.items()))


NEEDED = (
    form.README, form.VERDICT, form.REPORT, form.POLICY, form.MANIFEST, form.CHAIN,
    "trust/list-1.pem", "revocation/asked-1.der",
)  # fmt: skip


@pytest.mark.parametrize("name", NEEDED)
def test_a_member_that_something_rests_on_must_be_listed(name):
    parts = without(name)

    with pytest.raises(EvidenceError, match=f"{name} is needed"):
        packs.read(packs.pack(packs.contents(parts), parts))


def test_one_member_cannot_be_two_things():
    file = replace(TOLD.file, member=form.VERDICT, size=len(packs.PARTS[form.VERDICT]))

    with pytest.raises(EvidenceError, match="cannot be the media file too"):
        packs.read(packs.pack(replace(TOLD, file=file)))


@pytest.mark.parametrize("name", [form.CONTENTS, form.SIGNATURE, form.STAMP, form.README])
def test_no_member_is_listed_that_is_there_already(name):
    with pytest.raises(EvidenceError, match=f"lists {name}, which is there already"):
        packs.read(packs.pack(replace(TOLD, members=(*TOLD.members, member(name)))))


def test_the_file_is_listed_as_what_it_is():
    other = replace(TOLD.file, sha256=packs.sha256(b"another"))

    with pytest.raises(EvidenceError, match="contradicts itself about the media file"):
        packs.read(packs.pack(replace(TOLD, file=other)))


VOUCHED = {
    "a signature that is not announced": (form.Vouched(stamped=True), packs.SEALED, "pack.sig was added"),
    "a time-stamp that is not announced": (
        replace(TOLD.vouched, stamped=False),
        packs.SEALED,
        "pack.tsr was added",
    ),
    "a signature that was taken away": (TOLD.vouched, writing.Sealed(stamp=b"stamp"), "pack.sig is missing"),
    "a time-stamp that was taken away": (TOLD.vouched, writing.Sealed(signature=b"s"), "pack.tsr is missing"),
}


@pytest.mark.parametrize("case", VOUCHED.values(), ids=VOUCHED)
def test_what_vouches_for_a_pack_can_neither_go_nor_come(case):
    vouched, sealed, words = case
    with pytest.raises(EvidenceError, match=words):
        packs.read(packs.pack(replace(TOLD, vouched=vouched), sealed=sealed))


def test_a_member_may_not_be_larger_than_what_is_held(monkeypatch):
    monkeypatch.setattr("provenance.evidence.reading.LARGEST_PART", 20)
    assert LARGEST_PART > 20

    with pytest.raises(EvidenceError, match="is too large"):
        packs.read(GOOD)


def test_the_file_itself_may_be_larger(monkeypatch):
    asset = b"x" * 10_000
    told = packs.contents(asset=asset)
    told = replace(told, file=replace(told.file, size=len(asset), sha256=packs.sha256(asset)))
    monkeypatch.setattr("provenance.evidence.reading.LARGEST_PART", 5_000)

    assert packs.read(packs.pack(told, asset=asset)).contents.file.size == 10_000


def test_the_same_members_give_the_same_bytes():
    assert packs.pack() == GOOD
    assert packs.pack(replace(TOLD, online=False)) != GOOD


def test_a_file_that_changes_while_it_is_packed_is_noticed():
    for now in (packs.ASSET[:-1] + b"?", packs.ASSET[:-1], packs.ASSET + b"?"):
        asset = replace(packs.given(), open=lambda now=now: io.BytesIO(now))
        with pytest.raises(EvidenceError, match="changed while it was being packed"):
            writing.write(io.BytesIO(), TOLD, packs.PARTS, asset=asset, sealed=packs.SEALED)
