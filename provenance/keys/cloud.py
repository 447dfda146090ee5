"""What keys in clouds have in common: ask, wait where that helps, and say the cause in one form.

Each backend tells in its `Service` how its vendor's errors are to be understood; retrying, waiting and the wording are
here, once. The vendor's own retries are off, so that attempts do not multiply.

Errors that are raised here have no cause and no context: a vendor's exception holds the request that failed, with a
token or a signature in its headers. What the service said is in the message instead.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm

from provenance.errors import KeyUnavailable, SignerRefused, SigningError, UnsuitableCertificate
from provenance.keys.algorithms import algorithm_of, kind_of
from provenance.keys.profile import SUITABLE_KEYS
from provenance.network import retry, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from provenance.model.ports import Algorithm

T = TypeVar("T")

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0

_TOKENS = re.compile(r"(?i)(?<=bearer )[^\s,;]+|\beyJ[\w-]{8,}(?:\.[\w-]+)*")


class Kind(StrEnum):
    """Why a question failed; the value opens the sentence that the user reads."""

    DENIED = "{service} denies the use of this key"
    CREDENTIALS = "{service} cannot be asked without valid credentials"
    MISSING = "{service} has no such key"
    DISABLED = "this key cannot be used in the state that it is in"
    MISUSED = "this key is not made for signing"
    THROTTLED = "{service} receives too many requests"
    FAILING = "{service} has a fault"
    UNREACHABLE = "{service} cannot be reached"
    GARBLED = "the answer of {service} cannot be used"
    REFUSED = "{service} refuses the request"


_UNAVAILABLE = {Kind.DENIED, Kind.CREDENTIALS, Kind.MISSING, Kind.DISABLED, Kind.UNREACHABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure as the vendor's library told it."""

    kind: Kind
    said: str
    """The service's code and words, made safe at once: a tool that prints variables prints this one too."""
    wait: float | None = None
    """Seconds to wait at least before trying again; None: trying again is no use."""
    hint: str | None = None
    """What to do, where the hint for the kind does not fit."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", said(self.said))


class Failed(Exception):
    """What a backend found wrong itself, mostly with an answer; `again` where another try may bring a better one."""

    def __init__(self, said: str, *, kind: Kind = Kind.GARBLED, again: bool = False, hint: str | None = None) -> None:
        super().__init__(said)
        self.fault = Fault(kind=kind, said=said, wait=0.0 if again else None, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How to understand one vendor."""

    name: str
    errors: tuple[type[Exception], ...]
    """What its library raises."""
    judge: Callable[[Exception], Fault]
    hints: Mapping[Kind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a question is tried: what fails after so many seconds is not tried again."""

    attempts: int = 5
    seconds: float = 20.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where questions about one key are asked."""

    service: Service
    uri: str
    """Names the key in errors."""
    patience: Patience = field(default_factory=Patience)

    def ask(self, question: Callable[[], T], *, signing: bool = False) -> T:
        """Put a question to the service, again where that helps.

        Raises `KeyUnavailable` when the key cannot be used, `UnsuitableCertificate` when it is of the wrong kind and,
        while signing, `SignerRefused` when the service gives no signature.
        """
        tries, end = 0, self.patience.clock() + self.patience.seconds

        def counted() -> T:
            nonlocal tries
            tries += 1
            return question()

        def again(error: Exception) -> float | None:
            return None if self.patience.clock() > end else self._fault(error).wait

        try:
            return retry(counted, again=again, attempts=self.patience.attempts, sleep=self.patience.sleep)
        except self._expected() as error:
            fault = self._fault(error)
        raise self._failure(fault, signing=signing, tries=tries)

    def unsuitable(self, found: str, *, hint: str = SUITABLE_KEYS) -> UnsuitableCertificate:
        """Return the error for a key of the wrong kind."""
        return UnsuitableCertificate(found, path=self.uri, hint=hint)

    def algorithm(self, key: PublicKeyTypes) -> Algorithm:
        """Return the algorithm that a public key dictates. Raises `UnsuitableCertificate` when there is none."""
        found = algorithm_of(key)
        if found is None:
            raise self.unsuitable(f"Content Credentials cannot be signed with this key: {kind_of(key)}")
        return found

    def load(self, read: Callable[[], PublicKeyTypes]) -> PublicKeyTypes:
        """Read the public key that the service answered; raises like `ask` where that fails."""
        try:
            return read()
        except UnsupportedAlgorithm as error:
            raise self.unsuitable("Content Credentials cannot be signed with a key of this kind") from error
        except (ValueError, TypeError) as error:
            fault = Fault(kind=Kind.GARBLED, said=f"it holds no public key that can be read: {error}")
            raise self._failure(fault, signing=False, tries=1) from error

    def _expected(self) -> tuple[type[Exception], ...]:
        return (*self.service.errors, *_STRANGE)

    def _fault(self, error: Exception) -> Fault:
        if isinstance(error, Failed):
            return error.fault
        if isinstance(error, self.service.errors):
            return self.service.judge(error)
        if isinstance(error, OSError):
            # The network's errors are the vendor's own; what is left are files of credentials.
            return Fault(kind=Kind.CREDENTIALS, said=str(error))
        return Fault(kind=Kind.GARBLED, said=f"{type(error).__name__}: {error}")

    def _failure(self, fault: Fault, *, signing: bool, tries: int) -> SigningError:
        lead = fault.kind.value.format(service=self.service.name)
        times = f" (tried {tries} times)" if tries > 1 else ""
        message, hint = f"{lead}{times}: {fault.said}", fault.hint or self.service.hints.get(fault.kind)
        if fault.kind is Kind.MISUSED:
            return UnsuitableCertificate(message, path=self.uri, hint=hint)
        if signing and fault.kind not in _UNAVAILABLE:
            return SignerRefused(message, path=self.uri, hint=hint)
        return KeyUnavailable(message, path=self.uri, hint=hint)


_STRANGE = (Failed, OSError, ValueError, TypeError, AttributeError, LookupError)
"""What libraries raise beside their own errors, over files that cannot be read and answers that nobody expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSigner:
    """A private key in a cloud, not yet bound to a certificate chain.

    It keeps its connection for as long as it lives and may be used from several threads. It cannot be pickled: what
    crosses a process border is the URI.
    """

    name: str
    algorithm: Algorithm
    public_key: PublicKeyTypes = field(repr=False, compare=False)
    chain_pem: str = field(default="", repr=False)
    signature: Callable[[bytes], bytes] = field(repr=False, compare=False)
    """Asks the service for the signature over a whole message."""

    def sign(self, data: bytes) -> bytes:
        """Sign a whole message and return the signature; ECDSA signatures are DER.

        Raises `SigningError` with the service's cause when there is none.
        """
        return self.signature(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The parts of a key's URI."""

    host: str
    path: str
    """Without the first slash."""
    options: Mapping[str, str]


def parse(uri: str, *, scheme: str, form: str, options: tuple[str, ...] = ()) -> Address:
    """Take a key's URI apart; only the options that are named may be in it, each once.

    Raises `KeyUnavailable` that shows the right `form`.
    """
    if not (uri.isascii() and uri.isprintable()) or " " in uri:
        raise malformed(uri, "it holds characters that no URI has", form=form)
    parts, found = _split(uri)
    if parts is None:
        raise malformed(uri, "it is no URI", form=form)
    if parts.scheme != scheme:
        raise malformed(uri, f"it does not begin with {scheme}:", form=form)
    if "#" in uri:
        raise malformed(uri, "it has a fragment (#)", form=form)
    unknown = sorted(set(found) - set(options))
    if unknown:
        raise malformed(uri, f"the option {shown(unknown[0])} is not known", form=form)
    if any(len(values) != 1 or not values[0] for values in found.values()):
        raise malformed(uri, "an option needs one value", form=form)
    return Address(
        host=parts.netloc,
        path=parts.path.removeprefix("/"),
        options={name: values[0] for name, values in found.items()},
    )


def _split(uri: str) -> tuple[SplitResult | None, dict[str, list[str]]]:
    try:
        parts = urlsplit(uri)
        return parts, parse_qs(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else {}
    except ValueError:
        return None, {}


def malformed(uri: str, why: str, *, form: str) -> KeyUnavailable:
    """Return the error for a URI that names no key."""
    return KeyUnavailable(f"this URI names no key: {why}", path=shown(uri), hint=f"write {form}")


def said(text: str) -> str:
    """Make a service's words one safe line: printable, cut, and without tokens that an echo may have brought."""
    return shown(_TOKENS.sub("***", " ".join(text.split()))) or "it gives no reason"


def unreachable(text: str) -> Fault:
    """Return the fault of a broken connection; a certificate that does not hold now will not hold in a second."""
    return Fault(kind=Kind.UNREACHABLE, said=text, wait=None if "CERTIFICATE_VERIFY_FAILED" in text else 0.0)


def asked_wait(header: str | None) -> float:
    """Return the seconds that a Retry-After header asks for; 0 without one in seconds (RFC 9110, 10.2.3)."""
    return float(header) if header is not None and header.isdecimal() else 0.0
