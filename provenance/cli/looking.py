"""Look at files one after the other: what is wrong with one does not stop the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import MediaError
from provenance.reports.result import Result

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.policy import Policy
    from provenance.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked beyond what stands in the files."""

    policy: Policy | None = None
    """Without one, that of the settings judges."""
    online: bool = False
    digest: bool = False
    as_of: datetime | None = None
    interchange: bool = False
    """Keeps the engine's report in its interchange form."""
    pictures: bool = False
    """Makes pictures of the file and of its thumbnails."""


def look(space: Workspace, path: Path, asked: Asked) -> Result:
    """Verify one file and follow its history."""
    from provenance.history import trace
    from provenance.manifests.reader import Keep

    name = str(path)
    keep = Keep.INTERCHANGE if asked.interchange else Keep.NOTHING
    if asked.pictures:
        keep |= Keep.THUMBNAILS
    try:
        verdict = space.verify(
            path, policy=asked.policy, online=asked.online, digest=asked.digest, as_of=asked.as_of, keep=keep
        )
        store = verdict.inspection.store
        result = Result(name=name, verdict=verdict, history=trace(store) if store else None)
        if not asked.pictures:
            return result
        from provenance.workspace.picturing import pictured

        return pictured(result, path)
    except MediaError as error:
        return Result(name=name, error=error)


def generator(space: Workspace) -> str:
    """Name this program for the reports."""
    return f"{space.generator.name} {space.generator.version}"
