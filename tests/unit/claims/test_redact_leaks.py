from __future__ import annotations

import pytest

from provenance.claims.fields import FIELDS
from provenance.claims.leaks import Spot, leaks, spots_of_store, wanted_values
from provenance.errors import InvalidClaim
from provenance.model.redaction import Content, Gone, Hiding, Value
from tests.unit.stores import a_store

AUTHOR = Value(name="dc:creator", text="Zoë Müller")
STORE = a_store()


def sought(*values, fields=("author",), file=None):
    gone = Gone(manifest="active", label="x", of="", values=values or (AUTHOR,), file=file)
    return wanted_values([FIELDS[name] for name in fields], [gone], ())


def box(label, value, *, room="c2pa.assertions", data=b"", manifest="active", media_type=None):
    return Content(manifest=manifest, room=room, label=label, data=data, value=value, media_type=media_type)


def found(*boxes, narrowed=False, new=None, looked_for=None):
    spots = spots_of_store(STORE, boxes, narrowed=narrowed, new=new)
    return [(item.hiding, item.what, item.remedy) for item in leaks(looked_for or sought(), spots)]


BOXES = {
    "assertion": (box("org.x", {"a": "by Zoë Müller"}), Hiding.ASSERTION, "--assertion org.x takes it out"),
    "action": (box("c2pa.actions.v2", {"a": "by Zoë Müller"}), Hiding.ACTION, "actions cannot be redacted"),
    "ingredient": (box("c2pa.ingredient.v3", {"a": "by Zoë Müller"}), Hiding.INGREDIENT, "ingredients cannot be"),
    "title of an ingredient": (box("c2pa.ingredient", {"dc:title": "Zoë Müller"}), Hiding.TITLE, "titles cannot"),
    "title of a claim": (
        box("c2pa.claim", {"dc:title": "Zoë Müller"}, room="c2pa.claim"), Hiding.TITLE, "titles cannot be redacted"
    ),
    "generator": (box("c2pa.claim.v2", {"name": "Zoë Müller"}, room="c2pa.claim.v2"), Hiding.STORE, "only assertions"),
    "certificate": (
        box("c2pa.signature", None, room="c2pa.signature", data="..Zoë Müller..".encode()), Hiding.SIGNER, "who signed"
    ),
    "identity": (
        box("cawg.identity__1", {"signature": b"\xd2"}, data=b"\xd2 Zo\xeb M\xfcller"), Hiding.SIGNER, "who signed"
    ),
    "data box": (box("c2pa.data", {"a": "Zoë Müller"}, room="c2pa.databoxes"), Hiding.STORE, "only assertions"),
    "hard binding": (box("c2pa.hash.data", {"name": "Zoë Müller"}), Hiding.STORE, "only assertions"),
    "thumbnail": (
        box("c2pa.thumbnail.claim", None, data="\xff\xd8Zoë Müller".encode("utf-16-le"), media_type="image/jpeg"),
        Hiding.THUMBNAIL, "--field thumbnail takes it out",
    ),
    "key": (box("org.x", {"Zoë Müller": 1}, data="..Zoë Müller..".encode()), Hiding.ASSERTION, "--assertion"),
}  # fmt: skip


@pytest.mark.parametrize(("item", "hiding", "remedy"), BOXES.values(), ids=BOXES)
def test_every_box_of_a_store_is_looked_into(item, hiding, remedy):
    (leak,) = found(item)
    assert leak[0] is hiding
    assert "Zoë Müller" in leak[1]
    assert leak[2].startswith(remedy)


def test_what_is_said_anew_can_be_left_off():
    assert "--keep-rest" in found(box("cawg.metadata", {"a": "Zoë Müller"}), new="active")[0][2]
    assert "--title" in found(box("c2pa.ingredient.v3", {"dc:title": "Zoë Müller"}), new="active")[0][2]


def test_a_property_of_the_field_is_a_leak_whatever_it_says_unless_others_may_keep_theirs():
    other = box("c2pa.actions.v2", {"parameters": {"dc:creator": "Somebody"}, "description": "by hand", "author": "x"})
    assert [what for _, what, _ in found(other)] == ["dc:creator: Somebody"]
    assert found(other, narrowed=True) == []
    titled = box("c2pa.ingredient.v3", {"dc:title": "logo.png", "dc:format": "image/png"})
    assert found(titled, looked_for=sought(fields=("title",))) == []


def test_each_place_and_value_is_told_once():
    twice = {"a": "Zoë Müller", "b": ["Zoë Müller", "Zoë Müller"]}
    assert len(found(box("org.x", twice, data=b"Zo\xc3\xab M\xc3\xbcller"))) == 2


def test_the_same_picture_elsewhere_is_a_leak():
    picture = b"\xff\xd8" + bytes(range(200))
    again = box("c2pa.thumbnail.ingredient", None, data=picture, media_type="image/jpeg")
    looked_for = sought(Value(name="x", text="y"), fields=("thumbnail",), file=picture)
    assert [what for _, what, _ in found(again, looked_for=looked_for)] == ["the same picture"]


def test_of_long_texts_and_of_bytes_only_the_value_is_told():
    spot = Spot(hiding=Hiding.EXIF, where="here", texts=((("a",), "x" * 500 + " Zoë Müller"), ((), "\0Zoë Müller\1")))
    assert [item.what for item in leaks(sought(), [spot])] == ["a: … Zoë Müller …", "… Zoë Müller …"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("dc:creator", "--erase removes it from the file"),
        ("tiff:ImageDescription", "--field caption --erase takes it out too"),
        ("exif:Something", "remove it with ExifTool from the original, and sign that"),
    ],
)
def test_what_takes_it_out_of_the_file_depends_on_where_it_stands(name, remedy):
    spot = Spot(hiding=Hiding.EXIF, where="here", texts=(((name,), "by Zoë Müller"),))
    assert [item.remedy for item in leaks(sought(), [spot])] == [remedy]


def test_more_values_than_can_be_looked_for_are_refused():
    with pytest.raises(InvalidClaim, match="501 different values"):
        sought(*(Value(name="x", text=f"value {number}") for number in range(501)))
