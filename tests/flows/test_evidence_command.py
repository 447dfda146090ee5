"""The command `provenance evidence`, as a user runs it."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import pytest

from provenance import Workspace
from provenance.evidence import Packing
from provenance.evidence.outcome import LARGEST_UNASKED
from provenance.model.ports import Algorithm
from provenance.settings import Settings
from tests.support import media
from tests.support.command import run
from tests.support.evidence import SILENCE, forged
from tests.unit.evidence.packs import zipped


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The folder of a user with one identity and a signed photo."""
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "home"))
    space = Workspace(Settings(home=str(tmp_path / "home")))
    now = datetime.now(UTC)
    space.identities.create("Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=now)
    space.sign(media.jpeg(), tmp_path / "photo.jpg")
    return tmp_path


@pytest.fixture
def pack(desk):
    done = run("evidence", "photo.jpg", cwd=desk)
    assert done.returncode == 0, done.stderr
    return desk / "photo.evidence.zip"


def replay(pack, *more, cwd, **environment):
    """Replay on another machine: an empty home, and no way to the network."""
    (cwd / "sitecustomize.py").write_text(SILENCE)
    elsewhere = {"PROVENANCE_HOME": str(cwd / "elsewhere"), "PYTHONPATH": str(cwd), "COLUMNS": "200"}
    return run("evidence", "--replay", pack, *more, cwd=cwd, **elsewhere, **environment)


def test_a_pack_is_made_beside_the_file(desk):
    done = run("evidence", "photo.jpg", cwd=desk)

    assert done.returncode == 0
    assert "photo.evidence.zip: 10 members, with the file; accepted as of 20" in done.stdout
    assert done.stderr.count("WARNING") == 1
    assert "nobody vouches for the pack itself, nor for when it was made" in done.stderr


def test_a_replay_elsewhere_exits_with_the_verdict(desk, pack):
    done = replay(pack, cwd=desk)

    assert done.returncode == 0, done.stderr
    assert "SAME VERDICT" in done.stdout
    assert "anybody could have made it" in done.stdout
    assert "development (signer): not here, made by the machine that made the pack" in done.stdout
    assert "it proves no identity" in done.stdout
    assert "it proves no identity" not in run("evidence", "--replay", pack, cwd=desk).stdout


def test_a_signed_pack_names_its_signer(desk):
    done = run("evidence", "photo.jpg", "-o", "case.zip", "--identity", "Example News", cwd=desk)

    assert "; signed by Example News" in done.stdout
    assert "only its signer's word" in done.stderr
    here = run("evidence", "--replay", "case.zip", cwd=desk)
    assert "“Example News”, through the list 'development'" in here.stdout
    there = replay("case.zip", cwd=desk)
    assert "no list that is set up here vouches for it" in there.stdout
    assert (here.returncode, there.returncode) == (0, 0)


def test_a_review_and_a_rejection_are_told_by_the_exit_code(desk):
    (desk / "bare.jpg").write_bytes(media.jpeg())
    changed = bytearray((desk / "photo.jpg").read_bytes())
    changed[-20] ^= 0xFF
    (desk / "changed.jpg").write_bytes(changed)
    for name, code in (("bare", 3), ("changed", 1)):
        assert run("evidence", f"{name}.jpg", "-q", cwd=desk).returncode == 0
        assert replay(f"{name}.evidence.zip", cwd=desk).returncode == code


def test_without_the_file_the_exit_code_is_never_that_of_an_acceptance(desk):
    run("evidence", "photo.jpg", "--no-asset", cwd=desk)
    lax = desk / "lax.toml"
    lax.write_text(
        'name = "lax"\nversion = "1"\npurpose = "p"\n[[rules]]\nrule = "integrity.credentials-present"\n'
        'severity = "fail"\n'
    )
    run("evidence", "photo.jpg", "-o", "lax.zip", "--no-asset", "--policy", lax, cwd=desk)

    without, given = (replay("photo.evidence.zip", *more, cwd=desk) for more in ((), ("--asset", "photo.jpg")))
    accepted = replay("lax.zip", cwd=desk)

    assert (without.returncode, given.returncode, accepted.returncode) == (3, 0, 3)
    for done in (without, accepted):
        assert "NOT ALL CHECKED" in done.stdout
        assert "content     not checked" in done.stdout
    assert "SAME VERDICT" in given.stdout


def test_another_verdict_than_the_recorded_one_has_an_exit_code_of_its_own(desk, pack):
    run("evidence", "photo.jpg", "-o", "stranger.zip", cwd=desk, PROVENANCE_HOME=str(desk / "stranger"))
    with zipfile.ZipFile(pack) as found:
        claim = {"verdict.json": found.read("verdict.json")}
    (desk / "false.zip").write_bytes(forged(desk / "stranger.zip", claim))

    done = replay("false.zip", cwd=desk)

    assert done.returncode == 11
    assert "DIFFERENT VERDICT" in done.stdout
    assert "decision was accepted, is review" in done.stderr


def test_json_is_for_programs(desk):
    made = run("evidence", "photo.jpg", "--json", cwd=desk)
    told = json.loads(made.stdout)
    assert told["decision"] == "accepted"
    assert told["pack"]["members"][0]["name"] == "asset.jpg"

    done = replay("photo.evidence.zip", "--json", cwd=desk)
    found = json.loads(done.stdout)
    assert (found["agreement"], found["recorded"], found["decision"]) == ("same", "accepted", "accepted")
    assert found["content_checked"] is True
    assert found["signature"]["state"] == "nobody"
    assert found["verdict"]["facets"]["content"]["state"] == "intact"


def names(pack):
    with zipfile.ZipFile(pack) as found:
        return found.namelist()


def test_every_member_that_is_altered_removed_or_repeated_is_noticed(desk):
    """All members of a signed pack, each in every way; in one process, since they are many."""
    run("evidence", "photo.jpg", "-o", "case.zip", "--identity", "Example News", cwd=desk)
    with zipfile.ZipFile(desk / "case.zip") as found:
        whole = {name: found.read(name) for name in found.namelist()}
    assert len(whole) == 13
    tampered = {}
    for number, name in enumerate(whole):
        data = whole[name]
        tampered[f"{number}-altered.zip"] = whole | {name: data[:-1] + bytes([data[-1] ^ 1])}
        tampered[f"{number}-longer.zip"] = whole | {name: data + b"\n"}
        tampered[f"{number}-removed.zip"] = {key: value for key, value in whole.items() if key != name}
        tampered[f"{number}-renamed.zip"] = {f"x{key}" if key == name else key: value for key, value in whole.items()}
    tampered["added.zip"] = whole | {"more.txt": b"more"}

    space = Workspace()
    for name, members in tampered.items():
        (desk / name).write_bytes(zipped(members.items()))
        with pytest.raises(Exception, match=r"pack") as caught:
            space.replay(desk / name)
        assert caught.value.exit_code == 5, name


def test_a_tampered_pack_is_an_unusable_file(desk, pack):
    data = bytearray(pack.read_bytes())
    data[data.rindex(b"\xff\xd8\xff") + 100] ^= 1
    pack.write_bytes(data)

    done = replay(pack, cwd=desk)

    assert done.returncode == 5
    assert "this pack was changed or damaged: asset.jpg is damaged" in done.stderr
    assert "photo.evidence.zip" in done.stderr


MISTAKES = {
    "nothing": ((), "name the media file, or a pack with --replay"),
    "a file and a pack": (("photo.jpg", "--replay", "x.zip"), "--replay takes a pack"),
    "a pack, online": (("--replay", "x.zip", "--online"), "--online is for making a pack"),
    "a pack, signed": (("--replay", "x.zip", "--identity", "me"), "--identity is for making a pack"),
    "a pack, without its file": (("--replay", "x.zip", "--no-asset"), "--no-asset is for making a pack"),
    "a file for a file": (("photo.jpg", "--asset", "photo.jpg"), "--asset is for --replay"),
    "no time": (("photo.jpg", "--at", "soon"), "a time looks like"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(desk, name):
    arguments, words = MISTAKES[name]

    done = run("evidence", *arguments, cwd=desk, COLUMNS="200")

    assert done.returncode == 2
    assert words in done.stderr


def test_what_is_there_is_not_overwritten_unasked(desk, pack):
    before = pack.read_bytes()

    assert run("evidence", "photo.jpg", cwd=desk).returncode == 10
    assert pack.read_bytes() == before
    assert run("evidence", "photo.jpg", "--force", cwd=desk).returncode == 0


@pytest.mark.parametrize("name", ["photo.jpg", "nothing.zip"])
def test_what_is_no_pack_is_refused(desk, name):
    done = replay(name, cwd=desk)

    assert done.returncode == 5
    assert "not an evidence pack" in done.stderr or "no such file" in done.stderr


def test_a_large_file_stays_outside_unless_it_is_wanted(desk, monkeypatch):
    monkeypatch.setattr("provenance.workspace.evidencing.making.LARGEST_UNASKED", 100)
    assert LARGEST_UNASKED == 100 << 20
    space = Workspace()

    left_out = space.evidence(desk / "photo.jpg", desk / "1.zip", wishes=Packing())
    wanted = space.evidence(desk / "photo.jpg", desk / "2.zip", wishes=Packing(include_asset=True))

    assert "asset.jpg" not in names(left_out.path)
    assert "asset.jpg" in names(wanted.path)
    assert any("keep it beside the pack" in note for note in left_out.notes)
    assert b"<img" not in zipfile.ZipFile(left_out.path).read("report.html")


def test_the_same_look_gives_the_same_bytes(desk):
    moment = datetime.now(UTC).replace(microsecond=0)
    space = Workspace(clock=lambda: moment)
    first, second = (space.evidence(desk / "photo.jpg", desk / name, wishes=Packing()) for name in ("1.zip", "2.zip"))

    assert first.path.read_bytes() == second.path.read_bytes()
    assert run("evidence", "--replay", "1.zip", "-q", cwd=desk).stdout == ""


def test_a_pack_never_takes_the_place_of_its_file(desk):
    before = (desk / "photo.jpg").read_bytes()

    done = run("evidence", "photo.jpg", "-o", "photo.jpg", "--force", cwd=desk)

    assert done.returncode == 10
    assert "take the place of the file" in done.stderr
    assert (desk / "photo.jpg").read_bytes() == before


def test_nothing_is_left_of_a_pack_that_could_not_be_made(desk):
    done = run("evidence", "photo.jpg", "--timestamp", cwd=desk)

    assert done.returncode == 7
    assert "no time-stamp authority is set up" in done.stderr
    assert not (desk / "photo.evidence.zip").exists()
