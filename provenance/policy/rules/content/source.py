"""How was it made?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.history import EditState, FlagKind
from provenance.policy.registry import failed, passed, rule, undecided
from provenance.policy.rules.naming import called, listed, no_source_type, quoted, source_name
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.model.history import Edit
    from provenance.model.policy import Answer
    from provenance.policy.rules.statements import Told

_CREATED = "c2pa.created"


@rule(
    "content.source-type-in", "Was it made in one of these ways?",
    checks={"types": no_source_type},
)  # fmt: skip
@stated
def source_type_in(told: Told, *, types: tuple[str, ...], anywhere: bool = False) -> Answer:
    """`types`: digital source types, in short (`digitalCapture`) or as URIs.

    Looks at what `c2pa.created` states of everything that it began with; with `anywhere = true` at every other step
    that states one too. Undecided where something that it began with does not say.
    """
    wanted = {source_name(item) for item in types}
    return _answer(told, lambda name: name in wanted, anywhere=anywhere, wrong=f"which is not one of {listed(types)}")


@rule(
    "content.source-type-not-in", "Was it made in none of these ways?",
    checks={"types": no_source_type},
)  # fmt: skip
@stated
def source_type_not_in(told: Told, *, types: tuple[str, ...], anywhere: bool = True) -> Answer:
    """`types`: digital source types, in short (`screenCapture`) or as URIs.

    Looks at every step of the history; with `anywhere = false` only at what `c2pa.created` states of everything that
    it began with. Undecided where something that it began with does not say.
    """
    refused = {source_name(item) for item in types}
    return _answer(told, lambda name: name not in refused, anywhere=anywhere, wrong="which is not wanted here")


def _answer(told: Told, good: Callable[[str], bool], *, anywhere: bool, wrong: str) -> Answer:
    found = [item for edit in told.history.beginnings for item in _began(edit)]
    if anywhere:
        found += [(edit, name) for edit in told.history.edits for name in _stated(edit)]
    for edit, name in found:
        if name is not None and not good(name):
            return failed(
                f"{called(edit)} states the source type {quoted(name)}, {wrong}",
                subject=told.subject(edit.id),
                evidence=(name,),
            )
    silent = [edit for edit, name in found if name is None or edit.state is not EditState.INTACT]
    if silent or not found:
        edit = silent[0] if silent else told.history.edits[0]
        return undecided(f"how {called(edit)} was made is not known", subject=told.subject(edit.id))
    names = tuple(dict.fromkeys(str(name) for _, name in found))
    return passed(f"it states {listed(names)}", evidence=names)


def _began(edit: Edit) -> Iterator[tuple[Edit, str | None]]:
    """Yield the source types of a beginning; None where it states none."""
    names = [source_name(item.source_type) for item in edit.actions if item.name == _CREATED]
    yield from ((edit, name) for name in names or [None])


def _stated(edit: Edit) -> Iterator[str]:
    for action in edit.actions:
        name = source_name(action.source_type)
        if name is not None:
            yield name


@rule("content.not-generative", "Does nothing in its history say that a generative model had a part in it?")
@stated
def not_generative(told: Told) -> Answer:
    """Looks at source types, `c2pa.ai-disclosure` and stated metadata of every step, broken ones included.

    Nothing that says so is no proof: whoever generates need not state it. Undecided where manifests are missing.
    """
    said = told.flagged(FlagKind.GENERATIVE)
    if said:
        return failed(said[0].message, subject=told.subject(said[0].edit), evidence=_evidence(told, said[0].edit))
    missing = told.flagged(FlagKind.MISSING)
    if missing:
        return undecided("a manifest that its history names is not at hand", subject=missing[0].edit)
    return passed("nothing in its history says that a generative model had a part in it")


@rule("content.generative-stated", "Does the file itself say that a generative model had a part in it?")
@stated
def generative_stated(told: Told) -> Answer:
    """To be asked of media that are known to be generated: whether they are marked as such, by their active manifest.

    A source type of an action counts, and `c2pa.ai-disclosure`. What is not generated fails, and rightly so.
    """
    own = {item.label for item in told.own}
    here = next((item for item in told.flagged(FlagKind.GENERATIVE) if item.edit in own), None)
    if here is None:
        return failed("the file itself does not say that a generative model had a part in it")
    return passed(here.message, evidence=_evidence(told, here.edit))


@rule("content.generative-disclosed", "If a generative model had a part in it, does the file itself say so?")
@stated
def generative_disclosed(told: Told) -> Answer:
    """What only an earlier step says is easily overlooked: the active manifest has to repeat it.

    A source type of an action counts, and `c2pa.ai-disclosure`. Passes when nothing says that it was generated.
    """
    said = told.flagged(FlagKind.GENERATIVE)
    if not said:
        return passed("nothing in its history says that a generative model had a part in it")
    own = {item.label for item in told.own}
    here = next((item for item in said if item.edit in own), None)
    if here is not None:
        return passed(here.message, evidence=_evidence(told, here.edit))
    return failed(
        f"{said[0].message}, and the file itself does not say so",
        subject=told.subject(said[0].edit),
        evidence=_evidence(told, said[0].edit),
    )


def _evidence(told: Told, label: str) -> tuple[str, ...]:
    """Name the source types and statements that speak of a model."""
    edit = told.history.edit(label)
    return (*dict.fromkeys(_stated(edit)), *edit.generative)
