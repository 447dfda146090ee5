"""A media file and what is written into it about its making."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest of a file's bytes."""

    algorithm: str
    value: str
    """Lower-case hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One media file as it was met."""

    name: str
    """The path as given, or a name for bytes that have none."""
    media_type: str
    size: int
    """Bytes."""
    digest: Digest | None = None
    """Only computed when something asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureTime:
    """When a picture was taken, with or without its offset from UTC."""

    text: str
    """RFC 3339; without an offset when the file states none."""
    offset_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What took the picture."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    software: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it was taken: coordinates in decimal degrees (WGS 84), metres, and names."""

    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    sublocation: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataEntry:
    """One property under its XMP name, such as `exif:FNumber` or `dc:rights`."""

    name: str
    value: str | tuple[str, ...]
    source: str
    """`exif`, `iptc` or `xmp`: where it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What EXIF, IPTC and XMP say; nothing here is verified."""

    entries: tuple[MetadataEntry, ...] = ()
    captured_at: CaptureTime | None = None
    device: Device | None = None
    place: Place | None = None
    creators: tuple[str, ...] = ()
    title: str | None = None
    caption: str | None = None
    credit: str | None = None
    rights: str | None = None
    problems: tuple[str, ...] = ()
    """Blocks that are there but could not be read, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small raster picture of a media file."""

    media_type: str
    data: bytes
