"""No key, PIN, passphrase or token gets out: looked for in logs, output, errors, descriptions and temporary files.

Every backend that can run here signs, and meets each of its failures, while all of that is collected. What a program
of its own writes and starts meanwhile is watched from inside, by Python's audit events.
"""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from provenance.errors import ProvenanceError
from provenance.keys import parse_chain
from provenance.keys.open import open_key
from tests.support import softhsm
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.support.remote_signer import TOKEN, running
from tests.support.softhsm import PIN
from tests.unit.keys.key_lab import MESSAGE, der, pem, write_private

ROOT = Path(__file__).parents[3]
PASSPHRASE = "correct-horse-battery-staple"
WRONG = "wrong-horse-battery-staple"
ANOTHER = make_key("es256", "another")


def needles():
    """Return everything that must not be seen, in the forms that it might take."""
    found = []
    for word in (PASSPHRASE, WRONG, PIN, TOKEN):
        data = word.encode()
        found += [word, data.hex(), base64.b64encode(data).decode().rstrip("="), quote(word, safe="")]
    for key in (make_key("es256"), ANOTHER):
        number = key.private_numbers().private_value
        lines = pem(key).decode().splitlines()[1:-1]
        found += [*lines, str(number), f"{number:064x}", repr(number.to_bytes(32, "big"))[2:-1], der(key).hex()]
    return found


def leaked(text):
    return [item for item in needles() if item in text]


@pytest.fixture
def collected(caplog, capfd, tmp_path, monkeypatch):
    """Return a function that tries something and returns all that gets out meanwhile."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    caplog.set_level(logging.DEBUG)

    def work(attempt):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                told = [form(item) for item in attempt() for form in (repr, str)]
            except ProvenanceError as error:
                told = [str(error), repr(error), *traceback.format_exception(error)]
                told += [str(item) for item in (error.__cause__, error.__context__, error.hint, error.path)]
        told += [item.read_bytes().decode("latin-1") for item in temporary.rglob("*") if item.is_file()]
        told += [caplog.text, *capfd.readouterr(), *(str(item.message) for item in warned)]
        return "\n".join(told)

    return work


def _log():
    logging.getLogger("httpcore.http11").debug("Bearer %s", TOKEN)
    return []


def _write():
    sys.stdout.write(PIN)
    return []


def _keep():
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(pem(ANOTHER))
    return []


def _fail():
    try:
        raise ValueError(PASSPHRASE)
    except ValueError as error:
        raise ProvenanceError("it failed") from error


def _warn():
    warnings.warn(WRONG, stacklevel=1)
    return []


def _show():
    return [make_key("es256").private_numbers().private_value]


@pytest.mark.parametrize("attempt", [_log, _write, _keep, _fail, _warn, _show], ids=lambda item: item.__name__)
def test_a_leak_would_be_found(collected, attempt):
    assert leaked(collected(attempt))


class Lab:
    """Keys in all places, and what opens them."""

    def __init__(self, folder, server):
        self._folder = folder
        self._server = server
        self.chain = make_chain()[1]

    def file(self, *, secret=PASSPHRASE, key=None, mode=0o600, data=None):
        path = write_private(self._folder / "key.pem", data or pem(key or make_key("es256"), passphrase=PASSPHRASE))
        path.chmod(mode)
        return self.sign(f"file:{path}", secret)

    def bundle(self, *, secret=PASSPHRASE, key=None, cut=None):
        protection = BestAvailableEncryption(PASSPHRASE.encode())
        leaf = parse_chain(self.chain)[0] if key is None else None
        data = serialize_key_and_certificates(b"desk", key or make_key("es256"), leaf, None, protection)
        path = write_private(self._folder / "desk.p12", data[:cut])
        return self.sign(f"pkcs12:{path}", secret)

    def token(self, label="es256", *, secret=PIN, query="", lose=False, **attributes):
        signer = self.signer(softhsm.token().uri(label, query=query, **attributes), secret)
        try:
            signer.sign(MESSAGE)
            if lose:
                signer.key._opened.login.session.close()
                signer.sign(MESSAGE)
            return [signer, signer.key, vars(signer.key)["_opened"]]
        finally:
            signer.close()

    def pin_file(self, pin):
        path = write_private(self._folder / "pin", pin.encode())
        return self.token(query=f"&pin-source=file:{path}", secret=None)

    def remote(self, path, *, secret=TOKEN):
        return self.sign(self._server.url(path), secret)

    def sign(self, uri, secret):
        signer = self.signer(uri, secret)
        signer.sign(MESSAGE)
        return [signer, signer.key]

    def signer(self, uri, secret):
        return open_key(uri, self.chain, name="Desk", secret=lambda wanted: secret)


CASES = {
    "file": lambda lab: lab.file(),
    "file, wrong passphrase": lambda lab: lab.file(secret=WRONG),
    "file, no passphrase": lambda lab: lab.file(secret=None),
    "file, another key": lambda lab: lab.file(key=ANOTHER),
    "file, readable for others": lambda lab: lab.file(mode=0o644),
    "file, plain": lambda lab: lab.file(data=pem(ANOTHER)),
    "file, damaged": lambda lab: lab.file(data=pem(ANOTHER)[:-60]),
    "file, damaged DER": lambda lab: lab.file(data=der(ANOTHER)[:-6]),
    "key in place of its address": lambda lab: lab.sign(pem(ANOTHER).decode(), None),
    "pkcs12": lambda lab: lab.bundle(),
    "pkcs12, wrong passphrase": lambda lab: lab.bundle(secret=WRONG),
    "pkcs12, no passphrase": lambda lab: lab.bundle(secret=None),
    "pkcs12, another key": lambda lab: lab.bundle(key=ANOTHER),
    "pkcs12, damaged": lambda lab: lab.bundle(cut=-40),
    "pkcs11": lambda lab: lab.token(),
    "pkcs11, wrong PIN": lambda lab: lab.token(secret=WRONG),
    "pkcs11, no PIN": lambda lab: lab.token(secret=None),
    "pkcs11, PIN in the URI": lambda lab: lab.token(query=f"&pin-value={PIN}"),
    "pkcs11, PIN in the path": lambda lab: lab.token(**{"pin-value": PIN}),
    "pkcs11, PIN from a file": lambda lab: lab.pin_file(PIN),
    "pkcs11, wrong PIN from a file": lambda lab: lab.pin_file(WRONG),
    "pkcs11, PIN with each signature": lambda lab: lab.token("always"),
    "pkcs11, no such key": lambda lab: lab.token("nothing"),
    "pkcs11, another key": lambda lab: lab.token("another"),
    "pkcs11, lost session": lambda lab: lab.token(lose=True),
    "https": lambda lab: lab.remote("good"),
    "https, wrong token": lambda lab: lab.remote("good", secret=WRONG),
    "https, no token": lambda lab: lab.remote("good", secret=None),
    "https, token with a line end": lambda lab: lab.remote("good", secret=f"{TOKEN}\n"),
    "https, token repeated": lambda lab: lab.remote("echo/403"),
    "https, throttled": lambda lab: lab.remote("busy/429/9/600"),
    "https, words": lambda lab: lab.remote("told/500"),
    "https, another key": lambda lab: lab.remote("another"),
    "https, elsewhere": lambda lab: lab.remote("elsewhere"),
    "https, too much": lambda lab: lab.remote("large"),
    "https, hung up": lambda lab: lab.remote("hang-up/9"),
}
WORKS = {"file", "pkcs12", "pkcs11", "pkcs11, PIN from a file", "pkcs11, PIN with each signature", "https"}


@pytest.fixture(scope="module")
def token():
    token = softhsm.token()
    token.put("es256")
    token.put("another", number="41", key=ANOTHER)
    token.create("always", "always")
    return token


@pytest.mark.parametrize("case", CASES)
def test_nothing_gets_out(case, collected, tmp_path, request):
    if case.startswith("pkcs11"):
        request.getfixturevalue("token")
        softhsm.log_out()
    with running() as (server, _):
        text = collected(lambda: CASES[case](Lab(tmp_path, server)))
    assert leaked(text) == []
    assert ("Traceback" not in text) == (case in WORKS)
    assert ("BoundSigner(name='Desk'" in text) == (case in WORKS)


WATCHED = """
import json, os, sys
started, written = [], []

