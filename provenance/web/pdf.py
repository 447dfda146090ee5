"""Reports as PDF, made by a worker."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from provenance.web.problems import Problem
from provenance.web.workers import printing
from provenance.web.workers.shelter import Pool

if TYPE_CHECKING:
    from provenance.web.service import Service


def is_there() -> bool:
    """Say whether anything is installed that makes a PDF."""
    return find_spec("weasyprint") is not None


async def printed(service: Service, html: str) -> bytes:
    """Return a page as PDF. Raises `Problem` where nothing is installed that prints, `Busy` and `WorkerLost`."""
    # Fonts are wherever a system has them, and closed workers read no more than uploads.
    data = await service.shelter.run(printing.printed, html, pool=Pool.OPEN) if is_there() else None
    if data is None:
        hint = 'pip install "media-provenance[pdf]", and the libraries of Pango; any browser prints the page too'
        raise Problem(status=501, title="nothing is installed here that makes a PDF", hint=hint)
    return data
