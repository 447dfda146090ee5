"""Names that standards fix: actions, digital source types, roles, places (C2PA 2.4; IPTC NewsCodes; CAWG 1.2)."""

from __future__ import annotations

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
"""Made by a generative model, wholly or in part."""
RETIRED_SOURCE_TYPES = {
    "minorHumanEdits": "humanEdits",
    "softwareImage": "digitalCreation",
    "digitalArt": "digitalCreation",
}
"""Left the vocabulary; what to say instead."""
ROLES = frozenset({"contributor", "creator", "editor", "producer", "publisher", "sponsor", "translator"})
"""Roles of whoever stands behind a claim (CAWG 1.2, identity assertion)."""
PLACE_MARKS = ("GPS", "Location", "City", "State", "Country", "ProvinceState", "Sublocation")
"""What the names of properties begin with that tell where something was made (Exif, IPTC), without their prefix."""
