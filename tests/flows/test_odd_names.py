"""Names and terminals that are not as one expects."""

from __future__ import annotations

import os

import pytest

from tests.support import media
from tests.support.command import run

pytestmark = pytest.mark.usefixtures("home")


def test_a_link_stays_a_link_and_its_file_is_signed(tmp_path):
    (tmp_path / "folder").mkdir()
    real, link = tmp_path / "folder" / "photo.jpg", tmp_path / "link.jpg"
    real.write_bytes(media.jpeg())
    link.symlink_to(real)
    assert run("sign", "link.jpg", "--in-place", cwd=tmp_path).returncode == 0
    assert link.is_symlink()
    assert run("verify", real, "-q").returncode == 0
    assert [item.name for item in real.parent.iterdir()] == ["photo.jpg"]


def test_a_link_is_not_written_through_unasked(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(media.jpeg())
    (tmp_path / "out.jpg").symlink_to(tmp_path / "nowhere.jpg")
    done = run("sign", "photo.jpg", "-o", "out.jpg", cwd=tmp_path)
    assert done.returncode == 10
    assert not (tmp_path / "nowhere.jpg").exists()


@pytest.mark.parametrize(
    "name", [b"bad\xff.jpg", b"two\nlines.jpg", b"-dash.jpg", "Zoë ☂.jpg".encode(), b"\xe2\x80\xaegpj.jpg"]
)
def test_any_file_name_can_be_signed_and_verified(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(media.jpeg())
    signed = run("sign", "--", path.name, cwd=tmp_path)
    assert signed.returncode == 0, signed.stderr
    assert signed.stdout.count("\n") == 1
    assert "\u202e" not in signed.stdout
    output = f"{path.stem}.signed.jpg"
    assert run("verify", "--json", "--", output, cwd=tmp_path).returncode == 0
    assert run("show", "--", output, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("command", ["formats", "show"])
def test_a_terminal_that_knows_ascii_only_gets_what_it_can_show(tmp_path, command):
    (tmp_path / "photo.jpg").write_bytes(media.jpeg())
    run("sign", "photo.jpg", "--title", "Zoë ☂", cwd=tmp_path)
    arguments = ["photo.signed.jpg"] if command == "show" else []
    done = run(command, *arguments, cwd=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
