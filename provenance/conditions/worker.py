"""Decide expressions in a process of its own, which is ended when it takes too long or too much.

Run as a script by `evaluator`; it knows nothing of the package around it. Arguments: the library's extension module,
seconds, bytes of memory. Each line of its input is a request, each line of its output an answer, both JSON.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import json
import sys
from datetime import datetime
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

_EXPECTED = (ValueError, TypeError, RuntimeError, LookupError, ArithmeticError)
"""What the library raises over expressions and facts; after anything else this process cannot go on."""
_NOW = "now"


def main(library: str, seconds: float, memory: int) -> None:
    """Answer requests until there are none."""
    _bound(memory)
    work = Work(_load(library))
    for line in sys.stdin.buffer:
        # The library cannot be interrupted, and holds the interpreter while it works: another thread ends it all.
        faulthandler.dump_traceback_later(seconds, exit=True)
        answer = work.answer(json.loads(line))
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


class Work:
    """The library, and the facts of the file that is being judged."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._facts: Any = None
        self._compiled = functools.lru_cache(maxsize=512)(library.compile)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked; `failed` names the kind of error, `said` what the library says."""
        try:
            return {"id": asked["id"], **self._done(asked)}
        except _EXPECTED as error:
            return {"id": asked["id"], "failed": type(error).__name__, "said": str(error)[:2000]}

    def _done(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "facts" in asked:
            facts = asked["facts"]
            if _NOW in facts:
                facts[_NOW] = datetime.fromisoformat(facts[_NOW])
            self._facts = self._library.Context(variables=facts)
            return {}
        program = self._compiled(asked["expression"])
        if asked.get("look"):
            return dict(program.references())
        value = program.execute(self._facts)
        return {"value": value if isinstance(value, bool) else None, "type": type(value).__name__}


def _bound(memory: int) -> None:
    """Take no more than this, and leave no trace of the facts behind; not every system can promise it."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 -- not on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _load(path: str) -> Any:
    """Load the extension module alone: its package brings in a shell that takes longer than all conditions together."""
    spec = spec_from_file_location("cel", path, loader=ExtensionFileLoader("cel", path))
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
