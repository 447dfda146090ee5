"""Many files: who works, what is told, which keys open, whose trust counts."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenance.batch.crew import Batch
from provenance.batch.executors import HERE, PROCESSES, THREADS, Engine
from provenance.batch.naming import Naming
from provenance.batch.recipe import Verifying
from provenance.batch.verdicts import Verdicts
from provenance.claims import SigningOptions
from provenance.errors import WrongSecret
from provenance.model.claim import Carrier, Timestamp
from provenance.model.ports import Algorithm
from provenance.settings import Settings, TimestampSettings, TrustSettings
from provenance.workspace import Workspace
from provenance.workspace.looking import Asked
from tests.support import media, softhsm
from tests.support.batch import (
    PLAIN,
    children,
    fates,
    listing,
    many,
    names,
    rows,
    sign,
    sign_rows,
    signed_by,
    start,
    tree,
    wait_for,
)
from tests.support.campaign import cases
from tests.support.certificates import Plan, build, make_chain
from tests.support.command import run
from tests.support.tsa import Authority

ENGINES = [HERE, THREADS, PROCESSES]


@pytest.fixture
def folder(tmp_path):
    made = tree(tmp_path / "in", "a.jpg", "b.jpg", "sub/c.jpg", "d.jpg")
    (made / "broken.jpg").write_bytes(b"garbage")
    (made / "empty.png").touch()
    (made / "notes.txt").write_text("passed over")
    return made


def shape(item):
    signed = item.signed and (item.signed.path, item.signed.sidecar, item.signed.media_type, item.signed.signer)
    return item.job.source, item.job.target, item.fate, str(item.error), item.digest, signed


def test_whoever_works_the_rows_are_the_same(space, folder, tmp_path):
    found = {}
    for engine in ENGINES:
        found[engine] = sign(space, folder, engine=engine, naming=Naming(output=f"{tmp_path}/out/", keep_tree=True))
        assert [name for name in names(tmp_path) if name.startswith("out/")] == [
            "out/a.jpg", "out/b.jpg", "out/d.jpg", "out/sub/c.jpg",
        ]  # fmt: skip
        for path in (tmp_path / "out").rglob("*.jpg"):
            assert len(signed_by(space, path)) == 1
        shutil.rmtree(tmp_path / "out")
    rows_of = {engine: list(map(shape, items)) for engine, items in found.items()}
    assert rows_of[THREADS] == rows_of[HERE]
    assert rows_of[PROCESSES] == rows_of[HERE]


def test_the_rows_of_the_command_say_what_became_of_each(own_home, folder, tmp_path):
    told = sign_rows("in", "-o", "out/", cwd=tmp_path, code=9)
    assert [(row["source"], row["fate"]) for row in told] == [
        ("in/a.jpg", "done"), ("in/b.jpg", "done"), ("in/broken.jpg", "failed"), ("in/d.jpg", "done"),
        ("in/empty.png", "failed"), ("in/sub/c.jpg", "done"),
    ]  # fmt: skip
    assert all(row["output"] == f"out/{row['source'].rpartition('/')[2]}" and row["sha256"] for row in told
               if row["fate"] == "done")  # fmt: skip
    again = run("sign", "in", "-o", "out/", "--json", "--thumbnail", "none", cwd=tmp_path)
    assert again.returncode == 9
    assert sorted(row["fate"] for row in json.loads(again.stdout)) == ["failed"] * 2 + ["skipped"] * 4
    text = run("sign", "in", "-o", "out/", "--thumbnail", "none", cwd=tmp_path)
    assert "4 skipped, 2 failed; 1 other file passed over" in text.stdout
    assert "2 of 6 files were not signed" in text.stderr
    assert run("sign", "in", "-o", "out/", "-q", "--thumbnail", "none", cwd=tmp_path).stdout == ""


WAYS = {
    "embedded": {},
    "sidecar": {"options": replace(PLAIN, carrier=Carrier.SIDECAR)},
    "in place": {"overwrite": True},
}


REHEARSED = [(way, "fresh") for way in WAYS] + [("embedded", "half done"), ("sidecar", "begun"), ("in place", "done")]


@cases(("way", "state"), REHEARSED, more=product(WAYS, ["fresh", "done", "begun", "half done"]))
def test_a_dry_run_touches_nothing_at_all(space, own_home, folder, tmp_path, way, state):
    """Not even what SQLite writes when it looks, nor what an earlier run has left half done."""
    told = WAYS[way] | {"naming": Naming(in_place=True) if way == "in place" else Naming(output=f"{tmp_path}/out/")}
    half = state == "half done" and way != "in place"
    if state != "fresh":
        sign(space, folder, **told)
    if state in {"begun", "half done"}:
        with closing(sqlite3.connect(own_home / "journal.db")) as database:
            database.execute("UPDATE jobs SET state = 'begun', written = NULL, digest = NULL")
            database.commit()
        (tmp_path / "in/.a.jpg.12345678.12345678.part").touch()
    if half:
        for path in (tmp_path / "out").glob("*.jpg"):
            path.unlink()
    before = listing(tmp_path)
    planned = fates(sign(space, folder, **told, rehearse=True))
    assert listing(tmp_path) == before
    good = "planned" if state == "fresh" or half else "skipped"
    assert planned == [good, good, "failed", good, "failed", good]
    found = sign(space, folder, **told)
    assert fates(found).count("failed") == 2, [str(item.error) for item in found]
    for item in found:
        if not item.failed:
            assert len(signed_by(space, item.job.target)) == 1


def test_the_command_touches_nothing_in_a_dry_run(own_home, folder, tmp_path):
    options = ("in", "-o", "out/", "--thumbnail", "none", "--engine", "processes")
    for _ in range(2):
        before = listing(tmp_path)
        done = run("sign", *options, "--dry-run", cwd=tmp_path)
        assert listing(tmp_path) == before
        assert done.returncode == 9
        run("sign", *options, cwd=tmp_path)
    assert done.stdout.count("would skip ") == 4


def test_a_dry_run_of_one_file_says_where_it_would_go(own_home, folder, tmp_path):
    done = run("sign", "in/a.jpg", "-o", "one.jpg", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "would sign   in/a.jpg -> one.jpg" in done.stdout
    assert not (tmp_path / "one.jpg").exists()


def test_a_file_in_the_middle_that_kills_its_process_costs_one_row(space, tmp_path):
    """A named pipe stands for it: the process that reads it is killed from outside."""
    many(tmp_path / "in", 5)
    os.mkfifo(tmp_path / "hostile.jpg")
    process = start(
        "sign", tmp_path / "hostile.jpg", tmp_path / "in", "-o", f"{tmp_path}/out/", "--engine", "processes",
        "--workers", "2", "--format", "jsonl", "--thumbnail", "none",
    )  # fmt: skip
    wait_for(lambda: len(list((tmp_path / "out").glob("*"))) == 5)
    time.sleep(1)  # until the last of them is told of
    for worker in children(process.pid):
        os.kill(worker, 11)
    told, said = process.communicate(timeout=60)
    found = sorted((json.loads(line)["source"][-11:], json.loads(line)["fate"]) for line in told.splitlines())
    assert process.returncode == 9, said
    assert found == [*(("/in/" + f"{number:03}.jpg", "done") for number in range(5)), ("hostile.jpg", "failed")]
    assert "died (signal 11)" in told


@pytest.mark.parametrize("engine", ENGINES)
def test_a_passphrase_is_asked_for_once_and_opens_the_key_wherever_one_works(space, folder, tmp_path, engine):
    space.identities.create("Safe", algorithm=Algorithm.ES256, days=30, passphrase="hunter2", at=datetime.now(UTC))
    asked = []

    def secret(what):
        asked.append(what)
        return "hunter2"

    safe = Workspace(space.settings, secret=secret)
    found = sign(safe, folder, engine=engine, identity="Safe", naming=Naming(output=f"{tmp_path}/out/"))
    assert sorted(fates(found)) == ["done"] * 4 + ["failed"] * 2
    assert len(asked) == 1
    wrong = Workspace(space.settings, secret=lambda _what: "hunter3")
    with pytest.raises(WrongSecret):
        sign(wrong, folder, engine=engine, identity="Safe", naming=Naming(output=f"{tmp_path}/two/"))
    assert not (tmp_path / "two").exists()


def test_a_passphrase_from_the_environment_reaches_processes_only_by_their_pipe(space, folder, tmp_path):
    space.identities.create("Safe", algorithm=Algorithm.ES256, days=30, passphrase="hunter2", at=datetime.now(UTC))
    os.mkfifo(tmp_path / "in/zz.jpg")
    arguments = ("sign", "in", "zz.jpg", "-o", "out/", "--engine", "processes", "--identity", "Safe")
    os.mkfifo(tmp_path / "zz.jpg")
    process = start(*arguments, "--workers", "2", "--deadline", "5", cwd=tmp_path, PROVENANCE_PASSPHRASE="hunter2")
    found = wait_for(lambda: len(item := children(process.pid)) == 2 and item)
    time.sleep(0.1)
    for worker in found:
        for place in ("cmdline", "environ"):
            assert b"hunter2" not in Path(f"/proc/{worker}/{place}").read_bytes()
    told, _ = process.communicate(timeout=60)
    assert "4 signed" in told
    done = run("sign", "in", "-o", "two/", "--identity", "Safe", cwd=tmp_path, PROVENANCE_PASSPHRASE="hunter3")
    assert done.returncode == 6
    assert not (tmp_path / "two").exists()


def private(path, key):
    """Write a private key as one should."""
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_keys_of_ones_own_sign_in_processes(own_home, folder, tmp_path):
    key, chain, _ = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    private(tmp_path / "key.pem", key)
    (tmp_path / "chain.pem").write_text(chain)
    more = ("--key", "key.pem", "--cert", "chain.pem", "--engine", "processes")
    told = sign_rows("in", "-o", "out/", *more, cwd=tmp_path, code=9)
    assert sum(row["fate"] == "done" and row["signer"] == "key.pem" for row in told) == 4
    again = sign_rows("in", "-o", "out/", *more, cwd=tmp_path, code=9)
    assert sum(row["fate"] == "skipped" for row in again) == 4


def test_a_token_takes_logins_of_several_processes_at_once(space, tmp_path):
    token = softhsm.token()
    token.put("es256")
    chain = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))[1]
    (tmp_path / "chain.pem").write_text(chain)
    many(tmp_path / "in", 8)
    asked = []

    def pin(what):
        asked.append(what)
        return softhsm.PIN

    softhsm.log_out()
    try:
        found = sign(
            Workspace(space.settings, secret=pin), tmp_path / "in", engine=PROCESSES, workers=3,
            key=token.uri("es256"), chain=str(tmp_path / "chain.pem"), naming=Naming(output=f"{tmp_path}/out/"),
        )  # fmt: skip
    finally:
        softhsm.log_out()
    assert len(asked) == 1
    assert [str(item.error) for item in found if item.failed] == []
    for path in (tmp_path / "out").iterdir():
        assert len(signed_by(space, path)) == 1


@pytest.fixture
def desk(space, tmp_path):
    """Make workspaces that ask an authority and trust it, and the authority."""
    with Authority() as tsa:
        (tmp_path / "times.pem").write_text(tsa.root_pem)

        def make(*urls):
            times = TimestampSettings(urls=urls, deadline=5, attempts=1)
            trust = TrustSettings(timestamps=(str(tmp_path / "times.pem"),))
            return Workspace(replace(space.settings, timestamps=times, trust=trust))

        yield make, tsa


def test_every_result_of_processes_gets_its_time(desk, tmp_path):
    make, tsa = desk
    many(tmp_path / "in", 8)
    desk_space = make(tsa.url)
    options = SigningOptions(thumbnail=None, timestamp=Timestamp.REQUIRED)
    found = sign(
        desk_space,
        tmp_path / "in",
        engine=PROCESSES,
        workers=3,
        options=options,
        naming=Naming(output=f"{tmp_path}/out/"),
    )
    assert fates(found) == ["done"] * 8
    assert len(tsa.asked) == 8
    for path in (tmp_path / "out").iterdir():
        assert desk_space.verify(path).facets.time.state == "trusted"


@pytest.mark.parametrize("wish", [Timestamp.PREFERRED, Timestamp.REQUIRED], ids=lambda item: item.value)
def test_an_authority_that_goes_down_in_the_middle_is_told_of_each_file(desk, tmp_path, wish):
    """It answers for a while, and then it is another address where nobody listens."""
    make, tsa = desk
    many(tmp_path / "in", 4)
    (tmp_path / "later").mkdir()
    options = SigningOptions(thumbnail=None, timestamp=wish)
    naming = Naming(output=f"{tmp_path}/out/")
    found = sign(make(tsa.url), tmp_path / "in", engine=PROCESSES, options=options, naming=naming)
    many(tmp_path / "in", 6)
    found += sign(make(tsa.dead), tmp_path / "in", engine=PROCESSES, options=options, naming=naming)
    without = [item for item in found if item.signed is not None and item.signed.notes]
    if wish is Timestamp.REQUIRED:
        assert fates(found) == ["done"] * 4 + ["skipped"] * 4 + ["failed"] * 2
        assert len(names(tmp_path / "out")) == 4
    else:
        assert fates(found) == ["done"] * 4 + ["skipped"] * 4 + ["done"] * 2
        assert [item.job.source[-7:] for item in without] == ["004.jpg", "005.jpg"]
        assert "signed without a trusted time" in without[0].signed.notes[0]


# ---- verification


def verdicts(space, *sources, engine, **task):
    batch = Batch(names=[str(item) for item in sources], engine=Engine(name=engine, workers=2))
    return list(Verdicts(space, batch, Verifying(**{"asked": Asked()} | task)))


def test_a_list_that_is_installed_later_counts_in_the_next_batch(space, folder, tmp_path):
    """Whoever works in this process must not remember the trust of the batch before."""
    signed = space.sign(folder / "a.jpg", tmp_path / "one.jpg").path
    shutil.copy(signed, tmp_path / "two.jpg")
    stranger = Settings(home=str(tmp_path / "stranger"))
    for engine in (HERE, THREADS):
        first = verdicts(Workspace(stranger), tmp_path / "one.jpg", tmp_path / "two.jpg", engine=engine)
        assert {item.result.verdict.facets.signer.state.value for item in first} == {"untrusted"}
        shutil.copytree(space.identities.directory, tmp_path / "stranger/identities")
        second = verdicts(Workspace(stranger), tmp_path / "one.jpg", tmp_path / "two.jpg", engine=engine)
        assert {item.result.verdict.facets.signer.state.value for item in second} == {"trusted"}
        assert second[0].result.verdict.inspection.trust == Workspace(stranger).trust
        shutil.rmtree(tmp_path / "stranger/identities")


def test_of_installed_lists_the_one_that_is_named_decides_for_whoever_works(own_home, space, tmp_path):
    """Workers read the lists themselves, and only what was asked reaches them."""
    key, chain, root = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    _, _, other = build(Plan(ca_kind="es384"), at=datetime.now(UTC))
    for name, text in (("theirs", root), ("others", other), ("chain", chain)):
        (tmp_path / f"{name}.pem").write_text(text)
    private(tmp_path / "key.pem", key)
    many(tmp_path / "in", 3)
    sign(space, tmp_path / "in", key=str(tmp_path / "key.pem"), chain=str(tmp_path / "chain.pem"),
         naming=Naming(output=f"{tmp_path}/out/"))  # fmt: skip
    for name in ("theirs", "others"):
        added = run("trust", "add", name, f"{name}.pem", "--purpose", "signer", cwd=tmp_path)
        assert added.returncode == 0, added.stderr

    for name, (state, code) in (("theirs", ("trusted", 0)), ("others", ("untrusted", 3))):
        for engine in (HERE, THREADS):
            found = verdicts(Workspace(space.settings), tmp_path / "out", engine=engine, names=(name,))
            assert [item.result.verdict.facets.signer.state.value for item in found] == [state] * 3
        done = run("verify", "out", "--trust-list", name, "--engine", "processes", "--json", cwd=tmp_path)
        assert done.returncode == code, done.stderr
        assert [item["facets"]["signer"]["state"] for item in json.loads(done.stdout)["files"]] == [state] * 3


def report(done):
    """Read a JSON report without the moments at which it was made."""
    found = json.loads(done.stdout)
    return [{key: value for key, value in item.items() if key != "at"} for item in found["files"]], found["summary"]


def test_other_peoples_files_get_the_same_verdicts_from_processes(own_home, vectors):
    files = sorted(str(path) for path in vectors.iterdir() if path.is_file())
    found = {
        engine: run("verify", "--json", "--engine", engine, *files, COLUMNS="80") for engine in ("here", "processes")
    }
    assert found["here"].returncode == found["processes"].returncode
    assert found["here"].stderr == found["processes"].stderr
    ours, theirs = report(found["here"]), report(found["processes"])
    assert [item["file"] if "file" in item else item.get("name") for item in ours[0]] == [
        item["file"] if "file" in item else item.get("name") for item in theirs[0]
    ]
    assert ours == theirs


@pytest.fixture
def signed(space, tmp_path):
    """A folder with files of every fate, and the root that some of them need."""
    made = many(tmp_path / "signed", 0)
    made.mkdir()
    for number, name in enumerate(("b.jpg", "a.jpg", "d.png")):
        data = media.make("png") if name.endswith("png") else media.jpeg(number)
        (made / name).write_bytes(space.sign(data, options=PLAIN).data)
    (made / "c.jpg").write_bytes(media.jpeg(9))
    (made / "e.jpg").write_bytes(b"garbage")
    data = bytearray((made / "a.jpg").read_bytes())
    data[-100] ^= 1
    (made / "f.jpg").write_bytes(data)
    return made


@cases("form", ["text", "json", "csv", "html"], more=["jsonl", "junit", "sarif", "markdown", "crjson"])
def test_the_rows_of_every_format_are_the_same_whoever_works(signed, form):
    found = {
        engine: run("verify", "signed", "--format", form, "--engine", engine, cwd=signed.parent) for engine in ENGINES
    }
    assert {done.returncode for done in found.values()} == {1}
    places = [re.search(rf"(signed/)?\b{name}\.(jpg|png)", found[HERE].stdout) for name in "abcdef"]
    assert None not in places
    if form in {"json", "jsonl", "crjson"}:
        order = [place.start() for place in places]
        assert order == sorted(order)

    def without_times(text):
        text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\"<,\s]*|time=\"[^\"]*\"", "", text)
        # The engine gives the fields of metadata in another order each time.
        return sorted(text) if form == "html" else text

    assert without_times(found[PROCESSES].stdout) == without_times(found[HERE].stdout)


EXITS = {
    "accepted": (("a.jpg", "b.jpg"), 0),
    "review": (("a.jpg", "c.jpg"), 3),
    "not looked at": (("a.jpg", "c.jpg", "e.jpg"), 5),
    "rejected": (("a.jpg", "c.jpg", "e.jpg", "f.jpg"), 1),
    "missing": (("a.jpg", "none.jpg"), 5),
}


@pytest.mark.parametrize(("files", "code"), EXITS.values(), ids=EXITS)
def test_the_worst_file_decides(signed, files, code):
    assert run("verify", *files, "-q", cwd=signed).returncode == code


@pytest.mark.parametrize("form", ["text", "json", "csv", "junit"])
def test_nothing_to_verify_is_no_reason_to_accept(own_home, tmp_path, form):
    (tmp_path / "empty").mkdir()
    done = run("verify", "empty", "--format", form, cwd=tmp_path)
    assert done.returncode == 5
    assert "there is nothing to verify" in done.stderr
    assert "internal error" not in done.stderr


def test_nothing_to_sign_is_said(own_home, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run("sign", "empty", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "nothing to sign\n")
    assert json.loads(run("sign", "empty", "--json", cwd=tmp_path).stdout) == []


def test_trust_and_policy_reach_whoever_works(signed, tmp_path, monkeypatch):
    """A root on the command line, by a relative path; a list by its name; a policy of one's own."""
    root = next((tmp_path / "home/identities").rglob("*root*.pem"), None)
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "stranger"))
    for engine in (HERE, PROCESSES):
        without = run("verify", "signed/a.jpg", "signed/b.jpg", "-q", "--engine", engine, cwd=tmp_path)
        assert without.returncode == 3
        if root is not None:
            shutil.copy(root, tmp_path / "root.pem")
            trusted = run(
                "verify", "signed/a.jpg", "signed/b.jpg", "-q", "--engine", engine, "--trust", "root.pem", cwd=tmp_path
            )
            assert trusted.returncode == 0, trusted.stderr
    (tmp_path / "strict.toml").write_text(
        'name = "strict"\nversion = "1"\npurpose = "x"\n\n[[rules]]\nrule = "signer.trusted"\nseverity = "fail"\n'
    )
    for engine in (HERE, PROCESSES):
        judged = run(
            "verify",
            "signed/a.jpg",
            "signed/b.jpg",
            "--json",
            "--engine",
            engine,
            "--policy",
            "strict.toml",
            cwd=tmp_path,
        )
        assert judged.returncode == 1, judged.stderr


