"""The third level: the whole history, step by step, with its red flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports.to_graph.as_svg import svg
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join
from provenance.reports.to_html.parts import bounded, phrase, told
from provenance.reports.to_html.plan import plan
from provenance.reports.to_html.step import Place, step, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.history import RedFlag
    from provenance.model.media import Thumbnail
    from provenance.reports.to_html.plan import Entry
    from provenance.reports.to_html.subject import Judged

_FLAGS = 100


def whole(item: Judged) -> Markup:
    """Show every step, newest first, and what is odd about them: what stands in the third level."""
    drawing = _Drawing(item)
    total, shown = len(item.history.edits), len(drawing.numbers)
    rest = element("p", phrase(labels.MORE_STEPS, shown=shown, count=total), class_="note")
    return join(
        (
            *drawing.flags(),
            element("p", phrase(labels.STEPS[total == 1], count=total)),
            element("div", _graph(item, drawing.links()) if total > 1 else None, drawing.line(), class_="history"),
            rest if shown < total else None,
        )
    )


def _graph(item: Judged, links: Mapping[str, str]) -> Markup:
    """Draw the history; each box leads to its step, and the steps say the same as text."""
    shown = item.subject.pictures.within(item.subject.result.thumbnails)
    drawn = Markup(svg(item.history, flags=item.subject.result.flags, thumbnails=shown, links=links))
    return element("div", drawn, class_="graph", role="group", tabindex="0", aria_label=labels.GRAPH)


def thumbnails(item: Judged) -> Mapping[str, Thumbnail]:
    """Return the thumbnails that can be shown, by the steps that they belong to."""
    found = item.subject.result.thumbnails
    named = ((edit.id, edit.thumbnail) for edit in item.history.edits)
    return {label: found[uri] for label, uri in named if uri is not None and uri in found}


class _Drawing:
    """A history as it is laid out, with everything that its steps say."""

    def __init__(self, item: Judged) -> None:
        self._item = item
        self._history = item.history
        self._losses = item.history.losses
        self._thumbnails = thumbnails(item)
        self._all_flags = item.subject.result.flags
        self._flags: dict[str, list[RedFlag]] = {}
        for flag in self._all_flags:
            self._flags.setdefault(flag.edit, []).append(flag)
        self._plan = plan(item.history)
        self.numbers = self._plan.numbers

    def line(self) -> Markup:
        """Show the file itself and everything that it was made from."""
        return self._list(self._plan.line)

    def links(self) -> dict[str, str]:
        """Say where each step is told of."""
        return {label: f"#{self._id(number)}" for label, number in self.numbers.items()}

    def _list(self, entries: tuple[Entry, ...]) -> Markup:
        shown = [self._mention(entry) if entry.is_mention else self._step(entry) for entry in entries]
        return element("ol", *shown, class_="steps", role="list")

    def _mention(self, entry: Entry) -> Markup:
        number = self.numbers.get(entry.label)
        where: Markup | str = labels.NOT_SHOWN
        if number is not None:
            where = element("a", phrase(labels.SHOWN_AS, number=number), href=f"#{self._id(number)}")
        named = title(self._history.edit(entry.label))
        return element("li", element("p", _role(entry), " ", named, ": ", where))

    def _step(self, entry: Entry) -> Markup:
        number = self.numbers[entry.label]
        alt = labels.THUMBNAIL.format(number=number)
        place = Place(
            id=self._id(number),
            number=number,
            role=_role(entry),
            picture=self._item.subject.pictures.show(self._thumbnails.get(entry.label), alt),
            history=self._history,
            losses=self._losses.get(entry.label, ()),
            flags=tuple(self._flags.get(entry.label, ())),
        )
        return step(self._history.edit(entry.label), place, self._inside(entry))

    def _inside(self, entry: Entry) -> Markup | None:
        """Show what went into a step beside the file that it was made from."""
        if not entry.inside and not entry.left_out:
            return None
        more = element("p", phrase(labels.MORE_SOURCES[entry.left_out == 1], count=entry.left_out), class_="note")
        return element(
            "div",
            element("p", labels.WENT_IN, class_="small"),
            *(self._list(line) for line in entry.inside),
            more if entry.left_out else None,
            class_="went-in",
        )

    def flags(self) -> list[Markup]:
        """List what is odd, however little of the history is shown."""
        if not self._all_flags:
            return [element("p", labels.NO_FLAGS)]
        shown, more = bounded(self._all_flags, _FLAGS)
        items = [element("li", self._flag(flag)) for flag in shown]
        heading = (element("h4", labels.FLAGS), element("p", labels.FLAGS_NOTE, class_="small"))
        return [element("section", *heading, element("ul", *items), more, class_="flags")]

    def _flag(self, flag: RedFlag) -> Markup:
        number = self.numbers.get(flag.edit)
        where = title(self._history.edit(flag.edit))
        if number is not None:
            where = element("a", phrase(labels.IN_STEP, number=number), href=f"#{self._id(number)}")
        return join((element("strong", flag.kind), " (", where, "): ", told(flag.message)))

    def _id(self, number: int) -> str:
        return self._item.subject.id("step", number)


def _role(entry: Entry) -> str:
    return labels.ROLES[entry.edge.relationship] if entry.edge else labels.THIS_FILE
