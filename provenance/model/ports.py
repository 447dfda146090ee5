"""What the rooms need of each other without knowing each other."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Algorithm(StrEnum):
    """Signature algorithms of the standard (C2PA 2.4, digital signatures)."""

    ES256 = "es256"
    ES384 = "es384"
    ES512 = "es512"
    PS256 = "ps256"
    PS384 = "ps384"
    PS512 = "ps512"
    ED25519 = "ed25519"


class Signer(Protocol):
    """A private key, wherever it lives, with its certificate chain."""

    @property
    def name(self) -> str:
        """What people call it: the organisation or the identity's name."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the key dictates."""

    @property
    def chain_pem(self) -> str:
        """Certificates in PEM, leaf first, without the root."""

    def sign(self, data: bytes) -> bytes:
        """Sign a whole message (hashing included).

        ECDSA signatures are DER or raw r‖s. Raises `SigningError` with the cause when the key gives none.
        """


class ManifestSource(Protocol):
    """Somewhere manifests can be had from that is not the file itself."""

    def fetch(self, url: str) -> bytes:
        """Return the manifest store at this address.

        Raises `FetchError` when it cannot be had under the rules.
        """
