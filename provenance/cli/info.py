"""`provenance formats` and `provenance schema`."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from provenance.cli import common


def formats() -> None:
    """List the media types and what each can carry."""
    from rich.table import Table

    from provenance.manifests.formats import FORMATS

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("format", "extensions"):
        table.add_column(column)
    for column in ("sign", "remote", "strip", "attach", "thumbnail", "drop location"):
        table.add_column(column, justify="center")
    notes = list(dict.fromkeys(item.note for item in FORMATS if item.note))
    for item in FORMATS:
        abilities = (item.write, item.remote, item.strip, item.attach, item.thumbnail, item.drop_location)
        mark = f" ({notes.index(item.note) + 1})" if item.note else ""
        table.add_row(f"{item.name}{mark}", " ".join(item.extensions), *("yes" if able else "–" for able in abilities))
    common.show(
        table,
        "",
        *(f"({number}) {note}" for number, note in enumerate(notes, start=1)),
        "All of them can be verified. What can be signed takes a manifest inside or in a sidecar.",
    )


class Document(StrEnum):
    """What commands print for programs."""

    REPORT = "report"
    HISTORY = "history"
    COMPARISON = "comparison"
    RECOVERY = "recovery"
    FIELDS = "fields"


def schema(
    of: Annotated[Document, typer.Argument(help="The document that it describes.")] = Document.REPORT,
) -> None:
    """Print the JSON Schema of what `verify`, `history`, `compare` or `recover` prints, or `fields` writes."""
    from provenance.reports import comparison_form, form, recovery_form, to_fields, to_history

    schemas = {
        Document.REPORT: form.schema,
        Document.HISTORY: to_history.schema,
        Document.COMPARISON: comparison_form.schema,
        Document.RECOVERY: recovery_form.schema,
        Document.FIELDS: to_fields.schema,
    }
    sys.stdout.write(json.dumps(schemas[of](), indent=2) + "\n")


def print_version() -> None:
    """Print the version of the program and of its engine."""
    from importlib.metadata import version

    from provenance import __version__

    sys.stdout.write(f"provenance {__version__} (c2pa-python {version('c2pa-python')}, C2PA 2.4)\n")
