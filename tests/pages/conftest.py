"""What tests of pages share: a browser, and a server that no page may ask."""

from __future__ import annotations

from tests.support.browser import _chromium, _playwright, _program, _visitors, browser, listener

__all__ = ["_chromium", "_playwright", "_program", "_visitors", "browser", "listener"]
