"""Reports for people at a terminal: a history as a tree.

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
from provenance.model.facets import Content, Credential, Signing
from provenance.model.facets import Signer as SignerState
from provenance.model.flags import red_flags
from provenance.model.history import EditState, FlagKind
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from provenance.model.claim import Action
    from provenance.model.history import Edge, Edit, History, RedFlag, Removal
    from provenance.model.verdict import Verdict

DEEPEST = 24
"""Generations that are shown as a tree: more would not fit into a line, and a hostile file may have thousands."""
MOST = 200
"""Steps that are shown, the nearest first."""
_ACTIONS = 40
"""Actions of one step that are shown."""
_AGAIN = 12
"""Files that are shown elsewhere and are named again in one step."""
_FLAGS = 40
_EDIT_COLOURS = {
    EditState.INTACT: "green",
    EditState.BROKEN: "red",
    EditState.MISSING: "red",
    EditState.UNSOUND: "yellow",
    EditState.UNKNOWN: "yellow",
    EditState.NOT_FETCHED: "yellow",
}
_ROLES = {"parentOf": "made from ", "componentOf": "with ", "inputTo": "input "}


def history(item: Verdict, steps: History) -> RenderableType:
    """Show who signed, when, how it began, every step as a tree, and what is odd about them."""
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
    return Group(
        Text(visible(item.inspection.media.name), "bold"),
        Padding(facts, (0, 0, 1, 1), expand=False),
        Padding(_Growing(steps).tree(), (0, 0, 0, 1), expand=False),
        # Where there are no credentials, the tree itself shows the gap.
        *flags(tuple(item for item in red_flags(steps) if item.kind is not FlagKind.UNKNOWN), steps),
    )


def flags(found: tuple[RedFlag, ...], steps: History) -> Iterator[RenderableType]:
    """Show what is odd about a history; nothing where nothing is."""
    if not found:
        return
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in found[:_FLAGS]:
        title = visible(steps.edit(item.edit).title or "(no title)", limit=80)
        text = Text.assemble((item.kind, "bold"), ": ", title, ": ", visible(item.message))
        table.add_row(Text("!", "bold red"), text)
    yield Text()
    yield Text(" Red flags: not necessarily wrong, but look at them", "bold")
    yield Padding(table, (0, 0, 0, 1), expand=False)
    if len(found) > _FLAGS:
        yield Text(f" {len(found) - _FLAGS} more are not shown here: --json lists all {len(found)}", "yellow")


def _signer(item: Verdict, head: Edit) -> Text:
    facets = item.facets
    sound = facets.content.state is Content.INTACT and facets.signature.state is Signing.VALID
    name = visible(wording.signed_by(head.signature))
    if facets.credential.state is Credential.PRESENT and not sound:
        return Text(f"{name} is named, but {wording.UNATTRIBUTABLE}", "bold red")
    trusted = facets.signer.state is SignerState.TRUSTED
    return Text(visible(facets.signer.reason), "green" if trusted else "yellow")


class _Growing:
    """A tree on the way: what was shown, and what there is no room for."""

    def __init__(self, steps: History) -> None:
        self._steps = steps
        self._losses = steps.losses
        self._room = {item.id for item in steps.nearest(MOST)}
        self._seen = {steps.head}

    def tree(self) -> RenderableType:
        head = self._steps.edit(self._steps.head)
        tree = Tree(_title(head), guide_style="dim")
        self._grow(tree, head, 0)
        hidden = len(self._steps.edits) - len(self._seen)
        if not hidden:
            return tree
        total = len(self._steps.edits)
        note = f"{len(self._seen)} of {total} steps are shown, the nearest first: --json lists all {total}"
        return Group(tree, Text(note, "yellow"))

    def _grow(self, branch: Tree, edit: Edit, depth: int) -> None:
        for line in self._lines(edit):
            branch.add(line)
        sources = self._steps.sources(edit.id)
        if sources and depth == DEEPEST:
            total = len(self._steps.edits)
            branch.add(Text(f"older steps are not shown here: --json lists all {total}", "yellow"))
            return
        again = 0
        for edge in sources:
            source = self._steps.edit(edge.source)
            if source.id in self._seen:
                again += 1
                if again <= _AGAIN:
                    named = visible(source.title or source.id, limit=80)
                    branch.add(Text.assemble(_role(edge), named, (" (shown above)", "dim")))
            elif source.id in self._room:
                self._seen.add(source.id)
                self._grow(branch.add(Text.assemble(_role(edge), _title(source))), source, depth + 1)
        if again > _AGAIN:
            branch.add(Text(f"{again - _AGAIN} more files went into it that are shown above", "dim"))
        hidden = sum(item.source not in self._seen and item.source not in self._room for item in sources)
        if hidden:
            branch.add(Text(f"{hidden} more files went into it that are not shown here", "yellow"))

    def _lines(self, edit: Edit) -> Iterator[Text]:
        for action in edit.actions[:_ACTIONS]:
            yield self._action(edit, action)
        if len(edit.actions) > _ACTIONS:
            yield Text(f"{len(edit.actions) - _ACTIONS} more actions are not shown here", "yellow")
        for removal in self._losses.get(edit.id, ())[:_ACTIONS]:
            yield _lost(removal)
        for label in edit.stamped_in[:1]:
            later = self._steps.edit(label).title if label in self._steps else None
            yield Text(f"time-stamped later, in {visible(later or label, limit=80)} (not checked)", "dim")

    def _action(self, edit: Edit, action: Action) -> Text:
        text = Text(visible(action.name.removeprefix("c2pa."), limit=60))
        used = [title for item in self._steps.used(edit.id, action) if (title := self._steps.edit(item.source).title)]
        if used:
            more = f" and {len(used) - 3} more" if len(used) > 3 else ""
            text.append(f" {', '.join(visible(title, limit=60) for title in used[:3])}{more}")
        for removal in edit.removals if action.name == "c2pa.redacted" else ():
            if str(action.parameters.get("redacted")).endswith(f"/{removal.label}"):
                text.append(f" {visible(removal.label, limit=80)}")
                break
        return _told(text, action)


def _told(text: Text, action: Action) -> Text:
    kind = wording.source_type(action.source_type)
    if kind:
        text.append(f": {visible(kind)}")
    for extra in (action.description, action.reason):
        if extra:
            text.append(f" – {visible(extra)}")
    if action.when:
        text.append(f"  {visible(wording.stated_moment(action.when), limit=40)}", "dim")
    if action.software_agent:
        text.append(f"  [{visible(action.software_agent, limit=60)}]", "dim")
    return text


def _lost(removal: Removal) -> Text:
    reason = visible(removal.reason, limit=80) if removal.reason else "no reason is given"
    return Text(f"{visible(removal.label, limit=80)} was redacted later ({reason})", "yellow")


def _role(edge: Edge) -> Text:
    return Text(_ROLES[edge.relationship], "cyan")


def _title(edit: Edit) -> Text:
    text = Text.assemble((visible(edit.title or "(no title)", limit=80), "bold"))
    if edit.state is EditState.UNKNOWN:
        text.append("  no Content Credentials:", _EDIT_COLOURS[edit.state])
    text.append(f"{'' if edit.state is EditState.UNKNOWN else ' '} {edit.state}", _EDIT_COLOURS[edit.state])
    if edit.signature is not None:
        name = visible(wording.signed_by(edit.signature), limit=80)
        broken = edit.state is EditState.BROKEN
        text.append(f"  names {name} as its signer" if broken else f"  signed by {name}")
        if not edit.trusted and not broken:
            text.append(" (identity not verified)", "yellow")
        if edit.signature.time is not None:
            text.append(f", {wording.moment(edit.signature.time)}")
    if edit.generators:
        text.append(f"  [{visible(edit.generators[0].name, limit=60)}]", "dim")
    if edit.reason:
        text.append(f"\n{visible(edit.reason)}", "dim")
    return text
