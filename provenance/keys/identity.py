"""One identity: its name as a directory, its files, and what can be said about it without opening its key."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from provenance.errors import KeyUnavailable
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_FILE: Final = "default"
"""Beside the identities: the slug of the one that signs when none is named."""
ABOUT_FILE: Final = "identity.json"
"""In an identity: what it is, and which of the files beside it count."""
PREVIOUS: Final = "previous"
"""In an identity: a directory for each state that was replaced, with all its files."""

_LONGEST_SLUG = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is known about an identity without opening its key."""

    name: str
    slug: str
    """The name of its directory."""
    directory: Path
    algorithm: Algorithm
    created_at: datetime
    not_after: datetime | None
    """The end of its certificate's validity; `None` while it waits for one."""
    development: bool
    """True when its root was made on this machine."""
    organisation: str
    """What the certificate's subject says: others see this."""
    fingerprint: str | None
    """SHA-256 of the certificate, lower-case hexadecimal; `None` while it waits for one."""
    key: str = "file:key.pem"
    """Where the private key lives, as a URI; a path is relative to the directory."""
    chain: str | None = "chain.pem"
    """The file of the certificates, leaf first."""
    root: str | None = "root.pem"
    """The file of the root certificate; `None` when it is not known."""
    request: str | None = None
    """The file of a certificate request that was not answered yet."""
    request_key: str | None = None
    """Where the key of that request lives, when it is another than `key`."""

    @property
    def waiting(self) -> bool:
        """Say whether it cannot sign yet, because its request was not answered."""
        return self.chain is None

    @property
    def key_path(self) -> Path | None:
        """The file of the private key; `None` when that lives elsewhere."""
        scheme, _, path = self.key.partition(":")
        return self.directory / unquote(path) if scheme == "file" else None

    @property
    def key_place(self) -> str:
        """Where the private key lives, for people: without what could be a secret."""
        return place_of(self.key)

    @property
    def chain_path(self) -> Path:
        """The file of the certificates, which is not there yet while it waits for them."""
        return self.directory / (self.chain or "chain.pem")

    @property
    def root_path(self) -> Path | None:
        """The file of the root certificate, when it is known."""
        return self.directory / self.root if self.root else None

    @property
    def request_path(self) -> Path | None:
        """The file of the certificate request that was not answered yet."""
        return self.directory / self.request if self.request else None


def place_of(uri: str) -> str:
    """Return the address of a key without what could be a secret: who asks with which password, PINs, queries."""
    if uri.startswith(("file:", "pkcs12:")):
        return uri
    return re.sub(r"//[^/@]*@", "//", uri.partition("?")[0])


def slug_of(name: str) -> str:
    """Return a directory name for any name: ASCII letters, digits and hyphens, the same for the same name.

    Where letters get lost a part of a hash stands for them, so that different names stay different; names
    that differ only in case or in space for hyphen share one on purpose.
    """
    folded = fold(name)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", errors="ignore").decode("ascii")
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    if slug == folded.replace(" ", "-") and slug != DEFAULT_FILE:
        return slug
    return f"{slug or 'identity'}-{sha256(folded.encode('utf-8', errors='surrogatepass')).hexdigest()[:8]}"


def fold(name: str) -> str:
    """Return the form in which names are compared."""
    return unicodedata.normalize("NFKC", name).casefold()


def read_identity(directory: Path) -> Identity:
    """Read `identity.json`. Raises `KeyUnavailable` when it is missing or damaged."""
    path = directory / ABOUT_FILE
    try:
        about = json.loads(path.read_bytes())
        end, fingerprint = about["not_after"], about["fingerprint"]
        return Identity(
            name=str(about["name"]),
            slug=directory.name,
            directory=directory,
            algorithm=Algorithm(about["algorithm"]),
            created_at=datetime.fromisoformat(about["created_at"]),
            not_after=None if end is None else datetime.fromisoformat(end),
            development=bool(about["development"]),
            organisation=str(about["organisation"]),
            fingerprint=None if fingerprint is None else str(fingerprint),
            # What the first identities did not say, because there was one answer only.
            key=str(about.get("key", "file:key.pem")),
            chain=about.get("chain", "chain.pem"),
            root=about.get("root", "root.pem"),
            request=about.get("request"),
            request_key=about.get("request_key"),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyUnavailable(
            "the description of this identity is missing or damaged",
            path=path,
            hint="restore it from a copy, or remove the identity and make a new one",
        ) from error


def read_pem(path: Path) -> str:
    """Read a certificate of an identity. Raises `KeyUnavailable` when it is missing or damaged."""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnavailable(
            "this file of an identity is missing or damaged",
            path=path,
            hint="restore it, or remove the identity",
        ) from error
