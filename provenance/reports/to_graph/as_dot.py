"""Write a history in the language of Graphviz (DOT)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports.to_graph.view import view
from provenance.reports.to_graph.words import Kind, Line, lines, role

if TYPE_CHECKING:
    from provenance.model.history import Edit, History, RedFlag

_HEAD = """digraph history {
  graph [rankdir=BT, fontname="sans-serif"]
  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11, margin="0.15,0.1"]
  edge [fontname="sans-serif", fontsize=10]
"""


def dot(history: History, *, flags: tuple[RedFlag, ...]) -> str:
    """Return a graph in which arrows lead from what went in to what was made."""
    shown = view(history, flags)
    written = [_HEAD]
    for node in shown.nodes:
        said = [item for item in lines(node, shown) if item.kind is not Kind.ROLE]
        label = "".join(f"{_escaped(_marked(item))}\\l" for item in said)
        written.append(f'  n{node.number} [label="{label}"{_look(node.edit)}]\n')
    for into, source, edge in shown.edges:
        written.append(f'  n{source} -> n{into} [label="{role(edge)}"]\n')
    if shown.note:
        written.append(f'  note [shape=note, label="{_escaped(shown.note)}"]\n')
    return "".join((*written, "}\n"))


def _marked(line: Line) -> str:
    return {Kind.FLAG: "! ", Kind.ACTION: "• "}.get(line.kind, "") + line.text


def _look(edit: Edit) -> str:
    if edit.is_gap:
        return ', style="rounded,dashed"'
    return ', color="#a11d1d", penwidth=2' if edit.state == "broken" else ""


def _escaped(text: str) -> str:
    """Write text into a quoted string, where backslashes begin placeholders and ampersands entities (escString)."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
