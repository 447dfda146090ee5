"""What pictures take: a photo, identities that sign it, a browser, a service for it to look at, and where they go."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

import provenance
from provenance.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PICTURES = Path(__file__).parent / "pictures"
PHOTO = Path(__file__).parent.parent / "examples" / "photo.jpg"


def workspace(home: Path, *names: str) -> provenance.Workspace:
    """Make a workspace with identities."""
    found = provenance.Workspace(Settings(home=str(home)))
    for name in names:
        found.identities.create(
            name, algorithm=provenance.Algorithm.ES256, days=365, passphrase=None, at=datetime.now(UTC)
        )
    return found


def chromium() -> str:
    """Return the program. Raises `SystemExit` where there is none."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is not installed: the pictures of pages stay as they are")
    return program


@contextlib.contextmanager
def opened() -> Iterator[Browser]:
    """Give a browser."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def serving(home: Path) -> Iterator[str]:
    """Give the address of the service over a workspace."""
    command = [sys.executable, "-m", "provenance", "serve", "--port", "0"]
    environment = os.environ | {"PROVENANCE_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = next(line for line in process.stderr if "listening at" in line)
        try:
            yield told.split()[-1].rstrip("/")
        finally:
            process.terminate()
            process.communicate()


def keep(shot: bytes, name: str) -> None:
    """Keep a picture, smaller than a browser makes it."""
    with Image.open(io.BytesIO(shot)) as image:
        # Half the colours of a byte are enough for text and a small photo, and take a third of the room.
        image.convert("RGB").quantize(128).save(PICTURES / name, optimize=True)
