"""Watermarks of others: what plug-ins read in a picture. None comes along, and none is put into a picture here."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from provenance.errors import SettingsError
from provenance.model.fingerprints import ISCC, WATERMARK, Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import EntryPoint

    from PIL.Image import Image as Picture

    from provenance.model.ports import Watermark

GROUP: Final = "provenance.watermarks"
"""Of entry points; each names an object (`model.ports.Watermark`)."""
LONGEST_EDGE: Final = 4096
"""Pixels to which larger pictures are scaled down before plug-ins see them."""
LONGEST_PAYLOAD: Final = 1024
"""Bytes; payloads have a few dozen at most, and what is longer cannot be looked up in every database."""
_ALGORITHM: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
_LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """What was read in one picture."""

    found: tuple[Fingerprint, ...] = ()
    notes: tuple[str, ...] = ()
    """Which plug-ins failed, one clause each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plugin:
    name: str
    algorithm: str
    watermark: Watermark


class Watermarks:
    """The plug-ins that are installed."""

    def __init__(self, entries: Iterable[EntryPoint]) -> None:
        """Load plug-ins; those that cannot be loaded are told with every picture.

        Raises `SettingsError` for two that read the same watermark.
        """
        self._faults: list[str] = []
        plugins: dict[str, _Plugin] = {}
        for entry in sorted(entries, key=lambda item: item.name):
            plugin = _loaded(entry, self._faults)
            if plugin is None:
                continue
            other = plugins.setdefault(plugin.algorithm, plugin)
            if other is not plugin:
                raise SettingsError(
                    f"two plug-ins read the watermark {plugin.algorithm}: {other.name} and {plugin.name}",
                    hint="uninstall one of them",
                )
        self._plugins = tuple(plugins.values())

    def __bool__(self) -> bool:
        """Whether a picture is worth being decoded for them."""
        return bool(self._plugins or self._faults)

    def find(self, picture: Picture) -> Payloads:
        """Have every plug-in read a picture (RGB, upright); those that fail are named in the notes."""
        found: list[Fingerprint] = []
        notes = list(self._faults)
        for plugin in self._plugins:
            with _noting(notes, f"the watermark plug-in {plugin.name} failed"):
                value = _payload(plugin.watermark.find(picture.copy()))
                if value is not None:
                    found.append(Fingerprint(method=plugin.algorithm, variant=WATERMARK, value=value))
        return Payloads(found=tuple(found), notes=tuple(notes))


def installed() -> Watermarks:
    """Load the plug-ins of this installation. Raises `SettingsError` for two that read the same watermark."""
    return Watermarks(entry_points(group=GROUP))


def _loaded(entry: EntryPoint, faults: list[str]) -> _Plugin | None:
    name = f"{entry.name} ({entry.dist.name} {entry.dist.version})" if entry.dist else entry.name
    with _noting(faults, f"the watermark plug-in {name} cannot be used"):
        return _opened(name, entry.load())
    return None


def _opened(name: str, watermark: Watermark) -> _Plugin:
    algorithm = watermark.algorithm
    if not isinstance(algorithm, str) or not _ALGORITHM.fullmatch(algorithm) or algorithm == ISCC:
        raise ValueError(f"{algorithm!r} is no name of a watermark, such as com.example.mark.1")
    if not callable(watermark.find):
        raise TypeError("its `find` cannot be called")
    return _Plugin(name=name, algorithm=algorithm, watermark=watermark)


def _payload(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, bytes):
        raise TypeError(f"it returned {type(value).__name__}, not bytes")
    if not 0 < len(value) <= LONGEST_PAYLOAD:
        raise ValueError(f"it returned a payload of {len(value)} bytes; 1 to {LONGEST_PAYLOAD} can be kept")
    return value


@contextmanager
def _noting(notes: list[str], what: str) -> Iterator[None]:
    """Turn whatever a plug-in raises into a note."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 -- libraries in Rust panic, and others exit, past `Exception`
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        notes.append(f"{what}: {type(error).__name__}{': ' if reason else ''}{reason}")
