"""Stores that refuse, fail or say nothing: an error in our words, in bounded time, with no secret in it."""

from __future__ import annotations

import sys
import time
import traceback
from dataclasses import replace
from itertools import product

import pytest

from provenance.errors import SettingsError, StoreError
from provenance.storage import objects
from tests.support import object_store
from tests.support.campaign import cases
from tests.support.object_store import ACCOUNT_KEY, KEY_ID, SECRET, TOKEN

HASTY = objects.Patience(connect=0.5, silence=0.5, slowest=100_000_000, retries=1, within=1.0)
IMPATIENT = replace(HASTY, silence=0.2, within=0.3)
ASKING = {
    "walk": lambda address, path, how=HASTY: list(objects.walk(address, patience=how)),
    "stat": lambda address, path, how=HASTY: objects.stat(address, patience=how),
    "fetch": lambda address, path, how=HASTY: objects.fetch(address, path / "got", patience=how),
    "deliver": lambda address, path, how=HASTY: objects.deliver(path / "local", address, overwrite=True, patience=how),
    "deliver a new one": lambda address, path, how=HASTY: objects.deliver(
        path / "local", address, overwrite=False, patience=how
    ),
    "deliver in parts": lambda address, path, how=HASTY: objects.deliver(
        path / "large", address, overwrite=True, patience=how
    ),
    "remove": lambda address, path, how=HASTY: objects.remove(address, patience=how),
}
asking = pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)


@pytest.fixture
def local(tmp_path):
    (tmp_path / "local").write_bytes(b"data")
    (tmp_path / "large").write_bytes(b"x" * (17 << 20))
    return tmp_path


def code(name):
    secrets = f"<Message>{KEY_ID} {SECRET}</Message><CanonicalRequest>x-amz-security-token:{TOKEN}</CanonicalRequest>"
    return f"<Error><Code>{name}</Code>{secrets}</Error>".encode()


ANSWERS = {
    "forbidden": ((403, code("AccessDenied")), "may not do this", "AWS_PROFILE"),
    "wrong key": ((403, code("InvalidAccessKeyId")), "credentials do not hold", "AWS_ACCESS_KEY_ID"),
    "wrong secret": ((403, code("SignatureDoesNotMatch")), "credentials do not hold", "AWS_SECRET_ACCESS_KEY"),
    "old token": ((400, code("ExpiredToken")), "credentials do not hold", "AWS_SESSION_TOKEN"),
    "no login": ((401, b""), "credentials do not hold", "AWS_ACCESS_KEY_ID"),
    "wrong clock": ((403, code("RequestTimeTooSkewed")), "clock of this machine is wrong", "set the clock"),
    "another region": ((301, code("PermanentRedirect")), "somewhere else", "AWS_REGION"),
    "too often": ((503, code("SlowDown")), "fewer requests", "try again later"),
    "failing": ((500, code("InternalError")), "the store fails", "try again later"),
    "failing in front": ((502, b"<html>"), "the store fails", "try again later"),
    "another service": ((418, b"I am a teapot"), "answer that cannot be used", "AWS_ENDPOINT_URL"),
}


USUAL = [("fetch", answer) for answer in ANSWERS] + [(way, "forbidden") for way in ASKING if way != "fetch"]


@cases(("asked", "answered"), USUAL, more=product(ASKING, ANSWERS))
def test_a_refusal_says_what_to_do_and_no_secret(asked, answered, bucket, local):
    ask, (answer, words, hint) = ASKING[asked], ANSWERS[answered]
    bucket.answer_with(lambda method, *_: answer if method != "HEAD" else (answer[0], b""))
    with pytest.raises(StoreError) as caught:
        ask(bucket.address("credentials timed out.jpg"), local)
    assert caught.value.path == bucket.address("credentials timed out.jpg")
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__cause__)
    assert not [item for item in (KEY_ID, SECRET, TOKEN) if item in told]
    if asked not in {"walk", "stat"}:  # these begin with HEAD, whose answers have no body
        assert words in caught.value.message
        assert hint in caught.value.hint


@asking
def test_a_server_that_says_nothing_is_not_waited_for_long(ask, bucket, local, monkeypatch):
    with object_store.silent() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        started = time.monotonic()
        with pytest.raises(StoreError, match=r"does not answer in time|whether it arrived is not known") as caught:
            ask(bucket.address("a.jpg"), local, IMPATIENT)
        assert time.monotonic() - started < 15
    assert "AWS_ENDPOINT_URL" in caught.value.hint


