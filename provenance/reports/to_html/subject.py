"""One file of the page, and how its parts are named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.model.facets import Content, Revocation, Signer, Signing

if TYPE_CHECKING:
    from provenance.model.facets import Facets
    from provenance.model.history import History
    from provenance.model.verdict import Verdict
    from provenance.reports.result import Result
    from provenance.reports.to_html.pictures import Pictures


def id_of(number: int, *parts: object) -> str:
    """Name a part of the section of the file with this number."""
    return "-".join(("file", str(number), *(str(item) for item in parts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A result with its place on the page."""

    result: Result
    number: int
    """From 1, in the order of the page."""
    pictures: Pictures

    def id(self, *parts: object) -> str:
        """Name a part of its section: nothing from a file stands in a name."""
        return id_of(self.number, *parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A subject that there is a verdict on, with readable manifests."""

    subject: Subject
    verdict: Verdict
    facets: Facets
    """Those of the verdict, derived once."""
    history: History


def judged(subject: Subject) -> Judged | None:
    """Return what there is to tell beyond the first level, where there is anything."""
    verdict, history = subject.result.verdict, subject.result.history
    if verdict is None or history is None:
        return None
    return Judged(subject=subject, verdict=verdict, facets=verdict.facets, history=history)


def attributable(facets: Facets) -> bool:
    """Say whether what stands in the manifest can be attributed to its signer at all, whoever that is."""
    return (
        facets.content.state is Content.INTACT
        and facets.signature.state is Signing.VALID
        and facets.signer.state is not Signer.INVALID
        and facets.revocation.state is not Revocation.REVOKED
    )
