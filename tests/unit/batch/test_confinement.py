"""Confined processes: whatever runs in them comes to no network, no program and no file that it needs not."""

from __future__ import annotations

import io
import os
import socket
import sys
from pathlib import Path

import pytest
from PIL import Image

from provenance.batch.executors import confinement, seccomp
from provenance.batch.executors.confinement import ORDINARY, Confinement
from provenance.batch.executors.processes import Processes
from provenance.batch.executors.worker import Beginning
from provenance.errors import WorkerLost
from tests.support import calls, confined
from tests.support.batch import children, wait_for

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.uname().machine not in seccomp.MACHINES,
    reason="the kernel of this system does not confine processes so",
)
MEMORY = 256 << 20


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    for name in ("given", "secret"):
        (folder / name).mkdir()
        (folder / name / "file").write_bytes(b"what is in it")
    return folder


@pytest.fixture(scope="module")
def closed(places):
    """One process with all limits."""
    wish = Confinement(
        memory=MEMORY, written=4096, handles=64, network=False, programs=False, environment=ORDINARY,
        reads=(str(places / "given"),),
    )  # fmt: skip
    executor = Processes(1, beginning=Beginning(confinement=wish))
    yield executor
    executor.shutdown(wait=False)


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def outcome(executor, function, *args):
    return executor.submit(function, *args).result(60)


def test_all_of_it_is_in_force(closed):
    outcome(closed, calls.double, 1)
    assert closed.lacking == ()


def test_it_cannot_connect(closed, port):
    assert confined.connect(port) == "done"
    assert outcome(closed, confined.connect, port) == "EACCES"


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"])
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"])
def test_no_socket_of_any_family_can_be_opened(closed, family, kind):
    assert outcome(closed, confined.open_socket, getattr(socket, family), getattr(socket, kind)) == "EACCES"


def test_pairs_of_sockets_lead_nowhere_and_stay(closed):
    assert outcome(closed, confined.pair) == "done"


def test_it_begins_threads_but_no_process(closed):
    assert outcome(closed, confined.begin_thread) == "done"
    assert outcome(closed, confined.fork) == "EACCES"
    assert outcome(closed, confined.start_program) == "EACCES"


def test_it_signals_itself_and_nobody_else(closed):
    assert outcome(closed, confined.signal_itself) == "done"
    assert outcome(closed, confined.signal_to, os.getpid()) == "ESRCH"
    assert outcome(closed, confined.signal_to, 1) == "ESRCH"


NEVER = ("ptrace", "process_vm_readv", "io_uring_setup", "bpf", "userfaultfd", "unshare", "keyctl", "setrlimit")


@pytest.mark.parametrize("name", NEVER)
def test_ways_round_are_closed(closed, name):
    number = seccomp.MACHINES[os.uname().machine].calls[name]
    assert outcome(closed, confined.system_call, number, 0, 0, 0, 0) == "EACCES"


def test_it_has_no_privileges(closed):
    assert outcome(closed, confined.privileges) == {"CapPrm": 0, "CapEff": 0}


def test_limits_can_be_read_and_not_be_loosened(closed):
    found = outcome(closed, confined.limits)
    assert found["RLIMIT_CORE"] == (0, 0)
    assert found["RLIMIT_FSIZE"] == (4096, 4096)
    assert found["RLIMIT_NOFILE"] == (64, 64)
    assert MEMORY < found["RLIMIT_AS"][0] == found["RLIMIT_AS"][1] < MEMORY + (1 << 30)
    # The superuser could, if the limit alone was there.
    assert outcome(closed, confined.loosen, "RLIMIT_AS") in {"PermissionError", "ValueError"}


def test_it_reads_what_it_was_given_and_libraries(closed, places):
    assert outcome(closed, confined.read, places / "given/file") == "done"
    assert outcome(closed, confined.read, places / "secret/file") == "EACCES"
    assert outcome(closed, confined.read, f"/proc/{os.getpid()}/environ") in {"EACCES", "ENOENT"}
    assert outcome(closed, confined.write, places / "given/file") == "EACCES"
    assert (places / "given/file").read_bytes() == b"what is in it"


