"""Settings: one file and the environment, decoded once, frozen.

The file is `settings.toml` in the user's configuration folder, or the one that `PROVENANCE_SETTINGS` names. Identities
live in the user's data folder, or in the one that `PROVENANCE_HOME` names.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.errors import SettingsError
from provenance.model.claim import Timestamp
from provenance.model.service import parse_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST_THUMBNAIL = 2048
"""Pixels of the longer edge: larger ones are pictures of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSettings:
    """What signing uses when nothing else is said."""

    identity: str | None = None
    author: str | None = None
    thumbnail: int = 512
    """Longer edge in pixels; 0 for none."""
    timestamp: Timestamp = Timestamp.PREFERRED
    """Where no authority is set up, nobody is asked unless a time is required."""
    publisher: str | None = None
    """Name of the identity that stands behind what is signed, apart from the signer."""
    publisher_roles: tuple[str, ...] = ("publisher",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSettings:
    """Who is asked for the time when signing."""

    urls: tuple[str, ...] = ()
    """Authorities (RFC 3161), asked in this order."""
    deadline: float = 8.0
    """Seconds for each question."""
    attempts: int = 2
    """Questions to each authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSettings:
    """Whose signatures count."""

    signers: tuple[str, ...] = ()
    """PEM files with the roots of signers; relative to the settings file."""
    timestamps: tuple[str, ...] = ()
    """PEM files with the roots of time-stamp authorities."""
    identities: tuple[str, ...] = ()
    """PEM files with the roots of publishers' identities (CAWG)."""
    development: bool = True
    """The roots of development identities made on this machine count, and are shown as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSettings:
    """What verification uses when nothing else is said."""

    policy: str = "standard"
    """Name of the policy that judges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSettings:
    """How many files are worked on."""

    engine: str = "auto"
    """`auto`, `threads`, `processes` or `dask://HOST:PORT`."""
    workers: int = 0
    """0: one for each core, more where each waits for a time-stamp authority."""
    deadline: float = 120.0
    """Seconds for one file; a large one gets more."""
    largest: str = "0"
    """Size above which a file is refused (`2GB`, `500MB`); 0: no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueSettings:
    """Where what was signed is kept."""

    url: str = field(default="", repr=False)
    """`postgresql+psycopg://…` or `sqlite:///…`; empty: `catalogue.db` in the home, once it was made."""
    soft_binding: bool = True
    """Where a catalogue is kept, pictures are signed with their fingerprint (`c2pa.soft-binding`)."""
    resolvers: tuple[str, ...] = field(default=(), repr=False)
    """Who is asked by `provenance recover` for what the catalogue does not have (Soft Binding Resolution API)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Who is told of verdicts, signings and finished jobs."""

    url: str
    """https; what is not public must be allowed by `service.webhook_networks`."""
    secret_file: str = field(repr=False)
    """File with one secret a line (`whsec_…`): all of them sign, so that one can be replaced by the next."""
    events: tuple[str, ...] = ()
    """Types of events; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """How `provenance serve` answers."""

    host: str = "127.0.0.1"
    port: int = 8780
    public_url: str = ""
    """What links in answers and events begin with; empty: the address of the request."""
    tls_certificate: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR) whose forwarded headers are believed."""
    workers: int = 0
    """Processes that look at files; 0: one for each core."""
    deadline: float = 30.0
    """Seconds for one file, and some more by its size."""
    memory: str = "2GB"
    """What a worker may take beyond what it has when it begins."""
    queue: int = 64
    """Requests that wait for a worker; more are answered with 429."""
    largest: str = "500MB"
    """Size of an upload, or of what an address answers."""
    open_verification: bool = True
    """Whoever reaches the service may verify; signing always takes a key."""
    open_resolution: bool = True
    """Manifests and the Soft Binding Resolution API are for everyone."""
    open_metrics: bool = False
    rate: str = "120/min"
    """Requests of one address without a key; `0`: no limit."""
    http_urls: bool = False
    """Addresses to verify may be plain http."""
    remote_manifests: bool = False
    """Manifests that files only name the address of are fetched."""
    keep_reports: int = 30
    """Days."""
    keep_jobs: int = 7
    """Days that results of finished jobs stay."""
    webhooks: tuple[WebhookSettings, ...] = ()
    webhook_networks: tuple[str, ...] = ()
    """Networks (CIDR) that receivers may be in although they are not public."""
    unsafe_unconfined: bool = False
    """Starts although workers cannot be kept from the network here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a workspace is made of; it travels to other processes, open keys do not."""

    home: str = ""
    """Folder of identities and trust lists."""
    signing: SigningSettings = field(default_factory=SigningSettings)
    timestamps: TimestampSettings = field(default_factory=TimestampSettings)
    trust: TrustSettings = field(default_factory=TrustSettings)
    verification: VerificationSettings = field(default_factory=VerificationSettings)
    batch: BatchSettings = field(default_factory=BatchSettings)
    catalogue: CatalogueSettings = field(default_factory=CatalogueSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises `SettingsError`, naming the file and the place in it.
    """
    env = os.environ if environment is None else environment
    named = env.get("PROVENANCE_SETTINGS")
    path = Path(named) if named else _folder("config") / "settings.toml"
    settings = _read(path) if named or path.is_file() else Settings()
    home = env.get("PROVENANCE_HOME") or settings.home or str(_folder("data"))
    return replace(settings, home=str(Path(home).expanduser()))


