"""Try a policy on files whose decision is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import MediaError, SettingsError
from provenance.model.trials import NOT_ASKED, Case, Tried
from provenance.model.verdict import Decision
from provenance.policy.cases import Expected, read_cases
from provenance.workspace.judging import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from provenance.model.policy import Policy
    from provenance.model.verdict import Verdict
    from provenance.workspace.core import Workspace

LIST = "cases.toml"
_SIDECAR = ".c2pa"
_HINT = f"put files into {', '.join(item.value for item in Decision)}, or name them in {LIST}"


def cases(folder: str | Path) -> tuple[Case, ...]:
    """Find the cases of a folder, by name: files in `accepted`, `review` and `rejected`, and those in `cases.toml`.

    What the list says of a file counts more than the folder that it is in. Raises `SettingsError` where there are none.
    """
    place = Path(folder)
    if not place.is_dir():
        raise SettingsError("there is no such folder of cases", path=place, hint=_HINT)
    found = dict(_in_folders(place))
    for name, item in _listed(place / LIST).items():
        before = found.get(name)
        decision = item.decision or (before.decision if before else None)
        found[name] = Expected(decision=decision, rules=item.rules)
    if not found:
        raise SettingsError("there are no cases", path=place, hint=_HINT)
    return tuple(
        Case(name=name, path=place / name, decision=item.decision, rules=item.rules)
        for name, item in sorted(found.items())
    )


def _in_folders(place: Path) -> Iterator[tuple[str, Expected]]:
    for decision in Decision:
        for path in sorted((place / decision.value).rglob("*")):
            inside = path.relative_to(place)
            hidden = any(part.startswith(".") for part in inside.parts)
            # A sidecar belongs to the file beside it.
            beside = path.suffix == _SIDECAR and path.with_suffix("").is_file()
            if path.is_file() and not hidden and not beside:
                yield inside.as_posix(), Expected(decision=decision, rules={})


def _listed(path: Path) -> dict[str, Expected]:
    if not path.is_file():
        return {}
    return read_cases(read_text(path, what="list of cases"), source=str(path))


def tried(space: Workspace, policy: Policy, known: Iterable[Case], *, as_of: datetime | None = None) -> Iterator[Tried]:
    """Judge every case, and say what is not as expected; nobody is asked over the network.

    `as_of` (aware) keeps decisions as they are when certificates expire.
    """
    for case in known:
        try:
            verdict = space.verify(case.path, policy=policy, as_of=as_of)
        except MediaError as error:
            yield Tried(case=case, error=error, differences=("it could not be looked at",))
        else:
            yield Tried(case=case, verdict=verdict, differences=tuple(_differences(case, verdict)))


def _differences(case: Case, verdict: Verdict) -> Iterator[str]:
    if case.decision is not None and verdict.decision is not case.decision:
        yield f"expected {case.decision}, decided {verdict.decision}"
    outcomes = _outcomes(verdict)
    for rule, expected in case.rules.items():
        found = outcomes.get(rule, {"not in the policy"})
        if found != {expected}:
            yield f"{rule}: expected {expected}, found {', '.join(sorted(found))}"


def _outcomes(verdict: Verdict) -> Mapping[str, set[str]]:
    """Say what came of each rule; one that is asked in several ways may have several outcomes."""
    found: dict[str, set[str]] = {}
    for finding in verdict.findings:
        found.setdefault(finding.rule, set()).add(finding.outcome.value)
    for use in verdict.policy.rules:
        found.setdefault(use.rule, {NOT_ASKED})
    return found
