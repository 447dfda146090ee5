"""Every error that `provenance` raises, with a hint and an exit code on each.

A failed verification is data (a `Verdict`), never an exception. An exception means that the work could not be done:

ProvenanceError
├─ SettingsError            bad settings, policy or trust file                     exit 4
├─ MediaError               the file itself                                        exit 5
│  ├─ UnsupportedMedia      a type that cannot carry Content Credentials
│  ├─ UnreadableMedia       missing, a directory, empty, truncated, lying
│  ├─ TooLarge              larger than the limit that was set
│  ├─ WorkerLost            whoever worked on it took too long, or died over it
│  ├─ ManifestError         no, or unusable, credentials where they are needed
│  └─ EvidenceError         an evidence pack that is damaged, tampered with or not complete
├─ SigningError             signing was refused or failed                          exit 6
│  ├─ NoIdentity            no such identity, or none at all
│  ├─ KeyUnavailable        the private key cannot be opened
│  ├─ WrongSecret           passphrase or PIN
│  ├─ UnsuitableCertificate the certificate chain breaks a rule of the C2PA profile
│  ├─ SignerRefused         the signer or the engine gave no acceptable signature
│  ├─ InvalidClaim          what should be signed breaks a rule of the standard
│  ├─ BrokenSource          the source's own credentials are broken
│  └─ LeftBehind            what a redaction was to take away is still somewhere
├─ AuthorityError           a remote authority is unusable                         exit 7
│  ├─ FetchError            an address could not be had under the rules
│  ├─ StoreError            an object store cannot be reached, or refuses
│  ├─ ServiceError         a provenance service refuses, cannot be reached, or answers nonsense
│  ├─ TimestampError        no time-stamp authority gave a usable answer
│  └─ TrustError            the source of a trust list is unusable
├─ CatalogueError           the catalogue cannot be used as it is                  exit 8
│  └─ CatalogueUnavailable  not now: locked, down, full; what should be kept can wait
├─ BatchError               finished, but some files failed                        exit 9
├─ OutputError              an output cannot be written                            exit 10
│  └─ OutputExists          and `--force` was not given
└─ ReplayDiffers            finished, but with another verdict than was recorded   exit 11
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike


class ProvenanceError(Exception):
    """Say what is wrong, with which file, and what to do next."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *, path: str | PathLike[str] | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = None if path is None else str(path)
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{hint}"


@contextmanager
def about(path: str | PathLike[str]) -> Iterator[None]:
    """Name the file in the errors of those who only saw its bytes."""
    try:
        yield
    except ProvenanceError as error:
        error.path = error.path or str(path)
        raise


class SettingsError(ProvenanceError):
    """Settings, policy or trust file that cannot be used."""

    exit_code = 4


class MediaError(ProvenanceError):
    """A media file that cannot be worked with."""

    exit_code = 5


class UnsupportedMedia(MediaError):
    """A type that cannot carry Content Credentials, or not in the way asked for."""


class UnreadableMedia(MediaError):
    """A file that is missing, a directory, empty, truncated or not what it says it is."""


class TooLarge(MediaError):
    """A file that is larger than the limit that was set."""


class WorkerLost(MediaError):
    """A file over which whoever worked on it took too long, or died."""


class ManifestError(MediaError):
    """No usable credentials where the work needs them."""


class EvidenceError(MediaError):
    """An evidence pack that cannot be relied on: damaged, tampered with, or without what a replay needs."""


class SigningError(ProvenanceError):
    """Signing was refused or failed; nothing was written."""

    exit_code = 6


class NoIdentity(SigningError):
    """No identity of that name, or none at all."""


class KeyUnavailable(SigningError):
    """A private key that cannot be opened or does not fit its certificate."""


class WrongSecret(SigningError):
    """A passphrase or PIN that does not open the key."""


class UnsuitableCertificate(SigningError):
    """A certificate chain that breaks a rule of the C2PA certificate profile."""


class SignerRefused(SigningError):
    """No acceptable signature came back."""


class InvalidClaim(SigningError):
    """Something that should be signed breaks a rule of the standard."""


class BrokenSource(SigningError):
    """The source's own credentials are broken; signing over them would hide that."""


class LeftBehind(SigningError):
    """What a redaction was to take away would still be somewhere in the file; nothing was written."""

    leaks: tuple[Any, ...] = ()
    """Where (`provenance.model.redaction.Leak`), each with what can be done about it."""


class AuthorityError(ProvenanceError):
    """A remote authority is unusable."""

    exit_code = 7


class FetchError(AuthorityError):
    """An address could not be had under the rules."""


class StoreError(AuthorityError):
    """An object store that cannot be reached, or that refuses."""


class ServiceError(AuthorityError):
    """A provenance service that cannot be reached, refuses whoever asks, or answers what is no answer."""

    status: int | None = None
    """Of its answer (HTTP)."""
    retry_after: float | None = None
    """Seconds after which it wants to be asked again, where it said so."""
    request_id: str | None = None
    """By which the service's log knows the request."""


class TimestampError(AuthorityError):
    """No time-stamp authority gave an answer that can be relied on."""


class TrustError(AuthorityError):
    """The source of a trust list is unusable; what was installed stays as it was."""


class CatalogueError(ProvenanceError):
    """A catalogue that cannot be used as it is; no password of its address is ever in the message."""

    exit_code = 8


class CatalogueUnavailable(CatalogueError):
    """A catalogue that cannot be used just now: locked, down, on a full disk."""


class BatchError(ProvenanceError):
    """All files were tried, and some failed."""

    exit_code = 9


class OutputError(ProvenanceError):
    """An output cannot be written; nothing was left behind."""

    exit_code = 10


class OutputExists(OutputError):
    """The output is there already and overwriting was not asked for."""


class ReplayDiffers(ProvenanceError):
    """An evidence pack was judged again, and the verdict is not the recorded one."""

    exit_code = 11
