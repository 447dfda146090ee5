"""What a service answers, in the library's own types."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 -- the codec looks the types of fields up
from typing import TYPE_CHECKING, Any, TypeVar

from provenance import codec
from provenance.errors import ServiceError
from provenance.model.ledger import Proof  # noqa: TC001 -- the codec looks the types of fields up
from provenance.model.record import Check, Record  # noqa: TC001 -- the same
from provenance.model.verdict import Decision
from provenance.reports import form

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A report on one file."""

    document: form.Document
    report: str | None
    """Id by which the service keeps the report; `None` where it was asked not to."""

    @property
    def file(self) -> form.FileReport:
        """What is said of the file."""
        return self.document.files[0]

    @property
    def decision(self) -> Decision:
        """What the policy says in the end."""
        return Decision(str(self.file.decision))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """A file that the service has signed."""

    record: str
    """Id of its record in the service's catalogue."""
    manifest: str
    """Label of its manifest."""
    media_type: str
    sha256: str
    path: Path | None = None
    """Where it was written."""
    data: bytes | None = field(default=None, repr=False)
    """The file itself, where no output was named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What the service's catalogue knows of one signing."""

    record: Record
    manifest_kept: bool
    """The catalogue still has its manifest store."""
    checks: tuple[Check, ...]
    """How the signed file was verified since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the records that were asked for."""

    assets: tuple[Record, ...]
    next: str | None
    """What to ask for the following ones with; `None` where these are the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """A report as far as nothing is judged."""

    file: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """That a record is in the service's ledger."""

    proof: Proof


def decoded(data: bytes, kind: type[T], *, url: str) -> T:
    """Read an answer; what a later version of the service says beyond is passed over. Raises `ServiceError`."""
    try:
        return codec.from_json(data, kind, extras=True)
    except codec.DecodingError as error:
        raise nonsense(f"what it answers is not understood: {error}", url) from error


def facts(data: bytes, *, url: str) -> form.FileReport:
    """Read the facts about a file, which nobody has judged. Raises `ServiceError`."""
    told = decoded(data, _Facts, url=url).file
    try:
        return codec.from_plain({"decision": None, "sentence": ""} | told, form.FileReport, extras=True)
    except codec.DecodingError as error:
        raise nonsense(f"what it answers is not understood: {error}", url) from error


def verified(data: bytes, headers: Mapping[str, str], *, url: str) -> Verified:
    """Read a report on one file. Raises `ServiceError` for one that this version cannot read."""
    return Verified(document=document(data, url=url), report=headers.get("Provenance-Report"))


def document(data: bytes, *, url: str) -> form.Document:
    """Read a report. Raises `ServiceError` for one that this version cannot read."""
    return known(decoded(data, form.Document, url=url), url=url)


def known(found: form.Document, *, url: str) -> form.Document:
    """Refuse a report that this version does not read. Raises `ServiceError`."""
    if found.version != form.VERSION:
        raise nonsense(f"its reports are of version {found.version}, this program reads {form.VERSION}", url)
    decisions = [item.value for item in Decision]
    if len(found.files) != 1 or found.files[0].decision not in decisions:
        raise nonsense("its report is not on one file that was judged", url)
    return found


def nonsense(what: str, url: str) -> ServiceError:
    """Say that an answer is none."""
    return ServiceError(what, path=url, hint="is this the address of a provenance service, and of this version?")
