"""Read what processes hand back: what a hostile file may have written takes no part in deciding what is run here."""

from __future__ import annotations

import io
import pickle
from enum import EnumMeta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Sequence

_VALUES = {
    "builtins": {"bytearray", "complex", "frozenset", "range", "set", "slice"},
    "collections": {"OrderedDict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "pathlib": {"PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
    "pathlib._local": {"PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
    "uuid": {"UUID"},
}
"""Classes of the standard library that are nothing but values, besides exceptions."""
_HELPERS = {("copyreg", "_reconstructor"), ("builtins", "object"), ("dataclasses", "_dataclass_setstate")}


def read(answer: bytes, *, classes: Sequence[str] | None) -> tuple[bool, Any, bool]:
    """Read whether a call returned, what it returned or raised, and whether its process is to be replaced.

    With `classes` (names of modules and packages), values are of classes from there, of plain classes of the standard
    library, or exceptions of Python; all else is refused. Raises `WorkerLost` for what is no such answer.
    """
    try:
        found = pickle.loads(answer) if classes is None else _Strict(answer, classes).load()  # noqa: S301 -- its own process
        ok, value, spent = found
    except Exception as error:
        raise WorkerLost(f"what was found could not be handed on: {type(error).__name__}: {error}") from error
    if not ok and not isinstance(value, Exception):
        raise WorkerLost("what was found could not be handed on: it is no answer")
    return bool(ok), value, bool(spent)


class _Strict(pickle.Unpickler):
    def __init__(self, data: bytes, classes: Sequence[str]) -> None:
        super().__init__(io.BytesIO(data))
        self._classes = classes

    def find_class(self, module: str, name: str, /) -> Any:
        """Return a class that may come back. Raises `UnpicklingError` for any other."""
        if (module, name) == ("builtins", "getattr"):
            return _member
        if (module, name) in _HELPERS or name in _VALUES.get(module, ()):
            return super().find_class(module, name)
        if module == "builtins" or any(module == item or module.startswith(f"{item}.") for item in self._classes):
            found = getattr(import_module(module), name, None)
            if (
                isinstance(found, type)
                and found.__module__ == module
                and (module != "builtins" or issubclass(found, Exception))
            ):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is nothing that comes back")


def _member(kind: object, name: str) -> object:
    """Return a member of an enumeration: some releases of CPython 3.11 write it as an attribute of its class."""
    if isinstance(kind, EnumMeta) and name in kind.__members__:
        return kind[name]
    raise pickle.UnpicklingError(f"getattr({kind!r}, {name!r}) is nothing that comes back")
