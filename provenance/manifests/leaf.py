"""One look into a signer's certificate, without the library that reads it whole: it would cost every verification."""

from __future__ import annotations

from provenance import der

_EXTENSIONS = 0xA3
_KEY_USAGES = "2.5.29.37"


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
