"""Every example runs and does what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
SAID = {
    "demo.py": ["ACCEPTED", "REJECTED", "(exit code 1)", "made from photo.jpg", "AI training"],
    "sign_and_verify.py": ["accepted", "rejected", "the content is what was signed"],
    "edit_history.py": [
        "Example News: c2pa.opened, c2pa.published",
        "Photo Desk: c2pa.opened, c2pa.cropped",
        "Camera 7",
    ],
    "ingest_gate.py": ["review    photo.jpg: no Content Credentials", "error     "],
    "house_policy.py": [
        "captured, by house: accepted",
        "generated, by standard: accepted",
        "generated, by house: rejected",
        "content.not-generative: ",
    ],
    "remote_signer.py": [
        "picture-desk 200",
        "accepted: the claim is signed",
        "somebody 401",
        "does not accept the token",
    ],
}
ARGUMENTS = {"ingest_gate.py": [str(EXAMPLES / "photo.jpg"), str(EXAMPLES / "README.md")]}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_runs(path, tmp_path):
    done = subprocess.run(
        [sys.executable, str(path), *ARGUMENTS.get(path.name, [])],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "80", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == (1 if path.name == "ingest_gate.py" else 0), done.stderr
    for words in SAID[path.name]:
        assert words in done.stdout


def test_every_example_is_listed():
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in listed for path in EXAMPLES.glob("*.py"))