def test_a_report_does_not_take_the_place_of_a_file_in_the_folder_that_it_is_about(signed):
    before = (signed / "a.jpg").read_bytes()
    done = run("verify", "signed", "--json", "-o", "signed/a.jpg", "--force", cwd=signed.parent)
    assert done.returncode == 2
    assert (signed / "a.jpg").read_bytes() == before
    assert run("verify", "signed", "--json", "-o", "signed/report.json", cwd=signed.parent).returncode == 1


def test_names_that_are_too_long_or_odd_cost_one_row(signed):
    done = run("verify", "--json", "a.jpg", "x" * 300 + ".jpg", "y" * 5000, cwd=signed)
    assert done.returncode == 5
    assert json.loads(done.stdout)["summary"]["accepted"] == 1


def test_a_list_in_a_pipe_is_read_by_whoever_works_and_by_nobody_else(own_home, folder, tmp_path):
    """At a terminal the files are counted beside the work: that must take no names away."""
    many(tmp_path / "many", 12)
    terminal, theirs = pty.openpty()
    read, write = os.pipe()
    os.write(write, b"".join(f"many/{number:03}.jpg\n".encode() for number in range(12)))
    os.close(write)
    done = subprocess.run(
        [sys.executable, "-m", "provenance", "sign", f"@/dev/fd/{read}", "-o", "out/", "--format", "jsonl"],
        cwd=tmp_path, pass_fds=[read], stderr=theirs, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    for handle in (terminal, theirs, read):
        os.close(handle)
    assert (done.returncode, len(rows(done))) == (0, 12)
