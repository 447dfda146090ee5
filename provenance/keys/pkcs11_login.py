"""Logins at PKCS#11 tokens: one for each token in a process, shared by all keys on it.

A token counts wrong PINs and locks itself. So no PIN is tried twice: neither is a login repeated, nor is a PIN that a
token has refused offered to it again while this process lives.
"""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING

import pkcs11
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import (
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from provenance.errors import KeyUnavailable, WrongSecret
from provenance.keys.pkcs11_token import LOST, explained, find, in_same_process, require_same_process
from provenance.keys.secrets import from_file
from provenance.network import shown

if TYPE_CHECKING:
    from pkcs11.types import Session, Token

    from provenance.keys.pkcs11_uri import TokenUri
    from provenance.keys.secrets import Secret

REFUSED_PIN = (PinIncorrect, PinInvalid, PinLenRange)

DOOR = RLock()
"""Whoever calls into a module holds this: modules are loaded without a word of threads, and so do not lock."""

_LOGINS: dict[tuple[str, int], Login] = {}
_REFUSED: set[bytes] = set()
"""Fingerprints of refused PINs under a key that only this process knows."""
_SALT = secrets.token_bytes(32)


class Login:
    """A session at one token, shared by all keys on it in this process."""

    def __init__(self, where: tuple[str, int], session: Session, pin: str | None) -> None:
        self.session = session
        self.pin = pin
        """Once more for keys that want it with each signature."""
        self.users = 0
        self._where = where
        self._lost = False

    @property
    def token(self) -> str:
        """The token's label, for messages."""
        return shown(self.session.token.label)

    def require_same_process(self) -> None:
        """Raise `KeyUnavailable` after a fork: PKCS#11 does not live through it."""
        require_same_process(self._where[0])

    def alive(self) -> bool:
        """Ask the token for something small, to see whether it still knows the session."""
        try:
            self.session.generate_random(8)
        except LOST:
            self._lost = True
        except PKCS11Error:
            # Not all tokens make random numbers.
            return True
        return not self._lost

    def leave(self, *, lost: bool = False) -> None:
        """Close the session when nobody else uses it; one that is lost is not used again by anybody."""
        with DOOR:
            self.users -= 1
            self._lost = self._lost or lost
            if (self.users == 0 or lost) and _LOGINS.get(self._where) is self:
                del _LOGINS[self._where]
            # Closing a session that is lost would log out the one that took its place, and in a fork the parent's.
            if self.users == 0 and not self._lost and in_same_process(self._where[0]):
                with suppress(PKCS11Error):
                    self.session.close()


def enter(uri: TokenUri, secret: Secret) -> Login:
    """Find the token and log in, once for all keys on it; `secret` is asked for its PIN where it takes one.

    Raises `KeyUnavailable` when there is no such token or it lets nobody in, `WrongSecret` for a PIN that it refuses.
    """
    with DOOR:
        module, token = find(uri)
        where = (module, token.slot.slot_id)
        login = _LOGINS.get(where)
        if login is None or not login.alive():
            login = _LOGINS[where] = _log_in(where, token, uri, secret)
        login.users += 1
        return login


def _log_in(where: tuple[str, int], token: Token, uri: TokenUri, secret: Secret) -> Login:
    if token.flags & TokenFlag.USER_PIN_LOCKED:
        raise explained(PinLocked(), uri.place)
    pin = _pin(token, uri, secret)
    offered = pin if isinstance(pin, str) else None
    mark = hmac.digest(_SALT, repr((where[0], token.serial, offered)).encode(), "sha256")
    refusal = f"the token {shown(token.label)} does not accept this PIN"
    if mark in _REFUSED:
        raise WrongSecret(refusal, path=uri.place, hint="it was not tried again; give another PIN")
    try:
        return Login(where, token.open(user_pin=pin), offered)
    except UserAlreadyLoggedIn:
        return Login(where, token.open(), offered)
    except PKCS11Error as error:
        if offered is not None and isinstance(error, (*REFUSED_PIN, PinExpired, PinLocked)):
            _REFUSED.add(mark)
        if isinstance(error, REFUSED_PIN):
            raise WrongSecret(refusal, path=uri.place, hint=_tries(token)) from error
        raise explained(error, uri.place) from error


def _pin(token: Token, uri: TokenUri, secret: Secret) -> object:
    """Return the PIN, or that the device asks for it itself, or None where none is needed."""
    if not token.flags & TokenFlag.LOGIN_REQUIRED:
        return None
    if token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH:
        return pkcs11.PROTECTED_AUTH
    wanted = f"the PIN of token {shown(token.label)}"
    pin = from_file(uri.pin_file)(wanted) if uri.pin_file else secret(wanted)
    if not pin:
        raise KeyUnavailable(
            f"the token {shown(token.label)} wants a PIN and none was given",
            path=uri.place,
            hint="add pin-source=file:/path to the URI, or run the command in a terminal to be asked for it",
        )
    return pin


def _tries(token: Token) -> str:
    with suppress(PKCS11Error):
        flags = token.slot.get_token().flags
        if flags & TokenFlag.USER_PIN_LOCKED:
            return "that was the last try: the PIN is locked now; unlock it with the tools of the token"
        if flags & TokenFlag.USER_PIN_FINAL_TRY:
            return "one try is left before the token locks itself"
        if flags & TokenFlag.USER_PIN_COUNT_LOW:
            return "it was not tried again; after some more wrong PINs the token locks itself"
    return "it was not tried again; too many wrong PINs lock a token"
