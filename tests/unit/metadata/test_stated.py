"""What manifests state in the words of metadata, read in the form in which a file's own metadata is."""

from __future__ import annotations

import pytest

from provenance.metadata.stated import MAX_ENTRIES, read_stated
from provenance.metadata.text import MAX_CHARACTERS
from provenance.model.claim import Assertion
from tests.unit.stores import a_manifest


def stated(label="c2pa.metadata", data=None, **more):
    return read_stated([a_manifest(assertions=(Assertion(label=label, data=data if data is not None else more),))])


def entries(label, data):
    return {item.name: item.value for item in stated(label, data).entries}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Flood", "Flood"),
        ("  Flood\r\n", "Flood"),
        (["A", "B", "A"], ("A", "B")),
        ({"@value": "Flood", "@language": "en"}, "Flood"),
        ({"x-default": "Flood", "de": "Flut"}, "Flood"),
        ({"de": "Flut"}, "Flut"),
        ([{"@value": "Flut", "@language": "de"}, {"@value": "Flood", "@language": "x-default"}], "Flood"),
        ([{"name": "A"}, {"name": "B"}], ("A", "B")),
        ({"@list": ["A", "B"]}, ("A", "B")),
        (52.5, "52.5"),
        ("x" * 9999, "x" * MAX_CHARACTERS),
    ],
    ids=str,
)
def test_values_have_many_forms(value, read):
    assert entries("cawg.metadata", {"dc:description": value}) == {"dc:description": read}


@pytest.mark.parametrize("value", [None, True, {}, [], [[]], {"a": {"b": "c"}}, ["", None], " \x00 "], ids=str)
def test_what_is_no_text_is_passed_over(value):
    assert entries("cawg.metadata", {"dc:description": value}) == {}


def test_places_dates_and_names_are_worked_out_as_those_of_files_are():
    found = stated(
        "stds.exif",
        {
            "EXIF:GPSLatitude": "39,21.102N",
            "EXIF:GPSLongitude": "74,26.5737W",
            "exif:DateTimeOriginal": "2022:09:22 18:22:57",
            "dc:creator": ["Zoë", "Max"],
            "photoshop:Credit": "Example News",
            "tiff:Copyright": "©",
            "dc:description": "Flood",
        },
    )
    assert (found.place.latitude, found.place.longitude) == (39.3517, -74.442895)
    assert found.captured_at.text == "2022-09-22T18:22:57"
    assert found.creators == ("Zoë", "Max")
    assert (found.credit, found.rights, found.caption) == ("Example News", "©", "Flood")


def test_schema_org_is_read_under_the_names_of_the_iptc():
    data = {
        "author": [{"@type": "Person", "name": "Zoë"}], "description": "Flood", "copyrightNotice": "©",
        "creditText": "News", "dateCreated": "2026-03-01T10:00:00Z", "headline": "passed over",
    }  # fmt: skip
    assert entries("stds.schema-org.CreativeWork__1", data) == {
        "dc:creator": ("Zoë",),
        "dc:description": "Flood",
        "dc:rights": "©",
        "photoshop:Credit": "News",
        "photoshop:DateCreated": "2026-03-01T10:00:00Z",
    }


def test_a_prefix_means_what_its_context_says():
    context = {"x": "http://ns.adobe.com/exif/1.0/", "exif": "http://example.org/other/"}
    data = {"@context": context, "x:GPSLatitude": "1", "exif:GPSLatitude": "2"}
    assert entries("c2pa.metadata", data) == {"exif:GPSLatitude": "1", "other exif:GPSLatitude": "2"}


def test_the_nearest_manifest_that_states_something_counts():
    near, far = (
        a_manifest(label, assertions=(Assertion(label="c2pa.metadata", data=data),))
        for label, data in (("new", {"dc:title": "new"}), ("old", {"dc:title": "old", "dc:description": "old"}))
    )
    assert {item.name: item.value for item in read_stated([near, far]).entries} == {
        "dc:title": "new",
        "dc:description": "old",
    }


def test_other_assertions_state_nothing_of_this_kind():
    assert stated("org.example.metadata", {"dc:description": "x"}).entries == ()


def test_no_more_is_read_than_anybody_needs():
    assert len(stated("cawg.metadata", {f"dc:x{number}": "x" for number in range(5000)}).entries) == MAX_ENTRIES
