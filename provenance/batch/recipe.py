"""What is to be done with each file of a batch: plain values that travel to other processes and machines.

Settings and options travel; open keys, passphrases and contexts do not.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import codec
from provenance.storage import objects, stat_file

if TYPE_CHECKING:
    from provenance.claims import SigningOptions
    from provenance.model.ports import Signer
    from provenance.settings import Settings
    from provenance.workspace import Workspace
    from provenance.workspace.looking import Asked


class Operation(StrEnum):
    """What a batch does."""

    SIGN = "sign"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who signs: an identity (by default the usual one), or a key from elsewhere."""

    identity: str | None = None
    key: str | None = None
    """Path or URI of a private key."""
    chain: str | None = None
    """Path of its certificates."""

    def open(self, space: Workspace) -> Signer:
        """Open the key; raises as `Workspace.signer` and `Workspace.signer_at` do."""
        return space.signer_at(self.key, self.chain) if self.key else space.signer(self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Every file is signed."""

    options: SigningOptions
    who: Who = field(default_factory=Who)
    overwrite: bool = False
    rehearse: bool = False
    """Says what would be done, and does not do it."""
    as_found: bool = False
    """Refuses a file that is no longer as it was found: somebody still writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifying:
    """Every file is verified."""

    asked: Asked
    names: tuple[str, ...] = ()
    """Trust lists that count, where not all do."""
    trust_files: tuple[str, ...] = ()
    """PEM files with more roots."""
    lines: bool = False
    """Outcomes hold lines of JSON instead of results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is to be done, with which settings."""

    task: Signing | Verifying
    catalogued: bool = False
    """Whoever asked enters what is signed into a catalogue, and is given what belongs there."""
    settings: Settings | None
    """`None`: whoever works has settings of its own, as on a cluster."""
    largest: int = 0
    """Bytes of a file above which it is refused; 0: no limit."""
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Tells this batch from others: keys and trust lists are opened anew for each, they may be others by then."""

    @property
    def operation(self) -> Operation:
        """What it does."""
        return Operation.SIGN if isinstance(self.task, Signing) else Operation.VERIFY

    def parcel(self) -> bytes:
        """Write it as it travels, once for all jobs."""
        return pickle.dumps(self if self.settings is not None else replace(self, task=_abroad(self.task)))


def full(name: str) -> str:
    """Name a file so that it is the same one for whoever works elsewhere; objects have such names."""
    return name if objects.is_object(name) else os.path.abspath(name)  # noqa: PTH100 -- links stay as they are


def _abroad(task: Signing | Verifying) -> Signing | Verifying:
    if isinstance(task, Verifying):
        return replace(task, trust_files=tuple(map(full, task.trust_files)))
    options = task.options
    parent = None if options.parent is None else _whole(options.parent)
    ingredients = tuple(map(_whole, options.ingredients))
    return replace(task, options=replace(options, parent=parent, ingredients=ingredients))


def _whole(item: Path | bytes) -> Path | bytes:
    return item if isinstance(item, bytes) else Path(full(str(item)))


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
