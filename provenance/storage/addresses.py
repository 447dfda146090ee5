"""Addresses of objects: `s3://bucket/key`, `gs://bucket/key` and `az://container/key`.

A key is what stands after the bucket, as it is: `%`, `#`, `?` and spaces mean themselves, nothing is decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from provenance.errors import SettingsError

FORM: Final = "write s3://BUCKET/KEY, gs://BUCKET/KEY or az://CONTAINER/KEY"

_SCHEMES: Final = frozenset({"s3", "gs", "az"})
_BUCKET = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._-]{1,221}")
"""Of every vendor's names; nothing in it can change which host is asked."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and bytes of a name that are no UTF-8."""
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An object, or, with an empty key or one that ends with `/`, everything below."""

    scheme: str
    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.key}"

    @property
    def is_folder(self) -> bool:
        """Say whether it can name no object."""
        return not self.key or self.key.endswith("/")

    def at(self, key: str) -> Address:
        """Return the address of another key in the same bucket."""
        return Address(scheme=self.scheme, bucket=self.bucket, key=key)


def is_object(name: str) -> bool:
    """Say by its scheme whether a name is an address in an object store; whether it is a good one shows later."""
    scheme, found, _ = name.partition("://")
    return bool(found) and scheme.lower() in _SCHEMES


def read_address(text: str) -> Address:
    """Take an address apart.

    Raises `SettingsError` for another scheme, no bucket, or a key that cannot be asked for: with an empty segment
    (`//`, a leading slash), a segment `.` or `..`, a control character or what is not UTF-8 text.
    """
    scheme, found, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if not found or scheme.lower() not in _SCHEMES:
        raise _wrong("names no object store", text)
    if not _BUCKET.fullmatch(bucket):
        raise _wrong("names no bucket" if not bucket else "holds something that is no name of a bucket", text)
    if _UNFIT.search(key):
        raise _wrong("holds a control character, or is not UTF-8 text", text)
    segments = key.removesuffix("/").split("/") if key else []
    if "" in segments:
        raise _wrong("has a part without a name (//)", text)
    if "." in segments or ".." in segments:
        raise _wrong("has a part . or .., which means nothing in an object store", text)
    return Address(scheme=scheme.lower(), bucket=bucket, key=key)


def read_object(text: str) -> Address:
    """Take an address apart that must name one object.

    Raises `SettingsError` as `read_address` does, and for one that names a bucket or a folder.
    """
    address = read_address(text)
    if address.is_folder:
        raise _wrong("names a bucket or a folder, not an object", text)
    return address


def shown(text: str) -> str:
    """Make an address safe to print: no control characters, no login before the bucket, not endless."""
    text = re.sub(r"//[^/]*@", "//***@", text)
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text)
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}…"


def _wrong(why: str, text: str) -> SettingsError:
    return SettingsError(f"this address {why}", path=shown(text), hint=FORM)
