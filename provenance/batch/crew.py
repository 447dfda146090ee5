"""Which files, and who works on them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from threading import Event
from typing import TYPE_CHECKING, Final

from provenance.batch import tasks
from provenance.batch.executors import HERE, PROCESSES, Engine, open_crew
from provenance.batch.finding import Wanted
from provenance.batch.recipe import Operation
from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from provenance.batch.executors import Crew
    from provenance.batch.finding import Found

AUTO: Final = "auto"
"""Processes where they pay, this process where there is little to do."""
_COST = {Operation.SIGN: (0.012, 0.018), Operation.VERIFY: (0.003, 0.0015)}
"""Seconds that a file takes, and a megabyte of it; roughly, to tell whether processes pay."""
_MODULES = {
    Operation.SIGN: (
        "provenance.keys",
        "provenance.workspace.sealing",
        "provenance.metadata.read",
        "provenance.images.thumbnails",
        "PIL.JpegImagePlugin",
    ),
    Operation.VERIFY: (),
}
"""What nearly every file needs besides: it is loaded once for all processes."""
_WORTH = 2.0
"""Seconds of work from which on they do: on two cores, starting them takes half of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Which files, by whom, and how far one may go."""

    names: Sequence[str]
    """Paths, patterns, addresses of objects, lists (`finding.Finder`)."""
    wanted: Wanted = field(default_factory=Wanted)
    engine: Engine = field(default_factory=lambda: Engine(name=AUTO))
    largest: int = 0
    """Bytes of a file above which it is refused; 0: no limit."""
    stop: Event = field(default_factory=Event)
    """Once it is set, no further file is begun."""


def chosen(engine: Engine, entries: Iterable[Found], operation: Operation) -> tuple[Engine, Iterator[Found]]:
    """Choose processes where they pay, which shows from the first files; those are not lost."""
    source = iter(entries)
    if engine.name != AUTO:
        return engine, source
    seen: list[Found] = []
    each, megabyte = _COST[operation]
    work = 0.0
    for entry in source:
        seen.append(entry)
        work += 0.0 if isinstance(entry, ProvenanceError) else each + megabyte * entry.size / 1e6
        if work >= _WORTH and len(seen) > 1:
            return replace(engine, name=PROCESSES), chain(seen, source)
    return replace(engine, name=HERE), iter(seen)


@contextmanager
def working(engine: Engine, operation: Operation, *, secrets: Mapping[str, str]) -> Iterator[Crew]:
    """Open who works; whoever leaves in the middle does not wait for what is in flight."""
    tasks.remember(secrets)  # for this process and its threads
    crew = open_crew(engine, secrets=secrets, modules=_MODULES[operation])
    try:
        yield crew
    except BaseException:
        crew.executor.shutdown(wait=False, cancel_futures=True)
        raise
    crew.executor.shutdown()
