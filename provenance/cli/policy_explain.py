"""`provenance policy explain` and `provenance policy test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Files, Online, Policy, Trust, TrustLists
from provenance.errors import MediaError

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.policy import Policy as Judge
    from provenance.reports.to_policy_json import ExplanationReport
    from provenance.workspace import Workspace

_DIFFERS = 1

At = Annotated[
    str | None, typer.Option("--at", help="The verdict as of another day: 2025-06-01T12:00Z.", metavar="TIME")
]


def explain(
    files: Files,
    trust: Trust = None,
    policy: Policy = None,
    online: Online = False,
    as_json: AsJson = False,
    trust_list: TrustLists = None,
    at: At = None,
) -> None:
    """Explain verdicts: every rule of the policy, the facts that it rests on, and what it counts as.

    Exits 0 for what can be shown: `verify` judges.
    """
    from provenance.workspace.looking import generator

    as_of = common.moment(at)
    space = common.workspace(trust, lists=trust_list)
    judge = space.policy(policy)
    reports, failed = [], None
    for number, path in enumerate(files):
        if number and not as_json:
            common.show("")
        try:
            reports.append(_explained(space, path, judge, online=online, as_of=as_of, shown=not as_json))
        except MediaError as error:
            failed = failed or error
            reports.append(_not_explained(path, error, shown=not as_json))
    if as_json:
        from provenance.reports import to_policy_json

        common.write_json(to_policy_json.explanations(reports, policy=judge, generator=generator(space)))
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def _explained(
    space: Workspace, path: Path, judge: Judge, *, online: bool, as_of: datetime | None, shown: bool
) -> ExplanationReport:
    from provenance.reports import to_policy, to_policy_json

    verdict = space.verify(path, policy=judge, online=online, as_of=as_of)
    rules = space.policies.explained(verdict.inspection, judge)
    if shown:
        common.show(to_policy.explanation(verdict, rules))
    return to_policy_json.explanation(str(path), verdict, rules)


def _not_explained(path: Path, error: MediaError, *, shown: bool) -> ExplanationReport:
    from provenance.reports import to_policy_json

    if shown:
        common.report(error)
    return to_policy_json.not_explained(str(path), error)


def try_(
    policy: Annotated[str, typer.Argument(help="A policy's name, or its file.", metavar="NAME|FILE")],
    cases: Annotated[Path, typer.Argument(help="A folder of files whose decision is known.", metavar="CASES")],
    trust: Trust = None,
    as_json: AsJson = False,
    trust_list: TrustLists = None,
    at: At = None,
) -> None:
    """Try a policy on files whose decision is known: exits 0 when all are as expected, 1 when one is not.

    Files lie in folders named accepted, review and rejected, or are named in cases.toml:

    "photo.jpg" = "accepted"
    """
    from provenance.reports import to_policy, to_policy_json
    from provenance.workspace import trying
    from provenance.workspace.looking import generator

    as_of = common.moment(at)
    space = common.workspace(trust, lists=trust_list)
    judge = space.policy(policy)
    results = tuple(trying.tried(space, judge, trying.cases(cases), as_of=as_of))
    if as_json:
        common.write_json(to_policy_json.cases(results, policy=judge, generator=generator(space)))
    else:
        common.show(to_policy.cases(judge, results))
    if any(item.differences for item in results):
        raise typer.Exit(_DIFFERS)
