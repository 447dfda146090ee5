"""Private keys in files of their own: PKCS#8, encrypted or not, or traditional, in PEM or DER (`file:`).

No message and no `repr` here ever holds key material.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from provenance.errors import KeyUnavailable, WrongSecret
from provenance.keys.algorithms import PrivateKey, algorithm_of, sign
from provenance.keys.bound import unsuitable
from provenance.keys.reading import read

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from provenance.keys.algorithms import PublicKey
    from provenance.keys.secrets import Secret
    from provenance.model.ports import Algorithm

NO_ANSWER = "set PROVENANCE_PASSPHRASE, or run the command in a terminal to be asked for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSigner:
    """A private key held in memory, with a certificate chain that nobody compared with it: a `Signer`.

    It cannot be pickled: what crosses a process border is the path it was opened from.
    """

    name: str
    algorithm: Algorithm
    chain_pem: str = field(repr=False)
    """Certificates in PEM, leaf first, without the root."""
    private_key: PrivateKey = field(repr=False, compare=False)

    def sign(self, data: bytes) -> bytes:
        """Sign a whole message and return the signature.

        ECDSA signatures are DER; RSA is PSS with MGF1, one digest throughout and a salt as long as it (RFC
        8230).
        """
        return sign(self.private_key, data, self.algorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKey:
    """A private key that was read from a file and is held in memory: a `Key`."""

    place: str
    private_key: PrivateKey = field(repr=False, compare=False)
    chain_pem: str = field(default="", repr=False)
    """Certificates that were in the same file."""

    def public_key(self) -> PublicKey:
        """Return the public key that belongs to it."""
        return self.private_key.public_key()

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Sign a whole message; ECDSA signatures are DER."""
        return sign(self.private_key, data, algorithm)

    def close(self) -> None:
        """Do nothing: no file stays open."""


def key_at(uri: str, *, name: str, secret: Secret, base: Path | None = None) -> FileKey:
    """Open the private key at `file:PATH`, or at a path as it is; a relative path is one in `base`.

    `secret` is asked for the passphrase of `name` only when the key is encrypted. Raises `KeyUnavailable` for a file
    that cannot be used or that others may read, `WrongSecret` for a passphrase that does not open the key and
    `UnsuitableCertificate` for a key of a kind that the standard does not know.
    """
    return _load(path_of(uri, base), name, secret)


def path_of(uri: str, base: Path | None) -> Path:
    """Return the path in a URI such as `file:key.pem` or `pkcs12:/keys/desk.p12`, or a path as it is (RFC 8089).

    Raises `KeyUnavailable` for a file on another machine.
    """
    scheme, rest = re.fullmatch(r"(?s)(?:([A-Za-z][A-Za-z0-9+.-]+):)?(.*)", uri).groups()  # type: ignore[union-attr]
    if scheme:
        if rest.startswith("//"):
            host, slash, rest = rest[2:].partition("/")
            if host not in {"", "localhost"}:
                raise KeyUnavailable(
                    "this is a file on another machine", path=uri, hint=f"write {scheme}:/path or {scheme}:path"
                )
            rest = slash + rest
        rest = unquote(rest)
        if os.name == "nt":
            rest = re.sub(r"^/(?=[A-Za-z]:)", "", rest)
    path = Path(rest).expanduser() if rest.startswith("~/") else Path(rest)
    return path if base is None else base / path


def suitable(loaded: object, path: Path) -> PrivateKey:
    """Return a loaded private key. Raises `UnsuitableCertificate` for kinds that Content Credentials do not know."""
    if not isinstance(loaded, PrivateKey) or algorithm_of(loaded.public_key()) is None:
        raise unsuitable(loaded, str(path))
    return loaded


def _load(path: Path, name: str, secret: Secret) -> FileKey:
    data = read(path, "private key", private=True)
    load = load_pem_private_key if b"-----BEGIN " in data else load_der_private_key
    try:
        loaded = load(data, password=None)
    except TypeError:
        # That is how `cryptography` says that the key is encrypted.
        loaded = _decrypt(data, path, secret(f"the passphrase of {name}"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnavailable("no private key could be read from this file", path=path, hint=_form(data)) from error
    return FileKey(place=str(path), private_key=suitable(loaded, path))


def _decrypt(data: bytes, path: Path, passphrase: str | None) -> PrivateKeyTypes:
    if not passphrase:
        raise KeyUnavailable("the private key is encrypted and no passphrase was given", path=path, hint=NO_ANSWER)
    load = load_pem_private_key if b"-----BEGIN " in data else load_der_private_key
    try:
        return load(data, password=passphrase.encode("utf-8"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongSecret(
            "the passphrase does not open this private key",
            path=path,
            hint="check PROVENANCE_PASSPHRASE or type it again; if it is right, the file is damaged",
        ) from error


def _form(data: bytes) -> str:
    """Name the way from what the file seems to hold to a key that can be read."""
    if b"BEGIN OPENSSH PRIVATE KEY" in data:
        return "it is an OpenSSH key; convert a copy with `ssh-keygen -p -m PKCS8 -f COPY`"
    if b"PRIVATE KEY-----" in data:
        return "the key is damaged or cut off; restore it from a copy"
    if b"-----BEGIN " in data:
        return "it holds something else in PEM, a certificate perhaps; name the file of the private key"
    return "give a key in PEM or DER; one in PKCS#12 is named by `pkcs12:PATH`"
