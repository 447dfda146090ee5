"""What becomes of a signed file when its bytes are altered: found, said as what it is, and never accepted."""

from __future__ import annotations

import pytest

from provenance.errors import UnsupportedMedia
from provenance.model.facets import Content, Credential, Signer, Signing
from provenance.model.verdict import Decision
from tests.support import media
from tests.support.campaign import cases
from tests.tampering import alterations as alter

KINDS = tuple(media.EXTENSIONS)
REVIEW, REJECTED = Decision.REVIEW, Decision.REJECTED
BMFF = ("avif", "mp4", "mov", "m4a", "heic", "heif")
LOST_BY_INSERTION = {"webp", "tiff", "wav", "avi", "pdf"}
"""Their manifest stands behind the media, where nobody looks when what points to it is no longer true."""


def state(verdict):
    facets = verdict.facets
    return facets.credential.state, facets.content.state, verdict.decision


CHANGED = (Credential.PRESENT, Content.CHANGED, REJECTED)
UNREADABLE = (Credential.UNREADABLE, Content.NOT_CHECKED, REJECTED)
ABSENT = (Credential.ABSENT, Content.NOT_CHECKED, REVIEW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_file_is_accepted_as_long_as_nobody_touches_it(kind, signed, look):
    assert state(look(signed(kind))) == (Credential.PRESENT, Content.INTACT, Decision.ACCEPTED)


@cases("bits", [0x01], more=[0x80, 0xFF])
@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_of_the_media_is_found(kind, bits, signed, look):
    data = signed(kind)
    verdict = look(alter.flip(data, alter.media_offset(kind, media.make(kind), data), bits))
    assert state(verdict) == CHANGED
    assert verdict.facets.signature.state is Signing.VALID
    assert verdict.inspection.store.reported_state == "Invalid"


@pytest.mark.parametrize("kind", KINDS)
def test_appended_bytes_are_found(kind, signed, look):
    assert state(look(signed(kind) + b"appended bytes")) in {CHANGED, UNREADABLE}


@pytest.mark.parametrize("kind", KINDS)
def test_prepended_bytes_hide_no_change(kind, signed, look):
    data = b"prepended bytes" + signed(kind)
    if kind == "pdf":
        assert state(look(data)) == CHANGED
    else:
        with pytest.raises(UnsupportedMedia):
            look(data)


@pytest.mark.parametrize("kind", KINDS)
def test_inserted_bytes_are_found_or_take_the_credentials_away(kind, signed, look):
    data = signed(kind)
    at = alter.media_offset(kind, media.make(kind), data)
    found = state(look(data[:at] + b"inserted" + data[at:]))
    assert found in {CHANGED, UNREADABLE} or (found == ABSENT and kind in LOST_BY_INSERTION)


@cases("left", [0.9, 0.1], more=[0.999, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_short_is_never_accepted(kind, left, signed, look):
    data = signed(kind)
    assert state(look(data[: int(len(data) * left)])) in {CHANGED, UNREADABLE, ABSENT}


@pytest.mark.parametrize("kind", KINDS)
def test_a_last_byte_that_is_missing_is_found(kind, signed, look):
    assert state(look(signed(kind)[:-1])) in {CHANGED, UNREADABLE}


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "gif", "avif"])
def test_saving_a_file_again_takes_its_credentials_away(kind, signed, look):
    assert state(look(alter.saved_again(signed(kind)))) == ABSENT


def test_editing_the_metadata_of_a_signed_file_is_found(signed, look):
    assert state(look(alter.with_author(signed("jpeg")))) == CHANGED


@pytest.mark.parametrize("kind", [kind for kind in BMFF if kind not in {"heic", "heif"}])
def test_a_free_box_behind_the_end_is_the_one_addition_that_the_standard_allows(kind, signed, look):
    """The hash of ISO files leaves free boxes out (C2PA 2.4, BMFF hash exclusions); what players show is in others."""
    assert look(signed(kind) + b"\x00\x00\x00\x10free12345678").facets.content.state is Content.INTACT
    assert state(look(signed(kind) + b"\x00\x00\x00\x10mdat12345678")) == CHANGED


def test_a_manifest_transplanted_into_another_file_does_not_fit(signed, look):
    verdict = look(alter.transplanted(signed("jpeg", 1), signed("jpeg", 2)))
    assert state(verdict) == CHANGED
    assert verdict.facets.signature.state is Signing.VALID


def test_a_manifest_transplanted_into_its_own_file_fits(signed, look):
    assert state(look(alter.transplanted(signed("jpeg", 1), signed("jpeg", 1))))[1] is Content.INTACT


def test_a_sidecar_of_another_file_does_not_fit(desk, signed, look, tmp_path):
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    one.write_bytes(signed("jpeg", 1))
    other.write_bytes(alter.without_jpeg_store(signed("jpeg", 2)))
    desk.extract(one, tmp_path / "other.jpg.c2pa")
    verdict = look(other)
    assert verdict.inspection.carrier == "sidecar"
    assert state(verdict) == CHANGED


def test_what_is_in_the_file_decides_and_not_what_lies_beside_it(desk, signed, look, tmp_path):
    path, donor = tmp_path / "photo.jpg", tmp_path / "donor.jpg"
    donor.write_bytes(signed("jpeg", 1))
    desk.extract(donor, tmp_path / "photo.jpg.c2pa")
    bare = alter.without_jpeg_store(signed("jpeg", 1))
    path.write_bytes(alter.flip(signed("jpeg", 1), len(signed("jpeg", 1)) - 60))
    assert state(look(path)) == CHANGED
    path.write_bytes(alter.two_stores("jpeg", signed("jpeg", 1), signed("jpeg", 2)))
    assert state(look(path)) == UNREADABLE
    path.write_bytes(bare)
    assert look(path).inspection.carrier == "sidecar"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 64, b"not a manifest store", bytes(range(256)) * 8],
    ids=["empty", "zeros", "text", "noise"],
)
def test_a_sidecar_that_is_none_is_unreadable_and_not_absent(content, signed, look, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(media.jpeg(5))
    (tmp_path / "photo.jpg.c2pa").write_bytes(content)
    assert state(look(path)) == UNREADABLE


@pytest.mark.parametrize("kind", alter.HOLD_TWO)
@pytest.mark.parametrize("second", ["same", "another"])
def test_a_second_manifest_store_is_not_chosen_from(kind, second, desk, signed, look):
    data = signed(kind)
    other = data if second == "same" else desk.sign(media.make(kind)).data
    assert state(look(alter.two_stores(kind, data, other))) in {CHANGED, UNREADABLE}


def test_an_altered_assertion_is_found(signed, look):
    data = signed("jpeg")
    verdict = look(alter.replaced(data, b"c2pa.published", b"c2pa.unknown\x00\x00"))
    assert state(verdict) == CHANGED
    assert "assertion.hashedURI.mismatch" in verdict.facets.content.reason


def test_an_altered_claim_no_longer_fits_its_signature(signed, look):
    data = signed("jpeg")
    verdict = look(alter.replaced(data, b"provenance", b"provenancE"))
    assert verdict.facets.signature.state is Signing.INVALID
    assert verdict.facets.signer.state is Signer.NOT_CHECKED
    assert verdict.decision is REJECTED


@pytest.mark.parametrize("distance", [1, 16, 40, 64])
def test_an_altered_signature_is_found(distance, signed, look):
    data = signed("jpeg")
    # It follows the absent payload (CBOR null) as a byte string of 64 bytes.
    end = data.rindex(b"\xf6\x58\x40") + 3 + 64
    verdict = look(alter.flip(data, end - distance))
    assert verdict.facets.signature.state is Signing.INVALID
    assert verdict.decision is REJECTED


@pytest.mark.parametrize("address", [b"c2pa/assertions/", b"/2pa.assertions/", b"c2pa.assertionz/"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_claim_that_points_outside_its_manifest_is_rejected(number, address, signed, look):
    """The engine may then name an active manifest that it does not report."""
    data = signed("jpeg")
    places = [at for at in range(len(data)) if data.startswith(b"#jumbf=c2pa.assertions/", at)]
    start = places[number] + len(b"#jumbf=")
    verdict = look(data[:start] + address + data[start + len(address) :])
    assert verdict.decision is REJECTED


@pytest.mark.parametrize(
    "name",
    [
        "python__CA.jpg", "rs__C.jpg", "rs__CACA.jpg", "rs__ocsp.jpg", "python__boxhash.jpg",
        "rs__update_manifest.jpg",
    ],
)  # fmt: skip
def test_one_changed_byte_in_a_file_signed_by_others_is_found(name, vectors, look):
    data = (vectors / name).read_bytes()
    assert state(look(alter.flip(data, len(data) - 100))) == CHANGED
