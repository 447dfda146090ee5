"""What was asked over the network and what came of it: kept while a pack is made, answered from it in a replay.

The answers are checked again in a replay, by the code that checked them first; nothing is taken from the record but the
bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.errors import FetchError
from provenance.evidence.form import Exchange, Fetched
from provenance.network import Answer, Client, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.model.ports import ManifestSource

_NOT_ASKED = "this was not asked when the pack was made, and a replay asks nobody"
_RETRY_AFTER = "retry-after"


class Recorder(Client):
    """Asks through another client, and keeps what is said."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self.exchanges: list[Exchange] = []
        self.parts: dict[str, bytes] = {}
        """Bodies of answers, by the name of the member that they become."""

    def request(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask, and keep the answer or why there is none."""
        asked = Exchange(method=method, url=url, question=body or b"")
        try:
            answer = self._client.request(method, url, body=body, headers=headers)
        except FetchError as error:
            self.exchanges.append(replace(asked, failure=error.message))
            raise
        member = f"revocation/asked-{len(self.parts) + 1}.der"
        self.parts[member] = answer.body
        self.exchanges.append(
            replace(asked, status=answer.status, retry_after=answer.headers.get(_RETRY_AFTER), answer=member)
        )
        return answer


class Answering(Client):
    """Answers what was asked before, in the same order, and nothing else."""

    def __init__(self, exchanges: Iterable[Exchange], parts: Mapping[str, bytes]) -> None:
        super().__init__()
        self._left: dict[tuple[str, str, bytes], list[Exchange]] = {}
        for item in exchanges:
            self._left.setdefault((item.method, item.url, item.question), []).append(item)
        self._parts = parts

    def request(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer of then. Raises `FetchError` with the reason of then, or when this was not asked."""
        del headers
        found = self._left.get((method, url, body or b""))
        if not found:
            raise FetchError(_NOT_ASKED, path=shown(url))
        told = found.pop(0)
        if told.status is None or told.answer is None:
            raise FetchError(told.failure or _NOT_ASKED, path=shown(url))
        headers = {} if told.retry_after is None else {_RETRY_AFTER: told.retry_after}
        return Answer(url=url, status=told.status, headers=headers, body=self._parts[told.answer])


class FetchRecorder:
    """A `ManifestSource` that keeps what another one gives."""

    def __init__(self, source: ManifestSource) -> None:
        self._source = source
        self.fetched: Fetched | None = None
        self.data: bytes | None = None

    def fetch(self, url: str) -> bytes:
        """Fetch, and keep the manifest store or why there is none."""
        try:
            self.data = self._source.fetch(url)
        except FetchError as error:
            self.fetched = Fetched(url=url, failure=error.message)
            raise
        self.fetched = Fetched(url=url, failure=None)
        return self.data


class FetchedThen:
    """A `ManifestSource` that gives what was fetched before."""

    def __init__(self, fetched: Fetched | None, data: bytes | None) -> None:
        self._fetched = fetched
        self._data = data

    def fetch(self, url: str) -> bytes:
        """Return the manifest store of then. Raises `FetchError` as then, or when this was not fetched."""
        if self._fetched is None or self._fetched.url != url:
            raise FetchError(_NOT_ASKED, path=shown(url))
        if self._fetched.failure is not None or self._data is None:
            raise FetchError(self._fetched.failure or _NOT_ASKED, path=shown(url))
        return self._data
