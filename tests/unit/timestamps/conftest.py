"""An authority that all tests of a file share: its clock stands still."""

from __future__ import annotations

import pytest

from tests.support.tsa import Authority
from tests.unit.timestamps.asking import AT


@pytest.fixture(scope="module")
def authority():
    with Authority(at=AT) as tsa:
        yield tsa


@pytest.fixture
def tsa(authority):
    """An authority that nobody has asked yet."""
    for seen in (authority.asked, authority.requests, authority.headers):
        seen.clear()
    return authority
