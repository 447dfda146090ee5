"""What does the way through HTTP cost, does memory grow, and what does it do under load when something dies?"""

from __future__ import annotations

import os
import random
import signal
import socket
import statistics
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from _measure import arguments, open_workspace, print_table
from _served import Server, receiving, serving
from _sets import SETS, files_of, identity, media, signed

from provenance import Asked as Wanted
from provenance import Batch, Engine, Verdicts, Verifying

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from _load import Asked

GOAL: Final = 0.7
CLIENTS: Final = 16
FLAT: Final = 20_000
"""Requests over which memory is watched."""
SLOW: Final = 500
"""Connections that send nothing more."""
KILLS: Final = 20
SEED: Final = 1


def options(parser: argparse.ArgumentParser) -> None:
    """Add where media are kept, and how long it is watched."""
    parser.add_argument("--sets", type=Path, default=Path("/tmp/provenance-sets"), metavar="FOLDER")
    parser.add_argument(
        "--requests", type=int, default=FLAT, metavar="N", help=f"over which memory is watched ({FLAT})"
    )
    parser.add_argument("--only", choices=("throughput", "memory", "slow", "kill"), help="one of the questions")


# ---- how fast


def library(home: Path, folder: Path, workers: int) -> float:
    """Return the files per second of the library's own processes, once they are there."""
    batch = Batch(names=[str(folder)], engine=Engine(workers=workers))
    task = Verifying(asked=Wanted(digest=True), lines=True)
    ends = []
    for outcome in Verdicts(open_workspace(home), batch, task):
        if outcome.failed:
            raise SystemExit(f"{outcome.job.source}: {outcome.error}")
        ends.append(time.perf_counter())
    return _rate(ends)


def over_http(server: Server, folder: Path) -> tuple[float, list[float]]:
    """Return the files per second, and the seconds of each request."""
    asked = server.send(folder, clients=CLIENTS)
    wrong = Counter(item.status for item in asked if item.status != 200)
    if wrong:
        raise SystemExit(f"not all were answered: {wrong}")
    return _rate([item.begun + item.seconds for item in asked]), [item.seconds for item in asked]


def _rate(ends: Sequence[float]) -> float:
    """Files per second, from the first end on: starting is not what is measured."""
    return (len(ends) - 1) / (max(ends) - min(ends))


def throughput(home: Path, sets: Path, rounds: int) -> None:
    """Compare both ways, in turn."""
    workers = os.cpu_count() or 1
    folder = signed(media(SETS[0], sets), home)
    size = statistics.mean(path.stat().st_size for path in files_of(folder)) / 1e6
    ours, theirs, bare, seconds = [], [], [], []
    with serving(home, workers=workers) as server, receiving(home) as idle:
        server.send(folder, clients=CLIENTS)
        for _ in range(rounds):
            rate, each = over_http(server, folder)
            ours.append(rate)
            seconds += each
            theirs.append(library(home, folder, workers))
            bare.append(over_http(idle, folder)[0])
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    p50, p95 = (1000 * statistics.quantiles(seconds, n=100)[at] for at in (49, 94))
    row = (
        f"JPEG of {size:.1f} MB, {CLIENTS} clients, {workers} workers",
        f"{statistics.median(ours):.0f}",
        f"{statistics.median(theirs):.0f}",
        f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
        f"{p50:.0f}",
        f"{p95:.0f}",
        f"≥ {GOAL:g}: {'met' if ratio >= GOAL else 'MISSED'}",
    )
    head = ("verified", "HTTP, files/s", "library, files/s", "ratio", "median, ms", "p95, ms", "goal")
    print_table(head, [row], markdown=False)
    there, most = statistics.median(theirs), statistics.median(bare)
    # Both keep all cores busy, so that what one costs comes on top of the other.
    print(
        f"uvicorn that only takes the bodies in: {most:.0f} files/s; a service that adds nothing else to the library's"
    )
    print(f"own work would reach {1 / (1 + there / most):.2f} of it, with the clients on the same cores\n")


# ---- does it grow


def memory(home: Path, sets: Path, requests: int) -> None:
    """Watch memory over many requests."""
    folder = signed(media(SETS[1], sets, scale=0.1), home)
    each = len(files_of(folder))
    rows = []
    with serving(home) as server:
        steps = max(1, requests // 5 // each)
        sent = 0
        for _ in range(6):
            statuses = Counter(item.status for item in server.send(folder, times=steps))
            sent += sum(statuses.values())
            rows.append((f"{sent:,}", f"{server.memory() / 1e6:.0f}", str(dict(statuses))))
    print_table(("requests", "MB in all", "answers"), rows, markdown=False)


# ---- slow clients


def slow(home: Path, sets: Path) -> None:
    """Ask beside connections that have begun a request and do not go on."""
    folder = signed(media(SETS[1], sets, scale=0.1), home)
    rows = []
    with serving(home) as server, ExitStack() as stack:
        server.send(folder)
        for what, count in (("no others", 0), (f"{SLOW} connections that wait", SLOW)):
            for number in range(count):
                idle = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                head = b"POST /v1/verify HTTP/1.1\r\nHost: a\r\n"
                idle.sendall(head if number % 2 else head + b"Content-Length: 1000000\r\n\r\nbegun")
            asked = server.send(folder)
            p95 = statistics.quantiles([item.seconds for item in asked], n=100)[94]
            rows.append((what, f"{_rate([it.begun + it.seconds for it in asked]):.0f}", f"{1000 * p95:.0f}",
                         str(dict(Counter(item.status for item in asked)))))  # fmt: skip
    print_table(("beside", "files/s", "p95, ms", "answers"), rows, markdown=False)


# ---- what dies


def kill(home: Path, sets: Path) -> None:
    """Kill workers at random moments while requests come."""
    folder = signed(media(SETS[1], sets, scale=0.1), home)
    chance = random.Random(SEED)
    with serving(home) as server:
        server.send(folder)
        asked: list[Asked] = []
        asking = threading.Thread(target=lambda: asked.extend(server.send(folder, times=20)))
        asking.start()
        killed = 0
        while asking.is_alive() and killed < KILLS:
            time.sleep(chance.uniform(0.05, 0.4))
            workers = server.workers
            if workers:
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed += 1
        asking.join()
        after = Counter(item.status for item in server.send(folder))
    statuses = Counter(item.status for item in asked)
    row = (f"{killed}", f"{len(asked):,}", str(dict(statuses)), str(statuses[0]), str(dict(after)))
    print_table(("workers killed", "requests", "answers", "without an answer", "afterwards"), [row], markdown=False)


def main() -> None:
    chosen = arguments("What does the way through HTTP cost, and what happens under load?", rounds=5, more=options)
    chosen.sets.mkdir(parents=True, exist_ok=True)
    home = identity(chosen.sets)
    questions: dict[str, Callable[[], None]] = {
        "throughput": lambda: throughput(home, chosen.sets, chosen.rounds),
        "memory": lambda: memory(home, chosen.sets, chosen.requests),
        "slow": lambda: slow(home, chosen.sets),
        "kill": lambda: kill(home, chosen.sets),
    }
    for name, ask in questions.items():
        if chosen.only in {None, name}:
            ask()


if __name__ == "__main__":
    main()
