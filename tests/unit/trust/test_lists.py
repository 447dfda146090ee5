"""Trust lists from files: what counts, what is skipped and counted, and what is refused, with the reason named."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.errors import SettingsError
from provenance.model.trust import Purpose
from provenance.trust import Wanted, load_file, own_roots, parse_pem
from tests.support import list_server
from tests.support.campaign import examples
from tests.support.certificates import AT, key, make_chain

_, CHAIN, ROOT = make_chain()
LEAF, INTERMEDIATE = (f"{part}-----END CERTIFICATE-----\n" for part in CHAIN.split("-----END CERTIFICATE-----\n")[:2])
BROKEN = "-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
KEY = key("es256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
DER_KEY = key("es256").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
LOCKED_KEY = key("es256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")).decode()
OLD = list_server.EXPIRED


def der(pem):
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def parse(text):
    return parse_pem(text, name="list", purpose=Purpose.SIGNER, source="list.pem")


def test_list_says_what_it_is():
    found = parse_pem(ROOT, name="mine", purpose=Purpose.TIMESTAMP, source="a.pem")
    assert (found.name, found.purpose, found.source, found.local) == ("mine", Purpose.TIMESTAMP, "a.pem", False)
    assert (found.anchors, found.allowed, found.skipped) == ((ROOT,), (), 0)
    assert (found.as_of, found.sequence, found.next_update, found.obtained) == (None, None, None, None)
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
    assert found.anchors == (ROOT, INTERMEDIATE)
    assert found.allowed == (LEAF,)
    assert found.skipped == 0
    assert found.digest == parse(ROOT + CHAIN).digest
    assert not found.local


def test_digest_is_over_authorities_then_single_certificates():
    assert parse(CHAIN).digest == hashlib.sha256(der(INTERMEDIATE) + der(LEAF)).hexdigest()


def test_a_certificate_that_is_there_twice_counts_once():
    assert parse(ROOT + CHAIN + ROOT) == parse(ROOT + CHAIN)


def test_a_single_certificate_vouches_for_no_time_stamp():
    found = parse_pem(ROOT + LEAF, name="list", purpose=Purpose.TIMESTAMP, source="list.pem")
    assert (found.anchors, found.allowed, found.skipped) == ((ROOT,), (), 1)
    with pytest.raises(SettingsError, match="1 no authority"):
        parse_pem(LEAF, name="list", purpose=Purpose.TIMESTAMP, source="list.pem")


@pytest.mark.parametrize(
    ("text", "anchors", "skipped"),
    [
        (BROKEN + ROOT, (ROOT,), 1),
        (CHAIN + BROKEN + ROOT + BROKEN, (INTERMEDIATE, ROOT), 2),
        (ROOT + INTERMEDIATE.replace("MII", "M!I", 1), (ROOT,), 1),
        (ROOT + INTERMEDIATE.replace("\n", "\ngarbage", 1), (ROOT,), 1),
    ],
    ids=["first", "two", "not Base64", "not DER"],
)
def test_damaged_certificates_are_skipped_and_counted(text, anchors, skipped):
    found = parse(text)
    assert (found.anchors, found.skipped) == (anchors, skipped)


@pytest.mark.parametrize(
    ("at", "anchors", "skipped"),
    [(None, (ROOT, OLD), 0), (AT, (ROOT,), 1), (AT - timedelta(days=2), (ROOT, OLD), 0)],
    ids=["not looked at", "today", "while it was valid"],
)
def test_expired_certificates_are_skipped_and_counted(tmp_path, at, anchors, skipped):
    path = tmp_path / "roots.pem"
    path.write_text(ROOT + OLD)
    for found in (
        load_file(path, purpose=Purpose.SIGNER, at=at),
        parse_pem(ROOT + OLD, name="roots", purpose=Purpose.SIGNER, source=str(path), at=at),
    ):
        assert (found.anchors, found.skipped) == (anchors, skipped)


def test_a_list_of_which_nothing_counts_is_refused():
    with pytest.raises(SettingsError, match="nothing in this trust list counts: 1 damaged, 1 expired") as caught:
        parse_pem(BROKEN + OLD, name="old", purpose=Purpose.SIGNER, source="old.pem", at=AT)
    assert caught.value.path == "old.pem"


def test_an_odd_serial_number_is_no_reason_to_complain(store, tmp_path, recwarn):
    """Roots that companies made for themselves may have it."""
    serial = x509.load_pem_x509_certificate(ROOT.encode()).serial_number
    size = (serial.bit_length() + 8) // 8
    odd = der(ROOT).replace(serial.to_bytes(size, "big"), b"\x80" + bytes(size - 1), 1)
    (tmp_path / "odd.crt").write_bytes(odd)
    store.add("odd", Wanted(source=str(tmp_path / "odd.crt"), purpose=Purpose.SIGNER), at=AT, fetch=None)
    assert len(store.members("odd")) == 1
    assert not recwarn.list


def test_an_expired_certificate_in_der_is_called_expired():
    with pytest.raises(SettingsError, match="1 expired"):
        parse_pem(der(OLD), name="old", purpose=Purpose.SIGNER, source="old.crt", at=AT)


def test_an_official_list_can_be_named_as_a_file(tmp_path):
    path = tmp_path / "C2PA-TRUST-LIST.json"
    path.write_bytes(list_server.official(ROOT))
    found = load_file(path, purpose=Purpose.SIGNER, at=AT)
    assert (found.anchors, found.sequence, found.as_of.isoformat()) == ((ROOT,), 3, "2026-02-01T00:00:00+00:00")
    assert found.key_usages == ("1.3.6.1.4.1.62558.2.1",)
    with pytest.raises(SettingsError, match="vouches for signer, not for timestamp"):
        load_file(path, purpose=Purpose.TIMESTAMP, at=AT)


def test_own_roots_are_local_and_not_parsed():
    found = own_roots([ROOT], name="development", source="identities")
    assert (found.anchors, found.local, found.purpose) == ((ROOT,), True, Purpose.SIGNER)
    assert found.digest == parse(ROOT).digest


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
    "broken": (BROKEN + BROKEN, "counts: 2 damaged"),
    "cut off": (ROOT + CHAIN[:300], "cut off: certificate number 2"),
    "cut off in the middle": (ROOT[:300] + "\n" + CHAIN, "cut off: certificate number 1"),
    "end without beginning": (ROOT + ROOT[300:], "cut off: certificate number 2"),
    "not base64": (ROOT.replace("MII", "M!I", 1), "counts: 1 damaged"),
    "private key in DER": (DER_KEY, "private key"),
    "private key with another label": (ROOT + KEY.replace("PRIVATE KEY", "CERTIFICATE"), "private key"),
    "encrypted private key with another label": (
        LOCKED_KEY.replace("ENCRYPTED PRIVATE KEY", "CERTIFICATE"),
        "private key",
    ),
    "JSON": ('{"a": 1}', "not a list of trusted entities"),
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


@given(st.data())
@examples(150, campaign=1500, like=settings(deadline=None, derandomize=True))
def test_whatever_is_in_a_file_it_is_a_list_or_refused(data):
    """Bytes are changed, taken out and put in, in each of the forms."""
    text = bytearray(data.draw(st.sampled_from([(ROOT + CHAIN).encode(), der(ROOT), list_server.official(ROOT, LEAF)])))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    with suppress(SettingsError):
        found = parse_pem(bytes(text), name="list", purpose=Purpose.SIGNER, source="list.pem", at=AT)
        assert {*found.anchors, *found.allowed}
        assert len(bytes.fromhex(found.digest)) == 32


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
