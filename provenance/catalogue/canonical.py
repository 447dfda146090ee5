"""A record as one line of JSON, always the same: what the ledger's hashes cover, and what is exported.

Keys are sorted, nothing stands between them, what is absent is left out: so a field that a later version adds changes
no line of before. Text is what every database can keep: lone surrogates and null characters are written out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec

from provenance.model.ledger import EntryKind

if TYPE_CHECKING:
    from provenance.model.record import Record

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


def body_of(record: Record) -> str:
    """Return the line."""
    return stated(plain(record))


def stated(fields: dict[str, Any]) -> str:
    """Return the line of a record's fields (`plain`)."""
    return line({"kind": EntryKind.RECORDED.value, **fields})


def line(said: dict[str, Any]) -> str:
    """Return a dictionary of strings, numbers, lists and dictionaries as a line, without what is absent."""
    return _ENCODER.encode(_present(said)).decode()


def _present(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value or value in (0, "")}


def plain(record: Record) -> dict[str, Any]:
    """Return a record's fields, as JSON knows them."""
    about, written_to = record.described, record.written_to
    described = {
        "creators": [storable(item) for item in about.creators],
        "caption": storable(about.caption),
        "credit": storable(about.credit),
        "rights": storable(about.rights),
        "device": storable(about.device),
        "captured_at": storable(about.captured_at),
        "place": storable(about.place),
    }
    return {
        "id": record.id,
        "recorded_at": time_of(record.recorded_at),
        "operation": record.operation.value,
        "label": storable(record.label),
        "manifest": record.manifest,
        "media_type": storable(record.media_type),
        "size": record.size,
        "source": record.source,
        "output": record.output,
        "bare": record.bare,
        "width": record.width,
        "height": record.height,
        "title": storable(record.title),
        "signer": storable(record.signer),
        "certificate": record.certificate,
        "signed_at": time_of(record.signed_at),
        "attested_at": time_of(record.attested_at),
        "source_type": storable(record.source_type),
        "described": _present(described),
        "parents": [_present({"label": storable(item.label), "record": item.record}) for item in record.parents],
        "written_to": None if written_to is None else storable(without_secrets(written_to)),
        "asked_by": storable(record.asked_by),
    }


def storable(text: str | None) -> str | None:
    """Write out what is no text for a database: null characters, and names of files that are not UTF-8."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def without_secrets(address: str) -> str:
    """Leave user names, passwords and signed queries out of a web address; a path stays as it is."""
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.partition("://")[0] + "://…"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def time_of(at: datetime | None) -> str | None:
    """Write a time in UTC (RFC 3339, microseconds). Raises `ValueError` for one without a zone."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")
