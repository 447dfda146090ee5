"""What concerns all files is waited for, and tried again with one of them."""

from __future__ import annotations

import math

import pytest

from provenance.batch.hot.blame import concerns_all
from provenance.batch.hot.patience import Patience, pause
from provenance.errors import (
    BrokenSource,
    InvalidClaim,
    KeyUnavailable,
    MediaError,
    NoIdentity,
    OutputError,
    OutputExists,
    ProvenanceError,
    SettingsError,
    SignerRefused,
    StoreError,
    TimestampError,
    TooLarge,
    UnsuitableCertificate,
    WorkerLost,
    WrongSecret,
)

DOWN = TimestampError("nobody answers")
FAULTS = [
    (MediaError, False), (TooLarge, False), (WorkerLost, False), (BrokenSource, False), (InvalidClaim, False),
    (OutputExists, False), (ProvenanceError, False),
    (OutputError, True), (StoreError, True), (TimestampError, True), (SettingsError, True), (KeyUnavailable, True),
    (NoIdentity, True), (WrongSecret, True), (UnsuitableCertificate, True), (SignerRefused, True),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "of_all"), FAULTS, ids=lambda item: getattr(item, "__name__", str(item)))
def test_whose_fault_it_is(kind, of_all, tmp_path):
    assert concerns_all(kind("no"), str(tmp_path / "photo.jpg")) is of_all


def test_a_name_that_cannot_be_written_is_the_files_own_fault(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "file").touch()
    for name in ("folder.jpg", "a" * 252 + ".jpg", "file/photo.jpg", "\0.jpg"):
        assert not concerns_all(OutputError("no"), str(tmp_path / name))
    assert concerns_all(OutputError("no"), "s3://bucket/photo.jpg")
    assert concerns_all(OutputError("no"), None)


def test_pauses_grow_to_a_minute():
    assert [pause(times) for times in (1, 2, 3, 6, 7, 100, 5000)] == [1, 2, 4, 32, 60, 60, 60]


def test_one_file_is_tried_at_growing_pauses_and_it_is_said_once():
    patience = Patience()
    assert patience.may_begin("a", 0)
    assert patience.met("a", DOWN, 0)
    assert not patience.met("b", DOWN, 0), "it was in flight"
    assert not patience.may_begin("c", 0.9)
    assert patience.pause_left(0.25) == 0.75
    patience.begun("c")
    assert patience.pause_left(1) == math.inf
    assert not patience.may_begin("a", 1), "one is tried"
    assert not patience.met("c", DOWN, 1)
    assert not patience.may_begin("a", 2.9)
    assert patience.may_begin("a", 3)
    patience.begun("a")
    assert patience.through("a", 3, signed=True) is None
    assert not patience.holding
    assert patience.through("b", 4, signed=True) is None
    assert patience.through("c", 5, signed=True) == 5
    assert patience.error is None


def test_a_failure_of_its_own_proves_nothing():
    patience = Patience()
    patience.met("a", DOWN, 0)
    patience.begun("b")
    assert patience.through("b", 1, signed=False) is None
    assert patience.holding
    assert patience.may_begin("c", 1)


def test_another_reason_is_said():
    patience = Patience()
    assert patience.met("a", DOWN, 0)
    patience.begun("a")
    assert patience.met("a", OutputError("the disk is full"), 1)


@pytest.mark.parametrize(("error", "own"), [(SignerRefused("odd"), True), (DOWN, False), (OutputError("full"), False)])
def test_what_only_one_file_meets_again_and_again_may_be_its_own_fault(error, own):
    patience, now = Patience(), 0.0
    for round_ in range(6):
        assert not patience.is_its_own("odd", error)
        patience.begun("odd")
        patience.met("odd", error, now)
        patience.begun(f"other {round_}")
        patience.through(f"other {round_}", now, signed=True)
        now += 100
    assert patience.is_its_own("odd", error) is own


def test_where_all_meet_it_no_file_is_blamed():
    patience = Patience()
    for now in range(0, 1000, 100):
        for name in "ab":
            patience.begun(name)
            patience.met(name, SignerRefused("the key is asleep"), now)
    assert not any(patience.is_its_own(name, SignerRefused("asleep")) for name in "ab")
