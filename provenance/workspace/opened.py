"""What a workspace has at hand: settings turned into trust, keys and authorities, opened as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import __version__
from provenance import settings as settings_file
from provenance.catalogue.places import WAITING, is_kept, url_of
from provenance.keys import IdentityStore
from provenance.model.claim import Generator
from provenance.workspace import asking, trusting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.x509 import Certificate

    from provenance.catalogue import Catalogue
    from provenance.catalogue.recorder import Recorder
    from provenance.catalogue.spool import Spool
    from provenance.model.policy import Policy
    from provenance.model.ports import ManifestSource, RevocationSource, Signer, TimeAuthority
    from provenance.model.record import Recording
    from provenance.model.revocation import RevocationAnswer
    from provenance.model.trust import Trust
    from provenance.model.verdict import Inspection, Verdict
    from provenance.settings import Settings
    from provenance.trust.store import TrustStore
    from provenance.watermarks import Watermarks
    from provenance.workspace.judging import Policies
    from provenance.workspace.prints import Prints


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _no_secret(_name: str) -> str | None:
    return None


Keeper = Callable[[Sequence["Recording"]], str | None]
"""Takes recordings of what was signed; returns what the user must know of them, such as that they wait."""


class Secrets:
    """A way to ask for secrets that keeps what it was given, for processes that open the same keys."""

    def __init__(self, ask: Callable[[str], str | None]) -> None:
        self._ask = ask
        self.given: dict[str, str] = {}
        """By what was asked for."""

    def __call__(self, what: str) -> str | None:
        """Ask."""
        found = self._ask(what)
        if found is not None:
            self.given[what] = found
        return found


class Opened:
    """Settings, and what they name."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        trust_files: Iterable[str | Path] = (),
        trust_lists: Iterable[str] = (),
        secret: Callable[[str], str | None] = _no_secret,
        clock: Callable[[], datetime] = _now,
        recorder: Keeper | None = None,
    ) -> None:
        """Take settings (by default the user's), more PEM files with roots, a way to ask for secrets, and a clock.

        `trust_lists` narrows the trust to these names (`Trust.narrowed`). `secret` is told in words what is asked for.
        The clock gives the time (aware) that claims state and certificates are checked at; the engine has its own.
        `recorder` takes what is to be entered into the catalogue, in place of the catalogue itself.
        """
        self.settings = settings or settings_file.load()
        self.generator = Generator(name="provenance", version=__version__)
        self.now = clock
        self.secret = Secrets(secret)
        self.trust_files = tuple(trust_files)
        self.trust_lists = tuple(trust_lists)
        self.recorder = recorder or self._enter
        self._signers: dict[str, Signer] = {}

    @property
    def identities(self) -> IdentityStore:
        """The identities of this workspace."""
        return IdentityStore(Path(self.settings.home) / "identities")

    @property
    def trust_store(self) -> TrustStore:
        """The trust lists that are installed in this workspace."""
        from provenance.trust.store import TrustStore  # noqa: PLC0415 -- only where lists are managed

        return TrustStore(Path(self.settings.home) / "trust")

    @cached_property
    def trust(self) -> Trust:
        """All trust lists that count.

        Raises `SettingsError` for a list that cannot be used.
        """
        return trusting.assembled(
            self.settings,
            identities=self.identities,
            at=self.now(),
            files=self.trust_files,
            only=self.trust_lists,
        )

    @property
    def keeps_catalogue(self) -> bool:
        """Whether what is signed is entered into a catalogue."""
        return self.recorder != self._enter or self.enters_itself

    @property
    def enters_itself(self) -> bool:
        """Whether it has a catalogue, and nobody else takes what is to be entered there."""
        return self.recorder == self._enter and is_kept(self.settings.catalogue.url, self.settings.home)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue of this workspace, opened. Raises `CatalogueError`."""
        from provenance.catalogue import Catalogue  # noqa: PLC0415 -- brings in SQLAlchemy, an extra

        return Catalogue.open(url_of(self.settings.catalogue.url, self.settings.home))

    def _enter(self, recordings: Sequence[Recording]) -> str | None:
        from provenance.workspace import cataloguing  # noqa: PLC0415 -- only where a catalogue is kept

        return cataloguing.enter(self, recordings)

    @cached_property
    def entering(self) -> Recorder:
        """What enters into the catalogue, at once or later."""
        from provenance.catalogue.recorder import Recorder  # noqa: PLC0415 -- brings in SQLAlchemy, an extra

        return Recorder(url_of(self.settings.catalogue.url, self.settings.home), self.spool)

    @cached_property
    def prints(self) -> Prints:
        """The fingerprints of the catalogue. Raises `CatalogueError`."""
        from provenance.workspace.prints import Prints  # noqa: PLC0415 -- brings in numpy, an extra

        return Prints(self)

    @cached_property
    def watermarks(self) -> Watermarks:
        """The plug-ins that read watermarks. Raises `SettingsError` for two that read the same."""
        from provenance import watermarks  # noqa: PLC0415 -- only where pictures are to be found again

        return watermarks.installed()

    @cached_property
    def spool(self) -> Spool:
        """Where recordings wait for a catalogue that cannot be written just now."""
        from provenance.catalogue.spool import Spool  # noqa: PLC0415 -- only where a catalogue is kept

        return Spool(Path(self.settings.home) / WAITING)

    @cached_property
    def policies(self) -> Policies:
        """The policies of this workspace, and what decides their conditions."""
        from provenance.workspace.judging import Policies  # noqa: PLC0415 -- only who judges needs it

        return Policies(self.settings)

    def policy(self, name: str | Path | None = None) -> Policy:
        """Read a policy by its name or file; without one, that of the settings. Raises as `Policies.policy` does."""
        return self.policies.policy(name)

    def judge(self, inspection: Inspection, policy: Policy) -> Verdict:
        """Judge what was found by a policy. Raises `SettingsError` for conditions that nobody can decide here."""
        return self.policies.verdict(inspection, policy)

    @cached_property
    def time_authority(self) -> TimeAuthority:
        """The time-stamp authorities of the settings. Raises `TimestampError` when none is set up."""
        return asking.time(self.settings.timestamps, self.trust, clock=self.now)

    @cached_property
    def manifest_source(self) -> ManifestSource:
        """What fetches remote manifests."""
        return asking.manifests()

    @cached_property
    def revocation_source(self) -> RevocationSource:
        """What asks whether certificates are revoked."""
        return asking.revocation(clock=self.now)

    def list_fetcher(self) -> Callable[[str], bytes]:
        """Return what fetches trust lists; it raises `FetchError`."""
        return asking.lists()

    def signer(self, name: str | None = None) -> Signer:
        """Open an identity: the named one, the one of the settings, or the default.

        Raises `NoIdentity`, `KeyUnavailable`, `WrongSecret` or `UnsuitableCertificate`.
        """
        chosen = name or self.settings.signing.identity
        identity = self.identities.get(chosen) if chosen else self.identities.default()
        if identity.slug not in self._signers:
            opened = self.identities.open(identity.slug, secret=self.secret)
            self._signers[identity.slug] = self._checked(opened, identity.chain_path)
        return self._signers[identity.slug]

    def signer_at(self, key: str, chain: str | Path | None = None) -> Signer:
        """Open a private key by its path or URI, with its chain from a PEM file or, without one, from its own place.

        Raises `KeyUnavailable`, `WrongSecret` or `UnsuitableCertificate`.
        """
        from provenance.keys import open_files, open_key  # noqa: PLC0415 -- brings in cryptography

        name = Path(key).name
        if chain is None:
            return self._checked(open_key(key, "", name=name, secret=self.secret), Path(key))
        return self._checked(open_files(key, chain, name=name, secret=self.secret), Path(chain))

    def _checked(self, signer: Signer, path: Path) -> Signer:
        """Name what is wrong with a certificate before anything is signed: the engine would not."""
        from provenance.keys import parse_chain, require_suitable  # noqa: PLC0415 -- brings in cryptography

        require_suitable(parse_chain(signer.chain_pem, path=path), at=self.now(), path=path)
        return signer

    def revocation(self, chain: Sequence[Certificate]) -> RevocationAnswer:
        """Ask the responders that certificates (leaf first) name whether they are revoked, over the network."""
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 -- heavy

        from provenance.trust.paths import issuer_of  # noqa: PLC0415 -- brings in cryptography

        encoded = [item.public_bytes(Encoding.DER) for item in chain]
        issuer = issuer_of(encoded[-1], encoded, self.trust)
        whole = encoded if issuer is None or issuer in encoded else [*encoded, issuer]
        return self.revocation_source.ask_chain(whole)
