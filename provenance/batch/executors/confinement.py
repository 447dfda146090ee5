"""What a process that works on hostile files may still do: limits of the system, put on before its first call.

They hold for whatever runs in it, also for what a file has made of it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ORDINARY: Final = ("HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")
"""Names in the environment that say how to run, and nothing that is secret."""
_ALONE: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""There is a process for each core: threads of libraries beside it only take memory."""
_SYSTEM: Final = (
    "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/group",
    "/etc/nsswitch.conf", "/etc/mime.types", "/etc/ssl/openssl.cnf", "/dev/null", "/dev/zero", "/dev/urandom",
    "/sys/devices/system/cpu", "/sys/fs/cgroup", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
)  # fmt: skip
"""What libraries read while they work, or load only then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """How far a process may go. Plain values: they travel to it."""

    memory: int = 0
    """Bytes of address space beyond what it has once it is loaded; 0: no limit."""
    written: int = 0
    """Bytes of a file that it writes; 0: no limit."""
    handles: int = 0
    """Open files, sockets and pipes; 0: no limit of ours."""
    network: bool = True
    """It may open sockets."""
    programs: bool = True
    """It may begin processes."""
    environment: tuple[str, ...] | None = None
    """Names in the environment that it keeps; `None`: all but passphrases."""
    reads: tuple[str, ...] | None = None
    """Files and folders that it may read besides libraries; `None`: all that its user may."""
    writes: tuple[str, ...] = ()
    """Folders that it may write in too, where `reads` is given."""
    returns: tuple[str, ...] = ("provenance.errors",)
    """Modules and packages whose classes it may hand back, besides plain values (`answers.read`)."""

    def kept(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return what a process is given of an environment."""
        wanted = environment if self.environment is None else self.environment
        return {name: environment[name] for name in wanted if name in environment} | _ALONE


def confine(wish: Confinement) -> tuple[str, ...]:
    """Put limits on this process, which nothing in it can take off again; return what is not in force, in sentences."""
    return tuple(item for item in _put_on(wish) if item is not None)


def _put_on(wish: Confinement) -> Iterator[str | None]:
    # Python takes what a limit has cut short for compiled modules, here and wherever they are loaded later.
    sys.dont_write_bytecode = True
    yield _limits(wish)
    if not sys.platform.startswith("linux"):
        if wish.reads is not None or not wish.network or not wish.programs:
            yield f"neither files nor system calls are restricted on {sys.platform}"
        return
    from provenance.batch.executors import landlock, seccomp  # noqa: PLC0415 -- only Linux has them

    if wish.reads is not None:
        places = (*_SYSTEM, *_libraries(), *wish.reads)
        yield landlock.restrict(reads=places, writes=wish.writes, programs=wish.programs)
        if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 -- before its own folder cannot be read any more
            yield "files are not kept apart for threads that ran before"
    if not wish.programs:
        yield seccomp.give_up_privileges()
    yield seccomp.restrict(network=wish.network, programs=wish.programs)


def _libraries() -> Iterator[str]:
    """Name where modules come from that are loaded only when they are needed."""
    for name in dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path)):
        if name and Path(name) != Path(Path(name).anchor):
            yield name


def _limits(wish: Confinement) -> str | None:
    try:
        import resource  # noqa: PLC0415 -- not on Windows
    except ImportError:
        return "there are no limits of memory and files on this system"
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: wish.written or None}
    wanted[resource.RLIMIT_NOFILE] = wish.handles or None
    wanted[resource.RLIMIT_AS] = _taken() + wish.memory if wish.memory else None
    try:
        for what, most in wanted.items():
            if most is not None:
                hard = resource.getrlimit(what)[1]
                lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.setrlimit(what, (lower, lower))
    except (OSError, ValueError) as error:
        return f"limits of memory and files are not in force: {error}"
    return None


def _taken() -> int:
    """Return the bytes of address space that this process has."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0
