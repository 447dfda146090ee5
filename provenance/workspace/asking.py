"""Whom a workspace may ask over the network, and under which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import FetchError, TimestampError
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from provenance.model.ports import ManifestSource, RevocationSource, TimeAuthority, Web
    from provenance.model.trust import Trust
    from provenance.network import Client
    from provenance.settings import TimestampSettings

_LARGEST_TIMESTAMP = 1 << 20
_LARGEST_ANSWER = 1 << 16
_LARGEST_LIST = 10 << 20
_LARGEST_STORE = 32 << 20


def responders() -> Client:
    """Make the client for those who know what is revoked.

    Their addresses come from certificates, so only public ones are asked; plain http is usual there.
    """
    from provenance.network import Client, Rules  # noqa: PLC0415 -- only who asks needs it

    return Client(Rules(http=True, limit=_LARGEST_ANSWER))


def manifests() -> ManifestSource:
    """Make the source of remote manifests: https, public addresses."""
    from provenance.manifests.fetch import HttpsSource  # noqa: PLC0415 -- brings in httpx
    from provenance.network import Client  # noqa: PLC0415 -- only who asks needs it

    return HttpsSource(Client())


def resolvers() -> Client:
    """Make the client for those who find manifests for what others have signed.

    https, public addresses: an answer may name further ones, and nobody leads into the network of whoever asks.
    """
    from provenance.network import Client, Rules  # noqa: PLC0415 -- only who asks needs it

    return Client(Rules(limit=_LARGEST_STORE, deadline=30))


def revocation(*, clock: Callable[[], datetime]) -> RevocationSource:
    """Make the client that asks responders named in certificates."""
    from provenance.revocation.client import OcspClient  # noqa: PLC0415 -- brings in cryptography

    return OcspClient(responders(), clock=clock)


def web() -> Web:
    """Make what the engine asks through, under the same rules."""
    from provenance.revocation.asked import split  # noqa: PLC0415 -- only who asks needs it

    client = responders()

    def ask(method: str, url: str, body: bytes) -> tuple[int, bytes]:
        request = split(url) if method == "GET" else (url, body)
        if request is None:
            raise FetchError("the engine asks for something else than revocation", path=url)
        headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
        answer = client.request("POST", request[0], body=request[1], headers=headers)
        return answer.status, answer.body

    return ask


def lists() -> Callable[[str], bytes]:
    """Make the fetcher of trust lists: https, public addresses, no redirect to another host."""
    from provenance.network import Client, Rules  # noqa: PLC0415 -- only who asks needs it

    client = Client(Rules(same_host=True, limit=_LARGEST_LIST, deadline=30))
    return lambda url: client.get(url, accept="application/json, application/x-pem-file, */*").body


def time(settings: TimestampSettings, trust: Trust, *, clock: Callable[[], datetime]) -> TimeAuthority:
    """Make the client of the time-stamp authorities that are set up.

    Their addresses were chosen by the user: internal ones and plain http are allowed, the answer is signed. Raises
    `TimestampError` when none is set up.
    """
    if not settings.urls:
        raise TimestampError(
            "no time-stamp authority is set up", hint='name some in the settings: [timestamps] urls = ["https://…"]'
        )
    from provenance.network import Client, Rules  # noqa: PLC0415 -- only who asks needs it
    from provenance.timestamps.client import TimestampClient  # noqa: PLC0415 -- brings in cryptography

    rules = Rules(http=True, private=True, keep=True, deadline=settings.deadline, limit=_LARGEST_TIMESTAMP)
    return TimestampClient(
        settings.urls,
        anchors=[pem for item in trust.lists if item.purpose is Purpose.TIMESTAMP for pem in item.anchors],
        client=Client(rules),
        attempts=settings.attempts,
        clock=clock,
    )
