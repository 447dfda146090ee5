"""What tests of batches share: trees of photos, what is in a folder, whose manifests a file bears, the command."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from provenance.batch.crew import Batch
from provenance.batch.executors import HERE, Engine
from provenance.batch.naming import Naming
from provenance.batch.plan import Plan
from provenance.batch.recipe import Signing, Who
from provenance.batch.signatures import Signatures
from provenance.batch.work import Fate, Job, Outcome
from provenance.claims import SigningOptions
from provenance.storage import Entry
from tests.support import media
from tests.support.command import run

AT = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = SigningOptions(thumbnail=None)


@cache
def photo(number: int) -> bytes:
    return media.jpeg(number)


def tree(folder, *names):
    """Make photos under these names, each another one."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo(number))
    return folder


def many(folder, count):
    return tree(folder, *(f"{number:03}.jpg" for number in range(count)))


def listing(*folders):
    """Return everything in folders: names, kinds, sizes, times of the last change, and bytes."""
    found = {}
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            state = path.lstat()
            found[str(path)] = (state.st_mode, state.st_size, state.st_mtime_ns, state.st_ino)
            if path.is_file():
                found[str(path)] += (path.read_bytes(),)
    return found


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def signed_by(space, path):
    """Return the labels of the manifests in the store of a file that verifies."""
    found = space.inspect(path)
    assert found.facets.content.state == "intact", path
    assert found.facets.signature.state == "valid", path
    return list(found.store.manifests)


def entry(name="in/photo.jpg", *, relative=None, size=1000, version="1"):
    return Entry(name=name, relative=relative or name.rpartition("/")[2], size=size, version=version)


def a_job(number=0, **more):
    return Job(**{"number": number, "source": f"{number}.jpg", "size": 1, "version": "1"} | more)


def done(job, **more):
    return Outcome(job=job, fate=Fate.DONE, **more)


def a_plan(journal=None, **more):
    told = {
        "naming": Naming(output="out/"), "recipe": "recipe", "journal": journal, "clock": lambda: AT, "run": "this",
        "bears": lambda name, label: False,
    }  # fmt: skip
    return Plan(**told | more)


def sign(space, *sources, engine=HERE, naming=None, resume=True, workers=2, options=PLAIN, **task):
    """Sign in this process, or by another engine; return what became of each, in the order of sources."""
    batch = Batch(names=[str(item) for item in sources], engine=Engine(name=engine, workers=workers))
    who = Who(**{name: task.pop(name) for name in ("identity", "key", "chain") if name in task})
    found = Signatures(space, batch, Signing(options=options, who=who, **task), naming or Naming(), resume=resume)
    return sorted(found, key=lambda outcome: outcome.job.number)


def fates(outcomes):
    return [outcome.fate.value for outcome in outcomes]


def rows(done):
    """Read the rows that the command printed with `--format jsonl`."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def sign_rows(*arguments, cwd=None, code=0, **environment):
    """Run `provenance sign`, whose rows are returned in the order of sources."""
    finished = run("sign", "--format", "jsonl", "--thumbnail", "none", *arguments, cwd=cwd, **environment)
    assert finished.returncode == code, finished.stdout + finished.stderr
    return sorted(rows(finished), key=lambda row: row["source"])


def start(*arguments, cwd=None, **environment):
    """Start the command and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "provenance", *map(str, arguments)],
        cwd=cwd, env=os.environ | {"COLUMNS": "80", "PYTHONUTF8": "1"} | environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def children(pid):
    """Return the processes that work for a process: those that the one has begotten which it has started."""
    return [worker for nursery in started(pid) for worker in started(nursery)]


def started(pid):
    """Return the processes that a process has started itself."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, listed.read_text().split())
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, *, seconds=30.0):
    """Wait until something is so; it is looked at often."""
    last = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < last, "it did not happen"
        time.sleep(0.005)
    return found
