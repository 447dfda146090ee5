"""Private keys from files: what opens, what signs, what is refused, and that no key material gets out."""

from __future__ import annotations

import pickle
import traceback

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from provenance.errors import KeyUnavailable, UnsuitableCertificate, WrongSecret
from provenance.keys import FileSigner, open_key, parse_chain
from provenance.model.ports import Algorithm, Signer
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain

MESSAGE = b"what is signed"
DIGESTS = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def never():
    raise AssertionError("the secret was asked for")


def pem(key, form=PrivateFormat.PKCS8, passphrase=None):
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, protection)


@pytest.fixture
def place(tmp_path):
    """Write a key and a chain; return their paths."""

    def write(key_bytes=None, *, algorithm=Algorithm.ES256, chain=None):
        key, chain_pem, _ = make_chain(algorithm=algorithm)
        key_path, chain_path = tmp_path / "key.pem", tmp_path / "chain.pem"
        key_path.write_bytes(pem(key) if key_bytes is None else key_bytes)
        chain_path.write_bytes(chain_pem.encode() if chain is None else chain)
        return key_path, chain_path

    return write


def verify(public_key, algorithm, signature):
    if isinstance(public_key, ed25519.Ed25519PublicKey):
        public_key.verify(signature, MESSAGE)
        return
    digest = DIGESTS[algorithm.value[2:]]
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        public_key.verify(signature, MESSAGE, ec.ECDSA(digest))
        return
    scheme = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    public_key.verify(signature, MESSAGE, scheme, digest)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_signature_verifies_with_the_public_key(place, algorithm):
    signer: Signer = open_key(*place(algorithm=algorithm), name="Example News", secret=never)
    leaf = parse_chain(signer.chain_pem)[0]
    assert (signer.name, signer.algorithm) == ("Example News", algorithm)
    verify(leaf.public_key(), algorithm, signer.sign(MESSAGE))


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        pytest.param("es256", PrivateFormat.TraditionalOpenSSL, id="EC"),
        pytest.param("ps256", PrivateFormat.TraditionalOpenSSL, id="RSA"),
        pytest.param("es384", PrivateFormat.PKCS8, id="PKCS8"),
    ],
)
@pytest.mark.parametrize("passphrase", [None, "pässword"], ids=["plain", "encrypted"])
def test_forms_of_pem(place, kind, form, passphrase):
    paths = place(pem(make_key(kind), form, passphrase), algorithm=Algorithm(kind))
    signer = open_key(*paths, name="x", secret=(lambda: passphrase) if passphrase else never)
    assert signer.algorithm == kind


def test_curve_parameters_before_the_key_are_skipped(place):
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    data = parameters + pem(make_key("es256"), PrivateFormat.TraditionalOpenSSL)
    assert open_key(*place(data), name="x", secret=never).algorithm is Algorithm.ES256


def test_chain_is_kept_without_comments(place):
    _, chain_pem, _ = make_chain()
    signer = open_key(*place(chain=b"a comment\n" + chain_pem.encode()), name="x", secret=never)
    assert signer.chain_pem == chain_pem


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("rsa_1024", "RSA with 1024 bits"),
        ("rsa_4104", "RSA with 4104 bits"),
        ("secp256k1", "secp256k1"),
        ("ed448", "Ed448"),
        ("dsa", "DSA"),
    ],
)
def test_kinds_that_the_standard_does_not_know(place, kind, message):
    key = dsa.generate_private_key(2048) if kind == "dsa" else make_key(kind)
    key_path, chain_path = place(pem(key))
    with pytest.raises(UnsuitableCertificate, match=message) as caught:
        open_key(key_path, chain_path, name="x", secret=never)
    assert caught.value.path == str(key_path)
    assert "P-256" in caught.value.hint


@pytest.mark.parametrize("given", [None, ""], ids=["none", "empty"])
def test_encrypted_key_without_passphrase(place, given):
    paths = place(pem(make_key("es256"), passphrase="right"))
    with pytest.raises(KeyUnavailable, match="encrypted") as caught:
        open_key(*paths, name="x", secret=lambda: given)
    assert "PROVENANCE_PASSPHRASE" in caught.value.hint


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["PKCS8", "EC"])
@pytest.mark.parametrize("wrong", ["wrong", "Right", "x" * 5000], ids=["other", "case", "huge"])
def test_wrong_passphrase(place, form, wrong):
    key_path, chain_path = place(pem(make_key("es256"), form, "right"))
    with pytest.raises(WrongSecret) as caught:
        open_key(key_path, chain_path, name="x", secret=lambda: wrong)
    assert caught.value.path == str(key_path)
    assert wrong not in caught.value.message + caught.value.hint


