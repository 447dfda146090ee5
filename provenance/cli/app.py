"""The command `provenance`: errors become messages and exit codes here, and nowhere else."""

from __future__ import annotations

import os
import sys
import warnings
from io import TextIOWrapper
from typing import Annotated

import typer

from provenance.cli.lazy import Commands
from provenance.errors import ProvenanceError

app = typer.Typer(
    name="provenance",
    cls=Commands,
    help="Sign media with Content Credentials (C2PA) and verify where it comes from.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def _print_version(value: bool) -> None:
    if value:
        from provenance.cli import info

        info.print_version()
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print versions and exit."),
    ] = False,
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")
    ] = False,
) -> None:
    """Sign media with Content Credentials (C2PA) and verify where it comes from.

    Exit codes: 0 accepted, 1 rejected, 3 review, 2 usage, 4 settings, 5 media, 6 signing, 7 a remote authority,
    8 the catalogue, 9 some files failed, 10 output, 11 a replay that differs.
    """


def _report(error: ProvenanceError) -> None:
    from provenance.cli import common

    common.report(error)


def main() -> None:
    """Run the command line; no traceback reaches a user unless `--debug` asks for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What a terminal cannot show is replaced; it must not end the program.
            stream.reconfigure(errors="replace")
    arguments = [item for item in sys.argv[1:] if item != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1 or bool(os.environ.get("PROVENANCE_DEBUG"))
    if not debug:
        # What libraries warn of, such as odd names in hostile certificates, is not for users.
        warnings.simplefilter("ignore")
    try:
        app(arguments, prog_name="provenance")
    except ProvenanceError as error:
        if debug:
            raise
        _report(error)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # Whoever read the output has gone, which is not an error; Python must not write to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if debug:
            raise
        kind = type(error).__name__
        _report(ProvenanceError(f"internal error: {kind}: {error}", hint="run again with --debug and report it"))
        raise SystemExit(ProvenanceError.exit_code) from None