@asking
def test_a_server_that_is_not_there_is_named_as_such(ask, bucket, local, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StoreError, match="cannot be reached"):
        ask(bucket.address("a.jpg"), local)


@pytest.mark.parametrize("allowed", [None, "", "false", "0"])
def test_nothing_is_asked_without_encryption_unless_it_is_allowed(allowed, bucket, local, monkeypatch):
    if allowed is None:
        monkeypatch.delenv("AWS_ALLOW_HTTP")
    else:
        monkeypatch.setenv("AWS_ALLOW_HTTP", allowed)
    with pytest.raises(StoreError, match="without encryption") as caught:
        objects.stat(bucket.address("a.jpg"), patience=HASTY)
    assert "AWS_ALLOW_HTTP=true" in caught.value.hint
    assert bucket.requests == []


@pytest.mark.parametrize(("sent", "whole"), [(500, True), (0, False)], ids=["goes on", "never"])
def test_a_transfer_that_breaks_off_is_taken_up_again_or_fails(sent, whole, bucket, tmp_path, monkeypatch):
    data = bytes(range(250)) * 4
    bucket.put("a.jpg", data)
    inner = bucket.server.app.inner

    def broken(environ, start):
        body = b"".join(inner(environ, start))
        return [body[:sent]] if environ["REQUEST_METHOD"] == "GET" else [body]

    monkeypatch.setattr(bucket.server.app, "inner", broken)
    if whole:
        objects.fetch(bucket.address("a.jpg"), tmp_path / "got", patience=HASTY)
        assert (tmp_path / "got").read_bytes() == data
    else:
        with pytest.raises(StoreError):
            objects.fetch(bucket.address("a.jpg"), tmp_path / "got", patience=HASTY)
        assert list(tmp_path.iterdir()) == []


def test_a_failure_that_passes_is_borne(bucket, local):
    bucket.put("a.jpg", b"data")
    failures = iter([(500, b"")])
    bucket.answer_with(lambda *_: next(failures, None))
    assert objects.fetch(bucket.address("a.jpg"), local / "got").size == 4


def profile(folder, monkeypatch, text):
    (folder / "credentials").write_text(text)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)


@pytest.mark.parametrize(("named", "section"), [("house", "house"), (None, "default")])
def test_credentials_come_from_a_profile(named, section, bucket, tmp_path, monkeypatch):
    profile(tmp_path, monkeypatch, f"[{section}]\naws_access_key_id = FROMPROFILE\naws_secret_access_key = s\n")
    if named:
        monkeypatch.setenv("AWS_PROFILE", named)
    bucket.put("a.jpg")
    seen = []
    inner = bucket.server.app.inner
    monkeypatch.setattr(
        bucket.server.app,
        "inner",
        lambda environ, start: (seen.append(environ["HTTP_AUTHORIZATION"]), inner(environ, start))[1],
    )
    assert objects.stat(bucket.address("a.jpg")) is not None
    assert "FROMPROFILE" in seen[-1]


def test_a_profile_that_is_not_there_is_named(bucket, tmp_path, monkeypatch):
    profile(tmp_path, monkeypatch, "")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StoreError, match="the AWS profile nobody cannot be used"):
        objects.stat(bucket.address("a.jpg"))


def test_a_profile_without_what_reads_it_says_what_to_install(bucket, tmp_path, monkeypatch):
    profile(tmp_path, monkeypatch, "")
    monkeypatch.setenv("AWS_PROFILE", "house")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SettingsError) as caught:
        objects.stat(bucket.address("a.jpg"))
    assert caught.value.hint == "pip install 'media-provenance[aws]'"


def test_an_account_that_is_not_named_is_named_as_missing(monkeypatch):
    object_store.clear(monkeypatch)
    with pytest.raises(StoreError, match="credentials") as caught:
        objects.stat("az://container/a.jpg", patience=HASTY)
    assert "AZURE_STORAGE_ACCOUNT_NAME" in caught.value.hint


def test_a_wrong_key_of_an_account_is_a_matter_of_credentials(azure, monkeypatch):
    container = azure()
    container.into(monkeypatch)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", ACCOUNT_KEY.replace("E", "F"))
    with pytest.raises(StoreError, match="credentials") as caught:
        list(objects.walk(container.address(), patience=HASTY))
    assert "AZURE_STORAGE_ACCOUNT_KEY" in caught.value.hint
