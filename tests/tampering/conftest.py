"""Signed files to alter: each kind is signed once for a module."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.claims import MetadataLevel, SigningOptions
from provenance.model.ports import Algorithm
from provenance.settings import Settings
from provenance.workspace import Workspace
from tests.support import media

PLAIN = SigningOptions(metadata=MetadataLevel.NONE, thumbnail=None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A workspace with one development identity, for a whole module."""
    desk = Workspace(Settings(home=str(tmp_path_factory.mktemp("desk"))))
    desk.identities.create("Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC))
    return desk


@pytest.fixture(scope="module")
def signed(desk):
    """Give the signed form of a kind of media, or of a JPEG of another seed."""
    known = {}

    def sign(kind, seed=None):
        if (kind, seed) not in known:
            data = media.make(kind) if seed is None else media.jpeg(seed)
            known[kind, seed] = desk.sign(data, options=PLAIN).data
        return known[kind, seed]

    return sign


@pytest.fixture(scope="module")
def look(desk):
    """Verify bytes as any recipient would."""
    return desk.verify
