"""What all tests share: a workspace of their own, media to sign, and the optional folder of other people's media."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from provenance.model.ports import Algorithm
from provenance.settings import Settings
from provenance.workspace import Workspace
from tests.support import campaign, media

ROOT = Path(__file__).parent.parent
VECTORS = ROOT.parent / "shared" / "vectors"
TRUST = ROOT.parent / "shared" / "trust"


def pytest_configure(config):
    campaign.prepare(config)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory):
    return tmp_path_factory.mktemp("homes"), count()


@pytest.fixture(autouse=True)
def _own_home(_homes, monkeypatch):
    """Keep tests away from the settings and identities of whoever runs them."""
    folder, numbers = _homes
    home = folder / str(next(numbers))
    home.mkdir()
    monkeypatch.setenv("PROVENANCE_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    for name in ("PROVENANCE_SETTINGS", "PROVENANCE_PASSPHRASE", "PROVENANCE_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def _session_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("identity")
    Workspace(Settings(home=str(home))).identities.create(
        "Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC)
    )
    return home


@pytest.fixture
def workspace(_session_home):
    """A workspace with one development identity, Example News."""
    return Workspace(Settings(home=str(_session_home)))


@pytest.fixture
def home(_session_home, monkeypatch):
    """The folder of that workspace, also for commands that are run as processes."""
    monkeypatch.setenv("PROVENANCE_HOME", str(_session_home))
    return _session_home


@pytest.fixture
def photo(tmp_path):
    """A JPEG with EXIF in a folder of its own."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(media.jpeg(exif=True))
    return path


@pytest.fixture
def vectors():
    """The folder of media made by others."""
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors is not there")
    return VECTORS
