"""What tests of pages share: a browser, a server that no page may ask, and a service with files to give it."""

from __future__ import annotations

import pytest

from provenance import Workspace
from provenance.settings import Settings
from tests.pages.files import Files
from tests.support.browser import Visitor, _chromium, _playwright, _program, _visitors, browser, listener
from tests.support.service import new_home, serving

__all__ = ["_chromium", "_playwright", "_program", "_visitors", "browser", "listener"]


@pytest.fixture(scope="session")
def place(_session_home, tmp_path_factory):
    """A home with the identity of all tests, for one server."""
    return new_home(tmp_path_factory.mktemp("pages"), _session_home)


@pytest.fixture(scope="session")
def server(place):
    """A service as a process of its own."""
    pytest.importorskip("fastapi", reason="the service needs the extra `web`")
    with serving(place, '[service]\nworkers = 2\nrate = "0"\nlargest = "8MB"\n') as running:
        yield running


@pytest.fixture(scope="session")
def files(place, tmp_path_factory):
    """One file for each kind of verdict."""
    return Files(Workspace(Settings(home=str(place))), tmp_path_factory.mktemp("files"))


@pytest.fixture
def visitor(_visitors, server):
    """Somebody at that service."""
    somebody = Visitor(_visitors, server.url)
    yield somebody
    somebody.leave()
