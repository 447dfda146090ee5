"""Start our own server as an administrator does, and ask it from another process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from _load import Asked
from _ours import children

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS: Final = '[service]\nrate = "0"\nworkers = {workers}\nqueue = 1024\n'
_ADDRESS: Final = re.compile(r"listening at http://127\.0\.0\.1:(\d+)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path

    @property
    def workers(self) -> list[int]:
        """Return the numbers of the processes that look at files."""
        nurseries = children(self.process.pid)
        return [worker for nursery in nurseries for worker in children(nursery)]

    def memory(self) -> int:
        """Return the bytes that the server and its processes hold together: of shared pages, each its share."""
        together = [self.process.pid, *children(self.process.pid), *self.workers]
        return sum(_held(pid) for pid in together)

    def send(self, folder: Path, *, path: str = "/v1/verify", times: int = 1, clients: int = 16) -> list[Asked]:
        """Send the files of a folder, from a process of its own."""
        script = str(Path(__file__).with_name("_load.py"))
        wanted = ["--times", str(times), "--clients", str(clients)]
        command = [sys.executable, script, str(self.port), path, str(folder), *wanted]
        done = subprocess.run(command, capture_output=True, check=True)
        return [Asked(**item) for item in json.loads(done.stdout)]


@contextmanager
def receiving(home: Path) -> Iterator[Server]:
    """Start a server that does nothing with what it is sent, and end it."""
    script = str(Path(__file__).with_name("_bare.py"))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Server(process=process, port=int(process.stdout.readline()), home=home)
        process.terminate()


@contextmanager
def serving(home: Path, *, workers: int = 0) -> Iterator[Server]:
    """Start a server at a free port, and end it."""
    settings = home / "service.toml"
    settings.write_text(_SETTINGS.format(workers=workers), encoding="utf-8")
    server = _started(home, settings)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(60)


def _started(home: Path, settings: Path) -> Server:
    """Start a server, and wait until it listens."""
    environment = os.environ | {"PROVENANCE_HOME": str(home / "home"), "PROVENANCE_SETTINGS": str(settings)}
    log = home / "server.log"
    with log.open("ab") as written:
        offset = written.tell()
        command = [sys.executable, "-m", "provenance", "serve", "--port", "0"]
        process = subprocess.Popen(command, env=environment | {"PYTHONDONTWRITEBYTECODE": ""}, stderr=written)
    while not (found := _ADDRESS.search(log.read_text(encoding="utf-8")[offset:])):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}: {log.read_text(encoding='utf-8')[-2000:]}")
    return Server(process=process, port=int(found[1]), home=home)


def _held(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s*(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
