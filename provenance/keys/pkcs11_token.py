"""Tokens behind PKCS#11 modules: which module, which token, and what their errors mean."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pkcs11
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import (
    DeviceError,
    DeviceMemory,
    DeviceRemoved,
    FunctionFailed,
    GeneralError,
    KeyHandleInvalid,
    KeyTypeInconsistent,
    MechanismInvalid,
    MechanismParamInvalid,
    ObjectHandleInvalid,
    PinExpired,
    PinLocked,
    PKCS11Error,
    SessionClosed,
    SessionCount,
    SessionHandleInvalid,
    TokenNotPresent,
    TokenNotRecognised,
    UserNotLoggedIn,
    UserPinNotInitialized,
)

from provenance.errors import KeyUnavailable, SignerRefused, SigningError
from provenance.network import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkcs11._pkcs11 import lib as Library  # noqa: N812 -- a class, whatever its name
    from pkcs11.types import Slot, Token

    from provenance.keys.pkcs11_uri import TokenUri

MODULES: Final = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib64/opensc-pkcs11.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/opensc-pkcs11.so",
    "/Library/OpenSC/lib/opensc-pkcs11.so",
)
"""Where Debian, Fedora and macOS put the modules of SoftHSM and OpenSC."""

_ASK_FOR_MODULE = "add ?module-path=/path/of/module.so to the URI, or set PROVENANCE_PKCS11_MODULE"

LOST: Final = (DeviceRemoved, SessionClosed, SessionHandleInvalid, TokenNotPresent, UserNotLoggedIn)
"""After these the session is of no more use."""

_WORDS: Final[dict[type[PKCS11Error], tuple[str, str]]] = {
    DeviceError: ("the token reports a fault of its own", "check the device and what it is connected to"),
    DeviceMemory: ("the token has no memory left for this", "close other sessions at it"),
    DeviceRemoved: ("the token was removed", "plug it in again"),
    FunctionFailed: ("the token could not do it and does not say why", "look into the log of the module"),
    GeneralError: ("the module failed and does not say why", "check its configuration and look into its log"),
    KeyHandleInvalid: ("the key is no longer on the token", "check what happened to it"),
    KeyTypeInconsistent: ("the key is of another type than this signature takes", "check the key and its certificate"),
    MechanismInvalid: ("the token does not know this way of signing", "use a key of another type, or another token"),
    MechanismParamInvalid: ("the token does not know these parameters of RSA-PSS", "use an ECDSA key"),
    ObjectHandleInvalid: ("the key is no longer on the token", "check what happened to it"),
    PinExpired: ("the PIN has expired", "set a new one with the tools of the token"),
    PinLocked: ("the PIN is locked after too many wrong ones", "unlock it with the tools of the token (SO PIN or PUK)"),
    SessionClosed: ("the token closed the session", "check whether it was removed or another program reset it"),
    SessionCount: ("the token has too many sessions open", "close other programs that use it"),
    SessionHandleInvalid: ("the token forgot the session", "check whether it was removed or another program reset it"),
    TokenNotPresent: ("the token was removed", "plug it in again"),
    UserNotLoggedIn: ("the token wants another login", "check whether another program logged out"),
    UserPinNotInitialized: ("no PIN was ever set on the token", "set one with the tools of the token"),
}

_UNAVAILABLE = (KeyHandleInvalid, ObjectHandleInvalid, PinExpired, PinLocked, UserPinNotInitialized, *LOST)
_PAUSES: Final = (0.01, 0.05, 0.2)
"""Seconds before a token that is not seen is looked for again."""
_PROCESSES: dict[str, int] = {}
"""Module to the process that loaded it."""


def explained(error: PKCS11Error, place: str) -> SigningError:
    """Return what a module's error means for whoever signs."""
    for kind, (message, hint) in _WORDS.items():
        if isinstance(error, kind):
            return (KeyUnavailable if kind in _UNAVAILABLE else SignerRefused)(message, path=place, hint=hint)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    said = f"{name}: {shown(str(error))}" if str(error) else name
    return SignerRefused(f"the token refuses: {said}", path=place, hint="look into the log of the module")


