"""Where results go and what they are called, and what cannot be a name."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from provenance.batch.naming import Naming
from provenance.errors import InvalidClaim, SettingsError, UnsupportedMedia
from tests.support import media
from tests.support.batch import entry

PHOTO = entry("in/sub/photo.jpg", relative="sub/photo.jpg")
OBJECT = entry("s3://bucket/in/sub/photo.jpg", relative="sub/photo.jpg")
CASES = {
    "beside the source": (PHOTO, {}, "in/sub/photo.signed.jpg"),
    "here": (entry("photo.jpg"), {}, "photo.signed.jpg"),
    "two dots": (entry("a.b.jpg"), {}, "a.b.signed.jpg"),
    "no extension": (entry("photo"), {}, "photo.signed"),
    "beside an object": (OBJECT, {}, "s3://bucket/in/sub/photo.signed.jpg"),
    "a name that is not text": (entry("in/\udcff.jpg"), {}, "in/\udcff.signed.jpg"),
    "into a folder": (PHOTO, {"output": "out/"}, "out/photo.jpg"),
    "into a bucket": (PHOTO, {"output": "s3://bucket/out/"}, "s3://bucket/out/photo.jpg"),
    "from a bucket": (OBJECT, {"output": "out/"}, "out/photo.jpg"),
    "with its folders": (PHOTO, {"output": "out/", "keep_tree": True}, "out/sub/photo.jpg"),
    "with its folders from a bucket": (OBJECT, {"output": "out/", "keep_tree": True}, "out/sub/photo.jpg"),
    "with no folders to keep": (entry("in/photo.jpg"), {"output": "out/", "keep_tree": True}, "out/photo.jpg"),
    "to one file": (PHOTO, {"output": "result.jpg"}, "result.jpg"),
    "in place": (PHOTO, {"in_place": True}, "in/sub/photo.jpg"),
    "only a manifest": (PHOTO, {"untouched": True}, None),
    "a manifest and a copy": (PHOTO, {"untouched": True, "output": "out/"}, "out/photo.jpg"),
    "by a template": (PHOTO, {"template": "{stem}-web.{ext}"}, "in/sub/photo-web.jpg"),
    "by a template, into a folder": (PHOTO, {"template": "x-{name}", "output": "out/"}, "out/x-photo.jpg"),
    "with folders and a template": (
        PHOTO, {"template": "x-{name}", "output": "out/", "keep_tree": True}, "out/sub/x-photo.jpg",
    ),
    "its folder": (PHOTO, {"template": "{folder}-{name}", "output": "out/"}, "out/sub-photo.jpg"),
    "the folder that was named": (entry("in/a.jpg"), {"template": "{folder}-{name}", "output": "o/"}, "o/in-a.jpg"),
    "a folder in a template": (entry("in/a.jpg"), {"template": "{folder}/{name}", "output": "o/"}, "o/in/a.jpg"),
    "the folder of an object": (OBJECT, {"template": "{folder}-{name}", "output": "out/"}, "out/sub-photo.jpg"),
    "the bucket as its folder": (
        entry("s3://bucket/a.jpg"), {"template": "{folder}-{name}", "output": "out/"}, "out/bucket-a.jpg",
    ),
    "another extension of its type": (PHOTO, {"template": "{stem}.jpeg"}, "in/sub/photo.jpeg"),
    "an extension in capitals": (entry("A.JPG"), {"template": "{stem}.jpg"}, "A.jpg"),
    "braces": (PHOTO, {"template": "{{{stem}}}.jpg"}, "in/sub/{photo}.jpg"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "told", "expected"), CASES.values(), ids=CASES)
def test_a_result_goes_where_one_would_look_for_it(source, told, expected):
    assert Naming(**told).target(source) == expected


BAD = {
    "unknown": ("{date}.jpg", "{date}"),
    "no name": ("{}.jpg", "{}"),
    "a number": ("{0}.jpg", "{0}"),
    "an attribute": ("{name.__class__}.jpg", "{name.__class__}"),
    "an item": ("{name[0]}.jpg", "{name[0]}"),
    "an attribute in a form": ("{stem:{name.__class__}}.jpg", "one field stands inside another"),
    "a field in a form": ("{stem:{width}}.jpg", "one field stands inside another"),
    "a form for numbers": ("{stem:d}.jpg", "Unknown format code"),
    "a form that is none": ("{width:lots}.jpg", "nvalid format spec"),
    "not closed": ("{stem", "expected '}'"),
    "not opened": ("stem}", "Single '}'"),
    "another conversion": ("{stem!z}.jpg", "nknown conversion"),
}


@pytest.mark.parametrize(("template", "words"), BAD.values(), ids=BAD)
def test_a_template_that_cannot_be_filled_is_refused_before_anything_begins(template, words):
    with pytest.raises(SettingsError) as caught:
        Naming(template=template)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("template", "kind", "words"),
    [
        ("../{name}", InvalidClaim, "lead out of its folder: ../photo.jpg"),
        ("a/../../{name}", InvalidClaim, "lead out of its folder"),
        ("/tmp/{name}", InvalidClaim, "lead out of its folder: /tmp/photo.jpg"),
        ("{stem}.png", UnsupportedMedia, "photo.png, which says another type"),
        ("{stem}", UnsupportedMedia, "says another type"),
        ("", UnsupportedMedia, "says another type"),
        ("{stem}.jpg.exe", UnsupportedMedia, "says another type"),
    ],
)
def test_a_name_that_would_mislead_is_refused(template, kind, words):
    with pytest.raises(kind, match=r"in/sub/photo\.jpg") as caught:
        Naming(template=template, output="out/").target(PHOTO)
    assert words in str(caught.value)


def picture(path, form, *, orientation=None, size=(160, 120)):
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    Image.new("RGB", size).save(path, form, exif=exif)
    return replace(entry(str(path)), size=path.stat().st_size)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_sizes_are_those_that_are_seen(tmp_path, form, orientation):
    found = picture(tmp_path / f"a.{form.lower()}", form, orientation=orientation)
    seen = "120x160" if orientation in {6, 8} else "160x120"
    assert Naming(template="{width}x{height}.{ext}", output="o/").target(found) == f"o/{seen}.{form.lower()}"


def test_sizes_can_be_padded(tmp_path):
    assert Naming(template="{width:05d}.jpg", output="o/").target(picture(tmp_path / "a.jpg", "JPEG")) == "o/00160.jpg"


@pytest.mark.parametrize("kind", ["svg", "wav", "pdf"])
def test_what_has_no_pixels_is_refused_where_they_are_asked_for(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(media.make(kind))
    with pytest.raises(UnsupportedMedia, match="width and height are not known"):
        Naming(template="{width}.{ext}").target(entry(str(path)))


def test_objects_are_not_fetched_for_their_size():
    with pytest.raises(UnsupportedMedia, match="width and height are not known"):
        Naming(template="{width}.{ext}").target(OBJECT)


def test_a_picture_that_lies_about_its_type_is_measured_as_what_it_is(tmp_path):
    found = picture(tmp_path / "a.jpg", "PNG", orientation=6)
    assert Naming(template="{width}.jpg", output="o/").target(found) == "o/120.jpg"


def test_what_is_no_picture_at_all_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(io.BytesIO(b"nothing").getvalue())
    with pytest.raises(UnsupportedMedia):
        Naming(template="{width}.jpg").target(entry(str(tmp_path / "a.jpg")))
