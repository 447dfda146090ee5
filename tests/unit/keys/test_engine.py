"""What the engine says: every algorithm signs and reads, and nothing it refuses gets past the check."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import c2pa
import pytest
from PIL import Image

from provenance.keys import FileSigner, check_chain, ephemeral_signer, parse_chain
from provenance.keys.authority import issue_development_identity
from provenance.keys.open import open_key
from provenance.model.ports import Algorithm
from provenance.model.trust import DEFAULT_KEY_USAGES
from tests.support.certificates import FAULTS, Plan, build, make_chain

SIGNED_ANYWAY = {
    "no_organization": "Trusted",
    "timestamp_eku": "Trusted",
    "non_repudiation_only": "Trusted",
    "root_included": "Trusted",
    "gap": "Valid",
    "intermediate_expired": "Valid",
    "intermediate_not_ca": "Valid",
}
"""Faults that the engine does not see when signing, with what it says when reading."""


@pytest.fixture(scope="module")
def jpeg():
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "JPEG")
    return file.getvalue()


def context(root_pem):
    anchor = {"trust_kind": "manifest", "trust_uri": "test", "trust_anchors": root_pem}
    return c2pa.Context.from_dict({
        "trust": {"trust_config": "\n".join(DEFAULT_KEY_USAGES), "anchors": [anchor]},
        "verify": {"remote_manifest_fetch": False},
        "core": {"allowed_network_hosts": []},
        "builder": {"thumbnail": {"enabled": False}},
    })  # fmt: skip


def sign_and_read(signer, root_pem, media):
    """Return the engine's state and the issuer it shows. Raises `C2paError` when it refuses to sign."""
    kind = getattr(c2pa.C2paSigningAlg, signer.algorithm.name)
    signed = io.BytesIO()
    definition = {"claim_generator_info": [{"name": "test", "version": "1"}], "assertions": []}
    with (
        context(root_pem) as settings,
        c2pa.Signer.from_callback(signer.sign, kind, signer.chain_pem, None) as handle,
        c2pa.Builder(definition, context=settings) as builder,
    ):
        builder.set_intent(c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.DIGITAL_CAPTURE)
        builder.sign(handle, "image/jpeg", io.BytesIO(media), signed)
        with c2pa.Reader("image/jpeg", signed, context=settings) as reader:
            store = json.loads(reader.json())
            issuer = store["manifests"][store["active_manifest"]]["signature_info"].get("issuer")
            return reader.get_validation_state(), issuer


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_development_identity_round_trip(jpeg, tmp_path, algorithm):
    identity = issue_development_identity("Agência 新闻", algorithm=algorithm, days=1, at=datetime.now(UTC))
    (tmp_path / "key.pem").touch(mode=0o600)
    (tmp_path / "key.pem").write_bytes(identity.key_pem)
    signer = open_key("file:key.pem", identity.chain_pem, name="x", secret=lambda wanted: None, base=tmp_path)
    assert sign_and_read(signer, identity.root_pem, jpeg) == ("Trusted", "Agência 新闻")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_round_trip_with_an_intermediate(jpeg, algorithm):
    key, chain_pem, root_pem = make_chain(algorithm=algorithm, at=datetime.now(UTC))
    signer = FileSigner(name="x", algorithm=algorithm, chain_pem=chain_pem, private_key=key)
    assert sign_and_read(signer, root_pem, jpeg) == ("Trusted", "Example News")


def test_ephemeral_signer_is_accepted(jpeg):
    _, _, root_pem = make_chain(at=datetime.now(UTC))
    state, issuer = sign_and_read(ephemeral_signer(), root_pem, jpeg)
    assert (state, issuer) == ("Valid", "Ephemeral")


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "ed448"])
def test_what_the_engine_refuses_the_check_refuses(jpeg, fault):
    now = datetime.now(UTC)
    key, chain_pem, root_pem = make_chain(fault, at=now)
    algorithm = Algorithm.PS256 if fault == "rsa_1024" else Algorithm.ES256
    signer = FileSigner(name="x", algorithm=algorithm, chain_pem=chain_pem, private_key=key)
    assert check_chain(parse_chain(chain_pem), at=now)
    if fault in SIGNED_ANYWAY:
        assert sign_and_read(signer, root_pem, jpeg)[0] == SIGNED_ANYWAY[fault]
    else:
        with pytest.raises(c2pa.C2paError):
            sign_and_read(signer, root_pem, jpeg)


def test_rsa_beyond_4096_bits_is_refused_by_both(jpeg):
    now = datetime.now(UTC)
    key, chain_pem, root_pem = build(Plan(kind="rsa_4104"), at=now)
    signer = FileSigner(name="x", algorithm=Algorithm.PS512, chain_pem=chain_pem, private_key=key)
    assert [fault.rule for fault in check_chain(parse_chain(chain_pem), at=now)] == ["key"]
    with pytest.raises(c2pa.C2paError, match="invalid public key"):
        sign_and_read(signer, root_pem, jpeg)
