"""Private keys in PEM files, with their certificate chains.

The key decides the algorithm, so that there is nothing to configure and nothing to get wrong (C2PA 2.4,
digital signatures). No message and no `repr` here ever holds key material.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from provenance.errors import KeyUnavailable, UnsuitableCertificate, WrongSecret
from provenance.keys.algorithms import DIGESTS, PrivateKey, algorithm_of, kind_of, pss
from provenance.keys.certificates import parse_chain
from provenance.keys.profile import SUITABLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from provenance.model.ports import Algorithm

LARGEST_FILE = 1 << 20
"""Bytes; keys and chains are a few thousand, and a film named by mistake should not be read to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSigner:
    """A private key held in memory, with its certificate chain: a `Signer`.

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
        key = self.private_key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        digest = DIGESTS[self.algorithm]
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(digest))
        return key.sign(data, pss(self.algorithm), digest)


def open_key(
    key_path: str | PathLike[str],
    chain_path: str | PathLike[str],
    *,
    name: str,
    secret: Callable[[], str | None],
) -> FileSigner:
    """Open a private key (PKCS#8 or traditional PEM) and its chain (PEM, leaf first).

    `secret` is called only when the key is encrypted; None or an empty string means that there is no
    passphrase. Whether the chain suits C2PA is `require_suitable`'s business. Raises `KeyUnavailable` for
    files that cannot be used or do not belong together, `WrongSecret` for a passphrase that does not open the
    key and `UnsuitableCertificate` for a key of a kind that the standard does not know.
    """
    private_key, algorithm = _load_key(Path(key_path), secret)
    chain = parse_chain(_read(Path(chain_path), "certificate chain"), path=chain_path)
    _require_pair(private_key, chain, key_path=key_path, chain_path=chain_path)
    pem = "".join(item.public_bytes(Encoding.PEM).decode("ascii") for item in chain)
    return FileSigner(name=name, algorithm=algorithm, chain_pem=pem, private_key=private_key)


def _load_key(path: Path, secret: Callable[[], str | None]) -> tuple[PrivateKey, Algorithm]:
    data = _read(path, "private key")
    try:
        loaded = load_pem_private_key(data, password=None)
    except TypeError:
        # That is how `cryptography` says that the key is encrypted.
        loaded = _decrypt(data, path, secret)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnavailable(
            "no private key in PEM could be read from this file", path=path, hint=_form(data)
        ) from error
    algorithm = algorithm_of(loaded.public_key()) if isinstance(loaded, PrivateKey) else None
    if algorithm is None or not isinstance(loaded, PrivateKey):
        raise UnsuitableCertificate(
            f"Content Credentials cannot be signed with this private key: {kind_of(loaded)}",
            path=path,
            hint=SUITABLE_KEYS,
        )
    return loaded, algorithm


def _decrypt(data: bytes, path: Path, secret: Callable[[], str | None]) -> PrivateKeyTypes:
    passphrase = secret()
    if not passphrase:
        raise KeyUnavailable(
            "the private key is encrypted and no passphrase was given",
            path=path,
            hint="set PROVENANCE_PASSPHRASE, or run the command in a terminal to be asked for it",
        )
    try:
        return load_pem_private_key(data, password=passphrase.encode("utf-8"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongSecret(
            "the passphrase does not open this private key",
            path=path,
            hint="check PROVENANCE_PASSPHRASE or type it again; if it is right, the file is damaged",
        ) from error


def _form(data: bytes) -> str:
    """Name the way from what the file seems to hold to a key in PEM."""
    if b"BEGIN OPENSSH PRIVATE KEY" in data:
        return "it is an OpenSSH key; convert a copy with `ssh-keygen -p -m PKCS8 -f COPY`"
    if b"PRIVATE KEY-----" in data:
        return "the key is damaged or cut off; restore it from a copy"
    if b"-----BEGIN " in data:
        return "it holds something else in PEM, a certificate perhaps; name the file of the private key"
    return "convert it: DER with `openssl pkey -in FILE`, PKCS#12 with `openssl pkcs12 -in FILE`"


def _require_pair(
    key: PrivateKey,
    chain: tuple[x509.Certificate, ...],
    *,
    key_path: str | PathLike[str],
    chain_path: str | PathLike[str],
) -> None:
    own = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    matches = [_public(item) == own for item in chain]
    if matches[0]:
        return
    hint = "give the chain that was issued for this key"
    if any(matches):
        hint = f"wrong order: its certificate is number {matches.index(True) + 1} and must be the first"
    raise KeyUnavailable(
        f"the private key does not belong to the first certificate of {chain_path}", path=key_path, hint=hint
    )


def _public(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise KeyUnavailable(f"the {what} is not there", path=path, hint="check the path") from error
    except IsADirectoryError as error:
        raise KeyUnavailable(f"this is a directory, not a {what}", path=path, hint="name the PEM file in it") from error
    except PermissionError as error:
        raise KeyUnavailable(
            f"the {what} may not be read by this user", path=path, hint="run as its owner, or `chmod u+r` it"
        ) from error
    except (OSError, ValueError) as error:
        raise KeyUnavailable(f"the {what} cannot be read: {error}", path=path, hint="check the path") from error
    if len(data) > LARGEST_FILE:
        raise KeyUnavailable(f"this is too large for a {what}", path=path, hint="name a PEM file")
    return data
