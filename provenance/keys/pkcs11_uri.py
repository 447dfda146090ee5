"""URIs of keys on PKCS#11 tokens (RFC 7512), as `p11tool` and `pkcs11-tool` print them.

    pkcs11:token=Newsroom;object=desk?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/newsroom/pin

A PIN itself (`pin-value`) is refused: it would stand in settings, histories and process lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_to_bytes

from provenance.errors import KeyUnavailable
from provenance.network import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM: Final = "pkcs11:token=LABEL;object=LABEL?module-path=/path/of/module.so"

_TOKEN: Final = ("token", "serial", "manufacturer", "model", "slot-id", "slot-description", "slot-manufacturer")
_LIBRARY: Final = ("library-manufacturer", "library-description", "library-version")
_OBJECT: Final = ("object", "id", "type")
_PATH: Final = (*_TOKEN, *_LIBRARY, *_OBJECT)
_QUERY: Final = ("module-path", "pin-source")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """What a URI says about a key; what it does not say fits everything."""

    place: str
    """The URI for messages, without its query."""
    token: dict[str, str] = field(default_factory=dict)
    """Attributes of the token, its slot and the module, by their names in the URI."""
    label: str | None = None
    id: bytes | None = None
    module: Path | None = None
    pin_file: Path | None = None


def parse(uri: str) -> TokenUri:
    """Read a URI. Raises `KeyUnavailable` with what is wrong in it."""
    path, _, query = uri.partition(":")[2].partition("?")
    place = re.sub(r"(?i)((?:pin|pass|secret)[\w-]*=)[^;]*", r"\1***", shown(uri.partition("?")[0]))
    try:
        found = dict(_attributes(path, ";", _PATH))
        options = dict(_attributes(query, "&", _QUERY))
        if unquote(found.get("type", "private")) != "private":
            raise _Fault("it names another kind of object than a private key (type)")
        if "slot-id" in found:
            if not found["slot-id"].isdecimal():
                raise _Fault("slot-id is not a number")
            found["slot-id"] = str(int(found["slot-id"]))
        return TokenUri(
            place=place,
            token={name: unquote(value) for name, value in found.items() if name not in _OBJECT},
            label=unquote(found["object"]) if "object" in found else None,
            id=unquote_to_bytes(found["id"]) if "id" in found else None,
            module=_absolute(options, "module-path"),
            pin_file=_absolute(options, "pin-source"),
        )
    except _Fault as error:
        fault = error
    raise KeyUnavailable(f"this URI names no key: {fault}", path=place, hint=fault.hint or f"write {FORM}")


class _Fault(Exception):
    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    seen = set()
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name == "pin-value":
            hint = "give pin-source=file:/path, or the PIN when it is asked for"
            raise _Fault("a PIN does not belong into a URI, where settings and process lists show it", hint=hint)
        if name.startswith("x-"):
            continue  # Vendors' own attributes may be left aside (RFC 7512, 2.3).
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known here are {', '.join(known)}"
            raise _Fault(f"the attribute {shown(name)!r} is not known", hint=hint)
        if not equals or not value:
            raise _Fault(f"{name} has no value")
        if name in seen:
            raise _Fault(f"{name} is there twice")
        if re.search(r"%(?![0-9A-Fa-f]{2})", value):
            raise _Fault(f"{name} holds a percent sign that begins no %XX")
        seen.add(name)
        yield name, value


def _absolute(options: dict[str, str], name: str) -> Path | None:
    if name not in options:
        return None
    value = unquote(options[name])
    if value.startswith("|"):
        raise _Fault(f"{name} is a command, and none is run here", hint="write pin-source=file:/path")
    path = Path(re.sub(r"^file:(?://(?=/))?", "", value))
    if not path.is_absolute():
        raise _Fault(f"{name} is not a whole path", hint=f"write {name}=/whole/path")
    return path
