"""Comparisons of two files: for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.model.comparison import Relation, Side
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.seen import facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from provenance.model.comparison import Comparison, Difference, Looked
    from provenance.model.history import Edit
    from provenance.model.pictures import PictureDifference

_STEPS = 12
_ACTIONS = 8
_DIFFERENCES = 40
_SHARED = 8
_VALUE = 70
_HEADLINES = {
    Relation.SAME: "Both carry the same manifest",
    Relation.DERIVED: "One is made from the other",
    Relation.ORIGIN: "Both are from one origin",
    Relation.ANCESTORS: "One file went into both",
    Relation.NOTHING: "Nothing in common is signed",
    Relation.UNKNOWN: "Whether they are from one origin cannot be said by their credentials",
}


def comparison(found: Comparison | None, looked: Sequence[Looked], *, names: Sequence[str]) -> RenderableType:
    """Show what two files have to do with each other; without `found`, one file beside its own thumbnails."""
    parts: list[RenderableType] = [
        Text.assemble((f"{side} ", "dim"), (visible(name), "bold")) if len(names) > 1 else Text(visible(name), "bold")
        for side, name in zip(Side, names, strict=False)
    ]
    if found is not None:
        parts += [Text(), headline(found), *_history(found)]
    for item in looked:
        parts += [Text(), *picture(item)]
    return Group(*parts)


def headline(found: Comparison) -> Text:
    """Say the relation; what cannot be relied on is not said as if it were so."""
    claimed = found.relation in {Relation.SAME, Relation.DERIVED, Relation.ORIGIN, Relation.ANCESTORS}
    good = found.is_reliable and not found.unverified
    text = Text(_HEADLINES[found.relation], "bold green" if good else "bold yellow")
    if claimed and not found.is_reliable:
        text.append(": that is what stands there, but it cannot be relied on")
    text.append(f"\n {visible(found.reason)}", "not bold")
    if claimed and found.is_reliable:
        text.append("\n by what their signers say; all manifests in between are intact", "dim not bold")
    if claimed and found.unverified:
        titles = ", ".join(visible(item, limit=_VALUE) for item in found.unverified[:_SHARED])
        text.append(f"\n who signed {titles} cannot be verified, and anybody can state this", "not bold")
    if found.why_not is not None:
        text.append(f"\n {visible(found.why_not)}", "not bold")
    return text


def _history(found: Comparison) -> Iterator[RenderableType]:
    if found.shared:
        yield Text("\nCommon manifests", "bold")
        for item in found.shared[:_SHARED]:
            signer = f", signed by {visible(item.signer, limit=_VALUE)}" if item.signer else ""
            proof = "" if item.is_proved else " (by its label alone)"
            yield Text(f" {visible(item.title or '(no title)', limit=_VALUE)}{signer}{proof}")
        yield from _more(len(found.shared) - _SHARED)
    for side, steps in ((Side.ONE, found.one_since), (Side.OTHER, found.other_since)):
        if steps and found.relation not in {Relation.UNKNOWN, Relation.NOTHING}:
            yield Text(f"\nWhat {side} did since, newest first", "bold")
            yield from (_step(item) for item in steps[:_STEPS])
            yield from _more(len(steps) - _STEPS)
    for like in found.possibly:
        titles = _titled(found, Side.ONE, like.one), _titled(found, Side.OTHER, like.other)
        yield Text(f"\nPossibly the same: {titles[0]} in A and {titles[1]} in B: {like.reason}", "yellow")
    yield from _differences(found.differences)


def _titled(found: Comparison, side: Side, label: str) -> str:
    history = found.one if side is Side.ONE else found.other
    return visible((history.edit(label).title if history else None) or "(no title)", limit=_VALUE)


def _step(edit: Edit) -> Text:
    text = Text(f" {visible(edit.title or '(no title)', limit=_VALUE)}: ")
    done = [visible(item.name.removeprefix("c2pa."), limit=40) for item in edit.actions[:_ACTIONS]]
    if len(edit.actions) > _ACTIONS:
        done.append(f"{len(edit.actions) - _ACTIONS} more")
    text.append(", ".join(done) or str(edit.state))
    if edit.signature is not None:
        text.append(f"  signed by {visible(wording.signed_by(edit.signature), limit=_VALUE)}", "dim")
    return text


def _more(count: int) -> Iterator[Text]:
    if count > 0:
        yield Text(f" {count} more are not shown here: --json lists all", "yellow")


def _differences(found: tuple[Difference, ...]) -> Iterator[RenderableType]:
    """Show what the two files' own manifests state, side by side."""
    if not found:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 1), header_style="dim")
    for column in ("stated", "A", "B"):
        table.add_column(column, overflow="fold")
    before = None
    for item in found[:_DIFFERENCES]:
        if item.about != before:
            table.add_row(Text(visible(item.about, limit=_VALUE), "bold"), "", "")
            before = item.about
        name = visible(item.field, limit=_VALUE) if item.field else "(as a whole)"
        table.add_row(Text(f" {name}"), _value(item.one), _value(item.other))
    yield Text("\nWhat their own manifests state differently", "bold")
    yield table
    yield from _more(len(found) - _DIFFERENCES)


def _value(text: str | None) -> Text:
    return Text("–", "dim") if text is None else Text(visible(text, limit=_VALUE))


def picture(item: Looked) -> Iterator[RenderableType]:
    """Show what was seen of two pictures side by side."""
    yield Text(f"Picture: {visible(item.newer)} beside {visible(item.older)}", "bold")
    if item.difference is None or item.why_not is not None:
        yield Text(f" not compared: {visible(item.why_not or 'they cannot be aligned')}", "yellow")
    if item.difference is not None:
        yield Padding(_seen(item.difference), (0, 0, 0, 1), expand=False)
    for note in item.notes:
        yield Text(f" {visible(note)}", "dim")


def _seen(found: PictureDifference) -> RenderableType:
    told = Table.grid(padding=(0, 2, 0, 0))
    told.add_column(no_wrap=True)
    told.add_column(overflow="fold")
    for about, text in facts(found):
        told.add_row(Text(about, "dim"), visible(text))
    return told
