"""What the rooms need of each other without knowing each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.Image import Image as Picture

    from provenance.model.policy import Held
    from provenance.model.revocation import RevocationAnswer


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


class TimeAnswer(Protocol):
    """What a time-stamp authority answered, checked."""

    @property
    def response(self) -> bytes:
        """The `TimeStampResp` in DER, as it was received."""


class TimeAuthority(Protocol):
    """Whoever can say when something existed (RFC 3161)."""

    def answer(self, request: bytes) -> TimeAnswer:
        """Answer a `TimeStampReq` in DER.

        Raises `TimestampError` when no authority gave an answer that can be relied on.
        """


class Web(Protocol):
    """The web under the rules of this program, for what the engine asks on its own account."""

    def __call__(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body of an answer. Raises `FetchError` when there is none under the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who stands behind a claim, apart from who signs it (CAWG 1.2, identity assertion with an X.509 credential)."""

    signer: Signer
    roles: tuple[str, ...] = ("cawg.publisher",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What turns a claim into credentials: who signs, who stands behind it, who says when."""

    signer: Signer
    publisher: Publisher | None = None
    time: TimeAuthority | None = None
    time_required: bool = False
    """Without a trusted time nothing is signed at all."""
    web: Web | None = None
    """Through it the engine asks whether the certificates of what is updated are revoked, and keeps the answers."""


class RevocationSource(Protocol):
    """Whoever can say whether certificates have been revoked (RFC 6960)."""

    def ask_chain(self, chain: Sequence[bytes]) -> RevocationAnswer:
        """Ask about every certificate (DER, leaf first) whose issuer is the next one; the worst answer counts.

        Whatever goes wrong is an answer too: not checked, with the reason.
        """


class ManifestSource(Protocol):
    """Somewhere manifests can be had from that is not the file itself."""

    def fetch(self, url: str) -> bytes:
        """Return the manifest store at this address.

        Raises `FetchError` when it cannot be had under the rules.
        """


class Conditions(Protocol):
    """Whoever can decide an expression over facts."""

    def holds(self, expression: str, facts: Mapping[str, Any]) -> Held:
        """Decide it.

        Whatever goes wrong is an answer too: it cannot be decided, with the reason.
        """


class Watermark(Protocol):
    """Whoever can read one kind of watermark; a plug-in's entry point (`provenance.watermarks`) names it."""

    @property
    def algorithm(self) -> str:
        """Its name in C2PA's list of soft binding algorithms, such as `com.adobe.trustmark.P`."""

    def find(self, picture: Picture) -> bytes | None:
        """Return the payload that is hidden in a picture; None where there is none.

        The picture is upright, in RGB (sRGB), up to 4096 pixels on the longer edge, and a copy of its own. Several
        threads may ask at once. What it raises is noted, and stops nobody.
        """
