"""Answers that others made: OpenSSL's responder, and those of Adobe and DigiCert that come with published pictures."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp

from provenance.model.facets import Revocation
from provenance.revocation.answer import STAPLED, read_answer
from provenance.revocation.stapled import read_stapled
from tests.support.ocsp import DAY, Pki, der, now

_TOO_WEAK = "the answer is signed with {}, which is too weak"
STAMP = "%y%m%d%H%M%SZ"


def openssl(folder, pki, leaves, lines, *options, delegate=None):
    """Let OpenSSL answer about certificates from an index of its own."""
    if shutil.which("openssl") is None:
        pytest.skip("OpenSSL is not there")
    (folder / "index").write_text("".join(f"{line}\n" for line in lines))
    signer, key = delegate or (pki.middle, pki.middle_key)
    files = {"ca": pki.middle, "signer": signer} | {f"leaf{number}": leaf for number, leaf in enumerate(leaves)}
    for name, certificate in files.items():
        (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    asked = [part for number in range(len(leaves)) for part in ("-cert", f"leaf{number}")]
    command = [
        "openssl", "ocsp", "-index", "index", "-CA", "ca", "-rsigner", "signer", "-rkey", "key", "-issuer", "ca",
        *asked, "-ndays", "1", "-respout", "answer", "-noverify", *options,
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "answer").read_bytes()


def entry(leaf, state, revoked=""):
    return "\t".join([state, f"{now() + 90 * DAY:{STAMP}}", revoked, f"{leaf.serial_number:X}", "unknown", "/CN=x"])


def read(pki, leaf, response):
    certificate, middle = der(leaf, pki.middle)
    return read_answer(response, certificate=certificate, issuer=middle, at=now(), source=STAPLED)


@pytest.fixture(scope="module")
def pki():
    return Pki("ps256")


@pytest.mark.parametrize("scheme", ["pkcs1", "pss"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_openssl_says_good(tmp_path, pki, scheme, digest):
    leaf = pki.leaf()
    options = ["-rmd", digest, "-rsigopt", f"rsa_padding_mode:{scheme}"]

    response = openssl(tmp_path, pki, [leaf], [entry(leaf, "V")], *options)

    assert read(pki, leaf, response).state is Revocation.GOOD
    forged = response.replace(signature := ocsp.load_der_ocsp_response(response).signature, signature[::-1])
    assert read(pki, leaf, forged).state is Revocation.NOT_CHECKED


@pytest.mark.parametrize("scheme", ["pkcs1", "pss"])
@pytest.mark.parametrize("digest", ["sha1", "sha224"])
def test_openssl_says_good_with_a_weak_digest(tmp_path, pki, scheme, digest):
    leaf = pki.leaf()
    options = ["-rmd", digest, "-rsigopt", f"rsa_padding_mode:{scheme}"]

    response = openssl(tmp_path, pki, [leaf], [entry(leaf, "V")], *options)

    found = read(pki, leaf, response)
    assert found.state is Revocation.NOT_CHECKED
    assert found.reason in (_TOO_WEAK.format(digest), "the signature on the answer does not hold")


@pytest.mark.parametrize("reason", ["keyCompromise", "superseded"])
def test_openssl_says_revoked(tmp_path, pki, reason):
    leaf, when = pki.leaf(), now() - 3 * DAY

    response = openssl(tmp_path, pki, [leaf], [entry(leaf, "R", f"{when:{STAMP}},{reason}")], "-resp_key_id")

    found = read(pki, leaf, response)
    assert (found.state, found.revoked_at, found.revocation_reason) == (Revocation.REVOKED, when, reason)
    assert found.holds_at(when - timedelta(seconds=1)) is (reason == "superseded")


def test_openssl_says_unknown_through_a_delegate(tmp_path, pki):
    leaf = pki.leaf()

    response = openssl(tmp_path, pki, [leaf], [], delegate=pki.delegate())

    assert read(pki, leaf, response).state is Revocation.UNKNOWN


def test_an_answer_about_several_is_read_for_each(tmp_path, pki):
    good, revoked, unknown, absent = (pki.leaf() for _ in range(4))
    lines = [entry(good, "V"), entry(revoked, "R", f"{now() - DAY:{STAMP}}")]

    response = openssl(tmp_path, pki, [good, revoked, unknown], lines)

    assert [read(pki, leaf, response).state.value for leaf in (good, revoked, unknown, absent)] == [
        "good", "revoked", "unknown", "not checked",
    ]  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_the_worse_one_counts_when_an_answer_contradicts_itself(tmp_path, pki, order):
    good, revoked = pki.leaf(serial=0x11223344), pki.leaf(serial=0x55667788)
    lines = [entry(good, "V"), entry(revoked, "R", f"{now() - DAY:{STAMP}}")]
    response = openssl(tmp_path, pki, [good, revoked][::order], lines)

    # Let both be about the same number, and sign that.
    honest = ocsp.load_der_ocsp_response(response)
    twice = honest.tbs_response_bytes.replace(b"\x55\x66\x77\x88", b"\x11\x22\x33\x44")
    signature = pki.middle_key.sign(twice, padding.PKCS1v15(), hashes.SHA256())
    response = response.replace(honest.tbs_response_bytes, twice).replace(honest.signature, signature)

    assert len(list(ocsp.load_der_ocsp_response(response).responses)) == 2
    assert read(pki, good, response).state is Revocation.REVOKED


def certificates(data):
    """Return every certificate (DER) in a file, in its order."""
    found = []
    for mark in re.finditer(b"\x30\x82", data):
        end = mark.start() + 4 + int.from_bytes(data[mark.start() + 2 : mark.start() + 4], "big")
        try:
            x509.load_der_x509_certificate(data[mark.start() : end])
        except ValueError:
            continue
        found.append(data[mark.start() : end])
    return found


def stapled(data):
    """Return the lists of answers in a file, each with the certificates before it."""
    for mark in re.finditer(b"hocspVals", data):
        yield cbor2.load(io.BytesIO(data[mark.end() :])), certificates(data[: mark.start()])


REAL = {
    # Signature and stapled answer; the time is between this and next update of the first.
    "issuer itself": ("rs__ocsp.jpg", 0, datetime(2025, 8, 13, tzinfo=UTC)),
    "delegate": ("rs__ocsp.jpg", 1, datetime(2025, 8, 13, tzinfo=UTC)),
    "another delegate": ("rs__ocsp_with_assertion.jpg", 2, datetime(2025, 7, 29, tzinfo=UTC)),
}


@pytest.mark.parametrize(("name", "number", "at"), REAL.values(), ids=REAL)
def test_real_answers_count_while_they_say_so_and_for_trusted_times(vectors, name, number, at):
    responses, known = list(stapled((vectors / name).read_bytes()))[number]
    signer = next(item for item in reversed(known) if b"cai-ops@adobe.com" in item)
    chain = [signer, *(item for item in known if item != signer)]
    late = datetime(2026, 11, 1, tzinfo=UTC)

    fresh = read_stapled(responses, chain=chain, at=at)
    stale = read_stapled(responses, chain=chain, at=late)
    trusted = read_stapled(responses, chain=chain, at=late, signed_at=at)

    assert (fresh.state, trusted.state) == (Revocation.GOOD, Revocation.GOOD)
    assert stale.state is Revocation.NOT_CHECKED
    assert "expired on 2025-08" in stale.reason
