"""Keys that live elsewhere: requests and imports leave them there, and nothing of them is kept but the address."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from cryptography import x509

from provenance.errors import KeyUnavailable, WrongSecret
from provenance.keys import IdentityStore
from provenance.keys.renewal import Renewal, renew_identity
from provenance.model.ports import Algorithm
from tests.support import softhsm
from tests.support.campaign import cases
from tests.support.certificates import AT, make_chain
from tests.support.certificates import key as make_key
from tests.support.identities import everything, never
from tests.support.material import (
    AUTHORITY,
    INTERMEDIATE,
    LEAF,
    NEWS,
    answer,
    ask,
    bring,
    key_bytes,
    pem,
    request_of,
    write,
)
from tests.support.remote_signer import TOKEN, running
from tests.support.softhsm import PIN


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "identities")


@pytest.fixture(scope="module")
def token():
    made = softhsm.token()
    for number, algorithm in enumerate(Algorithm, start=1):
        made.put(f"identity {algorithm.value}", number=f"7{number}", algorithm=algorithm)
    return made


def pin(wanted):
    assert wanted == f"the PIN of token {softhsm.LABEL}"
    return PIN


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@cases("algorithm", [Algorithm.ES256, Algorithm.PS384, Algorithm.ED25519], more=Algorithm)
def test_a_request_signed_on_a_token_is_confirmed_by_openssl_and_answered(store, token, tmp_path, algorithm):
    uri = token.uri(f"identity {algorithm.value}")
    identity = ask(store, key=uri, secret=pin)
    assert (identity.key, identity.algorithm) == (uri, algorithm)
    assert sorted(path.name for path in identity.directory.iterdir()) == ["identity.json", "request.pem"]
    done = subprocess.run(
        ["openssl", "req", "-verify", "-noout", "-in", str(identity.request_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "verify OK" in done.stdout + done.stderr) == (0, True)
    assert request_of(identity).public_key() == make_key(algorithm.value).public_key()
    bring(store, write(tmp_path, {"answer": answer(request_of(identity))}))
    signer = store.open("Desk", secret=pin)
    assert signer.sign(b"x")
    signer.close()
    again = renew_identity(store, "Desk", Renewal(), secret=pin, at=AT)
    assert request_of(again).subject == request_of_first(again).subject
    assert request_of(again).public_key() == signer.public_key
    assert again.request_key is None


def request_of_first(identity):
    (path,) = identity.directory.glob("previous/*/request.pem")
    return x509.load_pem_x509_csr(path.read_bytes())


def test_a_wrong_pin_is_said_and_leaves_nothing(store, token):
    with pytest.raises(WrongSecret):
        ask(store, key=token.uri("identity es256"), secret=lambda wanted: "1234")
    assert everything(store) == {}


def test_a_pin_in_the_address_is_refused_and_not_kept(store, token):
    with pytest.raises(KeyUnavailable, match="a PIN does not belong into a URI") as caught:
        ask(store, key=token.uri("identity es256", query=f"&pin-value={PIN}"), secret=never)
    assert PIN not in str(caught.value)
    assert everything(store) == {}


def test_certificates_for_a_key_on_a_token_are_sorted_by_it(store, token, tmp_path):
    files = write(tmp_path, {"all": pem(AUTHORITY, INTERMEDIATE, LEAF)})
    done = bring(store, files, key=token.uri("identity es256"), secret=pin)
    assert (done.identity.key_place, done.key_in_clear) == (token.uri("identity es256").partition("?")[0], False)
    assert store.open("Desk", secret=pin).sign(b"x")


def test_certificates_of_another_key_than_the_one_on_the_token_are_refused(store, token, tmp_path):
    files = write(tmp_path, {"all": pem(INTERMEDIATE, LEAF)})
    with pytest.raises(KeyUnavailable, match="none of the certificates belongs to the private key"):
        bring(store, files, key=token.uri("identity es384"), secret=pin)
    assert everything(store) == {}


def test_no_other_key_can_be_made_on_a_token_from_here(store, token, tmp_path):
    bring(store, write(tmp_path, {"all": pem(LEAF)}), key=token.uri("identity es256"), secret=pin)
    with pytest.raises(Exception, match="is not kept here, so no other one can be made") as caught:
        renew_identity(store, "Desk", Renewal(new_key=True), secret=never, at=AT)
    assert "--key URI" in caught.value.hint
    moved = renew_identity(store, "Desk", Renewal(key=token.uri("identity es384")), secret=pin, at=AT)
    assert request_of(moved).public_key() == make_key("es384").public_key()
    assert moved.request_key == token.uri("identity es384")
    assert moved.algorithm is Algorithm.ES256
    ready = bring(store, write(tmp_path, {"answer": answer(request_of(moved))})).identity
    assert (ready.key, ready.algorithm) == (token.uri("identity es384"), Algorithm.ES384)


def test_a_remote_signer_tells_no_key_so_the_certificates_say_whose_they_are(store, tmp_path):
    files = write(tmp_path, {"all": pem(AUTHORITY, INTERMEDIATE, LEAF)})
    with running() as (server, _):
        done = bring(store, files, key=server.url("good"), secret=never)
        assert parse(done.identity) == [LEAF, INTERMEDIATE]
        assert store.open("Desk", secret=lambda wanted: TOKEN).sign(b"x")
        again = renew_identity(store, "Desk", Renewal(), secret=lambda wanted: TOKEN, at=AT)
        assert request_of(again).public_key() == LEAF.public_key()
        with pytest.raises(KeyUnavailable, match="the public key of this key is not told here"):
            ask(store, "Other", key=server.url("good"), secret=never, subject=NEWS)
    assert TOKEN not in "".join((content or b"").decode(errors="replace") for content in everything(store).values())


def parse(identity):
    return x509.load_pem_x509_certificates(identity.chain_path.read_bytes())


def test_without_a_key_to_compare_two_possible_leaves_are_refused(store, tmp_path):
    _, other, _ = make_chain(algorithm=Algorithm.ES384)
    files = write(tmp_path, {"all": pem(INTERMEDIATE, LEAF) + other.encode()})
    with running() as (server, _), pytest.raises(KeyUnavailable, match="it is not clear whose certificate is meant"):
        bring(store, files, key=server.url("good"), secret=never)
    assert everything(store) == {}


def test_a_key_by_uri_and_one_in_a_file_are_one_too_many(store, tmp_path):
    files = write(tmp_path, {"all": pem(LEAF) + key_bytes()})
    with pytest.raises(KeyUnavailable, match="more than one private key"):
        bring(store, files, key="pkcs11:token=News;object=desk?pin-source=file:/etc/pin", secret=never)
