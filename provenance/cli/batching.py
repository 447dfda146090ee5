"""What commands on many files share: which files, who works, how one stops."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance import settings as settings_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event
    from types import FrameType

    from provenance.batch.crew import Batch
    from provenance.batch.executors import Engine
    from provenance.batch.finding import Wanted
    from provenance.settings import Settings

Names = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders, patterns, s3://… gs://… az://… addresses, @LIST, or - for standard input.",
        show_default=False,
        metavar="FILES…",
    ),
]
Workers = Annotated[
    int | None, typer.Option("--workers", help="How many files at once.  [default: one for each core]", min=1)
]
EngineName = Annotated[
    str | None,
    typer.Option("--engine", help="Who works: auto, threads, processes, dask://HOST:PORT.", metavar="NAME"),
]
Deadline = Annotated[
    float | None, typer.Option("--deadline", help="Seconds for one file (processes).", min=0.1, metavar="SECONDS")
]
Largest = Annotated[str | None, typer.Option("--largest", help="Refuse larger files: 2GB, 500MB.", metavar="SIZE")]
Flat = Annotated[bool, typer.Option("--no-recursive", help="Stay out of the folders in a folder.")]
Include = Annotated[
    list[str] | None, typer.Option("--include", help="Of folders, only what fits: '*.jpg'.", metavar="PATTERN")
]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", help="Leave out what fits.", metavar="PATTERN")]
KeepTree = Annotated[
    bool, typer.Option("--keep-tree", help="Make the folders below the source again below the output.")
]
Template = Annotated[
    str | None,
    typer.Option(
        "--name", help="What results are called: {stem} {ext} {name} {folder} {width} {height}.", metavar="TEMPLATE"
    ),
]

STOPPED = 130
"""Exit code of a run that was stopped at the keyboard."""


def alone(names: Sequence[str]) -> bool:
    """Say whether a single file is meant, which is no batch."""
    if len(names) != 1:
        return False
    name = names[0]
    return not (name == "-" or name.startswith("@") or "://" in name or _several(name))


def _several(name: str) -> bool:
    path = Path(name)
    try:
        return path.is_dir() or (bool(set(name) & set("*?[")) and not path.exists())
    except (OSError, ValueError):
        return False


def wanted(*, flat: bool, include: list[str] | None, exclude: list[str] | None, spare: str | None = None) -> Wanted:
    """Say what to take of folders; `spare` is where results go, which is no source."""
    from provenance.batch.finding import Wanted

    local = spare is not None and "://" not in spare
    return Wanted(
        recursive=not flat,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        spare=(Path(spare).resolve(),) if local and spare else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Who works and how far one may go, as far as the command line says."""

    engine: str | None
    workers: int | None
    deadline: float | None
    largest: str | None


def engine_of(settings: Settings, limits: Limits) -> Engine:
    """Choose who works, by the options, then by the settings."""
    from provenance.batch.executors import Engine

    usual = settings.batch
    return Engine(
        name=limits.engine or usual.engine,
        workers=limits.workers or usual.workers,
        deadline=limits.deadline or usual.deadline,
    )


def largest_of(settings: Settings, limits: Limits) -> int:
    """Return the bytes of a file above which it is refused; 0: no limit. Raises `typer.BadParameter`."""
    try:
        return settings_file.parse_size(settings.batch.largest if limits.largest is None else limits.largest)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def batch_of(settings: Settings, names: list[str], wanted: Wanted, limits: Limits) -> Batch:
    """Put a batch together, by the options, then by the settings. Raises `typer.BadParameter`."""
    from provenance.batch.crew import Batch

    engine, largest = engine_of(settings, limits), largest_of(settings, limits)
    return Batch(names=names, wanted=wanted, engine=engine, largest=largest)


@contextmanager
def stopping(stop: Event) -> Iterator[None]:
    """Have Ctrl-C (or SIGTERM) set an event, so that files in flight are finished; a second one ends it all."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
