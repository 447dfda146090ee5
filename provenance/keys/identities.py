"""A directory of identities: one subdirectory each, with key, chain, root and what is known about them.

    identities/
      default              the slug of the default identity
      example-news/        0700
        key.pem            0600, PKCS#8; not there when the key lives elsewhere
        chain.pem          leaf first, without the root
        root.pem           what must be trusted for the identity to be trusted, when it is known
        request.pem        a certificate request that was not answered yet
        identity.json      name, algorithm, validity, where the key is: what can be said without opening anything
        previous/          what was replaced, one subdirectory each

An identity appears whole or not at all, changes in one step, and goes the same way. Looking at identities needs no
cryptography, so that the library for it is loaded only where something is issued or opened.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from provenance.errors import KeyUnavailable, NoIdentity, OutputError, SigningError
from provenance.keys.identity import DEFAULT_FILE, PREVIOUS, Identity, fold, read_identity, read_pem, slug_of
from provenance.keys.keeping import Material, replace_file, rewrite_identity, write_identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from provenance.keys.bound import BoundSigner
    from provenance.keys.secrets import Secret
    from provenance.model.ports import Algorithm

HOW_TO_MAKE_ONE: Final = "make one with `provenance identity new NAME`"


@dataclass(frozen=True, slots=True)
class IdentityStore:
    """The identities in one directory, which need not exist before the first is created."""

    directory: Path

    def create(self, name: str, *, algorithm: Algorithm, days: int, passphrase: str | None, at: datetime) -> Identity:
        """Issue a development identity and keep it; the first one becomes the default.

        Raises `SigningError` for a name that is taken or cannot be used, `OutputError` when it cannot be
        written; nothing is left behind then. With a passphrase the private key is encrypted.
        """
        from provenance.keys.authority import issue_development_identity  # noqa: PLC0415 - brings in cryptography

        self.require_free(name)
        issued = issue_development_identity(name, algorithm=algorithm, days=days, at=at, passphrase=passphrase)
        return self.add(issued.material(), at=at)

    def add(self, material: Material, *, at: datetime) -> Identity:
        """Keep a new identity; the first that can sign becomes the default.

        Raises `SigningError` for a name that is taken, `OutputError` when it cannot be written; nothing is left behind
        then.
        """
        slug = slug_of(material.name)
        self.require_free(material.name)
        try:
            write_identity(self.directory / slug, material, at=at)
        except OSError as error:
            # Another process may have taken the name meanwhile.
            self.require_free(material.name)
            raise OutputError(
                f"the identity {material.name} cannot be kept here: {error.strerror}",
                path=self.directory,
                hint="check that the directory can be written and the disk has room; nothing was left behind",
            ) from error
        if material.chain_pem and not (self.directory / DEFAULT_FILE).exists():
            self.set_default(slug)
        return self.get(slug)

    def replace(self, identity: Identity, material: Material, *, at: datetime) -> Identity:
        """Give an identity other certificates, another key or another request; what it had goes to `previous/`.

        `at` names what is replaced. Raises `OutputError` when it cannot be written; everything is as it was then.
        """
        try:
            rewrite_identity(identity, material, at=at)
        except OSError as error:
            raise OutputError(
                f"the identity {identity.name} cannot be changed: {error.strerror}",
                path=identity.directory,
                hint="check that the directory can be written and the disk has room; it is as it was",
            ) from error
        if material.chain_pem and not (self.directory / DEFAULT_FILE).exists():
            self.set_default(identity.slug)
        return self.get(identity.slug)

    def names(self) -> tuple[str, ...]:
        """List the names of all identities, sorted; a damaged one is listed by its slug."""
        return tuple(sorted(self._named().values(), key=str.casefold))

    def get(self, name: str) -> Identity:
        """Return the identity of this name or slug.

        Raises `NoIdentity` with what there is instead, `KeyUnavailable` when its files are damaged.
        """
        found = self.find(name)
        if found is not None:
            return found
        names, wanted = self.names(), fold(name)
        if not names:
            raise NoIdentity("there is no identity yet", path=self.directory, hint=HOW_TO_MAKE_ONE)
        close = get_close_matches(wanted, [fold(known) for known in names], n=1)
        meant = next((known for known in names if fold(known) in close), None)
        there = f"did you mean {meant}?" if meant else f"there are: {', '.join(names)}"
        raise NoIdentity(
            f"there is no identity named {name!r}", path=self.directory, hint=f"{there}; or {HOW_TO_MAKE_ONE}"
        )

    def find(self, name: str) -> Identity | None:
        """Return the identity of this name or slug, if there is one. Raises as `get` does."""
        wanted = fold(name)
        for slug, known in self._named().items():
            if name == slug or fold(known) == wanted:
                return read_identity(self.directory / slug)
        return None

    def remove(self, name: str) -> None:
        """Delete an identity with its private key, beyond recovery.

        What it signed stays as it is, but its root is no longer in `roots()`. Raises `NoIdentity` when there
        is none.
        """
        slug = self._slug(name)
        # A rename first: half an identity is never seen.
        doomed = self.directory / f".removed-{slug}-{token_hex(4)}"
        try:
            if self._chosen() == slug:
                (self.directory / DEFAULT_FILE).unlink(missing_ok=True)
            (self.directory / slug).rename(doomed)
            shutil.rmtree(doomed)
        except OSError as error:
            raise OutputError(
                f"the identity {name} cannot be removed: {error.strerror}",
                path=self.directory / slug,
                hint="check who owns the directory",
            ) from error

    def default(self) -> Identity:
        """Return the chosen identity, or the first created that can sign when none is chosen.

        Raises `NoIdentity` when there is none at all, or none that can sign yet.
        """
        slugs = self._slugs()
        if not slugs:
            raise NoIdentity("there is no identity yet", path=self.directory, hint=HOW_TO_MAKE_ONE)
        chosen = self._chosen()
        if chosen in slugs:
            return read_identity(self.directory / chosen)
        known = [read_identity(self.directory / slug) for slug in slugs]
        ready = [item for item in known if not item.waiting]
        if not ready:
            raise NoIdentity(
                f"no identity can sign yet: {known[0].name} waits for its certificate",
                path=self.directory,
                hint=_how_to_answer(known[0]),
            )
        return min(ready, key=lambda item: (item.created_at, item.slug))

    def set_default(self, name: str) -> None:
        """Choose the identity that signs when none is named.

        Raises `NoIdentity` when there is none such, `KeyUnavailable` for one that cannot sign yet.
        """
        identity = _ready(self.get(name))
        try:
            replace_file(self.directory / DEFAULT_FILE, 0o644, f"{identity.slug}\n".encode("ascii"))
        except OSError as error:
            raise OutputError(
                f"the default identity cannot be written: {error.strerror}",
                path=self.directory / DEFAULT_FILE,
                hint="check that the directory can be written",
            ) from error

    def open(self, name: str, *, secret: Secret) -> BoundSigner:
        """Open the private key of an identity.

        `secret` is asked, in words, for what the key takes, and only then. Raises `NoIdentity`, `KeyUnavailable` (also
        for an identity that waits for its certificate, and when others on this machine may read the key), `WrongSecret`
        or what else the place of the key says.
        """
        from provenance.keys.open import open_key  # noqa: PLC0415 - brings in cryptography

        identity = _ready(self.get(name))
        chain = read_pem(identity.chain_path)
        return open_key(identity.key, chain, name=identity.name, secret=secret, base=identity.directory)

    def roots(self) -> tuple[tuple[str, str], ...]:
        """List name and root (PEM) of every development identity, for trusting them on this machine.

        Those from before a renewal count too: their keys are gone, and what was signed under them stays.
        """
        identities = [read_identity(self.directory / slug) for slug in self._slugs()]
        found = (state for item in identities for state in (item, *_previous(item)) if state.development)
        return tuple((item.name, read_pem(item.root_path)) for item in found if item.root_path)

    def _slugs(self) -> tuple[str, ...]:
        try:
            found = [item.name for item in self.directory.iterdir() if item.is_dir() and item.name[0] != "."]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise KeyUnavailable(
                f"the identities cannot be read: {error.strerror}",
                path=self.directory,
                hint="check who owns it",
            ) from error
        return tuple(sorted(found))

    def _named(self) -> dict[str, str]:
        """Map slug to name."""
        named = {}
        for slug in self._slugs():
            try:
                named[slug] = read_identity(self.directory / slug).name
            except KeyUnavailable:
                named[slug] = slug
        return named

    def _slug(self, name: str) -> str:
        """Return the slug of an identity that is there, be it damaged or not."""
        return name if name in self._slugs() else self.get(name).slug

    def _chosen(self) -> str:
        try:
            return (self.directory / DEFAULT_FILE).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def require_free(self, name: str) -> None:
        """Refuse a name that is taken already. Raises `SigningError`."""
        slug = slug_of(name)
        taken = self._named().get(slug)
        if taken is not None:
            raise SigningError(
                f"there is an identity named {taken} already",
                path=self.directory / slug,
                hint="choose another name, or remove that one first",
            )


def _ready(identity: Identity) -> Identity:
    if identity.waiting:
        raise KeyUnavailable(
            f"the identity {identity.name} cannot sign yet: it waits for its certificate",
            path=identity.request_path,
            hint=_how_to_answer(identity),
        )
    return identity


def _how_to_answer(identity: Identity) -> str:
    return f"import what the authority answered: provenance identity import {identity.slug} --cert FILE"


def _previous(identity: Identity) -> Iterator[Identity]:
    for path in sorted((identity.directory / PREVIOUS).glob("*")):
        # One that is damaged is not trusted; it must not keep the others from being used.
        with suppress(KeyUnavailable):
            yield read_identity(path)
