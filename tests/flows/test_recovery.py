"""Credentials that were taken off are found again: by bytes, by what a picture shows, and never more than is known."""

from __future__ import annotations

import io
import json
import random
import shutil
import subprocess
from dataclasses import asdict

import pytest
from PIL import Image, ImageDraw, ImageOps

from provenance import Preset, SigningOptions, Workspace
from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of
from provenance.errors import CatalogueError, InvalidClaim
from provenance.model.facets import Ancestry
from provenance.model.pictures import ALIKE
from provenance.model.record import Operation, Query
from provenance.model.recovery import CERTAIN, HALF_CERTAIN, MEASURED, MOSTLY_ALIKE, Standing, Way
from provenance.model.verdict import Decision
from provenance.reports import recovery_form
from tests.support.command import run
from tests.support.portraits import portrait
from tests.support.schemas import require_valid
from tests.support.soft import soft

pytest.importorskip("sqlalchemy", reason="catalogues need the extra `catalogue`")
pytest.importorskip("iscc_lib", reason="fingerprints need the extra `recovery`")


def scene(seed=0, size=(640, 480)):
    """A picture with something everywhere, as photos have; another one for each seed."""
    chance = random.Random(seed)
    picture = Image.radial_gradient("L").resize(size)
    drawn = ImageDraw.Draw(picture)
    for _ in range(60):
        left, top, radius = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(10, 90)
        drawn.ellipse((left - radius, top - radius, left + radius, top + radius), fill=chance.randrange(256))
    return ImageOps.colorize(picture, "navy", "orange", "gray")


def jpeg(picture, quality=90):
    target = io.BytesIO()
    picture.convert("RGB").save(target, "JPEG", quality=quality)
    return target.getvalue()


@pytest.fixture
def kept(own_home):
    """A workspace that keeps a catalogue."""
    Catalogue.create(url_of("", own_home)).close()
    return Workspace()


@pytest.fixture
def original(kept, tmp_path):
    """A signed picture in the catalogue, among others."""
    for number in (1, 2, 3):
        kept.sign(jpeg(scene(number)), options=SigningOptions(preset=Preset.CAPTURE, title=f"other {number}"))
    source = tmp_path / "source.jpg"
    source.write_bytes(jpeg(scene()))
    return kept.sign(source, options=SigningOptions(preset=Preset.CAPTURE, title="the original")).path


def written_on(picture):
    drawn = picture.copy()
    ImageDraw.Draw(drawn).rectangle((430, 300, 560, 420), fill="white")
    return drawn


def taken_off(kept, original, tmp_path):
    kept.strip(original, tmp_path / "bare.jpg")
    return (tmp_path / "bare.jpg").read_bytes()


BY_BYTES = {
    "the file itself": (lambda kept, original, _: original.read_bytes(), Way.SAME_FILE),
    "its manifest taken off": (taken_off, Way.STRIPPED),
    "as it was before": (lambda kept, original, _: original.with_name("source.jpg").read_bytes(), Way.UNSIGNED),
}


@pytest.mark.parametrize(("make", "way"), BY_BYTES.values(), ids=BY_BYTES)
def test_the_same_bytes_are_known_again(make, way, kept, original, tmp_path):
    (best, *_) = kept.recover(make(kept, original, tmp_path)).found
    assert (best.record.title, best.standing) == ("the original", Standing.IDENTICAL)
    # A JPEG without its manifest is the file before it was signed, byte for byte.
    assert best.way in (
        {way, Way.UNSIGNED} if way is Way.STRIPPED else {way, Way.STRIPPED} if way is Way.UNSIGNED else {way}
    )


BY_SIGHT = {
    "stored again": lambda picture: jpeg(picture, 40),
    "scaled": lambda picture: jpeg(picture.resize((256, 192))),
    "scaled up": lambda picture: jpeg(picture.resize((960, 720))),
    "grey": lambda picture: jpeg(ImageOps.grayscale(picture)),
    "something drawn on it": lambda picture: jpeg(written_on(picture)),
}


