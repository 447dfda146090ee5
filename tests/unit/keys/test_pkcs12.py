"""Private keys in PKCS#12 files: the chain that comes with them, passphrases, and files of other tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from provenance.errors import KeyUnavailable, UnsuitableCertificate, WrongSecret
from provenance.keys import parse_chain
from provenance.keys.open import open_bare, open_key, public_key
from provenance.model.ports import Algorithm, Signer
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.unit.keys.key_lab import MESSAGE, Asked, never, pem, verify, write_private

ROOT = Path(__file__).parents[3]
PASSPHRASE = "pässword"


def bundle(key, certificates, *, passphrase=PASSPHRASE):
    """Make a PKCS#12 file; the first certificate is the one that belongs to the key, unless it is None."""
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    first, *others = certificates or [None]
    return serialize_key_and_certificates(b"desk", key, first, others, protection)


def whole_chain(algorithm=Algorithm.ES256):
    """Return leaf, intermediate and root."""
    key, chain, root = make_chain(algorithm=algorithm)
    return key, [*parse_chain(chain), *parse_chain(root)], chain


@pytest.fixture
def opened(tmp_path):
    def work(data, *, chain="", secret=lambda wanted: PASSPHRASE):
        write_private(tmp_path / "desk.p12", data)
        return open_key("pkcs12:desk.p12", chain, name="Desk", secret=secret, base=tmp_path)

    return work


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_key_and_chain_come_from_one_file(opened, algorithm):
    key, certificates, chain = whole_chain(algorithm)
    asked = Asked(PASSPHRASE)
    signer: Signer = opened(bundle(key, certificates), secret=asked)
    assert (signer.name, signer.algorithm, signer.chain_pem) == ("Desk", algorithm, chain)
    assert asked.words == ["the passphrase of Desk"]
    verify(certificates[0].public_key(), algorithm, signer.sign(MESSAGE))


@pytest.mark.parametrize("order", ["leaf root middle", "leaf stranger root middle", "none root middle leaf"])
def test_the_chain_is_put_in_order_without_the_root_and_strangers(opened, order):
    key, (leaf, middle, root), chain = whole_chain()
    stranger = parse_chain(make_chain("gap")[1])[1]
    named = {"leaf": leaf, "middle": middle, "root": root, "stranger": stranger, "none": None}
    assert opened(bundle(key, [named[name] for name in order.split()])).chain_pem == chain


def test_a_chain_that_is_given_counts_more_than_the_one_in_the_file(opened):
    key, (leaf, *_), chain = whole_chain()
    assert opened(bundle(key, [leaf]), chain=chain).chain_pem == chain


@pytest.mark.parametrize("passphrase", [None, ""], ids=["none", "empty"])
def test_a_file_without_a_passphrase_asks_for_none(opened, passphrase):
    key, certificates, _ = whole_chain()
    if passphrase is None:
        data = bundle(key, certificates, passphrase=None)
    else:
        data = by_openssl(key, certificates, "-passout", "pass:")
    assert opened(data, secret=never).sign(MESSAGE)


@pytest.mark.parametrize("given", [None, ""], ids=["none", "empty"])
def test_no_passphrase_for_a_file_that_has_one(opened, given):
    key, certificates, _ = whole_chain()
    with pytest.raises(KeyUnavailable, match="encrypted and no passphrase was given") as caught:
        opened(bundle(key, certificates), secret=lambda wanted: given)
    assert "PROVENANCE_PASSPHRASE" in caught.value.hint


