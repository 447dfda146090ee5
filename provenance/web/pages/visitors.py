"""Who opens a page: whoever has signed in with a key, else anybody, where the settings allow that."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import Request

from provenance.model.service import Caller, Scope
from provenance.web.pages.guard import cookie_name
from provenance.web.pages.sessions import COOKIE
from provenance.web.problems import Problem
from provenance.web.service import Served, Service

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from provenance.web.pages.sessions import Sessions


def visitor(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of a page that takes a scope. It raises `Problem`: 401 leads to signing in."""

    async def allowed(request: Request, service: Served) -> Caller:
        holder = await signed_in(request, service, scope)
        if holder is not None and scope in holder.scopes:
            request.state.caller = holder
            return holder
        if scope is Scope.VERIFY and service.rules.open_verification:
            return await service.access.admit(request, None, scope, everyone=True)
        if holder is not None:
            raise Problem(status=403, title=f"your key does not open this: its scopes lack {scope.value}")
        raise Problem(status=401, title="sign in to see this")

    return allowed


async def signed_in(request: Request, service: Service, scope: Scope | None = None) -> Caller | None:
    """Return who has signed in with this browser, as long as the key opens anything; the scope is what for."""
    key = sessions(request).key(word(request))
    return None if key is None else await service.access.holder(key, scope)


def sessions(request: Request) -> Sessions:
    """Return the sessions of the application."""
    return cast("Sessions", request.app.state.sessions)


def word(request: Request) -> str | None:
    """Return what the browser keeps of its session."""
    return request.cookies.get(cookie_name(request, COOKIE))
