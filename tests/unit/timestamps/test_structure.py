"""Tokens that are well signed and badly built are refused before anything is made of them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, core, tsp, x509

from provenance import der
from provenance.errors import TimestampError
from provenance.timestamps.token import Fault, check_token, fault_of, read_token
from tests.support.tsa_certificates import Form, make_chain
from tests.support.tsa_tokens import MESSAGE, Recipe, ask, write

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHAIN = make_chain(at=AT)


def token():
    return tsp.TimeStampResp.load(write(ask(), Recipe(), CHAIN, AT))["time_stamp_token"]


def signer(content):
    return content["content"]["signer_infos"][0]


def attribute(content, kind):
    return next(item for item in signer(content)["signed_attrs"] if item["type"].native == kind)


def another_kind_of_certificate(content):
    other = cms.OtherCertificateFormat({"other_cert_format": "1.2.3", "other_cert": core.Null()})
    content["content"]["certificates"].append(cms.CertificateChoices("other", other))


def a_signed_attribute_twice(content):
    signer(content)["signed_attrs"].append(attribute(content, "content_type").copy())


def a_signed_attribute_with_two_values(content):
    attribute(content, "message_digest")["values"].append(hashlib.sha256(b"another").digest())


def nothing_signed_but_the_content(content):
    del signer(content)["signed_attrs"]


def content_of_another_type(content):
    content["content"]["encap_content_info"]["content_type"] = "data"


def no_content(content):
    del content["content"]["encap_content_info"]["content"]


EDITS = {
    another_kind_of_certificate: "something else among its certificates",
    a_signed_attribute_twice: "attribute is there twice",
    a_signed_attribute_with_two_values: "has several values",
    nothing_signed_but_the_content: "a field is missing",
    content_of_another_type: "what is signed is no time-stamp",
    no_content: "a field is missing",
}


@pytest.mark.parametrize(("edit", "reason"), EDITS.items(), ids=[edit.__name__ for edit in EDITS])
def test_a_token_that_is_badly_built_is_refused(edit, reason):
    content = token()
    assert check_token(content.dump(), imprint_of=MESSAGE, anchors=None).time == AT
    edit(content)
    with pytest.raises(TimestampError, match=reason) as caught:
        check_token(content.dump(force=True), imprint_of=MESSAGE, anchors=None)
    assert fault_of(caught.value) is Fault.MALFORMED


def test_a_container_of_something_else_is_no_token():
    whole = token().dump()
    signed_data, digested_data = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010705")
    with pytest.raises(TimestampError, match="no signed data"):
        read_token(whole.replace(signed_data, digested_data, 1))


def test_a_token_whose_content_is_in_pieces_is_refused():
    whole = token().dump()
    one = core.OctetString(content_of(whole)).dump()
    with pytest.raises(TimestampError, match="not in one piece"):
        read_token(swapped(der.read(whole), one, der._written(0x24, one)))


def test_signed_attributes_may_stand_in_another_order_than_they_are_signed_in():
    whole = token().dump()
    attributes = signer(cms.ContentInfo.load(whole))["signed_attrs"].contents
    parts = [item.whole for item in der.split(attributes)]
    assert parts == sorted(parts)
    turned = whole.replace(attributes, b"".join(reversed(parts)))
    assert turned != whole
    assert check_token(turned, imprint_of=MESSAGE, anchors=None).time == AT


NAMESAKES = {
    "the same issuer": Form(),
    "the same number": Form(issuer="Another Time Issuer", serial=x509.Certificate.load(CHAIN.leaf).serial_number),
}


@pytest.mark.parametrize("form", NAMESAKES.values(), ids=NAMESAKES)
def test_the_certificate_of_the_authority_is_found_beside_others_with(form):
    whole, other = token().dump(), make_chain(form, at=AT).leaf
    certificates = der._written(0xA0, b"".join(sorted([CHAIN.leaf, CHAIN.intermediate])))
    assert certificates in whole
    for pair in ([CHAIN.leaf, other], [other, CHAIN.leaf]):
        changed = swapped(der.read(whole), certificates, der._written(0xA0, b"".join(pair)))
        assert check_token(changed, imprint_of=MESSAGE, anchors=None).authority == "Example Time Authority"


def test_a_certificate_with_a_number_below_zero_is_none():
    number = x509.Certificate.load(CHAIN.leaf)["tbs_certificate"]["serial_number"].contents
    below = CHAIN.leaf.replace(number, bytes([number[0] | 0x80]) + number[1:], 1)
    with pytest.raises(TimestampError, match="does not carry the certificate"):
        read_token(token().dump().replace(CHAIN.leaf, below))


ACCURACIES = {
    "nothing": ("3000", timedelta()),
    "seconds": ("3003020101", timedelta(seconds=1)),
    "milliseconds": ("3004800201f4", timedelta(milliseconds=500)),
    "all three": ("3009020102800103810104", timedelta(seconds=2, milliseconds=3, microseconds=4)),
}


@pytest.mark.parametrize(("encoded", "length"), ACCURACIES.values(), ids=ACCURACIES)
def test_accuracies_of_every_form_are_read(encoded, length):
    assert read_token(with_accuracy(encoded)).accuracy == length


@pytest.mark.parametrize("encoded", ["30030201ff", "3008020600ffffffffff", "3003820101"])
def test_an_accuracy_that_is_no_length_of_time_is_refused(encoded):
    with pytest.raises(TimestampError, match="cannot be read"):
        read_token(with_accuracy(encoded))


def with_accuracy(encoded):
    """Return a token, no longer signed, whose content has an accuracy in these bytes."""
    whole = token().dump()
    content = content_of(whole)
    fields = [item.whole for item in der.split(der.read(content).body)]
    fields.insert(5, bytes.fromhex(encoded))
    before, after = (core.OctetString(item).dump() for item in (content, der.sequence(*fields)))
    return swapped(der.read(whole), before, after)


def content_of(whole):
    """Return what is signed in a token."""
    return cms.ContentInfo.load(whole)["content"]["encap_content_info"]["content"].parsed.dump()


def swapped(element, before, after):
    """Return an element with another one inside, all lengths fitting."""
    if before not in element.whole:
        return element.whole
    if element.whole == before:
        return after
    return der._written(element.tag, b"".join(swapped(item, before, after) for item in der.split(element.body)))
