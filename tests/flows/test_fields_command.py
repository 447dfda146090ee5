"""`provenance fields`, as somebody runs it: sidecars, going on, and what is never overwritten."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.support.command import run
from tests.support.schemas import require_valid


@pytest.fixture
def collection(tmp_path, signed, changed, photo):
    """One file of each decision, two of them in a folder of their own, and one that is no picture."""
    folder = tmp_path / "collection"
    (folder / "2025").mkdir(parents=True)
    shutil.copy(signed, folder / "2025" / "signed.jpg")
    shutil.copy(changed, folder / "2025" / "changed.jpg")
    shutil.copy(photo, folder / "photo.jpg")
    (folder / "notes.txt").write_text("x")
    return folder


def fields(*arguments, cwd, code=0):
    done = run("fields", *arguments, cwd=cwd)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def digests(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_collection_gets_its_sidecars_once(collection, tmp_path):
    before = digests(collection)
    out = tmp_path / "out"
    told = fields("collection", "-o", "out", cwd=tmp_path)
    assert told == "3 written (1 accepted, 1 rejected, 1 review), 0 hold still; 1 other file passed over\n"
    names = {"photo.jpg.xmp", "2025/signed.jpg.xmp", "2025/changed.jpg.xmp"}
    assert {str(path.relative_to(out)) for path in digests(out)} == names
    assert digests(collection) == before
    written = digests(out)
    assert fields("collection", "-o", "out", cwd=tmp_path).startswith("0 written, 3 hold still")
    assert digests(out) == written


def test_what_has_changed_is_looked_at_again(collection, tmp_path):
    fields("collection", "-o", "out", cwd=tmp_path)
    shutil.copy(collection / "2025" / "signed.jpg", collection / "photo.jpg")
    assert fields("collection", "-o", "out", cwd=tmp_path).startswith("1 written (1 accepted), 2 hold still")
    (collection / "photo.jpg.c2pa").write_bytes(b"x")
    assert fields("collection", "-o", "out", cwd=tmp_path).startswith("1 written")
    assert fields("collection", "-o", "out", "--policy", "newsroom-intake", cwd=tmp_path).startswith("3 written")
    assert fields("collection", "-o", "out", "--policy", "newsroom-intake", "--again", cwd=tmp_path).startswith(
        "3 written"
    )


def test_json_says_the_same(collection, tmp_path):
    fields("collection", "-o", "out", "--format", "json", cwd=tmp_path)
    found = json.loads((tmp_path / "out" / "2025" / "changed.jpg.provenance.json").read_text())
    assert (found["decision"], found["content"], found["signer"]) == ("rejected", "changed", None)
    require_valid(found, json.loads(run("schema", "fields").stdout))
    told = fields("collection", "-o", "out", "--format", "json", cwd=tmp_path)
    assert told.startswith("0 written, 3 hold still")


def test_a_sidecar_of_another_program_stays(collection, tmp_path):
    theirs = collection / "photo.jpg.xmp"
    theirs.write_text('<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2"/>')
    before = theirs.read_bytes()
    told = fields("collection", "--beside", cwd=tmp_path, code=9)
    assert "written by another program" in told
    assert theirs.read_bytes() == before
    assert (collection / "2025" / "signed.jpg.xmp").exists()


def test_what_cannot_be_looked_at_has_no_sidecar(collection, tmp_path):
    (collection / "empty.jpg").write_bytes(b"")
    told = fields("collection", "-o", "out", cwd=tmp_path, code=9)
    assert "empty.jpg" in told
    assert "1 of 4 files have no new sidecar" in told
    assert not (tmp_path / "out" / "empty.jpg.xmp").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["collection"],
        ["collection", "-o", "out", "--beside"],
        ["collection", "other", "-o", "out"],
        ["collection", "-o", "out", "--format", "json", "--copy", "dc:subject=decision"],
    ],
)
def test_what_cannot_be_meant_is_refused(collection, tmp_path, arguments):
    fields(*arguments, cwd=tmp_path, code=2)
