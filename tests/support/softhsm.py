"""A real PKCS#11 token: SoftHSM2 in a temporary folder, one for the whole process.

A module is loaded once in a process and reads its configuration then, so everything on the token is made by processes
of its own, and tests that want another configuration run a program.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenance.model.ports import Algorithm
from tests.support.certificates import make_chain

PIN = "47110815"
SO_PIN = "12345678"
LABEL = "Example News"
TWIN = "Twin"
"""Two tokens have this label."""
EMPTY = "Empty"
"""Nothing is on this one."""
ROOT = Path(__file__).parents[2]
TEMPORARY = tempfile.gettempdir()
"""Whatever a test does to it later."""

_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
_CREATE = """
import sys
import pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import decode_ec_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

module, token, pin, path, label, kind = sys.argv[1:]
key = load_pem_private_key(open(path, "rb").read(), None)
der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
more = {
    "always": {Attribute.SIGN: True, Attribute.ALWAYS_AUTHENTICATE: True},
    "unsigning": {Attribute.SIGN: False, Attribute.DERIVE: True},
    "private only": {Attribute.SIGN: True},
}[kind]
common = {Attribute.LABEL: label, Attribute.ID: label.encode(), Attribute.TOKEN: True, Attribute.PRIVATE: True,
          Attribute.SENSITIVE: True}
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    session.create_object(decode_ec_private_key(der) | common | more)
"""


@dataclass(frozen=True)
class Token:
    """One token with what a test needs to use it."""

    folder: Path
    module: str
    present: set[tuple[str, str]] = field(default_factory=set)
    """Labels of the keys that were put on it, each with its number or kind."""

    @property
    def configuration(self) -> Path:
        return self.folder / "softhsm2.conf"

    def uri(self, label=None, *, token=LABEL, query="", **attributes):
        """Make the URI of a key on a token."""
        named = {"token": token, "object": label, **attributes}
        path = ";".join(f"{name}={quote(value)}" for name, value in named.items() if value is not None)
        return f"pkcs11:{path}?module-path={quote(self.module)}{query}"

    def put(self, label, *, number="01", algorithm=Algorithm.ES256, key=None, token=LABEL):
        """Put a private key on the token, once; the same key as `make_chain` uses, unless one is given."""
        if (label, number) in self.present:
            return
        key = key or make_chain(algorithm=algorithm)[0]
        path = self._write(key)
        try:
            self._run("softhsm2-util", "--import", str(path), "--token", token, "--label", label, "--id", number,
                      "--pin", PIN)  # fmt: skip
        finally:
            path.unlink()
        self.present.add((label, number))

    def create(self, label, kind, *, key=None):
        """Put an ECDSA key on the token, once, without its public half and with other attributes."""
        if (label, kind) in self.present:
            return
        self.present.add((label, kind))
        path = self._write(key or make_chain()[0])
        try:
            self._run(sys.executable, "-c", _CREATE, self.module, LABEL, PIN, str(path), label, kind)
        finally:
            path.unlink()

    def run(self, program, *arguments, configuration=None):
        """Run a Python program in a process of its own, which loads the module anew; return it finished."""
        environment = os.environ | {"SOFTHSM2_CONF": str(configuration or self.configuration)}
        return subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def another(self, folder, *, options=""):
        """Copy the token into another folder, with more options in its configuration; return the copy."""
        shutil.copytree(self.folder / "tokens", folder / "tokens")
        _configure(folder, options)
        return Token(folder=folder, module=self.module)

    def _write(self, key):
        path = self.folder / "import.pem"
        path.touch(mode=0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return path

    def _run(self, *command):
        environment = os.environ | {"SOFTHSM2_CONF": str(self.configuration)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def token() -> Token:
    """Return the token of this process; skips the test where there is no SoftHSM2."""
    module = next((item for item in _MODULES if Path(item).is_file()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (Debian: softhsm2)")
    pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")
    return _token(str(Path(module).resolve()))


def log_out():
    """End all logins of this process that tests before left behind: while there is one, no PIN is asked for."""
    from pkcs11.exceptions import PKCS11Error

    from provenance.keys import pkcs11_login

    for login in pkcs11_login._LOGINS.values():
        # A test may have closed it under the signer's hands.
        with suppress(PKCS11Error):
            login.session.close()
    pkcs11_login._LOGINS.clear()


@cache
def _token(module: str) -> Token:
    folder = Path(tempfile.mkdtemp(prefix="softhsm-", dir=TEMPORARY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "tokens").mkdir()
    _configure(folder)
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    made = Token(folder=folder, module=module)
    for label in (LABEL, TWIN, TWIN, EMPTY):
        made._run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", PIN)
    return made


def _configure(folder, options=""):
    text = f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n{options}\n"
    (folder / "softhsm2.conf").write_text(text)
