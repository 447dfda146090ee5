"""`provenance redact` as people and programs run it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from provenance import Assertion, MetadataLevel, Preset, SigningOptions
from provenance.claims.fields import FIELDS
from provenance.model.redaction import Hiding, Reason
from tests.flows import redaction_lab as lab
from tests.support import media
from tests.support.command import run

PAGE = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text(encoding="utf-8")


@pytest.fixture
def signed(workspace, home, tmp_path):
    """A capture that tells its place and its author, in its EXIF as well."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(workspace.sign(media.make("jpeg"), options=SigningOptions(preset=Preset.CAPTURE)).data)
    return path


def test_it_tells_what_goes_and_what_goes_along_and_what_is_left(signed):
    done = run("redact", signed, "--field", "gps,author")
    assert done.returncode == 6
    assert "goes: c2pa.metadata of 'untitled', signed by Example News" in done.stdout
    assert "exif:GPSLatitude         52,31.20566667N" in done.stdout
    assert "along  tiff:Model               Kamera Ü1" in done.stdout
    assert "LEFT (exif): the EXIF of the file" in done.stdout
    assert "tiff:Artist: Zoë Müller" in done.stdout
    assert "→ --erase removes it from the file" in done.stdout
    assert "nothing was written" in done.stderr
    assert "--leave exif accepts it" in done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert [item.name for item in signed.parent.iterdir()] == ["photo.jpg"]


