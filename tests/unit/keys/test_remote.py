"""Keys behind a remote signer: what is asked, what is asked again, and what its words become."""

from __future__ import annotations

import pickle
import re
import socket
import ssl
from functools import partialmethod

import pytest

from provenance.errors import KeyUnavailable, SignerRefused, WrongSecret
from provenance.keys import parse_chain, remote
from provenance.keys.bound import bind
from provenance.keys.open import open_bare, open_key
from provenance.model.ports import Algorithm, Signer
from tests.support.certificates import make_chain
from tests.support.remote_signer import TOKEN, running
from tests.unit.keys.key_lab import MESSAGE, Asked, never, verify


@pytest.fixture
def server():
    with running() as (signer, _):
        yield signer


@pytest.fixture
def waits():
    """The seconds that would have been waited."""
    return []


@pytest.fixture
def opened(waits):
    def work(url, *, algorithm=Algorithm.ES256, secret=lambda wanted: TOKEN):
        key = remote.key_at(url, secret=secret, sleep=waits.append)
        return bind(key, make_chain(algorithm=algorithm)[1], name="Example News")

    return work


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_signature_verifies_with_the_certificate(server, opened, algorithm):
    signer: Signer = opened(server.url("good"), algorithm=algorithm)
    assert (signer.name, signer.algorithm) == ("Example News", algorithm)
    verify(parse_chain(signer.chain_pem)[0].public_key(), algorithm, signer.sign(MESSAGE))


def test_the_question_is_what_the_protocol_says(server, opened):
    assert opened(server.url("good/desk?version=2")).sign(MESSAGE)
    (asked,) = server.asked
    assert (asked.path, asked.body) == ("/good/desk?version=2", MESSAGE)
    wanted = {
        "authorization": f"Bearer {TOKEN}",
        "signature-algorithm": "es256",
        "content-type": "application/octet-stream",
        "accept": "application/octet-stream, application/problem+json",
    }
    assert {name: asked.headers.get(name) for name in wanted} == wanted


def test_raw_ecdsa_signatures_are_taken_and_handed_on_in_der(server, opened):
    verify(make_chain()[0].public_key(), Algorithm.ES256, opened(server.url("raw")).sign(MESSAGE))


def test_the_token_is_asked_for_once_and_not_before_something_is_to_be_signed(server, opened):
    tokens = Asked(TOKEN)
    signer = opened(server.url("good"), secret=tokens)
    assert tokens.words == []
    assert signer.sign(MESSAGE)
    assert signer.sign(MESSAGE)
    assert tokens.words == ["the token of 127.0.0.1"]


@pytest.mark.parametrize("given", [None, ""], ids=["none", "empty"])
def test_a_signer_without_a_token_is_asked_without_one(server, opened, given):
    assert opened(server.url("open"), secret=lambda wanted: given).sign(MESSAGE)
    assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize("token", ["hunter2 hunter3", "hunter2\nX-Other: 1", "hünter2", " hunter2", "hunter2\n"])
def test_what_cannot_be_a_token_is_not_sent_and_not_shown(server, opened, token):
    with pytest.raises(WrongSecret, match="cannot be a token") as caught:
        opened(server.url("good"), secret=lambda wanted: token).sign(MESSAGE)
    assert "nter" not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize(
    ("path", "waited"),
    [
        ("busy/503/1", [0.2]),
        ("busy/502/2", [0.2, 0.4]),
        ("busy/504/3", [0.2, 0.4, 0.8]),
        ("busy/429/2/3", [3.0, 3.0]),
        ("busy/429/1/Wed, 21 Oct 2026 07:28:00 GMT".replace(" ", "%20"), [0.2]),
        ("hang-up/3", [0.2, 0.4, 0.8]),
    ],
)
def test_what_passes_is_asked_again(server, opened, waits, path, waited):
    assert opened(server.url(path)).sign(MESSAGE)
    assert waits == waited
    assert len(server.asked) == len(waited) + 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("busy/429/9", r"receives too many requests \(tried 4 times\): busy"),
        ("busy/503/9", r"gives no signature \(503\) \(tried 4 times\): busy"),
        ("hang-up/9", r"cannot be reached \(tried 4 times\): the connection failed"),
    ],
)
def test_there_is_an_end_to_asking_again(server, opened, waits, path, message):
    with pytest.raises((SignerRefused, KeyUnavailable), match=message) as caught:
        opened(server.url(path)).sign(MESSAGE)
    assert caught.value.path == server.url(path)
    assert len(server.asked) == 4