def find(uri: TokenUri) -> tuple[str, Token]:
    """Return a module and the one token in it that fits a URI; the first module that has one counts.

    Raises `KeyUnavailable` when there is none or several, or when a module cannot be used.
    """
    others: list[str] = []
    for module in _modules(uri):
        try:
            tokens, fitting = _seen(module, uri)
        except PKCS11Error as error:
            raise explained(error, uri.place) from error
        if len(fitting) > 1:
            raise KeyUnavailable(
                f"{len(fitting)} tokens fit this URI",
                path=uri.place,
                hint=f"name one of them: {', '.join(map(_described, fitting))}",
            )
        if fitting:
            return module, fitting[0]
        others += map(_described, tokens)
    there = f"there are: {', '.join(others)}" if others else "plug it in; no other token is there"
    raise KeyUnavailable("the token is not there", path=uri.place, hint=there)


def require_same_process(module: str) -> None:
    """Raise `KeyUnavailable` after a fork: PKCS#11 does not live through it."""
    if not in_same_process(module):
        raise KeyUnavailable(
            "a token that was opened before a fork cannot be used after it",
            path=module,
            hint="open keys in the process that signs with them, and start workers by spawn",
        )


def in_same_process(module: str) -> bool:
    """Say whether a module was loaded by this process, or not yet."""
    return _PROCESSES.get(module, os.getpid()) == os.getpid()


def _seen(module: str, uri: TokenUri) -> tuple[list[Token], list[Token]]:
    """Return the tokens behind a module, and those that fit a URI; after some pauses, where none is seen at once.

    SoftHSM (2.6.1) empties the file of a token at each login, and lets go of it before it is written again. Whoever
    looks in between gets an error, or, if the module is loaded just then, does not see the token until it is loaded
    anew. That would end all sessions of this process, and so is done only before anybody can have one.
    """
    fresh = module not in pkcs11._loaded  # noqa: SLF001 -- else nothing tells whether somebody else here uses it
    library = _library(module, uri.place)
    for pause in (*_PAUSES, None):
        try:
            tokens = [token for slot in library.get_slots(token_present=True) for token in _initialised(slot)]
        except GeneralError:
            if pause is None:
                raise
            time.sleep(pause)
        else:
            fitting = [token for token in tokens if _fits(token, library, uri.token)]
            if fitting or pause is None or not fresh:
                break
            time.sleep(pause)
            library.reinitialize()
    return tokens, fitting


def _initialised(slot: Slot) -> Iterator[Token]:
    with suppress(TokenNotPresent, TokenNotRecognised):
        token = slot.get_token()
        if token.flags & TokenFlag.TOKEN_INITIALIZED:
            yield token


def _fits(token: Token, library: Library, wanted: dict[str, str]) -> bool:
    facts = {
        "token": token.label,
        "serial": token.serial.decode("utf-8", "replace"),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
        "slot-id": str(token.slot.slot_id),
        "slot-description": token.slot.slot_description,
        "slot-manufacturer": token.slot.manufacturer_id,
        "library-manufacturer": library.manufacturer_id,
        "library-description": library.library_description,
        "library-version": ".".join(map(str, library.library_version)),
    }
    return all(facts[name] == value for name, value in wanted.items())


def _described(token: Token) -> str:
    return f"token={quote(token.label)};serial={quote(token.serial)}"


def _modules(uri: TokenUri) -> list[str]:
    named = uri.module or os.environ.get("PROVENANCE_PKCS11_MODULE")
    if named:
        return [str(Path(named).resolve())]
    # The same module must not be loaded by two names.
    found = list(dict.fromkeys(str(Path(item).resolve()) for item in MODULES if Path(item).is_file()))
    if not found:
        raise KeyUnavailable("no PKCS#11 module was found on this machine", path=uri.place, hint=_ASK_FOR_MODULE)
    return found


def _library(module: str, place: str) -> Library:
    require_same_process(module)
    if not Path(module).is_file():
        raise KeyUnavailable(f"the PKCS#11 module {module} is not there", path=place, hint=_ASK_FOR_MODULE)
    try:
        library = pkcs11.lib(module)
    except PKCS11Error as error:
        said = shown(str(error)) or explained(error, place).message
        raise KeyUnavailable(
            f"the PKCS#11 module {module} cannot be used: {said}", path=place, hint="check the module's configuration"
        ) from error
    _PROCESSES[module] = os.getpid()
    return library
