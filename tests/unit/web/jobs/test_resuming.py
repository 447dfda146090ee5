"""A file of a job is signed once, at whichever moment the server dies."""

from __future__ import annotations

import hashlib

import pytest

from provenance.claims import Preset, SigningOptions
from provenance.model.claim import Carrier
from provenance.web.jobs.resuming import sign_once
from provenance.web.workers import opening
from provenance.web.workers.orders import SignOrder, Upload
from tests.support import media

LABEL = "urn:c2pa:11111111-1111-4111-8111-111111111111"


@pytest.fixture
def parcel(workspace):
    return opening.parcel(workspace.settings)


@pytest.fixture
def upload(tmp_path):
    (tmp_path / "0").write_bytes(media.jpeg(exif=True))
    return Upload(path=str(tmp_path / "0"), name="photo.jpg")


@pytest.fixture
def order(tmp_path):
    return SignOrder(options=SigningOptions(preset=Preset.PUBLISH, label=LABEL), output=str(tmp_path / "0.signed"))


def test_what_was_signed_before_is_found_and_described_in_the_same_way(parcel, upload, order, tmp_path, workspace):
    first = sign_once(parcel, upload, order)
    assert (first.error, first.label) == (None, LABEL)
    before = (tmp_path / "0.signed").read_bytes()
    again = sign_once(parcel, upload, order)
    assert (tmp_path / "0.signed").read_bytes() == before
    assert (again.error, again.label, again.media_type) == (None, LABEL, "image/jpeg")
    (one,), (other,) = first.recordings, again.recordings
    assert other.store == one.store
    names = ("label", "manifest", "output", "source", "bare", "operation", "media_type", "size", "written_to", "signer")
    for name in names:
        assert getattr(other.record, name) == getattr(one.record, name), name
    assert other.record.output == hashlib.sha256(before).hexdigest()
    assert workspace.verify(tmp_path / "0.signed").inspection.store.active == LABEL


@pytest.mark.parametrize("left", ["half of it", "something else", "of another label", "altered", "nothing"])
def test_what_is_not_the_result_is_made_anew(left, parcel, upload, order, tmp_path, workspace):
    target = tmp_path / "0.signed"
    if left == "something else":
        target.write_bytes(b"something else")
    elif left == "of another label":
        target.write_bytes(workspace.sign(upload.path, target).path.read_bytes())
    elif left in {"half of it", "altered"}:
        sign_once(parcel, upload, order)
        data = bytearray(target.read_bytes())
        data[-30] ^= 1
        target.write_bytes(data if left == "altered" else data[: len(data) // 2])
    (tmp_path / ".0.signed.part").write_bytes(b"of somebody else")
    done = sign_once(parcel, upload, order)
    assert (done.error, done.label, len(done.recordings)) == (None, LABEL, 1)
    found = workspace.verify(target).inspection
    assert found.store.active == LABEL
    assert found.facets.content.state.value == "intact"


def test_a_remote_manifest_is_made_anew_since_it_is_nowhere(parcel, upload, order, tmp_path):
    from dataclasses import replace

    remote = replace(order.options, carrier=Carrier.REMOTE, remote_url="https://manifests.example/{id}")
    first = sign_once(parcel, upload, replace(order, options=remote))
    assert first.error is None, first.error
    again = sign_once(parcel, upload, replace(order, options=remote))
    assert (again.error, again.label, len(again.recordings)) == (None, LABEL, 1)


def test_what_cannot_be_signed_says_so_under_its_senders_name(parcel, order, tmp_path):
    (tmp_path / "1").write_bytes(b"not a picture")
    done = sign_once(parcel, Upload(path=str(tmp_path / "1"), name="letter.jpg"), order)
    assert done.error is not None
    assert str(tmp_path) not in str(done.error)
    assert "letter.jpg" in str(done.error)
