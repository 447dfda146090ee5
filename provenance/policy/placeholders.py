"""Values that whoever copies a policy has to change: their lines end in a comment that says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.policy.parse import Mistake

_MARKED = re.compile(r"\s*([\w-]+)\s*=.*#\s*change this\b", re.IGNORECASE)


def placeholders(text: str) -> tuple[Mistake, ...]:
    """Find the lines of a policy that are marked `# change this`, whatever stands in them by now."""
    found = ((line, _MARKED.match(content)) for line, content in enumerate(text.splitlines(), start=1))
    return tuple(
        (line, f"{match[1]!r} comes from the policy that was copied: change it, and take the comment away")
        for line, match in found
        if match
    )
