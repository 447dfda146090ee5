"""What a worker has at hand: a workspace that is opened once, asks nobody, and names no place of this machine."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from provenance.batch import tasks
from provenance.batch.executors.worker import retire
from provenance.errors import SettingsError
from provenance.model.facets import Revocation
from provenance.model.revocation import RevocationAnswer
from provenance.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model.record import Recording
    from provenance.model.trust import Trust
    from provenance.settings import Settings

_NOBODY_ASKED: Final = "nobody was asked: whoever looked at this file has no network"


_private: list[str] = []
"""Address of the catalogue, which may hold a password; only open workers are told."""


def parcel(settings: Settings) -> bytes:
    """Write settings as all workers are given them; nothing in them leads to the catalogue or to those it asks."""
    return pickle.dumps(replace(settings, catalogue=replace(settings.catalogue, url="", resolvers=())))


def prepare(parcel: bytes, catalogue: str | None = None) -> None:
    """Open the workspace of a parcel, and what can no longer be begun or read once a worker is confined.

    `catalogue` is the address of the catalogue, for those who may come to it.
    """
    if catalogue is not None:
        _private[:] = [catalogue]
    space = opened(parcel).space
    with suppress(SettingsError):  # without the extra, policies with conditions are refused anyway
        space.policies.wrong("true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A workspace, and what was signed in it since somebody looked."""

    space: Workspace
    recordings: list[Recording] = field(default_factory=list)

    def narrowed(self, lists: tuple[str, ...]) -> Workspace:
        """Return the workspace with these trust lists only, for what they serve.

        Raises `SettingsError` for a name that no list bears.
        """
        unknown = [name for name in lists if self.space.trust.named(name) is None]
        if unknown:
            raise SettingsError(f"there is no trust list named {unknown[0]!r}", hint="ask for one that is installed")
        if not lists:
            return self.space
        space = copy.copy(self.space)
        space.trust = self.space.trust.narrowed(lists)
        return space

    def see_to_conditions(self) -> None:
        """Have this worker replaced when the process that decides conditions was ended over a file.

        A confined worker cannot begin another.
        """
        if not self.space.policies.can_decide:
            retire("conditions of policies can no longer be decided")


def with_manifest(space: Workspace, manifest: bytes) -> Workspace:
    """Return a workspace that finds this manifest where a file says that its own is, and nothing else online."""
    space = copy.copy(space)
    space.manifest_source = _Given(manifest)
    space.revocation_source = _Nobody()
    return space


@lru_cache(maxsize=2)
def opened(parcel: bytes) -> Opened:
    """Open the workspace of a parcel once for all calls. Raises `SettingsError`."""
    settings: Settings = pickle.loads(parcel)  # noqa: S301 -- written by `parcel`, in the process that started this one
    settings = replace(settings, catalogue=replace(settings.catalogue, url="".join(_private)))
    recordings: list[Recording] = []

    def collect(found: Sequence[Recording]) -> None:
        recordings.extend(found)

    space = Workspace(settings, secret=tasks.secret, recorder=collect)
    space.trust = _placeless(space.trust)
    # Copies of the workspace share what is opened by now.
    _ = space.policies
    return Opened(space=space, recordings=recordings)


def _placeless(trust: Trust) -> Trust:
    """Name files of this machine without their folders: reports say where a list comes from."""
    lists = (
        replace(item, source=PurePath(item.source).name) if item.source[:1] == "/" else item for item in trust.lists
    )
    return replace(trust, lists=tuple(lists))


class _Given:
    """A `ManifestSource` of one manifest, which somebody else has had."""

    def __init__(self, manifest: bytes) -> None:
        self._manifest = manifest

    def fetch(self, _url: str) -> bytes:
        """Return it."""
        return self._manifest


class _Nobody:
    """A `RevocationSource` that asks nobody, and says so."""

    def ask_chain(self, _chain: Sequence[bytes]) -> RevocationAnswer:
        """Say that it was not checked."""
        return RevocationAnswer(state=Revocation.NOT_CHECKED, reason=_NOBODY_ASKED, source="")