@pytest.mark.parametrize("change", BY_SIGHT.values(), ids=BY_SIGHT)
def test_a_changed_copy_is_recognised_by_what_it_shows(change, kept, original):
    found = kept.recover(change(scene()))
    (best, *_) = found.found
    assert (best.record.title, best.way, best.standing) == ("the original", Way.FINGERPRINT, Standing.CONFIRMED)
    assert best.verdict.decision is Decision.ACCEPTED
    assert best.likeness.method in {"io.iscc.v0", "phash"}


def test_where_the_original_is_gone_the_thumbnail_is_compared(kept, original):
    original.unlink()
    (best, *_) = kept.recover(jpeg(scene().resize((320, 240)), 60)).found
    assert (best.record.title, best.standing) == ("the original", Standing.CONFIRMED)
    assert "thumbnail" in best.looked.older
    assert best.verdict.facets.content.state == "not checked"


def test_an_animation_is_recognised_by_a_later_frame(kept, original):
    frames = [scene(number + 20, (320, 240)) for number in range(4)]
    whole, end = io.BytesIO(), io.BytesIO()
    frames[0].save(whole, "GIF", save_all=True, append_images=frames[1:], duration=100)
    kept.sign(whole.getvalue(), options=SigningOptions(preset=Preset.CAPTURE, title="moving"))
    frames[2].save(end, "GIF", save_all=True, append_images=frames[3:], duration=100)
    assert "moving" in {item.title for item in kept.recover(end.getvalue()).found}


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on PATH")
def test_a_film_is_a_candidate_and_never_more(kept, tmp_path):
    film, copy = tmp_path / "film.mp4", tmp_path / "copy.mp4"
    for number in range(4):
        scene(number + 40, (320, 240)).save(tmp_path / f"{number}.png")
    command = ["ffmpeg", "-loglevel", "error", "-framerate", "0.5", "-i", str(tmp_path / "%d.png"), "-r", "10"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(film)], check=True)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(film), "-s", "160x120", str(copy)], check=True)
    kept.sign(film, options=SigningOptions(preset=Preset.CAPTURE, title="the film"))
    (best, *_) = kept.recover(copy).found
    assert (best.title, best.way, best.standing) == ("the film", Way.FINGERPRINT, Standing.OPEN)


def test_a_stranger_is_not_found(kept, original):
    found = kept.recover(jpeg(scene(99)))
    assert [item.record.title for item in found.found if item.standing is not Standing.OPEN] == []


def test_another_picture_that_can_be_aligned_is_not_confirmed(kept):
    """Two sitters of one studio are alike enough to be candidates, and to be laid on each other."""
    kept.sign(jpeg(portrait(1)), options=SigningOptions(preset=Preset.CAPTURE, title="somebody else"))
    (other,) = kept.recover(jpeg(portrait(6), 70)).found
    assert other.looked.difference.alignment.certainty > 0.6
    assert (other.record.title, other.standing) == ("somebody else", Standing.OPEN)
    (same,) = kept.recover(jpeg(portrait(1), 70)).found
    assert same.standing is Standing.CONFIRMED


def test_a_picture_without_detail_is_confirmed_by_its_grain(kept):
    """Blocks of detail find nothing to go by; from afar, shades and grain are the same."""
    kept.sign(jpeg(soft(1)), options=SigningOptions(preset=Preset.CAPTURE, title="the original"))
    copy = ImageOps.mirror(soft(1))
    (found,) = kept.recover(jpeg(copy, 70)).found
    assert (found.standing, found.looked.difference.alignment.mirrored) == (Standing.CONFIRMED, True)
    assert found.looked.difference.resemblance.whole > ALIKE


COMPARED_WITH_NOTHING = {
    "a copy that is too small": (scene, lambda picture: picture.resize((60, 45))),
    "a picture without detail, and with other grain": (lambda: soft(1), lambda _: ImageOps.mirror(soft(2))),
}


@pytest.mark.parametrize(("make", "change"), COMPARED_WITH_NOTHING.values(), ids=COMPARED_WITH_NOTHING)
def test_what_could_not_be_compared_stays_open_and_is_not_said_to_show_something_else(make, change, kept):
    kept.sign(jpeg(make()), options=SigningOptions(preset=Preset.CAPTURE, title="the original"))
    found = kept.recover(jpeg(change(make())))
    assert [(item.title, item.standing) for item in found.found] == [("the original", Standing.OPEN)]
    assert found.contradicted == 0
    assert found.found[0].looked.why_not is not None


