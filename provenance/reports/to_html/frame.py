"""The frame of every page: one file, one style sheet, and a rule that forbids everything else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, text


def page(title: str, body: str) -> str:
    """Return a whole document that loads nothing and runs nothing.

    A body that is not `Markup` is shown as text.
    """
    style, digest = _style()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Markup(_policy(digest))),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        # A browser that takes serial numbers for those of telephones would make links of them.
        element("meta", name="format-detection", content="telephone=no, date=no, address=no, email=no"),
        element("title", title),
        element("style", style),
    )
    root = element("html", head, element("body", text(body)), lang=labels.LANGUAGE)
    return f"<!doctype html>\n{root}\n"


def _policy(digest: str) -> str:
    allowed = ("default-src 'none'", "img-src data:", f"style-src 'sha256-{digest}'", "base-uri 'none'")
    return "; ".join((*allowed, "form-action 'none'"))


@cache
def _style() -> tuple[Markup, str]:
    """Return the style sheet and its SHA-256 in Base64, which a browser compares."""
    style = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    return Markup(style), base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
