"""One identity: its files, its name as a directory, and what can be said about it without opening its key."""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from provenance.errors import KeyUnavailable
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_FILE = "default"
"""Beside the identities: the slug of the one that signs when none is named."""

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
    not_after: datetime
    """The end of its certificate's validity."""
    development: bool
    """True when its root was made on this machine."""
    organisation: str
    """What the certificate's subject says: others see this."""
    fingerprint: str
    """SHA-256 of the certificate, lower-case hexadecimal."""

    @property
    def key_path(self) -> Path:
        """The file of the private key."""
        return self.directory / "key.pem"

    @property
    def chain_path(self) -> Path:
        """The file of the certificates, leaf first."""
        return self.directory / "chain.pem"

    @property
    def root_path(self) -> Path:
        """The file of the root certificate."""
        return self.directory / "root.pem"


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


def describe(name: str, chain_pem: str, *, algorithm: Algorithm, at: datetime) -> dict[str, object]:
    """Return what `identity.json` says of a new development identity."""
    from cryptography import x509  # noqa: PLC0415 - only when an identity is made
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    leaf = x509.load_pem_x509_certificate(chain_pem.encode("ascii"))
    organisation = leaf.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value
    return {
        "name": name,
        "algorithm": algorithm.value,
        "created_at": at.isoformat(),
        "not_after": leaf.not_valid_after_utc.isoformat(),
        "development": True,
        "organisation": organisation,
        "fingerprint": leaf.fingerprint(SHA256()).hex(),
    }


def read_identity(directory: Path) -> Identity:
    """Read `identity.json`. Raises `KeyUnavailable` when it is missing or damaged."""
    path = directory / "identity.json"
    try:
        about = json.loads(path.read_bytes())
        return Identity(
            name=str(about["name"]),
            slug=directory.name,
            directory=directory,
            algorithm=Algorithm(about["algorithm"]),
            created_at=datetime.fromisoformat(about["created_at"]),
            not_after=datetime.fromisoformat(about["not_after"]),
            development=bool(about["development"]),
            organisation=str(about["organisation"]),
            fingerprint=str(about["fingerprint"]),
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


def require_private(path: Path) -> None:
    """Refuse a key file that group or others may touch, where modes exist. Raises `KeyUnavailable`."""
    if os.name != "posix":
        return
    try:
        mode = path.stat().st_mode
    except OSError:
        # Opening it says what is wrong.
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnavailable(
            f"others on this machine may read this private key (mode {stat.S_IMODE(mode):04o})",
            path=path,
            hint=f"run `chmod 600 {path}`",
        )


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a new file that has its mode from the first moment, down to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
