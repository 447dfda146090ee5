"""What the documents say is so."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image

from provenance import Algorithm
from tests.support import media
from tests.support.certificates import make_chain

ROOT = Path(__file__).parent.parent


def test_the_description_of_the_command_line_is_current(tmp_path):
    target = tmp_path / "cli.md"
    command = [sys.executable, "-m", "typer", "provenance.cli.app", "utils", "docs", "--name", "provenance"]
    subprocess.run(
        [*command, "--title", "The command line", "--output", str(target)],
        check=True,
        capture_output=True,
        env=os.environ | {"COLUMNS": "80"},
    )
    assert target.read_text() == (ROOT / "docs" / "cli.md").read_text(), "run `make docs`"


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_the_python_of_the_readme_runs(tmp_path, home, monkeypatch):
    """The example is taken from the page as it stands, with a photo where it names one."""
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL).group(1)
    (tmp_path / "photo.jpg").write_bytes((ROOT / "examples" / "photo.jpg").read_bytes())
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    assert names["verdict"].decision == "accepted"


def test_the_exit_codes_of_the_readme_are_those_of_the_program():
    from provenance import errors

    told = dict(
        re.findall(
            r"(\d+) (settings|media|signing|a remote authority|the catalogue|output)", (ROOT / "README.md").read_text()
        )
    )
    assert told == {
        str(errors.SettingsError.exit_code): "settings",
        str(errors.MediaError.exit_code): "media",
        str(errors.SigningError.exit_code): "signing",
        str(errors.AuthorityError.exit_code): "a remote authority",
        str(errors.CatalogueError.exit_code): "the catalogue",
        str(errors.OutputError.exit_code): "output",
    }


def _starts_and_ends(line, folder):
    """Run what goes on until it is ended: it says where it listens, and ends when it is told to."""
    command = [sys.executable, "-m", "provenance", *line.split(), "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert any("listening at http" in told for told in process.stderr)
        finally:
            process.terminate()
        process.stderr.read()
        assert process.wait(60) == 0


def test_the_commands_of_the_readme_run(tmp_path, monkeypatch):
    """Every line as it stands, in order, in a shell, with files of the names that it uses."""
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "home"))
    for name, kind in (("photo.jpg", "jpeg"), ("edited.jpg", "webp"), ("logo.png", "png"), ("picture.png", "png")):
        (tmp_path / name).write_bytes(media.make(kind))
    (tmp_path / "web.jpg").write_bytes(media.jpeg(2))
    (tmp_path / "small.webp").write_bytes(media.make("webp"))
    Image.open(io.BytesIO(media.jpeg())).save(tmp_path / "copy.jpg", quality=70)
    (tmp_path / "film.mp4").write_bytes(media.make("mp4"))
    key, chain, _ = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "chain.pem").write_text(chain)
    for folder in ("incoming", "cases/review", "pictures", "archive"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "found.jpg").write_bytes(media.jpeg())
    lines = re.findall(r"^provenance (.*?)(?:\s+#.*)?$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(lines) >= 15
    for line in lines:
        if line == "serve":
            _starts_and_ends(line, tmp_path)
            continue
        # Later lines of the tour sign what earlier ones signed.
        again = " --force" if line.startswith("sign") else ""
        done = subprocess.run(
            f"{shlex.quote(sys.executable)} -m provenance {line}{again}",
            shell=True, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        unsigned = "incoming/" in line
        assert done.returncode == (3 if unsigned else 0), f"{line}: {done.stdout}{done.stderr}"
