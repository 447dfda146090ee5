"""Is what has to be said of generated content said? Which models may learn from it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.model.history import FlagKind, moment_of
from provenance.model.vocabulary import GENERATIVE
from provenance.policy.registry import failed, passed, rule
from provenance.policy.rules.naming import kind_of, listed, one_of, source_name
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model.claim import Assertion
    from provenance.model.manifest import Manifest
    from provenance.model.policy import Answer
    from provenance.policy.rules.statements import Told

_DISCLOSURE = "c2pa.ai-disclosure"
_TRAINING = ("cawg.training-mining", "c2pa.training-mining")
_USES = {"allowed": "allowed", "notAllowed": "not-allowed", "constrained": "constrained"}
_KINDS = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")


@rule("content.disclosure-complete", "If it was generated, does it say by whom, with what, when and under which name?")
@stated
def disclosure_complete(told: Told) -> Answer:
    """Looks for what a latent disclosure conveys (California SB 942, 22757.3): provider, system, time, identifier.

    The provider is whom the certificate names, the identifier is the manifest's own. The system is that of
    `c2pa.ai-disclosure` or of the action's software agent, with its version (a number in the model's name counts);
    the time that of an action, or a trusted time-stamp. Passes when nothing says that it was generated.
    """
    said = told.flagged(FlagKind.GENERATIVE)
    if not said:
        return passed("nothing in its history says that a generative model had a part in it")
    labels = {item.edit for item in said}
    found = [item for item in told.own if item.label in labels]
    if not found:
        return failed(f"{said[0].message}, and the file itself does not say so", subject=told.subject(said[0].edit))
    lacking = min((_lacking(told, item) for item in found), key=len)
    if lacking:
        return failed(f"it says that it was generated, but not {listed(lacking)}", evidence=(found[0].label,))
    return passed("it says that it was generated, by whom, with what and when", evidence=(found[0].label,))


def _lacking(told: Told, manifest: Manifest) -> tuple[str, ...]:
    signature = manifest.signature
    systems = [*_models(manifest), *_agents(manifest)]
    moments = [moment_of(item.when) for item in manifest.actions]
    there = {
        "by whom": signature is not None and bool(signature.organization or signature.common_name),
        "with which system": any(name for name, _ in systems),
        "with which version of it": any(version for _, version in systems),
        "when": told.attested is not None or any(item is not None for item in moments),
    }
    return tuple(what for what, said in there.items() if not said)


def _models(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield names and versions of models that are disclosed."""
    for assertion in manifest.assertions:
        if kind_of(assertion.label) == _DISCLOSURE:
            name, identifier = (str(assertion.data.get(key) or "") for key in ("modelName", "modelIdentifier"))
            numbered = name if any(letter.isdigit() for letter in name) else ""
            yield name or identifier, identifier or numbered


def _agents(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield names and versions of programs that did something generative."""
    for assertion in manifest.assertions:
        actions = assertion.data.get("actions") if assertion.label.startswith("c2pa.actions") else None
        for action in actions if isinstance(actions, list) else ():
            if isinstance(action, dict) and source_name(action.get("digitalSourceType")) in GENERATIVE:
                yield _agent(action, assertion.data)


def _agent(action: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[str, str]:
    agent, shared, index = action.get("softwareAgent"), data.get("softwareAgents"), action.get("softwareAgentIndex")
    if agent is None and isinstance(shared, list) and isinstance(index, int) and 0 <= index < len(shared):
        agent = shared[index]
    if isinstance(agent, dict):
        return str(agent.get("name") or ""), str(agent.get("version") or "")
    return (agent, agent if any(letter.isdigit() for letter in agent) else "") if isinstance(agent, str) else ("", "")


@rule(
    "content.training-statement", "Is it stated whether models may learn from it?",
    checks={"uses": one_of(*_USES.values()), "entries": one_of(*_KINDS)},
)  # fmt: skip
@stated
def training_statement(told: Told, *, uses: tuple[str, ...] = (), entries: tuple[str, ...] = ()) -> Answer:
    """`cawg.training-mining`, or `c2pa.training-mining` of older files (CAWG 1.1, training and data mining).

    `uses`: whatever is stated must be one of allowed, not-allowed, constrained; a constraint that is not given counts
    as not-allowed. `entries`: these must be stated: data_mining, ai_inference, ai_training, ai_generative_training.
    """
    statement = next((item for manifest in told.own for item in manifest.assertions if _is_training(item)), None)
    if statement is None:
        return failed("it does not state whether models may learn from it")
    evidence, found = (statement.label,), _uses(statement)
    if not found or None in found.values():
        return failed("what it states about learning from it cannot be read", evidence=evidence)
    silent = [item for item in entries if item not in found]
    if silent:
        return failed(f"it states nothing about {listed(silent)}", evidence=evidence)
    other = {kind: use for kind, use in found.items() if uses and use not in uses}
    said = listed(f"{kind} {use}" for kind, use in (other or found).items())
    return failed(f"it states: {said}", evidence=evidence) if other else passed(f"it states: {said}", evidence=evidence)


def _is_training(assertion: Assertion) -> bool:
    return kind_of(assertion.label) in _TRAINING


def _uses(statement: Assertion) -> dict[str, str | None]:
    """Read what is stated of each kind of learning; None for words that nobody knows."""
    listed_entries = statement.data.get("entries")
    found: dict[str, str | None] = {}
    for key, entry in listed_entries.items() if isinstance(listed_entries, dict) else ():
        use = entry.get("use") if isinstance(entry, dict) else entry
        name = _USES.get(use) if isinstance(use, str) else None
        if name == "constrained" and not (isinstance(entry, dict) and entry.get("constraint_info")):
            name = "not-allowed"
        found[str(key).removeprefix("cawg.").removeprefix("c2pa.")[:40]] = name
    return found
