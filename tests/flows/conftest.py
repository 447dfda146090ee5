"""What several flows begin with: a policy of one's own, a signed photo, and the same one changed."""

from __future__ import annotations

import pytest

from tests.flows.house import POLICY


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
