"""A real browser, without a screen and without a way to any network, that opens pages and tells what they tried."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
WIDE, PHONE = 1000, 320


@dataclass
class Tried:
    """What a page did besides being there."""

    dialogs: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Browser:
    """Chromium with a profile of its own; every page is new."""

    def __init__(self, context, folder: Path) -> None:
        self._context = context
        self._folder = folder
        self._pages: list = []

    def open(self, html: str, *, width: int = WIDE, dark: bool = False):
        """Open a document from a file; return the page and what it tried.

        The page itself may not run anything, but the test may look at it.
        """
        path = self._folder / f"page-{len(self._pages)}.html"
        path.write_text(html, encoding="utf-8", errors="backslashreplace")
        page, tried = self._context.new_page(), Tried()
        self._pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("dialog", lambda dialog: (tried.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: tried.messages.append(message.text))
        page.on("pageerror", lambda error: tried.messages.append(str(error)))
        page.on("request", lambda request: tried.requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_load_state("load")
        tried.requests.remove(path.as_uri())
        return page, tried

    def close_pages(self) -> None:
        """Close what a test has opened."""
        while self._pages:
            self._pages.pop().close()


class Listener:
    """A server on this machine that writes down who comes."""

    def __init__(self) -> None:
        visits: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                visits.append(self.path)
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Say nothing."""

        self.visits = visits
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def listener():
    """A server that no page may ask."""
    with Listener() as running:
        yield running


# For one module: while it runs, Playwright holds the event loop of the thread, and has processes of its own.


@pytest.fixture(scope="module")
def _playwright():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def _program():
    # The same engine; without the windows, menus and services around it a page costs half the time.
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    return program


@pytest.fixture(scope="module")
def _chromium(_playwright, _program, tmp_path_factory):
    context = _playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"), executable_path=_program, headless=True, args=list(ARGUMENTS)
    )
    yield context
    context.close()


@pytest.fixture(scope="module")
def _visitors(_playwright, _program):
    opened = _playwright.chromium.launch(executable_path=_program, headless=True, args=list(ARGUMENTS))
    yield opened
    opened.close()


class Visitor:
    """Somebody with a browser of their own at a service; all that pages tried is written down."""

    def __init__(self, browser, url: str) -> None:
        self.url = url
        self._browser = browser
        self._contexts: list = []

    def come(self, *, width: int = WIDE, dark: bool = False, scripts: bool = True):
        """Open an empty page; return it and what it tries."""
        context = self._browser.new_context(
            base_url=self.url, viewport={"width": width, "height": 900}, java_script_enabled=scripts,
            color_scheme="dark" if dark else "light", reduced_motion="reduce",
        )  # fmt: skip
        self._contexts.append(context)
        page, tried = context.new_page(), Tried()
        page.on("dialog", lambda dialog: (tried.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: tried.messages.append(message.text))
        page.on("pageerror", lambda error: tried.messages.append(str(error)))
        page.on("request", lambda request: tried.requests.append(request.url))
        return page, tried

    def leave(self) -> None:
        """Close everything."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def browser(_chromium, tmp_path):
    """A browser for one test."""
    opened = Browser(_chromium, tmp_path)
    yield opened
    opened.close_pages()
