"""Every example runs and does what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support.plugins import ALGORITHM, install_example

EXAMPLES = Path(__file__).parent.parent / "examples"
SAID = {
    "asset_import.py": [
        "photo.jpg: to be looked at\n    c2pa_decision: review",
        "from-elsewhere.jpg: to be looked at",
        "the identity of the signer (Example News) can't be verified",
    ],
    "demo.py": ["ACCEPTED", "REJECTED", "(exit code 1)", "made from photo.jpg", "AI training"],
    "sign_and_verify.py": ["accepted", "rejected", "the content is what was signed"],
    "edit_history.py": [
        "Example News: c2pa.opened, c2pa.published",
        "Photo Desk: c2pa.opened, c2pa.cropped",
        "Camera 7",
    ],
    "ingest_gate.py": ["review    photo.jpg: no Content Credentials", "error     "],
    "find_again.py": ["the copy: no Content Credentials", "confirmed: Grace Hopper", "the original: accepted"],
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
SERVED = {"s3_events.py", "webhook_receiver.py"}
"""Those that need somebody to talk to: tests/flows/test_integration.py."""
ARGUMENTS = {"ingest_gate.py": [str(EXAMPLES / "photo.jpg"), str(EXAMPLES / "README.md")]}


@pytest.mark.parametrize(
    "path", [path for path in sorted(EXAMPLES.glob("*.py")) if path.name not in SERVED], ids=lambda path: path.name
)
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


def test_the_watermark_is_read_signed_and_found_again(tmp_path):
    """As its page tells it; the package is on the path, in place of being installed."""
    pytest.importorskip("sqlalchemy", reason="catalogues need the extra `catalogue`")
    pytest.importorskip("iscc_lib", reason="fingerprints need the extra `recovery`")
    page = (EXAMPLES / "watermark" / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^(?:provenance|python) [^#\n]*", page, re.MULTILINE)
    environment = os.environ | {
        "COLUMNS": "200",
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join([str(install_example(tmp_path / "installed")), os.environ.get("PYTHONPATH", "")]),
    }
    shutil.copy(EXAMPLES / "photo.jpg", tmp_path)
    shutil.copy(EXAMPLES / "watermark" / "block_watermark.py", tmp_path)
    said = ""
    for command in ["provenance identity new Example", *commands]:
        if "copy.jpg" in command:
            with Image.open(tmp_path / "marked.signed.jpg") as picture:
                picture.resize((picture.width // 2, picture.height // 2)).save(tmp_path / "copy.jpg", quality=70)
        words = command.replace("provenance", "-m provenance", 1).removeprefix("python ").split()
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said = done.stdout
    assert "with the original's watermark, stored anew, scaled to 50%" in said
    assert f"{ALGORITHM}: the same payload of 32 bits" in said


def test_the_unit_of_the_hot_folder_is_one():
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(
        [program, "verify", str(EXAMPLES / "watch.service")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_of_the_unit_is_one(tmp_path):
    """With folders that are here, and only once."""
    unit = (EXAMPLES / "watch.service").read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=/usr/bin/env provenance (.*)$", unit, re.MULTILINE).group(1)
    (tmp_path / "in").mkdir()
    run = [sys.executable, "-m", "provenance"]
    subprocess.run([*run, "identity", "new", "Example News"], check=True, capture_output=True)
    arguments = command.replace("/srv/press/", f"{tmp_path}/").split()
    subprocess.run([*run, *arguments, "--once"], check=True, capture_output=True)


def test_every_example_is_listed():
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(
        f"`{path.name}`" in listed
        for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.service"), *EXAMPLES.glob("*.sh")]
    )
    assert all(f"`{path.parent.name}/`" in listed for path in EXAMPLES.glob("*/README.md"))
