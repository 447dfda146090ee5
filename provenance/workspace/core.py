"""Settings turned into trust and open keys: the place where the parts are joined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from provenance import __version__, signing, verification
from provenance import settings as settings_file
from provenance.claims import SigningOptions
from provenance.errors import ManifestError, about
from provenance.keys import IdentityStore
from provenance.model.claim import Carrier, Generator
from provenance.model.trust import Purpose, Trust
from provenance.storage import Source, open_source, publish, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from provenance.manifests.formats import Format
    from provenance.model.manifest import Signed
    from provenance.model.ports import ManifestSource, Signer
    from provenance.model.trust import TrustList
    from provenance.model.verdict import Inspection, Verdict
    from provenance.settings import Settings

Readable = str | Path | bytes | BinaryIO
DEVELOPMENT = "development"
"""Name of the trust list that holds the roots of this machine's own development identities."""


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _no_secret(_name: str) -> str | None:
    return None


class Workspace:
    """One set of settings with its trust lists and identities, opened as they are needed."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        trust_files: Iterable[str | Path] = (),
        secret: Callable[[str], str | None] = _no_secret,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Take settings (by default the user's), more PEM files with roots, a way to ask for passphrases, and a clock.

        The clock gives the time (aware) that claims state and certificates are checked at; the engine has its own.
        """
        self.settings = settings or settings_file.load()
        self.generator = Generator(name="provenance", version=__version__)
        self._trust_files = tuple(trust_files)
        self._secret = secret
        self._clock = clock
        self._signers: dict[str, Signer] = {}

    @property
    def identities(self) -> IdentityStore:
        """The identities of this workspace."""
        return IdentityStore(Path(self.settings.home) / "identities")

    @cached_property
    def trust(self) -> Trust:
        """All trust lists that are set up.

        Raises `SettingsError` for a list that cannot be used.
        """
        from provenance.trust import load_file  # noqa: PLC0415 -- only where a list is read

        wanted = self.settings.trust
        lists = [load_file(path, purpose=Purpose.SIGNER) for path in (*wanted.signers, *self._trust_files)]
        lists += [load_file(path, purpose=Purpose.TIMESTAMP) for path in wanted.timestamps]
        if wanted.development:
            lists += self._development_roots()
        return Trust(lists=tuple(_apart(lists)))

    def _development_roots(self) -> list[TrustList]:
        from provenance.trust import own_roots  # noqa: PLC0415 -- only where there are roots

        roots = self.identities.roots()
        if not roots:
            return []
        return [own_roots([pem for _, pem in roots], name=DEVELOPMENT, source=str(self.identities.directory))]

    def signer(self, name: str | None = None) -> Signer:
        """Open an identity: the named one, the one of the settings, or the default.

        Raises `NoIdentity`, `KeyUnavailable`, `WrongSecret` or `UnsuitableCertificate`.
        """
        chosen = name or self.settings.signing.identity
        identity = self.identities.get(chosen) if chosen else self.identities.default()
        if identity.slug not in self._signers:
            self._signers[identity.slug] = self._checked(
                self.identities.open(identity.slug, secret=lambda: self._secret(identity.name)),
                identity.chain_path,
            )
        return self._signers[identity.slug]

    def signer_from_files(self, key: str | Path, chain: str | Path) -> Signer:
        """Open a private key and its chain from PEM files.

        Raises `KeyUnavailable`, `WrongSecret` or `UnsuitableCertificate`.
        """
        from provenance.keys import open_key  # noqa: PLC0415 -- brings in cryptography

        name = Path(key).name
        return self._checked(open_key(key, chain, name=name, secret=lambda: self._secret(name)), Path(chain))

    def _checked(self, signer: Signer, path: Path) -> Signer:
        """Name what is wrong with a certificate before anything is signed: the engine would not."""
        from provenance.keys import parse_chain, require_suitable  # noqa: PLC0415 -- brings in cryptography

        require_suitable(parse_chain(signer.chain_pem, path=path), at=self._clock(), path=path)
        return signer

    def inspect(self, source: Readable, *, online: bool = False, digest: bool = False, raw: bool = False) -> Inspection:
        """Collect the facts about a file's credentials.

        Raises `MediaError` when the file cannot be read or cannot carry credentials, `SettingsError` for bad trust.
        """
        return verification.inspect(
            open_source(source),
            trust=self.trust,
            at=self._clock(),
            remote=_remote(online=online),
            digest=digest,
            raw=raw,
        )

    def verify(self, source: Readable, *, online: bool = False, digest: bool = False) -> Verdict:
        """Inspect a file and judge what was found."""
        return verification.verify(self.inspect(source, online=online, digest=digest))

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
        `OutputError` or `SettingsError`; nothing is left behind then.
        """
        options = options or SigningOptions()
        opened = self.signer(signer) if signer is None or isinstance(signer, str) else signer
        given = asset = open_source(source).held()
        if options.author is None and self.settings.signing.author:
            options = replace(options, author=self.settings.signing.author)
        found, ingredients = signing.gather(asset, options, trust=self.trust, remote=_remote(online=options.online))
        claim = signing.claim(asset, found.media, options, ingredients, generator=self.generator, at=self._clock())
        if options.drop_location:
            asset = _without_location(asset, found.media)
        if options.carrier is not Carrier.EMBEDDED and found.carrier is Carrier.EMBEDDED:
            asset = _without_store(asset, found.media)
        delivery = signing.plan(given, output, options, overwrite=overwrite, changed=asset is not given)
        return signing.sign(asset, claim, media=found.media, signer=opened, trust=self.trust, delivery=delivery)

    def extract(self, source: Readable, output: str | Path, *, overwrite: bool = False) -> Inspection:
        """Write a file's manifest store to a sidecar, as it is.

        Raises `ManifestError` when there is none.
        """
        inspection = self.inspect(source, raw=True)
        if inspection.store is None:
            raise ManifestError(inspection.facets.credential.reason, path=inspection.media.name)
        publish(inspection.store.data, Path(output), overwrite=overwrite)
        return inspection

    def attach(self, source: Readable, sidecar: str | Path, output: str | Path, *, overwrite: bool = False) -> None:
        """Put a sidecar's manifest store into a file, where it still matches.

        Raises `ManifestError` where it does not, or where the file has credentials already.
        """
        from provenance.keys import ephemeral_signer  # noqa: PLC0415 -- brings in cryptography
        from provenance.manifests import containers  # noqa: PLC0415 -- only for this

        asset = open_source(source)
        found = signing.look(asset, trust=self.trust, allow_broken=True, beside=False)
        if found.carrier is Carrier.EMBEDDED:
            raise ManifestError("has credentials already", path=asset.name, hint="remove them first: provenance strip")
        with about(asset.name):
            data = containers.attach(
                asset.read(),
                open_source(sidecar).read(),
                found.media.media_type,
                signer=ephemeral_signer(),
                trust=self.trust,
            )
        publish(data, Path(output), overwrite=overwrite)

    def strip(self, source: Readable, output: str | Path, *, overwrite: bool = False) -> None:
        """Write a file without its embedded credentials.

        Raises `ManifestError` when there are none, or when they cannot be removed.
        """
        asset = open_source(source)
        found = signing.look(asset, trust=self.trust, allow_broken=True, beside=False)
        if found.carrier is not Carrier.EMBEDDED:
            raise ManifestError("has no embedded credentials", path=asset.name, hint="there is nothing to remove")
        bare = _without_store(asset, found.media)
        with writing(Path(output), overwrite=overwrite, like=asset.path) as stream:
            stream.write(bare.read())


def _apart(lists: Iterable[TrustList]) -> Iterator[TrustList]:
    """Give lists of the same name different ones: a verdict names the list that it rests on."""
    seen: dict[str, int] = {DEVELOPMENT: 0}
    for item in lists:
        count = seen[item.name] = seen.get(item.name, 0) + 1
        name = item.name if item.local or (count == 1 and item.name != DEVELOPMENT) else f"{item.name}-{count}"
        yield replace(item, name=name)


def _without_location(asset: Source, media: Format) -> Source:
    from provenance.metadata import drop_location  # noqa: PLC0415 -- only for this

    with about(asset.name):
        data = drop_location(asset.read(), media.media_type)
    return asset if data == asset.data else replace(asset, data=data, size=len(data))


def _without_store(asset: Source, media: Format) -> Source:
    from provenance.keys import ephemeral_signer  # noqa: PLC0415 -- brings in cryptography
    from provenance.manifests import containers  # noqa: PLC0415 -- only for this

    with about(asset.name):
        data = containers.strip(asset.read(), media.media_type, signer=ephemeral_signer())
    return replace(asset, data=data, size=len(data))


def _remote(*, online: bool) -> ManifestSource | None:
    """Make the source of remote manifests, only when fetching was asked for."""
    if not online:
        return None
    from provenance.manifests.fetch import HttpsSource  # noqa: PLC0415 -- brings in httpx
    from provenance.network import Client  # noqa: PLC0415 -- only for this

    return HttpsSource(Client())


def sign(
    source: Readable,
    output: str | Path | None = None,
    *,
    options: SigningOptions | None = None,
    identity: str | None = None,
    overwrite: bool = False,
    workspace: Workspace | None = None,
) -> Signed:
    """Sign a path, bytes or an open binary file; see `Workspace.sign`.

    A workspace of one's own saves reading settings and opening keys for every file.
    """
    return (workspace or Workspace()).sign(source, output, options=options, signer=identity, overwrite=overwrite)


def inspect(
    source: Readable, *, online: bool = False, digest: bool = False, workspace: Workspace | None = None
) -> Inspection:
    """Collect the facts about the credentials of a path, bytes or an open binary file; see `Workspace.inspect`."""
    return (workspace or Workspace()).inspect(source, online=online, digest=digest)


def verify(
    source: Readable, *, online: bool = False, digest: bool = False, workspace: Workspace | None = None
) -> Verdict:
    """Inspect a path, bytes or an open binary file and judge what was found; see `Workspace.verify`."""
    return (workspace or Workspace()).verify(source, online=online, digest=digest)