OTHER = {
    "empty": (b"", "openssl pkey"),
    "text": (b"hello", "openssl pkey"),
    "DER": (
        make_key("es256").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "openssl pkey",
    ),
    "cut off": (pem(make_key("es256"))[:90], "damaged"),
    "base64 broken": (pem(make_key("es256")).replace(b"M", b"!", 1), "damaged"),
    "public key": (
        make_key("es256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "something else",
    ),
    "certificate": (make_chain()[1].encode(), "something else"),
    "OpenSSH": (pem(make_key("es256"), PrivateFormat.OpenSSH), "ssh-keygen"),
}


@pytest.mark.parametrize("case", OTHER)
def test_what_is_no_private_key(place, case):
    data, hint = OTHER[case]
    key_path, chain_path = place(data)
    with pytest.raises(KeyUnavailable, match="no private key") as caught:
        open_key(key_path, chain_path, name="x", secret=never)
    assert caught.value.path == str(key_path)
    assert hint in caught.value.hint


@pytest.mark.parametrize("which", [0, 1], ids=["key", "chain"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(lambda path: path.unlink(), "not there", id="missing"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), "directory", id="directory"),
        pytest.param(lambda path: path.write_bytes(b"\x00" * (1 << 21)), "too large", id="a film"),
        pytest.param(lambda path: path.write_bytes(b"\x00" * 99), "no (private key|certificates)", id="not PEM"),
    ],
)
def test_files_that_cannot_be_used(place, which, damage, message):
    paths = place()
    damage(paths[which])
    with pytest.raises(KeyUnavailable, match=message) as caught:
        open_key(*paths, name="x", secret=never)
    assert caught.value.path == str(paths[which])
    assert caught.value.hint


def test_refused_permission(place, monkeypatch):
    def refuse(self, *args):
        raise PermissionError(13, "Permission denied")

    paths = place()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(KeyUnavailable, match="may not be read"):
        open_key(*paths, name="x", secret=never)


def test_name_that_no_file_can_have(place):
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        open_key("key\0.pem", place()[1], name="x", secret=never)


def test_key_of_another_certificate(place):
    key_path, chain_path = place(pem(make_key("es256", "another")))
    with pytest.raises(KeyUnavailable) as caught:
        open_key(key_path, chain_path, name="x", secret=never)
    assert str(key_path) in str(caught.value)
    assert str(chain_path) in str(caught.value)


def test_key_of_a_later_certificate(place):
    _, chain_pem, _ = make_chain("wrong_order")
    with pytest.raises(KeyUnavailable, match="wrong order: its certificate is number 2"):
        open_key(*place(chain=chain_pem.encode()), name="x", secret=never)


def secrets_of(key):
    """Return what must never be seen: the lines of the PEM and the private number."""
    lines = pem(key).decode().splitlines()[1:-1]
    return [*lines, str(key.private_numbers().private_value), f"{key.private_numbers().private_value:x}"]


def test_repr_holds_no_key_material(place):
    signer = open_key(*place(), name="Example News", secret=never)
    shown = repr(signer) + str(signer)
    assert "Example News" in shown
    assert not [secret for secret in secrets_of(make_key("es256")) if secret in shown]
    assert "PrivateKey" not in shown


@pytest.mark.parametrize("case", ["another", "damaged", "wrong passphrase"])
def test_errors_hold_no_key_material(place, case):
    key = make_key("es256", "another")
    data = {
        "another": pem(key),
        "damaged": pem(key)[:-60] + b"\n-----END PRIVATE KEY-----\n",
        "wrong passphrase": pem(key, passphrase="right"),
    }[case]
    with pytest.raises((KeyUnavailable, WrongSecret)) as caught:
        open_key(*place(data), name="x", secret=lambda: "wrong")
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    lines = data.decode().splitlines()[1:-1]
    assert not [secret for secret in (*secrets_of(key), *lines) if secret and secret in shown]


def test_signer_does_not_travel(place):
    signer = open_key(*place(), name="x", secret=never)
    assert isinstance(signer, FileSigner)
    with pytest.raises(TypeError):
        pickle.dumps(signer)
