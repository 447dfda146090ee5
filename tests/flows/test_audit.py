"""An archive is verified again: what has changed is told once, with why, and nothing is passed over silently."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.batch.auditing.audits import AUDITS
from provenance.batch.auditing.drift import Weight
from provenance.batch.auditing.rounds import Mode
from provenance.batch.executors import Engine
from provenance.batch.finding import Listed, Wanted
from provenance.keys.files import FileSigner
from provenance.model.ports import Algorithm
from provenance.model.verdict import Decision
from provenance.network import Client, Rules
from provenance.workspace import Workspace, asking
from tests.flows.archives import Archive
from tests.support import media, object_store, ocsp
from tests.support.campaign import cases
from tests.support.certificates import make_chain
from tests.support.ocsp import GOOD, REVOKED, Pki, Responder, Says


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def test_the_first_audit_remembers_and_the_second_finds_nothing(archive):
    told, first = archive.changes()
    assert (told, first.files, first.remembered, first.since) == ([], 3, 3, None)
    assert first.decisions == {Decision.ACCEPTED: 2, Decision.REVIEW: 1}
    told, second = archive.changes()
    assert (told, second.unchanged, second.weight) == ([], 3, Weight.NOTHING)
    assert second.since is not None
    assert (archive.home / AUDITS).exists()


def alter(archive):
    archive.alter()


def delete(archive):
    (archive.folder / "sub" / "b.jpg").unlink()


def add(archive):
    archive.put("sub/c.jpg", archive.signed())


def strip(archive):
    archive.put("a.jpg", media.jpeg())


def empty(archive):
    archive.put("a.jpg", b"")


def garble(archive):
    archive.put("a.jpg", b"no picture")


def replace_by_folder(archive):
    (archive.folder / "a.jpg").unlink()
    (archive.folder / "a.jpg").mkdir()


def dangle(archive):
    (archive.folder / "a.jpg").unlink()
    (archive.folder / "a.jpg").symlink_to("elsewhere.jpg")


def touch(archive):
    os.utime(archive.folder / "a.jpg", (1, 1))


HAPPENINGS = {
    "altered": (alter, [("changed", "a.jpg")], {"altered"}, Weight.WORSE),
    "deleted": (delete, [("gone", "sub/b.jpg")], {"gone"}, Weight.WORSE),
    "new": (add, [("new", "sub/c.jpg")], set(), Weight.NOTHING),
    "stripped": (strip, [("changed", "a.jpg")], {"altered", "credentials gone"}, Weight.WORSE),
    "emptied": (empty, [("changed", "a.jpg")], {"altered"}, Weight.WORSE),
    "overwritten": (garble, [("changed", "a.jpg")], {"altered"}, Weight.WORSE),
    "a folder in its place": (replace_by_folder, [("gone", "a.jpg")], {"gone"}, Weight.WORSE),
    "a link to nowhere in its place": (dangle, [("gone", "a.jpg")], {"gone"}, Weight.WORSE),
    "touched": (touch, [], set(), Weight.NOTHING),
}


@pytest.mark.parametrize("happening", HAPPENINGS.values(), ids=HAPPENINGS)
def test_what_happens_is_told_once(archive, happening):
    act, expected, causes, weight = happening
    archive.changes()
    act(archive)
    audit = archive.audit()
    found = list(audit)
    assert archive.told(found) == expected
    assert {reason.cause.value for item in found for reason in item.reasons} == causes
    assert audit.summary.weight is weight
    assert archive.changes()[0] == []


def test_what_is_kept_is_told_again_and_a_baseline_tells_nothing(archive):
    archive.changes()
    archive.alter()
    for _ in range(2):
        assert archive.changes(mode=Mode.KEEP)[0] == [("changed", "a.jpg")]
    told, summary = archive.changes(mode=Mode.BASELINE)
    assert (told, summary.remembered, summary.weight) == ([], 3, Weight.NOTHING)
    assert archive.changes()[0] == []


def test_keeping_does_not_even_begin(archive):
    assert archive.changes(mode=Mode.KEEP)[1].remembered == 3
    assert archive.changes(mode=Mode.KEEP)[1].remembered == 3


def test_silence_begins_and_takes_nothing_for_told(archive):
    assert archive.changes(mode=Mode.SILENT)[1].remembered == 3
    archive.alter()
    add(archive)
    for _ in range(2):
        assert archive.changes(mode=Mode.SILENT)[1].weight is Weight.WORSE
    assert archive.changes()[0] == [("changed", "a.jpg"), ("new", "sub/c.jpg")]


def test_a_file_that_comes_back_is_compared_with_what_it_was(archive):
    archive.changes()
    moved = archive.folder.rename(archive.folder.with_name("away"))
    assert archive.changes()[0] == [("gone", "a.jpg"), ("gone", "plain.jpg"), ("gone", "sub/b.jpg")]
    # That nothing is where it was said to be is no state to get used to.
    assert archive.changes()[0] == [("not looked at", str(archive.folder))]
    moved.rename(archive.folder)
    archive.alter()
    audit = archive.audit()
    found = {item.name.removeprefix(f"{archive.folder}/"): item for item in audit}
    assert [item.kind.value for item in found.values()] == ["back"] * 3
    assert [item.cause.value for item in found["a.jpg"].reasons] == ["altered"]
    assert (found["a.jpg"].weight, found["plain.jpg"].weight) == (Weight.WORSE, Weight.NOTHING)


def test_a_folder_that_cannot_be_read_is_not_looked_at_and_nothing_in_it_is_gone(archive, monkeypatch):
    archive.changes()
    (archive.folder / "plain.jpg").unlink()
    (archive.folder / "sub" / "b.jpg").unlink()
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("sub"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scan(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        audit = archive.audit()
        found = list(audit)
    assert archive.told(found) == [("not looked at", "sub"), ("gone", "plain.jpg")]
    assert (found[0].below, found[0].reasons[0].says) == (1, "the folder cannot be read: Permission denied")
    assert archive.changes()[0] == [("gone", "sub/b.jpg")]


def test_a_file_that_cannot_be_read_is_never_unchanged(archive, monkeypatch):
    archive.changes()
    opened = Path.open

    def refuse(self, *arguments, **more):
        if self.name == "a.jpg":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(self, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        for _ in range(2):
            told, summary = archive.changes()
            assert told == [("not looked at", "a.jpg")]
            assert (summary.files, summary.unchanged, summary.weight) == (2, 2, Weight.REVIEW)
    assert archive.changes()[0] == []


def test_a_file_above_the_limit_is_not_looked_at(archive):
    archive.changes()
    audit = archive.audit()
    audit.verdicts._batch = replace(audit.verdicts._batch, largest=10)
    assert {item.kind.value for item in audit} == {"not looked at"}


def test_filters_leave_alone_what_they_leave_out(archive):
    archive.changes()
    delete(archive)
    archive.alter()
    assert archive.changes(wanted=Wanted(include=("*.png",)))[0] == []
    assert archive.changes(wanted=Wanted(recursive=False))[0] == [("changed", "a.jpg")]
    assert archive.changes()[0] == [("gone", "sub/b.jpg")]


def test_a_part_of_an_audited_folder_is_audited_too(archive):
    archive.changes()
    add(archive)
    delete(archive)
    told, summary = archive.changes(archive.folder / "sub")
    assert told == [("new", "sub/c.jpg"), ("gone", "sub/b.jpg")]
    assert summary.since is not None
    assert archive.changes()[0] == []


def test_a_pattern_is_audited_as_a_folder_is(archive):
    pattern = archive.folder / "*.jpg"
    assert archive.changes(pattern)[1].remembered == 2
    archive.put("new.jpg", media.jpeg())
    (archive.folder / "a.jpg").unlink()
    assert archive.changes(pattern)[0] == [("new", "new.jpg"), ("gone", "a.jpg")]


def test_names_on_a_list_and_names_given_twice(archive, tmp_path):
    names = tmp_path / "names"
    names.write_text(f"{archive.folder}/a.jpg\n{archive.folder}/sub\n{archive.folder}/a.jpg\n")
    assert archive.changes(f"@{names}")[1].remembered == 2
    archive.alter()
    (archive.folder / "sub" / "b.jpg").unlink()
    assert archive.changes(f"@{names}", archive.folder / "a.jpg")[0] == [("changed", "a.jpg"), ("gone", "sub/b.jpg")]


def test_what_is_not_there_and_was_never_known_is_not_looked_at(archive):
    told, summary = archive.changes(archive.folder / "typo")
    assert (told, summary.weight) == ([("not looked at", "typo")], Weight.REVIEW)
    assert archive.changes(archive.folder / "typo")[0] == told


def test_a_trust_list_that_goes_and_comes_is_named(archive, tmp_path):
    _, _, root = make_chain()
    house = tmp_path / "house.pem"
    house.write_text(root)
    both, only = archive.trusting(signers=(str(house),)), archive.trusting(signers=(str(house),), development=False)
    archive.changes(space=both)

    found = list(archive.audit(space=only))
    files = [item for item in found if item.name]
    assert {item.kind.value for item in found if not item.name} == {"trust list"}
    assert [item.reasons[0].cause.value for item in files] == ["trust list gone"] * 2
    assert [(item.what, item.before, item.after) for item in files[0].differences] == [
        ("signer", "trusted (list 'development')", "untrusted"),
        ("decision", "accepted", "review"),
    ]
    assert list(archive.audit(space=only)) == []

    back = [item for item in archive.audit(space=both) if item.name]
    assert [item.reasons[0].cause.value for item in back] == ["trust list new"] * 2
    assert {item.weight for item in back} == {Weight.NOTHING}


def test_lists_that_change_between_two_audits_of_one_process_count(archive):
    """The same settings, the same process: what was opened for the first audit is not good enough for the second."""
    archive.changes()
    (archive.home / "identities").rename(archive.home / "elsewhere")
    found = [item for item in archive.audit() if item.name]
    assert archive.told(found) == [("changed", "a.jpg"), ("changed", "sub/b.jpg")]
    assert {item.after.facts.decision for item in found} == {Decision.REVIEW}


def test_another_policy_is_said_once_and_each_file_that_it_decides_otherwise(archive):
    archive.changes()
    policy = archive.space.policy("archive")
    audit = archive.audit(policy=policy)
    found = list(audit)
    assert [(item.kind.value, bool(item.name)) for item in found][:1] == [("policy", False)]
    assert [item.kind.value for item in found].count("policy") == 1
    assert {reason.cause.value for item in found if item.name for reason in item.reasons} == {"policy changed"}
    assert archive.told(archive.audit(policy=policy)) == []


def test_a_revocation_is_told_when_somebody_is_asked(archive, tmp_path, monkeypatch):
    pki = Pki()
    monkeypatch.setattr(
        asking, "responders", lambda: Client(Rules(http=True, unsafe_allow=("127.0.0.0/8",), deadline=1))
    )
    roots = tmp_path / "roots.pem"
    roots.write_bytes(pki.root.public_bytes(Encoding.PEM))
    with Responder(pki.middle, pki.middle_key) as responder:
        chain = "".join(item.public_bytes(Encoding.PEM).decode() for item in (pki.leaf(url=responder.url), pki.middle))
        signer = FileSigner(
            name="desk", algorithm=Algorithm.ES256, chain_pem=chain, private_key=ocsp.key("es256", "leaf")
        )
        space = archive.trusting(signers=(str(roots),))
        path = archive.put("a.jpg", archive.signed(space=space, signer=signer))
        responder.says = Says(status=GOOD)
        archive.changes(path, space=space, online=True)
        assert archive.changes(path, space=space, online=True)[0] == []
        responder.says = Says(status=REVOKED)
        (found,) = archive.audit(path, space=space, online=True)
    assert found.reasons[0].cause.value == "revoked"
    assert (found.before.facts.decision, found.after.facts.decision) == (Decision.ACCEPTED, Decision.REJECTED)


def test_a_reader_who_leaves_in_the_middle_is_told_the_rest_the_next_time(archive):
    archive.changes()
    archive.alter("a.jpg")
    archive.alter("plain.jpg")
    archive.alter("sub/b.jpg")
    reading = iter(archive.audit())
    first, second = next(reading), next(reading)
    reading.close()
    # Of the second nobody knows whether it was passed on.
    assert archive.told([first, second]) == [("changed", "a.jpg"), ("changed", "plain.jpg")]
    assert archive.changes()[0] == [("changed", "plain.jpg"), ("changed", "sub/b.jpg")]


def test_a_run_that_is_stopped_calls_nothing_gone(archive):
    archive.changes()
    delete(archive)
    audit = archive.audit()
    audit._batch.stop.set()
    assert list(audit) == []
    assert audit.summary.stopped
    assert archive.changes()[0] == [("gone", "sub/b.jpg")]


def test_a_first_audit_that_was_stopped_goes_on_without_calling_the_rest_new(archive):
    audit = archive.audit(archive.folder / "a.jpg", archive.folder / "plain.jpg")
    audit._task = replace(audit._task, watch=lambda _: audit._batch.stop.set())
    assert list(audit) == []
    assert (audit.summary.remembered, audit.summary.stopped) == (1, True)
    told, summary = archive.changes()
    assert (told, summary.remembered, summary.unchanged) == ([], 2, 1)


def test_names_that_are_known_to_exist_are_missed_from_the_first_audit_on(archive):
    names = [str(archive.folder / name) for name in ("a.jpg", "sub/b.jpg", "lost [1].jpg")]

    def listed():
        return Listed(iter(names), label="catalogue")

    told, summary = archive.changes(listed=listed())
    assert (told, summary.remembered) == ([("gone", "lost [1].jpg")], 2)
    assert archive.changes(listed=listed())[0] == []
    names.append(str(archive.put("later.jpg", media.jpeg())))
    archive.put("lost [1].jpg", media.jpeg())
    assert archive.changes(listed=listed())[0] == [("new", "lost [1].jpg"), ("new", "later.jpg")]


def test_names_of_any_bytes(archive):
    names = [os.fsdecode(b"\xff\xfe.jpg"), "two\nlines.jpg", "Zoë ☂.jpg"]
    for name in names:
        archive.put(name, archive.signed())
    archive.changes()
    for name in names:
        archive.alter(name)
    assert sorted(name for _, name in archive.changes()[0]) == sorted(names)
    assert archive.changes()[0] == []


def test_objects_of_a_store_that_does_not_answer_are_not_gone(archive, monkeypatch):
    data = archive.signed()
    with object_store.running() as make:
        bucket = make()
        bucket.into(monkeypatch)
        for key in ("a/1.jpg", "a/2.jpg", "ab/3.jpg"):
            bucket.put(key, data)
        place = bucket.address("a")
        assert archive.changes(place)[1].remembered == 2
        assert archive.changes(f"{place}/")[1].unchanged == 2
        bucket.put("a/1.jpg", data[:-1] + b"x")
        bucket.client.delete_object(Bucket=bucket.bucket, Key="a/2.jpg")
        bucket.answer_with(lambda method, path, query: (403, b""))
        told, summary = archive.changes(place)
        assert ([kind for kind, _ in told], summary.weight) == (["not looked at"], Weight.REVIEW)
        bucket.answer_with(None)
        assert archive.changes(place)[0] == [("changed", f"{place}/1.jpg"), ("gone", f"{place}/2.jpg")]
        bucket.client.delete_object(Bucket=bucket.bucket, Key="a/1.jpg")
        assert archive.changes(place)[0] == [("gone", f"{place}/1.jpg")]


@cases("count", [200], more=[1000])
def test_as_many_files_as_one_likes(archive, count):
    data = media.jpeg()
    for number in range(count):
        archive.put(f"sub/{number:04}.jpg", data)
    several = Engine(name="processes", workers=2)
    assert archive.changes(engine=several)[1].remembered == count + 3
    for number in range(0, count, 10):
        (archive.folder / "sub" / f"{number:04}.jpg").unlink()
        archive.alter(f"sub/{number + 1:04}.jpg")
    told, summary = archive.changes(engine=several)
    assert (summary.kinds, summary.unchanged) == ({"changed": count // 10, "gone": count // 10}, count * 8 // 10 + 3)
    assert told[:2] == [("changed", "sub/0001.jpg"), ("changed", "sub/0011.jpg")]
    assert archive.changes(engine=Engine(name="threads", workers=2))[0] == []


def test_a_workspace_of_its_own_remembers_for_itself(archive, tmp_path):
    archive.changes()
    archive.alter()
    other = Workspace(replace(archive.settings, home=str(tmp_path / "other")))
    assert archive.changes(space=other)[1].remembered == 3
    assert archive.changes()[0] == [("changed", "a.jpg")]
