"""What is to be done with each file of a batch: plain values that travel to other processes and machines.

Settings and options travel; open keys, passphrases and contexts do not.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import codec
from provenance.storage import stat_file

if TYPE_CHECKING:
    from provenance.claims import SigningOptions
    from provenance.settings import Settings
    from provenance.workspace.looking import Asked


class Operation(StrEnum):
    """What a batch does."""

    SIGN = "sign"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Every file is signed."""

    options: SigningOptions
    identity: str | None = None
    key: str | None = None
    """Path or URI of a private key, instead of an identity."""
    chain: str | None = None
    """Path of its certificates."""
    overwrite: bool = False
    rehearse: bool = False
    """Says what would be done, and does not do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifying:
    """Every file is verified."""

    asked: Asked
    names: tuple[str, ...] = ()
    """Trust lists that count, where not all do."""
    trust_files: tuple[str, ...] = ()
    """PEM files with more roots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is to be done, with which settings."""

    task: Signing | Verifying
    settings: Settings | None
    """`None`: whoever works has settings of its own, as on a cluster."""
    largest: int = 0
    """Bytes of a file above which it is refused; 0: no limit."""
    run: str = ""
    """Tells runs apart, so that each opens the trust lists of its own time."""

    @property
    def operation(self) -> Operation:
        """What it does."""
        return Operation.SIGN if isinstance(self.task, Signing) else Operation.VERIFY

    def parcel(self) -> bytes:
        """Write it as it travels, once for all jobs."""
        return pickle.dumps(self)


def unpack(parcel: bytes) -> Recipe:
    """Read a recipe; parcels come from our own process or from a cluster that one has chosen, never from a file."""
    found: Recipe = pickle.loads(parcel)  # noqa: S301 -- written by `Recipe.parcel`
    return found


def fingerprint(task: Signing, *, identity: str) -> str:
    """Return what tells one kind of work from another in the journal: operation, options, who signs.

    `identity` names who signs. Where it goes and whether it may overwrite something is not part of it; other files
    that go in (a parent, ingredients) are, with their present state.
    """
    options = task.options
    files = [item for item in (options.parent, *options.ingredients) if isinstance(item, Path)]
    states = [None if (entry := stat_file(item.absolute())) is None else entry for item in files]
    stated = codec.to_json([Operation.SIGN, replace(options, label=None), identity, states], indent=0)
    return hashlib.sha256(stated.encode()).hexdigest()
