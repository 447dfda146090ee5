"""Is it the kind of file that is wanted?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.policy.registry import failed, passed, rule
from provenance.policy.rules.naming import among, listed

if TYPE_CHECKING:
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts

_TYPE = re.compile(r"[a-z*]+/[a-z0-9.+*-]+")


def _no_type(value: str) -> str | None:
    return None if _TYPE.fullmatch(value) else f"{value!r} is no media type such as image/jpeg or image/*"


@rule("file.type", "Is it of one of these types?", checks={"types": _no_type})
def type_in(facts: Facts, *, types: tuple[str, ...]) -> Answer:
    """`types`: media types such as `image/jpeg`; `image/*` stands for all pictures.

    Looks at the content, and at the name only where the content leaves it open.
    """
    found = facts.inspection.media.media_type
    if among(found, types):
        return passed(f"it is of the type {found}")
    return failed(f"it is of the type {found}, not of {listed(types)}", evidence=(found,))


@rule("file.size", "Is its size within bounds?")
def size(facts: Facts, *, largest: int, smallest: int = 0) -> Answer:
    """`largest`, `smallest`: bytes."""
    found = facts.inspection.media.size
    if found > largest:
        return failed(f"it has {found:,} bytes, more than {largest:,}")
    if found < smallest:
        return failed(f"it has {found:,} bytes, less than {smallest:,}")
    return passed(f"it has {found:,} bytes")
