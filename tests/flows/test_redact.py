"""`Workspace.redact`: what goes is gone from the bytes, and everything else is what it was."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance import (
    Algorithm,
    Assertion,
    BrokenSource,
    Carrier,
    Decision,
    ManifestError,
    Preset,
    SignerRefused,
    SigningOptions,
    Workspace,
)
from provenance.claims import RedactionOptions
from provenance.errors import InvalidClaim, LeftBehind, OutputExists
from provenance.metadata import drop_location, has_location
from provenance.model.claim import Origin
from provenance.model.facets import Ancestry, Content
from provenance.model.redaction import Reason
from provenance.settings import Settings
from provenance.workspace.redacting import planning, signing
from tests.flows import redaction_lab as lab
from tests.support import compare, media
from tests.unit.stores import bad

GPS = RedactionOptions(fields=("gps",))
UPDATABLE = {"jpeg", "png", "gif", "svg", "jxl"}
PLACED = SigningOptions(preset=Preset.CAPTURE, assertions=(lab.PLACE,), thumbnail=None)


def plain(kind):
    """Make a file of a kind without a place in its own metadata."""
    if kind == "jpeg":
        return lab.jpeg()
    data = media.make(kind)
    return drop_location(data, "image/x") if kind != "jxl" and has_location(data, "image/x") else data


def assertions(store):
    return {item.label for manifest in store.manifests.values() for item in manifest.assertions}


@pytest.mark.parametrize("kind", media.EXTENSIONS)
def test_an_assertion_is_gone_from_every_format_and_nothing_else(kind, workspace):
    before = workspace.sign(workspace.sign(plain(kind), options=PLACED).data).data
    assert kind in {"svg", "gif"} or b"a remark" in before
    done = workspace.redact(before, options=RedactionOptions(assertions=("org.example.place",)))
    after = done.signed.data

    verdict = workspace.verify(after)
    assert verdict.decision is Decision.ACCEPTED, verdict.findings
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    assert "org.example.place" in {item.label for item in done.gone}
    for trace in (lab.LATITUDE.encode(), b"GPSLatitude", b"a remark"):
        assert trace not in after
    assert "org.example.place" not in assertions(verdict.inspection.store)
    assert compare.content(kind, after) == compare.content(kind, before)
    (redacted,) = [item for item in done.signed.store.active_manifest.actions if item.name == "c2pa.redacted"]
    assert redacted.reason == "c2pa.PII.present"
    assert redacted.parameters["redacted"] == done.gone[0].uri
    bound = any("hard binding" in note for note in done.signed.notes)
    assert bound is (kind not in UPDATABLE)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_erasing_takes_it_out_of_the_file_too(kind, workspace, tmp_path):
    before = workspace.sign(media.make(kind), options=SigningOptions(preset=Preset.CAPTURE)).data
    assert has_location(before, f"image/{kind}")
    done = workspace.redact(before, options=RedactionOptions(fields=("gps", "serial"), erase=True))
    after = done.signed.data

    verdict = workspace.verify(after)
    assert verdict.decision is Decision.ACCEPTED, verdict.findings
    assert not has_location(after, f"image/{kind}")
    assert b"SN-4711" not in after
    assert {value.name for value in done.erased} == {
        "exif:GPSLatitude", "exif:GPSLongitude", "exifEX:BodySerialNumber"
    }  # fmt: skip
    assert compare.content(kind, after) == compare.content(kind, before)
    names = [item.name for item in done.signed.store.active_manifest.actions]
    assert names == ["c2pa.opened", "c2pa.redacted", "c2pa.edited.metadata"]


def test_exiftool_finds_nothing_of_it_and_all_the_rest(workspace, tmp_path):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed: there is no independent reader of metadata")
    before = workspace.sign(media.make("jpeg"), options=SigningOptions(preset=Preset.CAPTURE)).data
    options = RedactionOptions(fields=("gps", "serial", "author"), erase=True, keep_rest=True)
    after = workspace.redact(before, options=options).signed.data
    both = (compare.metadata(data, "jpg", tmp_path) for data in (before, after))
    tags, kept = ({name: value for name, value in one.items() if not name.startswith("Jpeg2000")} for one in both)
    gone = {name for name in tags if any(word in name for word in ("GPS", "SerialNumber", "Artist"))}
    assert gone
    assert {name: kept.get(name) for name in tags} == {
        name: None if name in gone else value for name, value in tags.items()
    }
    path = tmp_path / "after.jpg"
    path.write_bytes(after)
    # It looks into the manifests as well.
    said = subprocess.run(["exiftool", "-j", "-a", "-G3", str(path)], capture_output=True, check=True, text=True).stdout
    assert "52," not in json.dumps(said)
    assert "Müller" not in said


def test_every_ancestor_gives_it_away_and_the_rest_of_the_history_stays(workspace):
    capture = workspace.sign(lab.jpeg(), options=PLACED)
    one, two = workspace.sign(capture.data), workspace.sign(capture.data)
    options = SigningOptions(preset=Preset.EDIT, parent=one.data, ingredients=(two.data,), assertions=(lab.PLACE,))
    edited = workspace.sign(lab.jpeg(), options=options)
    assert len(edited.store.manifests) == 4

    done = workspace.redact(edited.data, options=GPS)
    verdict = workspace.verify(done.signed.data)
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    assert {(item.manifest, item.label) for item in done.gone} == {
        (capture.store.active, "org.example.place"), (edited.store.active, "org.example.place"),
    }  # fmt: skip
    assert set(edited.store.manifests) < set(done.signed.store.manifests)
    assert b"GPSLatitude" not in done.signed.data


def test_only_the_named_manifest_gives_it_away(workspace):
    capture = workspace.sign(lab.jpeg(), options=PLACED)
    note = Assertion(label="org.example.place", data={"exif:GPSLatitude": "10,0.5N", "exif:GPSLongitude": "20,0.5E"})
    published = workspace.sign(capture.data, options=SigningOptions(assertions=(note,), title="elsewhere"))
    for name in (published.store.active, published.store.active[-12:], "elsewhere"):
        options = RedactionOptions(fields=("gps",), manifests=(name,))
        done = workspace.redact(published.data, options=options)
        assert [item.manifest for item in done.gone] == [published.store.active]
        assert lab.LATITUDE.encode() in done.signed.data
        assert b"10,0.5N" not in done.signed.data
    with pytest.raises(InvalidClaim, match="no manifest 'nowhere'"):
        workspace.redact(published.data, options=RedactionOptions(fields=("gps",), manifests=("nowhere",)))


def test_every_instance_of_a_label_goes(workspace):
    notes = tuple(Assertion(label="org.example.note", data={"text": text}) for text in ("first one", "second one"))
    source = workspace.sign(lab.jpeg(), options=SigningOptions(preset=Preset.CAPTURE, assertions=notes)).data
    done = workspace.redact(source, options=RedactionOptions(assertions=("org.example.note",)))
    assert [item.label for item in done.gone] == ["org.example.note", "org.example.note__1"]
    assert b"first one" not in done.signed.data
    assert b"second one" not in done.signed.data
    only = workspace.redact(source, options=RedactionOptions(assertions=("org.example.note__1",)))
    assert b"first one" in only.signed.data
    assert b"second one" not in only.signed.data


def test_a_redaction_can_follow_another(workspace):
    source = workspace.sign(lab.jpeg(artist=None), options=lab.CAPTURE).data
    source = workspace.sign(source, options=SigningOptions(assertions=(lab.PLACE,))).data
    first = workspace.redact(source, options=GPS).signed.data
    with pytest.raises(InvalidClaim, match="redacted already"):
        workspace.redact(first, options=RedactionOptions(assertions=("org.example.place",)))
    second = workspace.redact(first, options=RedactionOptions(fields=("author",), reason=Reason.INVALID_DATA))
    verdict = workspace.verify(second.signed.data)
    assert verdict.decision is Decision.ACCEPTED
    reasons = [
        item.reason
        for manifest in verdict.inspection.store.manifests.values()
        for item in manifest.actions
        if item.name == "c2pa.redacted"
    ]
    assert sorted(reasons) == ["c2pa.PII.present", "c2pa.invalid_data"]


def test_the_rest_of_a_metadata_assertion_is_stated_again(workspace):
    source = workspace.sign(media.make("jpeg"), options=SigningOptions(preset=Preset.CAPTURE)).data
    options = RedactionOptions(fields=("gps",), keep_rest=True, leave=("exif",))
    done = workspace.redact(source, options=options)
    (again,) = [item for item in done.signed.store.active_manifest.assertions if item.label == "cawg.metadata"]
    assert again.origin is Origin.GATHERED
    assert again.data["tiff:Model"] == "Kamera Ü1"
    assert not any("GPS" in name for name in again.data)
    assert {value.name for value in done.restated} == set(again.data) - {"@context"}


def test_a_sidecar_is_redacted_beside_a_copy(workspace, tmp_path):
    path = tmp_path / "photo.webp"
    path.write_bytes(plain("webp"))
    workspace.sign(
        path, options=SigningOptions(preset=Preset.CAPTURE, assertions=(lab.PLACE,), carrier=Carrier.SIDECAR)
    )
    done = workspace.redact(path, options=GPS)
    assert done.signed.path == tmp_path / "photo.redacted.webp"
    assert done.signed.path.read_bytes() == path.read_bytes()
    assert lab.LATITUDE.encode() not in done.signed.sidecar.read_bytes()
    assert workspace.verify(done.signed.path).decision is Decision.ACCEPTED


def test_a_sidecar_in_place_is_replaced_and_one_of_the_other_name_is_pointed_out(workspace, tmp_path):
    path, other = tmp_path / "photo.jpg", tmp_path / "photo.c2pa"
    path.write_bytes(lab.jpeg())
    before = path.read_bytes()
    signed = workspace.sign(
        path, options=SigningOptions(preset=Preset.CAPTURE, assertions=(lab.PLACE,), carrier=Carrier.SIDECAR)
    )
    signed.sidecar.rename(other)
    done = workspace.redact(path, path, options=GPS, overwrite=True)
    assert path.read_bytes() == before
    assert lab.LATITUDE.encode() not in done.signed.sidecar.read_bytes()
    assert workspace.verify(path).decision is Decision.ACCEPTED
    assert f"{other} still holds all of it" in done.signed.notes


def test_an_output_appears_whole_or_not_at_all(workspace, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(lab.capture(workspace, lab.jpeg(artist=lab.AUTHOR)))
    before = path.read_bytes()
    author = RedactionOptions(fields=("author",))
    with pytest.raises(LeftBehind):
        workspace.redact(path, options=author)
    assert [item.name for item in tmp_path.iterdir()] == ["photo.jpg"]
    accepted = RedactionOptions(fields=("author",), leave=("exif",))
    workspace.redact(path, options=accepted)
    with pytest.raises(OutputExists):
        workspace.redact(path, options=accepted)
    with pytest.raises(OutputExists):
        workspace.redact(path, path, options=accepted)
    assert path.read_bytes() == before
    workspace.redact(path, path, options=RedactionOptions(fields=("author",), erase=True), overwrite=True)
    assert lab.AUTHOR.encode() not in path.read_bytes()


def test_what_the_engine_leaves_in_the_file_is_found(workspace, monkeypatch):
    """In TIFF the bytes of the old store stay where they were, unless they are taken out first."""
    source = workspace.sign(media.make("tiff"), options=PLACED).data
    monkeypatch.setattr(signing, "without_store", lambda asset, media: asset)
    with pytest.raises(LeftBehind) as caught:
        workspace.redact(source, options=GPS)
    assert {item.hiding for item in caught.value.leaks} == {"bytes"}


def test_an_engine_that_leaves_an_assertion_or_breaks_the_history_is_not_believed(workspace):
    plan = planning.plan(workspace, workspace.sign(lab.jpeg(), options=PLACED).data, GPS)
    with pytest.raises(SignerRefused, match=r"has not taken out .*: org\.example\.place"):
        signing._confirm_gone(plan, plan.store, plan.boxes)
    with pytest.raises(SignerRefused, match="its content"):
        signing._confirm_gone(plan, plan.store, ())
    signing._confirm_gone(plan, replace(plan.store, data=b""), ())
    signing._refuse_worse(plan, plan.store, workspace)
    broken = replace(plan.store, deltas=bad("claimSignature.mismatch", label="older"))
    with pytest.raises(SignerRefused, match="the history would not hold"):
        signing._refuse_worse(plan, broken, workspace)


@pytest.mark.parametrize("kind", ["tiff", "docx"])
def test_a_dropped_location_does_not_stay_in_what_the_engine_leaves_behind(kind, workspace):
    captured = workspace.sign(media.make(kind), options=PLACED).data
    assert b"GPSLatitude" in workspace.sign(captured).data
    assert b"GPSLatitude" not in workspace.sign(captured, options=SigningOptions(drop_location=True)).data


def test_a_broken_history_is_not_redacted(workspace):
    broken = bytearray(workspace.sign(lab.jpeg(), options=PLACED).data)
    broken[-40] ^= 1
    with pytest.raises(BrokenSource, match="intact"):
        workspace.redact(bytes(broken), options=GPS)


def test_a_file_without_credentials_has_nothing_to_redact(workspace):
    with pytest.raises(ManifestError, match="nothing to redact"):
        workspace.redact(lab.jpeg(gps=True), options=GPS)


def test_a_signer_whom_nobody_trusts_is_told(workspace, tmp_path):
    source = workspace.sign(lab.jpeg(), options=PLACED).data
    stranger = Workspace(Settings(home=str(tmp_path)))
    stranger.identities.create("Stranger", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC))
    done = workspace.redact(source, options=GPS, signer=stranger.signer())
    assert any("signed by somebody trusted, and now is not" in note for note in done.signed.notes)
    assert workspace.inspect(done.signed.data).facets.content.state is Content.INTACT
