"""One step of a history: who signed it, with what, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from provenance.model.history import EditState, label_of
from provenance.reports import wording
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join, text
from provenance.reports.to_html.parts import bounded, listed, moment, phrase, state, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.claim import Action
    from provenance.model.history import Edit, History, RedFlag, Removal

T = TypeVar("T")
_ACTIONS = 40
_FILES = 12
_LINES = 20
_TITLE = 120
_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step stands."""

    id: str
    number: int
    role: str
    """How it went into the one above."""
    picture: Markup | None
    history: History
    losses: tuple[Removal, ...]
    """What was redacted of it later."""
    flags: tuple[RedFlag, ...]


def title(edit: Edit) -> Markup:
    """Name a step by its title."""
    return told(edit.title, limit=_TITLE) if edit.title else text(labels.NO_TITLE)


def step(edit: Edit, place: Place, inside: Markup | None) -> Markup:
    """Show one step; `inside` is what else went into it."""
    reason = edit.reason and not any(edit.reason in flag.message for flag in place.flags)
    where = element("p", phrase(labels.STEP, number=place.number), " · ", place.role, class_="small")
    said = element(
        "div",
        where,
        element("p", element("strong", title(edit)), " ", state(edit.state), class_="title"),
        element("p", told(edit.reason)) if reason else None,
        *_few(place.flags, lambda flag: _flag(flag, edit)),
        *_made(edit, place.history),
        _actions(edit, place.history),
        *_few(place.losses, _lost),
        class_="said",
    )
    picture = element("figure", place.picture) if place.picture else None
    return element("li", element("div", picture, said, class_="step"), inside, id=place.id)


def _few(items: tuple[T, ...], show: Callable[[T], Markup]) -> list[Markup | None]:
    shown, more = bounded(items, _LINES)
    return [*(show(item) for item in shown), more]


def _lost(item: Removal) -> Markup:
    reason = _reason(item.reason) or told(labels.NO_REASON)
    return element("p", phrase(labels.REDACTED_LATER, what=item.label, reason=reason), class_="small")


def _reason(reason: object) -> Markup | None:
    """Say why something was redacted; a reason that the standard does not know stands as it is."""
    return told(labels.REASONS.get(str(reason), reason)) if reason else None


def _flag(flag: RedFlag, edit: Edit) -> Markup:
    kind = labels.FLAG_OF_STATE if str(flag.kind) == str(edit.state) else labels.FLAG_OF_KIND.format(kind=flag.kind)
    return element("p", element("strong", kind), ": ", told(flag.message), class_="flag")


def _made(edit: Edit, history: History) -> list[Markup]:
    """Say who signed a step, when, and with what it was made."""
    lines: list[Markup] = []
    if edit.signature is not None:
        label = labels.SIGNED if edit.trusted else labels.SIGNER_UNVERIFIED
        if edit.state is EditState.BROKEN:
            label = labels.NAMED_AS_SIGNER
        signer = phrase(label, name=told(wording.signed_by(edit.signature), limit=_NAME))
        stamp = moment(edit.signature.time)
        lines.append(join((signer, ", ", phrase(labels.STAMPED, time=stamp))) if stamp else signer)
    for later in edit.stamped_in[:1]:
        name = title(history.edit(later)) if later in history else told(later, limit=_NAME)
        lines.append(phrase(labels.STAMPED_LATER, title=name))
    named = [f"{item.name} {item.version or ''}".strip() for item in edit.generators[:3]]
    if named:
        lines.append(phrase(labels.MADE_WITH, generator=listed(told(name, limit=_NAME) for name in named)))
    return [element("p", line, class_="small") for line in lines]


def _actions(edit: Edit, history: History) -> Markup | None:
    if not edit.actions:
        return None
    shown, more = bounded(edit.actions, _ACTIONS)
    items = [element("li", action(item, edit, history)) for item in shown]
    return join((element("ul", *items, class_="actions", aria_label=labels.ACTIONS), more))


def action(item: Action, edit: Edit, history: History) -> Markup:
    """Show one thing that was done: what, with which files, from which kind of source, why, when and with what."""
    kind = wording.source_type(str(item.source_type)) if item.source_type else None
    used = listed(title(history.edit(edge.source)) for edge in history.used(edit.id, item)[:_FILES])
    gone = listed(told(entry.label, limit=_NAME) for entry in _redacted(item, edit))
    said = [told(kind) if kind else None, told(item.description) if item.description else None, _reason(item.reason)]
    agent = phrase(labels.AGENT, agent=told(item.software_agent, limit=_NAME)) if item.software_agent else None
    small = [told(wording.stated_moment(item.when), limit=40) if item.when else None, agent]
    return join(
        (
            element("strong", told(item.name.removeprefix("c2pa."), limit=60)),
            *(join((" ", named)) for named in (used, gone) if named),
            *(join((" – ", entry)) for entry in said if entry),
            *(element("span", " ", entry, class_="small") for entry in small if entry),
        )
    )


def _redacted(item: Action, edit: Edit) -> list[Removal]:
    """Find what an action took away from earlier steps."""
    if item.name != "c2pa.redacted":
        return []
    named = item.parameters.get("redacted")
    labels_of = {label_of(uri) for uri in (named if isinstance(named, list) else [named])}
    return [entry for entry in edit.removals if entry.label in labels_of][:_FILES]
