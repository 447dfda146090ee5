"""`provenance policy`: what files are judged by."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common, policy_explain
from provenance.cli.common import TrustLists
from provenance.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from provenance.model.policy import Policy
    from provenance.policy.registry import Rule
    from provenance.workspace import Workspace

app = typer.Typer(
    help="Show, check, explain and try the policies that judge files.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Name = Annotated[str, typer.Argument(help="A policy's name, or its file.", metavar="NAME|FILE", show_default=False)]


@app.command("list")
def list_(
    rules: Annotated[bool, typer.Option("--rules", help="List the rules that policies choose from.")] = False,
) -> None:
    """List the policies; your own are the files in `policies` of the workspace."""
    from provenance.reports import to_policy

    if rules:
        from provenance.policy.registry import every

        common.show(*(part for item in every() for part in (_rule(item), "")))
        return
    policies = common.workspace().policies
    own = policies.own()
    rows: list[tuple[str, Policy | None, str]] = []
    for name in policies.names():
        try:
            rows.append((name, policies.policy(name), "yours" if name in own else ""))
        except SettingsError as error:
            rows.append((name, None, str(error)))
    common.show(to_policy.policies(rows))


def _rule(item: Rule) -> RenderableType:
    from provenance.reports import to_policy

    options = {name: (kind.kind, ... if kind.required else kind.default) for name, kind in item.options.items()}
    return to_policy.rule(item.id, item.question, item.explanation, options)


@app.command()
def show(name: Name) -> None:
    """Print the file of a policy as it is: to copy it, `provenance policy show standard > mine.toml`."""
    text, _ = common.workspace().policies.find(name)
    if not sys.stdout.isatty():
        common.write(text)
        return
    from provenance.reports.escape import visible

    for line in text.splitlines():
        sys.stdout.write(visible(line.expandtabs(), limit=len(line) + 1) + "\n")


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Policies.", metavar="FILE...", show_default=False)],
    trust_list: TrustLists = None,
) -> None:
    """Check policies: every mistake with its line, then what is hardly meant. Exits 4 for one that cannot be used."""
    space = common.workspace(lists=trust_list)
    good = [_checked(space, name) for name in files]
    if not all(good):
        raise typer.Exit(SettingsError.exit_code)


def _checked(space: Workspace, name: str) -> bool:
    from provenance.policy import mistakes
    from provenance.policy.advice import advice
    from provenance.policy.placeholders import placeholders
    from provenance.reports.escape import visible

    text, source = space.policies.find(name)
    place = visible(source)
    wrong = mistakes(text, wrong=space.policies.wrong)
    for line, what in wrong:
        common.show(f"{place}:{line}: {visible(what)}")
    if wrong:
        return False
    policy = space.policy(name)
    lists = {item.name for item in space.trust.lists} if any("lists" in use.options for use in policy.rules) else None
    for line, what in sorted((*advice(policy, lists=lists), *placeholders(text))):
        common.show(f"{place}:{line}: warning: {visible(what)}")
    count = len(policy.rules)
    common.show(f"{place}: {visible(policy.name)} {visible(policy.version)}, {count} rule{'' if count == 1 else 's'}")
    return True


app.command("explain")(policy_explain.explain)
app.command("test")(policy_explain.try_)
