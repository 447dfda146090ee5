"""Trust lists are read whole or refused, with the reason named."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenance.errors import SettingsError
from provenance.model.trust import Purpose
from provenance.trust import load_file, parse_pem
from tests.support.certificates import key, make_chain

_, CHAIN, ROOT = make_chain()
BROKEN = "-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
KEY = key("es256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def der(pem):
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def parse(text):
    return parse_pem(text, name="list", purpose=Purpose.SIGNER, source="list.pem")


def test_list_says_what_it_is():
    found = parse_pem(ROOT, name="mine", purpose=Purpose.TIMESTAMP, source="a.pem", local=True)
    assert (found.name, found.purpose, found.source, found.local) == (
        "mine",
        Purpose.TIMESTAMP,
        "a.pem",
        True,
    )
    assert found.anchors == (ROOT,)
    assert found.digest == hashlib.sha256(der(ROOT)).hexdigest()


BUNDLES = {
    "bare": ROOT + CHAIN,
    "comments": f"Subject: CN=a\n{ROOT}\n# Grüße\n{CHAIN}the end",
    "windows": (ROOT + CHAIN).replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + ROOT + CHAIN,
    "no newline at the end": (ROOT + CHAIN).rstrip(),
    "old label": (ROOT + CHAIN).replace(" CERTIFICATE", " X509 CERTIFICATE"),
}


@pytest.mark.parametrize("case", BUNDLES)
@pytest.mark.parametrize("kind", [str, str.encode], ids=["text", "bytes"])
def test_bundle_is_read_in_its_order(case, kind):
    found = parse(kind(BUNDLES[case]))
    assert found.anchors == parse(ROOT).anchors + parse(CHAIN).anchors
    assert found.digest == parse(ROOT + CHAIN).digest
    assert not found.local


def test_digest_is_over_all_certificates():
    one, other = (x509.load_pem_x509_certificates(CHAIN.encode())[number] for number in (0, 1))
    together = one.public_bytes(Encoding.DER) + other.public_bytes(Encoding.DER)
    assert parse(CHAIN).digest == hashlib.sha256(together).hexdigest()


def test_comments_in_no_encoding_are_allowed():
    assert parse(b"caf\xe9\n" + ROOT.encode()).anchors == (ROOT,)


def test_one_certificate_in_der():
    assert parse(der(ROOT)) == parse(ROOT)


REFUSED = {
    "empty": ("", "empty"),
    "blank": (" \n\t", "empty"),
    "text": ("hello", "no certificates"),
    "two in DER": (der(ROOT) * 2, "no certificates"),
    "web page": ("<!DOCTYPE html><html>404</html>", "web page"),
    "web page with a mark": ("\ufeff\n<HTML>" + ROOT, "web page"),
    "private key": (ROOT + KEY, "private key"),
    "private key cut off": (ROOT + KEY[:80], "private key"),
    "first broken": (BROKEN + ROOT, "number 1 .*damaged"),
    "third broken": (CHAIN + BROKEN, "number 3 .*damaged"),
    "cut off": (ROOT + CHAIN[:300], "number 2 .*damaged"),
    "cut off in the middle": (ROOT[:300] + "\n" + CHAIN, "number 1 .*damaged"),
    "end without beginning": (ROOT + ROOT[300:], "number 2 .*damaged"),
    "not base64": (ROOT.replace("MII", "M!I", 1), "number 1 .*damaged"),
    "public key": (ROOT + KEY.replace("PRIVATE", "PUBLIC"), "public key"),
    "PKCS7": ("-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n", "pkcs7"),
    "too large": (ROOT + "#" * (10 * 1024 * 1024), "larger than 10 MB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_trust_list(case):
    text, message = REFUSED[case]
    with pytest.raises(SettingsError, match=message) as caught:
        parse(text)
    assert caught.value.path == "list.pem"
    assert caught.value.hint
    assert KEY.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize("case", REFUSED)
def test_files_are_refused_alike(tmp_path, case):
    text, message = REFUSED[case]
    path = tmp_path / "roots.pem"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_file(path, purpose=Purpose.SIGNER)
    assert caught.value.path == str(path)


@pytest.mark.parametrize(("given", "name"), [(None, "my-roots"), ("Ours", "Ours")])
def test_file_lends_its_name(tmp_path, given, name):
    path = tmp_path / "my-roots.pem"
    path.write_text(ROOT)
    found = load_file(path, purpose=Purpose.SIGNER, name=given)
    assert (found.name, found.source, found.anchors) == (name, str(path), (ROOT,))


def test_missing_file(tmp_path):
    with pytest.raises(SettingsError, match="not there"):
        load_file(tmp_path / "none.pem", purpose=Purpose.SIGNER)


def test_directory(tmp_path):
    with pytest.raises(SettingsError, match="directory"):
        load_file(tmp_path, purpose=Purpose.SIGNER)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_unreadable_file(tmp_path, monkeypatch, error):
    def refuse(self, *args):
        raise error

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(SettingsError, match=r"cannot be read: .*(denied|error)"):
        load_file(tmp_path / "list.pem", purpose=Purpose.SIGNER)


def test_a_name_is_one_line(tmp_path):
    """Several names are given to the engine together, a line each."""
    path = tmp_path / "my\nown list.pem"
    path.write_text(ROOT)
    assert load_file(path, purpose=Purpose.SIGNER).name == "my own list"