def watch(event, arguments):
    if event in {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"}:
        started.append(repr((event, arguments)))
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        written.append(str(arguments[0]))

asked = json.load(sys.stdin)
sys.dont_write_bytecode = True
sys.addaudithook(watch)
from provenance.errors import ProvenanceError
from provenance.keys.open import open_key
said = []
for uri, secret in asked["keys"]:
    try:
        open_key(uri, asked["chain"], name="x", secret=lambda wanted: secret).sign(b"data")
        said.append("signed")
    except ProvenanceError as error:
        said.append(str(error))
seen = [open(f"/proc/self/{name}", "rb").read().decode("latin-1") for name in ("cmdline", "environ")]
print(json.dumps({"said": said, "started": started, "written": written, "seen": seen}))
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc here")
def test_signing_starts_no_process_and_writes_no_file(tmp_path, token):
    plain = write_private(tmp_path / "plain.pem", pem(make_key("es256")))
    locked = write_private(tmp_path / "locked.pem", pem(make_key("es256"), passphrase=PASSPHRASE))
    protection = BestAvailableEncryption(PASSPHRASE.encode())
    bundled = serialize_key_and_certificates(b"desk", make_key("es256"), None, None, protection)
    bundle = write_private(tmp_path / "desk.p12", bundled)
    with running() as (server, _):
        keys = [
            (str(plain), None), (str(locked), PASSPHRASE), (f"pkcs12:{bundle}", PASSPHRASE),
            (token.uri("es256"), PIN), (server.url("good"), TOKEN),
            (str(locked), WRONG), (token.uri("always"), WRONG), (server.url("good"), WRONG),
        ]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", WATCHED],
            input=json.dumps({"keys": keys, "chain": make_chain()[1]}),
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["said"][:5] == ["signed"] * 5
    assert [text == "signed" for text in found["said"][5:]] == [False, True, False]
    assert (found["started"], found["written"]) == ([], [])
    assert leaked(done.stdout + done.stderr) == []
