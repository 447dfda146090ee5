"""Names that the standard fixes: actions and digital source types (C2PA 2.4; IPTC NewsCodes)."""

from __future__ import annotations

import difflib

from provenance.errors import InvalidClaim

ACTIONS = frozenset(
    {
        "addedText", "adjustedColor", "changedSpeed", "converted", "created", "cropped", "deleted", "drawing",
        "dubbed", "edited", "edited.metadata", "enhanced", "filtered", "mastered", "mixed", "modified", "opened",
        "orientation", "placed", "published", "redacted", "remixed", "rendered", "repackaged", "resized",
        "resized.proportional", "reviewed", "transcoded", "translated", "trimmed", "unknown", "watermarked.bound",
        "watermarked.unbound",
    }
)  # fmt: skip
"""Without their prefix `c2pa.`."""
DEPRECATED_ACTIONS = {
    "color_adjustments": "adjustedColor",
    "copied": "published",
    "formatted": "converted",
    "managed": "edited.metadata",
    "produced": "mastered",
    "removed": "deleted",
    "saved": "edited",
    "version_updated": "edited.metadata",
    "watermarked": "watermarked.bound",
}
"""Left the standard; what to say instead."""
WITHOUT_SOURCE_TYPE = frozenset(
    {
        "converted", "edited.metadata", "enhanced", "opened", "placed", "published", "redacted", "repackaged",
        "resized.proportional", "transcoded", "watermarked.bound", "watermarked.unbound",
    }
)  # fmt: skip
"""Actions that need no digital source type."""

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA = "http://c2pa.org/digitalsourcetype/"
_IPTC_NAMES = (
    "digitalCapture", "computationalCapture", "compositeCapture", "screenCapture", "virtualRecording",
    "negativeFilm", "positiveFilm", "print", "humanEdits", "digitalCreation", "dataDrivenMedia",
    "algorithmicallyEnhanced", "algorithmicMedia", "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic", "composite",
)  # fmt: skip
SOURCE_TYPES = {name: _IPTC + name for name in _IPTC_NAMES} | {
    name: _C2PA + name for name in ("empty", "trainedAlgorithmicData")
}
"""Digital source types by their short names."""
GENERATIVE = frozenset({"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic"})
RETIRED_SOURCE_TYPES = {
    "minorHumanEdits": "humanEdits",
    "softwareImage": "digitalCreation",
    "digitalArt": "digitalCreation",
}


ROLES = frozenset({"contributor", "creator", "editor", "producer", "publisher", "sponsor", "translator"})
"""Roles of whoever stands behind a claim (CAWG 1.2, identity assertion)."""


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
