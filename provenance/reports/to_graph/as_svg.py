"""Draw a history as SVG: the file at the top, below it what it was made from, down to where it began.

The picture has no script, no style sheet and no address of anything outside, so that a page with a strict content
security policy can show it. Text and lines take the colour of whatever is around them; what has a colour of its own
can be read on light and dark ground alike.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.to_graph import boxes as box
from provenance.reports.to_graph.boxes import STYLES, WIDTH, Box
from provenance.reports.to_graph.rails import Rail, rails
from provenance.reports.to_graph.view import view
from provenance.reports.to_graph.words import Kind, lines, role, state, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model.history import History, RedFlag
    from provenance.model.media import Thumbnail
    from provenance.reports.to_graph.boxes import Text
    from provenance.reports.to_graph.view import View

_MARGIN = 8
_GAP = 22
"""Between boxes."""
_LANE = 13
_ROUND = 7
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
_BAD, _GOOD, _OPEN, _ON_OPEN = "#a11d1d", "#0b4f8f", "#f2b632", "#221800"
_LINES = ("#3f7fbf", "#b8701f", "#4f8f5a", "#8a63b5", "#b4557a", "#55858f")
"""Colours of rails, by lane: seen on light and dark ground."""
_STATES = {"intact": (_GOOD, "#ffffff"), "broken": (_BAD, "#ffffff"), "missing": (_BAD, "#ffffff")}
_PICTURES = frozenset({"image/jpeg", "image/png"})
_LONGEST = 4000
"""Characters of the description for those who do not see the picture."""
# Standing alone it brings its ground along; within a page this is the page's business.
_GROUND = (
    "<style>:root{color-scheme:light dark;background:Canvas;color:CanvasText}"
    "@media print{:root{color-scheme:light}}</style>"
)


def svg(
    history: History,
    *,
    flags: tuple[RedFlag, ...],
    thumbnails: Mapping[str, Thumbnail],
    standalone: bool = False,
    links: Mapping[str, str] | None = None,
) -> str:
    """Return one `<svg>` element, for a page or, with its own ground and colours, as a file of its own.

    `thumbnails` are raster pictures that were made here (`images.make_thumbnail`), by their JUMBF URIs; `links` lead
    from steps, by their ids, to where the page tells of them. What has links is no longer one picture, but a group.
    """
    shown = view(history, flags)
    placed = _placed(shown, thumbnails)
    tracks = rails(((into, source) for into, source, _ in shown.edges), placed)
    left = _MARGIN + 10 + _LANE * (1 + max((item.lane for item in tracks), default=-1))
    width = left + WIDTH + _MARGIN
    note = shown.note
    height = placed[-1].top + placed[-1].height + (34 if note else _MARGIN)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="{"group" if links else "img"}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" font-family="{_FONT}" fill="currentColor">',
        _GROUND if standalone else "",
        f"<title>{escape(_name(history))}</title><desc>{escape(_described(shown))}</desc>",
        *(part for item in tracks for part in _rail(item, placed, left)),
        *_boxes(shown, placed, left, links or {}),
        _text(note, x=_MARGIN, y=height - 12, size=12) if note else "",
        "</svg>",
    ]
    return "".join(parts) + ("\n" if standalone else "")


def _placed(shown: View, thumbnails: Mapping[str, Thumbnail]) -> list[Box]:
    placed: list[Box] = []
    top = float(_MARGIN)
    for node in shown.nodes:
        picture = thumbnails.get(node.edit.thumbnail or "")
        safe = picture if picture is not None and picture.media_type in _PICTURES else None
        placed.append(box.box(node, lines(node, shown), top=top, thumbnail=safe))
        top += placed[-1].height + _GAP
    return placed


def _name(history: History) -> str:
    return f"The history of {title(history.edit(history.head))}"


def _described(shown: View) -> str:
    """Say in one text what the picture shows."""
    told = [f"How it began: {visible(wording.beginning(shown.history))}."]
    told += [shown.note + "."] if shown.note else []
    for node in shown.nodes:
        into = "; ".join(f"{role(edge)} for {title(shown.history.edit(edge.into))}" for edge in node.uses)
        raised = "".join(f", {flag.kind}" for flag in node.flags)
        told.append(f"{node.number + 1}. {title(node.edit)}: {state(node.edit)}{raised}{f' ({into})' if into else ''}.")
    text = " ".join(told)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _rail(rail: Rail, placed: list[Box], left: float) -> Iterator[str]:
    """Draw the lines from what went into a step up to it; the arrow shows where they went."""
    x = left - 10 - _LANE * rail.lane - 4
    colour = _LINES[rail.lane % len(_LINES)]
    start = placed[rail.into].leaves
    for _, end in rail.ends:
        bend = _ROUND if end > start else -_ROUND
        yield (
            f'<path d="M{left:.0f} {start:.0f}H{x + _ROUND:.0f}Q{x:.0f} {start:.0f} {x:.0f} {start + bend:.0f}'
            f'V{end - bend:.0f}Q{x:.0f} {end:.0f} {x + _ROUND:.0f} {end:.0f}H{left:.0f}" fill="none" '
            f'stroke="{colour}" stroke-width="2"/><circle cx="{left:.0f}" cy="{end:.0f}" r="3.5" fill="{colour}"/>'
        )
    yield f'<path d="M{left:.0f} {start:.0f}l-8 -5v10z" fill="{colour}"/>'


def _boxes(shown: View, placed: list[Box], left: float, links: Mapping[str, str]) -> Iterator[str]:
    """Draw the boxes, each within its link where it has one: by what it went into, keys find their way."""
    into: dict[int, list[str]] = {}
    for user, source, _ in shown.edges:
        into.setdefault(source, []).append(str(user))
    for item in placed:
        node = item.node
        link = links.get(node.edit.id)
        if link is not None:
            name = f"{node.number + 1}. {title(node.edit)}: {state(node.edit)}"
            where = f'data-step="{node.number}" data-into="{" ".join(into.get(node.number, ()))}"'
            yield f'<a href="{escape(link)}" {where} aria-label="{escape(name)}">'
        yield from _box(item, left)
        if link is not None:
            yield "</a>"


def _box(item: Box, left: float) -> Iterator[str]:
    """Draw a box: a gap in the history has a broken border."""
    edit = item.node.edit
    dashes = ' stroke-dasharray="6 4"' if edit.is_gap else ""
    edge = _BAD if edit.state == "broken" else "currentColor"
    yield (
        f'<svg x="{left:.0f}" y="{item.top:.0f}" width="{WIDTH}" height="{item.height:.0f}">'
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{item.height - 2:.0f}" rx="8" fill="currentColor" '
        f'fill-opacity="{0 if edit.is_gap else 0.04}" stroke="{edge}" '
        f'stroke-opacity="{1 if edge == _BAD else 0.45}" stroke-width="{1.5 if edge != _BAD else 2.5}"{dashes}/>'
    )
    if item.thumbnail is not None:
        data = b64encode(item.thumbnail.data).decode()
        yield (
            f'<image x="{box.PADDING}" y="{box.PADDING}" width="{box.THUMBNAIL}" height="{box.THUMBNAIL}" '
            f'href="data:{item.thumbnail.media_type};base64,{data}"/>'
        )
    yield from (_line(text, edit.state) for text in item.texts)
    yield "</svg>"


def _line(text: Text, known: str) -> str:
    size = STYLES[text.kind].size
    match text.kind:
        case Kind.STATE:
            return _pill(text, known)
        case Kind.TITLE:
            return _text(text.text, x=text.x, y=text.y, size=size, more=' font-weight="650"')
        case Kind.ROLE:
            return _text(text.text, x=text.x, y=text.y, size=size, more=' font-weight="600" fill-opacity="0.75"')
        case Kind.FAINT:
            return _text(text.text, x=text.x, y=text.y, size=size, more=' fill-opacity="0.75"')
        case Kind.WARNING:
            return _text(text.text, x=text.x, y=text.y, size=size, more=' font-style="italic"')
        case Kind.ACTION | Kind.FLAG if text.is_first:
            return _mark(text) + _text(text.text, x=text.x, y=text.y, size=size)
        case _:
            return _text(text.text, x=text.x, y=text.y, size=size)


def _pill(text: Text, known: str) -> str:
    """Say the state of a step on a ground of its own; the border of a gap is broken here too."""
    ground, ink = _STATES.get(known, (_OPEN, _ON_OPEN))
    body = f'<rect x="{text.x:.0f}" y="{text.y - 13:.0f}" width="{text.width + 16:.0f}" height="18" rx="4"'
    told = _text(
        text.text, x=text.x + 8, y=text.y, size=STYLES[text.kind].size, more=f' font-weight="600" fill="{ink}"'
    )
    return f'{body} fill="{ground}"/>{told}'


def _mark(text: Text) -> str:
    if text.kind is Kind.ACTION:
        return f'<circle cx="{text.x - 8:.0f}" cy="{text.y - 4:.0f}" r="2"/>'
    mark = _text("!", x=text.x - 13.5, y=text.y - 0.5, size=11, more=' font-weight="700" fill="#ffffff"')
    return f'<circle cx="{text.x - 11.5:.1f}" cy="{text.y - 4:.1f}" r="7" fill="{_BAD}"/>{mark}'


def _text(text: str, *, x: float, y: float, size: float, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{more}>{escape(text)}</text>'
