"""Each fault of a chain is found, named, and found alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provenance.errors import KeyUnavailable, UnsuitableCertificate
from provenance.keys import check_chain, parse_chain, require_suitable
from provenance.model.ports import Algorithm
from tests.support.certificates import (
    AT,
    CLAIM_SIGNING,
    EMAIL_PROTECTION,
    FAULTS,
    SERVER_AUTH,
    Plan,
    build,
    make_chain,
)

RULES = {
    "expired": ("expired",),
    "not_yet_valid": ("not-yet-valid",),
    "no_organization": ("no-organization",),
    "wrong_eku": ("wrong-purpose",),
    "any_eku": ("any-purpose",),
    "no_eku": ("no-purpose",),
    "timestamp_eku": ("wrong-purpose",),
    "mixed_eku": ("mixed-purposes",),
    "mixed_ocsp_eku": ("mixed-purposes",),
    "ca_leaf": ("authority",),
    "no_digital_signature": ("no-digital-signature",),
    "non_repudiation_only": ("no-digital-signature",),
    "signs_certificates": ("signs-certificates",),
    "no_key_usage": ("no-key-usage",),
    "no_aki": ("no-authority-key",),
    "wrong_order": ("wrong-order",),
    "root_included": ("root-included",),
    "gap": ("gap",),
    "rsa_1024": ("key",),
    "secp256k1": ("key",),
    "ed448": ("key",),
    "self_signed": ("self-signed",),
    "weak_digest": ("signature-algorithm",),
    "pss_mask": ("signature-algorithm",),
    "unknown_critical": ("critical-extension",),
    "unique_id": ("unique-id",),
    # Extensions came with version 3, so version 1 cannot have the others either.
    "version_1": ("version", "no-authority-key", "no-key-usage", "no-purpose"),
    "intermediate_expired": ("expired",),
    "intermediate_not_ca": ("not-authority",),
}

ORDERS = {
    "leaf alone": (lambda leaf, middle, root, stranger: [leaf], ()),
    "leaf twice": (lambda leaf, middle, root, stranger: [leaf, leaf, middle], ("not-authority", "gap")),
    "root first": (
        lambda leaf, middle, root, stranger: [root, middle, leaf],
        ("wrong-order", "root-included"),
    ),
    "root between": (
        lambda leaf, middle, root, stranger: [leaf, root, middle],
        ("wrong-order", "root-included"),
    ),
    "middle left out": (lambda leaf, middle, root, stranger: [leaf, root], ("gap", "root-included")),
    "stranger at the end": (lambda leaf, middle, root, stranger: [leaf, middle, stranger], ("gap",)),
    "only an authority": (
        lambda leaf, middle, root, stranger: [middle],
        ("authority", "no-digital-signature", "no-purpose"),
    ),
}


def rules(chain_pem, at=AT):
    return tuple(fault.rule for fault in check_chain(parse_chain(chain_pem), at=at))


def test_every_fault_of_the_factory_has_a_rule():
    assert set(RULES) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_alone(fault):
    _, chain_pem, _ = make_chain(fault)
    assert rules(chain_pem) == RULES[fault]


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_good_chain_has_no_fault(algorithm):
    _, chain_pem, _ = make_chain(algorithm=algorithm)
    assert rules(chain_pem) == ()


@pytest.mark.parametrize("case", ORDERS)
def test_order(case):
    order, expected = ORDERS[case]
    _, chain_pem, _ = build(Plan(order=order))
    assert rules(chain_pem) == expected


@pytest.mark.parametrize(
    ("purposes", "expected"),
    [
        pytest.param((CLAIM_SIGNING,), (), id="claim signing"),
        pytest.param((EMAIL_PROTECTION,), (), id="e-mail"),
        pytest.param(("1.3.6.1.5.5.7.3.36",), (), id="documents"),
        pytest.param(("1.3.6.1.4.1.311.76.59.1.9",), (), id="Microsoft"),
        pytest.param((CLAIM_SIGNING, SERVER_AUTH), (), id="one accepted is enough"),
        pytest.param((), ("unreadable",), id="empty extension"),
    ],
)
def test_purposes(purposes, expected):
    _, chain_pem, _ = build(Plan(purposes=purposes))
    assert rules(chain_pem) == expected


@pytest.mark.parametrize(
    ("ca_kind", "expected"),
    [("ps256", ()), ("es384", ()), ("ed25519", ()), ("rsa_1024", ("key",)), ("secp256k1", ("key",))],
)
def test_key_of_the_issuer(ca_kind, expected):
    _, chain_pem, _ = build(Plan(ca_kind=ca_kind))
    assert rules(chain_pem) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(-10, (), id="first moment"),
        pytest.param(80, (), id="last moment"),
        pytest.param(81, ("expired",), id="after"),
        pytest.param(-11, ("not-yet-valid",), id="before"),
    ],
)
def test_validity_is_judged_at_the_given_time(days, expected):
    _, chain_pem, _ = make_chain()
    assert rules(chain_pem, AT + timedelta(days=days)) == expected


def test_expired_names_the_date_and_the_owner():
    _, chain_pem, _ = make_chain("expired")
    (fault,) = check_chain(parse_chain(chain_pem), at=AT)
    assert fault.found == "the certificate of “Example News desk” expired on 2026-02-19 12:00 UTC"


def test_empty_chain():
    assert [fault.rule for fault in check_chain((), at=AT)] == ["empty"]


def test_control_characters_of_a_name_are_not_shown():
    _, chain_pem, _ = build(Plan(starts=-90, ends=-10, common="desk\x1b[2J\u202e"))
    (fault,) = check_chain(parse_chain(chain_pem), at=AT)
    assert "“desk�[2J�”" in fault.found


def test_suitable_chain_passes():
    _, chain_pem, _ = make_chain()
    require_suitable(parse_chain(chain_pem), at=AT, path="chain.pem")


def test_refusal_names_the_first_fault_and_lists_the_others():
    _, chain_pem, _ = build(Plan(starts=-90, ends=-10, organization=None, usages=None))
    with pytest.raises(UnsuitableCertificate) as caught:
        require_suitable(parse_chain(chain_pem), at=AT, path="chain.pem")
    error = caught.value
    assert error.path == "chain.pem"
    assert "expired on" in error.message
    assert error.hint.startswith("renew the certificate; also: ")
    assert "no key usage" in error.hint
    assert "no organization" in error.hint


def test_comments_between_certificates_are_allowed():
    _, chain_pem, _ = make_chain()
    assert len(parse_chain(f"subject=leaf\n{chain_pem}\nthe end\n")) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "no certificates", id="empty"),
        pytest.param("hello", "no certificates", id="text"),
        pytest.param("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged", id="damaged"),
    ],
)
def test_what_is_no_chain_is_refused(text, message):
    with pytest.raises(KeyUnavailable, match=message) as caught:
        parse_chain(text, path="chain.pem")
    assert caught.value.path == "chain.pem"
    assert caught.value.hint
