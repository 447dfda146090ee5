"""Time is a parameter: what claims state and certificates are checked at is the workspace's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provenance import UnsuitableCertificate, Workspace
from tests.support import media

NOW = datetime.now(UTC).replace(microsecond=0)


def _at(workspace, moment):
    return Workspace(workspace.settings, clock=lambda: moment)


def test_actions_are_dated_by_the_clock(workspace):
    signed = _at(workspace, NOW + timedelta(days=1)).sign(media.jpeg())
    assert {item.when for item in signed.store.active_manifest.actions} == {(NOW + timedelta(days=1)).isoformat()}


def test_an_inspection_is_dated_by_the_clock(workspace):
    assert _at(workspace, NOW).inspect(media.jpeg()).at == NOW


@pytest.mark.parametrize(
    ("moment", "word"), [(NOW + timedelta(days=31), "expired"), (NOW - timedelta(days=400), "valid")]
)
def test_a_certificate_is_refused_outside_its_validity(workspace, moment, word):
    with pytest.raises(UnsuitableCertificate, match=word):
        _at(workspace, moment).sign(media.jpeg())