def test_a_flat_picture_is_not_looked_for(kept, original):
    found = kept.recover(jpeg(Image.new("RGB", (400, 300), "teal")))
    assert found.found == ()
    assert "not looked for by its picture" in found.notes[0]


def test_two_originals_with_one_picture_are_both_found(kept, original):
    kept.sign(jpeg(scene(), 89), options=SigningOptions(preset=Preset.CAPTURE, title="the other original"))
    found = kept.recover(jpeg(scene(), 50)).found
    assert {item.record.title for item in found if item.standing is Standing.CONFIRMED} >= {
        "the original",
        "the other original",
    }


def test_without_a_catalogue_it_says_how_to_get_one(space, photo):
    with pytest.raises(CatalogueError, match="there is no catalogue"):
        space.recover(photo)


def test_signing_states_the_soft_binding_that_a_catalogue_finds(kept, original):
    store = kept.inspect(original).store
    (stated,) = [item for item in store.active_manifest.assertions if item.label == "c2pa.soft-binding"]
    assert stated.data["alg"] == "io.iscc.v0"


# ---- giving the history back


def test_a_stripped_file_gets_its_own_manifest_back(kept, original, tmp_path):
    bare = tmp_path / "bare.jpg"
    kept.strip(original, bare)
    found = [item for item in kept.recover(bare).found if item.way is Way.STRIPPED]
    done = kept.reattach(bare, found[0])
    assert done.signed is None
    assert done.path.read_bytes() == original.read_bytes()


@pytest.mark.parametrize("gone", [False, True], ids=["the original is there", "only its manifest is"])
def test_a_copy_is_signed_with_the_original_as_its_parent(gone, kept, original, tmp_path):
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(jpeg(written_on(scene()).resize((320, 240)), 70))
    if gone:
        original.unlink()
    (best, *_) = kept.recover(copy).found
    done = kept.reattach(copy, best)
    verdict = kept.verify(done.path)
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    manifest = verdict.inspection.store.active_manifest
    assert [item.manifest for item in manifest.ingredients] == [best.record.label]
    assert {"c2pa.resized.proportional", "c2pa.edited"} <= {item.name for item in manifest.actions}
    (newest,) = kept.catalogue.find(Query(limit=1))
    assert (newest.operation, newest.written_to) == (Operation.REATTACHED, str(done.path))


def test_a_guess_is_not_signed(kept, original, tmp_path):
    original.unlink()
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(jpeg(scene(), 50))
    (best, *_) = kept.recover(copy).found
    from dataclasses import replace

    with pytest.raises(InvalidClaim, match="may be another picture"):
        kept.reattach(copy, replace(best, looked=None))


# ---- as users see it


def test_the_command_says_that_it_was_recovered(kept, original, tmp_path):
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(jpeg(scene().resize((320, 240)), 60))
    done = run("recover", copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Recovered: very likely the same picture, stored anew, scaled to 50%" in done.stdout
    assert "not embedded" in done.stdout
    assert f"{MEASURED.mistaken} of {MEASURED.others} that showed something alike" in " ".join(done.stdout.split())
    document = json.loads(run("recover", copy, "--json").stdout)
    require_valid(document, recovery_form.schema())
    assert document["embedded"] is False
    limits = {"certainty": CERTAIN, "alike": ALIKE, "half_certain": HALF_CERTAIN, "mostly_alike": MOSTLY_ALIKE}
    assert document["evaluation"] == limits | asdict(MEASURED)
    assert document["found"][0]["title"] == "the original"


def test_verify_looks_into_the_catalogue_when_asked(kept, original, tmp_path):
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(jpeg(scene().resize((320, 240)), 60))
    plain, asked = run("verify", copy), run("verify", copy, "--recover")
    assert plain.returncode == asked.returncode
    assert "the original" not in plain.stdout
    assert "recovered: very likely the same picture" in asked.stdout
    (file,) = json.loads(run("verify", copy, "--recover", "--json").stdout)["files"]
    assert file["recovered"]["found"][0]["standing"] == "confirmed"


def test_a_verdict_is_recorded(kept, original, tmp_path):
    assert run("verify", original, "--record", "-q").returncode == 0
    (record,) = kept.catalogue.find(Query(decision=Decision.ACCEPTED))
    assert record.title == "the original"
