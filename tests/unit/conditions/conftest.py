"""Somebody who decides conditions over a few facts."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

HAS_CEL = find_spec("cel") is not None

NAMES = {
    "at": None,
    "facets": {"time": {"state": None, "reason": None}},
    "history": {"head": None, "edits": {}},
    "now": None,
    "sha256": None,
    "size": None,
    "statuses": {},
}
FACTS = {
    "at": "2026-05-01T12:00:00+00:00",
    "facets": {"time": {"state": "absent", "reason": "nobody says"}},
    "history": {
        "head": "b",
        "edits": [{"id": "a", "signature": {"organization": "Example News"}}, {"id": "b", "trusted": True}],
    },
    "now": "2026-05-02T12:00:00+00:00",
    "size": 5,
    "statuses": [],
}


@pytest.fixture(scope="session")
def evaluator():
    if not HAS_CEL:
        pytest.skip("the extra `cel` is not installed")
    from provenance.conditions import Evaluator

    made = Evaluator(NAMES)
    yield made
    made.close()
