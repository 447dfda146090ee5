"""Every test here runs on a file and, where there is one, on a real PostgreSQL."""

from __future__ import annotations

import secrets

import pytest

from provenance.catalogue import Catalogue
from tests.support.catalogue import in_schema, on_server, why_no_server


@pytest.fixture
def file_url(tmp_path):
    return f"sqlite:///{tmp_path / 'home' / 'catalogue.db'}"


@pytest.fixture
def server_url():
    if why := why_no_server():
        pytest.skip(why)
    name = f"provenance_{secrets.token_hex(6)}"
    on_server(f"CREATE SCHEMA {name}")
    yield in_schema(name)
    on_server(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """The address of a catalogue that is not there yet."""
    return request.getfixturevalue("file_url" if request.param == "sqlite" else "server_url")


@pytest.fixture
def catalogue(url):
    with Catalogue.create(url) as found:
        yield found
