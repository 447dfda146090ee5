"""What several flows begin with: a home and a policy of one's own, a signed photo, and the same one changed."""

from __future__ import annotations

import shutil

import pytest

from provenance.settings import Settings
from provenance.workspace import Workspace
from tests.flows.house import POLICY


@pytest.fixture
def own_home(_session_home, tmp_path, monkeypatch):
    """A home with the identity of that of all tests, and with a journal of its own; also for commands."""
    shutil.copytree(_session_home / "identities", tmp_path / "home/identities")
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def space(own_home):
    """The workspace of that home."""
    return Workspace(Settings(home=str(own_home)))


@pytest.fixture
def house(tmp_path):
    path = tmp_path / "house.toml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def signed(workspace, photo, home):
    return workspace.sign(photo).path


@pytest.fixture
def changed(signed):
    data = bytearray(signed.read_bytes())
    data[-100] ^= 1
    path = signed.with_name("changed.jpg")
    path.write_bytes(data)
    return path