def _read(path: Path) -> Settings:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"settings cannot be read: {reason}", path=path, hint="check PROVENANCE_SETTINGS"
        ) from error
    try:
        settings = codec.from_toml(text, Settings)
    except codec.DecodingError as error:
        raise SettingsError(str(error), path=path, hint="correct this line, or move the file away") from error
    _require_urls(settings.timestamps.urls, path)
    _require_resolvers(settings.catalogue.resolvers, path)
    _require_service(settings.service, path)
    if not 0 <= settings.signing.thumbnail <= LARGEST_THUMBNAIL:
        raise SettingsError(
            f"signing.thumbnail is {settings.signing.thumbnail}",
            path=path,
            hint=f"give 0 (none) to {LARGEST_THUMBNAIL} pixels",
        )
    try:
        parse_size(settings.batch.largest)
    except ValueError as error:
        raise SettingsError(f"batch.largest: {error}", path=path, hint="give a size such as 2GB") from error
    trust = settings.trust
    return replace(
        settings,
        trust=replace(
            trust,
            signers=tuple(str(path.parent / Path(item).expanduser()) for item in trust.signers),
            timestamps=tuple(str(path.parent / Path(item).expanduser()) for item in trust.timestamps),
            identities=tuple(str(path.parent / Path(item).expanduser()) for item in trust.identities),
        ),
    )


def parse_size(text: str) -> int:
    """Read a size such as `2GB`, `500MB`, `1.5 GB` or a number of bytes.

    Raises `ValueError`.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?)B?\s*", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f"{text!r} is not a size such as 2GB")
    return int(float(found[1]) * 1000 ** " KMGT".index(found[2].upper() or " "))


def _require_urls(urls: tuple[str, ...], path: Path) -> None:
    for url in urls:
        if not url.startswith(("https://", "http://")):
            raise SettingsError(
                f"timestamps.urls holds {url!r}, which is no address of an authority",
                path=path,
                hint="an address begins with https:// or http://",
            )


def _require_service(service: ServiceSettings, path: Path) -> None:
    checks: tuple[tuple[str, Callable[[Any], object], tuple[Any, ...]], ...] = (
        ("memory", parse_size, (service.memory,)),
        ("largest", parse_size, (service.largest,)),
        ("rate", parse_rate, (service.rate,)),
        ("trusted_proxies", ip_network, service.trusted_proxies),
        ("webhook_networks", ip_network, service.webhook_networks),
    )
    for name, check, values in checks:
        for value in values:
            try:
                check(value)
            except ValueError as error:
                raise SettingsError(f"service.{name}: {error}", path=path, hint="see docs/service.md") from error
    if bool(service.tls_certificate) != bool(service.tls_key):
        raise SettingsError("service.tls_certificate and service.tls_key belong together", path=path)


def _require_resolvers(urls: tuple[str, ...], path: Path) -> None:
    for number, url in enumerate(urls, 1):
        # The address itself may hold a password.
        if not url.startswith("https://") or "@" in url:
            raise SettingsError(
                f"number {number} of catalogue.resolvers is no address of a resolver",
                path=path,
                hint="an address begins with https://, and holds no user name or password",
            )


def _folder(kind: str) -> Path:
    import platformdirs  # noqa: PLC0415 -- not needed when the environment names the folders

    find = platformdirs.user_config_path if kind == "config" else platformdirs.user_data_path
    return find("provenance", appauthor=False)
