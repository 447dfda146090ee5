"""A real Dask cluster on this machine: a scheduler and two workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest

from provenance.batch.naming import Naming
from provenance.model.ports import Algorithm
from provenance.settings import Settings
from provenance.workspace import Workspace
from tests.support.batch import fates, many, names, sign, signed_by, start, wait_for
from tests.support.command import run

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra `cluster` is not installed")
FILES = 40
PASSPHRASE = "hunter2"


class Cluster:
    """A scheduler and its workers, whose folder, home and settings are not those of whoever asks."""

    def __init__(self, folder, home):
        self.folder = folder
        self.environment = os.environ | {"PROVENANCE_HOME": str(home), "PROVENANCE_PASSPHRASE": PASSPHRASE}
        self.scheduler = self._run("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        self.address = wait_for(lambda: self._told("scheduler", r"Scheduler at:\s+tcp://(\S+)"))
        self.workers = {}

    def join(self, name):
        self.workers[name] = self._run(
            "worker", f"tcp://{self.address}", "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "1",
            "--no-nanny", "--no-dashboard", "--name", name, as_=name,
        )  # fmt: skip
        wait_for(lambda: self._told(name, r"(Registered to)"))

    def end(self):
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()

    def _told(self, name, pattern):
        found = re.search(pattern, (self.folder / f"{name}.log").read_text())
        return found and found[1]

    def _run(self, kind, *arguments, as_=None):
        log = self.folder / f"{as_ or kind}.log"
        with log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *arguments], cwd=self.folder, env=self.environment, stdout=out,
                stderr=subprocess.STDOUT,
            )  # fmt: skip


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """The home of the workers: an identity with a passphrase that only they know."""
    home = tmp_path_factory.mktemp("theirs")
    Workspace(Settings(home=str(home))).identities.create(
        "Signing Machine", algorithm=Algorithm.ES256, days=30, passphrase=PASSPHRASE, at=datetime.now(UTC)
    )
    return home


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, theirs):
    made = Cluster(tmp_path_factory.mktemp("cluster"), theirs)
    try:
        made.join("one")
        made.join("two")
        yield made
    finally:
        made.end()


def test_a_tree_is_signed_and_verified_by_others_with_their_keys(cluster, theirs, own_home, tmp_path):
    """Relative names mean files here, wherever the workers are; one worker is killed in the middle."""
    many(tmp_path / "in", FILES)
    command = ("sign", "in", "-o", "out/", "--engine", f"dask://{cluster.address}", "--thumbnail", "none")
    process = start(*command, cwd=tmp_path)
    wait_for(lambda: len(list((tmp_path / "out").glob("*"))) >= 3, seconds=60)
    cluster.workers["one"].kill()
    told, said = process.communicate(timeout=100)

    assert process.returncode == 0, told + said
    assert "Traceback" not in said
    assert names(tmp_path / "out") == names(tmp_path / "in")
    space = Workspace(Settings(home=str(theirs)))
    for path in (tmp_path / "out").iterdir():
        assert len(signed_by(space, path)) == 1
    assert told.count("signed by Signing Machine") == FILES

    again = run(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"{FILES} skipped" in again.stdout
    judged = run("verify", "out", "-q", "--engine", f"dask://{cluster.address}", cwd=tmp_path)
    assert judged.returncode == 0, "by the trust of the workers"
    here = run("verify", "out", "-q", cwd=tmp_path)
    assert here.returncode == 3, "by one's own trust, which does not know them"


def test_what_is_wrong_with_one_file_costs_one_row_there_too(cluster, theirs, tmp_path):
    many(tmp_path / "in", 3)
    (tmp_path / "in/001.jpg").write_bytes(b"garbage")
    os.mkfifo(tmp_path / "hangs.jpg")
    space = Workspace(Settings(home=str(tmp_path / "home")))
    found = sign(space, tmp_path / "in", engine=f"dask://{cluster.address}", naming=Naming(output=f"{tmp_path}/out/"))
    assert fates(found) == ["done", "failed", "done"]
    done = run(
        "sign", "hangs.jpg", "in/000.jpg", "-o", "two/", "--engine", f"dask://{cluster.address}", "--deadline", "2",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 9
    assert "took longer than 2 seconds" in done.stderr
    assert names(tmp_path / "two") == ["000.jpg"]


def test_an_identity_that_they_do_not_have_is_said(cluster, tmp_path, own_home):
    many(tmp_path / "in", 3)
    done = run(
        "sign", "in", "-o", "out/", "--engine", f"dask://{cluster.address}", "--identity", "Example News", cwd=tmp_path
    )
    assert done.returncode == 6
    assert "Example News" in done.stderr
    assert not names(tmp_path / "out") if (tmp_path / "out").exists() else True
