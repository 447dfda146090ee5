"""What is asked of those who keep manifests for others, and answered (C2PA 2.4, Soft Binding Resolution API)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

BEST: Final = 100
"""The strongest match that a score can state."""
_IDENTIFIER: Final = re.compile(r"(?:[!-~]{1,64}:)?urn:(?:c2pa|uuid):[!-~]{1,256}")
"""Labels of manifests of all versions of the standard (C2PA 2.4, unique identifiers), and nothing longer than those."""


def is_identifier(text: str) -> bool:
    """Say whether a text can be the label of a manifest."""
    return _IDENTIFIER.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A soft binding: what content is found again by, as one algorithm writes it."""

    algorithm: str
    """By its name in the list of soft binding algorithms of C2PA."""
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestMatch:
    """A manifest that may be about the content that was asked about: a candidate, never a proof."""

    manifest: str
    """Its label; it is the active one of its store."""
    endpoint: str | None = None
    """Address of another resolver that has it; `None`: the one that was asked."""
    score: int | None = None
    """How strong the match is, from 0 to `BEST`, in the eyes of whoever answered."""

    def __post_init__(self) -> None:
        if not is_identifier(self.manifest):
            raise ValueError("a manifest is named by something that is no identifier of one")
        if self.score is not None and not 0 <= self.score <= BEST:
            raise ValueError(f"a score is not from 0 to {BEST}")


def strongest_first(matches: Iterable[ManifestMatch]) -> tuple[ManifestMatch, ...]:
    """Return each manifest once, by its best score; those without a score come last."""
    found: dict[str, ManifestMatch] = {}
    for item in sorted(matches, key=lambda item: -1 if item.score is None else item.score, reverse=True):
        found.setdefault(item.manifest, item)
    return tuple(found.values())
