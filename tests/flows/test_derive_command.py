"""`provenance derive` as people use it: what it prints, writes and exits with."""

from __future__ import annotations

import io
import json

import pytest

from provenance import Preset, SigningOptions
from tests.support import media
from tests.support.command import run

pytestmark = pytest.mark.usefixtures("home")


def rendition(size, form="JPEG"):
    target = io.BytesIO()
    media.picture().resize(size).save(target, form)
    return target.getvalue()


@pytest.fixture
def desk(workspace, tmp_path):
    """A folder with a signed master, renditions of it, and what is none."""
    options = SigningOptions(preset=Preset.CAPTURE, thumbnail=None)
    (tmp_path / "plain.jpg").write_bytes(media.jpeg())
    workspace.sign(tmp_path / "plain.jpg", tmp_path / "master.jpg", options=options)
    (tmp_path / "web.jpg").write_bytes(rendition((80, 60)))
    (tmp_path / "small.webp").write_bytes(rendition((40, 30), "WEBP"))
    (tmp_path / "square.jpg").write_bytes(rendition((50, 50)))
    (tmp_path / "text.jpg").write_bytes(b"hello")
    return tmp_path


def derive(desk, *names, more=(), master="master.jpg"):
    return run("derive", master, *(part for name in names for part in ("--rendition", name)), *more, cwd=desk)


def test_it_says_what_was_signed_and_what_was_found(desk):
    done = derive(desk, "web.jpg", "small.webp")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "web.signed.jpg: signed by Example News (trusted on this machine only)",
        "  resized.proportional from 160 × 120 to 80 × 60 pixels",
        "small.signed.webp: signed by Example News (trusted on this machine only)",
        "  resized.proportional from 160 × 120 to 40 × 30 pixels, transcoded from image/jpeg to image/webp",
    ]
    assert run("verify", "web.signed.jpg", "small.signed.webp", "-q", cwd=desk).returncode == 0
    shown = run("show", "small.signed.webp", cwd=desk).stdout
    assert "made from plain.jpg" in shown
    assert "transcoded – from image/jpeg to image/webp" in shown


def test_one_that_cannot_be_signed_does_not_stop_the_others(desk):
    done = derive(desk, "square.jpg", "text.jpg", "web.jpg", more=("-o", "out/"))
    assert done.returncode == 9
    assert "square.jpg: has 50 × 50 pixels, and its master 160 × 120" in done.stderr
    assert "2 of 3 files were not signed" in done.stderr
    assert [item.name for item in (desk / "out").iterdir()] == ["web.jpg"]


def test_a_crop_is_signed_when_it_is_said(desk):
    assert derive(desk, "square.jpg").returncode == 6
    done = derive(desk, "square.jpg", more=("--action", "cropped"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "  cropped"


def test_in_place_replaces_the_rendition_and_keeps_its_permissions(desk):
    (desk / "web.jpg").chmod(0o640)
    assert derive(desk, "web.jpg", more=("--in-place", "-q")).returncode == 0
    assert run("verify", "web.jpg", "-q", cwd=desk).returncode == 0
    assert (desk / "web.jpg").stat().st_mode & 0o777 == 0o640
    assert sorted(item.name for item in desk.glob("*.signed.*")) == []


def test_it_reports_in_json(desk):
    done = derive(desk, "web.jpg", "small.webp", more=("--json", "--author", "Zoë", "--title", "Flut"))
    reports = json.loads(done.stdout)
    assert [item["output"] for item in reports] == ["web.signed.jpg", "small.signed.webp"]
    assert {item["signer"] for item in reports} == {"Example News"}


@pytest.mark.parametrize(
    ("master", "more", "code", "why"),
    [
        ("plain.jpg", (), 5, "no Content Credentials to pass on"),
        ("missing.jpg", (), 5, "no such file"),
        ("master.jpg", ("--cert", "chain.pem"), 2, "--cert goes with --key"),
        ("master.jpg", ("--key", "key.pem", "--identity", "Example News"), 2, "choose one of --identity and --key"),
        ("master.jpg", ("--publisher-role", "editor"), 2, "--publisher-role goes with"),
        ("master.jpg", ("--thumbnail", "5"), 2, "--thumbnail takes 16"),
        ("master.jpg", ("--in-place", "-o", "out/"), 2, "choose one of --in-place and --output"),
        ("master.jpg", ("-o", "square.jpg"), 10, "--force"),
        ("master.jpg", ("-o", "master.jpg", "--force"), 10, "made from"),
    ],
)
def test_mistakes_are_named(master, more, code, why, desk):
    before = {item.name: item.read_bytes() for item in desk.iterdir()}
    done = derive(desk, "web.jpg", more=more, master=master)
    assert done.returncode == code, done.stderr
    assert why in done.stderr
    assert {item.name: item.read_bytes() for item in desk.iterdir()} == before


def test_a_rendition_has_to_be_named(desk):
    assert run("derive", "master.jpg", cwd=desk).returncode == 2
