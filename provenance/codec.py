"""Dataclasses to and from JSON and TOML, and their JSON Schema."""

from __future__ import annotations

import dataclasses
import typing
from functools import cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class DecodingError(ValueError):
    """Say what does not fit and where; the caller knows in which file."""


def to_json(value: Any, *, indent: int = 2) -> str:
    """Write a dataclass as JSON; `indent=0` gives one line."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_writable(msgspec.to_builtins(value)))
    return (msgspec.json.format(encoded, indent=indent) if indent else encoded).decode()


def _writable(value: Any) -> Any:
    """Write out lone surrogates, as in the names of files that are not UTF-8: JSON has no place for them."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return [_writable(item) for item in value] if isinstance(value, list | tuple) else value


def to_plain(value: Any) -> Any:
    """Turn a dataclass into dictionaries, lists and scalars."""
    return msgspec.to_builtins(value)


def from_json(data: bytes | str, kind: type[T], *, extras: bool = False) -> T:
    """Read a dataclass from JSON; `extras` as for `from_plain`.

    Raises `DecodingError`, which names the place.
    """
    try:
        return from_plain(msgspec.json.decode(data), kind, extras=extras)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodingError(f"is not JSON: {error}") from error


def from_toml(text: str, kind: type[T]) -> T:
    """Read a dataclass from TOML.

    Raises `DecodingError`, which names the line or the place.
    """
    import tomllib  # noqa: PLC0415 -- only where a settings or policy file is read

    try:
        return from_plain(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as error:
        raise DecodingError(f"is not TOML: {error}") from error


def from_plain(data: Any, kind: type[T], *, extras: bool = False) -> T:
    """Make a dataclass from dictionaries, lists and scalars.

    Unknown keys are mistakes, unless `extras` says that they come from a program that may know more: then they are
    passed over. Raises `DecodingError`, which names the place.
    """
    if not extras:
        _refuse_unknown_keys(data, kind, "")
    try:
        return msgspec.convert(data, type=kind)
    except msgspec.ValidationError as error:
        raise DecodingError(str(error)) from error


def schema(kind: type) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a dataclass."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}


def _refuse_unknown_keys(data: Any, kind: Any, place: str) -> None:
    if not (isinstance(data, dict) and dataclasses.is_dataclass(kind)):
        return
    hints = _hints(kind if isinstance(kind, type) else type(kind))
    for key, value in data.items():
        if key not in hints:
            import difflib  # noqa: PLC0415 -- only for who has made a mistake

            near = difflib.get_close_matches(key, hints, n=1)
            suggestion = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(hints))}"
            raise DecodingError(f"unknown key {place}{key!r}{suggestion}")
        _refuse_unknown_keys(value, hints[key], f"{place}{key}.")


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Look up the types of fields: once, since this takes longer than reading a small document."""
    return typing.get_type_hints(kind)
