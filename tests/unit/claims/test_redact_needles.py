from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.claims.needles import fold, needle, texts
from provenance.model.redaction import Value

AUTHOR = Value(name="dc:creator", text="Zoë Müller")
SERIAL = Value(name="exifEX:BodySerialNumber", text="SN-4711")
TAKEN = Value(name="exif:DateTimeOriginal", text="2025-06-01T12:30:00+02:00")
LATITUDE = Value(name="exif:GPSLatitude", text="52,31.20566667N")
DECIMAL = Value(name="latitude", text="-33.856784")

TOLD = {
    "the same": (AUTHOR, "Zoë Müller"),
    "among other words": (AUTHOR, "Photo: Zoë Müller, Berlin"),
    "decomposed": (AUTHOR, unicodedata.normalize("NFD", "by Zoë Müller")),
    "in capitals": (AUTHOR, "ZOË MÜLLER"),
    "without accents, in a file's name": (AUTHOR, "portrait_zoe-muller_01.jpg"),
    "with more space": (AUTHOR, "Zoë\n  Müller"),
    "a short name": (Value(name="dc:creator", text="Ann"), "seen by Ann today"),
    "a script without spaces": (Value(name="dc:creator", text="李雷"), "摄影李雷作品"),
    "a serial number": (SERIAL, "camera sn 4711"),
    "a longer one inside": (Value(name="s", text="XCR1705250548"), "idXCR1705250548x"),
    "only digits": (Value(name="s", text="062062059949"), "no. 062062059949"),
    "a time in EXIF's way": (TAKEN, "2025:06:01 12:30:00"),
    "a time in UTC": (TAKEN, "at 2025-06-01T10:30:00Z"),
    "a time in a file's name": (TAKEN, "IMG_20250601_123000.jpg"),
    "a coordinate in degrees": (LATITUDE, "52.52009"),
    "rounded": (LATITUDE, "lat=52.5201"),
    "cut": (LATITUDE, "52.5200"),
    "with a comma": (LATITUDE, "52,52009"),
    "in minutes and seconds": (LATITUDE, "52°31'12.34\"N"),
    "in minutes": (LATITUDE, "52,31.2057N"),
    "in ISO 6709": (LATITUDE, "+52.5201+013.4158/"),
    "of the south": (DECIMAL, "33.8568 S"),
}
NOT_TOLD = {
    "another": (AUTHOR, "Zoë Maier"),
    "a part": (AUTHOR, "Müller"),
    "in a longer word": (Value(name="c", text="Paris"), "a comparison"),
    "letters that are too few": (Value(name="c", text="AB"), "AB"),
    "a year": (Value(name="y", text="2025"), "in 2025"),
    "a small number": (Value(name="r", text="1"), "1"),
    "a number in a longer one": (Value(name="s", text="470615"), "1470615"),
    "a word that says nothing": (Value(name="m", text="False"), "False"),
    "an offset": (Value(name="exif:OffsetTimeOriginal", text="+02:00"), "12:00:00+02:00"),
    "another time": (TAKEN, "2025-06-01T12:30:01+02:00"),
    "another coordinate": (LATITUDE, "52.5301"),
    "too coarse to be told alone": (LATITUDE, "52.52"),
    "a version": (LATITUDE, "version 1.52.5201"),
    "nothing": (AUTHOR, ""),
}


@pytest.mark.parametrize(("value", "text"), TOLD.values(), ids=TOLD)
def test_a_text_that_tells_it_is_recognised(value, text):
    assert needle(value).in_text(text)


@pytest.mark.parametrize(("value", "text"), NOT_TOLD.values(), ids=NOT_TOLD)
def test_a_text_that_does_not_tell_it_is_not(value, text):
    assert not needle(value).in_text(text)


@pytest.mark.parametrize(
    ("value", "name", "text", "same"),
    [
        (Value(name="exif:ISOSpeedRatings", text="1"), "EXIF:ISOSpeedRatings", "1", True),
        (Value(name="exif:ISOSpeedRatings", text="1"), "tiff:Orientation", "1", False),
        (Value(name="exif:ISOSpeedRatings", text="1"), "exif:ISOSpeedRatings", "2", False),
        (LATITUDE, "GPSLatitude", "52.52", True),
        (LATITUDE, "GPSLatitude", "52.62", False),
        (LATITUDE, "height", "52.52", False),
    ],
)
def test_what_is_short_is_only_recognised_under_the_same_property(value, name, text, same):
    assert needle(value).in_property(name, text) is same


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("spelled", [str, str.upper, str.lower])
def test_bytes_are_found_in_every_encoding(encoding, spelled):
    data = b"\xff\0" + spelled(AUTHOR.text).encode(encoding) + b"\0"
    assert any(form in data for form in needle(AUTHOR).raw)


@pytest.mark.parametrize("text", ["", "1", "abc", "2025", "4711", "true", "+02:00", "1/250"])
def test_what_would_be_found_by_chance_is_not_looked_for_among_bytes(text):
    assert needle(Value(name="x", text=text)).raw == ()


@pytest.mark.parametrize("written", ["52.5201", "52.52009", "52,31.20566667", "+52.5200+013"])
def test_coordinates_are_found_among_bytes(written):
    assert any(form in written.encode() for form in needle(LATITUDE).raw)


def test_two_coarse_coordinates_together_tell_a_place():
    longitude = needle(Value(name="exif:GPSLongitude", text="13,24.94633333E"))
    text = "near 52.52, 13.42"
    assert not longitude.in_text(text)
    assert longitude.roughly_in(text)
    assert needle(LATITUDE).roughly_in(text)


def test_a_statement_is_read_to_its_last_value():
    said = {
        "a": [{"b": "one"}, 2, 3.5, None, True],
        "@context": {"dc": "http://x"},
        "c": b"\xe9",
        "d": datetime(2025, 1, 2, tzinfo=UTC),
    }
    assert list(texts(said)) == [
        (("a", "b"), "one"), (("a",), "2"), (("a",), "3.5"), (("c",), "é"), (("d",), "2025-01-02T00:00:00+00:00"),
    ]  # fmt: skip
    assert [text for _, text in texts(said, binary=False)] == ["one", "2", "3.5", "2025-01-02T00:00:00+00:00"]
    assert list(texts(cbor2.CBORTag(18, ["x", b"y"]))) == [((), "x"), ((), "y")]


def test_a_statement_that_contains_itself_comes_to_an_end():
    loop: list = ["one"]
    loop += [loop, loop]
    assert set(texts(loop)) == {((), "one")}
    deep: dict = {}
    inner = deep
    for _ in range(5000):
        inner["a"] = {}
        inner = inner["a"]
    inner["a"] = "end"
    assert list(texts(deep)) == []


@given(st.text(min_size=8, max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_a_value_is_always_found_in_a_text_around_it(value, before, after):
    one = needle(Value(name="x", text=value))
    if any(char.isalpha() for char in fold(value)) and len(fold(value)) >= 8:
        assert one.in_text(f"{before} {value} {after}")
