from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.claims import RedactionOptions
from provenance.claims.fields import FIELDS
from provenance.claims.redact import (
    forbidden,
    going,
    location_redactions,
    parents,
    redaction_claim,
    restated,
    wanted,
)
from provenance.errors import InvalidClaim
from provenance.model.claim import Assertion, Generator, Ingredient, Redaction, Relationship
from provenance.model.manifest import IdentityAssertion
from provenance.model.redaction import Content, Reason
from tests.unit.stores import a_manifest, a_store, an_ingredient

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SPACES = {"dc": "http://purl.org/dc/elements/1.1/", "exif": "http://ns.adobe.com/exif/1.0/"}
METADATA = {
    "@context": SPACES, "exif:GPSLatitude": "52,31.2N", "exif:FNumber": "28/10", "dc:creator": ["Zoë", "Li"],
    "odd:thing": "1",
}  # fmt: skip


def box(label="c2pa.metadata", value=None, manifest="active", **more):
    told = {"room": "c2pa.assertions", "data": repr(value).encode()} | more
    return Content(manifest=manifest, label=label, value=value, **told)


def plan(*boxes, store=None, **options):
    asked = RedactionOptions(**options)
    return going(store or a_store(), boxes, wanted(asked), asked)


def names(values):
    return [value.name for value in values]


def test_an_assertion_goes_whole_and_it_is_known_what_goes_along():
    (gone,) = plan(box(value=METADATA), box("org.example.note", {"text": "nothing"}), fields=("gps",))
    assert gone.uri == "self#jumbf=/c2pa/active/c2pa.assertions/c2pa.metadata"
    assert gone.of == "'title of active', signed by Example News"
    assert [(value.name, value.text) for value in gone.values] == [("exif:GPSLatitude", "52,31.2N")]
    assert names(gone.along) == ["exif:FNumber", "dc:creator", "dc:creator", "odd:thing"]


def test_a_value_belongs_to_the_property_around_it():
    work = {"@type": "CreativeWork", "author": [{"@type": "Person", "name": "John Doe"}], "url": "self#jumbf=x"}
    (gone,) = plan(box("stds.schema-org.CreativeWork", work), fields=("author",))
    assert [(value.name, value.text) for value in gone.values] == [("author", "John Doe")]
    assert gone.along == ()


def test_by_its_label_all_that_it_tells_is_to_go():
    (gone,) = plan(box("org.example.note", {"text": "one", "tiff:Orientation": "1"}), assertions=("org.example.note",))
    assert names(gone.values) == ["text"]
    assert names(gone.along) == ["tiff:Orientation"]


def test_a_thumbnail_goes_as_a_file():
    picture = box("c2pa.thumbnail.claim", media_type="image/jpeg", data=b"\xff\xd8")
    (gone,) = plan(picture, box(value=METADATA), fields=("thumbnail",))
    assert (gone.label, gone.file) == ("c2pa.thumbnail.claim", b"\xff\xd8")


@pytest.mark.parametrize(
    ("label", "name", "there"),
    [
        ("org.example.note__2", "org.example.note", True),
        ("org.example.note__2", "org.example.note__2", True),
        ("org.example.note__2", "org.example.note__1", False),
        ("org.example.notes", "org.example.note", False),
        ("c2pa.thumbnail.claim.jpeg", "c2pa.thumbnail.claim", True),
        ("c2pa.thumbnail.ingredient__1.png", "c2pa.thumbnail.ingredient", True),
        ("c2pa.thumbnail.ingredient", "c2pa.thumbnail.claim", False),
        ("c2pa.metadata.v2", "c2pa.metadata", False),
    ],
)
def test_a_label_names_all_its_instances(label, name, there):
    if there:
        assert [item.label for item in plan(box(label, {}), assertions=(name,))] == [label]
    else:
        with pytest.raises(InvalidClaim, match="there is no assertion"):
            plan(box(label, {}), assertions=(name,))


FORBIDDEN = ("c2pa.actions", "c2pa.actions.v2__1", "c2pa.hash.data", "c2pa.hash.bmff.v3", "c2pa.ingredient.v3",
             "c2pa.time-stamp", "c2pa.certificate-status", "c2pa.claim.v2", "c2pa.signature")  # fmt: skip


@pytest.mark.parametrize("label", FORBIDDEN)
def test_what_may_not_go_is_refused_by_name_and_passed_over_by_field(label):
    rule = forbidden(label)
    assert rule
    with pytest.raises(InvalidClaim) as caught:
        wanted(RedactionOptions(assertions=(label,)))
    assert rule in str(caught.value)
    assert plan(box(label, METADATA), fields=("gps",)) == ()


@pytest.mark.parametrize("label", ["c2pa.metadata", "cawg.metadata", "cawg.identity", "c2pa.thumbnail.claim", "org.x"])
def test_all_else_may_go(label):
    assert forbidden(label) is None


def test_boxes_that_are_no_assertions_stay():
    assert plan(box("c2pa.data", METADATA, room="c2pa.databoxes"), fields=("gps",)) == ()


