"""Certificate requests: what they ask for, that OpenSSL takes them, and that the answer finds its key."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.errors import KeyUnavailable, NoIdentity, SigningError, WrongSecret
from provenance.keys import IdentityStore, check_chain, parse_chain
from provenance.keys.request import Subject
from provenance.model.ports import Algorithm
from tests.support.campaign import cases
from tests.support.certificates import AT
from tests.support.certificates import key as make_key
from tests.support.identities import create, everything, never, no_secret
from tests.support.material import NEWS, PASSPHRASE, answer, ask, bring, key_bytes, request_of, write


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "identities")


@cases("algorithm", [Algorithm.ES256, Algorithm.PS384, Algorithm.ED25519], more=Algorithm)
def test_a_request_is_answered_and_the_identity_signs(store, tmp_path, algorithm):
    identity = ask(store, algorithm=algorithm)
    assert (identity.waiting, identity.algorithm, identity.organisation) == (True, algorithm, "Example News Ltd")
    files = write(tmp_path, {"answer": answer(request_of(identity))})
    ready = bring(store, files).identity
    assert (ready.waiting, ready.request, ready.key) == (False, None, identity.key)
    assert check_chain(parse_chain(ready.chain_path.read_text()), at=AT) == ()
    assert store.default() == ready
    signer = store.open("Desk", secret=never)
    assert (signer.algorithm, signer.public_key) == (algorithm, request_of_file(ready))
    assert signer.sign(b"x")


def request_of_file(identity):
    """Return the public key of the request that was kept when it was answered."""
    (path,) = identity.directory.glob("previous/*/request.pem")
    return x509.load_pem_x509_csr(path.read_bytes()).public_key()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@cases("algorithm", [Algorithm.ES256, Algorithm.PS384, Algorithm.ED25519], more=Algorithm)
def test_openssl_confirms_the_request(store, algorithm):
    identity = ask(store, algorithm=algorithm)
    done = subprocess.run(
        ["openssl", "req", "-verify", "-noout", "-text", "-in", str(identity.request_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "verify OK" in done.stdout + done.stderr
    assert "Digital Signature" in done.stdout
    assert "1.3.6.1.4.1.62558.2.1" in done.stdout


def test_a_request_says_who_asks_and_what_for(store):
    subject = Subject(
        organisation="Ágora 新闻",
        common_name="Signing",
        country="no",
        names=("desk@example.com", "https://example.com/about", "news.example.com"),
    )
    request = request_of(ask(store, subject=subject))
    assert request.subject.rfc4514_string() == "CN=Signing,O=Ágora 新闻,C=NO"
    usage = request.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    purposes = request.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [item.dotted_string for item in purposes] == ["1.3.6.1.4.1.62558.2.1"]
    assert ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in purposes
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == ["desk@example.com"]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["https://example.com/about"]
    assert names.get_values_for_type(x509.DNSName) == ["news.example.com"]


def test_a_key_that_is_there_already_stays_where_it_is(store, tmp_path):
    key = make_key("es384", "elsewhere")
    (path,) = write(tmp_path, {"elsewhere.pem": key_bytes(key, PASSPHRASE)})
    identity = ask(store, key=f"file:{path}", secret=lambda wanted: PASSPHRASE)
    assert (identity.key, identity.algorithm) == (f"file:{path}", Algorithm.ES384)
    assert request_of(identity).public_key() == key.public_key()
    assert request_of(identity).is_signature_valid
    assert not any(b"PRIVATE" in (content or b"") for content in everything(store).values())
    files = write(tmp_path, {"answer": answer(request_of(identity))})
    bring(store, files)
    assert store.open("Desk", secret=lambda wanted: PASSPHRASE).sign(b"x")


def test_a_new_key_is_encrypted_when_that_is_asked_for(store, tmp_path):
    identity = ask(store, passphrase=PASSPHRASE)
    assert b"ENCRYPTED" in identity.key_path.read_bytes()
    # Nobody is asked for the passphrase: the request says which key is meant.
    bring(store, write(tmp_path, {"answer": answer(request_of(identity))}), secret=never)
    with pytest.raises(WrongSecret):
        store.open("Desk", secret=lambda wanted: "another")


def test_the_answer_to_another_request_is_refused_and_the_identity_goes_on_waiting(store, tmp_path):
    first, second = ask(store), ask(store, "Other")
    before = everything(store)
    with pytest.raises(KeyUnavailable, match="none of these certificates belongs to the key of Desk"):
        bring(store, write(tmp_path, {"answer": answer(request_of(second))}))
    assert everything(store) == before
    assert store.get("Desk") == first


def test_an_answer_that_could_not_sign_is_refused_and_the_identity_goes_on_waiting(store, tmp_path):
    first = ask(store)
    late = answer(request_of(first), at=AT - timedelta(days=400))
    with pytest.raises(SigningError, match="expired on"):
        bring(store, write(tmp_path, {"answer": late}))
    assert store.get("Desk") == first
    assert first.key_path.is_file()


def test_another_key_for_an_identity_that_waits_must_be_meant(store, tmp_path):
    waiting = ask(store)
    other = make_key("es256", "another")
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(request_of(waiting).subject)
        .add_extension(request_of(waiting).extensions[0].value, critical=True)
        .add_extension(request_of(waiting).extensions[1].value, critical=False)
        .sign(other, hashes.SHA256())
    )
    files = write(tmp_path, {"all": answer(request) + key_bytes(other)})
    with pytest.raises(SigningError, match="already"):
        bring(store, files)
    kept = waiting.key_path.read_bytes()
    ready = bring(store, files, replace=True).identity
    assert not ready.waiting
    assert ready.key_path.read_bytes() == key_bytes(other)
    assert kept in everything(store).values()


@pytest.mark.parametrize(
    ("name", "subject", "message"),
    [
        ("Desk", Subject(organisation="", common_name="x"), "cannot be the name of an organisation"),
        ("Desk", Subject(organisation="x" * 65, common_name="x"), "cannot be the name of an organisation"),
        ("Desk", Subject(organisation="x", common_name="a\nb"), "cannot be the common name"),
        ("De\nsk", NEWS, "cannot be the name of an identity"),
        ("Desk", Subject(organisation="x", common_name="x", country="Norway"), "'Norway' is not a country"),
        ("Desk", Subject(organisation="x", common_name="x", names=("a b",)), "neither an e-mail address"),
        ("Desk", Subject(organisation="x", common_name="x", names=("ö@example.com",)), "cannot be in a certificate"),
    ],
)
def test_what_no_certificate_can_say_is_refused_and_leaves_nothing(store, name, subject, message):
    with pytest.raises(SigningError, match=message):
        ask(store, name, subject=subject)
    assert everything(store) == {}


def test_a_name_that_is_taken_is_refused(store):
    create(store, "Desk")
    before = everything(store)
    with pytest.raises(SigningError, match="already"):
        ask(store)
    assert everything(store) == before


@pytest.mark.parametrize(
    ("key", "message"),
    [("key.pem", "not the address of a key"), ("pkcs99:x", "no key can be opened"), ("file:gone.pem", "not there")],
)
def test_a_key_that_is_not_there_is_refused_and_leaves_nothing(store, key, message):
    with pytest.raises(SigningError, match=message):
        ask(store, key=key, secret=no_secret)
    assert everything(store) == {}
    with pytest.raises(NoIdentity):
        store.get("Desk")
