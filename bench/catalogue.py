"""How fast is a catalogue written, by one and by four at once, and how fast is a record found among a million?"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from _measure import arguments, folder, fresh, print_table

from provenance.catalogue import Catalogue
from provenance.model.fingerprints import Fingerprint
from provenance.model.record import Described, Operation, Query, Record, Recording, new_id

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

GOAL = 5_000
"""Records per second that are written in batches."""
BATCH: Final = 10_000
"""Recordings that are made before the clock runs."""
VARIANTS: Final = 14
"""Fingerprints of a picture: two methods, each as it is, mirrored and in five crops."""
SCHEMA: Final = "provenance_bench"
AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


def options(parser: argparse.ArgumentParser) -> None:
    """Add how many rows, and where a server is."""
    parser.add_argument(
        "--rows", type=int, default=1_000_000, metavar="N", help="records to find something among (1e6)"
    )
    parser.add_argument("--batches", type=int, default=5, metavar="N", help="batches of 10,000 for each rate (5)")
    parser.add_argument("--server", metavar="URL", help="a PostgreSQL in which a schema can be made")
    parser.add_argument("--server-rows", type=int, default=100_000, metavar="N", help="the same as --rows there (1e5)")


class Maker:
    """Makes recordings of different pictures, the same ones every time."""

    def __init__(self, *, seed: int = 1, store: int = 1000, prints: int = 1) -> None:
        self._chance = random.Random(seed)
        self._store, self._prints = store, prints
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(self._chance.choices(letters, k=self._chance.randint(3, 9))) for _ in range(20_000)]
        self._made = 0

    def __call__(self, count: int) -> list[Recording]:
        """Make so many."""
        return [self._one() for _ in range(count)]

    def _say(self, words: int) -> str:
        return " ".join(self._chance.choices(self._words, k=words))

    def _one(self) -> Recording:
        self._made += 1
        at, digest = AT + timedelta(seconds=self._made), partial(self._chance.randbytes, 32)
        store = self._chance.randbytes(self._store)
        record = Record(
            id=new_id(at),
            recorded_at=at,
            operation=Operation.SIGNED,
            label=f"urn:c2pa:{digest().hex()[:32]}",
            manifest=hashlib.sha256(store).hexdigest(),
            media_type="image/jpeg",
            size=4_900_000,
            source=digest().hex(),
            output=digest().hex(),
            bare=digest().hex(),
            width=4000,
            height=3000,
            title=self._say(4),
            signer="Example News",
            certificate="ab" * 32,
            signed_at=at,
            source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
            described=Described(creators=(self._say(2),), caption=self._say(15), rights="© Example News"),
            written_to=f"signed/{self._made}.jpg",
            asked_by="desk@example",
        )
        prints = tuple(
            Fingerprint(method="io.iscc.v0", variant=str(number or ""), value=self._chance.randbytes(32))
            for number in range(self._prints)
        )
        return Recording(record=record, store=store, fingerprints=prints)


# ---- places


@contextmanager
def on_server(server: str) -> Iterator[str]:
    """Give the address of a schema of our own."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        yield f"{server}?options=-csearch_path%3D{SCHEMA}"
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@contextmanager
def in_file() -> Iterator[str]:
    """Give the address of a file on the disk."""
    with folder() as place:
        yield f"sqlite:///{place / 'catalogue.db'}"


# ---- writing


def rates(url: str, batches: int, store: int, prints: int) -> list[float]:
    """Return the records per second of batches that go into a catalogue that was empty before the first."""
    make, found = Maker(store=store, prints=prints), list[float]()
    with Catalogue.create(url) as catalogue:
        for _ in range(batches):
            batch = make(BATCH)
            begun = time.perf_counter()
            catalogue.add(batch)
            found.append(BATCH / (time.perf_counter() - begun))
    return found


