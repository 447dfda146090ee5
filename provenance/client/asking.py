"""What is asked of a service beside the file, as its addresses have it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypedDict

from provenance.claims import SigningOptions
from provenance.errors import InvalidClaim
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.record import Query


class Asked(TypedDict, total=False):
    """How a file is verified."""

    policy: str
    """Name of a policy that is installed there."""
    at: datetime
    """The verdict as of another day."""
    trust_lists: tuple[str, ...]
    """Names of lists that are installed there: only these count for what they serve."""
    recover: bool
    """Looks in the service's catalogue for credentials that the file does not have."""
    record: bool
    """Enters the verdict into that catalogue."""
    keep: bool
    """The service keeps the report for some days (its default)."""


_TAKEN: Final = {
    "preset", "title", "author", "source_type", "ai_training", "ai_constraint", "metadata", "drop_location",
    "timestamp",
}  # fmt: skip
"""Options of signing that a service takes; those of the address of a remote manifest come on top."""
_OF_ADDRESS: Final = {"carrier", "remote_url"}


def of_verifying(asked: Asked) -> dict[str, Any]:
    """Write options as a query."""
    told: dict[str, Any] = dict(asked)
    lists = told.pop("trust_lists", ())
    return _written(told) | ({"trust_list": list(lists)} if lists else {})


def of_records(wanted: Query) -> dict[str, Any]:
    """Write which records are wanted."""
    return _written({item.name: getattr(wanted, item.name) for item in dataclasses.fields(wanted)})


def of_signing(options: SigningOptions, identity: str | None) -> dict[str, Any]:
    """Write options as a query. Raises `InvalidClaim` for one that a service does not take."""
    usual = SigningOptions()
    for item in dataclasses.fields(options):
        if item.name not in _TAKEN | _OF_ADDRESS and getattr(options, item.name) != getattr(usual, item.name):
            raise InvalidClaim(f"a service does not take {item.name!r}", hint="sign on this machine: provenance sign")
    if options.carrier is Carrier.SIDECAR or (options.carrier is Carrier.REMOTE) is not (
        options.remote_url is not None
    ):
        raise InvalidClaim(
            "a service embeds the manifest, or names its address too", hint="carrier REMOTE goes with a remote_url"
        )
    told = {name: getattr(options, name) for name in sorted(_TAKEN)}
    return _written(told | {"remote": options.remote_url, "identity": identity})


def _written(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in told.items() if value is not None and value != ""}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        # Without a zone it is UTC, as everywhere else.
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value.value if isinstance(value, StrEnum) else str(value)
