"""The examples of integration that need somebody to talk to, against real ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote_plus

import httpx
import pytest

from tests.support import media
from tests.support.service import serving

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "whsec_" + b64encode(b"a secret of thirty-two bytes ...").decode()


# ---- the gate


@pytest.fixture
def command(tmp_path, home, monkeypatch):
    """`provenance` as a command, for a shell."""
    place = tmp_path / "bin" / "provenance"
    place.parent.mkdir()
    place.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m provenance "$@"\n')
    place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place.parent}{os.pathsep}{os.environ['PATH']}")
    return place


def gate(folder, **environment):
    names = ("incoming", "accepted", "review", "rejected")
    done = subprocess.run(
        ["/bin/sh", str(EXAMPLES / "gate.sh"), *(str(folder / name) for name in names)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, {name: sorted(path.name for path in (folder / name).iterdir()) for name in names}


def test_the_gate_sorts_by_exit_code_and_keeps_reports(command, tmp_path, signed, changed, photo):
    incoming = tmp_path / "work" / "incoming"
    incoming.mkdir(parents=True)
    shutil.copy(signed, incoming / "good.jpg")
    assert gate(tmp_path / "work")[0] == 0
    shutil.copy(photo, incoming / "a photo.jpg")
    assert gate(tmp_path / "work")[0] == 3
    shutil.copy(changed, incoming / "bad.jpg")
    (incoming / "notes.txt").write_text("no picture")
    code, found = gate(tmp_path / "work")
    assert code == 1
    assert found == {
        "incoming": [],
        "accepted": ["good.jpg", "good.jpg.json"],
        "review": ["a photo.jpg", "a photo.jpg.json"],
        "rejected": ["bad.jpg", "bad.jpg.json", "notes.txt", "notes.txt.json"],
    }
    report = json.loads((tmp_path / "work" / "rejected" / "bad.jpg.json").read_text())
    assert report["decision"] == "rejected"


def test_the_gate_stops_where_nothing_is_wrong_with_the_file(command, tmp_path, photo):
    incoming = tmp_path / "work" / "incoming"
    incoming.mkdir(parents=True)
    shutil.copy(photo, incoming / "photo.jpg")
    code, found = gate(tmp_path / "work", PROVENANCE_SETTINGS=str(tmp_path / "gone.toml"))
    assert (code, found["incoming"], found["rejected"]) == (4, ["photo.jpg"], [])


# ---- events


@pytest.fixture
def receiver(tmp_path):
    """The example, listening; gives its address and what it says."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    command = [sys.executable, str(EXAMPLES / "webhook_receiver.py"), str(tmp_path / "secret"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().removeprefix("listening at ").strip(), process
        finally:
            process.terminate()


def signed_message(name="msg_1", *, at=None, secret=SECRET, decision="rejected"):
    """Make a message with the library that the standard's authors publish."""
    from standardwebhooks import Webhook

    at = at or datetime.now(UTC)
    data = {"name": "photo.jpg", "decision": decision, "report": None}
    body = json.dumps({"type": "verdict.made", "timestamp": at.isoformat(), "data": data})
    signature = Webhook(secret).sign(name, at, body)
    headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    return body, headers


def test_a_receiver_acts_once_on_each_message_that_is_signed(receiver):
    address, process = receiver
    body, headers = signed_message()
    other = signed_message(secret="whsec_" + b64encode(b"another secret of 32 bytes .....").decode())
    old = signed_message(at=datetime.now(UTC) - timedelta(hours=1))
    altered = (body.replace("rejected", "accepted"), headers)
    unsigned = (body, {})
    for text, given in (other, old, altered, unsigned):
        assert httpx.post(address, content=text, headers=given).status_code == 401
    rotated = headers | {"webhook-signature": f"{other[1]['webhook-signature']} {headers['webhook-signature']}"}
    assert httpx.post(address, content=body, headers=rotated).status_code == 204
    assert httpx.post(address, content=body, headers=headers).status_code == 204
    assert httpx.post(address, content=b"x" * 100_000, headers=headers).status_code == 413
    last, more = signed_message("msg_2", decision="accepted")
    assert httpx.post(address, content=last, headers=more).status_code == 204
    told = [process.stdout.readline().strip() for _ in range(2)]
    assert told == ["verdict.made: photo.jpg rejected", "verdict.made: photo.jpg accepted"]


def test_a_receiver_takes_what_the_service_signs(receiver):
    pytest.importorskip("fastapi", reason="the service needs the extra `web`")
    from provenance.web.hooks import receivers

    address, process = receiver
    at = int(datetime.now(UTC).timestamp())
    body = json.dumps({"type": "asset.signed", "timestamp": "", "data": {"title": "Harbour"}}).encode()
    keys = [b"the next secret, not known there", b64decode(SECRET.removeprefix("whsec_"))]
    headers = {
        "webhook-id": "msg_3",
        "webhook-timestamp": str(at),
        "webhook-signature": receivers.signature(keys, "msg_3", at, body),
    }
    assert httpx.post(address, content=body, headers=headers).status_code == 204
    assert process.stdout.readline().strip() == "asset.signed: Harbour"


# ---- an object store


def event(bucket, *keys, name="ObjectCreated:Put"):
    """As Amazon S3 writes it: keys are encoded as in a form."""
    records = [
        {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/")}}}
        for key in keys
    ]
    return json.dumps({"Records": records})


@pytest.fixture
def served_home(_session_home, tmp_path):
    """A home with the identity of all tests, for one server."""
    shutil.copytree(_session_home / "identities", tmp_path / "home" / "identities")
    return tmp_path / "home"


def test_an_event_of_an_object_store_becomes_a_job(served_home, signed, changed, monkeypatch):
    pytest.importorskip("fastapi", reason="the service needs the extra `web`")
    pytest.importorskip("obstore", reason="object stores need the extra `objects`")
    from tests.support import object_store

    with object_store.running() as make, serving(served_home, "[service]\nworkers = 1\n") as server:
        store = make()
        store.into(monkeypatch)
        store.put("in/größe 1+2.jpg", signed.read_bytes())
        store.put("in/bad.jpg", changed.read_bytes())
        store.put("in/plain.jpg", media.jpeg())

        def run(*keys, **more):
            return subprocess.run(
                [sys.executable, str(EXAMPLES / "s3_events.py"), server.url],
                input=event(store.bucket, *keys, **more), capture_output=True, text=True, check=False,
            )  # fmt: skip

        done = run("in/größe 1+2.jpg")
        assert (done.returncode, done.stdout) == (0, f"{store.address('in/größe 1+2.jpg')}: accepted\n"), done.stderr
        assert run("in/größe 1+2.jpg", "in/plain.jpg").returncode == 3
        done = run("in/bad.jpg", "in/gone.jpg", "in/plain.jpg")
        assert done.returncode == 1
        assert f"{store.address('in/bad.jpg')}: rejected" in done.stdout
        assert f"{store.address('in/plain.jpg')}: review" in done.stdout
        assert "in/gone.jpg: " in done.stdout
        assert run("in/bad.jpg", name="ObjectRemoved:Delete").returncode == 0