def one_by_one(url: str) -> float:
    """Return the milliseconds that one record takes, down to the disk."""
    taken: list[float] = []
    with Catalogue.create(url) as catalogue:
        for recording in Maker(store=16_000, prints=VARIANTS)(200):
            begun = time.perf_counter()
            catalogue.add([recording])
            taken.append(time.perf_counter() - begun)
    return median(taken) * 1000


def writer(url: str, seed: int) -> None:
    """Write 5,000 records in groups of a hundred, as one of several."""
    make = Maker(seed=seed)
    with Catalogue.open(url, wait=120) as catalogue:
        for _ in range(50):
            catalogue.add(make(100))


def four_at_once(url: str) -> tuple[int, int, float]:
    """Return how many of 20,000 records are there, how many problems there are, and the seconds that it took."""
    with Catalogue.create(url) as catalogue:
        processes = [get_context("spawn").Process(target=writer, args=(url, seed)) for seed in range(4)]
        begun = time.perf_counter()
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        taken = time.perf_counter() - begun
        problems = sum(1 for _ in catalogue.check(parse=len, expected=catalogue.head()))
        return catalogue.summary().records, problems, taken


# ---- finding


def fill(url: str, rows: int) -> tuple[float, Record]:
    """Write records until there are so many; return the rate of all of it, and one of the records."""
    make, taken, middle = Maker(), 0.0, None
    with Catalogue.create(url) as catalogue:
        for number in range(0, rows, BATCH):
            batch = make(min(BATCH, rows - number))
            middle = batch[0].record if middle is None or number <= rows // 2 else middle
            begun = time.perf_counter()
            catalogue.add(batch)
            taken += time.perf_counter() - begun
    if middle is None:
        raise SystemExit("--rows must be 1 or more")
    if url.startswith("postgresql"):
        count_up(url)
    return rows / taken, middle


def count_up(url: str) -> None:
    """Have a server make the statistics that it makes by itself within minutes, where nobody has turned that off."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ANALYZE ledger, manifests, records, texts, parents, fingerprints")


SHOW: Final = """
import resource, sys, time
begun = time.perf_counter()
from provenance.catalogue import Catalogue
loaded = time.perf_counter()
with Catalogue.open(sys.argv[1]) as catalogue:
    assert catalogue.get(sys.argv[2])
shown = time.perf_counter()
print((loaded - begun) * 1000, (shown - loaded) * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""


def show(url: str, name: str) -> tuple[float, float, float]:
    """Show one record in a new process: milliseconds of loading and of showing, and the megabytes of the process."""
    done = subprocess.run([sys.executable, "-c", SHOW, url, name], capture_output=True, text=True, check=True)
    loading, showing, memory = map(float, done.stdout.split())
    return loading, showing, memory


def ask(url: str, known: Record) -> dict[str, tuple[float, int]]:
    """Return the milliseconds of each question (the median of five), and how many records answer it."""
    word = (known.title or "").split()[0]
    questions: dict[str, Query] = {
        "by digest, of any kind": Query(digest=known.output),
        "by text: a word in it, the first 20": Query(text=word, limit=20),
        "by text: two words": Query(text=known.title or ""),
        "by text: a word that is nowhere": Query(text="nowhere-at-all"),
        "by date: a minute": Query(since=known.recorded_at, until=known.recorded_at + timedelta(minutes=1)),
        "by signer and date, the first 20": Query(signer=known.signer, until=known.recorded_at, limit=20),
    }
    with Catalogue.open(url) as catalogue:
        return {what: timed(catalogue, asked) for what, asked in questions.items()}


def timed(catalogue: Catalogue, asked: Query) -> tuple[float, int]:
    """Return the median of five answers in milliseconds, and how many records the last one was."""
    taken, found = [], 0
    for _ in range(5):
        begun = time.perf_counter()
        found = sum(1 for _ in catalogue.find(asked))
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken), found


