"""Private keys from files: what opens, what signs, what is refused, and that no key material gets out."""

from __future__ import annotations

import os
import pickle
import traceback
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from provenance.errors import KeyUnavailable, UnsuitableCertificate, WrongSecret
from provenance.keys import open_files, parse_chain
from provenance.model.ports import Algorithm, Signer
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.unit.keys.key_lab import MESSAGE, der, never, pem, verify, write_pair


@pytest.fixture
def place(tmp_path):
    """Write a key and a chain; return their paths."""
    return partial(write_pair, tmp_path)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_signature_verifies_with_the_public_key(place, algorithm):
    signer: Signer = open_files(*place(algorithm=algorithm), name="Example News", secret=never)
    leaf = parse_chain(signer.chain_pem)[0]
    assert (signer.name, signer.algorithm) == ("Example News", algorithm)
    verify(leaf.public_key(), algorithm, signer.sign(MESSAGE))


TRADITIONAL = PrivateFormat.TraditionalOpenSSL


@pytest.mark.parametrize(
    ("kind", "write", "form", "passphrase"),
    [
        pytest.param("es256", pem, TRADITIONAL, None, id="EC in PEM"),
        pytest.param("es256", pem, TRADITIONAL, "pässword", id="EC in PEM, encrypted"),
        pytest.param("es256", der, TRADITIONAL, None, id="EC in DER"),
        pytest.param("ps256", pem, TRADITIONAL, None, id="RSA in PEM"),
        pytest.param("ps256", pem, TRADITIONAL, "pässword", id="RSA in PEM, encrypted"),
        pytest.param("ps256", der, TRADITIONAL, None, id="RSA in DER"),
        pytest.param("es384", pem, PrivateFormat.PKCS8, None, id="PKCS8 in PEM"),
        pytest.param("es384", pem, PrivateFormat.PKCS8, "pässword", id="PKCS8 in PEM, encrypted"),
        pytest.param("es384", der, PrivateFormat.PKCS8, None, id="PKCS8 in DER"),
        pytest.param("es384", der, PrivateFormat.PKCS8, "pässword", id="PKCS8 in DER, encrypted"),
    ],
)
def test_forms_of_keys(place, kind, write, form, passphrase):
    asked = []
    paths = place(write(make_key(kind), form, passphrase), algorithm=Algorithm(kind))
    signer = open_files(*paths, name="Desk", secret=lambda wanted: asked.append(wanted) or passphrase)
    assert signer.algorithm == kind
    assert asked == (["the passphrase of Desk"] if passphrase else [])


def test_curve_parameters_before_the_key_are_skipped(place):
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    data = parameters + pem(make_key("es256"), PrivateFormat.TraditionalOpenSSL)
    assert open_files(*place(data), name="x", secret=never).algorithm is Algorithm.ES256


def test_chain_is_kept_without_comments(place):
    _, chain_pem, _ = make_chain()
    signer = open_files(*place(chain=b"a comment\n" + chain_pem.encode()), name="x", secret=never)
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
        open_files(key_path, chain_path, name="x", secret=never)
    assert caught.value.path == str(key_path)
    assert "P-256" in caught.value.hint


@pytest.mark.parametrize("given", [None, ""], ids=["none", "empty"])
def test_encrypted_key_without_passphrase(place, given):
    paths = place(pem(make_key("es256"), passphrase="right"))
    with pytest.raises(KeyUnavailable, match="encrypted") as caught:
        open_files(*paths, name="x", secret=lambda wanted: given)
    assert "PROVENANCE_PASSPHRASE" in caught.value.hint


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["PKCS8", "EC"])
@pytest.mark.parametrize("wrong", ["wrong", "Right", "x" * 5000], ids=["other", "case", "huge"])
def test_wrong_passphrase(place, form, wrong):
    key_path, chain_path = place(pem(make_key("es256"), form, "right"))
    with pytest.raises(WrongSecret) as caught:
        open_files(key_path, chain_path, name="x", secret=lambda wanted: wrong)
    assert caught.value.path == str(key_path)
    assert wrong not in caught.value.message + caught.value.hint


OTHER = {
    "empty": (b"", "PEM or DER"),
    "text": (b"hello", "PEM or DER"),
    "DER cut off": (der(make_key("es256"))[:-9], "PEM or DER"),
    "PKCS#12": (serialize_key_and_certificates(None, make_key("es256"), None, None, NoEncryption()), "pkcs12:PATH"),
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
        open_files(key_path, chain_path, name="x", secret=never)
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
        open_files(*paths, name="x", secret=never)
    assert caught.value.path == str(paths[which])
    assert caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o601], ids=oct)
def test_a_key_that_others_may_touch_is_refused(place, mode):
    key_path, chain_path = place(pem(make_key("es256"), passphrase="right"))
    key_path.chmod(mode)
    with pytest.raises(KeyUnavailable, match="others on this machine") as caught:
        open_files(key_path, chain_path, name="x", secret=never)
    assert caught.value.path == str(key_path)
    assert f"chmod 600 {key_path}" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
@pytest.mark.parametrize("mode", [0o600, 0o400], ids=oct)
def test_a_key_of_its_owner_alone_opens(place, mode):
    key_path, chain_path = place()
    key_path.chmod(mode)
    assert open_files(key_path, chain_path, name="x", secret=never).sign(MESSAGE)


def test_refused_permission(place, monkeypatch):
    def refuse(self, *args):
        raise PermissionError(13, "Permission denied")

    paths = place()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(KeyUnavailable, match="may not be read"):
        open_files(*paths, name="x", secret=never)


def test_name_that_no_file_can_have(place):
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        open_files("key\0.pem", place()[1], name="x", secret=never)


def test_key_of_another_certificate(place):
    key_path, chain_path = place(pem(make_key("es256", "another")))
    with pytest.raises(KeyUnavailable) as caught:
        open_files(key_path, chain_path, name="x", secret=never)
    assert str(key_path) in str(caught.value)
    assert str(chain_path) in str(caught.value)


def test_key_of_a_later_certificate(place):
    _, chain_pem, _ = make_chain("wrong_order")
    with pytest.raises(KeyUnavailable, match="wrong order: its certificate is number 2"):
        open_files(*place(chain=chain_pem.encode()), name="x", secret=never)


def secrets_of(key):
    """Return what must never be seen: the lines of the PEM and the private number."""
    lines = pem(key).decode().splitlines()[1:-1]
    return [*lines, str(key.private_numbers().private_value), f"{key.private_numbers().private_value:x}"]


def test_repr_holds_no_key_material(place):
    signer = open_files(*place(), name="Example News", secret=never)
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
        open_files(*place(data), name="x", secret=lambda wanted: "wrong")
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    lines = data.decode().splitlines()[1:-1]
    assert not [secret for secret in (*secrets_of(key), *lines) if secret and secret in shown]


def test_signer_does_not_travel(place):
    signer = open_files(*place(), name="x", secret=never)
    with pytest.raises(TypeError):
        pickle.dumps(signer)
