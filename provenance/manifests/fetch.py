"""Fetch remote manifests over https, from public addresses only, within bounds of time and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import FetchError
from provenance.manifests.formats import MANIFEST_STORE
from provenance.network import shown

if TYPE_CHECKING:
    from provenance.network import Client

_HINT = "if you have the manifest as a file, put it beside the media file as a sidecar"


class HttpsSource:
    """A `ManifestSource` that asks the web."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def fetch(self, url: str) -> bytes:
        """Return the manifest store at this address.

        Raises `FetchError` with the reason when it cannot be had under the rules.
        """
        try:
            body = self._client.get(url, accept=MANIFEST_STORE).body
        except FetchError as error:
            error.hint = _HINT
            raise
        # Only what looks like a whole JUMBF superbox passes (ISO/IEC 19566-5).
        if body[4:8] != b"jumb":
            raise FetchError("the answer is not a manifest store", path=shown(url), hint=_HINT)
        if int.from_bytes(body[:4], "big") > len(body):
            raise FetchError("the manifest store is cut short", path=shown(url), hint=_HINT)
        return body
