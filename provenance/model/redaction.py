"""What a redaction takes away, and where it may still be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.model.manifest import Signed


class Reason(StrEnum):
    """Why an assertion is redacted (C2PA 2.4, `c2pa.redacted`); it is published with the redaction."""

    PII = "pii"
    INVALID_DATA = "invalid-data"
    TRADE_SECRET = "trade-secret"  # noqa: S105 -- a word of the standard
    GOVERNMENT_CONFIDENTIAL = "government-confidential"

    @property
    def code(self) -> str:
        """The word of the standard."""
        return _CODES[self]


_CODES = {
    Reason.PII: "c2pa.PII.present",
    Reason.INVALID_DATA: "c2pa.invalid_data",
    Reason.TRADE_SECRET: "c2pa.trade_secret.present",
    Reason.GOVERNMENT_CONFIDENTIAL: "c2pa.government.confidential",
}


class Hiding(StrEnum):
    """Where a value may be left behind."""

    EXIF = "exif"
    XMP = "xmp"
    IPTC = "iptc"
    TEXT = "text"
    """A text chunk of a PNG."""
    PLACE = "place"
    """Coordinates in a form of their own, as in films."""
    ASSERTION = "assertion"
    ACTION = "action"
    INGREDIENT = "ingredient"
    TITLE = "title"
    """What a manifest calls its file, or a file that went into it."""
    THUMBNAIL = "thumbnail"
    SIGNER = "signer"
    """Certificates and identities."""
    STORE = "store"
    """The manifest store outside of its assertions."""
    REMOTE = "remote"
    """A manifest that is kept elsewhere."""
    BYTES = "bytes"
    """Anywhere else in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One box of a manifest store as it stands there, not as the engine sums it up."""

    manifest: str
    """Label of its manifest."""
    room: str
    """Such as `c2pa.assertions`, or `c2pa.claim.v2`, which is a box itself."""
    label: str
    """With the number of its instance: `cawg.metadata__1`."""
    data: bytes = field(repr=False)
    media_type: str | None = None
    """Of an embedded file; `None` for statements."""
    value: Any = field(default=None, repr=False)
    """A statement, decoded; `None` when it cannot be."""

    @property
    def is_assertion(self) -> bool:
        """Whether it can be named in a redaction."""
        return self.room == "c2pa.assertions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One thing that was to go."""

    name: str
    """The property that it stood under."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """One assertion that goes, whole."""

    manifest: str
    label: str
    of: str
    """Its manifest in words: the title, and who signed it."""
    values: tuple[Value, ...] = ()
    """What was asked for."""
    along: tuple[Value, ...] = ()
    """What goes with it because it stands in the same assertion."""
    file: bytes | None = field(default=None, repr=False)
    """An embedded file, such as a thumbnail."""
    data: bytes = field(default=b"", repr=False)

    @property
    def uri(self) -> str:
        """JUMBF URI."""
        return f"self#jumbf=/c2pa/{self.manifest}/c2pa.assertions/{self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One place that still tells what was to go."""

    hiding: Hiding
    where: str
    """In words."""
    what: str
    remedy: str
    """What can be done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a redaction would do, before anything is signed."""

    gone: tuple[Gone, ...]
    erased: tuple[Value, ...]
    """Properties that go from the file's own metadata."""
    restated: tuple[Value, ...]
    """What goes along and is said again, by the new signer."""
    leaks: tuple[Leak, ...]
    """What would be left, accepted or not."""
    update: bool
    """The content stays as it is (an update manifest)."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A finished redaction: read back, verified and searched."""

    signed: Signed
    gone: tuple[Gone, ...]
    erased: tuple[Value, ...]
    restated: tuple[Value, ...]
    left: tuple[Leak, ...]
    """What is still there and was accepted."""
