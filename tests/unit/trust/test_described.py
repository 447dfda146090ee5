"""What a certificate says of itself, for rules that ask for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.keys import parse_chain
from provenance.model.trust import Purpose, Trust, TrustList
from provenance.trust.described import described
from tests.support.certificates import AT, CLAIM_SIGNING, EMAIL_PROTECTION, Plan, build


def made(**changes):
    _, chain, root = build(replace(Plan(), **changes))
    return [item.public_bytes(Encoding.DER) for item in parse_chain(chain)], root


def trust(root, name="list"):
    return Trust(lists=(TrustList(name=name, purpose=Purpose.SIGNER, anchors=(root,), source="", digest=""),))


@pytest.mark.parametrize(
    ("kind", "told"),
    [("es256", ("ec", 256)), ("es384", ("ec", 384)), ("ps256", ("rsa", 2048)), ("ed25519", ("ed25519", 256))],
)
def test_keys_are_named_with_their_strength(kind, told):
    chain, _ = made(kind=kind)
    found = described(chain, Trust())
    assert (found.key_type, found.key_bits) == told


def test_dates_uses_policies_and_lists_are_read():
    policy = x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in ("1.2.3", "1.3.6.1.4.1.62558.3")]
    )
    chain, root = made(purposes=(CLAIM_SIGNING, EMAIL_PROTECTION), extra=policy, starts=-5, ends=20)
    found = described(chain, trust(root))
    assert found.valid_from <= AT <= found.valid_until
    assert (found.valid_until - found.valid_from).days == 25
    assert found.key_usages == (CLAIM_SIGNING, EMAIL_PROTECTION)
    assert found.policies == ("1.2.3", "1.3.6.1.4.1.62558.3")
    assert [item.through for item in found.paths] == ["list"]


def test_what_is_not_there_is_empty():
    chain, _ = made(purposes=None)
    found = described(chain, Trust())
    assert (found.key_usages, found.policies, found.paths) == ((), (), ())


@pytest.mark.parametrize("chain", [[], [b""], [b"\x30\x03\x02\x01\x05"]], ids=["none", "empty", "no certificate"])
def test_what_cannot_be_read_is_not_described(chain):
    assert described(chain, Trust()) is None
