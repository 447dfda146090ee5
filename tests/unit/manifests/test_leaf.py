"""What is read of a signer's certificate without a library."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.manifests import bridge, leaf, reader
from provenance.manifests.reader import Keep
from provenance.model.ports import Algorithm
from tests.support.certificates import make_chain


def certificate():
    _, chain, _ = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    return x509.load_pem_x509_certificates(chain.encode())[0]


def test_the_end_of_a_certificate_is_that_of_the_library():
    found = certificate()
    assert leaf.expires(found.public_bytes(Encoding.DER)) == found.not_valid_after_utc


@pytest.mark.parametrize("cut", [0, 1, 20, 60, 200])
def test_a_certificate_that_is_cut_off_has_none(cut):
    assert leaf.expires(certificate().public_bytes(Encoding.DER)[:cut]) is None


def test_it_is_what_the_engine_says_of_files_of_others(workspace, vectors):
    """The engine's own word stands in its interchange form, which takes a second pass over the file."""
    compared = 0
    for path in sorted(vectors.glob("*.jpg")):
        with path.open("rb") as stream:
            found = reader.read(stream, "image/jpeg", trust=workspace.trust, keep=Keep.INTERCHANGE)
        signature = found.store.active_manifest.signature if found.store else None
        if signature is None or signature.time is None:
            continue
        said = bridge.expiry(found.store.interchange)
        assert signature.expires == datetime.fromisoformat(said), path.name
        compared += 1
    assert compared >= 5
