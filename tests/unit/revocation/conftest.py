"""An authority, its responder and a signer's certificate that names it; new for each module and test."""

from __future__ import annotations

import pytest

from provenance.network import Client, Rules
from provenance.revocation.client import OcspClient
from tests.support.ocsp import Pki, Responder, der

RULES = {"http": True, "deadline": 10, "limit": 64 * 1024, "unsafe_allow": ("127.0.0.1/32",)}


@pytest.fixture(scope="module")
def pki():
    return Pki()


@pytest.fixture
def responder(pki):
    with Responder(pki.middle, pki.middle_key) as running:
        yield running


@pytest.fixture
def leaf(pki, responder):
    return pki.leaf(url=responder.url)


def client(*, rules=None, **options):
    """Return a client that reaches this machine and never waits."""

    def never(seconds):
        raise AssertionError(f"nothing here is worth waiting {seconds} s for")

    return OcspClient(Client(Rules(**RULES | (rules or {}))), **{"sleep": never} | options)


def ask(pki, leaf, **options):
    return client(**options).ask(*der(leaf, pki.middle))
