"""`provenance identity` as people use it: from nothing to a certificate that signs, and what stands in the way."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.keys import IdentityStore
from provenance.model.ports import Algorithm
from tests.support import media
from tests.support.certificates import FAULTS, HEALTHY, build, make_chain
from tests.support.command import run
from tests.support.material import answer, key_bytes, write

NOW = datetime.now(UTC)
SECRET = "pass-4711-phrase"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with a home of its own and a picture in it."""
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "home"))
    (tmp_path / "photo.jpg").write_bytes(media.jpeg(exif=True))
    return tmp_path


def identity(*arguments, cwd, code=0, **environment):
    """Run a command of `identity`; nothing that it says may hold a secret, or be wider than a terminal."""
    done = run("identity", *arguments, cwd=cwd, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "PRIVATE" not in done.stdout + done.stderr
    return done


def store_of(folder):
    return IdentityStore(folder / "home" / "identities")


def age(folder, name, *, days, left):
    """Make a development identity that was issued some time ago."""
    return store_of(folder).create(
        name, algorithm=Algorithm.ES256, days=days, passphrase=None, at=NOW - timedelta(days=days - left)
    )


def test_from_nothing_to_a_signature_with_a_certificate_of_an_authority(desk):
    asked = identity(
        "request", "Desk", "--organisation", "Example News Ltd", "--country", "no", "--email", "desk@example.com",
        cwd=desk,
    )  # fmt: skip
    request = x509.load_pem_x509_csr(asked.stdout.encode())
    assert asked.stdout.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    assert "provenance identity import desk --cert ANSWER" in asked.stderr
    assert request.subject.rfc4514_string() == "CN=Desk,O=Example News Ltd,C=NO"
    assert "waits for its certificate" in identity("list", cwd=desk).stdout
    assert "not answered yet" in " ".join(identity("show", "Desk", cwd=desk).stdout.split())
    waits = identity("check", "Desk", cwd=desk, code=6)
    assert "waits for its certificate" in waits.stderr
    (desk / "answer.pem").write_bytes(answer(request, at=NOW))
    imported = identity("import", "Desk", "--cert", "answer.pem", cwd=desk)
    assert imported.stdout.startswith("Imported 'Desk' (es256) of Example News Ltd, valid until ")
    checked = identity("check", cwd=desk)
    assert checked.stdout.startswith(" CAN SIGN  Desk  ")
    assert run("sign", "photo.jpg", cwd=desk).stdout == (
        "photo.signed.jpg: signed by Desk (not trusted by any list here)\n"
    )
    renewal = identity("renew", "Desk", "-o", "renewal.csr", cwd=desk)
    assert renewal.stdout == ""
    assert "issued by an authority" in identity("list", cwd=desk).stdout
    again = x509.load_pem_x509_csr((desk / "renewal.csr").read_bytes())
    assert (again.subject, again.public_key()) == (request.subject, request.public_key())
    (desk / "second.pem").write_bytes(answer(again, at=NOW, days=200))
    identity("import", "Desk", "--cert", "second.pem", cwd=desk)
    assert f"{NOW + timedelta(days=200):%Y-%m-%d}" in identity("list", cwd=desk).stdout


def test_a_written_request_is_not_overwritten_unasked(desk):
    (desk / "request.csr").write_text("mine")
    identity("request", "Desk", "-o", "request.csr", cwd=desk, code=10)
    assert (desk / "request.csr").read_text() == "mine"


def test_a_development_identity_says_for_whom_it_stands_and_is_renewed(desk):
    identity("new", "Desk", "--organisation", "Example Holding", "--days", "5", cwd=desk)
    # Five whole days are left only while it is still the second in which it was made.
    assert re.search("in [45] days", identity("list", cwd=desk).stdout)
    shown = identity("show", "Desk", cwd=desk).stdout
    for words in ("CN=Desk,O=Example Holding", "C2PA claim signing, e-mail protection", "key           file:key.pem"):
        assert words in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    signed = run("sign", "photo.jpg", cwd=desk)
    assert signed.returncode == 0
    assert "Renewed 'Desk', valid until" in identity("renew", "Desk", "--days", "100", cwd=desk).stdout
    assert run("verify", "photo.signed.jpg", "-q", cwd=desk).returncode == 0, "the old root is still trusted here"
    identity("check", "Desk", cwd=desk)


def test_the_list_warns_of_certificates_that_end(desk):
    age(desk, "Good", days=100, left=90)
    age(desk, "Soon", days=100, left=10)
    age(desk, "Gone", days=100, left=-1)
    checked = identity("check", "Gone", cwd=desk, code=6)
    assert "expired on" in checked.stdout
    assert "expires on" in identity("check", "Soon", cwd=desk).stdout
    (age(desk, "Torn", days=9, left=9).directory / "identity.json").write_text("{")
    lines = identity("list", cwd=desk).stdout.splitlines()
    (good,), (soon,), (gone,), (torn,) = (
        [line for line in lines if name in line] for name in ("Good", "Soon", "Gone", "torn")
    )
    assert "expired" not in good + soon
    assert re.search("in (9|10) days", soon)
    assert "expired" in gone
    assert "damaged" in torn


def test_a_new_key_takes_its_passphrase_from_a_file(desk):
    """As a container is given it: mounted, and in no environment."""
    named = desk / "passphrase"
    named.write_text(SECRET + "\n")
    named.chmod(0o600)
    identity("new", "Filed", "--passphrase", cwd=desk, PROVENANCE_PASSPHRASE_FILE=str(named))
    identity("check", "Filed", cwd=desk, PROVENANCE_PASSPHRASE=SECRET)
    identity("check", "Filed", cwd=desk, code=6, PROVENANCE_PASSPHRASE="another")


def test_a_pkcs12_file_is_imported_with_its_passphrase(desk):
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    key, chain_pem, root_pem = make_chain(at=NOW)
    chain = x509.load_pem_x509_certificates(f"{root_pem}{chain_pem}".encode())
    data = pkcs12.serialize_key_and_certificates(
        b"desk", key, chain[1], [chain[0], chain[2]], BestAvailableEncryption(SECRET.encode())
    )
    write(desk, {"desk.p12": data})
    refused = identity("import", "Desk", "--pkcs12", "desk.p12", cwd=desk, code=6)
    assert "no passphrase was given" in refused.stderr
    assert identity("list", cwd=desk).stdout.startswith("There is no identity yet")
    identity("import", "Desk", "--pkcs12", "desk.p12", cwd=desk, PROVENANCE_PASSPHRASE=SECRET)
    identity("check", "Desk", cwd=desk, PROVENANCE_PASSPHRASE=SECRET)
    wrong = identity("check", "Desk", cwd=desk, code=6, PROVENANCE_PASSPHRASE="another")
    assert "the passphrase does not open this private key" in " ".join(wrong.stdout.split())
    again = identity("import", "Desk", "--pkcs12", "desk.p12", cwd=desk, code=6, PROVENANCE_PASSPHRASE=SECRET)
    assert "--replace" in again.stderr


def test_what_is_not_needed_and_what_is_not_protected_is_said(desk):
    key, chain_pem, _ = make_chain(at=NOW)
    _, other, _ = make_chain(algorithm=Algorithm.ES384, at=NOW)
    write(desk, {"key.pem": key_bytes(key), "chain.pem": (other + chain_pem).encode()})
    done = identity("import", "Desk", "--cert", "chain.pem", "--key", "key.pem", cwd=desk)
    assert "Not needed, and not kept: the certificate of “Example News desk”." in done.stdout
    assert "kept without a passphrase" in done.stdout
    files = ("--cert", "chain.pem", "--key", "key.pem")
    identity("import", "Safe", *files, "--encrypt", cwd=desk, code=6)
    safe = identity("import", "Safe", *files, "--encrypt", cwd=desk, PROVENANCE_PASSPHRASE=SECRET)
    assert "kept without a passphrase" not in safe.stdout
    assert b"ENCRYPTED" in store_of(desk).get("Safe").key_path.read_bytes()


@pytest.fixture
def chains(desk):
    """A healthy chain with its key, and one with each fault."""
    key, chain_pem, _ = build(HEALTHY, at=NOW)
    write(desk, {"key.pem": key_bytes(key), "healthy.pem": chain_pem.encode()})
    for fault in FAULTS:
        (desk / f"{fault}.pem").write_text(make_chain(fault, at=NOW)[1])
    return desk


def test_certificates_without_their_key_are_only_called_suitable(chains):
    assert identity("check", "healthy.pem", cwd=chains).stdout.startswith(" SUITABLE  healthy.pem  ")
    assert identity("check", "healthy.pem", "--key", "key.pem", cwd=chains).stdout.startswith(
        " CAN SIGN  healthy.pem  "
    )


@pytest.mark.parametrize("fault", ["no_organization", "wrong_eku", "root_included", "gap", "intermediate_expired"])
def test_a_chain_that_cannot_sign_exits_with_6_and_says_how_to_mend_it(chains, fault):
    done = identity("check", f"{fault}.pem", cwd=chains, code=6)
    lines = done.stdout.splitlines()
    assert done.stdout.startswith(f" CANNOT SIGN  {fault}.pem  1 failed, ")
    (failing,) = [number for number, line in enumerate(lines) if line.startswith(" fail ")]
    mend = next(number for number, line in enumerate(lines) if number > failing and "→" in line)
    assert all(line.startswith(" " * 10) for line in lines[failing + 1 : mend + 1])
    assert "not tried: a rule is broken" in done.stdout
    assert all(len(line) <= 80 for line in lines)


def test_a_chain_in_a_file_can_sign_and_with_its_key_it_does(chains):
    alone = identity("check", "healthy.pem", cwd=chains).stdout
    assert "not tried: the private key is not at hand" in alone
    with_key = identity("check", "healthy.pem", "--key", "key.pem", cwd=chains).stdout
    assert "was signed and read back" in with_key
    together = write(chains, {"all.pem": (chains / "healthy.pem").read_bytes() + (chains / "key.pem").read_bytes()})
    assert "was signed and read back" in identity("check", together[0], cwd=chains).stdout
    der = x509.load_pem_x509_certificate((chains / "healthy.pem").read_bytes()).public_bytes(Encoding.DER)
    (chains / "leaf.der").write_bytes(der)
    assert "has 1 readable certificate\n" in identity("check", "leaf.der", cwd=chains).stdout


def test_the_key_of_another_chain_fails_its_row_only(chains):
    other, _, _ = make_chain(algorithm=Algorithm.ES384, at=NOW)
    write(chains, {"other.pem": key_bytes(other)})
    done = identity("check", "healthy.pem", "--key", "other.pem", cwd=chains, code=6)
    failed = [line.split()[1] for line in done.stdout.splitlines() if line.startswith(" fail ")]
    assert failed == ["key-pair"]


def test_checks_are_told_to_programs_too(chains):
    done = identity("check", "healthy.pem", "--key", "key.pem", "--json", cwd=chains)
    document = json.loads(done.stdout)
    assert (document["name"], document["can_sign"]) == ("healthy.pem", True)
    outcomes = {(item["certificate"], item["rule"]): item["outcome"] for item in document["checks"]}
    assert outcomes[1, "key-pair"] == outcomes[None, "test-signature"] == "pass"
    assert outcomes[1, "revocation"] == "skipped"
    assert set(document["checks"][0]) == {"rule", "outcome", "subject", "found", "mend", "certificate", "fault"}
    broken = json.loads(identity("check", "expired.pem", "--json", cwd=chains, code=6).stdout)
    (failed,) = [item for item in broken["checks"] if item["outcome"] == "fail"]
    assert (failed["rule"], failed["fault"], failed["mend"]) == ("validity", "expired", "renew the certificate")
    assert not broken["can_sign"]


def test_whoever_cannot_be_asked_about_revocation_is_not_taken_for_an_answer(desk):
    # An address of this machine, which no certificate may send anybody to.
    _, chain_pem, _ = build(replace(HEALTHY, status_address="http://127.0.0.1:9/"), at=NOW)
    (desk / "chain.pem").write_text(chain_pem)
    document = json.loads(identity("check", "chain.pem", "--online", "--json", cwd=desk).stdout)
    (row,) = [item for item in document["checks"] if item["rule"] == "revocation"]
    assert (row["outcome"], document["can_sign"]) == ("skipped", True)
    assert row["found"].startswith("is not checked: ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("check",), 6, "there is no identity yet"),
        (("check", "Nobody"), 6, "there is no identity yet"),
        (("check", "gone.pem"), 6, "is not there"),
        (("check", "photo.jpg"), 6, "neither a certificate nor a private key"),
        (("show", "Nobody"), 6, "there is no identity yet"),
        (("renew", "Nobody"), 6, "there is no identity yet"),
        (("import", "Desk"), 2, "give --cert or --pkcs12"),
        (("renew", "Desk", "--new-key", "--key", "file:x"), 2, "choose one of --new-key and --key"),
        (("request", "Desk", "--passphrase"), 6, "no passphrase for the new key"),
        (("request", "Desk", "--country", "Norway"), 6, "'Norway' is not a country"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(desk, arguments, code, words):
    done = identity(*arguments, cwd=desk, code=code)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (desk / "home" / "identities" / "desk").exists()


def test_removing_says_what_goes_and_what_stays(desk):
    key, chain_pem, _ = make_chain(at=NOW)
    write(desk, {"key.pem": key_bytes(key), "chain.pem": chain_pem.encode()})
    identity("import", "Desk", "--cert", "chain.pem", "--key", "file:key.pem", cwd=desk)
    identity("remove", "Desk", cwd=desk, code=6)
    identity("remove", "Desk", "--yes", cwd=desk)
    assert (desk / "key.pem").read_bytes() == key_bytes(key)
