"""An append-only chain of hashes over signings, which anybody can check with SHA-256 alone.

The hash of an entry is SHA-256 over `provenance ledger 1` and a null byte, the hash of the entry before (32 zero bytes
for the first), its number (8 bytes, big-endian) and the SHA-256 of its body. The body is one line of JSON.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GENESIS: Final = "00" * 32
"""What stands for the hash before the first entry."""
_HEAD: Final = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_DOMAIN: Final = b"provenance ledger 1\0"


class EntryKind(StrEnum):
    """What an entry of the ledger says."""

    RECORDED = "recorded"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a ledger at some time. Noted elsewhere, it shows later whether anything before it was changed."""

    number: int
    """0 for an empty ledger."""
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read a head as it was shown. Raises `ValueError`."""
        found = _HEAD.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no head of a ledger, such as 3:9f86d0…")
        return cls(number=int(found[1]), hash=found[2])


EMPTY: Final = Head(number=0, hash=GENESIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a ledger."""

    number: int
    """1, 2, 3, …"""
    kind: EntryKind
    subject: str
    """Id of the record that it is about, or what was pruned."""
    digest: str
    """SHA-256 of its body."""
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a record is in a ledger, before its head."""

    entry: Entry
    body: str | None
    """What was recorded; `None` once it was pruned."""
    previous: str
    """Hash of the entry before."""
    following: tuple[str, ...]
    """Digests of the bodies of all later entries, in their order."""
    head: Head

    def holds(self) -> bool:
        """Whether the body has the entry's digest, and the chain leads from the entry to the head."""
        if self.body is not None and digest_of(self.body) != self.entry.digest:
            return False
        number, found = self.entry.number, link(self.previous, self.entry.number, self.entry.digest)
        if found != self.entry.hash:
            return False
        for digest in self.following:
            number += 1
            found = link(found, number, digest)
        return Head(number=number, hash=found) == self.head


def digest_of(body: str) -> str:
    """Return the digest of an entry's body."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def link(previous: str, number: int, digest: str) -> str:
    """Return the hash of an entry: `previous` and `digest` are hexadecimal."""
    parts = (_DOMAIN, bytes.fromhex(previous), number.to_bytes(8, "big"), bytes.fromhex(digest))
    return hashlib.sha256(b"".join(parts)).hexdigest()


class ProblemKind(StrEnum):
    """What can be wrong with a catalogue."""

    ENTRY_MISSING = "entry missing"
    ENTRY_ALTERED = "entry altered"
    HEAD = "not the ledger that was noted"
    RECORD_MISSING = "record missing"
    RECORD_ALTERED = "record altered"
    RECORD_UNLISTED = "record without an entry"
    MANIFEST_MISSING = "manifest store missing"
    MANIFEST_ALTERED = "manifest store altered"
    MANIFEST_UNREADABLE = "manifest store unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that nobody who went through this program has done to a catalogue."""

    kind: ProblemKind
    subject: str
    """Number of an entry, id of a record, digest of a manifest store, or the head that was expected."""
    message: str
