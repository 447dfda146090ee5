"""`provenance show` and `provenance history`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Files, Force, OneFile, Online, Trust, TrustLists
from provenance.errors import MediaError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from provenance.reports.result import Result


class Form(StrEnum):
    """How a history is shown."""

    TREE = "tree"
    JSON = "json"
    HTML = "html"
    SVG = "svg"
    DOT = "dot"
    MERMAID = "mermaid"


_PICTURES = (Form.SVG, Form.HTML)
_WIDTH = 100
"""Columns of a tree in a file."""


def show(
    files: Files,
    trust: Trust = None,
    online: Online = False,
    as_json: AsJson = False,
    trust_list: TrustLists = None,
) -> None:
    """Show who signed, when, how it began, and every step of the history as a tree.

    Always exits 0 for what can be shown: `verify` judges.
    """
    from provenance.workspace.looking import Asked, generator, look

    space = common.workspace(trust, lists=trust_list)
    results = [look(space, path, Asked(online=online)) for path in files]
    if as_json:
        from provenance.reports import to_json
        from provenance.reports.result import Results

        common.write(to_json.document(Results(items=tuple(results), generator=generator(space))))
    else:
        _print(results)
    failed = [item.error for item in results if isinstance(item.error, MediaError)]
    if failed:
        raise typer.Exit(failed[0].exit_code)


def _print(results: list[Result]) -> None:
    for number, item in enumerate(results):
        if number:
            common.show("")
        if item.error is not None:
            common.report(item.error)
        else:
            common.show(_tree(item))


def _tree(result: Result) -> RenderableType:
    from provenance.reports import to_terminal, to_tree

    if result.verdict is None or result.history is None:
        return to_terminal.result(result)
    return to_tree.history(result.verdict, result.history)


def history(
    file: OneFile,
    form: Annotated[Form, typer.Option("--format", help="How to show it.")] = Form.TREE,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write to a file.", metavar="FILE", show_default=False),
    ] = None,
    trust: Trust = None,
    online: Online = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    force: Force = False,
    trust_list: TrustLists = None,
) -> None:
    """Draw the history of a file: what came from whom, what was done, redactions, gaps, and what is odd about it.

    Pictures show the nearest 60 steps, the tree 200; json lists all. A file without credentials is a gap, and exits 0.
    """
    from provenance.workspace.looking import Asked, generator, look

    chosen = Form.JSON if as_json else form
    space = common.workspace(trust, lists=trust_list)
    result = look(space, file, Asked(online=online, pictures=chosen in _PICTURES))
    if result.error is not None:
        raise result.error
    if chosen is Form.TREE and output is None:
        common.show(_tree(result))
        return
    text = _text(result, chosen, generator(space))
    if output is None:
        common.write(text)
        return
    from provenance.storage.outputs import publish

    publish(text.encode("utf-8", "backslashreplace"), output, overwrite=force)


def _text(result: Result, form: Form, generator: str) -> str:
    """Write a history in one of its forms."""
    from provenance.workspace.looking import history_of

    if form is Form.TREE:
        return _plain(_tree(result))
    steps = history_of(result)
    if form is Form.HTML:
        from provenance.model.flags import red_flags
        from provenance.reports.to_graph.as_page import document

        return document(result.name, steps, flags=red_flags(steps), thumbnails=result.thumbnails, generator=generator)
    from provenance.reports.drawings import Drawing, drawn

    return drawn(Drawing(form.value), result, steps, generator=generator)


def _plain(shown: RenderableType) -> str:
    from io import StringIO

    from rich.console import Console

    target = StringIO()
    Console(file=target, width=_WIDTH, highlight=False, emoji=False, markup=False).print(shown)
    return "".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines())
