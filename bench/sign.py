"""What does signing cost against the bare engine?"""

from __future__ import annotations

import io
import os
import statistics
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial, reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import c2pa
from _measure import (
    WARM_UP,
    Row,
    Timing,
    arguments,
    folder,
    fresh,
    in_processes,
    interleave,
    kept_heap,
    large_jpeg,
    large_png,
    make,
    new_identity,
    open_workspace,
    print_rows,
    print_table,
    small_jpeg,
    verdict,
)

from provenance import MetadataLevel, SigningOptions
from provenance.model.trust import DEFAULT_KEY_USAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from provenance.workspace import Workspace

THUMBNAIL_GOAL = 0.5
PLAIN_GOAL = 1.2

PLAIN = SigningOptions(thumbnail=None)
BARE = SigningOptions(thumbnail=None, metadata=MetadataLevel.NONE)

PARTS = (
    ("read the source", "provenance.storage.sources", "Source.held"),
    ("look for credentials in the source", "provenance.signing.prepare", "look"),
    ("metadata", "provenance.metadata", "read"),
    ("thumbnail", "provenance.images", "make_thumbnail"),
    ("sign (engine), write", "provenance.manifests.writer", "write"),
    ("read back and validate (engine)", "provenance.manifests.reader", "read"),
    ("sync of what is left, and of the folder", "os", "fsync"),
)
"""Where the time goes: the functions that are timed where they are called."""


class Engine:
    """The engine as its own documentation uses it: a context, a builder, two open files."""

    def __init__(self, space: Workspace) -> None:
        """Take the workspace's identity; thumbnails and the check after signing are as the engine sets them."""
        ours = space.signer()
        algorithm = c2pa.C2paSigningAlg[ours.algorithm.name]
        self.signer = c2pa.Signer.from_callback(ours.sign, algorithm, ours.chain_pem, None)
        # Without the list of key usages the engine refuses certificates that were made for C2PA.
        trust = {"trust": {"trust_config": "\n".join(DEFAULT_KEY_USAGES)}}
        self.context = c2pa.Context.from_dict(trust)
        self.plain = c2pa.Context.from_dict(trust | {"builder": {"thumbnail": {"enabled": False}}})

    def sign(self, source: Path, output: Path) -> None:
        """Sign with the engine's own thumbnail; nothing is read back."""
        with source.open("rb") as asset, output.open("w+b") as target:
            self._build(self.context, source).sign(self.signer, _type(source), asset, target)

    def sign_plain(self, source: Path, output: Path) -> None:
        """Sign without a thumbnail; nothing is read back."""
        with source.open("rb") as asset, output.open("w+b") as target:
            self._build(self.plain, source).sign(self.signer, _type(source), asset, target)

    def sign_and_read(self, source: Path, output: Path) -> None:
        """Sign without a thumbnail, then read the result as anybody else would."""
        self.sign_plain(source, output)
        with output.open("rb") as signed, c2pa.Reader(_type(output), signed, context=self.plain) as reader:
            reader.json()

    def sign_and_read_in_memory(self, data: bytes, media_type: str) -> None:
        """Do the same without any file."""
        target = io.BytesIO()
        self._build(self.plain).sign(self.signer, media_type, io.BytesIO(data), target)
        target.seek(0)
        with c2pa.Reader(media_type, target, context=self.plain) as reader:
            reader.json()

    def sign_edit(self, source: Path, output: Path) -> None:
        """Sign with the intent EDIT: the engine reads the source as the parent itself."""
        builder = c2pa.Builder({"claim_generator_info": [{"name": "bench"}]}, context=self.context)
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        with source.open("rb") as asset, output.open("w+b") as target:
            builder.sign(self.signer, _type(source), asset, target)

    def _build(self, context: c2pa.Context, source: Path | None = None) -> c2pa.Builder:
        """State what our preset `publish` states: a parent that was opened and published."""
        title = source.name if source else "(bytes)"
        parent = {"label": "parent", "title": title, "relationship": "parentOf", "instance_id": "xmp:iid:bench"}
        actions = [{"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}, {"action": "c2pa.published"}]
        manifest: dict[str, Any] = {
            "claim_generator_info": [{"name": "bench", "version": "1"}],
            "title": title,
            "ingredients": [parent],
            "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": actions}}],
        }
        return c2pa.Builder(manifest, context=context)


