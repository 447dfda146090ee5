"""One look into a signer's certificate, without the library that reads it whole: it would cost every verification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance import der

if TYPE_CHECKING:
    from datetime import datetime

_EXTENSIONS = 0xA3
_KEY_USAGES = "2.5.29.37"
_VERSION = 0xA0


def expires(certificate: bytes) -> datetime | None:
    """Return when a certificate in DER expires; None where it cannot be read.

    Source: RFC 5280, 4.1.
    """
    try:
        fields = der.Fields(der.split(der.read(certificate).body)[0])
        fields.maybe(_VERSION)
        fields.take(der.INTEGER)
        for _ in ("signature algorithm", "issuer"):
            fields.take(der.SEQUENCE)
        _, until = der.split(fields.take(der.SEQUENCE).body)
        return der.moment(until)
    except (ValueError, IndexError):
        return None


def key_usages(certificate: bytes) -> tuple[str, ...]:
    """Return the extended key usages (OIDs) of a certificate in DER; none where it cannot be read.

    Source: RFC 5280, 4.2.1.12.
    """
    try:
        signed = der.split(der.read(certificate).body)[0]
        extensions = next(item for item in der.split(signed.body) if item.tag == _EXTENSIONS)
        for extension in der.split(der.read(extensions.body).body):
            name, *_, value = der.split(extension.body)
            if der.oid(name) == _KEY_USAGES:
                return tuple(der.oid(item) for item in der.split(der.read(value.body).body))
    except (ValueError, StopIteration, IndexError):
        return ()
    return ()
