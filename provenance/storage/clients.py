"""Clients of object stores: one per bucket, with the vendor's usual environment variables and bounded patience.

They are made where they are first used, after a process was spawned: a client does not survive a fork.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from provenance.errors import SettingsError, StoreError
from provenance.storage.refusals import judge, stated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obstore.store import AzureStore, GCSStore, RetryConfig, S3Store

    from provenance.storage.addresses import Address

    Store = S3Store | GCSStore | AzureStore

PIECE: Final = 8 * 1024 * 1024
"""Bytes that are asked for, or sent, at once."""
PARTS: Final = 4
"""Pieces of one file that are under way together."""

_PREFIXES: Final[Mapping[str, str]] = {"s3": "AWS_", "gs": "GOOGLE_", "az": "AZURE_"}
"""Of the variables that obstore reads for each vendor."""
_YES: Final = frozenset({"1", "on", "true", "y", "yes"})
_OWN_WAYS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
)
"""What obstore itself turns into credentials; profiles and their files it does not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a store is waited for. Every request ends in bounded time, and so does everything made of them."""

    connect: float = 10.0
    """Seconds until a connection stands."""
    silence: float = 30.0
    """Seconds without a byte of an answer."""
    slowest: int = 50_000
    """Bytes per second that a transfer must at least reach on the whole."""
    retries: int = 3
    """How often a request is repeated after a failure of the server or the connection."""
    within: float = 60.0
    """Seconds after which no request is repeated any more."""

    def limit(self, amount: int) -> float:
        """Return the seconds that a request may take which moves that many bytes."""
        return self.silence + amount / self.slowest


PATIENCE: Final = Patience()


def client(address: Address, patience: Patience = PATIENCE, *, sending: int = 0) -> Store:
    """Return the client of an address's bucket, for requests that send up to `sending` bytes; ask for it first.

    Raises `SettingsError` without the extra `objects`, `StoreError` when the environment makes no client.
    """
    # While something is sent nothing is answered: the limit on silence must leave time for that. Rounding up to
    # powers of two keeps the number of clients small.
    amount = 1 << (sending - 1).bit_length() if sending else 0
    prefix = _PREFIXES[address.scheme]
    environment = tuple(sorted(item for item in os.environ.items() if item[0].startswith(prefix)))
    return _client(address.scheme, address.bucket, patience, amount, environment)


@lru_cache(maxsize=256)
def _client(
    scheme: str,
    bucket: str,
    patience: Patience,
    amount: int,
    environment: tuple[tuple[str, str], ...],  # noqa: ARG001 -- a client knows only the environment it was made in
) -> Store:
    try:
        from obstore.exceptions import BaseError  # noqa: PLC0415 -- only where objects are used
        from obstore.store import AzureStore, GCSStore, S3Store  # noqa: PLC0415 -- as above
    except ImportError as error:
        raise SettingsError(
            "object stores need an extra", path=f"{scheme}://{bucket}", hint="pip install 'media-provenance[objects]'"
        ) from error
    silence = patience.limit(amount) if amount else patience.silence
    common: dict[str, Any] = {
        "client_options": {
            # Options that are given take the place of all that the environment says of them, so this is asked here.
            "allow_http": os.environ.get(f"{_PREFIXES[scheme]}ALLOW_HTTP", "").lower() in _YES,
            "connect_timeout": timedelta(seconds=patience.connect),
            "read_timeout": timedelta(seconds=silence),
            "timeout": timedelta(seconds=patience.limit(max(amount, PIECE))),
        },
        "retry_config": _retrying(patience),
    }
    try:
        if scheme == "gs":
            return GCSStore(bucket, **common)
        if scheme == "az":
            return AzureStore(bucket, **common)
        return S3Store(bucket, **common, **_profile(bucket))
    except (BaseError, ValueError, OSError) as error:
        raise stated(judge(error), scheme, f"{scheme}://{bucket}") from None


def _retrying(patience: Patience) -> RetryConfig:
    return {
        "max_retries": patience.retries,
        "retry_timeout": timedelta(seconds=patience.within),
        "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=5), "base": 2},
    }


def _profile(bucket: str) -> dict[str, Any]:
    """Find the credentials of an AWS profile, which boto3 can read; nothing where obstore finds its own."""
    named = os.environ.get("AWS_PROFILE")
    if any(os.environ.get(name) for name in _OWN_WAYS) or not (named or _files_of_profiles()):
        return {}
    where = f"s3://{bucket}"
    try:
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 -- only where a profile is used
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415 -- as above
            BotoCoreError,
        )
        from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415 -- as above
    except ImportError as error:
        if not named:
            return {}
        raise SettingsError(
            "AWS_PROFILE needs an extra", path=where, hint="pip install 'media-provenance[aws]'"
        ) from error
    try:
        # The default session of boto3 is shared by the whole process and not safe for threads.
        session = boto3.session.Session()
        if session.get_credentials() is None:
            return {}
        return {"credential_provider": Boto3CredentialProvider(session)}
    except BotoCoreError as error:
        raise StoreError(
            f"the AWS profile {named or 'default'} cannot be used ({type(error).__name__})",
            path=where,
            hint="`aws configure list` shows what is found; AWS_PROFILE names another",
        ) from None


def _files_of_profiles() -> bool:
    places = (
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        os.environ.get("AWS_CONFIG_FILE", "~/.aws/config"),
    )
    return any(Path(place).expanduser().is_file() for place in places)
