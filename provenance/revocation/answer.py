"""Read an OCSP answer and believe it only when all of it holds (RFC 6960, 3.2; C2PA 2.4, 15.9).

1. it is an answer, and a successful one;
2. it is about this certificate of this issuer;
3. it is signed by the issuer, or by a delegate whom the issuer made for nothing else (RFC 6960, 4.2.2.2);
4. it speaks for the time that matters.

Whatever fails gives "not checked" with its reason, and never "good". One thing outlives point 4: revoked stays revoked,
however old the answer is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import ocsp

from provenance.model.facets import Revocation
from provenance.model.revocation import WITHOUT_NEXT_UPDATE, RevocationAnswer
from provenance.revocation.responder import Unusable, authorized_signer

if TYPE_CHECKING:
    from datetime import datetime

STAPLED: Final = "stapled"
"""The source of answers that came with the file."""

SKEW: Final = timedelta(minutes=5)
"""How far the clocks of a responder and of this machine may be apart."""

UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for certificates and answers that are damaged or strange."""

_REFUSALS = {
    ocsp.OCSPResponseStatus.MALFORMED_REQUEST: "the responder does not understand the question",
    ocsp.OCSPResponseStatus.INTERNAL_ERROR: "the responder has an internal error",
    ocsp.OCSPResponseStatus.TRY_LATER: "the responder asks to try again later",
    ocsp.OCSPResponseStatus.SIG_REQUIRED: "the responder answers signed questions only",
    ocsp.OCSPResponseStatus.UNAUTHORIZED: "the responder gives no answer about this certificate (unauthorized)",
}
_TEMPORARY = (ocsp.OCSPResponseStatus.INTERNAL_ERROR, ocsp.OCSPResponseStatus.TRY_LATER)
_WORST_FIRST = (ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN, ocsp.OCSPCertStatus.GOOD)


def read_answer(
    response: bytes,
    *,
    certificate: bytes,
    issuer: bytes,
    at: datetime,
    source: str,
    signed_at: datetime | None = None,
) -> RevocationAnswer:
    """Say what an OCSPResponse (DER) proves about a certificate (DER, as is its issuer's).

    `at` (aware) is the time of looking. `signed_at` (aware) is the time of signing if, and only if, a trusted
    time-stamp attests it: then the answer must speak for that moment or a later one. Without it the answer must be
    fresh at `at`. Whether a certificate that was revoked later was good then is told by the answer's `holds_at`.
    """
    try:
        subject, authority = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
    except UNREADABLE:
        return not_checked("the certificate or that of its issuer cannot be read", source)
    try:
        parsed = _parsed(response)
        single = _about(parsed, subject, authority)
        if single is None:
            return not_checked("the answer is about another certificate", source)
        signer = authorized_signer(parsed, subject, authority)
        known = _facts(parsed, single, source, response)
    except Unusable as error:
        return not_checked(error.reason, source)
    except UNREADABLE:
        return not_checked("the answer cannot be read", source)
    untimely = _untimely(known, at, signed_at) or _too_old(signer, at, signed_at)
    return _judged(known, single.certificate_status, untimely)


def is_about(response: bytes, *, certificate: bytes, issuer: bytes) -> bool:
    """Say whether an OCSPResponse (DER) speaks of a certificate (DER, as is its issuer's), well or badly."""
    try:
        subject, authority = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
        return _about(_parsed(response), subject, authority) is not None
    except (Unusable, *UNREADABLE):
        return False


def not_checked(reason: str, source: str) -> RevocationAnswer:
    """Return the answer that there is none, and why."""
    return RevocationAnswer(state=Revocation.NOT_CHECKED, reason=reason, source=source)


def is_temporary(response: bytes) -> bool:
    """Say whether an OCSPResponse (DER) asks to be asked again."""
    try:
        return ocsp.load_der_ocsp_response(response).response_status in _TEMPORARY
    except UNREADABLE:
        return False


def nonce_of(response: bytes) -> bytes | None:
    """Return the nonce in an OCSPResponse (DER), if there is one."""
    try:
        return ocsp.load_der_ocsp_response(response).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except (*UNREADABLE, x509.ExtensionNotFound):
        return None


