"""Time-stamps are read, and each check is made as of the time that they name."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import tsp
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.errors import TimestampError, TrustError
from provenance.timestamps.token import Fault, check_token, fault_of, read_token
from tests.support.campaign import examples
from tests.support.tsa_certificates import FORMS, Form, make_chain, pem
from tests.support.tsa_tokens import MESSAGE, NONCE, POLICY, SAID, Recipe, ask, write

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LISTED = make_chain(at=AT)
ANCHORS = [pem(LISTED.root)]


def response(recipe=None, *, kind="es256", request=None, time=AT):
    recipe = recipe or Recipe()
    return write(request or ask(), recipe, make_chain(recipe.form, kind=kind, at=AT), time)


def bare(der):
    return tsp.TimeStampResp.load(der)["time_stamp_token"].dump()


def check(der, *, message=MESSAGE, anchors=ANCHORS):
    return check_token(der, imprint_of=message, anchors=anchors)


GOOD = {
    "plain": Recipe(),
    "granted with modifications": Recipe(status="granted_with_mods"),
    "certificate named by SHA-1": Recipe(names=("v1",)),
    "certificate named twice": Recipe(names=("v1", "v2")),
    "certificate named by SHA-512": Recipe(names=("v2-sha512",)),
    "certificates in no order": Recipe(turned=True),
    "only its own certificate": Recipe(carries=("leaf",)),
    "the root as well": Recipe(carries=("leaf", "intermediate", "root")),
    "without a signing time": Recipe(signing_time=None),
    "a signing time half a minute later": Recipe(signing_time=timedelta(seconds=30)),
    "an issuer for time-stamps alone": Recipe(form=FORMS["issuer-for-time"]),
    "an issuer for any purpose": Recipe(form=FORMS["issuer-for-any"]),
    "three issuers": Recipe(form=Form(steps=2)),
    "SHA-512 throughout": Recipe(digest="sha512"),
}


@pytest.mark.parametrize("recipe", GOOD.values(), ids=GOOD)
def test_a_good_time_stamp_passes_every_check(recipe):
    issuers = ANCHORS if "intermediate" in recipe.carries else [pem(LISTED.intermediate)]
    assert check(response(recipe), anchors=issuers).time == AT


@pytest.mark.parametrize("kind", ["es256", "es384", "es512", "ps256", "ps512", "ed25519"])
def test_authorities_may_have_keys_of_every_usual_kind(kind):
    recipe = Recipe(digest="sha512")
    assert check(response(recipe, kind=kind)).serial == 4711


def test_a_token_says_what_the_authority_said():
    token = read_token(response(Recipe(millis=500, microsecond=250_000)))
    assert token.time == AT.replace(microsecond=250_000)
    assert (token.policy, token.algorithm, token.serial, token.nonce) == (POLICY, "sha256", 4711, NONCE)
    assert token.imprint == tsp.TimeStampReq.load(ask())["message_imprint"]["hashed_message"].native
    assert token.authority == "Example Time Authority"
    assert (token.not_before, token.not_after) == (AT - timedelta(days=100), AT + timedelta(days=100))
    assert len(token.certificates) == 2
    assert token.accuracy == timedelta(seconds=1.5)
    assert pickle.loads(pickle.dumps(token)) == token


def test_what_an_authority_leaves_out_is_not_invented():
    token = read_token(response(request=ask(nonce=None)))
    assert (token.nonce, token.accuracy) == (None, None)


def test_a_token_is_read_alone_and_in_its_response():
    der = response()
    assert read_token(bare(der)) == read_token(der)
    assert check(bare(der)) == check(der)


def test_the_name_of_an_authority_is_safe_to_print():
    token = read_token(response(Recipe(form=FORMS["odd-name"])))
    assert token.authority == "\\x1b[31mRed\\u202e Time"


BAD = {
    "the message is another one": (Recipe(imprint=b"\x07" * 32), Fault.MISMATCH, "the one of something else"),
    "the imprint is made with SHA-1": (Recipe(imprint_algorithm="sha1"), Fault.UNTRUSTED, "digest that does not count"),
    "the content was changed": (Recipe(altered=True), Fault.MISMATCH, "changed after it was signed"),
    "the signature was changed": (Recipe(tampered=True), Fault.UNTRUSTED, "not the one of its authority"),
    "it is signed over SHA-1": (Recipe(digest="sha1"), Fault.UNTRUSTED, "digest that does not count"),
    "another certificate is named": (Recipe(names_other=True), Fault.MISMATCH, "another certificate"),
    "another is named by SHA-1": (Recipe(names=("v1",), names_other=True), Fault.MISMATCH, "another certificate"),
    "no certificate is named": (Recipe(names=()), Fault.MALFORMED, "which certificate"),
    "one is named by SHA-1 where it may not": (Recipe(names=("v2-sha1",)), Fault.MALFORMED, "digest that does not"),
    "two times are named": (Recipe(signing_time=timedelta(minutes=2)), Fault.MISMATCH, "two times"),
    "what was signed is something else": (Recipe(content_type="data"), Fault.MALFORMED, "of another type"),
    "there is no digest": (Recipe(without=("message_digest",)), Fault.MALFORMED, "attribute is missing"),
    "there is no type": (Recipe(without=("content_type",)), Fault.MALFORMED, "attribute is missing"),
    "no certificate is there": (Recipe(carries=()), Fault.MALFORMED, "does not carry the certificate"),
    "only other certificates": (Recipe(carries=("intermediate",)), Fault.MALFORMED, "does not carry the certificate"),
    "two signers": (Recipe(signers=2), Fault.MALFORMED, "2 signers"),
    "no signer": (Recipe(signers=0), Fault.MALFORMED, "0 signers"),
    "a signer named by its key": (Recipe(by_key=True), Fault.MALFORMED, "by a key identifier"),
    "another version": (Recipe(version=2), Fault.MALFORMED, "version nobody knows"),
    "a critical extension": (Recipe(critical_extension=True), Fault.MALFORMED, "critical extension nobody knows"),
    "no purpose": (Recipe(form=FORMS["no-purpose"]), Fault.UNTRUSTED, "not made for time-stamps"),
    "another purpose": (Recipe(form=FORMS["other-purpose"]), Fault.UNTRUSTED, "not made for time-stamps"),
    "more purposes": (Recipe(form=FORMS["more-purposes"]), Fault.UNTRUSTED, "not made for time-stamps"),
    "any purpose": (Recipe(form=FORMS["any-purpose"]), Fault.UNTRUSTED, "not made for time-stamps"),
    "an uncritical purpose": (Recipe(form=FORMS["uncritical-purpose"]), Fault.UNTRUSTED, "as critical"),
    "a key not for signatures": (Recipe(form=FORMS["no-signatures"]), Fault.UNTRUSTED, "does not allow digital"),
    "a certification authority": (Recipe(form=FORMS["is-authority"]), Fault.UNTRUSTED, "certification authority"),
    "expired": (Recipe(form=FORMS["expired"]), Fault.OUTSIDE_VALIDITY, "outside the validity"),
    "not yet valid": (Recipe(form=FORMS["not-yet-valid"]), Fault.OUTSIDE_VALIDITY, "outside the validity"),
    "not listed": (Recipe(form=FORMS["unlisted"]), Fault.UNTRUSTED, "no trusted list"),
    "an issuer that expired": (Recipe(form=FORMS["expired-issuer"]), Fault.UNTRUSTED, "no trusted list"),
    "an issuer for e-mail": (Recipe(form=FORMS["issuer-for-mail"]), Fault.UNTRUSTED, "no trusted list"),
    "an issuer that may not issue": (Recipe(form=FORMS["issuer-is-none"]), Fault.UNTRUSTED, "no trusted list"),
    "four issuers": (Recipe(form=Form(steps=3)), Fault.UNTRUSTED, "no trusted list"),
    "refused": (Recipe(status="rejection", has_token=False), Fault.MALFORMED, "grants no time-stamp: rejection"),
    "refused, with a token": (Recipe(status="rejection"), Fault.MALFORMED, "grants no time-stamp: rejection"),
    "granted, without a token": (Recipe(has_token=False), Fault.MALFORMED, "a field is missing"),
}


@pytest.mark.parametrize(("recipe", "fault", "reason"), BAD.values(), ids=BAD)
def test_a_time_stamp_that_breaks_a_rule_is_refused_by_its_name(recipe, fault, reason):
    with pytest.raises(TimestampError, match=reason) as caught:
        check(response(recipe))
    assert fault_of(caught.value) is fault


WEAK = {
    "RSA with 1024 bits": ("rsa_1024", Recipe()),
    "a curve that nobody else uses": ("secp256k1", Recipe()),
    "ECDSA with another digest than the content's": ("es256", Recipe(digest="sha512", called="sha256_ecdsa")),
    "RSA with another digest than the content's": ("ps256", Recipe(digest="sha512", called="sha256_rsa")),
    "RSA that is called ECDSA": ("ps256", Recipe(called="sha256_ecdsa")),
    "RSA with PSS, which the engine does not read": ("ps256", Recipe(pss=True)),
}


@pytest.mark.parametrize(("kind", "recipe"), WEAK.values(), ids=WEAK)
def test_a_key_or_an_algorithm_that_does_not_count_is_refused(kind, recipe):
    with pytest.raises(TimestampError, match="a key or an algorithm that does not count") as caught:
        check(response(recipe, kind=kind))
    assert fault_of(caught.value) is Fault.UNTRUSTED


def test_reading_does_not_judge():
    der = response(Recipe(form=FORMS["expired"], tampered=True))
    assert read_token(der).time == AT


def test_the_text_of_a_refusal_is_safe_to_print():
    der = response(Recipe(status="rejection", text=SAID, failure="bad_request", has_token=False))
    with pytest.raises(TimestampError) as caught:
        read_token(der)
    assert caught.value.message.endswith("rejection, bad request, “come back \\x1b[31mtomorrow\\u202e”")


def test_an_authority_is_judged_as_of_the_time_that_it_names():
    year_ago = AT - timedelta(days=365)
    chain = make_chain(at=year_ago)
    assert chain.leaf != LISTED.leaf
    assert check(write(ask(), Recipe(), chain, year_ago)).time == year_ago


LISTS = {
    "its root": [pem(LISTED.root)],
    "its issuer, which is no root": [pem(LISTED.intermediate)],
    "several in one text": [pem(make_chain(FORMS["unlisted"], at=AT).root) + pem(LISTED.root)],
}


@pytest.mark.parametrize("anchors", LISTS.values(), ids=LISTS)
def test_a_list_may_name_roots_and_others(anchors):
    assert check(response(), anchors=anchors).serial == 4711


def test_a_list_may_name_the_authority_itself():
    der = response()
    own = [pem(item) for item in read_token(der).certificates]
    for certificate in own:
        assert check(der, anchors=[certificate]).serial == 4711


def test_an_empty_list_trusts_nobody_and_no_list_leaves_it_open():
    with pytest.raises(TimestampError, match="no trusted list") as caught:
        check(response(), anchors=[])
    assert fault_of(caught.value) is Fault.UNTRUSTED
    assert check(response(Recipe(form=FORMS["unlisted"])), anchors=None).serial == 4711


def test_a_list_of_another_authority_with_the_same_names_does_not_help():
    with pytest.raises(TimestampError, match="vouches for “Example Time Authority” as of 2026-03-01"):
        check(response(), anchors=[pem(make_chain(FORMS["unlisted"], at=AT).root)])


def test_a_list_that_is_damaged_is_not_taken_for_an_empty_one():
    with pytest.raises(TrustError, match="cannot be read"):
        check(response(), anchors=["-----BEGIN CERTIFICATE-----\nTm90IGEg\n-----END CERTIFICATE-----\n"])


def test_the_imprint_can_be_left_to_the_caller():
    assert check(response(Recipe(imprint=b"\x07" * 32)), message=None).imprint == b"\x07" * 32


NONSENSE = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><title>Log in</title>",
    "an empty sequence": b"\x30\x00",
    "a certificate": LISTED.leaf,
    "a request": ask(),
    "cut off": response()[:-1],
    "something after it": response() + b"\x00",
    "of endless length": b"\x30\x80" + response()[4:] + b"\x00\x00",
}


@pytest.mark.parametrize("der", NONSENSE.values(), ids=NONSENSE)
def test_what_is_no_time_stamp_is_said_to_be_none(der):
    for read in (read_token, check):
        with pytest.raises(TimestampError) as caught:
            read(der)
        assert fault_of(caught.value) is Fault.MALFORMED


def test_a_token_with_many_certificates_is_refused_before_a_path_is_looked_for():
    with pytest.raises(TimestampError, match="more than 10 certificates"):
        check(response(Recipe(carries=("leaf",) + ("intermediate", "root") * 5)))


TOKEN = response()


@pytest.mark.filterwarnings("ignore:Attribute's length:UserWarning")  # of cryptography, about names
@examples(150, campaign=1500, like=settings(deadline=None))
@given(at=st.integers(0, len(TOKEN) - 1), byte=st.integers(0, 255))
def test_no_byte_can_be_changed_without_being_found_or_meaning_nothing(at, byte):
    original = read_token(TOKEN)
    try:
        token = check(TOKEN[:at] + bytes([byte]) + TOKEN[at + 1 :])
    except TimestampError as refused:
        token, refusal = None, refused
    if token is None:
        assert str(refusal).isprintable()
    else:
        # Certificates that are carried along bear no signature of the token.
        assert replace(token, certificates=original.certificates) == original
