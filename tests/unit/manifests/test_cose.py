"""What stands beside a signature is read as it is, and hostile bytes give nothing instead of an error."""

from __future__ import annotations

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from provenance.manifests import cose
from provenance.manifests.containers import jumbf
from provenance.manifests.leaf import key_usages
from tests.support import media
from tests.support.certificates import CLAIM_SIGNING, EMAIL_PROTECTION, FAULTS, make_chain
from tests.unit.manifests.container_lab import SIGNER, read, sign


@pytest.fixture(scope="module")
def store():
    return read(sign(media.jpeg(), "image/jpeg")[0], "image/jpeg").store


def test_the_chain_is_the_one_that_signed(store):
    found = cose.evidence(store.data, store.active)

    signed = x509.load_pem_x509_certificates(SIGNER.chain_pem.encode())
    assert found.chain == tuple(item.public_bytes(Encoding.DER) for item in signed)
    assert (found.token, found.ocsp) == (None, ())


def test_another_label_has_no_evidence(store):
    assert cose.evidence(store.data, "urn:c2pa:another") is None
    assert cose.identity(store.data, store.active, "cawg.identity") is None


def box(kind, body):
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def superbox(label, *boxes):
    return box(b"jumb", box(b"jumd", bytes(17) + label.encode() + b"\x00") + b"".join(boxes))


def a_store(encoded):
    return superbox("c2pa", superbox("one", superbox("c2pa.signature", box(b"cbor", encoded))))


FORMS = {
    "one certificate in the protected header": ({}, {33: b"leaf"}, ((b"leaf",), None, ())),
    "two in the protected header": ({}, {33: [b"leaf", b"next"]}, ((b"leaf", b"next"), None, ())),
    "the name of older claims": ({"x5chain": [b"leaf"]}, {}, ((b"leaf",), None, ())),
    "a time-stamp of each version": (
        {"sigTst": {"tstTokens": [{"val": b"old"}]}, "sigTst2": {"tstTokens": [{"val": b"new"}]}},
        {33: b"leaf"},
        ((b"leaf",), b"new", ()),
    ),
    "stapled answers": ({"rVals": {"ocspVals": [b"one", b"two"]}}, {33: b"leaf"}, ((b"leaf",), None, (b"one", b"two"))),
    "values of other kinds": (
        {"rVals": {"ocspVals": [1, "two"]}, "sigTst2": {"tstTokens": ["x", {"val": 1}]}, "sigTst": 7},
        {33: [b"leaf", 5]},
        ((b"leaf",), None, ()),
    ),
    "nothing": ({}, {}, ((), None, ())),
}


@pytest.mark.parametrize(("unprotected", "protected", "found"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("tagged", [True, False])
def test_each_form_is_read(unprotected, protected, found, tagged):
    signed = [cbor2.dumps(protected), unprotected, None, b"signature"]
    encoded = cbor2.dumps(cbor2.CBORTag(18, signed) if tagged else signed)

    told = cose.evidence(a_store(encoded), "one")

    assert (told.chain, told.token, told.ocsp) == found


HOSTILE = {
    "no CBOR": b"\xff\xff",
    "a number": cbor2.dumps(5),
    "too few parts": cbor2.dumps([b"", {}]),
    "headers that are none": cbor2.dumps([b"\xff", {}, None, b""]),
    "a text for headers": cbor2.dumps([b"", "x", None, b""]),
    "empty": b"",
}


@pytest.mark.parametrize("encoded", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_signature_gives_nothing(encoded):
    assert cose.evidence(a_store(encoded), "one") is None


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=150))
def test_bytes_of_any_kind_end_well(noise, at):
    whole = a_store(cbor2.dumps([cbor2.dumps({33: b"leaf"}), {}, None, b""]))
    cose.evidence(whole[:at] + noise + whole[at + len(noise) :], "one")
    jumbf.content(noise, "one", "c2pa.signature")
    key_usages(noise)


@pytest.mark.parametrize("fault", [None, *sorted(set(FAULTS) - {"version_1"})])
def test_key_usages_are_those_that_cryptography_reads(fault):
    leaf = x509.load_pem_x509_certificates(make_chain(fault)[1].encode())[0]
    try:
        expected = tuple(
            item.dotted_string for item in leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        )
    except x509.ExtensionNotFound:
        expected = ()
    assert key_usages(leaf.public_bytes(Encoding.DER)) == expected


def test_the_usual_certificate_has_two():
    leaf = x509.load_pem_x509_certificates(make_chain()[1].encode())[0]
    assert key_usages(leaf.public_bytes(Encoding.DER)) == (CLAIM_SIGNING, EMAIL_PROTECTION)
