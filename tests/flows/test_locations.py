"""`--drop-location`: the place is gone from the manifest, from its history and from the file."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from provenance import Decision, Preset, SigningOptions, UnsupportedMedia
from provenance.metadata import has_location
from provenance.model.facets import Ancestry
from tests.support import compare, media

DROP = SigningOptions(drop_location=True)


def _says_a_place(store):
    said = json.dumps([item.data for manifest in store.manifests.values() for item in manifest.assertions])
    return "GPS" in said or "52,31" in said


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_a_capture_without_its_place(kind, workspace):
    before = media.make(kind)
    assert has_location(before, _type(kind))
    options = SigningOptions(preset=Preset.CAPTURE, drop_location=True)
    signed = workspace.sign(before, options=options)
    verdict = workspace.verify(signed.data)

    assert verdict.decision is Decision.ACCEPTED
    assert not _says_a_place(verdict.inspection.store)
    assert not has_location(signed.data, _type(kind))
    assert compare.content(kind, signed.data) == compare.content(kind, before)


def test_exiftool_finds_no_place_and_everything_else(workspace, tmp_path):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed: there is no independent reader of metadata")
    before = media.make("jpeg")
    tags = compare.metadata(before, "jpg", tmp_path)
    signed = workspace.sign(before, options=DROP).data
    path = tmp_path / "signed.jpg"
    path.write_bytes(signed)
    found = subprocess.run(["exiftool", "-a", "-G1", "-gps*", str(path)], check=True, capture_output=True, text=True)
    assert found.stdout == ""
    kept = compare.metadata(signed, "jpg", tmp_path)
    places = {name for name in tags if "GPS" in name}
    assert places
    assert {name: kept.get(name) for name in tags if name not in places} == {
        name: value for name, value in tags.items() if name not in places
    }


def test_the_place_goes_from_the_history_too_and_the_redaction_is_recorded(workspace):
    capture = workspace.sign(media.make("jpeg"), options=SigningOptions(preset=Preset.CAPTURE))
    assert _says_a_place(workspace.inspect(capture.data).store)
    published = workspace.sign(capture.data, options=DROP)
    verdict = workspace.verify(published.data)

    assert verdict.decision is Decision.ACCEPTED
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    assert not _says_a_place(verdict.inspection.store)
    assert b"GPS" not in published.data
    (redacted,) = [item for item in published.store.active_manifest.actions if item.name == "c2pa.redacted"]
    assert redacted.reason == "c2pa.PII.present"


def test_without_the_option_the_place_stays_in_the_file(workspace):
    assert has_location(workspace.sign(media.make("jpeg")).data, "image/jpeg")


def test_a_place_that_cannot_be_removed_is_refused(workspace, tmp_path):
    film = bytearray(media.make("mp4"))
    at = film.index(b"udta") - 4
    place = b"\x00\x00\x00\x1e\xa9xyz\x00\x12\x15\xc7+52.5200+013.4050/"
    size = int.from_bytes(film[at : at + 4], "big")
    film[at : at + 4] = (size + len(place)).to_bytes(4, "big")
    moov = film.index(b"moov") - 4
    film[moov : moov + 4] = (int.from_bytes(film[moov : moov + 4], "big") + len(place)).to_bytes(4, "big")
    film[at + size : at + size] = place
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    with pytest.raises(UnsupportedMedia, match="location"):
        workspace.sign(path, options=DROP)
    assert [item.name for item in tmp_path.iterdir()] == ["film.mp4"]


def _type(kind):
    return f"image/{kind}"
