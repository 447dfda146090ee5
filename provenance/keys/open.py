"""Private keys by URI: the scheme says where the key lives, and only the module for that place is loaded.

Keys in files are opened at once. All others are opened when they first sign, so that neither a PIN is asked for nor a
service called before there is something to be signed.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from os import fspath
from typing import TYPE_CHECKING, Any, Final

from provenance.errors import KeyUnavailable
from provenance.keys.reading import read_chain
from provenance.network import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from pathlib import Path

    from provenance.keys.algorithms import PublicKey
    from provenance.keys.bound import BareSigner, BoundSigner, Key
    from provenance.keys.secrets import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backend:
    module: str
    form: str
    """How such a URI is written."""
    extra: str | None = None
    """The extra that brings its library."""
    in_file: bool = False
    in_cloud: bool = False


_BACKENDS: Final = {
    "file": _Backend(module="files", form="file:PATH", in_file=True),
    "pkcs12": _Backend(module="pkcs12", form="pkcs12:PATH", in_file=True),
    "pkcs11": _Backend(module="pkcs11", form="pkcs11:token=LABEL;object=LABEL", extra="pkcs11"),
    "awskms": _Backend(module="aws_kms", form="awskms:///KEY", extra="aws", in_cloud=True),
    "gcpkms": _Backend(
        module="gcp_kms", form="gcpkms:///projects/…/cryptoKeyVersions/NUMBER", extra="gcp", in_cloud=True
    ),
    "azurekv": _Backend(
        module="azure_kv", form="azurekv://VAULT.vault.azure.net/keys/NAME/VERSION", extra="azure", in_cloud=True
    ),
    "https": _Backend(module="remote", form="https://HOST/PATH"),
    "http": _Backend(module="remote", form="http://localhost/PATH"),
}
_SHOWN = tuple(scheme for scheme in _BACKENDS if scheme != "http")


def open_key(uri: str, chain_pem: str, *, name: str, secret: Secret, base: Path | None = None) -> BoundSigner:
    """Open the private key behind a URI, or in a file, and join it to its chain (PEM, leaf first).

    An empty chain stands for the one that the key's own place keeps with it, as PKCS#12 files do. Relative paths are
    relative to `base`. `secret` is asked, in words, when the key is opened and only for what it takes. Raises
    `KeyUnavailable` for a URI that cannot be used or a key that does not belong to the chain, `UnsuitableCertificate`
    for a kind of key that Content Credentials do not know, and what the backend raises. Whether the chain suits C2PA is
    `require_suitable`'s business.
    """
    key = _key(uri, name=name, secret=secret, base=base)
    return _bound(uri, key, chain_pem or key.chain_pem, name=name)


def open_files(key: str | PathLike[str], chain_path: str | PathLike[str], *, name: str, secret: Secret) -> BoundSigner:
    """Open the private key behind a URI, or in a file, and join it to the chain in another file.

    Raises as `open_key` does, and names the file of the chain where that is what is wrong.
    """
    uri = fspath(key)
    found = _key(uri, name=name, secret=secret, base=None)
    return _bound(uri, found, read_chain(chain_path), name=name, chain_place=str(chain_path))


def open_bare(uri: str, *, name: str, secret: Secret, base: Path | None = None) -> BoundSigner:
    """Open a private key that has no certificates yet, to sign the request for one.

    Raises as `open_key` does, and `KeyUnavailable` when the key's place does not tell the public key.
    """
    from provenance.keys.bound import bare  # noqa: PLC0415 -- brings in cryptography

    return bare(_key(uri, name=name, secret=secret, base=base), name=name)


def public_key(uri: str, *, secret: Secret, base: Path | None = None) -> PublicKey:
    """Return the public key that belongs to a private key. Raises as `open_bare` does."""
    signer = open_bare(uri, name=re.split(r"[/:]", uri)[-1], secret=secret, base=base)
    signer.close()
    return signer.public_key


def _bound(uri: str, key: Key, chain_pem: str, *, name: str, chain_place: str | None = None) -> BoundSigner:
    from provenance.keys.bound import bind  # noqa: PLC0415 -- brings in cryptography

    signer = bind(key, chain_pem, name=name, chain_place=chain_place)
    if _backend(uri).in_file:
        signer.require_pair()
    return signer


def _key(uri: str, *, name: str, secret: Secret, base: Path | None) -> Key:
    backend = _backend(uri)
    with _installed(backend):
        module: Any = import_module(f"provenance.keys.{backend.module}")
    if not backend.in_cloud:
        more = {"name": name, "base": base} if backend.in_file else {}
        found: Key = module.key_at(uri, secret=secret, **more)
        return found

    from provenance.keys.bound import LateKey  # noqa: PLC0415 -- brings in cryptography

    def opened() -> BareSigner:
        with _installed(backend):
            signer: BareSigner = module.open_bare(uri, name=name, secret=secret)
            return signer

    return LateKey(shown(uri), opened)


@contextmanager
def _installed(backend: _Backend) -> Iterator[None]:
    """Say which extra brings a library that is not there."""
    try:
        yield
    except ImportError as error:
        if backend.extra is None or (error.name or "").startswith("provenance"):
            raise
        raise KeyUnavailable(
            f"keys by {backend.form} need a library that is not installed ({error.name})",
            hint=f'pip install "media-provenance[{backend.extra}]"',
        ) from error


def _backend(uri: str) -> _Backend:
    if "-----BEGIN" in uri or "\n" in uri:
        # Not repeated in the message: it may well be a private key.
        raise KeyUnavailable("this is a key itself and not the place of one", hint="put it into a file and name that")
    # One letter is a drive, and there is no colon before the first slash of a path that is meant as one.
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", uri)
    scheme = found[1].lower() if found else "file"
    if scheme in _BACKENDS:
        return _BACKENDS[scheme]
    close = get_close_matches(scheme, _SHOWN, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    raise KeyUnavailable(
        f"no key can be opened by a URI that begins with {scheme}:",
        hint=f"{meant}keys are named by {', '.join(_BACKENDS[item].form for item in _SHOWN)}",
    )
