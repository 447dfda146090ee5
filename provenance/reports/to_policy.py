"""Policies for people at a terminal: which there are, what they ask, why they decide as they do, what cases show.

Policies are files that somebody wrote, perhaps somebody else: their texts pass through `visible` too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.model.policy import Outcome
from provenance.model.trials import NOT_ASKED
from provenance.model.verdict import Decision
from provenance.reports import wording
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import RenderableType

    from provenance.model.policy import Policy, RuleUse
    from provenance.model.trials import Explained, Tried
    from provenance.model.verdict import Finding, Verdict

_COLOURS = {Decision.ACCEPTED: "green", Decision.REVIEW: "yellow", Decision.REJECTED: "red"}
_MARKS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.UNDECIDED: "undecided"}
_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple[str, ...]": "a list of texts",
}


def policies(rows: Iterable[tuple[str, Policy | None, str]]) -> RenderableType:
    """Show policies by name: the policy, or `None`, and what is to be remarked about it."""
    shown = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for name, policy, remark in rows:
        if policy is None:
            shown.add_row(Text(visible(name), "bold"), "", Text(visible(remark, limit=1000), "red"))
            continue
        purpose = Text(visible(first_sentence(policy.purpose)))
        if remark:
            purpose.append(f" ({visible(remark)})", "dim")
        shown.add_row(Text(visible(name), "bold"), Text(visible(policy.version, limit=20), "dim"), purpose)
    return shown


def first_sentence(text: str) -> str:
    """Return the first sentence of a purpose."""
    for end in range(1, len(text)):
        if text[end - 1] in ".?!" and text[end] == " ":
            return text[:end]
    return text


def rule(name: str, question: str, explanation: str, options: Mapping[str, tuple[str, Any]]) -> RenderableType:
    """Show one rule that policies can ask; each option is its kind and its default, `...` when it must be given."""
    parts: list[RenderableType] = [Text(name, "bold"), _under(Text(question))]
    said = " ".join(explanation.split())
    if said:
        parts.append(_under(Text(said, "dim")))
    if options:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for option, (kind, default) in options.items():
            given = "must be given" if default is ... else f"default: {_toml(default)}"
            table.add_row(Text(option, "cyan"), Text(f"{_KINDS[kind]}; {given}"))
        parts.append(_under(table))
    return Group(*parts)


def _under(part: RenderableType, left: int = 4) -> Padding:
    return Padding(part, (0, 0, 0, left), expand=False)


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def explanation(verdict: Verdict, rules: Iterable[Explained]) -> RenderableType:
    """Show why a policy decides as it does: every rule, asked or not, with the facts that it rests on."""
    head = Text.assemble(
        (f" {verdict.decision.upper()} ", f"bold reverse {_COLOURS[verdict.decision]}"),
        " ",
        (visible(verdict.inspection.media.name), "bold"),
        f"  by {visible(verdict.policy.name)} {visible(verdict.policy.version)}",
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in rules:
        mark = _MARKS[item.finding.outcome] if item.finding else NOT_ASKED
        colour = _COLOURS[item.finding.decision] if item.finding else "dim"
        table.add_row(Text(mark, colour), Group(*_explained(item), Text("")))
    sentence = Text(visible(wording.headline(verdict)))
    return Group(head, Padding(sentence, (0, 0, 1, 1), expand=False), _under(table, 1))


def _explained(item: Explained) -> Iterator[Text]:
    use = item.use
    title = Text(visible(use.rule), "bold")
    for name, value in use.options.items():
        title.append(f"  {name} = {visible(_toml(value))}", "cyan")
    yield title
    yield Text(f"asks: {visible(use.require, limit=2000) if use.require else item.question}")
    if use.when is not None:
        yield Text(f"when: {visible(use.when, limit=2000)}")
    if item.finding is not None:
        subject = f" ({visible(item.finding.subject)})" if item.finding.subject else ""
        yield Text(f"finds: {visible(item.finding.message)}{subject}", _COLOURS[item.finding.decision])
        yield Text(f"counts as: {_counts(use, item.finding)}")
    facts = dict.fromkeys((*item.facts, *(item.finding.evidence if item.finding else ())))
    if facts:
        yield Text(f"rests on: {visible('; '.join(facts), limit=1000)}", "dim")


def _counts(use: RuleUse, finding: Finding) -> str:
    if finding.outcome is Outcome.PASSED:
        return finding.decision
    why = f"on_missing = {use.on_missing}" if finding.outcome is Outcome.UNDECIDED else f"severity = {use.severity}"
    return f"{finding.decision} ({why})"


def cases(policy: Policy, results: Iterable[Tried]) -> RenderableType:
    """Show what a policy made of its cases: those that are not as expected say why."""
    found = tuple(results)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in found:
        good = not item.differences
        decided = item.verdict.decision if item.verdict else "not looked at"
        table.add_row(
            Text("as expected" if good else "DIFFERS", "green" if good else "bold red"),
            Text(f"{visible(item.case.name)}: {decided}"),
        )
        for what in item.differences:
            table.add_row("", Text(f"→ {visible(what)}", "italic"))
        for line in _reasons(item):
            table.add_row("", Text(line, "dim"))
    wrong = sum(1 for item in found if item.differences)
    count = f"{len(found)} case{'' if len(found) == 1 else 's'}"
    total = f"{count}, {wrong} not as expected" if wrong else f"{count}, all as expected"
    return Group(table, Text(f"{visible(policy.name)} {visible(policy.version)}: {total}", "red" if wrong else "green"))


def _reasons(item: Tried) -> Iterator[str]:
    """Say why a case that is not as expected was decided so."""
    if not item.differences:
        return
    if item.error is not None:
        yield visible(item.error.message)
    verdict = item.verdict
    for finding in verdict.findings if verdict else ():
        if finding.decision is not Decision.ACCEPTED:
            yield f"{visible(finding.rule)}: {visible(finding.message)}"
