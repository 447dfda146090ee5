"""Pictures are found again by watermarks that a plug-in reads; one that was copied elsewhere misleads nobody."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace

import pytest
from PIL import Image

from provenance import Preset, SigningOptions, Workspace
from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of
from provenance.errors import InvalidClaim, SettingsError
from provenance.model.fingerprints import ISCC, WATERMARK
from provenance.model.record import Query
from provenance.model.recovery import Standing, Way
from provenance.model.verdict import Decision
from provenance.reports import recovery_form
from tests.flows.test_recovery import jpeg, scene
from tests.support.command import run
from tests.support.plugins import ALGORITHM, install, install_example
from tests.support.schemas import require_valid

pytest.importorskip("sqlalchemy", reason="catalogues need the extra `catalogue`")
pytest.importorskip("iscc_lib", reason="fingerprints need the extra `recovery`")

PAYLOAD = b"news"
CAPTURE = SigningOptions(preset=Preset.CAPTURE, title="the original")


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    """The example's plug-in is installed, also for commands."""
    folder = install_example(tmp_path / "plug-ins")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    yield folder
    sys.modules.pop("block_watermark", None)


@pytest.fixture
def mark(plugged):
    """What puts its watermark into a picture."""
    from block_watermark import mark

    return mark


@pytest.fixture
def kept(own_home, plugged):
    Catalogue.create(url_of("", own_home)).close()
    return Workspace()


@pytest.fixture
def original(kept, mark, tmp_path):
    """A marked and signed picture in the catalogue, among others."""
    kept.sign(jpeg(scene(1)), options=replace(CAPTURE, title="not marked"))
    kept.sign(jpeg(mark(scene(2), b"else")), options=replace(CAPTURE, title="marked otherwise"))
    source = tmp_path / "source.jpg"
    source.write_bytes(jpeg(mark(scene(), PAYLOAD)))
    return kept.sign(source, options=CAPTURE).path


def stated(space, path):
    found = space.inspect(path).store.active_manifest.assertions
    return [item.data for item in found if item.label.partition("__")[0] == "c2pa.soft-binding"]


# ---- what is signed


def test_what_is_read_is_stated_and_recorded(kept, original):
    by_algorithm = {item["alg"]: item["blocks"] for item in stated(kept, original)}
    assert set(by_algorithm) == {ISCC, ALGORITHM}
    (block,) = by_algorithm[ALGORITHM]
    assert base64.b64decode(block["value"]) == PAYLOAD
    assert kept.verify(original).decision is Decision.ACCEPTED
    (record,) = kept.catalogue.by_watermark(ALGORITHM, PAYLOAD)
    assert record.title == "the original"
    recorded = [item.fingerprint for item in kept.catalogue.fingerprints(0, ALGORITHM)]
    assert {(item.variant, item.value) for item in recorded} == {(WATERMARK, PAYLOAD), (WATERMARK, b"else")}


def test_where_it_is_not_wanted_it_is_recorded_and_not_stated(kept, mark, photo):
    photo.write_bytes(jpeg(mark(scene(), PAYLOAD)))
    assert stated(kept, kept.sign(photo, options=replace(CAPTURE, soft_binding=False)).path) == []
    assert len(list(kept.catalogue.by_watermark(ALGORITHM, PAYLOAD))) == 1


def test_without_a_catalogue_it_is_stated_when_asked_for(space, mark, photo):
    photo.write_bytes(jpeg(mark(scene(), PAYLOAD)))
    plain = space.sign(photo, photo.with_name("plain.jpg"), options=CAPTURE)
    asked = space.sign(photo, photo.with_name("asked.jpg"), options=replace(CAPTURE, soft_binding=True))
    assert stated(space, plain.path) == []
    assert {item["alg"] for item in stated(space, asked.path)} == {ISCC, ALGORITHM}


def test_files_that_were_signed_before_are_found_by_it_too(space, own_home, mark, photo):
    photo.write_bytes(jpeg(mark(scene(), PAYLOAD)))
    signed = space.sign(photo, options=CAPTURE).path
    assert run("catalogue", "init").returncode == 0
    assert "1 entered" in run("catalogue", "add", signed).stdout
    assert len(list(Workspace().catalogue.by_watermark(ALGORITHM, PAYLOAD))) == 1


# ---- what is found

COPIES = {
    "stored again": lambda picture: jpeg(picture, 70),
    "scaled": lambda picture: jpeg(picture.resize((320, 240)), 70),
}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_a_copy_is_found_by_its_watermark(change, kept, original):
    with Image.open(original) as picture:
        copy = change(picture)
    (best,) = kept.recover(copy).found
    assert (best.record.title, best.way, best.standing) == ("the original", Way.WATERMARK, Standing.CONFIRMED)
    assert (best.likeness.method, best.likeness.distance, best.likeness.bits) == (ALGORITHM, 0, 32)
    assert best.verdict.decision is Decision.ACCEPTED


