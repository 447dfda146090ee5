"""What making a pack is told and gives, and what a replay finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from provenance.evidence.form import Contents, VerdictRecord
    from provenance.model.trust import Purpose
    from provenance.model.verdict import Verdict

LARGEST_UNASKED = 100 << 20
"""Bytes up to which the media file goes into a pack unless it is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How a pack is made."""

    policy: str | Path | None = None
    """Name or file; by default that of the settings."""
    online: bool = False
    """Allows fetching remote manifests and asking whether certificates are revoked; the answers go into the pack."""
    as_of: datetime | None = None
    """Another day (aware) as of which the verdict is to hold."""
    include_asset: bool | None = None
    """Whether the media file goes into the pack; by default up to `LARGEST_UNASKED` bytes."""
    identity: str | None = None
    """Name of the identity that signs the pack."""
    timestamp: bool = False
    """A time-stamp authority attests when the pack was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A pack that was made."""

    path: Path
    contents: Contents
    verdict: Verdict
    signer: str | None
    """Name of whoever signed it."""
    notes: tuple[str, ...]
    """What must not be overlooked although it was made."""


class Basis(StrEnum):
    """What a replay checked anew."""

    FILE = "file"
    """Everything, with the media file."""
    CREDENTIALS = "credentials"
    """The manifest store alone: that it belongs to the content was not checked."""


class Agreement(StrEnum):
    """Whether a replay comes to the recorded verdict."""

    SAME = "same"
    PARTLY = "partly"
    """As far as it could be checked without the media file, and no further."""
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that a replay says otherwise."""

    about: str
    """Such as `decision`, `signer` or the id of a rule."""
    then: str
    now: str
    unchecked: bool = False
    """It is only that it could not be checked without the media file."""


class Standing(StrEnum):
    """What this machine knows of a list in a pack."""

    SAME = "the same here"
    OTHER = "another one here"
    UNKNOWN = "not here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A trust list of a pack, and what this machine knows of it."""

    name: str
    purpose: Purpose
    local: bool
    """Roots that the machine where the pack was made issued to itself."""
    standing: Standing


class Voucher(StrEnum):
    """Whether somebody vouches for the pack itself."""

    NOBODY = "nobody"
    UNVERIFIED = "unverified"
    """Somebody does, but no list here vouches for them."""
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """Who signed a pack, or attests when it was there."""

    state: Voucher
    reason: str
    time: datetime | None = None
    """Of a time-stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a replay found."""

    contents: Contents
    recorded: VerdictRecord
    verdict: Verdict
    basis: Basis
    differences: tuple[Difference, ...]
    lists: tuple[Known, ...]
    signature: Vouching
    stamp: Vouching
    notes: tuple[str, ...]
    """What has changed since without changing the verdict, and what must not be overlooked."""

    @property
    def agreement(self) -> Agreement:
        """Whether the verdict is the recorded one."""
        if any(not item.unchecked for item in self.differences):
            return Agreement.DIFFERENT
        return Agreement.SAME if self.basis is Basis.FILE else Agreement.PARTLY