def _type(path: Path) -> str:
    return {".jpg": "image/jpeg", ".png": "image/png"}[path.suffix]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row: a file, what we are asked for, and the method of `Engine` that does as much."""

    what: str
    source: Path
    options: SigningOptions
    peer: str
    goal: float | None = None
    rounds: int


def compare(home: Path, case: Case, rounds: int) -> dict[str, Timing]:
    """Sign a file in turn, by us and by the engine; runs in a process of its own."""
    space = open_workspace(home)
    engine = Engine(space)
    ours, theirs = (home / f"{name}{case.source.suffix}" for name in ("ours", "engine"))
    calls: dict[str, Callable[[], object]]
    if case.peer == "sign_and_read_in_memory":
        data = case.source.read_bytes()
        calls = {
            "ours": partial(space.sign, data, options=case.options),
            "peer": partial(engine.sign_and_read_in_memory, data, _type(case.source)),
        }
    else:
        calls = {
            "ours": partial(space.sign, case.source, ours, options=case.options),
            "peer": partial(getattr(engine, case.peer), case.source, theirs),
        }
    return interleave(calls, rounds=rounds, tidy=partial(_remove, ours, theirs))


def measure(home: Path, case: Case) -> Row:
    """Measure a row in new processes."""
    found = in_processes(partial(compare, home, case), rounds=case.rounds)
    return Row(what=case.what, ours=found["ours"], peer=found["peer"], goal=case.goal)


def _remove(*outputs: Path) -> None:
    """Remove outputs at once: what the engine left unwritten would be written to disk at our expense."""
    for path in outputs:
        path.unlink(missing_ok=True)


def parts(home: Path, source: Path, options: SigningOptions, rounds: int) -> dict[str, float]:
    """Time the parts of one signature where they are called; what is in none of them is `the rest`."""
    space = open_workspace(home)
    output = home / f"parts{source.suffix}"
    taken: dict[str, list[float]] = {name: [] for name in (*(part for part, _, _ in PARTS), "the rest")}
    for number in range(-WARM_UP, rounds):
        with _watched() as seconds:
            begun = time.perf_counter()
            space.sign(source, output, options=options)
            whole = time.perf_counter() - begun
        _remove(output)
        if number >= 0:
            for name, value in seconds.items():
                taken[name].append(value)
            taken["the rest"].append(whole - sum(seconds.values()))
    return {name: statistics.median(found) * 1000 for name, found in taken.items()}


@contextmanager
def _watched() -> Iterator[dict[str, float]]:
    """Time the parts while this lasts; a part inside another counts for the outer one."""
    seconds = dict.fromkeys((name for name, _, _ in PARTS), 0.0)
    busy: list[str] = []

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            # What runs beside the main thread costs only what the main thread waits for.
            if busy or threading.current_thread() is not threading.main_thread():
                return function(*args, **kwargs)
            busy.append(name)
            begun = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                seconds[name] += time.perf_counter() - begun
                busy.pop()

        return call

    with ExitStack() as stack:
        for name, module, function in PARTS:
            *owners, function = function.split(".")  # noqa: PLW2901 -- a method belongs to its class
            home = reduce(getattr, owners, os if module == "os" else import_module(module))
            stack.enter_context(patch.object(home, function, timed(name, getattr(home, function))))
        yield seconds


def main() -> None:
    chosen = arguments("What does signing cost against the bare engine?", rounds=15)
    with folder() as home:
        new_identity(home)
        large = make(large_jpeg, home / "large.jpg")
        small = make(small_jpeg, home / "small.jpg")
        png = make(large_png, home / "large.png")
        many, few = chosen.rounds, chosen.rounds // 3
        name = f"JPEG {large.stat().st_size / 1e6:.1f} MB"
        tiny = f"JPEG {small.stat().st_size / 1e3:.0f} kB"
        heavy = f"PNG {png.stat().st_size / 1e6:.0f} MB"
        standard = SigningOptions()

        pictured = [
            Case(
                what=f"{name}, thumbnail", source=large, options=standard, peer="sign", goal=THUMBNAIL_GOAL, rounds=many
            ),
            Case(what=f"{name}, intent EDIT", source=large, options=standard, peer="sign_edit", rounds=few),
            Case(what=tiny, source=small, options=standard, peer="sign", rounds=many),
            Case(what=heavy, source=png, options=standard, peer="sign", rounds=few),
        ]
        together = "sign_and_read"
        plain = [
            Case(what=f"{name}, plain", source=large, options=PLAIN, peer=together, rounds=many),
            Case(what=f"{name}, plain, no metadata", source=large, options=BARE, peer=together, rounds=many),
            Case(what=tiny, source=small, options=PLAIN, peer=together, rounds=many),
            Case(what=heavy, source=png, options=PLAIN, peer=together, rounds=few),
        ]
        memory = [
            Case(
                what=f"{name}, plain, in memory",
                source=large,
                options=BARE,
                peer="sign_and_read_in_memory",
                rounds=many,
            )
        ]

        print("With a thumbnail: ours reads the result back and syncs it to disk, the engine does neither\n")
        rows = [measure(home, case) for case in pictured]
        print_rows(rows, peer="engine", markdown=chosen.markdown)

        print("Plain, that is without thumbnails: both sides read the result back, only ours syncs it to disk\n")
        rows += (more := [measure(home, case) for case in (*plain, *memory)])
        print_rows(more, peer="engine + Reader", markdown=chosen.markdown)

        # With the allocator as it comes, chance decides which side's large buffers go back to the kernel and when:
        # ratios of the same two programs range from 1.1 to 1.7. The command keeps its heap, so that is what is judged.
        print("The same with a heap that is kept between files, as the command keeps it, for both sides\n")
        goals = ((pictured[0], None), (plain[0], PLAIN_GOAL), (plain[1], PLAIN_GOAL), (memory[0], None))
        with kept_heap():
            rows += (kept := [measure(home, replace(case, goal=goal)) for case, goal in goals])
        print_rows(kept, peer="the same peers", markdown=chosen.markdown)

        print(f"Where our time goes: {name}, milliseconds\n")
        columns = [fresh(parts, home, large, options, many) for options in (standard, PLAIN)]
        with kept_heap():
            columns.append(fresh(parts, home, large, PLAIN, many))
        lines = [(part, *(f"{column[part]:.1f}" for column in columns)) for part in columns[0]]
        lines.append(("sum", *(f"{sum(column.values()):.1f}" for column in columns)))
        head = ("part", "with a thumbnail", "without", "without, heap kept")
        print_table(head, lines, markdown=chosen.markdown)
    print(verdict(rows))


if __name__ == "__main__":
    main()
