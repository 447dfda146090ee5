"""Reports for paper, where WeasyPrint is installed: of the same page that a browser shows, and nothing else is read."""

from __future__ import annotations


def printed(html: str) -> bytes | None:
    """Return a page as PDF; `None` where what prints cannot be loaded."""
    try:
        import weasyprint  # noqa: PLC0415 -- an extra, and heavy
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 -- the same
    except (ImportError, OSError):
        return None
    # Pictures are in the page itself; nothing is fetched.
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    made: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf()
    return made
