"""Reports for people at a terminal: a verdict at a glance (`to_tree` shows the history).

Everything that comes from a file passes through `visible`, and goes into `Text`, which knows no markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.model.facets import Ancestry, Credential, Publisher
from provenance.model.history import FlagKind
from provenance.model.verdict import Decision
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.reasons import remarks

if TYPE_CHECKING:
    from rich.console import RenderableType

    from provenance.model.verdict import Verdict
    from provenance.reports.result import Result
    from provenance.reports.summary import Summary

_COLOURS = {Decision.ACCEPTED: "green", Decision.REVIEW: "yellow", Decision.REJECTED: "red", None: "red"}
_USUAL = "standard"
"""The policy that needs no mention."""
_MOST_FLAGS = 5
"""Red flags of one file that are shown."""
_GOOD = {"present", "intact", "valid", "trusted", "good", "none"}
_BAD = {"unreadable", "changed", "malformed", "invalid", "revoked", "broken"}


def result(item: Result) -> RenderableType:
    """Show one file: its verdict and the red flags of its history, or why there is none."""
    if item.verdict is None:
        return error(str(item.error or wording.NOT_LOOKED_AT))
    return Group(verdict(item.verdict), *_flags(item), *_recovered(item))


def _recovered(item: Result) -> list[RenderableType]:
    """Say what was found again of credentials that are not in the file."""
    if item.recovery is None:
        return []
    from provenance.reports.recovered import NOT_EMBEDDED, place, sentence  # noqa: PLC0415 -- only when asked for

    lines = [
        Text(
            f"{sentence(found)}: {visible(found.title or found.label)}, signed by "
            f"{visible(found.signer or 'somebody whose identity is not verified')} ({visible(place(found))})"
        )
        for found in item.recovery.found
    ]
    lines.append(Text(NOT_EMBEDDED, "bold") if lines else Text("nothing like it was found", "dim"))
    return _marked("?", [*lines, *(Text(visible(note), "yellow") for note in item.recovery.notes)])


def summary(found: Summary) -> RenderableType:
    """Show what became of many files, and why, the worst first."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for reason in found.reasons:
        colour = _COLOURS[reason.decision]
        where = f"{reason.rule}: {wording.examples(reason)}" if reason.rule else wording.examples(reason)
        why = Text.assemble(visible(wording.because(reason)), "\n", (visible(where), "dim"))
        table.add_row(Text(wording.STANDINGS[reason.decision], colour), str(reason.files), why)
    for flag in found.flags:
        table.add_row(Text(wording.LOOK_AT, "yellow"), str(flag.files), Text(flag.kind))
    lines = (table,) if found.reasons or found.flags else ()
    return Group(Text(wording.counted(found), "bold"), *(Padding(item, (0, 0, 0, 1), expand=False) for item in lines))


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
        *_besides(item),
    )


def _facets(item: Verdict) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    facets = item.facets
    if item.policy.name != _USUAL:
        named = Text(visible(item.policy.name, limit=30))
        table.add_row(Text("policy", "dim"), named, Text(f"version {visible(item.policy.version)}"))
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


def _besides(item: Verdict) -> list[RenderableType]:
    """Name the findings that neither the sentence nor a facet shows, with the rules that made them."""
    sentence = wording.headline(item)
    found = [(f"{finding.message} ({finding.rule})", _COLOURS[finding.decision]) for finding in remarks(item)]
    return _marked("!", [Text(visible(said), colour) for said, colour in found if said not in sentence])


def _flags(item: Result) -> list[RenderableType]:
    """Say what is odd about the history, as far as no facet shows it."""
    history, facets = item.history, item.verdict.facets if item.verdict else None
    if history is None or facets is None:
        return []
    told = FlagKind.UNKNOWN if facets.ancestry.state is Ancestry.UNKNOWN else None
    found = [f"{flag.kind}: {wording.about(flag, history)}" for flag in item.flags if flag.kind is not told]
    more = [f"{len(found) - _MOST_FLAGS} more red flags, which other formats list"] if len(found) > _MOST_FLAGS else []
    return _marked(wording.LOOK_AT, [Text(visible(line), "yellow") for line in (*found[:_MOST_FLAGS], *more)])


def _marked(mark: str, lines: list[Text]) -> list[RenderableType]:
    """Put a mark before each line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row(Text(mark, "bold"), line)
    return [Padding(table, (0, 0, 0, 1), expand=False)] if lines else []


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
