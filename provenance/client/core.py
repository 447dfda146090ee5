"""The client of a provenance service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, Unpack

from provenance.claims import SigningOptions
from provenance.client import answers
from provenance.client.answers import Asset, Page, Proved, SignedFile, Verified, decoded
from provenance.client.asking import Asked, of_records, of_signing, of_verifying
from provenance.client.jobs import Jobs
from provenance.client.receiving import received
from provenance.client.retrying import Patience
from provenance.client.wire import Request, Wire, is_address, named, part_of
from provenance.model.record import Query
from provenance.reports.comparison_form import ComparisonDocument
from provenance.reports.to_history import HistoryDocument
from provenance.storage.outputs import refuse_existing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from types import TracebackType

    from provenance.model.ledger import Proof
    from provenance.model.record import Record
    from provenance.reports.faces import Format
    from provenance.reports.form import Document, FileReport

    Source = Path | str | bytes
    """A file, its bytes, or an address that the service fetches."""

_PAGE: Final = 500
"""Records that are asked for at once."""


class Client:
    """Asks one service; a context manager that keeps connections while it is open.

    Every method raises the error that the library raises for the same reason, and `ServiceError` where the service
    cannot be reached, refuses whoever asks, or answers what is no answer.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        patience: Patience | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Take the service's address, a key where one is needed, and how long to wait, in seconds.

        `context` replaces the usual certificate authorities. Raises `SettingsError` for what is no address, and for a
        key that would be sent without TLS to another machine.
        """
        patience = patience or Patience()
        self._wire = Wire(url, key, timeout=timeout, patience=patience, context=context)
        self.jobs = Jobs(self._wire, patience.sleep)
        """Many files, or slow ones."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()

    def verify(self, source: Source, **asked: Unpack[Asked]) -> Verified:
        """Verify a file: whatever the verdict is, it is returned."""
        response = self._wire.read(_sending("/v1/verify", source, of_verifying(asked)))
        return answers.verified(response.content, response.headers, url=self._wire.url)

    def written(self, source: Source, form: Format, **asked: Unpack[Asked]) -> str:
        """Verify a file, and return the report in another format, as `provenance verify --format` writes it."""
        query = of_verifying(asked) | {"format": form.value}
        return self._wire.read(_sending("/v1/verify", source, query)).content.decode()

    def inspect(self, source: Source) -> FileReport:
        """Return the facts about a file's credentials; nothing is judged, so there is no decision."""
        response = self._wire.read(_sending("/v1/inspect", source, {}))
        return answers.facts(response.content, url=self._wire.url)

    def sign(
        self,
        source: Source,
        output: Path | str | None = None,
        options: SigningOptions | None = None,
        *,
        identity: str | None = None,
        overwrite: bool = False,
    ) -> SignedFile:
        """Have a file signed; the output appears whole or not at all. Without one, the bytes are returned.

        The service decides which identities a key may use. Raises `InvalidClaim` for options that a service does not
        take, and `OutputExists`.
        """
        request = _sending("/v1/sign", source, of_signing(options or SigningOptions(), identity))
        target = None if output is None else Path(output)
        if target is not None:
            refuse_existing(target, overwrite=overwrite)
        with self._wire.stream(request) as response:
            return received(self._wire, response, target, overwrite=overwrite)

    def compare(self, one: Path | str | bytes, other: Path | str | bytes) -> ComparisonDocument:
        """Compare two files: are they from one origin, and what did each do since?"""
        (a, a_name), (b, b_name) = named(one), named(other)
        parts = (("one", a, a_name or "one"), ("other", b, b_name or "other"))
        response = self._wire.read(Request(method="POST", path="/v1/compare", parts=parts))
        return decoded(response.content, ComparisonDocument, url=self._wire.url)

    def report(self, report: str) -> Document:
        """Return a report that the service keeps."""
        return answers.document(self._get(f"/v1/reports/{part_of(report)}"), url=self._wire.url)

    def page(self, report: str) -> str:
        """Return a report that is kept as a page (HTML): one that was verified in that format."""
        return self._get(f"/v1/reports/{part_of(report)}", format="html").decode()

    def history(self, report: str) -> HistoryDocument:
        """Return the history of a file from a report that the service keeps."""
        return decoded(self._get(f"/v1/history/{part_of(report)}"), HistoryDocument, url=self._wire.url)

    def assets(self, wanted: Query | None = None) -> Iterator[Record]:
        """Give the records of the service's catalogue that fit, the last one first; asked for page by page."""
        wanted = wanted or Query()
        left, query = wanted.limit, of_records(replace(wanted, limit=None))
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            page = decoded(self._get("/v1/assets", **query, limit=size), Page, url=self._wire.url)
            yield from page.assets
            left = None if left is None else left - len(page.assets)
            if page.next is None:
                return
            query["before"] = page.next

    def asset(self, record: str) -> Asset:
        """Return a record, and how the file was verified since."""
        return decoded(self._get(f"/v1/assets/{part_of(record)}"), Asset, url=self._wire.url)

    def manifest(self, record: str) -> bytes:
        """Return the manifest store (JUMBF) of a record."""
        return self._get(f"/v1/assets/{part_of(record)}/manifest")

    def manifest_of(self, label: str) -> bytes:
        """Return the manifest store whose active manifest has this label (Soft Binding Resolution API)."""
        return self._get(f"/v1/manifests/{part_of(label)}")

    def proof(self, record: str) -> Proof:
        """Return the proof that a record is in the service's ledger; `holds()` checks it here."""
        return decoded(self._get(f"/v1/assets/{part_of(record)}/proof"), Proved, url=self._wire.url).proof

    def _get(self, path: str, **query: Any) -> bytes:
        return self._wire.read(Request(method="GET", path=path, query=query)).content


def _sending(path: str, source: Source, query: dict[str, Any]) -> Request:
    """Send a file as the body, or have it fetched by its address."""
    if is_address(source):
        return Request(method="POST", path=path, query=query, json={"url": source})
    file, name = named(source)
    return Request(method="POST", path=path, query=query | ({"name": name} if name else {}), body=file)
