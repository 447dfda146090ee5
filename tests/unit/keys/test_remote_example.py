"""The reference server in `examples`: it keeps to the protocol, and to what it promises about tokens and logs."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from provenance.errors import SignerRefused, WrongSecret
from provenance.keys.open import open_key
from provenance.model.ports import Algorithm
from tests.support.campaign import cases
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.support.remote_signer import TOKEN
from tests.unit.keys.key_lab import MESSAGE, pem, verify, write_private

ROOT = Path(__file__).parents[3]
OTHER = "another-token"
PASSPHRASE = "correct-horse"


@contextmanager
def serving(folder):
    """Run the server as its documentation says; yield its port and, in the end, what it wrote."""
    key = write_private(folder / "key.pem", pem(make_key("es256"), passphrase=PASSPHRASE))
    tokens = write_private(folder / "tokens", f"desk {TOKEN}\n\narchive {OTHER}\n".encode())
    with subprocess.Popen(
        [sys.executable, str(ROOT / "examples" / "remote_signer.py"), str(key), "0", str(tokens)],
        env=os.environ | {"PROVENANCE_PASSPHRASE": PASSPHRASE, "PYTHONUTF8": "1"}, cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as server:  # fmt: skip
        written = []
        try:
            found = re.fullmatch(r"signing with es256 at http://127\.0\.0\.1:(\d+)/\n", server.stdout.readline())
            yield int(found[1]), written
        finally:
            server.terminate()
            written.append(server.communicate(timeout=10)[0])


def opened(port, *, token=TOKEN, algorithm=Algorithm.ES256):
    chain = make_chain(algorithm=algorithm)[1]
    return open_key(f"http://127.0.0.1:{port}/", chain, name="x", secret=lambda wanted: token)


def ask(port, *, method="POST", body=MESSAGE, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, "/")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_signs_for_holders_of_tokens_and_for_nobody_else(tmp_path):
    with serving(tmp_path) as (port, written):
        for token in (TOKEN, OTHER):
            verify(make_key("es256").public_key(), Algorithm.ES256, opened(port, token=token).sign(MESSAGE))
        for token in ("guessed", TOKEN[:-1], None):
            with pytest.raises(WrongSecret, match="this token is not known"):
                opened(port, token=token).sign(MESSAGE)
        with pytest.raises(SignerRefused, match="another algorithm: this key signs with es256"):
            opened(port, algorithm=Algorithm.PS256).sign(MESSAGE)
    log = written[0].splitlines()
    assert [line.split(" ", 2)[2] for line in log] == [
        "desk 200 14 bytes signed", "archive 200 14 bytes signed",
        *["somebody 401 0 bytes signed"] * 3, "desk 400 0 bytes signed",
    ]  # fmt: skip
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 127\.0\.0\.1 ", line) for line in log)


@cases(
    ("question", "status"),
    [
        ({"Content_Length": "9" * 6000, "body": b""}, 413),
        ({"Content_Length": "-1", "body": b""}, 411),
        ({"Content_Length": "14"}, 401),
        ({"Content_Length": "14", "Authorization": f"Basic {TOKEN}"}, 401),
        ({"Content_Length": "14", "Authorization": f"Bearer {TOKEN}"}, 400),
        ({"method": "GET", "body": b""}, 501),
    ],
    more=[
        ({"Content_Length": str(1 << 20), "body": b""}, 413),
        ({"body": b""}, 411),
        ({"Content_Length": "14", "Authorization": TOKEN}, 401),
    ],
    ids=str,
)
def test_other_questions_are_refused(tmp_path, question, status):
    with serving(tmp_path) as (port, written):
        assert ask(port, **question) == status
        assert opened(port).sign(MESSAGE)
    assert "Traceback" not in written[0]
    assert TOKEN not in written[0]
