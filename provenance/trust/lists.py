"""Trust lists from PEM bundles: complete and readable, or refused.

A certificate that is skipped because it cannot be read would turn up later as "signer not trusted", far from
its cause. So one damaged certificate refuses the whole file, and the message says which one it is.
"""

from __future__ import annotations

import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.errors import SettingsError
from provenance.model.trust import Purpose, TrustList

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from cryptography.x509 import Certificate

LARGEST_FILE: Final = 10 * 1024 * 1024
"""Bytes. The official lists have about 60 thousand."""

_MARK = re.compile(rb"-----(BEGIN|END) ([A-Z0-9 ]+?)-----")
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE")
_GET_AGAIN = "get the list again from its publisher"


def load_file(path: str | PathLike[str], *, purpose: Purpose, name: str | None = None) -> TrustList:
    """Read a trust list from a file: a PEM bundle, comments allowed, or one certificate in DER.

    Without a name the list is called like the file. Raises `SettingsError` for a file that is not such a list
    whole.
    """
    place = Path(path)
    try:
        with place.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise SettingsError("this trust list is not there", path=path, hint="check the path in the settings") from error
    except IsADirectoryError as error:
        raise SettingsError("this is a directory, not a trust list", path=path, hint="name a PEM file in it") from error
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"this trust list cannot be read: {error}", path=path, hint="check who may read it"
        ) from error
    return parse_pem(data, name=name or place.stem, purpose=purpose, source=str(path))


def parse_pem(text: str | bytes, *, name: str, purpose: Purpose, source: str, local: bool = False) -> TrustList:
    """Read a trust list: certificates in PEM with anything between them, or one certificate in DER.

    The name becomes one line; the digest is SHA-256 over the DER of all certificates in their order. `local` marks
    roots made on this machine. Raises `SettingsError` with `source` as its path when anything but certificates is in
    it or one cannot be read.
    """
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - heavy: not at import

    data = text.encode("utf-8") if isinstance(text, str) else text
    _require_plausible(data, source)
    certificates = _certificates(data, source)
    encoded = [item.public_bytes(Encoding.DER) for item in certificates]
    return TrustList(
        name=" ".join(name.split()),
        purpose=purpose,
        anchors=tuple(item.public_bytes(Encoding.PEM).decode("ascii") for item in certificates),
        source=source,
        digest=sha256(b"".join(encoded)).hexdigest(),
        local=local,
    )


def own_roots(roots: Iterable[str], *, name: str, source: str) -> TrustList:
    """Make the list of roots (PEM) that this machine issued to itself; they serve signers, and only here.

    They are taken as they were written: parsing them again would cost every verification a heavy import.
    """
    anchors = tuple(roots)
    bodies = ("".join(line for line in pem.splitlines() if not line.startswith("-----")) for pem in anchors)
    return TrustList(
        name=name,
        purpose=Purpose.SIGNER,
        anchors=anchors,
        source=source,
        digest=sha256(b"".join(b64decode(body) for body in bodies)).hexdigest(),
        local=True,
    )


def _require_plausible(data: bytes, source: str) -> None:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if len(data) > LARGEST_FILE:
        megabytes = LARGEST_FILE // (1024 * 1024)
        raise SettingsError(
            f"this is larger than {megabytes} MB, too large for a trust list", path=source, hint=_GET_AGAIN
        )
    if not data.strip():
        raise SettingsError("this trust list is empty", path=source, hint=_GET_AGAIN)
    if b"PRIVATE KEY-----" in data:
        raise SettingsError(
            "there is a private key in this trust list",
            path=source,
            hint="keep it elsewhere; a list holds certificates only",
        )
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise SettingsError(
            "this is a web page, not a trust list",
            path=source,
            hint="download the PEM file itself, not the page that shows it",
        )


def _certificates(data: bytes, source: str) -> list[Certificate]:
    blocks = _blocks(data, source)
    if blocks:
        return [_certificate(block, number, source) for number, block in enumerate(blocks, start=1)]
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate  # noqa: PLC0415 - see parse_pem

    try:
        return [load_der_x509_certificate(data)]
    except (ValueError, InvalidVersion) as error:
        raise SettingsError(
            "there are no certificates in this trust list",
            path=source,
            hint="give certificates in PEM, or one in DER",
        ) from error


def _certificate(block: bytes, number: int, source: str) -> Certificate:
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificate  # noqa: PLC0415 - see parse_pem

    try:
        return load_pem_x509_certificate(block)
    except (ValueError, InvalidVersion) as error:
        raise _damaged(number, source) from error


def _damaged(number: int, source: str) -> SettingsError:
    return SettingsError(
        f"certificate number {number} in this trust list is damaged",
        path=source,
        hint=f"{_GET_AGAIN}, or take that one out",
    )


def _blocks(data: bytes, source: str) -> list[bytes]:
    """Cut the text into its certificates; what stands between them is comment."""
    blocks: list[bytes] = []
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
            raise _damaged(len(blocks) + 1, source)
        if start is not None:
            blocks.append(data[start : mark.end()])
        start = mark.start() if opens else None
    if start is not None:
        raise _damaged(len(blocks) + 1, source)
    return blocks