def test_a_signer_that_wants_a_long_pause_gets_it(server, opened, waits):
    with pytest.raises(SignerRefused, match="asks to wait 600 s: busy"):
        opened(server.url("busy/429/9/600")).sign(MESSAGE)
    assert (len(server.asked), waits) == (1, [])


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("status/400", SignerRefused, r"gives no signature \(400\)"),
        ("status/403", SignerRefused, "does not allow the use of this key"),
        ("status/404", KeyUnavailable, "has no such key"),
        ("status/413", SignerRefused, "finds this message too long"),
        ("status/500", SignerRefused, r"gives no signature \(500\)"),
        ("status/204", SignerRefused, r"gives no signature \(204\)"),
        ("odd-problem/list", SignerRefused, r"gives no signature \(500\)$"),
        ("odd-problem/cut", SignerRefused, r"gives no signature \(500\)$"),
        ("odd-problem/number", SignerRefused, r"gives no signature \(500\)$"),
        ("odd-problem/deep", SignerRefused, r"gives no signature \(500\)$"),
        ("page", SignerRefused, "answers with text/html and no signature"),
        ("empty", SignerRefused, "answers with nothing"),
        ("large", KeyUnavailable, "larger than 65536 bytes"),
        ("elsewhere", KeyUnavailable, "what is posted is not sent elsewhere"),
        ("another", SignerRefused, "does not verify with the first certificate of its chain"),
        ("other-message", SignerRefused, "does not verify with the first certificate of its chain"),
    ],
)
def test_what_does_not_pass_is_asked_once_and_named(server, opened, waits, path, kind, message):
    with pytest.raises(kind) as caught:
        opened(server.url(path)).sign(MESSAGE)
    assert re.search(message, caught.value.message)
    assert caught.value.path == server.url(path)
    assert caught.value.hint
    assert (len(server.asked), waits) == (1, [])


@pytest.mark.parametrize("status", [403, 429, 500])
def test_the_signers_words_reach_the_user_made_printable(server, opened, waits, status):
    with pytest.raises(SignerRefused) as caught:
        opened(server.url(f"told/{status}")).sign(MESSAGE)
    assert r"The \x1b[31mkey\u202e is on strike: until\nMonday xxx" in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 500


def test_a_refused_token_is_not_tried_again(server, opened, waits):
    signer = opened(server.url("good"), secret=Asked("another"))
    for _ in range(3):
        with pytest.raises(WrongSecret, match="does not accept the token") as caught:
            signer.sign(MESSAGE)
        assert "not tried again" in caught.value.hint
    assert (len(server.asked), waits) == (1, [])


def test_a_signer_that_lets_the_time_run_out_is_asked_once(server, opened, waits, monkeypatch):
    monkeypatch.setattr(remote, "DEADLINE", 0.2)
    with pytest.raises(KeyUnavailable, match=r"took longer than 0\.2 s"):
        opened(server.url("silent")).sign(MESSAGE)
    assert (len(server.asked), waits) == (1, [])


def test_nobody_is_there(opened, waits):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(KeyUnavailable, match=r"cannot be reached \(tried 4 times\): the connection failed"):
            opened(f"http://127.0.0.1:{taken.getsockname()[1]}/").sign(MESSAGE)
    assert waits == [0.2, 0.4, 0.8]


def test_names_of_this_machine_stay_on_it(server, opened, monkeypatch):
    named, real = [], socket.getaddrinfo
    monkeypatch.setattr("socket.getaddrinfo", lambda host, *more: named.append(host) or real(host, *more))
    assert opened(server.url("good", host="localhost")).sign(MESSAGE)
    assert set(named) == {"::1", "127.0.0.1"}


@pytest.mark.parametrize("where", ["environment", "system"])
def test_over_tls_the_authorities_of_this_machine_count(where, opened, tmp_path, monkeypatch, waits):
    with running(tls=True) as (signer, certificate):
        with pytest.raises(KeyUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            opened(signer.url("good", host="localhost")).sign(MESSAGE)
        assert waits == []
        (tmp_path / "house.pem").write_bytes(certificate)
        if where == "environment":
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "house.pem"))
        else:
            known = partialmethod(ssl.SSLContext.load_verify_locations, tmp_path / "house.pem")
            monkeypatch.setattr(ssl.SSLContext, "load_default_certs", known)
        assert opened(signer.url("good", host="localhost")).sign(MESSAGE)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("http://signer.example/", "plain http is for this machine"),
        ("http://127.0.0.2/", "plain http is for this machine"),
        ("http://localhost.example/", "plain http is for this machine"),
        ("https://me:hunter2@signer.example/", "neither user name, password nor fragment"),
        ("https://signer.example/#hunter2", "neither user name, password nor fragment"),
        ("https:///sign", "has a host"),
        ("https://[::1/", "not a valid address"),
        ("https://signer.example:port/", "not a valid address"),
    ],
)
def test_addresses_that_are_not_asked(opened, uri, message):
    with pytest.raises(KeyUnavailable, match=message) as caught:
        opened(uri, secret=never)
    assert "hunter2" not in str(caught.value)


def test_a_remote_signer_does_not_tell_its_public_key():
    with pytest.raises(KeyUnavailable, match="public key of this key is not told"):
        open_bare("https://signer.example/", name="x", secret=never)


def test_a_remote_key_by_uri_signs_and_does_not_travel(server):
    signer = open_key(server.url("good"), make_chain()[1], name="x", secret=lambda wanted: TOKEN)
    assert signer.sign(MESSAGE)
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_a_token_that_the_signer_repeats_is_not_shown(server, opened):
    with pytest.raises(SignerRefused, match=r"what came was Bearer \*\*\* ") as caught:
        opened(server.url("echo/400")).sign(MESSAGE)
    assert TOKEN not in str(caught.value)
