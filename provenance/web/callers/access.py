"""Who calls, and whether they may: keys (`Authorization: Bearer pk_…`), what they open, and how often they are used."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from provenance.errors import CatalogueError
from provenance.model.service import ANONYMOUS, Caller, Rate, Scope, digest_of_token, id_in_token
from provenance.web.callers.forwarded import party
from provenance.web.callers.rates import Window
from provenance.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from provenance.catalogue.keys import Keys
    from provenance.model.service import ApiKey
    from provenance.web.callers.rates import Standing
    from provenance.web.service import Service

KNOWN_FOR: Final = 5.0
"""Seconds for which a key is not asked for again: so long after its revocation it may open what is not `GRAVE`."""
GRAVE: Final = frozenset({Scope.SIGN, Scope.ADMIN})
"""What a key opens only if the catalogue says so this very time: a key that leaked signs nothing once it is revoked."""
_MOST_KNOWN: Final = 10_000
_NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is noted when a key was last used: a note is a write."""
MISSES: Final = Rate(count=20, seconds=60)
"""Wrong keys of one address, after which none that is not known already is looked up for it."""
_HINT: Final = "send `Authorization: Bearer pk_…`; an administrator makes keys: provenance serve key create"
_BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key that `provenance serve key create` made.",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


@dataclass(slots=True, kw_only=True)
class _Known:
    """A key, and until when it is believed to be as it was."""

    key: ApiKey
    digest: str
    until: float
    noted: datetime | None


class Access:
    """Who may do what, as far as the catalogue's keys say so; for the event loop's thread alone."""

    def __init__(
        self,
        keys: Keys,
        rate: Rate | None,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the keys, and how often one address may ask without one; `now` is the time, `clock` gives seconds."""
        self._keys = keys
        self._now = now
        self._clock = clock
        self._without_key = None if rate is None else Window(rate, clock=clock)
        self._with_key: dict[Rate, Window] = {}
        self._misses = Window(MISSES, clock=clock)
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def admit(self, request: Request, token: str | None, scope: Scope, *, everyone: bool = False) -> Caller:
        """Return who asks, if they may; with `everyone`, no key is needed, but a wrong one is refused all the same.

        Raises `Problem` (401, 403, 429) and `CatalogueError`.
        """
        address = party(request.client.host if request.client else "")
        if token is None:
            if not everyone:
                raise no_key("this takes a key")
            found, standing = ANONYMOUS, self._without_key.take(address) if self._without_key is not None else None
        else:
            key = await self._recognised(token, address, scope)
            found, standing = _caller(key), self._counted(key)
        request.state.caller, request.state.standing = found, standing
        if standing is not None and not standing.allowed:
            raise _too_often(standing)
        if not everyone and scope not in found.scopes:
            raise _not_opened(scope)
        return found

    async def recognise(self, token: str, address: str) -> Caller:
        """Return who sends a key, from which address. Raises `Problem` (401, 429) and `CatalogueError`."""
        return _caller(await self._recognised(token, party(address)))

    async def holder(self, name: str, scope: Scope | None = None) -> Caller | None:
        """Return who has the key of an id, as long as it opens anything: for sessions and jobs, which keep none.

        The scope is what it is asked for; whether it opens that is for the caller to see. Raises `CatalogueError`.
        """
        known = await self._look_up(name, scope)
        return None if known is None or known.key.why_void(self._now()) else _caller(known.key)

    async def _recognised(self, token: str, address: str, scope: Scope | None = None) -> ApiKey:
        name, digest = id_in_token(token), digest_of_token(token)
        before = None if name is None else self._known.get(name)
        if before is None or not hmac.compare_digest(before.digest, digest):
            # Whoever tries keys is not looked up without end; who has been recognised is not kept waiting for that.
            standing = self._misses.look(address)
            if not standing.allowed:
                raise _too_many_misses(standing)
        known = None if name is None else await self._look_up(name, scope)
        if known is None or not hmac.compare_digest(known.digest, digest):
            self._misses.take(address)
            raise no_key("this key is not known here", wrong=True)
        if why := known.key.why_void(self._now()):
            raise no_key(why, wrong=True)
        await self._note(known)
        return known.key

    async def _look_up(self, name: str, scope: Scope | None) -> _Known | None:
        known = self._known.get(name)
        if known is not None and scope not in GRAVE and known.until > self._clock():
            return known
        found = await asyncio.to_thread(self._keys.find, name)
        if found is None:
            self._known.pop(name, None)
            return None
        key, digest = found
        noted = key.last_used_at if known is None else known.noted
        self._known[name] = known = _Known(key=key, digest=digest, until=self._clock() + KNOWN_FOR, noted=noted)
        self._known.move_to_end(name)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known

    async def _note(self, known: _Known) -> None:
        now = self._now()
        if known.noted is not None and now < known.noted + _NOTED_EVERY:
            return
        known.noted = now
        # Nobody is refused because it could not be noted.
        with suppress(CatalogueError):
            await asyncio.to_thread(self._keys.used, known.key.id, at=now)

    def _counted(self, key: ApiKey) -> Standing | None:
        if key.rate is None:
            return None
        if key.rate not in self._with_key:
            self._with_key[key.rate] = Window(key.rate, clock=self._clock)
        return self._with_key[key.rate].take(key.id)


def _caller(key: ApiKey) -> Caller:
    return Caller(id=key.id, name=key.name, scopes=frozenset(key.scopes), identities=key.identities)


# ---- what routes depend on


def caller(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of a route that takes a scope; verifying takes none where the settings open it."""

    async def allowed(request: Request, bearer: Bearer) -> Caller:
        service = _service(request)
        everyone = scope is Scope.VERIFY and service.rules.open_verification
        return await service.access.admit(request, _token(bearer), scope, everyone=everyone)

    return allowed


def resolving(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of the routes of the standard, for everyone where the settings open them."""

    async def allowed(request: Request, bearer: Bearer) -> Caller:
        service = _service(request)
        return await service.access.admit(request, _token(bearer), scope, everyone=service.rules.open_resolution)

    return allowed


async def measuring(request: Request, bearer: Bearer) -> Caller:
    """Admit who may see the measurements: administrators, and everyone where the settings open them."""
    service = _service(request)
    return await service.access.admit(request, _token(bearer), Scope.ADMIN, everyone=service.rules.open_metrics)


def _service(request: Request) -> Service:
    return cast("Service", request.app.state.service)


def _token(bearer: HTTPAuthorizationCredentials | None) -> str | None:
    return None if bearer is None else bearer.credentials


# ---- refusals


def no_key(title: str, *, hint: str | None = _HINT, wrong: bool = False) -> Problem:
    """Refuse, as RFC 6750 has it: what was wrong is only named to those who sent something."""
    challenge = 'Bearer realm="provenance"' + (', error="invalid_token"' if wrong else "")
    return Problem(
        status=401,
        title=title,
        hint=hint,
        headers={"WWW-Authenticate": challenge},
    )


def _not_opened(scope: Scope) -> Problem:
    return Problem(
        status=403,
        title=f"this key does not open this: its scopes lack {scope.value}",
        headers={"WWW-Authenticate": f'Bearer realm="provenance", error="insufficient_scope", scope="{scope.value}"'},
    )


def _too_often(standing: Standing) -> Problem:
    return _later(f"more than {standing.rate} requests", standing)


def _too_many_misses(standing: Standing) -> Problem:
    return _later("too many wrong keys came from this address", standing)


def _later(title: str, standing: Standing) -> Problem:
    hint = f"ask again in {standing.wait} s"
    return Problem(status=429, title=title, hint=hint, headers={"Retry-After": str(standing.wait)})
