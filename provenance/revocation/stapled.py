"""Answers that came with the file: in the signature (`rVals`) or in a `c2pa.certificate-status` assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.facets import Revocation
from provenance.model.revocation import worst
from provenance.revocation.answer import STAPLED, is_about, not_checked, read_answer
from provenance.revocation.chains import about, way_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from provenance.model.revocation import RevocationAnswer

# One sound answer is enough (C2PA 2.4, 15.9), but none outweighs that the certificate has been revoked.
_BEST_FIRST = (Revocation.REVOKED, Revocation.GOOD, Revocation.UNKNOWN, Revocation.NOT_CHECKED)


def read_stapled(
    responses: Sequence[bytes], *, chain: Sequence[bytes], at: datetime, signed_at: datetime | None = None
) -> RevocationAnswer:
    """Say what stapled answers (OCSPResponse, DER) prove about a chain (DER, the signer's certificate first).

    The times are those of `read_answer`. Authorities in the chain count where an answer about them is stapled; of the
    signer's certificate there must be one.
    """
    way = way_up(chain)
    if not responses:
        return not_checked("no answer about the certificate is stapled", STAPLED)
    if not way.steps:
        return not_checked("the certificate of its issuer is not at hand to check a stapled answer with", STAPLED)
    answers = []
    for number, (certificate, issuer) in enumerate(way.steps):
        found = _read(responses, certificate=certificate, issuer=issuer, at=at, signed_at=signed_at)
        if number == 0:
            answers.append(found or not_checked("no stapled answer is about the signer's certificate", STAPLED))
        elif found is not None:
            answers.append(about(found, certificate))
    return worst(answers)


def _read(
    responses: Sequence[bytes], *, certificate: bytes, issuer: bytes, at: datetime, signed_at: datetime | None
) -> RevocationAnswer | None:
    """Return what the best of the answers says about one certificate; `None` when none is about it."""
    found = [
        read_answer(item, certificate=certificate, issuer=issuer, at=at, source=STAPLED, signed_at=signed_at)
        for item in responses
        if is_about(item, certificate=certificate, issuer=issuer)
    ]
    return min(found, key=lambda answer: _BEST_FIRST.index(answer.state), default=None)
