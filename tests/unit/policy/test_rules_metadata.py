"""Rules about what the file says of itself, and what kind of file it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.further import Further
from provenance.model.media import Media, Metadata
from provenance.policy.registry import find
from tests.unit.policy.asking import FAILED, PASSED, UNDECIDED, Case, assertion, changed, check, flat, holding, metadata
from tests.unit.stores import a_store, some_facts

NOTHING = Metadata()


def compared(now, then):
    """What is known of a file whose metadata is `now`, and was stated as `then`."""
    return {"metadata": now, "further": Further(stated=then)}


def case(outcome, now, then, *, says="", store=None):
    return Case(outcome=outcome, says=says, store=store or a_store(), told=compared(metadata(**now), metadata(**then)))


def texts(name, other):
    """Cases of a text, under its own name and another that says the same thing."""
    here, there = {name: "Flood in Öhringen"}, {other: "Flood in Öhringen"}
    return {
        "the same": case(PASSED, here, here, says="the one that was signed"),
        "in another form of the same letters": case(PASSED, {name: " Flood  in\nO\u0308hringen "}, here),
        "another": case(FAILED, {name: "Fire"}, here, says="'Fire', and 'Flood in Öhringen' was signed"),
        "signed, and the file has none": case(FAILED, {}, here, says="and the file has none"),
        "none signed": case(UNDECIDED, here, {}, says="and none was signed"),
        "none at all": case(PASSED, {}, {}),
        "under another name": case(PASSED, there, here),
        "under another name, and different": case(FAILED, {other: "Fire"}, here),
        "under two names, one of them signed": case(PASSED, here | there, here),
        "under two names that differ, one of them signed": case(
            UNDECIDED, here | {other: "Fire"}, here, says="also has the"
        ),
        "content changed": case(UNDECIDED, here, here, store=changed()),
        "content changed, and another": case(FAILED, {name: "Fire"}, here, store=changed()),
        "not read": Case(outcome=UNDECIDED, store=a_store(), told=compared(None, metadata(**here))),
        "damaged": Case(
            outcome=UNDECIDED, says="The XMP",
            store=a_store(), told=compared(replace(metadata(**here), problems=("The XMP block",)), metadata(**here)),
        ),
        "no credentials": Case(outcome=UNDECIDED, told={"metadata": metadata(**here)}),
    }  # fmt: skip


def dated(now, then, outcome, name="exif__DateTimeOriginal"):
    return case(outcome, {name: now}, {"exif__DateTimeOriginal": then})


BERLIN = {"exif__GPSLatitude": "52,31.2N", "exif__GPSLongitude": "13,24.9E"}
TOLD = {"exif__GPSLatitude": "52.52", "exif__GPSLongitude": "13.415"}
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CASES = {
    "metadata.caption-as-signed": texts("dc__description", "tiff__ImageDescription"),
    "metadata.credit-as-signed": {
        "the same": case(PASSED, {"photoshop__Credit": "x"}, {"photoshop__Credit": "x"}),
        "another": case(FAILED, {"photoshop__Credit": "x"}, {"photoshop__Credit": "y"}),
        "none signed": case(UNDECIDED, {"photoshop__Credit": "x"}, {}),
    },
    "metadata.creator-as-signed": {
        "the same": case(PASSED, {"dc__creator": ("A", "B")}, {"dc__creator": ("B", "A")}),
        "in the EXIF's one text": case(PASSED, {"tiff__Artist": 'A; "B"'}, {"dc__creator": ("A", "B")}),
        "one more": case(FAILED, {"dc__creator": ("A", "B", "C")}, {"dc__creator": ("B", "A")}),
        "none signed": case(UNDECIDED, {"dc__creator": ("A",)}, {}),
    },
    "metadata.rights-as-signed": texts("dc__rights", "tiff__Copyright"),
    "metadata.date-as-signed": {
        "the same": dated("2026-03-01T10:00:00+01:00", "2026-03-01T10:00:00+01:00", PASSED),
        "the same moment": dated("2026-03-01T09:00:00Z", "2026-03-01T10:00:00+01:00", PASSED),
        "another moment": dated("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+01:00", FAILED),
        "without a zone": dated("2026-03-01T10:00:00", "2026-03-01T10:00:00+01:00", PASSED),
        "without a zone, and another": dated("2026-03-01T10:00:01", "2026-03-01T10:00:00+01:00", FAILED),
        "to the day": dated("2026-03-01", "2026-03-01T10:00:00Z", PASSED, "photoshop__DateCreated"),
        "another day": dated("2026-03-02", "2026-03-01T10:00:00Z", FAILED, "photoshop__DateCreated"),
        "with and without fractions": dated("2026-03-01T10:00:00.25Z", "2026-03-01T10:00:00Z", PASSED),
        "other fractions": dated("2026-03-01T10:00:00.25Z", "2026-03-01T10:00:00.75Z", FAILED),
        "no date": dated("long ago", "long ago", PASSED),
        "no date, and another": dated("long ago", "lately", FAILED),
        "none signed": case(UNDECIDED, {"exif__DateTimeOriginal": "2026-03-01T10:00:00Z"}, {}),
    },
    "metadata.place-as-signed": {
        "the same": case(PASSED, BERLIN, BERLIN, says="the one that was signed"),
        "in another form": case(PASSED, BERLIN, TOLD),
        "a few metres away": case(PASSED, BERLIN, TOLD | {"exif__GPSLatitude": "52.52009"}),
        "further away": case(
            FAILED, BERLIN, TOLD | {"exif__GPSLatitude": "52.5202"}, says="52.5200, 13.4150, and 52.5202"
        ),
        "across the date line": case(
            PASSED,
            {"exif__GPSLatitude": "0", "exif__GPSLongitude": "179.99999"},
            {"exif__GPSLatitude": "0", "exif__GPSLongitude": "-179.99999"},
        ),
        "in another city": case(
            FAILED, BERLIN | {"photoshop__City": "Bonn"}, BERLIN | {"photoshop__City": "Berlin"}, says="the city"
        ),
        "coordinates gone": case(FAILED, {}, BERLIN, says="the file has none"),
        "none signed": case(UNDECIDED, BERLIN, {}, says="none were signed"),
        "a city that was not signed": case(UNDECIDED, BERLIN | {"photoshop__City": "Bonn"}, BERLIN),
        "none": case(PASSED, {}, {}, says="no place"),
        "content changed": case(UNDECIDED, BERLIN, BERLIN, store=changed()),
    },
    "metadata.not-generative": {
        "nothing says so": Case(outcome=PASSED, told={"metadata": metadata(dc__title="x")}),
        "it says so": Case(
            outcome=FAILED,
            says="trainedAlgorithmicMedia",
            told={"metadata": metadata(Iptc4xmpExt__DigitalSourceType=GENERATED)},
        ),
        "another source type": Case(
            outcome=PASSED,
            told={"metadata": metadata(Iptc4xmpExt__DigitalSourceType=GENERATED.replace("trainedA", "a"))},
        ),
        "damaged": Case(outcome=UNDECIDED, told={"metadata": Metadata(problems=("The XMP block",))}),
        "not read": Case(outcome=UNDECIDED),
    },
    "metadata.no-location": {
        "nothing, and nothing stated": Case(outcome=PASSED, store=a_store(), told=compared(NOTHING, NOTHING)),
        "nothing, and no credentials": Case(outcome=PASSED, told={"metadata": NOTHING}),
        "coordinates": Case(outcome=FAILED, says="52.5200, 13.4150", told={"metadata": metadata(**BERLIN)}),
        "a city": Case(outcome=FAILED, says="'Bonn'", told={"metadata": metadata(photoshop__City="Bonn")}),
        "stated": Case(
            outcome=FAILED, says="its manifest", store=a_store(), told=compared(NOTHING, metadata(**BERLIN))
        ),
        "stated somewhere in its history": Case(
            outcome=FAILED,
            says="'exif:GPSLatitude'",
            subject="active",
            told=compared(NOTHING, NOTHING),
            store=holding(assertion("stds.exif", **{"exif:GPSVersionID": "2", "exif:GPSLatitude": "1"})),
        ),
        "the version alone is no place": Case(
            outcome=PASSED,
            store=holding(assertion("stds.exif", **{"exif:GPSVersionID": "2"})),
            told=compared(NOTHING, NOTHING),
        ),
        "credentials that cannot be read": Case(outcome=UNDECIDED, told={"metadata": NOTHING, "problem": "broken"}),
        "damaged": Case(outcome=UNDECIDED, told={"metadata": Metadata(problems=("The XMP block",))}),
        "not read": Case(outcome=UNDECIDED),
    },
    "file.type": {
        "it is": Case(outcome=PASSED, options={"types": ("image/png", "image/jpeg")}),
        "a family": Case(outcome=PASSED, options={"types": ("image/*",)}),
        "it is not": Case(outcome=FAILED, says="image/jpeg, not of video/*", options={"types": ("video/*",)}),
    },
    "file.size": {
        "within": Case(outcome=PASSED, says="1 bytes", options={"largest": 1}),
        "too large": Case(
            outcome=FAILED,
            says="2,000 bytes, more than 1,999",
            options={"largest": 1999},
            told={"media": Media(name="x", media_type="image/jpeg", size=2000)},
        ),
        "too small": Case(outcome=FAILED, says="less than 2", options={"largest": 9, "smallest": 2}),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)


def test_answers_name_the_properties_that_they_rest_on():
    told = compared(metadata(dc__description="x"), metadata(dc__description="y"))
    assert find("metadata.caption-as-signed").ask(some_facts(a_store(), **told)).evidence == ("dc:description",)