def _parsed(response: bytes) -> ocsp.OCSPResponse:
    try:
        parsed = ocsp.load_der_ocsp_response(response)
    except UNREADABLE as error:
        raise Unusable("what was answered is not an OCSP answer") from error
    if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise Unusable(_REFUSALS[parsed.response_status])
    if any(item.critical and not isinstance(item.value, x509.OCSPNonce) for item in _extensions(parsed)):
        raise Unusable("the answer has a critical extension that is not understood")
    return parsed


def _extensions(parsed: ocsp.OCSPResponse) -> list[x509.Extension[x509.ExtensionType]]:
    # There is no way to those of single answers when there are several.
    alone = len(list(parsed.responses)) == 1
    return [*parsed.extensions, *(parsed.single_extensions if alone else ())]


def _about(
    parsed: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> ocsp.OCSPSingleResponse | None:
    found = [item for item in parsed.responses if _is_about(item, certificate, issuer)]
    return min(found, key=lambda item: _WORST_FIRST.index(item.certificate_status), default=None)


def _is_about(item: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        # A question about the certificate names it in the same way.
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, item.hash_algorithm).build()
    except UNREADABLE:
        return False
    return (item.serial_number, item.issuer_name_hash, item.issuer_key_hash) == (
        asked.serial_number,
        asked.issuer_name_hash,
        asked.issuer_key_hash,
    )


def _facts(
    parsed: ocsp.OCSPResponse, single: ocsp.OCSPSingleResponse, source: str, response: bytes
) -> RevocationAnswer:
    reason = single.revocation_reason
    return RevocationAnswer(
        state=Revocation.NOT_CHECKED,
        reason="",
        source=source,
        produced_at=parsed.produced_at_utc,
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        revoked_at=single.revocation_time_utc,
        revocation_reason=None if reason is None else reason.value,
        response=response,
    )


def _judged(known: RevocationAnswer, status: ocsp.OCSPCertStatus, untimely: str | None) -> RevocationAnswer:
    # Taken off the list again is what the reason means, not revoked (C2PA 2.4, 15.9.2).
    released = known.revocation_reason == x509.ReasonFlags.remove_from_crl.value
    if status is ocsp.OCSPCertStatus.REVOKED and not released:
        why = known.revocation_reason or "no reason is given"
        reason = f"the certificate was revoked on {_shown(known.revoked_at)} ({why})"
        return replace(known, state=Revocation.REVOKED, reason=reason)
    if untimely is not None:
        return replace(known, reason=untimely)
    if status is ocsp.OCSPCertStatus.UNKNOWN:
        return replace(known, state=Revocation.UNKNOWN, reason="the authority does not know the certificate")
    says = "the certificate is no longer revoked (removeFromCRL)" if released else "the certificate is not revoked"
    reason = f"{says}, as of {_shown(known.this_update)}"
    if known.next_update is None:
        hours = WITHOUT_NEXT_UPDATE // timedelta(hours=1)
        reason = f"{reason}; the answer does not say until when it counts, and is taken to for {hours} hours"
    return replace(known, state=Revocation.GOOD, reason=reason)


def _untimely(known: RevocationAnswer, at: datetime, signed_at: datetime | None) -> str | None:
    """Say why an answer does not speak for the time that matters."""
    this, produced, until = known.this_update, known.produced_at, known.until
    if this is None or produced is None or until is None:
        return "the answer is not dated"
    if max(this, produced) > at + SKEW:
        return f"the answer is dated {_shown(max(this, produced))}, which is still to come"
    if this > produced + SKEW:
        return "the answer speaks for a time after it was made"
    if signed_at is not None and signed_at > until:
        return f"the answer counts until {_shown(until)}, and the signature was made after that"
    if signed_at is None and at > until:
        return f"the answer expired on {_shown(until)}"
    return None


def _too_old(signer: x509.Certificate, at: datetime, signed_at: datetime | None) -> str | None:
    """Say whether the answer may have been made with a key that has been out of use since, and dated back."""
    if signed_at is not None or at <= signer.not_valid_after_utc:
        return None
    return f"the certificate of the answer's signer expired on {_shown(signer.not_valid_after_utc)}"


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "an unnamed date"
