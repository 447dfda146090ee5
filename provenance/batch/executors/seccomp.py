"""Which calls to the kernel a process may still make (seccomp(2)), and with which privileges.

What is forbidden is answered as if it were denied. Numbers of calls are those of the kernel's tables for x86-64 and for
aarch64 (`asm-generic`).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    Instruction = tuple[int, int, int, int]
    """Code, jumps if true and if false, operand (`struct sock_filter`)."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in `struct seccomp_data`."""
_CLONE_THREAD = 0x00010000
_FIRST_X32 = 0x40000000
"""Calls of x86-64 with short pointers have numbers of their own from here on."""
_NO_NEW_PRIVILEGES = 38
_SET_FILTER, _ALL_THREADS = 1, 1
_CAPABILITIES = 0x20080522
"""Version of the form that capset(2) takes."""

_BOTH: Final = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "process_mrelease": 448,
}  # fmt: skip
_X86_64: Final = _BOTH | {
    "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101,
    "rt_sigqueueinfo": 129, "pivot_root": 155, "adjtimex": 159, "setrlimit": 160, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
    "sethostname": 170, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176, "tkill": 200,
    "clock_settime": 227, "tgkill": 234, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
    "unshare": 272, "rt_tgsigqueueinfo": 297, "perf_event_open": 298, "prlimit64": 302, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "execveat": 322, "userfaultfd": 323,
}  # fmt: skip
_AARCH64: Final = _BOTH | {
    "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "acct": 89, "unshare": 97, "kexec_load": 104,
    "init_module": 105, "delete_module": 106, "clock_settime": 112, "ptrace": 117, "kill": 129, "tkill": 130,
    "tgkill": 131, "rt_sigqueueinfo": 138, "reboot": 142, "sethostname": 161, "setrlimit": 164, "settimeofday": 170,
    "adjtimex": 171, "socket": 198, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221,
    "swapon": 224, "swapoff": 225, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "prlimit64": 261,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280, "execveat": 281, "userfaultfd": 282,
    "kexec_file_load": 294,
}  # fmt: skip
_SIGNALS: Final = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Their first argument names the process that is meant."""
_BEGETTING: Final = ("fork", "vfork", "clone", "clone3")
_OWN_RULES: Final = {"socket", "execve", "execveat", "prlimit64", "tkill", "pidfd_send_signal", *_SIGNALS, *_BEGETTING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A kind of processor, as the kernel names it."""

    architecture: int
    """AUDIT_ARCH of <linux/audit.h>."""
    filtering: int
    """Number of seccomp(2)."""
    capabilities: int
    """Number of capset(2)."""
    calls: dict[str, int]


MACHINES: Final = {
    "x86_64": Machine(architecture=0xC000003E, filtering=317, capabilities=126, calls=_X86_64),
    "aarch64": Machine(architecture=0xC00000B7, filtering=277, capabilities=91, calls=_AARCH64),
}


def give_up_privileges() -> str | None:
    """Give up what the superuser may beyond others (capset(2)): files of others, devices, the system's own affairs.

    Returns why it is not in force.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return f"privileges are not given up on {platform.machine()}"
    libc = ctypes.CDLL(None, use_errno=True)
    none = struct.pack("=6I", 0, 0, 0, 0, 0, 0)
    if libc.syscall(machine.capabilities, struct.pack("=Ii", _CAPABILITIES, 0), none):
        return f"privileges are not given up: {os.strerror(ctypes.get_errno())}"
    return None


def restrict(*, network: bool, programs: bool) -> str | None:
    """Have the kernel deny this process what it does not need; there is no way back. Returns why it is not in force.

    Never allowed are other processes' memory, kernel interfaces that go round these rules, and looser limits. Without
    `network` no socket can be opened, of no family: those of this machine lead to its daemons. Without `programs` it
    begins no process and signals none but itself.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return f"system calls are not restricted on {platform.machine()}"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return f"system calls are not restricted: {os.strerror(ctypes.get_errno())}"
    listed = list(program(machine, network=network, programs=programs, own=os.getpid()))
    code = b"".join(struct.pack("=HBBI", *item) for item in listed)
    held = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(listed), ctypes.addressof(held))
    if libc.syscall(machine.filtering, _SET_FILTER, _ALL_THREADS, described):
        return f"system calls are not restricted: {os.strerror(ctypes.get_errno())}"
    return None


def program(machine: Machine, *, network: bool, programs: bool, own: int) -> Iterator[Instruction]:
    """Write the filter; `own` is the number of the process that it is for."""
    calls = machine.calls
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, machine.architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, _FIRST_X32
    yield _RETURN, 0, 0, _ERRNO | errno.ENOSYS
    denied = [name for name in calls if name not in _OWN_RULES]
    denied += [] if network else ["socket"]
    denied += [] if programs else ["execve", "execveat", "fork", "vfork", "tkill", "pidfd_send_signal"]
    for name in denied:
        yield from _answered(calls.get(name), errno.EACCES)
    yield from _only_reading_limits(calls["prlimit64"])
    if not programs:
        # Its arguments are in memory, where they cannot be looked at: libraries then take clone.
        yield from _answered(calls["clone3"], errno.ENOSYS)
        yield from _only_threads(calls["clone"])
        for name in _SIGNALS:
            yield from _only_to(own, calls[name])
    yield _RETURN, 0, 0, _ALLOW


def _answered(number: int | None, code: int) -> Iterator[Instruction]:
    if number is not None:
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _ERRNO | code


def _only_threads(number: int) -> Iterator[Instruction]:
    yield _EQUAL, 0, 4, number
    yield _LOAD, 0, 0, _ARGUMENTS
    yield _ANY_BIT, 0, 1, _CLONE_THREAD
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _ERRNO | errno.EACCES


def _only_to(own: int, number: int) -> Iterator[Instruction]:
    yield _EQUAL, 0, 4, number
    yield _LOAD, 0, 0, _ARGUMENTS
    yield _EQUAL, 0, 1, own
    yield _RETURN, 0, 0, _ALLOW
    # Whoever asks takes it that the other one has ended.
    yield _RETURN, 0, 0, _ERRNO | errno.ESRCH


def _only_reading_limits(number: int) -> Iterator[Instruction]:
    """Let limits be asked for: the third argument is where new ones stand, or nothing."""
    yield _EQUAL, 0, 6, number
    yield _LOAD, 0, 0, _ARGUMENTS + 16
    yield _EQUAL, 0, 3, 0
    yield _LOAD, 0, 0, _ARGUMENTS + 20
    yield _EQUAL, 0, 1, 0
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _ERRNO | errno.EACCES
