"""A server that answers as it is told, and a client of it that does not really wait."""

from __future__ import annotations

import pytest

from provenance.client import Client, Patience
from tests.support.canned_service import serving


@pytest.fixture
def service():
    with serving() as canned:
        yield canned


@pytest.fixture
def waits():
    return []


@pytest.fixture
def client(service, waits):
    with Client(service.url, "pk_secret", patience=Patience(sleep=waits.append, chance=lambda: 1.0)) as found:
        yield found
