"""Full names for what users say: actions, digital source types and roles, with the nearest names for mistakes."""

from __future__ import annotations

import difflib

from provenance.errors import InvalidClaim
from provenance.model.vocabulary import (
    ACTIONS,
    DEPRECATED_ACTIONS,
    RETIRED_SOURCE_TYPES,
    ROLES,
    SOURCE_TYPES,
)


def action(name: str) -> str:
    """Return the full name of an action of the standard.

    Takes `crop`-like names only as the standard spells them (`cropped`), with or without `c2pa.`; names with another
    prefix are custom actions and stay as they are. Raises `InvalidClaim` with the nearest names.
    """
    short = name.removeprefix("c2pa.")
    if short in ACTIONS:
        return f"c2pa.{short}"
    if "." in short and not name.startswith("c2pa.") and short.split(".")[0] not in ACTIONS:
        return name
    if short in DEPRECATED_ACTIONS:
        raise InvalidClaim(
            f"the action {name!r} has left the standard", hint=f"say {DEPRECATED_ACTIONS[short]!r} instead"
        )
    raise InvalidClaim(f"there is no action {name!r} in the standard", hint=_suggest(short, ACTIONS))


def source_type(name: str) -> str:
    """Return the URI of a digital source type, given its short name or the URI itself.

    Raises `InvalidClaim` with the nearest names.
    """
    if name in SOURCE_TYPES.values():
        return name
    short = name.rsplit("/", 1)[-1]
    if short in RETIRED_SOURCE_TYPES:
        raise InvalidClaim(
            f"the digital source type {name!r} is retired",
            hint=f"say {RETIRED_SOURCE_TYPES[short]!r} instead",
        )
    by_lower = {known.lower(): uri for known, uri in SOURCE_TYPES.items()}
    found = by_lower.get(name.replace("-", "").replace("_", "").lower())
    if found is None:
        raise InvalidClaim(f"there is no digital source type {name!r}", hint=_suggest(name, SOURCE_TYPES))
    return found


def role(name: str) -> str:
    """Return the full name of a role of a publisher's identity, given with or without `cawg.`.

    Raises `InvalidClaim` with the nearest names.
    """
    short = name.removeprefix("cawg.")
    if short not in ROLES:
        raise InvalidClaim(f"there is no role {name!r} in the standard", hint=_suggest(short, ROLES))
    return f"cawg.{short}"


def _suggest(name: str, known: frozenset[str] | dict[str, str]) -> str:
    lowered = {item.lower(): item for item in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.55)
    # People say what they did ("crop"), the standard says what was done ("cropped").
    near += [item for item in lowered if item.startswith(name.lower()) and item not in near]
    if near:
        return "did you mean " + " or ".join(repr(lowered[item]) for item in near[:3]) + "?"
    return "known are " + ", ".join(sorted(known))
