"""The filter of system calls, run by hand, so that it is known for machines too that are not at hand."""

from __future__ import annotations

import errno
import struct

import pytest

from provenance.batch.executors.seccomp import MACHINES, program

OWN = 4711
ALLOWED, KILLED = "allowed", "killed"
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def answer(listed, data):
    """Interpret a filter (classic BPF) over a `struct seccomp_data`."""
    at = held = 0
    while True:
        code, yes, no, value = listed[at]
        at += 1
        if code == LOAD:
            held = struct.unpack_from("<I", data, value)[0]
        elif code == RETURN:
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}.get(value) or errno.errorcode[value & 0xFFFF]
        else:
            met = {EQUAL: held == value, AT_LEAST: held >= value, ANY_BIT: bool(held & value)}[code]
            at += yes if met else no


@pytest.fixture(params=MACHINES.values(), ids=MACHINES)
def machine(request):
    return request.param


def ask(machine, name, *arguments, network=False, programs=False):
    number = machine.calls[name] if isinstance(name, str) else name
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, machine.architecture, 0, *padded)
    return answer(list(program(machine, network=network, programs=programs, own=OWN)), data)


THREAD = 0x003D0F00
"""What the C library begins threads with (clone(2)): CLONE_THREAD among them."""
CLOSED = {
    "a socket": ("socket", (2, 1, 0), "EACCES"),
    "a local socket": ("socket", (1, 1, 0), "EACCES"),
    "a program": ("execve", (), "EACCES"),
    "a program by its handle": ("execveat", (), "EACCES"),
    "a thread": ("clone", (THREAD,), ALLOWED),
    "a process": ("clone", (17,), "EACCES"),
    "either, by the newer call": ("clone3", (), "ENOSYS"),
    "a signal to itself": ("kill", (OWN, 9), ALLOWED),
    "a signal to another": ("kill", (1, 9), "ESRCH"),
    "a signal to all": ("kill", (2**64 - 1, 9), "ESRCH"),
    "a signal to a thread of its own": ("tgkill", (OWN, OWN, 6), ALLOWED),
    "a signal to one of another": ("tgkill", (1, 1, 6), "ESRCH"),
    "a signal to whatever thread": ("tkill", (OWN, 6), "EACCES"),
    "limits, read": ("prlimit64", (0, 9, 0, 1 << 40), ALLOWED),
    "limits, set": ("prlimit64", (0, 9, 1 << 40, 0), "EACCES"),
    "limits, set from the lowest addresses": ("prlimit64", (0, 9, 16, 0), "EACCES"),
    "another's memory": ("process_vm_writev", (1,), "EACCES"),
    "a ring": ("io_uring_setup", (8,), "EACCES"),
}


@pytest.mark.parametrize(("name", "arguments", "wanted"), CLOSED.values(), ids=CLOSED)
def test_closed_ones_may_do_so_much(name, arguments, wanted, machine):
    assert ask(machine, name, *arguments) == wanted


OPEN = {
    "a socket": ("socket", (2, 1, 0), ALLOWED),
    "a program": ("execve", (), ALLOWED),
    "a process": ("clone", (17,), ALLOWED),
    "either, by the newer call": ("clone3", (), ALLOWED),
    "a signal to another": ("kill", (1, 9), ALLOWED),
    "limits, set": ("prlimit64", (0, 9, 1 << 40, 0), "EACCES"),
    "another's memory": ("ptrace", (16, 1), "EACCES"),
    "a ring": ("io_uring_setup", (8,), "EACCES"),
    "another's files": ("pidfd_getfd", (3, 1), "EACCES"),
}


@pytest.mark.parametrize(("name", "arguments", "wanted"), OPEN.values(), ids=OPEN)
def test_open_ones_may_do_more(name, arguments, wanted, machine):
    assert ask(machine, name, *arguments, network=True, programs=True) == wanted


def test_what_nobody_has_thought_of_is_allowed_and_other_ways_of_calling_are_not(machine):
    assert ask(machine, 0) == ALLOWED
    assert ask(machine, 0x40000000 + 41) == "ENOSYS"
    listed = list(program(machine, network=False, programs=False, own=OWN))
    assert answer(listed, struct.pack("<iIQ6Q", 0, 0x40000003, 0, *[0] * 6)) == KILLED


def test_the_filter_fits(machine):
    """As many instructions as the kernel takes (BPF_MAXINSNS), with jumps that are all within."""
    listed = list(program(machine, network=False, programs=False, own=OWN))
    assert len(listed) < 4096
    assert all(place + 1 + max(yes, no) < len(listed) for place, (_, yes, no, _) in enumerate(listed[:-1]))
    assert listed[-1][0] == RETURN
