"""What a manifest states of its content is read as the bytes that resolvers know it by."""

from __future__ import annotations

import base64

import pytest

from provenance.claims.describe import soft_binding_assertion
from provenance.model.claim import Assertion
from provenance.model.fingerprints import ISCC
from provenance.model.manifest import Manifest
from provenance.model.resolution import Binding
from provenance.workspace.bindings import stated

MARK = "com.example.mark"


def manifest(*assertions):
    return Manifest(
        label="urn:c2pa:one", claim_version=2, title=None, media_type=None, generators=(), signature=None, actions=(),
        ingredients=(), assertions=assertions, thumbnail=None,
    )  # fmt: skip


def states(algorithm, value):
    return Assertion(label="c2pa.soft-binding", data={"alg": algorithm, "blocks": [{"scope": {}, "value": value}]})


UNIT = bytes(range(34))
VALUES = {
    "bytes, as the engine reports them": (states(MARK, [1, 2, 255]), [b"\1\2\xff"]),
    "a fingerprint in base64": (states(ISCC, base64.b64encode(UNIT).decode()), [UNIT]),
    "a fingerprint that is no base64": (states(ISCC, "ISCC:EEA"), []),
    "an identifier": (states(MARK, "83424621-03cb-40e3-9808-a9fae837156d"), [b"83424621-03cb-40e3-9808-a9fae837156d"]),
    "digits of which base64 has one less": (states(MARK, "2*0101"), [b"2*0101"]),
    "base64, or text that looks like it": (states(MARK, "bmV3cw=="), [b"news", b"bmV3cw=="]),
    "hexadecimal, which base64 can be too": (states(MARK, "c0ffee00"), [base64.b64decode("c0ffee00"), b"c0ffee00"]),
    "our own": (soft_binding_assertion(MARK, b"\0\x81"), [b"\0\x81", b"AIE="]),
    "numbers that are no bytes": (states(MARK, [1, 256]), []),
    "nothing": (states(MARK, ""), []),
    "a number": (states(MARK, 7), []),
}


@pytest.mark.parametrize(("assertion", "values"), VALUES.values(), ids=VALUES)
def test_a_value_is_read_as_what_it_can_stand_for(assertion, values):
    algorithm = assertion.data["alg"]
    assert stated(manifest(assertion)) == tuple(Binding(algorithm=algorithm, value=it) for it in values)


def test_each_binding_is_returned_once_and_other_assertions_are_passed_over():
    one = soft_binding_assertion(ISCC, UNIT)
    numbered = Assertion(label="c2pa.soft-binding__1", data=one.data)
    other = Assertion(label="c2pa.hash.data", data=one.data)
    assert stated(manifest(one, numbered, other)) == (Binding(algorithm=ISCC, value=UNIT),)
