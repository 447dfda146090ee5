"""Write a history in the language of Mermaid (flowchart)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports.to_graph.view import view
from provenance.reports.to_graph.words import Kind, lines, role

if TYPE_CHECKING:
    from provenance.model.history import Edit, History, RedFlag

_PLAIN = frozenset(" .,-_()/'!•–…⟨⟩")
"""What stands for itself besides letters and digits; everything else is written by its number.

Quotation marks would end a label, `%%{` begins a directive wherever it stands, backticks begin Markdown, and `#`
begins what is written here.
"""
_CLASSES = (
    "  classDef gap stroke-dasharray:6 4\n"
    "  classDef broken stroke:#a11d1d,stroke-width:3px\n"
    "  classDef note stroke-dasharray:2 2\n"
)


def mermaid(history: History, *, flags: tuple[RedFlag, ...]) -> str:
    """Return a flowchart in which arrows lead from what went in to what was made."""
    shown = view(history, flags)
    written = ["flowchart BT\n"]
    for node in shown.nodes:
        said = (item for item in lines(node, shown) if item.kind is not Kind.ROLE)
        label = "<br/>".join(
            _escaped({Kind.FLAG: "! ", Kind.ACTION: "• "}.get(item.kind, "") + item.text) for item in said
        )
        written.append(f'  n{node.number}["{label}"]{_look(node.edit)}\n')
    for into, source, edge in shown.edges:
        written.append(f'  n{source} -- "{role(edge)}" --> n{into}\n')
    if shown.note:
        written.append(f'  note["{_escaped(shown.note)}"]:::note\n')
    return "".join((*written, _CLASSES))


def _look(edit: Edit) -> str:
    if edit.is_gap:
        return ":::gap"
    return ":::broken" if edit.state == "broken" else ""


def _escaped(text: str) -> str:
    """Write text into a quoted label (Mermaid, entity codes)."""
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in text)