def test_it_says_so_when_nothing_is_left(signed):
    done = run("redact", signed, "--field", "gps", "--field", "author", "--erase", "--keep-rest", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run("verify", signed.with_name("photo.redacted.jpg")).returncode == 0
    again = run("redact", signed, "--field", "gps,author", "--erase", "--force")
    assert "Nothing of it was found anywhere else." in again.stdout
    assert "photo.redacted.jpg: redacted (pii), signed by Example News" in again.stdout


def test_what_is_accepted_is_told_all_the_same(signed):
    done = run("redact", signed, "--field", "author", "--leave", "exif")
    assert done.returncode == 0
    assert "left (exif): the EXIF of the file" in done.stdout
    assert "accepted" in done.stdout


def test_a_trial_writes_nothing(signed):
    before = signed.read_bytes()
    done = run("redact", signed, "--field", "gps", "--dry-run", "--erase")
    assert done.returncode == 0
    assert "erased from the file itself:" in done.stdout
    assert "Nothing was written" in done.stdout
    assert [item.name for item in signed.parent.iterdir()] == ["photo.jpg"]
    assert signed.read_bytes() == before


@pytest.mark.parametrize(
    ("more", "code", "written", "left"),
    [
        (("--dry-run",), 0, False, [("exif", False), ("exif", False)]),
        ((), 6, False, [("exif", False), ("exif", False)]),
        (("--leave", "exif"), 0, True, [("exif", True), ("exif", True)]),
        (("--erase",), 0, True, []),
    ],
    ids=["trial", "refused", "accepted", "erased"],
)
def test_programs_get_all_of_it(more, code, written, left, signed):
    done = run("redact", signed, "--field", "gps", "--json", *more)
    assert done.returncode == code
    told = json.loads(done.stdout)
    assert (told["written"], told["reason"]) == (written, "c2pa.PII.present")
    assert [(item["name"], item["accepted"]) for item in told["left"]] == left
    assert (signed.parent / "photo.redacted.jpg").exists() is written
    if code == 0:
        (gone,) = told["gone"]
        assert gone["label"] == "c2pa.metadata"
        assert {item["name"] for item in gone["values"]} == {"exif:GPSLatitude", "exif:GPSLongitude"}


def test_the_only_copy_is_not_touched_unasked(signed):
    before = signed.read_bytes()
    done = run("redact", signed, "--field", "gps", "--erase", "--in-place")
    assert done.returncode == 10
    assert "nothing was redacted" in done.stderr
    assert signed.read_bytes() == before
    assert run("redact", signed, "--field", "gps", "--erase", "--in-place", "--yes").returncode == 0
    assert b"GPSLatitude" not in signed.read_bytes()
    assert [item.name for item in signed.parent.iterdir()] == ["photo.jpg"]


MISTAKES = {
    "nothing named": ((), 6, "nothing is named that should go"),
    "an unknown field": (("--field", "gsp"), 6, "there is no field 'gsp' (did you mean 'gps'?)"),
    "another word for a field": (("--field", "photographer"), 6, "did you mean 'author'?"),
    "an unknown place to leave": (("--field", "gps", "--leave", "exfi"), 6, "did you mean 'exif'?"),
    "actions": (("--assertion", "c2pa.actions.v2"), 6, "the standard forbids to redact actions"),
    "a hard binding": (("--assertion", "c2pa.hash.data"), 6, "the standard forbids to redact hard bindings"),
    "an ingredient": (("--assertion", "c2pa.ingredient.v3"), 6, "the history would hide what the file was made from"),
    "a time-stamp": (("--assertion", "c2pa.time-stamp"), 6, "verification rests on it"),
    "the claim": (("--assertion", "c2pa.claim.v2"), 6, "it is no assertion"),
    "an unknown assertion": (("--assertion", "org.example.x"), 6, "there are: c2pa.metadata, c2pa.thumbnail.claim"),
    "an unknown manifest": (("--field", "gps", "--manifest", "x.jpg"), 6, "there is no manifest 'x.jpg'"),
    "nothing of it anywhere": (("--field", "keywords"), 6, "keywords: nothing in the file or its history tells it"),
    "the rest of nothing": (("--assertion", "c2pa.metadata", "--keep-rest"), 6, "--keep-rest goes with --field"),
    "two outputs": (("--field", "gps", "--in-place", "-o", "x.jpg"), 2, "choose one of --in-place and --output"),
    "an unknown reason": (("--field", "gps", "--reason", "shame"), 2, "shame"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_what_to_do(arguments, code, words, signed):
    done = run("redact", signed, *arguments, COLUMNS="300")
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert [item.name for item in signed.parent.iterdir()] == ["photo.jpg"]


def test_what_only_the_file_tells_is_pointed_out(workspace, home, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(
        workspace.sign(lab.jpeg(artist=lab.AUTHOR), options=SigningOptions(metadata=MetadataLevel.NONE)).data
    )
    done = run("redact", path, "--field", "author")
    assert done.returncode == 6
    assert "no assertion tells it, only the file's own metadata does (tiff:Artist)" in done.stderr
    assert run("redact", path, "--field", "author", "--erase").returncode == 0
    assert lab.AUTHOR.encode() not in path.with_name("photo.redacted.jpg").read_bytes()


def test_what_only_an_action_tells_cannot_go(workspace, home, tmp_path):
    path = tmp_path / "photo.jpg"
    options = SigningOptions(preset=Preset.EDIT, actions=("edited:exif:GPSLatitude=52",), metadata=MetadataLevel.NONE)
    path.write_bytes(workspace.sign(lab.jpeg(), options=options).data)
    done = run("redact", path, "--field", "gps")
    assert done.returncode == 6
    assert "only 'c2pa.actions.v2' tells it, which cannot be redacted" in done.stderr


def test_nothing_in_a_file_can_move_the_cursor(workspace, home, tmp_path):
    path = tmp_path / "photo.jpg"
    hostile = Assertion(
        label="org.example.note", data={"\x1b[2Jauthor": "\x1b]0;owned\x07 \u202eevil", "author": "\x1b[31mred"}
    )
    signed = workspace.sign(
        lab.jpeg(), options=SigningOptions(preset=Preset.CAPTURE, assertions=(hostile,), title="\x1b[31mtitle red")
    )
    path.write_bytes(signed.data)
    for arguments in (("--field", "author"), ("--assertion", "org.example.note")):
        done = run("redact", path, *arguments, "--dry-run")
        assert done.returncode == 0
        assert "⟨U+001B⟩" in done.stdout
        assert not set("\x1b\x07\u202e") & set(done.stdout + done.stderr)


def test_the_commands_of_the_page_run(workspace, home, tmp_path):
    note = Assertion(label="org.example.note", data={"text": "the recipe"})
    options = SigningOptions(preset=Preset.CAPTURE, assertions=(note,))
    (tmp_path / "photo.jpg").write_bytes(workspace.sign(media.make("jpeg"), options=options).data)
    lines = re.findall(r"^provenance (redact .*?)(?:\s+#.*)?$", PAGE, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        done = run(*shlex.split(line), "--force", cwd=tmp_path)
        assert done.returncode == 0, f"{line}: {done.stderr}"


def test_the_page_and_the_help_name_everything():
    told = run("redact", "--help").stdout
    assert [name for name in FIELDS if f" {name}" not in told or f"`{name}`" not in PAGE] == []
    assert [item for item in Hiding if f"`{item}`" not in PAGE] == []
    assert [item for item in Reason if f"`{item}`" not in PAGE] == []
