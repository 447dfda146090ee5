"""One set of settings with its trust lists, identities and authorities, opened as they are needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import __version__, verification
from provenance import settings as settings_file
from provenance.keys import IdentityStore
from provenance.manifests.reader import Keep
from provenance.model.claim import Generator
from provenance.model.policy import Policy
from provenance.policy import Need, needs
from provenance.storage import open_source
from provenance.workspace import asking, trusting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cryptography.x509 import Certificate

    from provenance.claims import SigningOptions
    from provenance.model.manifest import Signed
    from provenance.model.ports import ManifestSource, RevocationSource, Signer, TimeAuthority
    from provenance.model.revocation import RevocationAnswer
    from provenance.model.trust import Trust
    from provenance.model.verdict import Inspection, Verdict
    from provenance.settings import Settings
    from provenance.storage import Readable
    from provenance.trust.store import TrustStore


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _no_secret(_name: str) -> str | None:
    return None


class Workspace:
    """Where the parts are joined: it signs, verifies, and knows who may be trusted and asked."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        trust_files: Iterable[str | Path] = (),
        trust_lists: Iterable[str] = (),
        secret: Callable[[str], str | None] = _no_secret,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Take settings (by default the user's), more PEM files with roots, a way to ask for secrets, and a clock.

        `trust_lists` narrows the trust to these names (`Trust.narrowed`). `secret` is told in words what is asked for.
        The clock gives the time (aware) that claims state and certificates are checked at; the engine has its own.
        """
        self.settings = settings or settings_file.load()
        self.generator = Generator(name="provenance", version=__version__)
        self.now = clock
        self.secret = secret
        self._trust_files = tuple(trust_files)
        self._trust_lists = tuple(trust_lists)
        self._signers: dict[str, Signer] = {}
        self._policies: dict[str, Policy] = {}

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
            files=self._trust_files,
            only=self._trust_lists,
        )

    def policy(self, name: str | Path | None = None) -> Policy:
        """Read a policy by its name or file; without one, that of the settings.

        Raises `SettingsError` for one that is not there or says something that cannot be understood.
        """
        given = str(name) if name else ""
        if given not in self._policies:
            from provenance.workspace import judging  # noqa: PLC0415 -- only who judges needs it

            default = self.settings.verification.policy
            self._policies[given] = judging.load(name, home=Path(self.settings.home), default=default)
        return self._policies[given]

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

    def inspect(
        self,
        source: Readable,
        *,
        online: bool = False,
        digest: bool = False,
        as_of: datetime | None = None,
        keep: Keep = Keep.NOTHING,
        needs: Need = Need.NOTHING,
    ) -> Inspection:
        """Collect the facts about a file's credentials.

        `online` allows fetching remote manifests and asking whether certificates are revoked, `as_of` (aware) asks for
        the state on another day; `keep` says what is handed on besides the report, `needs` what a policy asks for.
        Raises `MediaError` when the file cannot be read or cannot carry credentials, `SettingsError` for bad trust or
        a day to come.
        """
        questions = verification.Questions(
            remote=self.manifest_source if online else None,
            revocation=self.revocation_source if online else None,
            as_of=as_of,
            digest=digest,
            keep=keep,
            needs=needs,
        )
        return verification.inspect(open_source(source), trust=self.trust, at=self.now(), questions=questions)

    def verify(
        self,
        source: Readable,
        *,
        policy: Policy | str | Path | None = None,
        online: bool = False,
        digest: bool = False,
        as_of: datetime | None = None,
        keep: Keep = Keep.NOTHING,
    ) -> Verdict:
        """Inspect a file and judge what was found by a policy: one that was read, its name or file, or the usual one.

        Raises as `inspect` and `policy` do.
        """
        chosen = policy if isinstance(policy, Policy) else self.policy(policy)
        found = self.inspect(source, online=online, digest=digest, as_of=as_of, keep=keep, needs=needs(chosen))
        return verification.verify(found, chosen)

    def sign(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        options: SigningOptions | None = None,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Sign a file; the result is read back and verified before it appears.

        `output` is a file or a folder; by default `photo.jpg` becomes `photo.signed.jpg` beside it, and bytes are
        signed in memory. Naming the source itself as output needs `overwrite`. Raises `MediaError`, `SigningError`,
        `TimestampError`, `OutputError` or `SettingsError`; nothing is left behind then.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.sign(self, source, output, options=options, signer=signer, overwrite=overwrite)

    def timestamp(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Add a trusted time to a signed file, in an update manifest: the content and its history stay as they are.

        By default `photo.jpg` becomes `photo.stamped.jpg`. Raises `TimestampError` when no authority answers, else as
        `sign`, and `ManifestError` for a file without credentials.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.timestamp(self, source, output, signer=signer, overwrite=overwrite)

    def refresh(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Add what responders say now about the certificates of a signed file, in an update manifest.

        It asks over the network. By default `photo.jpg` becomes `photo.refreshed.jpg`. Raises `AuthorityError` when no
        answer could be kept, else as `timestamp`.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.refresh(self, source, output, signer=signer, overwrite=overwrite)

    def extract(self, source: Readable, output: str | Path, *, overwrite: bool = False) -> Inspection:
        """Write a file's manifest store to a sidecar, as it is.

        Raises `ManifestError` when there is none.
        """
        inspection = self.inspect(source, keep=Keep.STORE)
        from provenance.workspace import moving  # noqa: PLC0415 -- only who moves credentials needs it

        moving.extract(inspection, Path(output), overwrite=overwrite)
        return inspection

    def attach(self, source: Readable, sidecar: str | Path, output: str | Path, *, overwrite: bool = False) -> None:
        """Put a sidecar's manifest store into a file, where it still matches.

        Raises `ManifestError` where it does not, or where the file has credentials already.
        """
        from provenance.workspace import moving  # noqa: PLC0415 -- only who moves credentials needs it

        moving.attach(open_source(source), open_source(sidecar), Path(output), trust=self.trust, overwrite=overwrite)

    def strip(self, source: Readable, output: str | Path, *, overwrite: bool = False) -> None:
        """Write a file without its embedded credentials.

        Raises `ManifestError` when there are none, or when they cannot be removed.
        """
        from provenance.workspace import moving  # noqa: PLC0415 -- only who moves credentials needs it

        moving.strip(open_source(source), Path(output), trust=self.trust, overwrite=overwrite)

    def with_author(self, options: SigningOptions) -> SigningOptions:
        """Fill in the author of the settings where the options name none."""
        author = self.settings.signing.author
        return replace(options, author=author) if options.author is None and author else options
