"""Authorities are asked in their order, over real connections, and only a good answer counts."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest

from provenance.errors import TimestampError, TrustError
from provenance.network import Client, Rules
from provenance.timestamps.client import TimestampClient
from tests.support.tsa import CARRIERS, Authority
from tests.support.tsa_tokens import MESSAGE, OTHER_POLICY, POLICY, RECIPES, ask
from tests.unit.timestamps.asking import AT, SOON, Waits, client, refusal


def test_a_good_answer_comes_back_as_it_was_received(tsa):
    stamp = client(tsa, "good").answer(ask())
    assert (stamp.url, stamp.listed) == (tsa.url, True)
    assert stamp.token.time == AT
    assert stamp.token.imprint == hashlib.sha256(MESSAGE).digest()
    assert stamp.response[:1] == b"\x30"
    assert stamp.token.certificates[0] in stamp.response


def test_the_request_is_posted_as_it_is(tsa):
    client(tsa, "good").answer(ask())
    assert tsa.requests == [ask()]
    assert tsa.headers[0]["content-type"] == "application/timestamp-query"
    assert tsa.headers[0]["accept"] == "application/timestamp-reply"


@pytest.mark.parametrize("path", ["good", "with-mods", "mislabelled", "certomancer"])
def test_these_answers_count(path, tsa):
    assert client(tsa, path).answer(ask()).token.time == AT


@pytest.mark.parametrize("kind", ["ps256", "es384"])
def test_keys_of_other_kinds_count(kind):
    with Authority(kind=kind, at=AT) as tsa:
        assert client(tsa, "good").answer(ask()).listed


def test_an_authority_that_stamps_now_is_believed_by_the_clock_of_this_machine():
    with Authority() as tsa:
        asking = TimestampClient([tsa.url], anchors=[tsa.root_pem], client=tsa.client())
        assert abs(asking.answer(ask()).token.time - datetime.now(UTC)) < timedelta(minutes=1)


FAULTS = {
    "rejection": "the authority grants no time-stamp: rejection, bad request, “come back",
    "waiting": "the authority grants no time-stamp: waiting",
    "rejection-with-token": "the authority grants no time-stamp: rejection",
    "granted-nothing": "a field is missing",
    "wrong-imprint": "its imprint is not the one that was asked for",
    "other-digest": "its imprint is not the one that was asked for",
    "wrong-nonce": "its nonce is not the one that was sent",
    "no-nonce": "its nonce is not the one that was sent",
    "tampered": "its signature is not the one of its authority",
    "altered": "its content was changed after it was signed",
    "other-certificate": "another certificate than the one it carries",
    "other-certificate-v1": "another certificate than the one it carries",
    "no-certificate": "it does not carry the certificate of its authority",
    "clock-off": "its clock says 2026-02-28 12:00:00 UTC and the one of this machine 2026-03-01 12:00:00",
    "clock-ahead": "its clock says 2026-03-02 12:00:00 UTC",
    "two-times": "it names two times that differ",
    "expired": "its time, 2026-03-01 12:00:00 UTC, lies outside the validity",
    "not-yet-valid": "lies outside the validity",
    "no-purpose": "not made for time-stamps and nothing else",
    "other-purpose": "not made for time-stamps and nothing else",
    "more-purposes": "not made for time-stamps and nothing else",
    "any-purpose": "not made for time-stamps and nothing else",
    "uncritical-purpose": "does not mark its purpose as critical",
    "no-signatures": "does not allow digital signatures",
    "is-authority": "belongs to a certification authority",
    "unlisted": "no trusted list of time-stamp authorities vouches for “Example Time Authority”",
    "expired-issuer": "no trusted list of time-stamp authorities vouches for",
    "issuer-for-mail": "no trusted list of time-stamp authorities vouches for",
    "issuer-is-none": "no trusted list of time-stamp authorities vouches for",
    "overloaded": "it answers 503",
    "patient": "it answers 429",
    "missing": "it answers 404",
    "page": "it begins as something else (the server calls it text/html\\x1b[31m; charset=utf-8)",
    "garbage": "it cannot be read",
    "empty": "it cannot be read",
    "cut": "it is cut off",
    "bare": "it sends a time-stamp without the response around it",
    "huge": "it is larger than 1000000 bytes",
    "slow": f"it took longer than {SOON} s",
    "drip": f"it took longer than {SOON} s",
    "hang-up": "the connection failed",
    "elsewhere": "what is posted is not sent elsewhere",
}


@pytest.mark.parametrize(("path", "reason"), FAULTS.items(), ids=FAULTS)
def test_a_bad_answer_is_refused_with_its_reason_and_the_next_authority_is_asked(path, reason, tsa):
    hurried = {"deadline": SOON} if path in {"slow", "drip"} else {}
    error = refusal(client(tsa, path, **hurried))
    assert reason in error.message
    assert str(error).isprintable()
    tsa.asked.clear()
    assert client(tsa, path, "good", **hurried).answer(ask()).url == tsa.url
    assert [tsa.asked[0], tsa.asked[-1]] == [path, "good"]


def test_every_fault_of_the_authority_is_in_the_table():
    good = {"good", "with-mods", "mislabelled", "busy", "limited", "other-policy"}
    assert FAULTS.keys() == {*RECIPES, *CARRIERS} - good


def test_authorities_are_asked_in_their_order_and_no_more_than_needed(tsa):
    asking = client(tsa, "tampered", "wrong-nonce", "good", "with-mods")
    assert asking.answer(ask()).url == tsa.url
    assert tsa.asked == ["tampered", "wrong-nonce", "good"]


def test_when_nobody_is_left_all_are_named_with_their_reasons(tsa):
    error = refusal(client(tsa, "expired", tsa.dead, "missing", "wrong-imprint"))
    message = error.message
    assert message.startswith("no time-stamp authority gave a usable time-stamp: ")
    places = [f"{tsa.to('expired')}: ", f"; {tsa.dead}: ", f"; {tsa.to('missing')}: ", f"; {tsa.to('wrong-imprint')}: "]
    assert [message.index(place) for place in places] == sorted(message.index(place) for place in places)
    assert "the connection failed" in message
    assert error.hint
    assert str(error).isprintable()


def test_without_an_authority_the_error_says_so():
    error = refusal(TimestampClient([], anchors=[], client=Client(Rules())))
    assert "none is named" in error.message


def test_what_an_address_holds_in_secret_is_not_shown(tsa):
    web = tsa.client()
    urls = [f"{tsa.to('missing')}?apikey=s3cret#s3cret", f"http://me:s3cret@127.0.0.1:{tsa.url.split(':')[-1]}"]
    error = refusal(TimestampClient(urls, anchors=[], client=web, sleep=Waits()))
    assert "s3cret" not in str(error)
    assert f"{tsa.to('missing')}: it answers 404" in error.message
    stamp = TimestampClient([f"{tsa.url}?apikey=s3cret"], anchors=[], client=web, clock=lambda: AT).answer(ask())
    assert "s3cret" not in repr(stamp)
    assert stamp.url == tsa.url


def test_a_time_stamp_can_be_had_without_a_list_and_is_called_unlisted(tsa):
    stamp = client(tsa, "unlisted", anchors=[]).answer(ask())
    assert stamp.listed is False
    assert client(tsa, "unlisted", "good").answer(ask()).listed is True


def test_a_list_may_name_the_issuer_instead_of_the_root(tsa):
    assert client(tsa, "good", anchors=[tsa.intermediate_pem]).answer(ask()).listed


def test_without_a_list_everything_else_is_still_checked(tsa):
    for path in ("tampered", "expired", "no-purpose", "wrong-imprint"):
        refusal(client(tsa, path, anchors=[]))


def test_a_damaged_list_is_an_error_of_its_own(tsa):
    with pytest.raises(TrustError):
        client(tsa, "good", anchors=["-----BEGIN CERTIFICATE-----\nTm90\n-----END CERTIFICATE-----"]).answer(ask())


def test_a_policy_that_was_asked_for_must_be_the_one_that_comes(tsa):
    error = refusal(client(tsa, "other-policy"), ask(policy=POLICY))
    assert f"it works under another policy, {OTHER_POLICY}, than the one that was asked for" in error.message
    assert client(tsa, "other-policy", "good").answer(ask(policy=POLICY)).token.policy == POLICY
    assert client(tsa, "other-policy").answer(ask()).token.policy == OTHER_POLICY


def test_who_sends_no_nonce_gets_none(tsa):
    assert client(tsa, "good").answer(ask(nonce=None)).token.nonce is None


@pytest.mark.parametrize("nonce", [1, 0x7F, 0x80, 2**64 - 1, 2**159])
def test_nonces_of_every_length_come_back(nonce, tsa):
    assert client(tsa, "good").answer(ask(nonce=nonce)).token.nonce == nonce


def test_imprints_with_other_digests_can_be_asked_for(tsa):
    assert client(tsa, "good").answer(ask(digest="sha512")).token.algorithm == "sha512"


@pytest.mark.parametrize("minutes", [-9, 9])
def test_a_clock_that_is_a_little_off_is_nothing_to_worry_about(minutes, tsa):
    here = AT + timedelta(minutes=minutes)
    assert client(tsa, "good", clock=lambda: here).answer(ask()).token.time == AT


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_clock_that_is_far_off_is_refused(minutes, tsa):
    here = AT + timedelta(minutes=minutes)
    assert "one of them is wrong" in refusal(client(tsa, "good", clock=lambda: here)).message


def test_a_client_with_a_larger_limit_still_reads_no_more_than_the_engine_does(tsa):
    asking = TimestampClient([tsa.to("huge")], anchors=[], client=tsa.client(limit=10_000_000), clock=lambda: AT)
    assert "it is larger than 1000000 bytes" in refusal(asking).message


REQUESTS = {
    "nothing": b"",
    "a page": b"<html>",
    "an answer": b"\x30\x03\x02\x01\x00",
    "another version": ask().replace(b"\x02\x01\x01", b"\x02\x01\x02", 1),
    "cut off": ask()[:-1],
    "something after it": ask() + b"\x00",
    "a set": b"\x31" + ask()[1:],
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_nobody_is_asked_with_a_request_that_is_none(request_, tsa):
    with pytest.raises(TimestampError, match="the request for a time-stamp cannot be read"):
        client(tsa, "good").answer(request_)
    assert tsa.asked == []


def test_the_authority_leaves_nothing_behind_even_when_somebody_waits():
    before = threading.active_count()
    with Authority(at=AT) as tsa:
        refusal(client(tsa, "slow", deadline=0.2))
        address = tsa.url
    assert threading.active_count() == before
    web = Client(Rules(http=True, private=True))
    refusal(TimestampClient([address], anchors=[], client=web, sleep=Waits()))
