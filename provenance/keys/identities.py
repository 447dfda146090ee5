"""A directory of identities: one subdirectory each, with key, chain, root and what is known about them.

    identities/
      default              the slug of the default identity
      example-news/        0700
        key.pem            0600, PKCS#8
        chain.pem          leaf first, without the root
        root.pem           what must be trusted for the identity to be trusted
        identity.json      name, algorithm, validity: what can be said without opening anything

An identity appears whole or not at all, and goes the same way. Looking at identities needs no cryptography,
so that the library for it is loaded only where something is issued or opened.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from difflib import get_close_matches
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from provenance.errors import KeyUnavailable, NoIdentity, OutputError, SigningError
from provenance.keys.identity import (
    DEFAULT_FILE,
    Identity,
    describe,
    fold,
    read_identity,
    read_pem,
    require_private,
    slug_of,
    write_new,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from provenance.model.ports import Algorithm, Signer

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

        slug = slug_of(name)
        self._require_free(slug)
        issued = issue_development_identity(name, algorithm=algorithm, days=days, at=at, passphrase=passphrase)
        about = describe(name, issued.chain_pem, algorithm=algorithm, at=at)
        files = {
            "key.pem": (0o600, issued.key_pem),
            "chain.pem": (0o644, issued.chain_pem.encode("ascii")),
            "root.pem": (0o644, issued.root_pem.encode("ascii")),
            "identity.json": (0o644, json.dumps(about, ensure_ascii=False, indent=2).encode("utf-8") + b"\n"),
        }
        try:
            self._place(slug, files)
        except OSError as error:
            # Another process may have taken the name meanwhile.
            self._require_free(slug)
            raise OutputError(
                f"the identity {name} cannot be kept here: {error.strerror}",
                path=self.directory,
                hint="check that the directory can be written and the disk has room; nothing was left behind",
            ) from error
        if not (self.directory / DEFAULT_FILE).exists():
            self.set_default(slug)
        return self.get(slug)

    def names(self) -> tuple[str, ...]:
        """List the names of all identities, sorted; a damaged one is listed by its slug."""
        return tuple(sorted(self._named().values(), key=str.casefold))

    def get(self, name: str) -> Identity:
        """Return the identity of this name or slug.

        Raises `NoIdentity` with what there is instead, `KeyUnavailable` when its files are damaged.
        """
        named = self._named()
        wanted = fold(name)
        for slug, known in named.items():
            if name == slug or fold(known) == wanted:
                return read_identity(self.directory / slug)
        if not named:
            raise NoIdentity("there is no identity yet", path=self.directory, hint=HOW_TO_MAKE_ONE)
        names = self.names()
        close = get_close_matches(wanted, [fold(known) for known in names], n=1)
        meant = next((known for known in names if fold(known) in close), None)
        there = f"did you mean {meant}?" if meant else f"there are: {', '.join(names)}"
        raise NoIdentity(
            f"there is no identity named {name!r}", path=self.directory, hint=f"{there}; or {HOW_TO_MAKE_ONE}"
        )

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
        """Return the chosen identity, or the first created when none is chosen.

        Raises `NoIdentity` when there is none at all.
        """
        slugs = self._slugs()
        if not slugs:
            raise NoIdentity("there is no identity yet", path=self.directory, hint=HOW_TO_MAKE_ONE)
        chosen = self._chosen()
        if chosen in slugs:
            return read_identity(self.directory / chosen)
        return min(
            (read_identity(self.directory / slug) for slug in slugs),
            key=lambda item: (item.created_at, item.slug),
        )

    def set_default(self, name: str) -> None:
        """Choose the identity that signs when none is named. Raises `NoIdentity` when there is none such."""
        slug = self._slug(name)
        try:
            self._write_default(slug)
        except OSError as error:
            raise OutputError(
                f"the default identity cannot be written: {error.strerror}",
                path=self.directory / DEFAULT_FILE,
                hint="check that the directory can be written",
            ) from error

    def open(self, name: str, *, secret: Callable[[], str | None]) -> Signer:
        """Open the private key of an identity.

        `secret` is called only when the key is encrypted. Raises `NoIdentity`, `KeyUnavailable` (also when
        others on this machine may read the key) and `WrongSecret`.
        """
        from provenance.keys.files import open_key  # noqa: PLC0415 - brings in cryptography

        identity = self.get(name)
        require_private(identity.key_path)
        return open_key(identity.key_path, identity.chain_path, name=identity.name, secret=secret)

    def roots(self) -> tuple[tuple[str, str], ...]:
        """List name and root (PEM) of every development identity, for trusting them on this machine."""
        identities = (read_identity(self.directory / slug) for slug in self._slugs())
        return tuple((item.name, read_pem(item.root_path)) for item in identities if item.development)

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

    def _require_free(self, slug: str) -> None:
        taken = self._named().get(slug)
        if taken is not None:
            raise SigningError(
                f"there is an identity named {taken} already",
                path=self.directory / slug,
                hint="choose another name, or remove that one first",
            )

    def _place(self, slug: str, files: Mapping[str, tuple[int, bytes]]) -> None:
        """Write all files beside the place where they belong and move them there in one step."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.directory / f".new-{slug}-{token_hex(4)}"
        draft.mkdir(mode=0o700)
        try:
            for file_name, (mode, content) in files.items():
                write_new(draft / file_name, content, mode=mode)
            # Renaming a directory never replaces another one that holds something.
            draft.rename(self.directory / slug)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _write_default(self, slug: str) -> None:
        draft = self.directory / f".default-{token_hex(4)}"
        write_new(draft, f"{slug}\n".encode("ascii"), mode=0o644)
        draft.replace(self.directory / DEFAULT_FILE)
