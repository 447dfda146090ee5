"""The pages, for people with a browser: check a file, read what was found, and see how the service does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.web.pages import check, entrance, operator, reports, static
from provenance.web.pages.sessions import Sessions

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["install"]


def install(app: FastAPI) -> None:
    """Add the pages to the application."""
    app.state.sessions = Sessions()
    for module in (check, reports, entrance, operator, static):
        app.include_router(module.router)