def test_the_same_bytes_come_first(kept, original):
    (best, *_) = kept.recover(original).found
    assert (best.way, best.standing) == (Way.SAME_FILE, Standing.IDENTICAL)


def test_a_watermark_that_was_copied_onto_another_picture_is_seen_through(kept, original, mark):
    found = kept.recover(jpeg(mark(scene(7), PAYLOAD)))
    assert found.found == ()
    assert found.contradicted == 1


def test_then_the_picture_is_still_found_by_what_it_shows(kept, original, mark):
    """Somebody put the watermark of one picture of the catalogue onto another one."""
    found = kept.recover(jpeg(mark(scene(1), PAYLOAD), 70))
    (best, *_) = found.found
    assert (best.record.title, best.way, best.standing) == ("not marked", Way.FINGERPRINT, Standing.CONFIRMED)
    assert found.contradicted >= 1


def test_what_cannot_be_compared_is_a_guess_and_is_not_signed(kept, mark, photo, tmp_path):
    photo.write_bytes(jpeg(mark(scene(), PAYLOAD)))
    kept.sign(photo, options=replace(CAPTURE, thumbnail=None)).path.unlink()
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(jpeg(mark(scene(), PAYLOAD), 60))
    (best,) = kept.recover(copy).found
    assert (best.way, best.standing) == (Way.WATERMARK, Standing.OPEN)
    with pytest.raises(InvalidClaim, match="may be another picture"):
        kept.reattach(copy, best)
    done = run("recover", copy)
    assert done.returncode == 3
    assert "Possibly the same picture" in done.stdout
    assert "which can be copied" in " ".join(done.stdout.split())


def test_a_copy_is_signed_with_the_original_as_its_parent(kept, original, tmp_path):
    copy = tmp_path / "copy.jpg"
    with Image.open(original) as picture:
        copy.write_bytes(jpeg(picture.resize((320, 240)), 70))
    (best,) = kept.recover(copy).found
    done = kept.reattach(copy, best)
    assert kept.verify(done.path).decision is Decision.ACCEPTED
    (parent,) = kept.inspect(done.path).store.active_manifest.ingredients
    assert parent.manifest == best.record.label
    assert {item.label for item in kept.catalogue.by_watermark(ALGORITHM, PAYLOAD)} == {
        best.record.label,
        done.signed.store.active,
    }


# ---- as users see it


def test_the_report_says_by_what_it_was_found(kept, original, tmp_path):
    copy = tmp_path / "copy.jpg"
    with Image.open(original) as picture:
        copy.write_bytes(jpeg(picture, 70))
    done = run("recover", copy)
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert "Recovered: very likely the same picture, with the original's watermark, stored anew" in said
    assert f"watermark {ALGORITHM}: the same payload of 32 bits" in said
    assert "not embedded" in said
    document = json.loads(run("recover", copy, "--json").stdout)
    require_valid(document, recovery_form.schema())
    assert document["found"][0]["way"] == Way.WATERMARK
    assert document["found"][0]["likeness"] == {
        "method": ALGORITHM, "distance": 0, "bits": 32, "variant": "watermark",
    }  # fmt: skip


# ---- plug-ins that fail

FAILING = """
class Reader:
    algorithm = "org.example.failing.1"

    def find(self, picture):
        raise LookupError("no weights")

READER = Reader()
"""
NOTE = "the watermark plug-in failing (failing_reader 1.0) failed: LookupError: no weights"


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """One plug-in that fails is there too."""
    folder = install(tmp_path / "failing", "failing_reader", {"failing": "failing_reader:READER"}, FAILING)
    monkeypatch.syspath_prepend(folder)
    yield
    sys.modules.pop("failing_reader", None)


def test_a_plug_in_that_fails_stops_nobody_and_is_named(kept, failing, mark, photo):
    photo.write_bytes(jpeg(mark(scene(), PAYLOAD)))
    signed = kept.sign(photo, options=CAPTURE)
    assert NOTE in signed.notes
    assert ALGORITHM in {item["alg"] for item in stated(kept, signed.path)}
    found = kept.recover(jpeg(mark(scene(), PAYLOAD), 60))
    assert [item.way for item in found.found] == [Way.WATERMARK]
    assert found.notes == (NOTE,)


def test_a_catalogue_is_no_reason_to_load_plug_ins_for_verifying(kept, original):
    judged = Workspace()
    assert judged.verify(original).decision is Decision.ACCEPTED
    assert "watermarks" not in vars(judged)


def test_two_for_one_algorithm_are_refused_before_anything_is_signed(kept, photo, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(install(tmp_path / "twin", "twin", {"twin": "block_watermark:WATERMARK"}))
    for attempt in (kept.rehearse, kept.sign):
        with pytest.raises(SettingsError, match="two plug-ins read the watermark"):
            attempt(photo)
    assert [path.name for path in photo.parent.glob("photo*")] == ["photo.jpg"]
    assert list(kept.catalogue.find(Query())) == []
