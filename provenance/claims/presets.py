"""Three ways of signing, each a claim that follows the standard (C2PA 2.4, actions).

capture   `c2pa.created`, first and alone: this is where the file begins.
publish   `c2pa.opened` + `c2pa.published`: what there was before is kept, or said to be unknown.
edit      `c2pa.opened` + one action for each step, + `c2pa.placed` for every file that was put in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.claims import describe, vocabulary
from provenance.claims.options import AiTraining, Preset
from provenance.claims.redact import location_redactions
from provenance.errors import InvalidClaim
from provenance.model.claim import Action, Assertion, Claim, Generator, Origin, Relationship
from provenance.model.media import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from provenance.claims.options import SigningOptions
    from provenance.model.claim import Ingredient, Redaction

_ACTIONS_LABEL = "c2pa.actions.v2"


def compose(
    options: SigningOptions,
    *,
    title: str,
    generator: Generator,
    at: datetime,
    metadata: Metadata | None = None,
    ingredients: tuple[Ingredient, ...] = (),
) -> Claim:
    """Make a claim of a preset.

    `ingredients` holds at most one parent; `at` is the time of signing, aware. Raises `InvalidClaim` when the wishes
    contradict each other or the standard.
    """
    _refuse_contradictions(options, ingredients)
    metadata = metadata or Metadata()
    match options.preset:
        case Preset.CAPTURE:
            steps = _captured(options, metadata, ingredients, at)
        case Preset.PUBLISH:
            steps = _published(options, ingredients, at)
        case Preset.EDIT:
            steps = _edited(options, ingredients, at)
    redactions = _redactions(options, ingredients)
    actions = [*steps, *(_redacted(item, at) for item in redactions)]
    assertions = [*describe.metadata_assertions(metadata, options)]
    if options.ai_training:
        assertions.append(describe.training_assertion(options.ai_training, options.ai_constraint))
    if options.ai_model:
        assertions.append(describe.disclosure_assertion(options.ai_model))
    return Claim(
        title=options.title or title,
        generator=generator,
        actions=tuple(actions),
        # Only the signer can know whether an editor's list of steps is complete; the other presets are.
        all_actions_included=options.preset is not Preset.EDIT,
        ingredients=ingredients,
        assertions=(*assertions, *_own(options.assertions)),
        redactions=redactions,
    )


def is_generated(options: SigningOptions) -> bool:
    """Say whether the file is declared to come from a generative model."""
    if options.ai_model:
        return True
    declared = vocabulary.source_type(options.source_type) if options.source_type else ""
    return vocabulary.short_source_type(declared) in vocabulary.GENERATIVE


def _refuse_contradictions(options: SigningOptions, ingredients: tuple[Ingredient, ...]) -> None:
    if options.preset is not Preset.EDIT and options.actions:
        raise InvalidClaim("actions go with editing", hint="sign with --as edit")
    if options.preset is Preset.PUBLISH and options.source_type and not is_generated(options):
        raise InvalidClaim(
            "publishing does not say how a file began",
            hint="sign with --as capture, or leave off --source-type",
        )
    if options.ai_constraint and options.ai_training is not AiTraining.CONSTRAINED:
        raise InvalidClaim("a constraint needs something that is constrained", hint="say --ai-training constrained")
    parents = [item for item in ingredients if item.relationship is Relationship.PARENT_OF]
    if len(parents) > 1:
        raise InvalidClaim("a file has at most one parent", hint="name the others with --ingredient")
    if options.preset is Preset.CAPTURE and parents:
        raise InvalidClaim(
            "a capture has no past, but this file already has credentials",
            hint="sign with --as publish or --as edit: its history is kept",
        )


def _captured(
    options: SigningOptions, metadata: Metadata, ingredients: tuple[Ingredient, ...], at: datetime
) -> Iterable[Action]:
    default = "trainedAlgorithmicMedia" if options.ai_model else "digitalCapture"
    taken = metadata.captured_at
    yield Action(
        name="c2pa.created",
        when=taken.text if taken and taken.offset_known else None,
        source_type=vocabulary.source_type(options.source_type or default),
    )
    yield from _placed(ingredients, at)


def _published(options: SigningOptions, ingredients: tuple[Ingredient, ...], at: datetime) -> Iterable[Action]:
    parent = _parent(ingredients)
    if parent is None:
        # Only generated files have none here: who names the model knows how the file began.
        yield Action(
            name="c2pa.created",
            when=at.isoformat(),
            source_type=vocabulary.source_type(options.source_type or "trainedAlgorithmicMedia"),
        )
    else:
        yield _opened(parent, at)
    yield from _placed(ingredients, at)
    yield Action(name="c2pa.published", when=at.isoformat())


def _edited(options: SigningOptions, ingredients: tuple[Ingredient, ...], at: datetime) -> Iterable[Action]:
    parent = _parent(ingredients)
    if parent is None:
        raise InvalidClaim("an edit needs the file that was edited", hint="name it with --parent")
    yield _opened(parent, at)
    yield from _placed(ingredients, at)
    default = "compositeWithTrainedAlgorithmicMedia" if options.ai_model else "humanEdits"
    for wish in options.actions or ("edited",):
        yield _step(wish, vocabulary.source_type(options.source_type or default), at)


def _step(wish: str, source_type: str, at: datetime) -> Action:
    """Make an action of a wish such as `cropped` or `translated:sourceLanguage=de,targetLanguage=en`."""
    name, _, listed = wish.partition(":")
    full = vocabulary.action(name)
    short = full.removeprefix("c2pa.")
    if short in {"created", "opened", "placed", "redacted"}:
        raise InvalidClaim(f"{full} is set by the program itself", hint="leave it out")
    pairs = [item.partition("=") for item in listed.split(",")] if listed else []
    if any(not key or not value for key, _, value in pairs):
        raise InvalidClaim(f"the parameters of {wish!r} cannot be read", hint="write NAME:key=value,key=value")
    return Action(
        name=full,
        when=at.isoformat(),
        source_type=None if short in vocabulary.WITHOUT_SOURCE_TYPE else source_type,
        parameters={key: value for key, _, value in pairs},
    )


def _parent(ingredients: tuple[Ingredient, ...]) -> Ingredient | None:
    return next((item for item in ingredients if item.relationship is Relationship.PARENT_OF), None)


def _opened(parent: Ingredient, at: datetime) -> Action:
    return Action(name="c2pa.opened", when=at.isoformat(), ingredients=(parent.id,))


def _placed(ingredients: tuple[Ingredient, ...], at: datetime) -> Iterable[Action]:
    for item in ingredients:
        if item.relationship is Relationship.COMPONENT_OF:
            yield Action(name="c2pa.placed", when=at.isoformat(), ingredients=(item.id,))


def _redactions(options: SigningOptions, ingredients: tuple[Ingredient, ...]) -> tuple[Redaction, ...]:
    """When the location is dropped, it goes from the history too."""
    stores = [item.store for item in ingredients if item.store] if options.drop_location else []
    return tuple({item.uri: item for store in stores for item in location_redactions(store)}.values())


def _redacted(redaction: Redaction, at: datetime) -> Action:
    return Action(
        name="c2pa.redacted",
        when=at.isoformat(),
        reason=redaction.reason,
        parameters={"redacted": redaction.uri},
    )


def _own(assertions: tuple[Assertion, ...]) -> Iterable[Assertion]:
    """Check assertions that users bring: those that the program or the engine makes are not theirs to state."""
    for item in assertions:
        label = item.label
        if not label or label.startswith((_ACTIONS_LABEL.rsplit(".", 1)[0], "c2pa.hash.", "c2pa.ingredient")):
            raise InvalidClaim(
                f"an assertion {label!r} cannot be given",
                hint="it is made by the program; use options instead",
            )
        yield Assertion(label=label, data=item.data, origin=item.origin or Origin.GATHERED)
