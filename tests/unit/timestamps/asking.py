"""How the tests ask authorities: over real connections, without waiting, by a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.errors import TimestampError
from provenance.timestamps.client import TimestampClient
from tests.support.tsa_tokens import ask

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOON = 0.4
"""Seconds: the deadline where an authority does not keep it."""


class Waits(list):
    """What the client waited, in seconds, without waiting."""

    def __call__(self, seconds):
        self.append(seconds)


def client(tsa, *paths, anchors=None, deadline=10.0, clock=lambda: AT, sleep=None, **options):
    """Return a client for paths or whole addresses of an authority; it trusts the authority's root if nobody else."""
    urls = [path if "://" in path else tsa.to(path) for path in paths]
    return TimestampClient(
        urls,
        anchors=[tsa.root_pem] if anchors is None else anchors,
        client=tsa.client(deadline=deadline),
        clock=clock,
        sleep=Waits() if sleep is None else sleep,
        **options,
    )


def refusal(asking, request=None):
    """Return the error of a client that gets no time-stamp."""
    with pytest.raises(TimestampError) as caught:
        asking.answer(request or ask())
    return caught.value
