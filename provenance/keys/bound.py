"""A private key joined to its certificates, the same way for every backend.

A backend is a `Key`: it signs, and tells its public key where it can. Here the certificate's public key decides the
algorithm, so that there is nothing to configure and nothing to get wrong (C2PA 2.4, digital signatures), and no
signature is handed on that this public key does not confirm: the engine would only say "COSE signature invalid".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.errors import KeyUnavailable, SignerRefused, UnsuitableCertificate
from provenance.keys.algorithms import PublicKey, algorithm_of, confirm, kind_of
from provenance.keys.certificates import parse_chain
from provenance.keys.profile import SUITABLE_KEYS, public_key_of
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_WAYS: Final = {
    Algorithm.ES256: "ECDSA with SHA-256",
    Algorithm.ES384: "ECDSA with SHA-384",
    Algorithm.ES512: "ECDSA with SHA-512",
    Algorithm.PS256: "RSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes",
    Algorithm.PS384: "RSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes",
    Algorithm.PS512: "RSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes",
    Algorithm.ED25519: "Ed25519",
}


class Key(Protocol):
    """A private key, wherever it lives, without certificates."""

    @property
    def place(self) -> str:
        """Where it is, for messages: a path or an address, without any secret."""

    @property
    def chain_pem(self) -> str:
        """Certificates (PEM, leaf first, without the root) that are kept with the key; empty when there are none."""

    def public_key(self) -> PublicKey | None:
        """Return the public key that belongs to it; None when the place does not tell.

        A key that is opened lazily is opened now. Raises `SigningError`.
        """

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Sign a whole message; ECDSA signatures are DER or raw r‖s. Raises `SigningError`."""

    def close(self) -> None:
        """Give up what is open; the next signature opens it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundSigner:
    """A key with its certificates: a `Signer` whose signatures were confirmed before anybody else sees them.

    It cannot be pickled: what crosses a process border is the address it was opened from.
    """

    name: str
    chain_pem: str = field(repr=False)
    """Certificates in PEM, leaf first, without the root; empty for a key that has none yet."""
    public_key: PublicKey = field(repr=False)
    """The one of the first certificate; without certificates, the one that the key tells."""
    key: Key = field(repr=False)
    chain_place: str = field(default="its chain", repr=False)

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the public key dictates; some clouds give an RSA key one when it is made.

        Raises `SigningError` when such a key cannot be opened to tell.
        """
        if isinstance(self.key, LateKey) and isinstance(self.public_key, RSAPublicKey):
            return self.key.algorithm
        return _suitable(self.public_key, self.key.place)[1]

    def sign(self, data: bytes) -> bytes:
        """Sign a whole message; ECDSA signatures are DER.

        Raises `KeyUnavailable`, `WrongSecret` or `SignerRefused` with what the key's place says, and `SignerRefused`
        for a signature that the public key does not confirm.
        """
        self.require_pair()
        signature = confirm(self.key.sign(data, self.algorithm), data, key=self.public_key, algorithm=self.algorithm)
        if signature is None:
            owner = f"the first certificate of {self.chain_place}" if self.chain_pem else "its own public key"
            raise SignerRefused(
                f"the signature does not verify with {owner}",
                path=self.key.place,
                hint=f"another key signed, or not with {_WAYS[self.algorithm]} over the whole message",
            )
        return signature

    def require_pair(self) -> None:
        """Raise `KeyUnavailable` when the key says that it belongs to another certificate than the first."""
        own = self.key.public_key()
        if own is None or own == self.public_key:
            return
        hint = "give the chain that was issued for this key"
        for number, certificate in enumerate(parse_chain(self.chain_pem), start=1):
            if public_key_of(certificate) == own:
                hint = f"wrong order: its certificate is number {number} and must be the first"
        raise KeyUnavailable(
            f"the private key does not belong to the first certificate of {self.chain_place}",
            path=self.key.place,
            hint=hint,
        )

    def close(self) -> None:
        """Give up what is open, such as a login at a token; the next signature opens it again."""
        self.key.close()


class BareSigner(Protocol):
    """A key that was opened in some cloud, with the public key that it tells."""

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm that it signs with."""

    @property
    def public_key(self) -> PublicKeyTypes:
        """The public key that belongs to it."""

    def sign(self, data: bytes) -> bytes:
        """Sign a whole message. Raises `SigningError`."""


class LateKey:
    """A key that is opened when it is needed first, and by one thread only: a `Key`."""

    chain_pem = ""

    def __init__(self, place: str, opener: Callable[[], BareSigner]) -> None:
        self.place = place
        self._opener = opener
        self._lock = Lock()
        self._opened: BareSigner | None = None

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm that it signs with; it is opened to know."""
        return self._signer().algorithm

    def public_key(self) -> PublicKey:
        """Return the public key that belongs to it."""
        return _suitable(self._signer().public_key, self.place)[0]

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:  # noqa: ARG002 -- it knows its own
        """Sign a whole message."""
        return self._signer().sign(data)

    def close(self) -> None:
        """Forget what was opened."""
        self._opened = None

    def _signer(self) -> BareSigner:
        with self._lock:
            if self._opened is None:
                self._opened = self._opener()
            return self._opened


def bind(key: Key, chain_pem: str | bytes, *, name: str, chain_place: str | None = None) -> BoundSigner:
    """Join a key to its chain (PEM, leaf first); the key is not opened yet.

    `chain_place` names the chain in messages. Raises `KeyUnavailable` when there is no certificate and
    `UnsuitableCertificate` for a public key of a kind that the standard does not know. Whether the rest suits C2PA is
    `require_suitable`'s business.
    """
    if not chain_pem:
        raise KeyUnavailable(
            "there is no certificate for this key",
            path=chain_place or key.place,
            hint="give the chain that was issued for it, or ask for one with a certificate request",
        )
    chain = parse_chain(chain_pem, path=chain_place)
    public, _ = _suitable(public_key_of(chain[0]), chain_place or key.place)
    return BoundSigner(
        name=name,
        chain_pem="".join(item.public_bytes(Encoding.PEM).decode("ascii") for item in chain),
        public_key=public,
        key=key,
        chain_place=chain_place or "its chain",
    )


def bare(key: Key, *, name: str) -> BoundSigner:
    """Open a key that has no certificates yet, to sign the request for one.

    Raises `SigningError` when it cannot be opened, `KeyUnavailable` when its place does not tell the public key.
    """
    try:
        public, _ = _suitable(_told(key), key.place)
    except BaseException:
        key.close()
        raise
    return BoundSigner(name=name, chain_pem="", public_key=public, key=key)


def _told(key: Key) -> PublicKey:
    public = key.public_key()
    if public is None:
        raise KeyUnavailable(
            "the public key of this key is not told here",
            path=key.place,
            hint="ask those who run it for the public key or a certificate",
        )
    return public


def _suitable(public: object, place: str) -> tuple[PublicKey, Algorithm]:
    algorithm = algorithm_of(public) if isinstance(public, PublicKey) else None
    if algorithm is None or not isinstance(public, PublicKey):
        raise unsuitable(public, place)
    return public, algorithm


def unsuitable(key: object, place: str) -> UnsuitableCertificate:
    """Make the error for a key, public or private, of a kind that the standard does not know."""
    return UnsuitableCertificate(
        f"Content Credentials cannot be signed with this private key: {kind_of(key)}", path=place, hint=SUITABLE_KEYS
    )
