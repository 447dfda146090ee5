"""What pages load besides themselves: style sheets and scripts of our own, from memory, by fixed names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from provenance.reports import to_html
from provenance.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)
_FOLDER: Final = Path(__file__).parent.parent / "static"
_PLACES: Final[Mapping[str, tuple[Path, str]]] = {
    # Reports have the same look on a page as where they stand alone.
    "report.css": (Path(to_html.__file__).parent / "style.css", "text/css"),
    "page.css": (_FOLDER / "page.css", "text/css"),
    "page.js": (_FOLDER / "page.js", "text/javascript"),
    "htmx.js": (_FOLDER / "htmx" / "htmx.min.js", "text/javascript"),
    "icon.svg": (_FOLDER / "icon.svg", "image/svg+xml"),
}
_LASTING: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    data: bytes
    media_type: str
    digest: str


@router.get("/static/{digest}/{name}")
async def get_static(digest: str, name: str) -> Response:
    """Return one of these files; its address changes with what is in it. Raises `Problem`."""
    if name not in _PLACES or _file(name).digest != digest:
        raise Problem(status=404, title="there is no such file")
    found = _file(name)
    return Response(found.data, media_type=found.media_type, headers=_LASTING)


def address(name: str) -> str:
    """Return where a file is."""
    return f"/static/{_file(name).digest}/{name}"


@cache
def _file(name: str) -> _File:
    path, media_type = _PLACES[name]
    data = path.read_bytes()
    return _File(data=data, media_type=media_type, digest=hashlib.sha256(data).hexdigest()[:16])
