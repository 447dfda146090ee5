"""Reports for people at a terminal: a verdict at a glance, a history as a tree.

Everything that comes from a file passes through `visible`, and goes into `Text`, which knows no markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from provenance.model.claim import Origin
from provenance.model.facets import Content, Credential, Publisher, Signing
from provenance.model.facets import Signer as SignerState
from provenance.model.history import EditState
from provenance.model.verdict import Decision
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.statements import statements

if TYPE_CHECKING:
    from rich.console import RenderableType

    from provenance.model.claim import Action
    from provenance.model.history import Edge, Edit, History
    from provenance.model.verdict import Verdict

DEEPEST = 24
"""Generations that are shown as a tree: more would not fit into a line, and a hostile file may have thousands."""
_COLOURS = {Decision.ACCEPTED: "green", Decision.REVIEW: "yellow", Decision.REJECTED: "red"}
_GOOD = {"present", "intact", "valid", "trusted", "good", "none"}
_BAD = {"unreadable", "changed", "malformed", "invalid", "revoked", "broken"}
_EDIT_COLOURS = {
    EditState.INTACT: "green",
    EditState.BROKEN: "red",
    EditState.MISSING: "red",
    EditState.UNSOUND: "yellow",
    EditState.UNKNOWN: "yellow",
    EditState.NOT_FETCHED: "yellow",
}


def verdict(item: Verdict) -> RenderableType:
    """Show a verdict: the decision, one sentence, and every facet with its reason."""
    colour = _COLOURS[item.decision]
    head = Text.assemble(
        (f" {item.decision.upper()} ", f"bold reverse {colour}"),
        " ",
        (visible(item.inspection.media.name), "bold"),
    )
    return Group(
        head,
        Padding(Text(visible(wording.headline(item))), (0, 0, 1, 1), expand=False),
        Padding(_facets(item), (0, 0, 0, 1), expand=False),
        *_besides(item, colour),
    )


def _facets(item: Verdict) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    facets = item.facets
    names = list(type(facets).__dataclass_fields__)
    missing = facets.credential.state is not Credential.PRESENT
    for name in names[:1] if missing else names:
        facet = getattr(facets, name)
        if facet.state is Publisher.NONE:
            # Most files name nobody apart from the signer, and that is no lack.
            continue
        table.add_row(Text(name, "dim"), Text(facet.state, _facet_colour(facet.state)), Text(visible(facet.reason)))
    if missing:
        rest = f"{', '.join(names[1:-1])} and {names[-1]}"
        table.add_row(Text("all else", "dim"), Text("not checked", "yellow"), Text(f"nothing to check {rest} with"))
    return table


def _besides(item: Verdict, colour: str) -> list[Text]:
    """Name the findings that no facet shows; what the engine says only where it is the only one who objects."""
    objections = [finding for finding in item.findings if finding.decision is item.decision]
    return [
        Text(f"! {visible(finding.message)}", colour)
        for finding in item.findings
        if finding.decision is not Decision.ACCEPTED
        and finding.rule == "integrity.engine-agrees"
        and objections == [finding]
    ]


def _facet_colour(state: str) -> str:
    if state in _GOOD:
        return "green"
    return "bold red" if state in _BAD else "yellow"


def error(text: str) -> RenderableType:
    """Show why a file could not be worked with."""
    return Text.assemble((" ERROR ", "bold reverse red"), " ", visible(text, limit=2000))


def warning(text: str) -> RenderableType:
    """Show what must not be overlooked although the work was done."""
    return Text.assemble((" WARNING ", "bold reverse yellow"), " ", visible(text, limit=2000))


def history(item: Verdict, steps: History) -> RenderableType:
    """Show who signed, when, how it began, and every step as a tree."""
    head = steps.edit(steps.head)
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row(Text("signed by", "dim"), _signer(item, head))
    facts.add_row(Text("when", "dim"), Text(visible(item.facets.time.reason)))
    facts.add_row(Text("began as", "dim"), Text(visible(wording.beginning(steps))))
    store = item.inspection.store
    for statement in statements(store.active_manifest) if store else ():
        passed_on = " (passed on)" if statement.origin is Origin.GATHERED else ""
        facts.add_row(Text(statement.about, "dim"), Text.assemble(visible(statement.text), (passed_on, "dim")))
    tree = Tree(_title(head), guide_style="dim")
    _grow(tree, head, steps, seen={head.id})
    return Group(
        Text(visible(item.inspection.media.name), "bold"),
        Padding(facts, (0, 0, 1, 1), expand=False),
        Padding(tree, (0, 0, 0, 1), expand=False),
    )


def _signer(item: Verdict, head: Edit) -> Text:
    facets = item.facets
    sound = facets.content.state is Content.INTACT and facets.signature.state is Signing.VALID
    name = visible(wording.signed_by(head.signature))
    if facets.credential.state is Credential.PRESENT and not sound:
        return Text(f"{name} is named, but {wording.UNATTRIBUTABLE}", "bold red")
    trusted = facets.signer.state is SignerState.TRUSTED
    return Text(visible(facets.signer.reason), "green" if trusted else "yellow")


def _grow(branch: Tree, edit: Edit, steps: History, seen: set[str], depth: int = 0) -> None:
    for action in edit.actions:
        branch.add(_action(action))
    sources = steps.sources(edit.id)
    if sources and depth == DEEPEST:
        branch.add(Text(f"older steps are not shown here: --json lists all {len(steps.edits)}", "yellow"))
        return
    for edge in sources:
        source = steps.edit(edge.source)
        if source.id in seen:
            branch.add(Text.assemble(_role(edge), visible(source.title or source.id), (" (shown above)", "dim")))
            continue
        seen.add(source.id)
        _grow(branch.add(Text.assemble(_role(edge), _title(source))), source, steps, seen, depth + 1)


def _role(edge: Edge) -> Text:
    words = {"parentOf": "made from ", "componentOf": "with ", "inputTo": "input "}
    return Text(words[edge.relationship], "cyan")


def _title(edit: Edit) -> Text:
    text = Text.assemble((visible(edit.title or "(no title)", limit=80), "bold"))
    text.append(f"  {edit.state}", _EDIT_COLOURS[edit.state])
    if edit.signature is not None:
        text.append(f"  signed by {visible(wording.signed_by(edit.signature), limit=80)}")
        if not edit.trusted:
            text.append(" (identity not verified)", "yellow")
        if edit.signature.time is not None:
            text.append(f", {wording.moment(edit.signature.time)}")
    if edit.generators:
        text.append(f"  [{visible(edit.generators[0].name, limit=60)}]", "dim")
    if edit.reason:
        text.append(f"\n{visible(edit.reason)}", "dim")
    return text


def _action(action: Action) -> Text:
    text = Text(visible(action.name.removeprefix("c2pa."), limit=60))
    kind = wording.source_type(action.source_type)
    if kind:
        text.append(f": {visible(kind)}")
    for extra in (action.description, action.reason):
        if extra:
            text.append(f" – {visible(extra)}")
    if action.when:
        text.append(f"  {visible(action.when, limit=40)}", "dim")
    if action.software_agent:
        text.append(f"  [{visible(action.software_agent, limit=60)}]", "dim")
    return text
