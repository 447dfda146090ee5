"""What is kept of a report on one file: pieces, of which both a document and a page of a service are put together."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance import codec
from provenance.reports.escape import visible
from provenance.reports.to_html import labels
from provenance.reports.to_html.article import Parts, article, parts_of
from provenance.reports.to_html.document import footer, whole
from provenance.reports.to_html.markup import Markup
from provenance.reports.to_html.pictures import Pictures, is_raster
from provenance.reports.to_html.plan import plan
from provenance.reports.to_html.steps import thumbnails
from provenance.reports.to_html.subject import Subject, judged

if TYPE_CHECKING:
    from provenance.model.history import History
    from provenance.model.media import Thumbnail
    from provenance.reports.result import Results
    from provenance.reports.to_html.subject import Judged

ANCESTORS: Final = 24
"""Steps with a picture that a file may be laid beside."""
_TITLE: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A small raster picture that was made here."""

    media_type: str
    base64: str

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return base64.b64decode(self.base64)

    @property
    def source(self) -> str:
        """What an `<img>` shows."""
        return f"data:{self.media_type};base64,{self.base64}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A step of the history that has a picture."""

    step: int
    """Its number on the page, from 1: that is the file itself, as its signer has shown it."""
    title: str
    role: str
    picture: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """Pieces of HTML, made here of escaped text, and what else a page shows."""

    name: str
    decision: str | None
    parts: dict[str, str]
    """Of an article, by their names in `Parts`."""
    footer: str
    picture: Picture | None
    """The file as it is now, made small."""
    ancestors: tuple[Ancestor, ...]


def fragments(results: Results) -> Fragments:
    """Make the pieces of a report on one file: the only one in `results`."""
    (result,) = results.items
    subject = Subject(result=result, number=1, pictures=Pictures())
    made = parts_of(subject)
    item = judged(subject)
    return Fragments(
        name=visible(result.name),
        decision=result.decision,
        parts={name: str(getattr(made, name)) for name in Parts.__dataclass_fields__},
        footer=str(footer(results)),
        picture=picture_of(result.picture),
        ancestors=() if item is None else _ancestors(item),
    )


def written(results: Results) -> str:
    """Write the pieces as JSON; `read` reads them."""
    return codec.to_json(fragments(results), indent=0)


def read(text: str) -> Fragments:
    """Read what `written` wrote."""
    return codec.from_json(text, Fragments)


def document_of(found: Fragments) -> str:
    """Put the pieces together to what `to_html.document` writes of the file."""
    made = Parts(**{name: Markup(text) for name, text in found.parts.items()})
    shown = article(made, number=1, decision=found.decision)
    return whole(labels.TITLE_OF_ONE.format(name=found.name), (made.note, shown), Markup(found.footer))


def _ancestors(item: Judged) -> tuple[Ancestor, ...]:
    shown = thumbnails(item)
    kept = ((label, number) for label, number in plan(item.history).numbers.items() if label in shown)
    found = []
    for label, number in sorted(kept, key=lambda entry: entry[1])[:ANCESTORS]:
        picture = picture_of(shown[label])
        if picture is not None:
            title = visible(item.history.edit(label).title or labels.NO_TITLE, limit=_TITLE)
            found.append(Ancestor(step=number, title=title, role=_role(item.history, label), picture=picture))
    return tuple(found)


def _role(history: History, label: str) -> str:
    if label == history.head:
        return labels.AS_SIGNED
    return next((labels.ROLES[edge.relationship] for edge in history.uses(label)), "")


def picture_of(shown: Thumbnail | None) -> Picture | None:
    """Make a picture of one that was made here; `None` for what is none."""
    if shown is None or not is_raster(shown):
        return None
    return Picture(media_type=shown.media_type, base64=base64.b64encode(shown.data).decode())
