"""Every test here runs on a file and, where there is one, on a real PostgreSQL."""

from __future__ import annotations

import secrets
import shutil

import pytest

from provenance.catalogue import Catalogue
from provenance.catalogue.schema import metadata
from tests.support.catalogue import in_schema, on_server, why_no_server


@pytest.fixture
def file_url(tmp_path):
    return f"sqlite:///{tmp_path / 'new' / 'catalogue.db'}"


def a_schema():
    if why := why_no_server():
        pytest.skip(why)
    name = f"provenance_{secrets.token_hex(6)}"
    on_server(f"CREATE SCHEMA {name}")
    yield in_schema(name)
    on_server(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def server_url():
    yield from a_schema()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request):
    """The address of a catalogue that is not there yet."""
    return request.getfixturevalue("file_url" if request.param == "sqlite" else "server_url")


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalogue") / "empty.db"
    Catalogue.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def _session_schema():
    for url in a_schema():
        Catalogue.create(url).close()
        yield url


@pytest.fixture
def file_catalogue(tmp_path, _empty_file):
    """The address of an empty catalogue in a file."""
    (tmp_path / "home").mkdir()
    return f"sqlite:///{shutil.copyfile(_empty_file, tmp_path / 'home' / 'catalogue.db')}"


@pytest.fixture
def server_catalogue(_session_schema):
    """The address of an empty catalogue on a server."""
    schema = _session_schema.rpartition("%3D")[2]
    on_server(f"TRUNCATE {', '.join(f'{schema}.{table.name}' for table in metadata.sorted_tables)}")
    return _session_schema


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """The address of an empty catalogue."""
    return request.getfixturevalue("file_catalogue" if request.param == "sqlite" else "server_catalogue")


@pytest.fixture
def catalogue(url):
    with Catalogue.open(url) as found:
        yield found