def go_through(url: str) -> tuple[float, float, float]:
    """Return the seconds that all fingerprints, a proof of the first record, and a check of everything take."""
    with Catalogue.open(url) as catalogue:
        begun = time.perf_counter()
        first = next(catalogue.fingerprints()).number
        count = sum(1 for _ in catalogue.fingerprints())
        prints = time.perf_counter() - begun
        begun = time.perf_counter()
        proof = catalogue.prove(catalogue.numbered([first])[first].id)
        proved = time.perf_counter() - begun
        begun = time.perf_counter()
        problems = sum(1 for _ in catalogue.check(parse=len, expected=proof.head))
        checked = time.perf_counter() - begun
    if problems or not proof.holds() or not count:
        raise SystemExit(f"{problems} problems in a catalogue that nobody has touched")
    return prints, proved, checked


def written(place: Callable[[], Any], batches: int) -> Iterator[tuple[str, ...]]:
    """Measure writing."""
    for what, store, prints, goal in (
        ("records per second: a manifest store of 1 kB, one fingerprint", 1000, 1, GOAL),
        (f"records per second: a manifest store of 16 kB, {VARIANTS} fingerprints", 16_000, VARIANTS, None),
    ):
        with place() as url:
            found = fresh(rates, url, batches, store, prints)
        verdict = "" if goal is None else f"≥ {goal:,} {'met' if median(found) >= goal else 'missed'}"
        yield what, f"{median(found):,.0f} ({min(found):,.0f}–{max(found):,.0f})", verdict
    with place() as url:
        yield "one record by itself, 16 kB, ms", f"{fresh(one_by_one, url):.1f}", ""
    with place() as url:
        there, problems, taken = four_at_once(url)
        verdict = f"all {'met' if (there, problems) == (20_000, 0) else 'missed'}"
        yield f"four at once: of 20,000 records (in {taken:.0f} s) are there", f"{there:,}", verdict


def found(url: str, rows: int, size: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """Measure finding."""
    speed, known = fresh(fill, url, rows)
    yield f"records per second, all {rows:,} of them", f"{speed:,.0f}"
    yield "size", size()
    loading, showing, memory = show(url, known.id)
    yield "a new process: load the library, ms", f"{loading:.0f}"
    yield "open and show one record, ms", f"{showing:.1f}"
    yield "memory of that process, MB", f"{memory:.0f}"
    for what, (milliseconds, count) in fresh(ask, url, known).items():
        yield f"{what}, ms ({count} found)", f"{milliseconds:.1f}"
    prints, proved, checked = fresh(go_through, url)
    yield "read all fingerprints, s", f"{prints:.1f}"
    yield "prove the first record, s", f"{proved:.1f}"
    yield "check everything, s", f"{checked:.0f}"


def file_size(url: str) -> str:
    """Return the size of a catalogue's file."""
    return f"{Path(url.removeprefix('sqlite:///')).stat().st_size / 1e9:.2f} GB"


def schema_size(server: str) -> str:
    """Return the size of what is in the schema."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", "")) as connection:
        ours = "relkind = 'r' AND relnamespace = %s::regnamespace"
        query = f"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE {ours}"
        row = connection.execute(query, [SCHEMA]).fetchone()
    return f"{float(row[0]) / 1e9:.2f} GB" if row else "unknown"


def main() -> None:
    chosen = arguments("How fast is a catalogue written, and how fast is something found in it?", more=options)
    places: dict[str, tuple[Callable[[], Any], int]] = {"SQLite": (in_file, chosen.rows)}
    if chosen.server:
        places["PostgreSQL"] = (partial(on_server, chosen.server), chosen.server_rows)
    for name, (place, rows) in places.items():
        print_table((f"{name}: writing", "", "goal"), list(written(place, chosen.batches)), markdown=chosen.markdown)
        with place() as url:
            size = partial(file_size, url) if name == "SQLite" else partial(schema_size, chosen.server)
            answers = list(found(url, rows, size))
        print_table((f"{name}: {rows:,} records", ""), answers, markdown=chosen.markdown)


if __name__ == "__main__":
    main()
