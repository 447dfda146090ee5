"""Run the command as a user does: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: object, cwd: Path | None = None, **environment: str):
    """Run `provenance` and return the finished process, its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "provenance", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"COLUMNS": "80", "PYTHONUTF8": "1"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
