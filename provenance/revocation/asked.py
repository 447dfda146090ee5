"""Mend how the engine asks: it puts requests into addresses without encoding them, where a slash splits them."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from urllib.parse import unquote

from provenance import der


def split(url: str) -> tuple[str, bytes] | None:
    """Split an address into that of the responder and the request that stands behind it (DER).

    Returns None where there is no request. Source: RFC 6960, A.1; RFC 5019, 5.
    """
    start = url.find("/", url.find("//") + 2)
    while start != -1:
        try:
            request = b64decode(unquote(url[start + 1 :]), validate=True)
            der.read(request)
        except (Error, ValueError):
            start = url.find("/", start + 1)
        else:
            return url[:start], request
    return None