def test_a_wrong_passphrase_is_told_and_not_repeated(opened, tmp_path):
    key, certificates, _ = whole_chain()
    with pytest.raises(WrongSecret, match="does not open this PKCS#12 file") as caught:
        opened(bundle(key, certificates), secret=Asked("hunter2"))
    assert caught.value.path == str(tmp_path / "desk.p12")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: bundle(None, whole_chain()[1]), KeyUnavailable, "certificates but no private key"),
        (lambda: bundle(make_key("es256"), []), KeyUnavailable, "no certificate for this key"),
        (lambda: bundle(dsa.generate_private_key(2048), []), UnsuitableCertificate, "DSA"),
        (lambda: bundle(make_key("secp256k1"), []), UnsuitableCertificate, "secp256k1"),
        (lambda: b"", KeyUnavailable, "not a PKCS#12 file, or a damaged one"),
        (lambda: b"\x30\x82", KeyUnavailable, "not a PKCS#12 file, or a damaged one"),
        (lambda: pem(make_key("es256")), KeyUnavailable, "not a PKCS#12 file, or a damaged one"),
        (lambda: bundle(*whole_chain()[:2])[:-40], KeyUnavailable, "not a PKCS#12 file, or a damaged one"),
        (lambda: bytes(2 << 20), KeyUnavailable, "too large for a PKCS#12 file"),
    ],
)
def test_files_that_sign_nothing(opened, tmp_path, make, kind, message):
    with pytest.raises(kind, match=message) as caught:
        opened(make())
    assert caught.value.path == str(tmp_path / "desk.p12")
    assert caught.value.hint


def test_a_key_of_another_chain_is_refused(opened):
    key, certificates, _ = whole_chain()
    with pytest.raises(KeyUnavailable, match="does not belong to the first certificate"):
        opened(bundle(key, certificates), chain=make_chain(algorithm=Algorithm.PS256)[1])


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
def test_a_file_that_others_may_read_is_refused(tmp_path):
    write_private(tmp_path / "desk.p12", bundle(*whole_chain()[:2])).chmod(0o644)
    with pytest.raises(KeyUnavailable, match="others on this machine may read this PKCS#12 file"):
        open_key("pkcs12:desk.p12", "", name="x", secret=never, base=tmp_path)


def test_a_bare_key_tells_its_public_key(tmp_path):
    write_private(tmp_path / "desk.p12", bundle(make_key("es384"), []))
    asked = Asked(PASSPHRASE, PASSPHRASE)
    own = public_key("pkcs12:desk.p12", secret=asked, base=tmp_path)
    signer = open_bare("pkcs12:desk.p12", name="Desk", secret=asked, base=tmp_path)
    verify(own, Algorithm.ES384, signer.sign(MESSAGE))
    assert (signer.chain_pem, asked.words) == ("", ["the passphrase of desk.p12", "the passphrase of Desk"])


def by_openssl(key, certificates, *options):
    """Make a PKCS#12 file as openssl does; its options may name old ciphers."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, and nothing else here writes this")
    with tempfile.TemporaryDirectory() as folder:
        text = pem(key) + b"".join(item.public_bytes(Encoding.PEM) for item in certificates)
        path = write_private(Path(folder) / "all.pem", text)
        done = subprocess.run(
            ["openssl", "pkcs12", "-export", "-in", path, *options], capture_output=True, check=False
        )  # fmt: skip
    if done.returncode:
        pytest.skip(f"this openssl does not write it: {done.stderr.decode()}")
    return done.stdout


OLD = {
    "3DES": ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
    "RC2": ["-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC2-40"],
    "RC4": ["-legacy", "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC4-128"],
    "as Windows did": ["-legacy"],
    "modern": [],
}


@pytest.mark.parametrize("form", OLD)
def test_files_of_other_tools_open(opened, form):
    key, certificates, chain = whole_chain()
    data = by_openssl(key, certificates, *OLD[form], "-passout", "pass:hunter2")
    signer = opened(data, secret=lambda wanted: "hunter2")
    assert signer.chain_pem == chain
    assert signer.sign(MESSAGE)


WITHOUT_OLD_CIPHERS = """
import sys
from provenance.errors import WrongSecret
from provenance.keys.open import open_key
try:
    open_key(f"pkcs12:{sys.argv[1]}", "", name="x", secret=lambda wanted: "hunter2")
    print("opened")
except WrongSecret as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("form", "said"), [("RC2", "RC2 and RC4 are switched off"), ("RC4", "openssl pkcs12 -export"), ("3DES", "opened")]
)
def test_where_old_ciphers_are_switched_off_the_way_out_is_named(tmp_path, form, said):
    key, certificates, _ = whole_chain()
    path = write_private(tmp_path / "old.p12", by_openssl(key, certificates, *OLD[form], "-passout", "pass:hunter2"))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OLD_CIPHERS, path],
        env=os.environ | {"CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1"},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said in done.stdout
    assert "hunter2" not in done.stdout
