"""Forms are only taken from pages of ours: another site's page must not have a browser send one (CSRF).

What a browser itself says of where a request comes from decides (`Sec-Fetch-Site`, else `Origin`); besides, the form
holds what a cookie holds, which no other site can read or set (`SameSite=Strict`, `__Host-` over TLS).
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from provenance.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

FIELD: Final = "token"
_COOKIE: Final = "form"
_LENGTH: Final = 32


def check_origin(request: Request) -> None:
    """Refuse what a page of somebody else has sent, before anything of it is read. Raises `Problem`."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site == "same-origin"
    else:
        own = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if not own:
        raise Problem(status=403, title="this form was not sent from a page of this service", hint="open the page anew")


def check_token(request: Request, given: object) -> None:
    """Refuse a form that does not hold what the cookie holds. Raises `Problem`."""
    kept = request.cookies.get(cookie_name(request, _COOKIE), "")
    if not kept or not isinstance(given, str) or not hmac.compare_digest(kept.encode(), given.encode()):
        raise Problem(status=403, title="this form is too old", hint="open the page anew; cookies must be allowed")


def token_of(request: Request) -> str:
    """Return what forms for this browser hold: what it has already, where it has something."""
    kept = request.cookies.get(cookie_name(request, _COOKIE), "")
    return kept if len(kept) == len(secrets.token_hex(_LENGTH)) and kept.isalnum() else secrets.token_hex(_LENGTH)


def set_token(request: Request, response: Response, token: str) -> None:
    """Have the browser keep it."""
    set_cookie(request, response, _COOKIE, token)


def cookie_name(request: Request, name: str) -> str:
    """Name a cookie so that over TLS nobody else can have set it."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(request: Request, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie that no script reads and no other site has sent along."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
