"""How redactions are shown: tables for people, dictionaries for programs. All text in them is other people's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from provenance.claims import RedactionOptions
    from provenance.model.redaction import Forecast, Gone, Leak, Redacted, Value

_MOST = 8
"""Values of one kind that are shown; JSON has them all."""


def shown(item: Redacted, options: RedactionOptions) -> tuple[RenderableType, ...]:
    """Show what went, and what was left."""
    signed = item.signed
    name = visible(signed.path or signed.sidecar, limit=1000)
    parts: list[RenderableType] = [*left(item.left, options)]
    if not parts:
        parts.append(Text("Nothing of it was found anywhere else.", "green"))
    # As plain texts they are not folded: a path that is broken over two lines cannot be copied.
    parts.append(f"{name}: redacted ({options.reason}), signed by {visible(signed.signer)}")
    if signed.sidecar and signed.path:
        parts.append(f"{visible(signed.sidecar, limit=1000)}: its manifest")
    return tuple(parts)


def outlook(item: Forecast, options: RedactionOptions) -> tuple[RenderableType, ...]:
    """Show what would be left."""
    kind = "in an update manifest" if item.update else "with a new hard binding"
    rest: tuple[RenderableType, ...] = (Text("Nothing of it would be left anywhere else.", "green"),)
    return (*(left(item.leaks, options) if item.leaks else rest), Text(f"Nothing was written: a trial ({kind})."))


def going(item: Forecast) -> Iterator[RenderableType]:
    """Show what goes: whole assertions, and properties of the file."""
    for one in item.gone:
        yield Text.assemble(("goes: ", "dim"), (visible(one.label), "bold"), f" of {visible(one.of)}")
        rows = [*_rows("", one.values), *_rows("along", one.along)]
        yield _grid([*rows, ("", "a picture", f"{len(one.file)} bytes")] if one.file is not None else rows)
    for title, values in (("erased from the file itself", item.erased), ("stated again", item.restated)):
        rows = list(_rows("", values))
        if rows:
            yield Text(f"{title}:", "dim")
            yield _grid(rows)


def left(leaks: Iterable[Leak], options: RedactionOptions) -> Iterator[RenderableType]:
    """Show where it is still told, and what can be done."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for item in leaks:
        places.setdefault((item.hiding, item.where, item.remedy), []).append(item.what)
    for (hiding, where, remedy), told in places.items():
        accepted = hiding in options.leave
        mark = ("left", "yellow") if accepted else ("LEFT", "bold red")
        yield Text.assemble(mark, f" ({hiding}): {visible(where)}")
        more = [("", "", f"… and {len(told) - _MOST} more")] if len(told) > _MOST else []
        rows = [("", "", visible(what)) for what in told[:_MOST]] + more
        yield _grid([*rows, ("", "", "accepted" if accepted else f"→ {visible(remedy)}")])


def _rows(kind: str, values: Iterable[Value]) -> Iterator[tuple[str, str, str]]:
    listed = list(values)
    for item in listed[:_MOST]:
        yield kind, visible(item.name, limit=40), visible(item.text, limit=120)
    if len(listed) > _MOST:
        yield kind, "…", f"and {len(listed) - _MOST} more"


def _grid(rows: Iterable[tuple[str, str, str]]) -> Padding:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for kind, name, text in rows:
        table.add_row(Text(kind), Text(name), Text(text))
    return Padding(table, (0, 0, 0, 2), expand=False)


def done(source: str, item: Redacted, options: RedactionOptions) -> dict[str, Any]:
    """Give a finished redaction for JSON."""
    signed = item.signed
    return {
        "source": source,
        "written": True,
        "output": str(signed.path) if signed.path else None,
        "sidecar": str(signed.sidecar) if signed.sidecar else None,
        "carrier": signed.carrier,
        "media_type": signed.media_type,
        "manifest": signed.store.active,
        "signer": signed.signer,
        **_told(item.gone, item.erased, item.restated, item.left, options),
        "notes": list(signed.notes),
    }


def foretold(source: str, item: Forecast, options: RedactionOptions) -> dict[str, Any]:
    """Give what would be done for JSON."""
    told = _told(item.gone, item.erased, item.restated, item.leaks, options)
    return {"source": source, "written": False, "update": item.update, **told, "notes": list(item.notes)}


def refused(source: str, leaks: Iterable[Leak], options: RedactionOptions) -> dict[str, Any]:
    """Give why it was refused for JSON."""
    return {"source": source, "written": False, **_told((), (), (), leaks, options), "notes": []}


def _told(
    gone: Iterable[Gone],
    erased: Iterable[Value],
    restated: Iterable[Value],
    leaks: Iterable[Leak],
    options: RedactionOptions,
) -> dict[str, Any]:
    return {
        "reason": options.reason.code,
        "gone": [
            {
                "manifest": item.manifest,
                "label": item.label,
                "of": item.of,
                "values": _values(item.values),
                "along": _values(item.along),
            }
            for item in gone
        ],
        "erased": _values(erased),
        "restated": _values(restated),
        "left": [
            {
                "name": item.hiding,
                "where": item.where,
                "what": item.what,
                "remedy": item.remedy,
                "accepted": item.hiding in options.leave,
            }
            for item in leaks
        ],
    }


def _values(values: Iterable[Value]) -> list[dict[str, str]]:
    return [{"name": item.name, "value": item.text} for item in values]
