"""`provenance compare`: two files, one origin or not, and what changed in the picture."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, ImageDraw

from provenance import Preset, SigningOptions
from provenance.reports import comparison_form
from tests.support import media
from tests.support.command import run
from tests.support.schemas import require_valid

EDIT = SigningOptions(preset=Preset.EDIT, actions=("edited",))


def scene(*, changed=False, size=(640, 480)):
    """A picture with enough detail to be recognised, and a change to be found."""
    picture = Image.effect_mandelbrot((640, 480), (-2, -1.2, 0.8, 1.2), 80).convert("RGB")
    if changed:
        ImageDraw.Draw(picture).ellipse((420, 300, 540, 400), fill="red")
    target = io.BytesIO()
    picture.resize(size).save(target, "JPEG", quality=90)
    return target.getvalue()


@pytest.fixture
def desk(workspace, tmp_path, home):
    """A capture, two edits of it, and a picture of somebody else."""
    capture = workspace.sign(scene(), options=SigningOptions(preset=Preset.CAPTURE, title="capture")).data
    edit = SigningOptions(preset=Preset.EDIT, actions=("edited",), parent=capture, title="edit")
    crop = SigningOptions(preset=Preset.EDIT, actions=("cropped",), parent=capture, title="crop")
    files = {
        "capture": capture,
        "edit": workspace.sign(scene(changed=True), options=edit).data,
        "crop": workspace.sign(scene(size=(320, 240)), options=crop).data,
        "stranger": workspace.sign(media.jpeg(5), options=SigningOptions(preset=Preset.CAPTURE)).data,
        "plain": media.jpeg(6),
    }
    altered = bytearray(capture)
    altered[-200] ^= 0x55
    for name, data in (files | {"altered": bytes(altered)}).items():
        (tmp_path / f"{name}.jpg").write_bytes(data)
    return lambda name: tmp_path / f"{name}.jpg"


def compared(one, other, *more):
    done = run("compare", one, other, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(*arguments):
    done = run("compare", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    require_valid(document, comparison_form.schema())
    return document


RELATIONS = {
    ("capture", "capture"): ("the same manifest", True, None),
    ("capture", "edit"): ("one is made from the other", True, "A"),
    ("edit", "capture"): ("one is made from the other", True, "B"),
    ("edit", "crop"): ("a common origin", True, None),
    ("capture", "altered"): ("the same manifest", False, None),
    ("capture", "stranger"): ("nothing in common", False, None),
    ("capture", "plain"): ("cannot be said", False, None),
}


@pytest.mark.parametrize(("pair", "expected"), RELATIONS.items(), ids=lambda item: "-".join(map(str, item)))
def test_files_are_related_as_their_signatures_prove(desk, pair, expected):
    found = as_json(*map(desk, pair))["credentials"]
    assert (found["relation"], found["reliable"], found["made_from"]) == expected


def test_two_edits_of_one_capture_say_what_each_did(desk):
    text = compared(desk("edit"), desk("crop"))
    assert "Both are from one origin" in text
    assert "both continue 'capture'" in text
    assert "edit: opened, edited" in text[text.index("What A did since") :]
    assert "crop: opened, cropped" in text[text.index("What B did since") :]


def test_what_changed_in_the_picture_is_found(desk):
    (picture,) = as_json(desk("capture"), desk("edit"))["pictures"]
    assert (picture["newer"], picture["older"], picture["why_not"]) == ("B", "A", None)
    assert 0.005 < picture["changed"] < 0.1
    region = picture["regions"][0]
    assert 380 < region["left"] < 440
    assert 260 < region["top"] < 320


def test_the_older_picture_is_the_one_that_the_other_is_made_from(desk):
    (picture,) = as_json(desk("edit"), desk("capture"))["pictures"]
    assert (picture["newer"], picture["older"]) == ("A", "B")


def test_a_smaller_version_is_recognised_as_such(desk):
    (picture,) = as_json(desk("capture"), desk("crop"))["pictures"]
    assert picture["alignment"]["scale_x"] == pytest.approx(0.5, abs=0.01)
    assert picture["size"] == [320, 240]


def test_a_heat_map_is_written_and_not_overwritten_unasked(desk, tmp_path):
    target = tmp_path / "map.png"
    compared(desk("capture"), desk("edit"), "--heat-map", target)
    with Image.open(target) as picture:
        assert picture.format == "PNG"
    before = target.read_bytes()
    assert run("compare", desk("capture"), desk("edit"), "--heat-map", target).returncode == 10
    assert target.read_bytes() == before
    compared(desk("capture"), desk("edit"), "--heat-map", target, "--force")


def test_a_heat_map_that_cannot_be_made_is_said_to_be_missing(desk, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(media.make("mp4"))
    done = run("compare", film, desk("capture"), "--heat-map", tmp_path / "map.png")
    assert done.returncode == 0
    assert "was not written: no pictures could be compared" in done.stderr
    assert "is no picture (video/mp4)" in done.stdout
    assert not (tmp_path / "map.png").exists()


def test_one_file_is_compared_with_the_thumbnails_in_its_history(desk):
    document = as_json(desk("edit"))
    assert document["credentials"] is None
    own, parent = document["pictures"]
    assert own["older"] == "the thumbnail in its own manifest"
    assert parent["older"] == "the thumbnail of capture, which it was made from"
    assert own["changed"] < 0.005 < parent["changed"]
    assert any("thumbnails are what signers chose to keep" in item for item in own["notes"])


def test_two_files_and_the_thumbnails_of_the_first(desk):
    document = as_json(desk("edit"), desk("capture"), "--against-thumbnail")
    assert [item["older"] for item in document["pictures"]] == [
        "B", "the thumbnail in its own manifest", "the thumbnail of capture, which it was made from",
    ]  # fmt: skip


def test_a_file_without_thumbnails_says_so(workspace, tmp_path, home):
    path = tmp_path / "bare.jpg"
    workspace.sign(media.jpeg(), path, options=SigningOptions(preset=Preset.CAPTURE, thumbnail=None))
    assert "there is no thumbnail in its history" in run("compare", path).stdout
    path.write_bytes(media.jpeg())
    assert "no Content Credentials" in run("compare", path).stdout


def test_what_was_altered_after_signing_is_seen_beside_its_own_thumbnail(vectors, home):
    document = as_json(vectors / "python__XCA.jpg")
    assert document["pictures"][0]["older"] == "the thumbnail in its own manifest"
    assert document["pictures"][0]["why_not"] is None


@pytest.mark.parametrize("missing", [0, 1])
def test_a_file_that_cannot_be_read_is_an_error(desk, tmp_path, missing):
    pair = [desk("capture"), desk("edit")]
    pair[missing] = tmp_path / "nothing.jpg"
    done = run("compare", *pair)
    assert done.returncode == 5
    assert "no such file" in done.stderr


def test_the_schema_of_a_comparison_can_be_printed():
    assert json.loads(run("schema", "comparison").stdout) == comparison_form.schema()
