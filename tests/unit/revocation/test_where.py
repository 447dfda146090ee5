"""Whom the client asks: the address comes from the certificate, so from whoever made the file."""

from __future__ import annotations

import pytest
from cryptography.x509.oid import AuthorityInformationAccessOID

from provenance.model.facets import Revocation
from provenance.revocation.client import LONGEST_GET
from tests.support.ocsp import issue
from tests.unit.revocation.conftest import ask

OCSP, ISSUERS = AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS


def test_a_responder_in_the_own_network_is_not_asked(pki, responder, leaf):
    found = ask(pki, leaf, rules={"unsafe_allow": ()})

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the responder cannot be asked: its host has an address that is not public"
    assert responder.seen == []


@pytest.mark.parametrize(("spare", "method"), [(1, "GET"), (0, "GET"), (-1, "POST")])
def test_a_question_that_is_too_long_for_an_address_is_posted(pki, responder, spare, method):
    ask(pki, pki.leaf(url=responder.url, serial=4711))
    _, path, _ = responder.seen.pop()
    room = LONGEST_GET - len(responder.url.replace("/ocsp", path)) - spare

    found = ask(pki, pki.leaf(url=f"{responder.url}/{'x' * (room - 1)}", serial=4711))

    assert found.state is Revocation.GOOD
    assert [item[0] for item in responder.seen] == [method]


def test_an_address_with_a_query_is_posted_to(pki, responder):
    assert ask(pki, pki.leaf(url=f"{responder.url}?ca=1")).state is Revocation.GOOD
    assert [(method, path) for method, path, _ in responder.seen] == [("POST", "/ocsp?ca=1")]


@pytest.mark.parametrize(
    "access",
    [[], [(ISSUERS, "{}")], [(OCSP, "ldap://example.org/ocsp")], [(OCSP, "file:///etc/passwd")], [(OCSP, "")]],
    ids=["none", "only the issuer", "ldap", "file", "empty"],
)
def test_without_an_address_of_the_web_nobody_is_asked(pki, responder, access):
    places = [(how, where.format(responder.url)) for how, where in access]
    leaf = issue("Desk", pki.leaf_key, by=(pki.middle, pki.middle_key), access=places)

    found = ask(pki, leaf)

    assert (found.state, found.source) == (Revocation.NOT_CHECKED, "")
    assert found.reason == "the certificate names no responder that could be asked over http"
    assert responder.seen == []


def test_the_first_address_of_the_web_is_asked(pki, responder):
    access = [
        (ISSUERS, "http://10.0.0.1/"),
        (OCSP, "ldap://10.0.0.1/"),
        (OCSP, responder.url),
        (OCSP, "http://10.0.0.1/"),
    ]
    leaf = issue("Desk", pki.leaf_key, by=(pki.middle, pki.middle_key), access=access)

    assert ask(pki, leaf).state is Revocation.GOOD
