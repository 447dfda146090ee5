"""Private keys in PKCS#12 files (.p12, .pfx), which bring their certificates along (`pkcs12:`, RFC 7292)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from provenance.errors import KeyUnavailable, WrongSecret
from provenance.keys.files import NO_ANSWER, FileKey, path_of, suitable
from provenance.keys.profile import issued, public_key_of, self_signed
from provenance.keys.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

    from provenance.keys.algorithms import PrivateKey
    from provenance.keys.secrets import Secret

_BROKEN_CIPHERS = bytes.fromhex("060a2a864886f70d010c01")
"""Identifiers of PKCS#12's own ciphers (RFC 7292, appendix C); the last byte says which."""
_RC2_OR_RC4 = (1, 2, 5, 6)
_CONVERT = (
    "encrypt it anew: `openssl pkcs12 -legacy -in FILE -out KEY.pem`, then "
    "`openssl pkcs12 -export -in KEY.pem -out NEW.p12`"
)


def key_at(uri: str, *, name: str, secret: Secret, base: Path | None = None) -> FileKey:
    """Open the private key at `pkcs12:PATH` with the chain beside it; a relative path is one in `base`.

    `secret` is asked for the passphrase of `name` when there is one. Raises `KeyUnavailable` for a file that cannot be
    used or that others may read, `WrongSecret` for a passphrase that does not open it and `UnsuitableCertificate` for a
    key of a kind that the standard does not know.
    """
    path = path_of(uri, base)
    key, chain = contents(path, name=name, secret=secret)
    pem = "".join(item.public_bytes(Encoding.PEM).decode("ascii") for item in chain)
    return FileKey(place=str(path), private_key=key, chain_pem=pem)


def contents(path: Path, *, name: str, secret: Secret) -> tuple[PrivateKey, tuple[x509.Certificate, ...]]:
    """Return the private key of a PKCS#12 file and its chain: leaf first, in order, without the root.

    The chain is empty when the file has no certificate for its key. Raises as `key_at` does.
    """
    loaded = _load(path, name, secret)
    if loaded.key is None:
        raise KeyUnavailable(
            "this file holds certificates but no private key",
            path=path,
            hint="export it again together with the private key",
        )
    key = suitable(loaded.key, path)
    found = [item.certificate for item in (loaded.cert, *loaded.additional_certs) if item is not None]
    return key, _chain(key, found)


def _load(path: Path, name: str, secret: Secret) -> PKCS12KeyAndCertificates:
    data = read(path, "PKCS#12 file", private=True)
    opened = _attempt(data, None, path)
    if opened is not None:
        return opened
    passphrase = secret(f"the passphrase of {name}")
    if not passphrase:
        raise KeyUnavailable("this file is encrypted and no passphrase was given", path=path, hint=NO_ANSWER)
    opened = _attempt(data, passphrase.encode("utf-8"), path)
    if opened is None:
        raise WrongSecret("the passphrase does not open this PKCS#12 file", path=path, hint=_mend(data))
    return opened


def _attempt(data: bytes, passphrase: bytes | None, path: Path) -> PKCS12KeyAndCertificates | None:
    """Return what is in the file, or None when the passphrase is not right (or the file damaged: nobody can tell)."""
    try:
        return load_pkcs12(data, passphrase)
    except UnsupportedAlgorithm as error:
        raise KeyUnavailable(
            f"this PKCS#12 file is encrypted in a way that is not known here: {error}", path=path, hint=_CONVERT
        ) from error
    except ValueError as error:
        if "password" in str(error):
            return None
        raise KeyUnavailable(
            "this is not a PKCS#12 file, or a damaged one",
            path=path,
            hint="a key in PEM or DER is named by `file:PATH`",
        ) from error


def _mend(data: bytes) -> str:
    old = any(_BROKEN_CIPHERS + bytes([cipher]) in data for cipher in _RC2_OR_RC4)
    if old:
        return f"type it again; if it is right, RC2 and RC4 are switched off on this machine: {_CONVERT}"
    return "check PROVENANCE_PASSPHRASE or type it again; if it is right, the file is damaged"


def _chain(key: PrivateKey, certificates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    public = key.public_key()
    chain = [item for item in certificates if public_key_of(item) == public][:1]
    while chain:
        issuer = next((item for item in certificates if item not in chain and issued(chain[-1], by=item)), None)
        if issuer is None or self_signed(issuer):
            break
        chain.append(issuer)
    return tuple(chain)
