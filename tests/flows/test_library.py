"""The functions of the package: a path, bytes or an open binary file, without any workspace of one's own."""

from __future__ import annotations

import io

import pytest

import provenance
from tests.support import media

pytestmark = pytest.mark.usefixtures("home")

GIVEN = {
    "path": lambda path: path,
    "text": str,
    "bytes": lambda path: path.read_bytes(),
    "open file": lambda path: path.open("rb"),
    "memory": lambda path: io.BytesIO(path.read_bytes()),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_sign_inspect_and_verify_take_what_one_has(given, photo):
    source = given(photo)
    signed = provenance.sign(source)
    if isinstance(source, io.IOBase):
        source.close()
    data = signed.path.read_bytes() if signed.path else signed.data
    again = photo.with_name("again.jpg")
    again.write_bytes(data)

    for look in (provenance.inspect, provenance.verify):
        taken = given(again)
        found = look(taken)
        if isinstance(taken, io.IOBase):
            taken.close()
        facets = found.facets
        assert facets.content.state == "intact"
        assert facets.signer.state == "trusted"


def test_an_output_can_be_named_for_bytes_too(tmp_path):
    signed = provenance.sign(media.jpeg(), tmp_path / "out.jpg")
    assert signed.path == tmp_path / "out.jpg"
    assert provenance.verify(tmp_path / "out.jpg").decision is provenance.Decision.ACCEPTED


def test_the_digest_is_computed_when_asked_for_only(photo):
    import hashlib

    assert provenance.inspect(photo).media.digest is None
    asked = provenance.inspect(photo, digest=True).media.digest
    assert asked.value == hashlib.sha256(photo.read_bytes()).hexdigest()


def test_a_failed_verification_is_data(photo):
    signed = bytearray(provenance.sign(photo.read_bytes()).data)
    signed[-30] ^= 1
    verdict = provenance.verify(bytes(signed))
    assert verdict.decision is provenance.Decision.REJECTED
    assert verdict.facets.signature.state == "valid"


def test_identities_are_chosen_by_name(photo):
    with pytest.raises(provenance.NoIdentity, match="Nobody"):
        provenance.sign(photo, identity="Nobody")
    assert provenance.sign(photo, identity="example news").signer == "Example News"
