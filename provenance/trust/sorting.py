"""Sort certificates into authorities, single ones, and those that do not count and why.

Loaded only where a list is read from its source: it brings in `cryptography`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from provenance.model.trust import Purpose
from provenance.trust import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class Reason(StrEnum):
    """Why a certificate on a list does not count."""

    DAMAGED = "damaged"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """Its publisher does not trust it, or not yet."""
    SINGLE = "single"
    """It is no authority, and single certificates do not vouch for time-stamps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A certificate that does not count."""

    reason: Reason
    who: str
    """Its place in the list, and its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something on a list that should be a certificate."""

    data: bytes | None
    """PEM or DER."""
    place: str
    """Such as “certificate number 3”."""
    single: bool = False
    """It counts for itself only, even if it belongs to an authority."""
    trusted: bool = True
    entity: str | None = None
    """Who it belongs to, by the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What of a list counts, and what does not."""

    anchors: tuple[str, ...]
    allowed: tuple[str, ...]
    """Both in PEM, each certificate once, in their order."""
    entities: Mapping[str, str]
    """Who a certificate belongs to, by its fingerprint."""
    skipped: tuple[Skipped, ...]


def sort_out(candidates: Iterable[Candidate], *, purpose: Purpose, at: datetime | None, source: str) -> Sorted:
    """Sort the certificates of a list.

    What expired before `at` does not count; without `at`, expiry is not looked at. A certificate that the list
    withdraws in one place counts nowhere. Raises `SettingsError` for a private key in the place of a certificate.
    """
    read = [(item, _read(item, source)) for item in candidates]
    withdrawn = {certificate for item, certificate in read if certificate is not None and not item.trusted}
    anchors: dict[str, None] = {}
    allowed: dict[str, None] = {}
    entities: dict[str, str] = {}
    skipped: list[Skipped] = []
    for item, certificate in read:
        if certificate is None:
            skipped.append(Skipped(reason=Reason.DAMAGED, who=item.place))
            continue
        authority = _is_authority(certificate) and not item.single
        if certificate in withdrawn:
            reason = Reason.WITHDRAWN
        elif at is not None and certificate.not_valid_after_utc < at:
            reason = Reason.EXPIRED
        elif purpose is Purpose.TIMESTAMP and not authority:
            reason = Reason.SINGLE
        else:
            pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
            (anchors if authority else allowed)[pem] = None
            if item.entity:
                entities[bundle.fingerprint_of(pem)] = item.entity
            continue
        ends = f", until {certificate.not_valid_after_utc:%Y-%m-%d}" if reason is Reason.EXPIRED else ""
        skipped.append(Skipped(reason=reason, who=f"{item.place}: {_label(certificate)}{ends}"))
    alone = tuple(pem for pem in allowed if pem not in anchors)
    return Sorted(anchors=tuple(anchors), allowed=alone, entities=entities, skipped=tuple(skipped))


def load(data: bytes) -> x509.Certificate:
    """Understand one certificate, PEM or DER, without a word about what is old-fashioned in it."""
    with warnings.catch_warnings():
        # Such as a serial number of zero: roots that companies made for themselves may have it.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        if data.startswith(b"-----"):
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)


def _read(item: Candidate, source: str) -> x509.Certificate | None:
    """Read one certificate and everything of it that is used later, or nothing."""
    if item.data is None:
        return None
    try:
        certificate = load(item.data)
        _is_authority(certificate)
        certificate.subject.rfc4514_string()
        certificate.not_valid_before_utc.isoformat()
        certificate.not_valid_after_utc.isoformat()
    except (
        ValueError,
        TypeError,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        if _is_private_key(item.data):
            raise bundle.private_key(source) from error
        return None
    return certificate


def _label(certificate: x509.Certificate) -> str:
    """Name the subject: organisation and common name, or the whole of it."""
    found = (
        certificate.subject.get_attributes_for_oid(oid) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    )
    return " · ".join(str(item[0].value) for item in found if item) or certificate.subject.rfc4514_string()


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_private_key(data: bytes) -> bool:
    """Say whether a private key hides where a certificate should be."""
    try:
        load_der_private_key(bundle.der(data.decode("ascii")) if data.startswith(b"-----") else data, password=None)
    except (ValueError, UnsupportedAlgorithm):
        return False
    except TypeError:
        # It asks for a passphrase: it is a key.
        return True
    return True
