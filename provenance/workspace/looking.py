"""Look at a file for a report: its verdict and its history, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.errors import MediaError
from provenance.history import trace, without_credentials
from provenance.manifests.reader import Keep
from provenance.model.facets import Credential
from provenance.reports.result import Question, Result
from provenance.storage import Source, open_source

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from provenance.model.history import History
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
    record: bool = False
    """The verdict is for the catalogue too."""
    recover: bool = False
    """Looks in the catalogue for credentials that a file does not have; online, resolvers are asked too."""
    pictures: bool = False
    """Makes pictures of the file and of its thumbnails."""


def look(space: Workspace, source: Path | Source, asked: Asked) -> Result:
    """Verify one file and follow its history; what is wrong with the file is a result too."""
    name = source.name if isinstance(source, Source) else str(source)
    keep = Keep.INTERCHANGE if asked.interchange else Keep.NOTHING
    if asked.pictures:
        keep |= Keep.THUMBNAILS
    try:
        opened = open_source(source)
        verdict = space.verify(
            opened, policy=asked.policy, online=asked.online, digest=asked.digest, as_of=asked.as_of, keep=keep
        )
        store = verdict.inspection.store
        result = Result(name=name, verdict=verdict, history=trace(store) if store else None)
        if asked.recover and verdict.facets.credential.state is Credential.ABSENT:
            others = space.settings.catalogue.resolvers if asked.online else ()
            result = replace(result, recovery=space.recover(opened, resolvers=others))
        if not asked.pictures:
            return result
        from provenance.workspace.picturing import pictured  # noqa: PLC0415 -- brings in Pillow

        return pictured(result, opened)
    except MediaError as error:
        return Result(name=name, error=error)


def history_of(result: Result) -> History:
    """Return the history of a file; without credentials that is a gap and nothing else."""
    if result.history is not None:
        return result.history
    if result.verdict is None:
        return without_credentials(result.name, None, reason="it was not looked at")
    inspection = result.verdict.inspection
    media = inspection.media
    return without_credentials(media.name, media.media_type, reason=inspection.facets.credential.reason)


def questions(policy: Policy) -> tuple[Question, ...]:
    """Say what the rules of a policy ask; its own conditions speak for themselves."""
    from provenance.policy.registry import find  # noqa: PLC0415 -- only for reports that explain rules

    known = (find(use.rule) for use in policy.rules)
    return tuple(Question(rule=item.id, question=item.question, explanation=item.explanation) for item in known if item)


def generator(space: Workspace) -> str:
    """Name this program for the reports."""
    return f"{space.generator.name} {space.generator.version}"