def test_an_assertion_that_went_before_is_told_apart_from_one_that_never_was():
    claim = box("c2pa.claim.v2", {"redacted_assertions": ["self#jumbf=/c2pa/x/c2pa.assertions/org.gone"]},
                room="c2pa.claim.v2")  # fmt: skip
    with pytest.raises(InvalidClaim, match="redacted already"):
        plan(claim, assertions=("org.gone",))
    with pytest.raises(InvalidClaim, match=r"no assertion 'org\.other'"):
        plan(claim, box(value={}), assertions=("org.other",))


@pytest.mark.parametrize(("name", "found"), [("old", ["old"]), ("title of ol", []), ("title of old", ["old"])])
def test_manifests_are_named_by_label_or_title(name, found):
    store = a_store(a_manifest("active", an_ingredient("old")), a_manifest("old"))
    boxes = (box(value=METADATA), box(value=METADATA, manifest="old"))
    if found:
        assert [item.manifest for item in plan(*boxes, store=store, fields=("gps",), manifests=(name,))] == found
    else:
        with pytest.raises(InvalidClaim, match="there is no manifest"):
            plan(*boxes, store=store, fields=("gps",), manifests=(name,))


def test_an_identity_that_goes_is_looked_for_by_its_names():
    identity = IdentityAssertion(
        label="cawg.identity", organization="Desk", common_name="Jane Doe", roles=(), kind=None
    )
    store = a_store(a_manifest(identities=(identity,)))
    (gone,) = plan(box("cawg.identity", {"signature": b"\0", "pad1": b""}), store=store, assertions=("cawg.identity",))
    assert [value.text for value in gone.values] == ["Desk", "Jane Doe"]


def test_the_rest_is_said_again_of_this_content_only():
    logo = an_ingredient("logo", relationship=Relationship.COMPONENT_OF)
    store = a_store(a_manifest("active", an_ingredient("old"), logo), a_manifest("old"), a_manifest("logo"))
    boxes = (
        box(value=METADATA | {"dc:title": "of the logo"}, manifest="logo"),
        box(value=METADATA | {"exif:FNumber": "56/10", "dc:rights": "old ones"}, manifest="old"),
        box(value=METADATA),
        box("c2pa.other", {"@context": SPACES, "dc:format": "stays where it is"}),
    )
    gone = plan(*boxes, store=store, fields=("gps",))
    assert len(gone) == 3
    again = restated(store, boxes, gone, (FIELDS["gps"],))
    assert again.label == "cawg.metadata"
    assert again.data == {
        "@context": SPACES, "exif:FNumber": "28/10", "dc:creator": ["Zoë", "Li"], "dc:rights": "old ones",
    }  # fmt: skip


def test_nothing_is_said_again_where_nothing_is_left():
    boxes = (box(value={"@context": SPACES, "exif:GPSLatitude": "1"}),)
    assert restated(a_store(), boxes, plan(*boxes, fields=("gps",)), (FIELDS["gps"],)) is None


def test_a_claim_tells_every_redaction_and_why():
    parent = Ingredient(id="parent", title="p.jpg", media_type="image/jpeg", relationship=Relationship.PARENT_OF)
    redactions = [Redaction(uri=uri, reason=Reason.TRADE_SECRET.code) for uri in ("one", "two")]
    claim = redaction_claim(parent, redactions, generator=Generator(name="x"), at=AT, erased=True)
    assert [item.name for item in claim.actions] == [
        "c2pa.opened",
        "c2pa.redacted",
        "c2pa.redacted",
        "c2pa.edited.metadata",
    ]
    assert [item.parameters.get("redacted") for item in claim.actions] == [None, "one", "two", None]
    assert {item.reason for item in claim.actions[1:3]} == {"c2pa.trade_secret.present"}
    assert claim.redactions == tuple(redactions)
    assert claim.all_actions_included


def test_every_reason_is_a_word_of_the_standard():
    assert {item.code for item in Reason} == {
        "c2pa.PII.present", "c2pa.invalid_data", "c2pa.trade_secret.present", "c2pa.government.confidential",
    }  # fmt: skip


def test_parents_are_followed_once():
    loop = a_store(a_manifest("active", an_ingredient("old")), a_manifest("old", an_ingredient("active")))
    assert parents(loop) == ("active", "old")
    lost = a_store(a_manifest("active", an_ingredient("nowhere")))
    assert parents(lost) == ("active",)


def test_all_places_of_one_label_go_when_the_location_is_dropped():
    place = Assertion(label="org.example.place", data={"photoshop:City": "Wien"})
    other = Assertion(label="org.example.place", data={"text": "no place"})
    store = a_store(
        a_manifest(assertions=(place, other, place, Assertion(label="c2pa.actions", data=dict(place.data))))
    )
    uris = [item.uri.rpartition("/")[2] for item in location_redactions(store)]
    assert uris == ["org.example.place", "org.example.place__2"]
