"""Ask one resolver for manifests (C2PA 2.4, Soft Binding Resolution API)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from provenance.errors import FetchError
from provenance.manifests.containers import jumbf
from provenance.manifests.fetch import HttpsSource
from provenance.model.resolution import strongest_first
from provenance.network import shown
from provenance.workspace.resolution_json import read_matches, write_query, write_value

if TYPE_CHECKING:
    from provenance.model.resolution import Binding, ManifestMatch
    from provenance.network import Client

_IN_ADDRESS: Final = 1024
"""Characters of a value that are asked for in the address; longer ones are posted."""
_LONGEST_ANSWER: Final = 1 << 20
"""Bytes of a list of matches."""
_CHECK_ADDRESS: Final = "check the address: the routes begin right below it, often after /v1"
_LATER: Final = "try again later, or ask another resolver"
_HINTS: Final = {
    400: "it may not know the algorithm: ask another resolver",
    401: "it answers only those whom it knows: ask another resolver",
    403: "it answers only those whom it knows: ask another resolver",
    404: _CHECK_ADDRESS,
    405: _CHECK_ADDRESS,
    413: "the file is too large for it: ask by its fingerprint instead",
    415: "it does not take files of this type: ask by its fingerprint instead",
}


class Resolver:
    """A service that finds manifests by soft bindings, or by content."""

    def __init__(self, url: str, client: Client) -> None:
        """Take the address that the routes are below. Raises `FetchError` for one that has a query or a fragment."""
        self.name = shown(url)
        """Its address, safe to be shown."""
        if "?" in url or "#" in url:
            raise FetchError(
                "it is no address of a resolver: nothing lies below a query", path=self.name, hint=_CHECK_ADDRESS
            )
        self._base = url.rstrip("/")
        self._client = client

    def __repr__(self) -> str:
        return f"Resolver({self.name!r})"

    def by_binding(self, binding: Binding, *, most: int) -> tuple[ManifestMatch, ...]:
        """Return the manifests that go with a soft binding, `most` at most. Raises `FetchError`."""
        value, wanted = write_value(binding), {"maxResults": str(most)}
        if len(value) > _IN_ADDRESS:
            headers = {"Content-Type": "application/json"}
            found = self._matches("byBinding", wanted, body=write_query(binding), headers=headers)
        else:
            found = self._matches("byBinding", {"alg": binding.algorithm, "value": value} | wanted)
        return found[:most]

    def by_content(self, data: bytes, media_type: str, *, most: int) -> tuple[ManifestMatch, ...]:
        """Send a file, and return the manifests that go with it, `most` at most. Raises `FetchError`."""
        headers = {"Content-Type": media_type}
        return self._matches("byContent", {"maxResults": str(most)}, body=data, headers=headers)[:most]

    def manifest(self, label: str) -> bytes:
        """Return the manifest store whose active manifest has this label.

        Raises `FetchError` where there is none, or another one came.
        """
        address = f"{self._base}/manifests/{quote(label, safe=':')}"
        try:
            store = HttpsSource(self._client).fetch(address)
        except FetchError as error:
            error.hint = _LATER
            raise
        active = next(reversed(jumbf.manifests(store)), None)
        if active is None or active.label != label:
            was = "no manifest" if active is None else f"the manifest {shown(active.label)}"
            raise FetchError(f"{was} came where another was asked for", path=shown(address), hint=_LATER)
        return store

    def _matches(
        self, route: str, query: dict[str, str], *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[ManifestMatch, ...]:
        """Ask for matches, the strongest first."""
        address = f"{self._base}/matches/{route}"
        method = "GET" if body is None else "POST"
        accepted = {"Accept": "application/json"} | (headers or {})
        try:
            answer = self._client.request(method, f"{address}?{urlencode(query)}", body=body, headers=accepted)
        except FetchError as error:
            # Without the query, which nobody can read.
            raise FetchError(error.message, path=shown(address), hint=_CHECK_ADDRESS) from error
        if answer.status != 200:
            hint = _HINTS.get(answer.status, _LATER)
            raise FetchError(f"the resolver answers {answer.status}", path=shown(address), hint=hint)
        if len(answer.body) > _LONGEST_ANSWER:
            raise FetchError(f"the answer is larger than {_LONGEST_ANSWER} bytes", path=shown(address), hint=_LATER)
        try:
            found = read_matches(answer.body)
        except ValueError as error:
            reason = f"the answer is none of a resolver: {error}"
            raise FetchError(reason, path=shown(address), hint=_CHECK_ADDRESS) from error
        return strongest_first(found)