def test_it_knows_nothing_of_the_environment_but_how_to_run(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("PROVENANCE_PASSPHRASE", "hunter2")
    executor = Processes(1, beginning=Beginning(confinement=Confinement(environment=ORDINARY)))
    try:
        names, raw = outcome(executor, confined.environment)
    finally:
        executor.shutdown(wait=False)
    assert "AWS_SECRET_ACCESS_KEY" not in names
    assert "PATH" in names
    assert b"hunter2" not in raw


def test_too_much_memory_costs_one_call_and_the_process(closed):
    before = outcome(closed, calls.nap, 0)
    with pytest.raises(WorkerLost, match="more memory than there is for one file"):
        outcome(closed, confined.take, MEMORY + (1 << 30))
    assert outcome(closed, calls.nap, 0) != before
    assert outcome(closed, confined.take, MEMORY // 4) == MEMORY // 4


def test_a_picture_that_unfolds_to_gigabytes_costs_one_call(closed, places):
    """30,000 x 30,000 pixels in a hundred kilobytes, for a decoder that nobody has told of limits."""
    target = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(target, "PNG")
    (places / "given/bomb.png").write_bytes(target.getvalue())
    with pytest.raises(WorkerLost):
        outcome(closed, confined.decode, str(places / "given/bomb.png"))
    assert outcome(closed, calls.double, 1) == 2


def test_what_is_written_has_an_end(tmp_path):
    executor = Processes(1, beginning=Beginning(confinement=Confinement(written=4096)))
    try:
        assert outcome(executor, confined.write, tmp_path / "long") == "EFBIG"
    finally:
        executor.shutdown(wait=False)


def test_nothing_that_comes_back_is_run(closed, tmp_path):
    with pytest.raises(WorkerLost, match="is nothing that comes back"):
        outcome(closed, confined.hand_back, tmp_path / "touched")
    assert not (tmp_path / "touched").exists()
    assert outcome(closed, calls.double, 1) == 2


def test_open_ones_keep_the_network_and_programs_but_not_the_ways_round(port, tmp_path):
    executor = Processes(1, beginning=Beginning(confinement=Confinement(memory=MEMORY)))
    try:
        assert outcome(executor, confined.connect, port) == "done"
        assert outcome(executor, confined.start_program) == "done"
        assert outcome(executor, confined.write, tmp_path / "file") == "done"
        number = seccomp.MACHINES[os.uname().machine].calls["ptrace"]
        assert outcome(executor, confined.system_call, number, 0, 0, 0, 0) == "EACCES"
    finally:
        executor.shutdown(wait=False)


def test_what_is_not_in_force_is_told(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "riscv64")
    assert seccomp.restrict(network=False, programs=False) == "system calls are not restricted on riscv64"
    monkeypatch.setattr(confinement.sys, "platform", "darwin")
    monkeypatch.setattr(confinement, "_limits", lambda wish: None)
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    assert confinement.confine(Confinement(network=False)) == (
        "neither files nor system calls are restricted on darwin",
    )
    assert confinement.confine(Confinement()) == ()


def test_processes_are_replaced_after_so_many_calls():
    executor = Processes(1, recycle=3)
    try:
        found = [outcome(executor, calls.nap, 0) for _ in range(7)]
    finally:
        executor.shutdown()
    assert [found.count(item) for item in dict.fromkeys(found)] == [3, 3, 1]
    assert executor.lost == 0


def test_processes_are_renewed_before_their_next_call():
    others = len(children(os.getpid()))
    executor = Processes(1)
    try:
        first = outcome(executor, calls.nap, 0)
        assert outcome(executor, calls.nap, 0) == first
        executor.renew()
        assert outcome(executor, calls.nap, 0) != first
        wait_for(lambda: len(children(os.getpid())) == others + 1)
    finally:
        executor.shutdown()


def test_one_that_wants_to_go_is_replaced():
    executor = Processes(1)
    try:
        first = outcome(executor, confined.retire)
        assert outcome(executor, calls.nap, 0) != first
    finally:
        executor.shutdown()
    assert executor.lost == 0


def test_all_are_there_once_they_were_started():
    others = set(children(os.getpid()))
    executor = Processes(2)
    try:
        executor.start()
        assert executor.lacking == ()
        begun = set(children(os.getpid())) - others
        assert len(begun) == 2
        found = {item.result() for item in [executor.submit(calls.nap, 0.2) for _ in range(2)]}
        assert found == begun
    finally:
        executor.shutdown()


@pytest.mark.parametrize(("fails", "found"), [(False, ["ready"]), (True, [])])
def test_what_was_prepared_is_there_and_what_went_wrong_in_it_harms_nobody(fails, found):
    executor = Processes(1, beginning=Beginning(prepare=(confined.remember, (fails,))))
    try:
        assert outcome(executor, confined.recall) == found
    finally:
        executor.shutdown()


def test_compiled_modules_are_not_cut_short_by_limits(tmp_path):
    """Python takes what a limit has cut short for the whole module."""
    module = tmp_path / "long.py"
    module.write_text(f"text = {'x' * 9000!r}\n")
    executor = Processes(1, beginning=Beginning(confinement=Confinement(written=4096)))
    try:
        assert outcome(executor, confined.load, str(module)) == 9000
    finally:
        executor.shutdown()
    assert not list(Path(tmp_path).rglob("*.pyc"))
