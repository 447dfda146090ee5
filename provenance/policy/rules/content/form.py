"""Is it stated in the form that the standard asks of claim generators?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.model.bindings import claim_of
from provenance.model.vocabulary import ACTIONS, SOURCE_TYPES, WITHOUT_SOURCE_TYPE
from provenance.policy.registry import Need, failed, passed, rule, undecided
from provenance.policy.rules.naming import among, listed, quoted, source_name
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from provenance.model.claim import Action
    from provenance.model.policy import Answer
    from provenance.policy.rules.statements import Told

_BEGIN = ("c2pa.created", "c2pa.opened")


@rule("content.spec-version", "Is it written by a version of the standard that counts?", needs=Need.INTERCHANGE)
@stated
def spec_version(told: Told, *, versions: tuple[str, ...]) -> Answer:
    """`versions`: such as `2.4.*`, where `*` stands for any characters; what the claim generator states of itself.

    (C2PA 2.4, `specVersion` of the claim generator's info.)
    """
    claim = claim_of(told.store, told.store.active)
    if not claim:
        return undecided("the claim itself was not looked at")
    found = [version for item in _infos(claim.get("claim_generator_info")) if (version := item.get("specVersion"))]
    if not found:
        return failed("it does not state which version of the standard it is written by")
    version = str(found[0])
    if among(version, versions):
        return passed(f"it is written by version {quoted(version)} of the standard")
    return failed(f"it is written by version {quoted(version)} of the standard, not by {listed(versions)}")


def _infos(info: Any) -> list[dict[str, Any]]:
    return [item for item in (info if isinstance(info, list) else [info]) if isinstance(item, dict)]


@rule("content.claim-version", "Is the claim of a version that counts?")
@stated
def claim_version(told: Told, *, least: int = 2) -> Answer:
    """`least`: 2 since C2PA 2.0. Claims of version 1 are deprecated: their time-stamps are not checked, for one."""
    version = told.store.active_manifest.claim_version
    said = f"the claim is of version {version}"
    return passed(said) if version >= least else failed(f"{said}, which is less than {least}")


@rule("content.all-actions-included", "Does it say whether its list of actions is complete?")
@stated
def all_actions_included(told: Told, *, complete: bool = False) -> Answer:
    """`allActionsIncluded` is always set (C2PA 2.4, actions). `complete = true`: it has to be true."""
    for manifest in told.own:
        found = [item for item in manifest.assertions if item.label.startswith("c2pa.actions")]
        subject = told.subject(manifest.label)
        said = [item.data.get("allActionsIncluded") for item in found]
        if not any(isinstance(item, bool) for item in said):
            return failed("it does not say whether its list of actions is complete", subject=subject)
        if complete and True not in said:
            return failed("it says that its list of actions is not complete", subject=subject)
    return passed("it says whether its list of actions is complete", evidence=("allActionsIncluded",))


@rule("content.first-action", "Does its list of actions begin with its only creation or opening?")
@stated
def first_action(told: Told) -> Answer:
    """One `c2pa.created` or one `c2pa.opened`, first in the list (C2PA 2.4, actions)."""
    for manifest in told.own:
        names = [item.name for item in manifest.actions]
        begins = [item for item in names if item in _BEGIN]
        subject, evidence = told.subject(manifest.label), tuple(names[:3])
        if names[:1] != begins[:1] or not begins:
            first = f"begins with {quoted(names[0])}" if names else "is empty"
            return failed(f"its list of actions {first}", subject=subject, evidence=evidence)
        if len(begins) > 1:
            return failed(f"it states {listed(begins)}", subject=subject, evidence=evidence)
    return passed("its list of actions begins with its only creation or opening")


@rule("content.source-types-stated", "Does every action that needs a digital source type state one?")
@stated
def source_types_stated(told: Told) -> Answer:
    """Actions of the standard need one, but for those that leave content as it is; an opening has none (C2PA 2.4).

    It has to be a term that is in force: retired and invented ones do not count.
    """
    for label, action in told.actions(anywhere=False):
        wrong = _wrong(action)
        if wrong:
            return failed(f"{action.name} {wrong}", subject=told.subject(label), evidence=(action.name,))
    return passed("every action that needs a digital source type states one")


def _wrong(action: Action) -> str | None:
    short = action.name.removeprefix("c2pa.")
    name = source_name(action.source_type)
    if name is not None and short == "opened":
        return f"states the digital source type {quoted(name)}, and an opening has none"
    if name is not None and name not in SOURCE_TYPES:
        return f"states the digital source type {quoted(name)}, which is not in force"
    needed = action.name != short and short in ACTIONS - WITHOUT_SOURCE_TYPE
    return "states no digital source type" if needed and name is None else None
