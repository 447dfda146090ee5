"""What a file must look like to be taken for a list, and how it is cut into certificates.

Nothing here understands certificates, so that nothing heavy is loaded.
"""

from __future__ import annotations

import re
from base64 import b64decode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LARGEST_FILE: Final = 10 * 1024 * 1024
"""Bytes. The official lists have about 60 thousand."""
GET_AGAIN: Final = "get the list again from its publisher"

_MARK = re.compile(rb"-----(BEGIN|END) ([A-Z0-9 ]+?)-----")
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE")
_END = "-----END CERTIFICATE-----\n"


def require_plausible(data: bytes, source: str) -> None:
    """Refuse what is no list at all, whatever is in it. Raises `SettingsError` with `source` as its path."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if len(data) > LARGEST_FILE:
        megabytes = LARGEST_FILE // (1024 * 1024)
        raise SettingsError(
            f"this is larger than {megabytes} MB, too large for a trust list", path=source, hint=GET_AGAIN
        )
    if not data.strip():
        raise SettingsError("this trust list is empty", path=source, hint=GET_AGAIN)
    if b"PRIVATE KEY-----" in data:
        raise private_key(source)
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise SettingsError(
            "this is a web page, not a trust list",
            path=source,
            hint="download the list itself, not the page that shows it",
        )


def private_key(source: str) -> SettingsError:
    """Make the refusal of a list with a private key in it."""
    return SettingsError(
        "there is a private key in this trust list",
        path=source,
        hint="keep it elsewhere; a list holds certificates only",
    )


def blocks(data: bytes, source: str) -> list[bytes]:
    """Cut a PEM bundle into its certificates; what stands between them is comment.

    Without any mark the whole is one block: a certificate in DER. Raises `SettingsError` when something other than
    certificates is in it, or when a mark is missing, as in a file that was cut off.
    """
    found: list[bytes] = []
    start: int | None = None
    for mark in _MARK.finditer(data):
        opens, label = mark[1] == b"BEGIN", mark[2]
        if label not in _CERTIFICATES:
            raise SettingsError(
                f"there is a {label.decode('ascii').lower()} in this trust list",
                path=source,
                hint="a list holds certificates only; convert PKCS#7 with `openssl pkcs7 -print_certs`",
            )
        if opens is (start is not None):
            raise _cut_off(len(found) + 1, source)
        if start is not None:
            found.append(data[start : mark.end()])
        start = mark.start() if opens else None
    if start is not None:
        raise _cut_off(len(found) + 1, source)
    return found or [data]


def _cut_off(number: int, source: str) -> SettingsError:
    return SettingsError(
        f"this trust list is cut off: certificate number {number} has no beginning or no end",
        path=source,
        hint=GET_AGAIN,
    )


def join(certificates: Iterable[str]) -> str:
    """Put certificates (PEM) into one text that `split` takes apart again."""
    return "".join(certificates)


def split(text: str) -> tuple[str, ...]:
    """Take apart what `join` made, without looking into it."""
    return tuple(f"{part}{_END}" for part in text.split(_END) if part)


def digest_of(anchors: Iterable[str], allowed: Iterable[str] = ()) -> str:
    """Compute the digest of a list: SHA-256 over the DER of its anchors, then of its single certificates.

    The certificates are PEM without comments. Raises `ValueError` for what is not.
    """
    return sha256(b"".join(der(pem) for pem in (*anchors, *allowed))).hexdigest()


def fingerprint_of(pem: str) -> str:
    """Compute the SHA-256 of one certificate, lower-case hexadecimal."""
    return sha256(der(pem)).hexdigest()


def der(pem: str) -> bytes:
    """Return the DER in a PEM block, by its lines alone. Raises `ValueError` for what is not Base64."""
    lines: Sequence[str] = pem.splitlines()
    return b64decode("".join(line for line in lines if not line.startswith("-----")), validate=True)
