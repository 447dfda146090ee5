"""The application: every route, and what all of them share."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from provenance import __version__
from provenance.web import headers, intake, logs, pages, problems
from provenance.web.api import assets, compare, health, jobs, reports, resolution, sign, verify
from provenance.web.described import TAGS, Described, operation_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from provenance.web.service import Service

_ABOUT: Final = """Sign media with Content Credentials (C2PA), and verify where it comes from.

A verdict has facets (credential, content, signature, signer, time, revocation), and a policy decides: `accepted`,
`review` or `rejected`. What was not checked says so. Files are looked at in processes without a network.
"""


def create(service: Service) -> FastAPI:
    """Make the application of an open service; it is started and closed along with it."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = Described(
        title="provenance",
        version=__version__,
        description=_ABOUT,
        lifespan=life,
        # The viewers of OpenAPI that come with FastAPI load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
    )
    app.state.service = service
    problems.install(app)
    for module in (verify, sign, compare, reports, assets, jobs, resolution, health):
        app.include_router(module.router)
    pages.install(app)
    app.add_middleware(intake.Intake, largest=service.largest)
    app.add_middleware(logs.Log, metrics=service.metrics, proxies=service.rules.trusted_proxies)
    # Around all others: what goes wrong in any of them is answered with these too.
    app.add_middleware(headers.Headers)
    return app
