"""Does the file say of itself what was signed?

What is stated is looked for in `c2pa.metadata` and `cawg.metadata` of the active manifest and of what it updates, and
in what was used before them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from provenance.model.facets import Credential
from provenance.model.policy import Outcome
from provenance.model.vocabulary import GENERATIVE, PLACE_MARKS
from provenance.policy.registry import Need, failed, passed, rule, undecided
from provenance.policy.rules.comparing import Family, compare, compare_places
from provenance.policy.rules.naming import quoted, source_name
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.media import Metadata, Place
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts
    from provenance.policy.rules.statements import Told

_UNREAD = "the file's own metadata was not read"
_CAPTION = Family(what="caption", names=("dc:description", "tiff:ImageDescription"))
_CREDIT = Family(what="credit", names=("photoshop:Credit",))
_CREATOR = Family(what="creator", names=("dc:creator", "tiff:Artist"))
_RIGHTS = Family(what="statement of rights", names=("dc:rights", "tiff:Copyright"))
_DATE = Family(what="date", names=("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate"), dates=True)
_PLACES = (
    Family(what="location", names=("Iptc4xmpCore:Location",)),
    Family(what="city", names=("photoshop:City",)),
    Family(what="region", names=("photoshop:State",)),
    Family(what="country", names=("photoshop:Country",)),
)


@rule("metadata.caption-as-signed", "Is the caption in the file the one that was signed?", needs=Need.METADATA)
@stated
def caption_as_signed(told: Told) -> Answer:
    """Fails where the caption differs from what is stated, or where one is stated and the file has none.

    Undecided where the file has one and none is stated; passes where there is none at all. White space and the form of
    letters (Unicode) do not count. Each property is compared with that of the same name, else with others that say the
    same thing. Metadata is covered by the hash of the file: useful where the signer or an update may have stated
    something else, and where the hash leaves metadata out (`integrity.exclusions-allowed`).
    """
    return _as_signed(told, partial(compare, _CAPTION))


@rule("metadata.credit-as-signed", "Is the credit in the file the one that was signed?", needs=Need.METADATA)
@stated
def credit_as_signed(told: Told) -> Answer:
    """As `metadata.caption-as-signed`, for the credit line."""
    return _as_signed(told, partial(compare, _CREDIT))


@rule("metadata.creator-as-signed", "Are the creators that the file names those that were signed?", needs=Need.METADATA)
@stated
def creator_as_signed(told: Told) -> Answer:
    """As `metadata.caption-as-signed`, for the names of creators, in any order."""
    return _as_signed(told, partial(compare, _CREATOR))


@rule("metadata.rights-as-signed", "Are the rights that the file states those that were signed?", needs=Need.METADATA)
@stated
def rights_as_signed(told: Told) -> Answer:
    """As `metadata.caption-as-signed`, for the statement of rights."""
    return _as_signed(told, partial(compare, _RIGHTS))


@rule("metadata.date-as-signed", "Is the date in the file the one that was signed?", needs=Need.METADATA)
@stated
def date_as_signed(told: Told) -> Answer:
    """As `metadata.caption-as-signed`, for when it was made, as exactly as both say it; zones where both have one."""
    return _as_signed(told, partial(compare, _DATE))


@rule("metadata.place-as-signed", "Is the place in the file the one that was signed?", needs=Need.METADATA)
@stated
def place_as_signed(told: Told) -> Answer:
    """As `metadata.caption-as-signed`, for coordinates (to 0.0001 degrees, about 10 metres) and names of places."""
    return _as_signed(told, lambda now, then: compare_places(_PLACES, now, then))


def _as_signed(told: Told, ask: Callable[[Metadata, Metadata], Answer]) -> Answer:
    now, then = told.inspection.metadata, told.inspection.further.stated
    if now is None or then is None:
        return undecided(_UNREAD)
    answer = ask(now, then)
    # Where a part of the metadata could not be read, what is not there may stand in that part.
    return undecided(now.problems[0]) if now.problems and answer.outcome is not Outcome.FAILED else answer


@rule(
    "metadata.not-generative", "Does the file's own metadata not say that a generative model had a part in it?",
    needs=Need.METADATA,
)  # fmt: skip
def not_generative(facts: Facts) -> Answer:
    """Looks at the digital source type that many generators write into the XMP of files without credentials, too.

    Nothing that says so is no proof; `content.not-generative` looks at the history.
    """
    found = facts.inspection.metadata
    if found is None or found.problems:
        return undecided(found.problems[0] if found else _UNREAD)
    for item in found.entries:
        values = (item.value,) if isinstance(item.value, str) else item.value
        names = [name for value in values if (name := source_name(value)) in GENERATIVE]
        if item.name.endswith(":DigitalSourceType") and names:
            return failed(f"the file's own metadata states {names[0]}", evidence=(item.name,))
    return passed("the file's own metadata says nothing of a generative model")


@rule("metadata.no-location", "Does the file not say where it was made?", needs=Need.METADATA)
def no_location(facts: Facts) -> Answer:
    """Looks at coordinates and names of places in the file's own metadata, and at what its manifests state.

    Captions, thumbnails and the picture itself may tell all the same, and maker notes are not read.
    """
    found, then = facts.inspection.metadata, facts.inspection.further.stated
    if found is None or found.problems:
        return undecided(found.problems[0] if found else _UNREAD)
    if found.place is not None:
        return failed(f"the file says where it was made: {_shown(found)}")
    if facts.facets.credential.state is Credential.ABSENT:
        return passed("the file does not say where it was made")
    if then is None:
        return undecided(facts.facets.credential.reason)
    if then.place is not None:
        return failed(f"its manifest says where it was made: {_shown(then)}")
    for manifest in facts.store.manifests.values() if facts.store else ():
        for assertion in manifest.assertions:
            named = next((str(key) for key in assertion.data if _tells(str(key))), None)
            if named is not None:
                message = f"{quoted(assertion.label)} of its history states {quoted(named)}"
                return failed(message, subject=manifest.label, evidence=(assertion.label,))
    return passed("neither the file nor its manifests say where it was made")


def _tells(name: str) -> bool:
    local = name.rpartition(":")[2]
    return local.startswith(PLACE_MARKS) and local != "GPSVersionID"


def _shown(metadata: Metadata) -> str:
    place: Place | None = metadata.place
    if place is None:
        return "nowhere"
    if place.latitude is not None and place.longitude is not None:
        return f"{place.latitude:.4f}, {place.longitude:.4f}"
    named = (place.sublocation, place.city, place.region, place.country)
    return quoted(", ".join(item for item in named if item))
