"""Whole chains: everybody is asked about whose issuer is known, and the worst answer counts."""

from __future__ import annotations

import pytest

from provenance.model.facets import Revocation
from provenance.revocation.chains import DEEPEST, way_up
from tests.support.certificates import key
from tests.support.ocsp import REVOKED, UNKNOWN, Pki, Responder, Says, der, issue
from tests.unit.revocation.conftest import client as a_client


@pytest.fixture
def client():
    return a_client()


@pytest.fixture
def world():
    """Two responders, one for each authority, and a chain of which every certificate names its own."""
    first = Pki()
    with Responder(first.root, first.root_key) as above:
        pki = Pki(middle_url=above.url)
        above.issuer = pki.root
        with Responder(pki.middle, pki.middle_key) as below:
            yield pki, above, below


SAYS = {"good": Says(), "revoked": Says(status=REVOKED), "unknown": Says(status=UNKNOWN)}
ABOVE = "“Example intermediate”: "
WORST = [
    ("good", "good", "good", "the certificate is not revoked"),
    ("good", "revoked", "revoked", f"{ABOVE}the certificate was revoked on"),
    ("revoked", "good", "revoked", "the certificate was revoked on"),
    ("revoked", "revoked", "revoked", "the certificate was revoked on"),
    ("good", "unknown", "unknown", f"{ABOVE}the authority does not know"),
    ("good", "404", "not checked", f"{ABOVE}the responder's server answers 404"),
    ("404", "good", "not checked", "the responder's server answers 404"),
    ("404", "revoked", "revoked", f"{ABOVE}the certificate was revoked on"),
]


@pytest.mark.parametrize(("leaf", "middle", "state", "reason"), WORST)
def test_the_worst_answer_about_a_chain_counts(client, world, leaf, middle, state, reason):
    pki, above, below = world
    for responder, wanted in ((below, leaf), (above, middle)):
        responder.says, responder.does = SAYS.get(wanted, Says()), "answer" if wanted in SAYS else wanted

    found = client.ask_chain(der(pki.leaf(url=below.url), pki.middle, pki.root))

    assert found.state.value == state
    assert found.reason.startswith(reason)
    assert below.seen
    assert above.seen


def test_all_answers_can_be_had_to_be_stapled(client, world):
    pki, above, below = world

    leaf, middle = client.ask_each(der(pki.leaf(url=below.url), pki.middle, pki.root))

    assert (leaf.source, middle.source) == (below.url, above.url)
    assert leaf.response != middle.response != b""


def test_who_could_not_be_asked_about_is_named(client, world):
    pki, above, below = world

    found = client.ask_chain(der(pki.leaf(url=below.url), pki.middle))

    assert found.state is Revocation.GOOD
    assert found.reason.endswith("; nobody could be asked about the authorities “Example intermediate”")
    assert above.seen == []


def test_an_authority_that_names_no_responder_does_not_spoil_the_answer_but_is_named(client):
    pki = Pki()
    with Responder(pki.middle, pki.middle_key) as below:
        found = client.ask_chain(der(pki.leaf(url=below.url), pki.middle, pki.root))

    assert found.state is Revocation.GOOD
    assert found.reason.endswith("; nobody could be asked about the authorities “Example intermediate”")


def test_a_signer_that_names_no_responder_is_not_checked_even_if_the_authority_is_good(client, world):
    pki, above, _ = world

    found = client.ask_chain(der(pki.leaf(), pki.middle, pki.root))

    assert found.state is Revocation.NOT_CHECKED
    assert "names no responder" in found.reason
    assert above.seen


@pytest.mark.parametrize("which", ["nothing", "leaf only", "a stranger's", "signed by itself", "garbage"])
def test_without_the_issuer_nobody_is_asked(client, world, which):
    pki, _, below = world
    leaf = pki.leaf(url=below.url)
    chain = {
        "nothing": [],
        "leaf only": der(leaf),
        "a stranger's": der(leaf, Pki("es384").middle),
        "signed by itself": der(issue("Alone", pki.leaf_key, url=below.url), pki.middle),
        "garbage": [b"\x30\x03no!", *der(pki.middle)],
    }[which]

    found = client.ask_chain(chain)

    assert (found.state, found.source) == (Revocation.NOT_CHECKED, "")
    assert "the certificate of its issuer is not at hand" in found.reason
    assert client.ask_each(chain) == ()
    assert below.seen == []


def test_names_in_certificates_are_made_fit_to_print(client):
    pki = Pki()
    evil = issue("Evil\x1b[31m\u202eCA", pki.middle_key, by=(pki.root, pki.root_key), is_ca=True)
    with Responder(evil, pki.middle_key) as below:
        leaf = issue("Desk", pki.leaf_key, by=(evil, pki.middle_key), url=below.url)
        reason = client.ask_chain(der(leaf, evil)).reason

    assert r"“Evil\x1b[31m\u202eCA”" in reason
    assert reason.isprintable()


def test_a_chain_that_goes_round_in_circles_or_on_for_ever_comes_to_an_end():
    own, other = key("es256", "one"), key("es256", "two")
    one, two = issue("One", own, is_ca=True), issue("Two", other, is_ca=True)
    one, two = issue("One", own, by=(two, other), is_ca=True), issue("Two", other, by=(one, own), is_ca=True)
    leaf = issue("Desk", key("es256"), by=(one, own))
    many = [issue("Same", own, by=(issue("Same", own), other), is_ca=True) for _ in range(3)]
    tower = [issue("0", key("es256"), by=(issue("1", own), own))]
    tower += [issue(str(n), own, by=(issue(str(n + 1), own), own), is_ca=True) for n in range(1, 30)]

    assert len(way_up(der(leaf, one, two)).steps) == 2
    assert len(way_up(der(*tower)).steps) == DEEPEST
    assert way_up(der(*many)).steps == ()
