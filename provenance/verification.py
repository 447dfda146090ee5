"""Inspect media for credentials, and judge what was found."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from provenance.errors import about
from provenance.manifests import sniff
from provenance.manifests.locate import locate
from provenance.model.media import Digest, Media
from provenance.model.verdict import Inspection
from provenance.policy import evaluate

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.ports import ManifestSource
    from provenance.model.trust import Trust
    from provenance.model.verdict import Verdict
    from provenance.storage import Source


def inspect(
    source: Source,
    *,
    trust: Trust,
    at: datetime,
    remote: ManifestSource | None = None,
    raw: bool = False,
    digest: bool = False,
) -> Inspection:
    """Collect the facts about a file's credentials; absent, unreadable and remote ones are facts too.

    `at` (aware) is the time of looking, `remote` allows fetching, `raw` keeps the manifest store's bytes, `digest`
    computes the file's SHA-256.
    Raises `UnreadableMedia` when the file cannot be read, `UnsupportedMedia` for its type.
    """
    found_format = sniff.detect(source.head(sniff.HEAD), source.name)
    with about(source.name):
        located = locate(source.stream, found_format.media_type, path=source.path, trust=trust, remote=remote, raw=raw)
    return Inspection(
        media=Media(
            name=source.name,
            media_type=found_format.media_type,
            size=source.size,
            digest=_sha256(source) if digest else None,
        ),
        store=located.reading.store,
        carrier=located.carrier,
        found_in=located.found_in,
        problem=located.reading.problem,
        remote_url=located.reading.remote_url,
        trust=trust,
        at=at,
    )


def verify(inspection: Inspection) -> Verdict:
    """Judge the facts by the built-in policy."""
    return evaluate(inspection)


def _sha256(source: Source) -> Digest:
    digest = hashlib.sha256()
    with source.stream() as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return Digest(algorithm="sha256", value=digest.hexdigest())
