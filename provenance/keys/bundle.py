"""What people bring to make an identity of: certificates and keys in any order, in any number of files.

Certificates may be PEM, DER or PKCS#7, keys PEM or DER, and either may be in PKCS#12. Which certificate is the leaf is
decided by the key, and who issued whom by their signatures; the order in the files means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from provenance.errors import KeyUnavailable
from provenance.keys import files, pkcs12
from provenance.keys.authority import key_pem
from provenance.keys.profile import issued, public_key_of, self_signed
from provenance.keys.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from provenance.keys.algorithms import PrivateKey, PublicKey
    from provenance.keys.secrets import Secret

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_SEQUENCE: Final = rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)"
# PFX ::= SEQUENCE { version INTEGER (3), … (RFC 7292, 4).
_PKCS12: Final = re.compile(_SEQUENCE + rb"\x02\x01\x03", re.DOTALL)
# A version of 0 or 1 (PKCS#8, PKCS#1, SEC 1), or the cipher of an encrypted one (PKCS#5 or PKCS#12).
_KEY: Final = re.compile(
    _SEQUENCE + rb"(?:\x02\x01[\x00\x01]|" + _SEQUENCE + rb"\x06[\x09\x0a]\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c])",
    re.DOTALL,
)
_CERTIFICATES: Final = (b"CERTIFICATE", b"X509 CERTIFICATE")
_BESIDES: Final = (b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST", b"EC PARAMETERS", b"PUBLIC KEY")
"""What often stands beside a key or a certificate, and is not needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A private key out of a file."""

    path: Path
    private_key: PrivateKey = field(repr=False)
    pem: bytes = field(repr=False)
    """As it is kept: encrypted if it was."""
    encrypted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything that was in some files."""

    certificates: tuple[x509.Certificate, ...] = ()
    keys: tuple[FoundKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Certificates in the order in which they are needed."""

    chain: tuple[x509.Certificate, ...]
    """Leaf first, without the root."""
    root: x509.Certificate | None
    left_out: tuple[x509.Certificate, ...]
    """What has nothing to do with the chain."""


class _Remembering:
    """Ask for the passphrase of a file once, and remember what was answered."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self.answer: str | None = None

    def __call__(self, wanted: str) -> str | None:
        self.answer = self.answer or self._secret(wanted)
        return self.answer


def open_bundle(
    paths: Iterable[Path], *, name: str, secret: Secret, protect: Callable[[], str] | None = None
) -> Bundle:
    """Read every certificate and every private key in some files.

    `secret` is asked, once per file, for the passphrase of `name` where a key is encrypted; it stays encrypted with it.
    `protect` gives the passphrase for a key that is not. Raises `KeyUnavailable` for a file that cannot be used, or
    that holds a key and may be read by others, and `WrongSecret`.
    """
    certificates: list[x509.Certificate] = []
    keys: list[FoundKey] = []
    for path in paths:
        found = _read_file(path, name, _Remembering(secret), protect)
        certificates += [item for item in found.certificates if item not in certificates]
        known = [item.private_key.public_key() for item in keys]
        keys += [item for item in found.keys if item.private_key.public_key() not in known]
    return Bundle(certificates=tuple(certificates), keys=tuple(keys))


def _read_file(path: Path, name: str, secret: _Remembering, protect: Callable[[], str] | None) -> Bundle:
    data = read(path, "file of keys and certificates")
    if b"-----BEGIN " in data:
        return _from_pem(path, data, name, secret, protect)
    certificates = _certificates_in(data)
    if certificates:
        return Bundle(certificates=certificates)
    if _PKCS12.match(data):
        return _from_pkcs12(path, name, secret, protect)
    if _KEY.match(data):
        return Bundle(keys=(_key_at(path, name, secret, protect),))
    raise KeyUnavailable(
        "this is neither a certificate nor a private key",
        path=path,
        hint="give files in PEM, DER, PKCS#7 or PKCS#12; if it is one, it is damaged",
    )


def _from_pem(path: Path, data: bytes, name: str, secret: _Remembering, protect: Callable[[], str] | None) -> Bundle:
    certificates: list[x509.Certificate] = []
    keys: list[FoundKey] = []
    for block in _BLOCK.finditer(data):
        kind = block[1]
        if kind in _CERTIFICATES or kind == b"PKCS7":
            found = _certificates_in(block[0])
            if not found:
                raise KeyUnavailable(
                    "a certificate in this file is damaged", path=path, hint="get it again from its issuer"
                )
            certificates += found
        elif kind.endswith(b"PRIVATE KEY"):
            if keys:
                raise KeyUnavailable(
                    "there is more than one private key in this file", path=path, hint="give one key in a file"
                )
            keys.append(_key_at(path, name, secret, protect, pem=block[0] + b"\n"))
        elif kind not in _BESIDES:
            what = kind.decode("ascii").lower()
            raise KeyUnavailable(f"there is a {what} in this file", path=path, hint="give certificates and a key")
    if not certificates and not keys:
        raise KeyUnavailable(
            "there is no certificate and no private key in this file", path=path, hint="check that it is complete"
        )
    return Bundle(certificates=tuple(certificates), keys=tuple(keys))


def _certificates_in(data: bytes) -> tuple[x509.Certificate, ...]:
    """Read the certificates of one PEM block, or of DER; none when there are none that can be read."""
    pem = b"-----BEGIN " in data
    loaders: tuple[Callable[[bytes], Sequence[x509.Certificate]], ...] = (
        lambda found: [(x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate)(found)],
        pkcs7.load_pem_pkcs7_certificates if pem else pkcs7.load_der_pkcs7_certificates,
    )
    for load in loaders:
        try:
            return tuple(load(data))
        except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
            continue
    return ()


def _key_at(
    path: Path, name: str, secret: _Remembering, protect: Callable[[], str] | None, *, pem: bytes | None = None
) -> FoundKey:
    key = files.key_at(f"file:{quote(str(path))}", name=name, secret=secret).private_key
    return _kept(path, key, secret, protect, pem=pem)


def _from_pkcs12(path: Path, name: str, secret: _Remembering, protect: Callable[[], str] | None) -> Bundle:
    key, _ = pkcs12.contents(path, name=name, secret=secret)
    passphrase = secret.answer.encode("utf-8") if secret.answer else None
    loaded = load_pkcs12(read(path, "PKCS#12 file", private=True), passphrase)
    found = [item.certificate for item in (loaded.cert, *loaded.additional_certs) if item is not None]
    return Bundle(certificates=tuple(found), keys=(_kept(path, key, secret, protect),))


def _kept(
    path: Path, key: PrivateKey, secret: _Remembering, protect: Callable[[], str] | None, *, pem: bytes | None = None
) -> FoundKey:
    """Say how a key is kept: as it was when it was encrypted in PEM, else under the passphrase that it had or gets."""
    passphrase = secret.answer or (protect() if protect else None)
    as_it_was = pem is not None and (secret.answer is not None or passphrase is None)
    return FoundKey(
        path=path,
        private_key=key,
        pem=pem if pem is not None and as_it_was else key_pem(key, passphrase),
        encrypted=passphrase is not None,
    )


def sort(
    certificates: Sequence[x509.Certificate], key: PublicKey | None, *, known: Sequence[x509.Certificate] = ()
) -> Sorted | None:
    """Find the leaf, its issuers and the root; `None` when no certificate belongs to the key.

    Without a key the leaf is the one that issued nothing, if there is one such. `known` certificates may complete the
    chain, and are not left over when they are not needed.
    """
    leaf = _leaf(certificates, key)
    if leaf is None:
        return None
    chain = [leaf]
    rest = [item for item in (*certificates, *known) if item != leaf]
    while rest and not self_signed(chain[-1]):
        issuers = [item for item in rest if issued(chain[-1], by=item)]
        if not issuers:
            break
        # Where an issuer comes both signed by itself and by another, the longer way leads to both roots.
        chain.append(min(issuers, key=lambda item: (self_signed(item), -item.not_valid_after_utc.timestamp())))
        rest = [item for item in rest if item != chain[-1]]
    root = chain.pop() if len(chain) > 1 and self_signed(chain[-1]) else None
    used = [*chain, root]
    return Sorted(
        chain=tuple(chain),
        root=root,
        left_out=tuple(item for item in certificates if item not in used),
    )


def _leaf(certificates: Sequence[x509.Certificate], key: PublicKey | None) -> x509.Certificate | None:
    if key is None:
        ends = [item for item in certificates if not any(issued(other, by=item) for other in certificates)]
        return ends[0] if len(ends) == 1 else None
    own = [item for item in certificates if public_key_of(item) == key]
    # Of several for one key, one that somebody issued, and of these the newest.
    return max(own, key=lambda item: (not self_signed(item), item.not_valid_before_utc), default=None)


def pem_of(certificates: Iterable[x509.Certificate]) -> str:
    """Write certificates in PEM."""
    return "".join(item.public_bytes(Encoding.PEM).decode("ascii") for item in certificates)
