"""How evidence packs and replays are shown: text for people, dictionaries for programs. All text in them is foreign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.evidence.outcome import Agreement, Basis, Voucher
from provenance.history import trace
from provenance.reports import to_json, to_terminal
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from provenance.evidence import Packed, Replay
    from provenance.evidence.outcome import Known

_HEADS = {
    Agreement.SAME: (" SAME VERDICT ", "green", "checked anew with the file, by the lists and the policy in the pack"),
    Agreement.PARTLY: (
        " NOT ALL CHECKED ",
        "yellow",
        "the same as far as it could be checked without the file: that the content belongs to it was not",
    ),
    Agreement.DIFFERENT: (" DIFFERENT VERDICT ", "red", "what the pack holds does not lead to what is recorded in it"),
}
_COLOURS = {Voucher.NOBODY: "yellow", Voucher.UNVERIFIED: "yellow", Voucher.TRUSTED: "green"}


def packed(made: Packed) -> str:
    """Say what was packed."""
    contents, verdict = made.contents, made.verdict
    whole = "with the file" if contents.file.member else "without the file"
    who = f"; signed by {visible(made.signer)}" if made.signer else ""
    day = contents.as_of or contents.at
    return (
        f"{visible(made.path)}: {len(contents.members)} members, {whole}; "
        f"{verdict.decision} as of {day:%Y-%m-%d %H:%M} {day.tzname()}{who}"
    )


def packed_data(made: Packed) -> dict[str, Any]:
    """Give a pack for JSON."""
    return {
        "output": str(made.path),
        "decision": made.verdict.decision,
        "signer": made.signer,
        "notes": made.notes,
        "pack": made.contents,
    }


def replay(name: str, found: Replay) -> Iterator[RenderableType]:
    """Show a replay: whether it agrees, the verdict, what differs, and who vouches for the pack."""
    head, colour, means = _HEADS[found.agreement]
    yield Text.assemble((head, f"bold reverse {colour}"), " ", (visible(name), "bold"))
    yield Padding(Text(means), (0, 0, 1, 1), expand=False)
    yield to_terminal.verdict(found.verdict)
    yield Text("")
    yield Padding(_about(found), (0, 0, 0, 1), expand=False)
    if found.differences:
        yield Text("")
        yield Padding(_differences(found), (0, 0, 0, 1), expand=False)
    for note in found.notes:
        yield Padding(Text(f"! {visible(note, limit=1000)}", "yellow"), (0, 0, 0, 1), expand=False)


def _about(found: Replay) -> Table:
    contents = found.contents
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    attested = found.stamp.state is Voucher.TRUSTED
    own = "" if attested else ", by its own word"
    table.add_row(Text("looked at", "dim"), Text(f"{contents.at:%Y-%m-%d %H:%M:%S} UTC{own}"))
    if contents.as_of is not None:
        table.add_row(Text("as of", "dim"), Text(f"{contents.as_of:%Y-%m-%d %H:%M %Z}"))
    table.add_row(Text("recorded", "dim"), Text(found.recorded.decision))
    table.add_row(Text("file", "dim"), Text(f"SHA-256 {contents.file.sha256}"))
    signature, stamp = found.signature, found.stamp
    table.add_row(Text("pack", "dim"), Text(visible(signature.reason), _COLOURS[signature.state]))
    table.add_row(Text("time-stamp", "dim"), Text(visible(stamp.reason), _COLOURS[stamp.state]))
    for item in found.lists:
        table.add_row(Text("list", "dim"), Text(_list(item)))
    return table


def _list(item: Known) -> str:
    own = ", made by the machine that made the pack" if item.local else ""
    return f"{visible(item.name)} ({item.purpose}): {item.standing}{own}"


def _differences(found: Replay) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("differs", "recorded", "now"):
        table.add_column(column, overflow="fold")
    for item in found.differences:
        now = f"{visible(item.now)} (not at hand: the file)" if item.unchecked else visible(item.now)
        colour = "yellow" if item.unchecked else "red"
        table.add_row(Text(visible(item.about), colour), Text(visible(item.then)), Text(now, colour))
    return table


def replay_data(name: str, found: Replay) -> dict[str, Any]:
    """Give a replay for JSON."""
    store = found.verdict.inspection.store
    return {
        "pack": name,
        "agreement": found.agreement,
        "basis": found.basis,
        "content_checked": found.basis is Basis.FILE,
        "at": found.contents.at,
        "as_of": found.contents.as_of,
        "recorded": found.recorded.decision,
        "decision": found.verdict.decision,
        "differences": found.differences,
        "signature": found.signature,
        "time_stamp": found.stamp,
        "lists": found.lists,
        "notes": found.notes,
        "programs": found.contents.programs,
        "verdict": to_json.of_verdict(found.verdict, trace(store) if store else None),
    }
