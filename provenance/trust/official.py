"""Official lists in JSON: a List of Trusted Entities (ETSI TS 119 602), as the C2PA publishes its own.

Each entity has services, each service a certificate and a status. Only services that are trusted now count; the C2PA
extends the schema by the two statuses `…/trust-list/trusted` and `…/trust-list/untrusted`.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from provenance.errors import SettingsError
from provenance.network import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRUSTED: Final = (
    "http://c2pa.org/conformance/trust-list/trusted",
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted",
)
_GET_AGAIN: Final = "get the list again from its publisher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One certificate on an official list, and what the list says of it."""

    entity: str
    name: str
    der: bytes | None
    """`None` when it is not even Base64."""
    trusted: bool
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialList:
    """An official list as it was published."""

    scheme: str
    sequence: int
    issued: datetime
    next_update: datetime | None
    services: tuple[Service, ...]


def is_json(data: bytes) -> bool:
    """Say whether a list is JSON, by its first character."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def parse_official(data: bytes, source: str) -> OfficialList:
    """Read an official list. Raises `SettingsError` with `source` as its path for what is none, or is cut off."""
    try:
        content = json.loads(data.decode("utf-8-sig"))["LoTE"]
        about = content["ListAndSchemeInformation"]
        entities = content["TrustedEntitiesList"]
        return OfficialList(
            scheme=_first(about["SchemeName"]),
            sequence=_number(about["LoTESequenceNumber"]),
            issued=_time(about["ListIssueDateTime"]),
            next_update=None if about.get("NextUpdate") is None else _time(about["NextUpdate"]),
            services=tuple(service for entity in entities for service in _services(entity)),
        )
    except json.JSONDecodeError as error:
        raise SettingsError(f"this is no complete JSON: {error}", path=source, hint=_GET_AGAIN) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise SettingsError(
            f"this JSON is not a list of trusted entities (ETSI TS 119 602): {_missing(error)}",
            path=source,
            hint="give the official list of the C2PA, or certificates in PEM",
        ) from error


def _services(entity: Any) -> Iterator[Service]:
    name = _first(entity["TrustedEntityInformation"]["TEName"])
    for service in entity["TrustedEntityServices"]:
        about = service["ServiceInformation"]
        called = _first(about["ServiceName"])
        since = about.get("StatusStartingTime")
        for certificate in about["ServiceDigitalIdentity"]["X509Certificates"]:
            yield Service(
                entity=name,
                name=called,
                der=_der(certificate["val"]),
                trusted=about.get("ServiceStatus") in _TRUSTED,
                since=None if since is None else _time(since),
            )


def _first(texts: Any) -> str:
    """Return the English one of texts in several languages, or the first."""
    chosen = next((item for item in texts if item.get("lang") == "en"), texts[0])
    value = chosen["value"]
    if not isinstance(value, str):
        raise TypeError("a name is no text")
    return " ".join(value.split())


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("the sequence number is no number")
    return value


def _time(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _der(value: Any) -> bytes | None:
    try:
        return b64decode("".join(value.split()), validate=True)
    except (ValueError, AttributeError):
        return None


def _missing(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else shown(str(error)) or type(error).__name__
