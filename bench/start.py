"""How long does one cold command take?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from _measure import (
    Row,
    arguments,
    folder,
    fresh,
    interleave,
    make,
    new_identity,
    open_workspace,
    print_rows,
    print_table,
    small_jpeg,
    verdict,
)

GOAL = 2.5
UNWANTED = ("PIL", "sqlalchemy", "fastapi")
"""Packages that verifying a file has no use for."""
SHOWN = 12
AUTHORITIES = 50

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)")


@dataclass(frozen=True, slots=True)
class Import:
    """One line of `python -X importtime`, in microseconds."""

    name: str
    own: int
    whole: int


def sign(home: Path, source: Path, output: Path) -> None:
    """Sign the file that the commands look at."""
    open_workspace(home).sign(source, output)


def install_list(home: Path) -> None:
    """Install a list of authorities, the file's own among them, that says which key usages it accepts."""
    from provenance.keys import issue_development_identity
    from provenance.model.ports import Algorithm
    from provenance.model.trust import Purpose
    from provenance.trust import Wanted

    space = open_workspace(home)
    others = (
        issue_development_identity(f"Authority {number}", algorithm=Algorithm.ES256, days=30, at=space.now()).root_pem
        for number in range(AUTHORITIES - 1)
    )
    path = home / "authorities.pem"
    path.write_text("".join([*(pem for _, pem in space.identities.roots()), *others]))
    wanted = Wanted(source=str(path), purpose=Purpose.SIGNER, key_usages=("1.3.6.1.4.1.62558.2.1",))
    space.trust_store.add("authorities", wanted, at=space.now(), fetch=space.list_fetcher())


def run(command: list[str], *, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with the settings and the identity of this benchmark."""
    environment = os.environ | {
        "PROVENANCE_HOME": str(home / "home"),
        "XDG_CONFIG_HOME": str(home / "config"),
        # An installed package has its bytecode; the warm-up makes it here, whatever the surroundings say.
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
    }
    for name in ("PROVENANCE_SETTINGS", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=True)


def imports(home: Path, command: list[str]) -> list[Import]:
    """List what a command imports."""
    report = run([command[0], "-X", "importtime", *command[1:]], home=home).stderr
    return [Import(name, int(own), int(whole)) for own, whole, _, name in _LINE.findall(report)]


def by_package(found: list[Import]) -> Counter[str]:
    """Add up the own time of the modules of each package."""
    total: Counter[str] = Counter()
    for item in found:
        total[item.name.partition(".")[0]] += item.own
    return total


def main() -> None:
    chosen = arguments("How long does one cold command take?", rounds=15)
    with folder() as home:
        new_identity(home)
        fresh(sign, home, make(small_jpeg, home / "source.jpg"), home / "one.jpg")
        python = sys.executable
        script = Path(python).with_name("provenance")
        verify = ["verify", "one.jpg", "-q"]
        ours = [str(script), *verify] if script.exists() else [python, "-m", "provenance", *verify]
        calls = {
            "ours": partial(run, ours, home=home),
            "engine": partial(run, [python, "-c", "import c2pa; c2pa.Reader('one.jpg').json()"], home=home),
            "python": partial(run, [python, "-c", "pass"], home=home),
        }
        found = interleave(calls, rounds=chosen.rounds)
        fresh(install_list, home)
        listed = interleave({name: calls[name] for name in ("ours", "engine")}, rounds=chosen.rounds)
        loaded = imports(home, [python, "-m", "provenance", *verify])

    rows = [
        Row(what="`provenance verify one.jpg -q`", ours=found["ours"], peer=found["engine"], goal=GOAL),
        Row(what=f"… with a list of {AUTHORITIES} authorities installed", ours=listed["ours"], peer=listed["engine"]),
        Row(what="… against `python -c pass`", ours=found["ours"], peer=found["python"]),
        Row(what="the engine against `python -c pass`", ours=found["engine"], peer=found["python"]),
    ]
    print_rows(rows, peer="peer", markdown=chosen.markdown)

    print("The most expensive imports of that command, by package (own time of its modules)\n")
    packages = by_package(loaded).most_common(SHOWN)
    print_table(
        ("package", "ms"), [(name, f"{taken / 1000:.1f}") for name, taken in packages], markdown=chosen.markdown
    )
    print("… and by module, with everything that it brings in\n")
    largest = sorted(loaded, key=lambda item: -item.whole)[:SHOWN]
    print_table(("module", "ms"), [(x.name, f"{x.whole / 1000:.1f}") for x in largest], markdown=chosen.markdown)

    names = {item.name.partition(".")[0] for item in loaded}
    present = [name for name in UNWANTED if name in names]
    print(f"Imported without need: {', '.join(present)}" if present else f"Not imported: {', '.join(UNWANTED)}")
    print(f"{len(loaded)} modules\n")
    print(verdict(rows))


if __name__ == "__main__":
    main()
