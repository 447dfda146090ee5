"""Whether a certificate is one of a time-stamp authority, and whether a list vouches for it (RFC 3161, 2.3; RFC 5280).

Everything is judged as of the time that the token names: certificates expire, and time-stamps made before stay good.
Whether the certificate of an authority was revoked is not looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from provenance.errors import TrustError
from provenance.network import shown
from provenance.timestamps.faults import Fault, Flaw
from provenance.timestamps.signed import UNREADABLE, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from cryptography.x509.verification import Policy

Value = TypeVar("Value", bound=x509.ExtensionType)

LONGEST_CHAIN: Final = 3
"""Certificates between the authority's own and one that is listed. More would only give room to those who build
tokens that take long to judge."""

_TIME_STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
_ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE


def name_of(certificate: x509.Certificate) -> str:
    """Return what people call the subject: common name, else organisation, else the whole name; printable."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            return shown(str(attribute.value))
    return shown(certificate.subject.rfc4514_string())


def require_authority(certificate: x509.Certificate, *, at: datetime) -> None:
    """Raise `Flaw` unless a certificate is made for time-stamps and nothing else, and valid at a time."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first <= at <= last:
        raise Flaw(
            Fault.OUTSIDE_VALIDITY,
            f"its time, {at:%Y-%m-%d %H:%M:%S} UTC, lies outside the validity of its authority's certificate, "
            f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC",
        )
    try:
        fault = next(_unsuitable(certificate.extensions), None)
    except UNREADABLE as error:
        raise Flaw(Fault.UNTRUSTED, "the certificate of its authority cannot be read") from error
    if fault is not None:
        raise Flaw(Fault.UNTRUSTED, f"the certificate of its authority {fault}")


def _unsuitable(extensions: x509.Extensions) -> Iterator[str]:
    purposes = _value(extensions, x509.ExtendedKeyUsage)
    if purposes is None or list(purposes.value) != [_TIME_STAMPING]:
        yield "is not made for time-stamps and nothing else (extended key usage)"
    elif not purposes.critical:
        yield "does not mark its purpose as critical (extended key usage)"
    usage = _value(extensions, x509.KeyUsage)
    if usage is not None and not (usage.value.digital_signature or usage.value.content_commitment):
        yield "does not allow digital signatures (key usage)"
    constraints = _value(extensions, x509.BasicConstraints)
    if constraints is not None and constraints.value.ca:
        yield "belongs to a certification authority"


def _value(extensions: x509.Extensions, kind: type[Value]) -> x509.Extension[Value] | None:
    try:
        return extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None


def require_listed(
    certificate: x509.Certificate, others: Iterable[bytes], *, anchors: Sequence[str], at: datetime
) -> None:
    """Raise `Flaw` unless a listed certificate, a root or not, stands above this one or is this one.

    `others` are the certificates that the token carries, DER; `anchors` the listed ones, PEM. Everything in between
    must be valid at the time. Raises `TrustError` for anchors that cannot be read.
    """
    listed = _load(tuple(anchors))
    try:
        if not listed:
            raise VerificationError("nobody is listed")
        builder = PolicyBuilder().store(Store(listed)).time(at).max_chain_depth(LONGEST_CHAIN)
        builder = builder.extension_policies(ca_policy=_issuers(), ee_policy=ExtensionPolicy.permit_all())
        builder.build_client_verifier().verify(certificate, list(_readable(others)))
    except (VerificationError, *UNREADABLE) as error:
        raise Flaw(
            Fault.UNTRUSTED,
            f"no trusted list of time-stamp authorities vouches for “{name_of(certificate)}” as of {at:%Y-%m-%d}",
        ) from error


@lru_cache(maxsize=8)
def _load(anchors: tuple[str, ...]) -> list[x509.Certificate]:
    try:
        return [item for text in anchors for item in x509.load_pem_x509_certificates(text.encode())]
    except UNREADABLE as error:
        raise TrustError(
            "a certificate on the list of time-stamp authorities cannot be read", hint="get the list again"
        ) from error


def _readable(certificates: Iterable[bytes]) -> Iterator[x509.Certificate]:
    for encoded in certificates:
        try:
            yield load(encoded)
        except UNREADABLE:
            # It may be one that the path does not need.
            continue


def _issuers() -> ExtensionPolicy:
    """Return the rules for issuers: those of the web but for their purpose and for how they name their own issuer."""
    return (
        ExtensionPolicy.webpki_defaults_ca()
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _issues_authorities)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None)
    )


def _issues_authorities(
    _policy: Policy, _certificate: x509.Certificate, purposes: x509.ExtendedKeyUsage | None
) -> None:
    if purposes is not None and _TIME_STAMPING not in purposes and _ANY not in purposes:
        raise ValueError("this issuer may not issue certificates for time-stamps")
