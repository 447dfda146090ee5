"""Which assertions and actions must be there, and which must not?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.history import FlagKind
from provenance.policy.registry import failed, passed, rule, undecided
from provenance.policy.rules.naming import action_name, among, kind_of, listed, no_action
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from provenance.model.manifest import Manifest
    from provenance.model.policy import Answer
    from provenance.policy.rules.statements import Told


@rule("content.assertions-required", "Are these assertions there?")
@stated
def assertions_required(told: Told, *, labels: tuple[str, ...]) -> Answer:
    """`labels`: such as `cawg.metadata`; `*` stands for any characters, and all of them must be there.

    Looks at the active manifest and what it updates. Hashes are not looked at: they cannot be left out.
    """
    found = [label for manifest in told.own for label in _labels(manifest)]
    missing = [item for item in labels if not any(among(label, (item,)) for label in found)]
    if missing:
        return failed(f"{listed(missing)} is not there")
    return passed(f"{listed(labels)} is there", evidence=tuple(item for item in found if among(item, labels)))


@rule("content.assertions-forbidden", "Are none of these assertions there?")
@stated
def assertions_forbidden(told: Told, *, labels: tuple[str, ...], anywhere: bool = False) -> Answer:
    """`labels`: such as `c2pa.metadata`; `*` stands for any characters.

    Looks at the active manifest and what it updates; with `anywhere = true` at every manifest of the history.
    """
    for manifest in told.manifests(anywhere=anywhere):
        found = tuple(label for label in _labels(manifest) if among(label, labels))
        if found:
            return failed(f"{listed(found)} is there", subject=told.subject(manifest.label), evidence=found)
    return _absent(told, f"none of {listed(labels)} is there", anywhere=anywhere)


@rule("content.actions-required", "Are these actions stated?", checks={"actions": no_action})
@stated
def actions_required(told: Told, *, actions: tuple[str, ...], anywhere: bool = False) -> Answer:
    """`actions`: such as `c2pa.published` or `published`; `*` stands for any characters, and all must be stated.

    Looks at the active manifest and what it updates; with `anywhere = true` at every intact step of the history.
    """
    wanted = [action_name(item) for item in actions]
    found = [action.name for label, action in told.actions(anywhere=anywhere) if not anywhere or told.intact(label)]
    missing = [item for item in wanted if not any(among(name, (item,)) for name in found)]
    if missing:
        return failed(f"{listed(missing)} is not stated")
    return passed(
        f"{listed(wanted)} is stated", evidence=tuple(dict.fromkeys(name for name in found if among(name, wanted)))
    )


@rule("content.actions-forbidden", "Are none of these actions stated?", checks={"actions": no_action})
@stated
def actions_forbidden(told: Told, *, actions: tuple[str, ...], anywhere: bool = True) -> Answer:
    """`actions`: such as `c2pa.placed` or `placed`; `*` stands for any characters.

    Looks at every step of the history, broken ones included; with `anywhere = false` at the active manifest and what
    it updates.
    """
    refused = [action_name(item) for item in actions]
    for label, action in told.actions(anywhere=anywhere):
        if among(action.name, refused):
            return failed(f"{action.name} is stated", subject=told.subject(label), evidence=(action.name,))
    return _absent(told, f"none of {listed(refused)} is stated", anywhere=anywhere)


def _absent(told: Told, message: str, *, anywhere: bool) -> Answer:
    """Answer that something is nowhere, as far as everything was looked at."""
    missing = told.flagged(FlagKind.MISSING) if anywhere else ()
    if missing:
        return undecided("a manifest that its history names is not at hand", subject=missing[0].edit)
    return passed(message)


def _labels(manifest: Manifest) -> tuple[str, ...]:
    """Return the kinds of all assertions of a manifest but its hashes."""
    named = [item.label for item in manifest.assertions] + [item.label for item in manifest.ingredients]
    if manifest.thumbnail:
        named.append(manifest.thumbnail.rpartition("/")[2])
    return tuple(dict.fromkeys(kind_of(item) for item in named))
