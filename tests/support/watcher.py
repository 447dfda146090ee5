"""A watcher of a hot folder, run as a user does: a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

LONGEST = 90
"""Seconds that anything may take on a machine that is busy with other things."""


def until(condition, *, what="it"):
    """Wait for a condition, and return what it gave."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


class Watcher:
    """A running `provenance watch`."""

    def __init__(self, folder, *arguments, **environment):
        self._output = folder / f"told-{time.monotonic_ns()}.txt"
        self._errors = self._output.with_suffix(".errors")
        command = [sys.executable, "-m", "provenance", "watch", *map(str, arguments)]
        with self._output.open("w") as output, self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | {"PYTHONUTF8": "1"} | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    @property
    def output(self):
        return self._output.read_text()

    @property
    def errors(self):
        return self._errors.read_text()

    def says(self, text):
        """Wait until it has said something."""
        until(
            lambda: text in self.output + self.errors or self.process.poll() is not None,
            what=f"{text!r} in: {self.output}{self.errors}",
        )
        assert text in self.output + self.errors
        return self

    def stop(self):
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST)

    def kill(self):
        """End it at once."""
        self.process.kill()
        self.process.wait(LONGEST)


@contextmanager
def watching(folder, *arguments, **environment):
    """Run a watcher from when it is ready until the block ends."""
    watcher = Watcher(folder, *arguments, **environment)
    try:
        watcher.says("watching ")
        yield watcher
    finally:
        if watcher.process.poll() is None:
            watcher.kill()
