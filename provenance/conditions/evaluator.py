"""Decide conditions, in a process of their own that is ended when it takes too long (docs/decisions/0008)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import weakref
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.conditions import language
from provenance.conditions.language import FUNCTIONS, Used
from provenance.errors import SettingsError
from provenance.model.policy import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.conditions.language import Names

SECONDS = 2.0
"""How long one condition may take: a thousand times what an ordinary one takes."""
MEMORY = 512 << 20
"""Bytes that the process may take, on systems that can hold it to that."""

_WORKER = Path(__file__).with_name("worker.py")
_HINT = "pip install 'media-provenance[cel]'"
_SAID = 200
"""Characters of what the library says that are passed on."""
_SYNTAX = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*?)(?: expecting \{.*)?$", re.MULTILINE)
_UNDEFINED = re.compile(r"Undefined variable or function: '([^']*)'")


class Evaluator:
    """Whoever decides conditions; keeps one process from the first question on."""

    def __init__(self, names: Names, *, seconds: float = SECONDS) -> None:
        """Take the names that conditions may use, and how long one may take.

        Raises `SettingsError` without the library (the extra `cel`).
        """
        self._names = names
        self._seconds = seconds
        self._library = _library()
        self._worker: _Worker | None = None
        self._facts: Mapping[str, Any] | None = None
        self._lock = Lock()

    def wrong(self, expression: str) -> tuple[str, ...]:
        """Say what is wrong with a condition, as far as that can be seen without facts; nothing for a good one."""
        with self._lock:
            answer = self._ask({"expression": expression, "look": True})
        if answer is None:
            return (self._too_much(),)
        if "failed" in answer:
            return (_syntax(answer["said"]),)
        used = Used(variables=tuple(answer["variables"]), functions=tuple(answer["functions"]))
        return tuple(dict.fromkeys(language.mistakes(expression, used, self._names)))

    def holds(self, expression: str, facts: Mapping[str, Any]) -> Held:
        """Decide a condition over facts (what JSON can hold; `now` is a time)."""
        evidence = language.evidence(expression, facts)
        try:
            with self._lock:
                answer = self._offer(facts) or self._ask({"expression": expression})
        except SettingsError as error:
            return Held(value=None, why=error.message, evidence=evidence)
        if answer is None:
            return Held(value=None, why=self._too_much(), evidence=evidence)
        if "failed" in answer:
            return Held(value=None, why=self._why(answer["failed"], answer["said"]), evidence=evidence)
        why = "" if answer["value"] is not None else f"it gives {answer['type']}, neither true nor false"
        return Held(value=answer["value"], why=why, evidence=evidence)

    @property
    def runs(self) -> bool:
        """Whether its process is there; without one, the next question begins another, where that is allowed."""
        return self._worker is not None and self._worker.usable

    def close(self) -> None:
        """End the process; the next question starts another."""
        if self._worker is not None:
            self._worker.end()
        self._worker = self._facts = None

    def _offer(self, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """Hand over the facts once for each file; return what is wrong with them, if anything."""
        if self._worker is not None and facts is self._facts and self._worker.usable:
            return None
        answer = self._ask({"facts": facts})
        if answer is None or "failed" in answer:
            self._facts = None
            return answer or {"failed": "", "said": self._too_much()}
        self._facts = facts
        return None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer; `None` when the process was ended over it."""
        if self._worker is None or not self._worker.usable:
            self.close()
            self._worker = _Worker(self._library, self._seconds)
        answer = self._worker.ask(request)
        if answer is None:
            self.close()
        return answer

    def _too_much(self) -> str:
        return f"it takes more than {self._seconds:g} seconds, or too much memory"

    def _why(self, kind: str, said: str) -> str:
        """Say in plain words why an expression has no result."""
        if _SYNTAX.search(said):
            return _syntax(said)
        plain = said.partition("\n")[0][:_SAID]
        undefined = _UNDEFINED.search(said)
        if kind == "KeyError":
            return f"{plain} is not known"
        if kind == "TypeError":
            return "it puts values together that do not fit"
        if undefined is None:
            return plain
        name = undefined[1]
        if name in FUNCTIONS:
            return f"{name}() does not take what it is given"
        return f"{name!r} is not known" if name in self._names else f"there is no {name!r}"


class _Worker:
    """A running process."""

    def __init__(self, library: str, seconds: float) -> None:
        # Isolated: neither the environment nor the folder that one happens to be in has a say in what it loads.
        command = [sys.executable, "-I", "-S", str(_WORKER), library, str(seconds), str(MEMORY)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- a script of ours
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise SettingsError(
                f"the process that decides conditions cannot be started: {error.strerror or error}",
                hint="policies without conditions need none",
            ) from error
        self._owner = os.getpid()
        self._asked = 0
        self.end = weakref.finalize(self, _end, self._process, self._owner)

    @property
    def usable(self) -> bool:
        """Whether it runs, and is ours: after a fork it would answer two."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        self._asked += 1
        sent, received = self._process.stdin, self._process.stdout
        if sent is None or received is None:
            return None
        try:
            sent.write(codec.to_json({"id": self._asked, **request}, indent=0).encode() + b"\n")
            sent.flush()
            answer: dict[str, Any] = json.loads(received.readline())
        except (OSError, ValueError):
            # It has gone, perhaps in the middle of a line.
            return None
        return answer if answer.get("id") == self._asked else None


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if owner != os.getpid():
        return
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what it never read
                pipe.close()
    # Where no signal can be sent, it ends when nobody can ask any more.
    process.wait()


def _library() -> str:
    """Find the extension module of the library without loading it."""
    package = find_spec("cel")
    places = list(package.submodule_search_locations or ()) if package else []
    found = PathFinder.find_spec("cel.cel", places) if places else None
    if found is None or not found.origin:
        raise SettingsError("conditions of policies need the library `common-expression-language`", hint=_HINT)
    return found.origin


def _syntax(said: str) -> str:
    """Say what is wrong with the writing of an expression."""
    found = _SYNTAX.search(said)
    if found is None:
        return f"it cannot be read: {' '.join(said.split())[:_SAID]}"
    line = f"line {found[1]}, " if found[1] != "1" else ""
    return f"it cannot be read at {line}character {found[2]}: {found[3][:_SAID]}"
