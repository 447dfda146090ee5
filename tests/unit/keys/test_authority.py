"""Development identities: what their certificates say, and that they share nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from provenance.errors import SigningError, WrongSecret
from provenance.keys import (
    check_chain,
    ephemeral_signer,
    issue_development_identity,
    parse_chain,
    require_suitable,
)
from provenance.keys.authority import certify_development_key
from provenance.model.ports import Algorithm
from tests.support.certificates import AT


def issue(name="Example News", *, algorithm=Algorithm.ES256, days=30, passphrase=None, organisation=None):
    return issue_development_identity(
        name, algorithm=algorithm, days=days, at=AT, passphrase=passphrase, organisation=organisation
    )


def attribute(name: x509.Name, oid) -> str:
    return name.get_attributes_for_oid(oid)[0].value


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_certificate_keeps_the_profile_and_fits_the_key(algorithm):
    identity = issue(algorithm=algorithm)
    chain = parse_chain(identity.chain_pem)
    (root,) = parse_chain(identity.root_pem)
    assert len(chain) == 1
    assert check_chain(chain, at=AT) == ()
    chain[0].verify_directly_issued_by(root)
    key = load_pem_private_key(identity.key_pem, password=None)
    assert key.public_key() == chain[0].public_key()


def test_subjects_say_who_and_what():
    identity = issue()
    (leaf,), (root,) = parse_chain(identity.chain_pem), parse_chain(identity.root_pem)
    assert attribute(leaf.subject, NameOID.ORGANIZATION_NAME) == "Example News"
    assert attribute(leaf.subject, NameOID.COMMON_NAME) == "Example News"
    assert attribute(root.subject, NameOID.COMMON_NAME) == "Example News development root"
    assert "trusted on this machine only" in attribute(root.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)


def test_the_organisation_may_have_another_name():
    identity = issue(organisation="Example Holding")
    (leaf,), (root,) = parse_chain(identity.chain_pem), parse_chain(identity.root_pem)
    assert attribute(leaf.subject, NameOID.ORGANIZATION_NAME) == "Example Holding"
    assert attribute(leaf.subject, NameOID.COMMON_NAME) == "Example News"
    assert attribute(root.subject, NameOID.ORGANIZATION_NAME) == "Example Holding"
    assert check_chain((leaf,), at=AT) == ()
    with pytest.raises(SigningError, match="cannot be the name of an organisation"):
        issue(organisation="a\nb")


def test_a_certificate_is_issued_for_a_public_key_alone():
    identity = issue()
    (before,) = parse_chain(identity.chain_pem)
    chain, root = certify_development_key(
        before.public_key(), name="Example News", organisation="Example News", days=9, at=AT
    )
    (after,) = parse_chain(chain)
    assert after.public_key() == before.public_key()
    assert after.not_valid_after_utc == AT + timedelta(days=9)
    after.verify_directly_issued_by(parse_chain(root)[0])


def test_validity():
    (leaf,) = parse_chain(issue(days=30).chain_pem)
    assert leaf.not_valid_before_utc == AT - timedelta(hours=1)
    assert leaf.not_valid_after_utc == AT + timedelta(days=30)


def test_two_identities_share_nothing():
    first, second = issue(), issue()
    (one,), (other,) = parse_chain(first.chain_pem), parse_chain(second.chain_pem)
    assert one.serial_number != other.serial_number
    assert first.key_pem != second.key_pem
    assert first.root_pem != second.root_pem


def test_root_signs_no_further_authority():
    (root,) = parse_chain(issue().root_pem)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


@pytest.mark.parametrize("name", ["n" * 64, "新" * 64, "a" * 63 + "é"], ids=["ascii", "wide", "cut inside a letter"])
def test_long_names_stand_whole_in_the_organization(name):
    (leaf,) = parse_chain(issue(name).chain_pem)
    assert attribute(leaf.subject, NameOID.ORGANIZATION_NAME) == name
    assert name.startswith(attribute(leaf.subject, NameOID.COMMON_NAME))


@pytest.mark.parametrize(
    "name",
    ["", "   ", " x", "x ", "a\nb", "a\x1b[2Jb", "a\u202eb", "n" * 65, "\ud800"],
    ids=["empty", "blank", "space before", "space after", "newline", "escape", "bidi", "long", "surrogate"],
)
def test_names_that_cannot_be(name):
    with pytest.raises(SigningError, match="cannot be the name") as caught:
        issue(name)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("days", [0, -1, 3651, 10**9])
def test_validities_that_cannot_be(days):
    with pytest.raises(SigningError, match="not possible"):
        issue(days=days)


@pytest.mark.parametrize("passphrase", ["", "x" * 1024], ids=["empty", "too long"])
def test_passphrases_that_cannot_be(passphrase):
    with pytest.raises(WrongSecret):
        issue(passphrase=passphrase)


def test_key_is_encrypted_when_there_is_a_passphrase():
    identity = issue(passphrase="pässword")
    assert b"ENCRYPTED" in identity.key_pem
    load_pem_private_key(identity.key_pem, password="pässword".encode())


def test_repr_holds_no_key():
    assert "PRIVATE KEY" not in repr(issue())


def test_ephemeral_signer_is_suitable_now():
    signer = ephemeral_signer()
    require_suitable(parse_chain(signer.chain_pem), at=datetime.now(UTC), path=None)
    assert signer.sign(b"x")


def test_ephemeral_signer_at_another_time():
    assert check_chain(parse_chain(ephemeral_signer(at=AT).chain_pem), at=AT) == ()
