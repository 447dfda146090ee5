"""Reports as PDF, where WeasyPrint is installed: from the same page that a browser shows, and nothing else is read."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any, NoReturn

from provenance.web.problems import Problem


def is_there() -> bool:
    """Say whether anything is installed that makes a PDF."""
    return find_spec("weasyprint") is not None


async def printed(html: str) -> bytes:
    """Return a page as PDF. Raises `Problem` where nothing is installed that prints."""
    return await asyncio.to_thread(_printed, html)


def _printed(html: str) -> bytes:
    try:
        import weasyprint  # noqa: PLC0415 -- an extra, and heavy
    except (ImportError, OSError) as error:
        hint = 'pip install "media-provenance[pdf]", and the libraries of Pango; any browser prints the page too'
        raise Problem(status=501, title="nothing is installed here that makes a PDF", hint=hint) from error
    made: bytes = weasyprint.HTML(string=html, url_fetcher=_nothing).write_pdf()
    return made


def _nothing(url: str, *_arguments: Any, **_named: Any) -> NoReturn:
    """Fetch nothing: pictures are in the page itself."""
    raise ValueError(f"nothing is fetched: {url[:60]}")
