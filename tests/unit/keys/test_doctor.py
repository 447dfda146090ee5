"""The certificate doctor: every rule is a row, and each fault fails exactly the row that is about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from provenance.errors import WrongSecret
from provenance.keys import check_chain, parse_chain
from provenance.keys.doctor import examine
from provenance.keys.profile import Outcome
from provenance.model.facets import Revocation
from provenance.model.ports import Algorithm
from provenance.model.revocation import RevocationAnswer
from provenance.model.trust import Purpose
from provenance.trust import parse_pem
from tests.support.certificates import (
    AT,
    CLAIM_SIGNING,
    EMAIL_PROTECTION,
    FAULTS,
    HEALTHY,
    WARNINGS,
    build,
    key,
)

CHAIN_RULES = {"readable", "order", "links", "root"}
EVERY_RULES = {
    "version", "unique-id", "validity", "signature-algorithm", "curve-and-digest", "key", "authority-key",
    "subject-key", "ca-flag",
}  # fmt: skip
LEAF_RULES = {
    "issuer", "key-usage", "extended-key-usage", "organization", "critical-extensions", "status-address",
    "lists-purpose", "lists-root", "key-pair", "revocation",
}  # fmt: skip

FAILS = {
    "expired": [(1, "validity")],
    "not_yet_valid": [(1, "validity")],
    "no_organization": [(1, "organization")],
    "wrong_eku": [(1, "extended-key-usage")],
    "any_eku": [(1, "extended-key-usage")],
    "no_eku": [(1, "extended-key-usage")],
    "timestamp_eku": [(1, "extended-key-usage")],
    "mixed_eku": [(1, "extended-key-usage")],
    "mixed_ocsp_eku": [(1, "extended-key-usage")],
    "ca_leaf": [(1, "ca-flag")],
    "no_digital_signature": [(1, "key-usage")],
    "non_repudiation_only": [(1, "key-usage")],
    "signs_certificates": [(1, "key-usage")],
    "no_key_usage": [(1, "key-usage")],
    "no_aki": [(1, "authority-key")],
    "wrong_order": [(None, "order")],
    "root_included": [(None, "root")],
    "gap": [(1, "links")],
    "rsa_1024": [(1, "key")],
    "secp256k1": [(1, "key")],
    "ed448": [(1, "key")],
    "self_signed": [(1, "issuer")],
    "weak_digest": [(1, "signature-algorithm")],
    "pss_mask": [(1, "signature-algorithm")],
    "unknown_critical": [(1, "critical-extensions")],
    "unique_id": [(1, "unique-id")],
    # Extensions came with version 3, so version 1 cannot have the others either.
    "version_1": [(1, "version"), (1, "authority-key"), (1, "key-usage"), (1, "extended-key-usage")],
    "intermediate_expired": [(2, "validity")],
    "intermediate_not_ca": [(2, "ca-flag")],
}

WARNS = {
    "ends_soon": (1, "validity"),
    "no_subject_key": (1, "subject-key"),
    "no_status_address": (1, "status-address"),
    "p521_with_sha256": (1, "curve-and-digest"),
    "intermediate_ends_soon": (2, "validity"),
}


def anchored(pem, name="news", *, purpose=Purpose.SIGNER, usages=(), allowed=()):
    return replace(parse_pem(pem, name=name, purpose=purpose, source="test"), key_usages=usages, allowed=tuple(allowed))


def rows_of(plan=HEALTHY, *, at=AT, **more):
    _, chain_pem, root_pem = build(plan)
    more.setdefault("lists", [anchored(root_pem)])
    return examine(parse_chain(chain_pem), at=at, **more)


def places(rows, outcome):
    return [(row.certificate, row.rule) for row in rows if row.outcome is outcome]


def the(rows, rule, certificate=1):
    (row,) = [row for row in rows if (row.rule, row.certificate) == (rule, certificate)]
    return row


def test_a_healthy_chain_passes_every_rule_and_each_is_a_row():
    good = RevocationAnswer(state=Revocation.GOOD, reason="asked just now", source="http://ocsp.example.com")
    rows = rows_of(key=key("es256").public_key(), revocation=good)
    assert {row.outcome for row in rows} == {Outcome.PASS}
    assert {row.rule for row in rows if row.certificate is None} == CHAIN_RULES
    assert {row.rule for row in rows if row.certificate == 1} == EVERY_RULES | LEAF_RULES
    assert {row.rule for row in rows if row.certificate == 2} == EVERY_RULES
    assert len({(row.certificate, row.rule) for row in rows}) == len(rows)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_algorithm_of_the_standard_passes(algorithm):
    _, chain_pem, _ = build(HEALTHY, algorithm=algorithm)
    rows = examine(parse_chain(chain_pem), at=AT, key=key(algorithm.value).public_key())
    assert {row.outcome for row in rows} == {Outcome.PASS, Outcome.SKIPPED}


def test_every_fault_of_the_factory_has_its_rows():
    assert set(FAILS) == set(FAULTS)
    assert set(WARNS) == set(WARNINGS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_row_and_no_other(fault):
    rows = rows_of(replace(HEALTHY, **FAULTS[fault]))
    assert places(rows, Outcome.FAIL) == FAILS[fault]
    assert all(row.mend for row in rows if row.outcome is Outcome.FAIL)


@pytest.mark.parametrize("fault", FAULTS)
def test_rows_that_fail_are_what_signing_refuses(fault):
    chain = parse_chain(build(replace(HEALTHY, **FAULTS[fault]))[1])
    failed = [row for row in examine(chain, at=AT) if row.outcome is Outcome.FAIL]
    refused = check_chain(chain, at=AT)
    assert [(row.fault, row.sentence, row.mend) for row in failed] == [
        (item.rule, item.found, item.mend) for item in refused
    ]


@pytest.mark.parametrize("warning", WARNINGS)
def test_what_should_be_better_is_warned_about_and_nothing_else(warning):
    plan = replace(HEALTHY, **WARNINGS[warning])
    rows = rows_of(plan)
    expected = [WARNS[warning]]
    if warning == "p521_with_sha256":
        # The factory's root signs the intermediate in the same way.
        expected.append((2, "curve-and-digest"))
    assert places(rows, Outcome.WARNING) == expected
    assert places(rows, Outcome.FAIL) == []
    assert all(row.mend for row in rows if row.outcome is Outcome.WARNING)
    assert check_chain(parse_chain(build(plan)[1]), at=AT) == ()


def test_rsa_beyond_what_the_engine_takes_fails():
    rows = rows_of(replace(HEALTHY, kind="rsa_4104"))
    assert places(rows, Outcome.FAIL) == [(1, "key")]
    assert "RSA with 4104 bits" in the(rows, "key").found


@pytest.mark.parametrize(
    ("days", "warn_days", "outcome", "words"),
    [
        (79, 0, Outcome.PASS, "1 more day"),
        (79, 1, Outcome.WARNING, "in 1 day"),
        (50, 29, Outcome.PASS, "30 more days"),
        (50, 30, Outcome.WARNING, "expires on 2026-05-20, in 30 days"),
        (80, 30, Outcome.WARNING, "in 0 days"),
        (81, 30, Outcome.FAIL, "expired on 2026-05-20 12:00 UTC"),
    ],
)
def test_expiry_is_told_in_time(days, warn_days, outcome, words):
    row = the(rows_of(at=AT + timedelta(days=days), warn_days=warn_days), "validity")
    assert row.outcome is outcome
    assert words in row.found


@pytest.mark.parametrize("empty", [True, False], ids=["no certificate", "an extension that cannot be read"])
def test_what_cannot_be_read_is_the_only_row(empty):
    chain = () if empty else parse_chain(build(replace(HEALTHY, purposes=()))[1])
    (row,) = examine(chain, at=AT)
    assert (row.rule, row.outcome) == ("readable", Outcome.FAIL)


def test_control_characters_of_others_are_not_shown():
    rows = rows_of(replace(HEALTHY, common="desk\x1b[2J\u202e", organization="News\x1b[2J"))
    assert all((row.subject + row.found).isprintable() for row in rows)


LISTS = {
    "accepts and holds the root": ({}, Outcome.PASS, Outcome.PASS),
    "accepts by name": ({"usages": (CLAIM_SIGNING,)}, Outcome.PASS, Outcome.PASS),
    "accepts one of two": ({"usages": (EMAIL_PROTECTION, "1.2.3")}, Outcome.PASS, Outcome.PASS),
    "does not accept the purpose": ({"usages": ("1.3.6.1.5.5.7.3.36",)}, Outcome.WARNING, Outcome.WARNING),
    "is for publishers": ({"purpose": Purpose.IDENTITY}, Outcome.PASS, Outcome.PASS),
    "is for time-stamps": ({"purpose": Purpose.TIMESTAMP}, Outcome.SKIPPED, Outcome.SKIPPED),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_vouches_only_for_what_it_accepts(case):
    wishes, purpose, root = LISTS[case]
    _, chain_pem, root_pem = build(HEALTHY)
    rows = examine(parse_chain(chain_pem), at=AT, lists=[anchored(root_pem, **wishes)])
    assert (the(rows, "lists-purpose").outcome, the(rows, "lists-root").outcome) == (purpose, root)


def test_lists_are_named_those_that_refuse_too():
    _, chain_pem, root_pem = build(HEALTHY)
    lists = [anchored(root_pem, "one"), anchored(root_pem, "two", usages=("1.2.3",))]
    rows = examine(parse_chain(chain_pem), at=AT, lists=lists)
    assert the(rows, "lists-purpose").found == "has a purpose that is accepted by 'one' (signers); not 'two' (signers)"
    assert the(rows, "lists-root").found == "is vouched for by 'one' (signers)"


def test_a_list_of_strangers_vouches_for_nobody():
    _, chain_pem, _ = build(HEALTHY)
    _, _, other_root = build(replace(HEALTHY, ca_kind="es384"))
    rows = examine(parse_chain(chain_pem), at=AT, lists=[anchored(other_root)])
    assert the(rows, "lists-root").outcome is Outcome.WARNING


def test_an_anchor_in_the_chain_itself_and_a_single_signer_count():
    _, chain_pem, _ = build(HEALTHY)
    _, _, other_root = build(replace(HEALTHY, ca_kind="es384"))
    leaf, intermediate = (
        item + "-----END CERTIFICATE-----\n" for item in chain_pem.split("-----END CERTIFICATE-----\n")[:2]
    )
    for found in (anchored(intermediate), anchored(other_root, allowed=[leaf])):
        assert the(examine(parse_chain(chain_pem), at=AT, lists=[found]), "lists-root").outcome is Outcome.PASS


def test_behind_a_gap_nobody_vouches():
    _, chain_pem, _ = build(replace(HEALTHY, **FAULTS["gap"]))
    stranger = parse_chain(chain_pem)[1]
    held = chain_pem[chain_pem.rindex("-----BEGIN") :]
    rows = examine(parse_chain(chain_pem), at=AT, lists=[anchored(held)])
    assert stranger == parse_chain(held)[0]
    assert the(rows, "lists-root").outcome is Outcome.WARNING


def test_a_list_with_a_damaged_certificate_does_not_end_the_examination():
    _, chain_pem, root_pem = build(HEALTHY)
    torn = replace(anchored(root_pem), anchors=("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",))
    assert the(examine(parse_chain(chain_pem), at=AT, lists=[torn]), "lists-root").outcome is Outcome.WARNING


def test_the_key_of_another_certificate_fails():
    row = the(rows_of(key=key("es256", "another").public_key()), "key-pair")
    assert row.outcome is Outcome.FAIL
    assert "does not belong" in row.found


def test_a_key_that_cannot_be_opened_fails_with_its_cause():
    row = the(
        rows_of(key=WrongSecret("the passphrase does not open this private key", hint="type it again")), "key-pair"
    )
    assert (row.outcome, row.mend) == (Outcome.FAIL, "type it again")
    assert "the passphrase does not open this private key" in row.found


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (Revocation.GOOD, Outcome.PASS),
        (Revocation.REVOKED, Outcome.FAIL),
        (Revocation.UNKNOWN, Outcome.WARNING),
        (Revocation.NOT_CHECKED, Outcome.SKIPPED),
        (None, Outcome.SKIPPED),
    ],
)
def test_revocation_is_what_somebody_says_or_not_checked(state, outcome):
    answer = RevocationAnswer(state=state, reason="by its authority", source="") if state else None
    row = the(rows_of(revocation=answer), "revocation")
    assert row.outcome is outcome
    assert ("by its authority" in row.found) == (answer is not None)
    if answer is None:
        assert row.found.startswith("not checked")
