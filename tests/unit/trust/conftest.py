"""A publisher on this machine, and an empty store."""

from __future__ import annotations

import pytest

from provenance.trust import TrustStore
from tests.support import list_server


@pytest.fixture(scope="session")
def _server(tmp_path_factory):
    with list_server.running(tmp_path_factory.mktemp("publisher")) as server:
        yield server


@pytest.fixture
def publisher(_server):
    """A server without any page yet."""
    _server.pages.clear()
    _server.asked.clear()
    return _server


@pytest.fixture
def store(tmp_path):
    return TrustStore(tmp_path / "state" / "trust")


@pytest.fixture
def state(store):
    """Take down what is in the store, to the byte."""
    return lambda: {
        str(path.relative_to(store.directory)): path.read_bytes() if path.is_file() else None
        for path in sorted(store.directory.rglob("*"))
    }
