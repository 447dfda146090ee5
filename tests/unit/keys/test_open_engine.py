"""From the key to the credential: every place of a key signs a picture that verifies, and its cause comes through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from provenance import Decision, Workspace
from provenance.errors import KeyUnavailable, SignerRefused, WrongSecret
from provenance.keys import open_key, parse_chain
from provenance.model.ports import Algorithm
from provenance.settings import Settings
from tests.support import softhsm
from tests.support.certificates import make_chain
from tests.support.remote_signer import TOKEN, running
from tests.support.softhsm import PIN
from tests.unit.keys.key_lab import pem, write_private

PASSPHRASE = "correct-horse"
SECRETS = {
    "the passphrase of Desk": PASSPHRASE,
    "the PIN of token Example News": PIN,
    "the token of 127.0.0.1": TOKEN,
}


@pytest.fixture
def desk(tmp_path):
    """Make places of keys, one chain and a workspace that trusts its root."""
    with running() as (server, _):
        yield Desk(tmp_path, server)


class Desk:
    def __init__(self, folder, server, algorithm=Algorithm.ES256):
        key, self.chain, root = make_chain(algorithm=algorithm, at=datetime.now(UTC))
        (folder / "root.pem").write_text(root)
        self.workspace = Workspace(Settings(home=str(folder)), trust_files=[folder / "root.pem"])
        self.file = write_private(folder / "key.pem", pem(key, passphrase=PASSPHRASE))
        protection = BestAvailableEncryption(PASSPHRASE.encode())
        leaf, middle = parse_chain(self.chain)
        bundle = serialize_key_and_certificates(b"desk", key, leaf, [middle], protection)
        self.bundle = write_private(folder / "desk.p12", bundle)
        self.server = server

    def uri(self, place):
        if place == "pkcs11":
            softhsm.token().put("es256")
            softhsm.log_out()
            return softhsm.token().uri("es256")
        return {
            "file": f"file:{self.file}",
            "pkcs12": f"pkcs12:{self.bundle}",
            "https": self.server.url("good"),
        }[place]

    def sign(self, photo, uri, *, secret=SECRETS.get):
        signer = open_key(uri, self.chain, name="Desk", secret=secret)
        try:
            return self.workspace.sign(photo, signer=signer).path
        finally:
            signer.close()


@pytest.mark.parametrize("place", ["file", "pkcs12", "pkcs11", "https"])
def test_a_picture_that_was_signed_with_a_key_in_some_place_is_accepted(desk, photo, place):
    verdict = desk.workspace.verify(desk.sign(photo, desk.uri(place)))
    assert verdict.decision is Decision.ACCEPTED


@pytest.mark.parametrize(
    ("uri", "secret", "kind", "message"),
    [
        ("pkcs11", "0000", WrongSecret, "does not accept this PIN"),
        ("pkcs11", None, KeyUnavailable, "wants a PIN and none was given"),
        ("https", "guessed", WrongSecret, "does not accept the token: no such token"),
        ("told/403", TOKEN, SignerRefused, "does not allow the use of this key: The "),
        ("another", TOKEN, SignerRefused, "does not verify with the first certificate"),
        ("page", TOKEN, SignerRefused, "answers with text/html and no signature"),
    ],
)
def test_what_a_key_says_when_it_fails_comes_through_the_engine(desk, photo, uri, secret, kind, message):
    place = desk.uri(uri) if uri in {"pkcs11", "https"} else desk.server.url(uri)
    before = sorted(photo.parent.iterdir())
    with pytest.raises(kind, match=message) as caught:
        desk.sign(photo, place, secret=lambda wanted: secret)
    assert caught.value.path == place.partition("?")[0]
    assert sorted(photo.parent.iterdir()) == before
