"""The second level: who signed it, when, how it began, and what is stated about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.claim import Origin, short_source_type
from provenance.model.facets import Publisher
from provenance.model.vocabulary import GENERATIVE
from provenance.reports import wording
from provenance.reports.reasons import remarks
from provenance.reports.statements import statements
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join, text
from provenance.reports.to_html.parts import bounded, code, level, listed, phrase, rows, section, state, told
from provenance.reports.to_html.subject import attributable

if TYPE_CHECKING:
    from provenance.model.history import History
    from provenance.model.verdict import Verdict
    from provenance.reports.statements import Statement
    from provenance.reports.to_html.subject import Judged

STATEMENTS = 40
"""Statements that are shown of each kind."""
_REMARKS = 30
_KINDS = 12
"""Kinds of sources that are named."""
_MAY_BE = "composite"
_GENERATIVE = GENERATIVE | {"trainedAlgorithmicData"}


def origin(item: Judged) -> Markup:
    """Say who signed, when, how it began, whether it is generated, who publishes it, and what is stated."""
    doubt = None
    if not attributable(item.facets):
        doubt = element("p", phrase(labels.UNBELIEVED, why=text(wording.UNATTRIBUTABLE)), class_="note bad")
    return level(
        2,
        labels.ORIGIN,
        doubt,
        _answers(item),
        _remarks(item.verdict),
        *_stated(item.verdict),
        id_=item.subject.id("origin"),
        is_open=True,
    )


def _answers(item: Judged) -> Markup | None:
    facets = item.facets
    unchecked = [name for name in type(facets).__dataclass_fields__ if getattr(facets, name).state == "not checked"]
    nobody = facets.publisher.state is Publisher.NONE
    return rows(
        (
            (labels.SIGNED_BY, _signer(item)),
            (labels.SIGNED_WHEN, join((state(facets.time.state), " ", told(facets.time.reason)))),
            (labels.BEGAN, told(wording.beginning(item.history))),
            (labels.GENERATIVE, disclosure(item.history)),
            (
                labels.PUBLISHER,
                join((None if nobody else state(facets.publisher.state), " ", told(facets.publisher.reason))),
            ),
            (labels.NOT_CHECKED, listed(unchecked) or None),
        )
    )


def _remarks(verdict: Verdict) -> Markup | None:
    """Tell what the policy objects to and no facet says."""
    found = remarks(verdict)
    if not found:
        return None
    shown, more = bounded(found, _REMARKS)
    items = [element("li", told(item.message), " ", element("span", code(item.rule), class_="small")) for item in shown]
    return section(labels.REMARKS, element("ul", *items), more)


def _signer(item: Judged) -> Markup:
    signer = item.facets.signer
    if attributable(item.facets):
        return join((state(signer.state), " ", told(signer.reason)))
    name = wording.signed_by(item.history.edit(item.history.head).signature)
    return phrase(labels.ONLY_NAMED, name=name, why=text(wording.UNATTRIBUTABLE))


def disclosure(history: History) -> Markup:
    """Say whether anything generative is stated anywhere in a history, and how much of it is known."""
    stated = [action.source_type for edit in history.edits for action in edit.actions if action.source_type]
    kinds = list(dict.fromkeys(short_source_type(str(item)) for item in stated))
    others = list(dict.fromkeys(said for edit in history.edits for said in edit.generative))
    label = labels.NOT_GENERATIVE
    if others or _GENERATIVE & set(kinds):
        label = labels.IS_GENERATIVE
        kinds.sort(key=lambda kind: kind not in _GENERATIVE)
    elif _MAY_BE in kinds:
        label = labels.MAY_BE_GENERATIVE
    named = [told(wording.source_type(kind)) for kind in kinds] + [told(said) for said in others]
    said = phrase(label, kinds=listed(named[:_KINDS])) if named else text(labels.SOURCE_NOT_STATED)
    gaps = any(edit.is_gap for edit in history.edits)
    return join((said, f" {labels.PARTLY_UNKNOWN}" if gaps else None))


def _stated(verdict: Verdict) -> list[Markup]:
    """List statements: those that the signer's program vouches for apart from those that it passes on."""
    store = verdict.inspection.store
    if store is None:
        return []
    found = statements(store.active_manifest)
    if store.active_manifest.claim_version < 2:
        return [_list(labels.STATED_OR_PASSED_ON, found)] if found else []
    headings = {Origin.CREATED: labels.STATED, Origin.GATHERED: labels.PASSED_ON}
    kinds = ((heading, tuple(item for item in found if item.origin is kind)) for kind, heading in headings.items())
    return [_list(heading, items) for heading, items in kinds if items]


def _list(heading: str, found: tuple[Statement, ...]) -> Markup:
    shown, more = bounded(found, STATEMENTS)
    return section(heading, rows((item.about, told(item.text)) for item in shown), more)
