"""Decoding refuses what does not fit and names the place; encoding gives back what was put in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import jsonschema
import pytest

from provenance import codec
from provenance.errors import UnreadableMedia
from provenance.reports import to_json
from provenance.reports.result import Result, Results
from tests.support.schemas import require_valid


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str = ""
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    title: str | None = None
    inner: Inner = field(default_factory=Inner)


WRONG = {
    "unknown key with a near one": ('titel = "x"', "unknown key 'titel'; did you mean 'title'?"),
    "unknown key with none near": ("zzz = 1", "unknown key 'zzz'; known are inner, title"),
    "unknown key further in": ('[inner]\nnmae = "x"', "did you mean 'name'?"),
    "wrong type": ("title = 5", "$.title"),
    "wrong type further in": ('[inner]\nsizes = [1, "2"]', "$.inner.sizes[1]"),
    "a scalar for a table": ("inner = 3", "$.inner"),
    "a broken line": ('title = "x"\ninner = ', "is not TOML"),
    "a key twice": ('title = "x"\ntitle = "y"', "is not TOML"),
}
BROKEN_JSON = {
    "cut short": b'{"title": "x"',
    "not UTF-8": b'{"title": "\xff"}',
    "empty": b"",
    "a list": b"[]",
    "a number": b"5",
    "unknown key": b'{"titel": 1}',
    "wrong type": b'{"inner": {"sizes": "1"}}',
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_with_its_place(text, words):
    with pytest.raises(codec.DecodingError) as caught:
        codec.from_toml(text, Outer)
    assert words in str(caught.value)


@pytest.mark.parametrize("data", BROKEN_JSON.values(), ids=BROKEN_JSON)
def test_broken_json_is_refused(data):
    with pytest.raises(codec.DecodingError):
        codec.from_json(data, Outer)


def test_toml_becomes_a_dataclass():
    assert codec.from_toml('[inner]\nname = "Zoë"\nsizes = [1, 2]', Outer) == Outer(
        inner=Inner(name="Zoë", sizes=(1, 2))
    )


@pytest.mark.parametrize("indent", [0, 2, 4])
def test_json_gives_back_what_was_written(indent):
    value = Outer(title="Zoë\n\x1b\u202e", inner=Inner(name="<b>", sizes=(1,)))
    text = codec.to_json(value, indent=indent)
    assert codec.from_json(text, Outer) == value
    assert ("\n" in text) is bool(indent)


def test_a_file_name_that_is_no_text_can_still_be_reported():
    """Names on disk are bytes; Python carries those that are not UTF-8 as lone surrogates."""
    result = Result(name="photo\udcff.jpg", error=UnreadableMedia("is empty", path="photo\udcff.jpg"))
    written = to_json.document(Results(items=(result,), generator="test"))
    written.encode("utf-8")
    assert json.loads(written)["files"][0]["file"].startswith("photo")


def test_the_schema_accepts_what_is_written_and_refuses_what_is_not():
    schema = codec.schema(Outer)
    require_valid(json.loads(codec.to_json(Outer(title="x"))), schema)
    with pytest.raises(jsonschema.ValidationError):
        require_valid({"title": 5}, schema)
