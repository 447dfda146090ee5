"""A service as a process of its own, as an administrator starts it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ADDRESS = re.compile(r"listening at (\S+)/")


@dataclass
class Running:
    """A server, its address, and what it has written so far."""

    url: str
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def logged(self) -> list[dict]:
        """Return the lines of its log."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def stop(self) -> int:
        """End it as a supervisor does; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def serving(home: Path, settings: str = "", *, passphrase: str | None = None) -> Iterator[Running]:
    """Start a server at a free port with settings (TOML), and end it."""
    named = home / "service.toml"
    named.write_text(settings)
    environment = os.environ | {"PROVENANCE_HOME": str(home), "PROVENANCE_SETTINGS": str(named)}
    if passphrase is not None:
        environment["PROVENANCE_PASSPHRASE"] = passphrase
    command = [sys.executable, "-m", "provenance", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            running = Running("", process)
            for line in process.stderr:
                running.lines.append(line)
                if found := _ADDRESS.search(line):
                    running.url = found[1]
                    break
            else:
                raise AssertionError(f"no server: {''.join(running.lines)}")
            threading.Thread(target=running.lines.extend, args=(process.stderr,), daemon=True).start()
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()


def new_home(folder: Path, other: Path) -> Path:
    """Make a home with the identities of another one."""
    home = folder / "home"
    home.mkdir()
    shutil.copytree(other / "identities", home / "identities")
    return home


def new_key(home: Path, *options: str, name: str = "desk", settings: Path | None = None) -> str:
    """Make a key with the command, and return its secret; `settings` say where the catalogue is."""
    command = [sys.executable, "-m", "provenance", "serve", "key", "create", name, "--json", *options]
    environment = os.environ | {"PROVENANCE_HOME": str(home)}
    if settings is not None:
        environment["PROVENANCE_SETTINGS"] = str(settings)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["token"]
