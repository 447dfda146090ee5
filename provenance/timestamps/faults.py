"""What can be wrong with a time-stamp, by name."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why a time-stamp does not count; the values are the last parts of the status codes of C2PA 2.4."""

    MALFORMED = "malformed"
    """It cannot be read, or breaks a rule of RFC 3161."""
    MISMATCH = "mismatch"
    """It was made for something else, or what it says was changed."""
    OUTSIDE_VALIDITY = "outsideValidity"
    """Its time lies outside the validity of the authority's certificate."""
    UNTRUSTED = "untrusted"
    """Nobody vouches for the authority as one for time-stamps, or the signature is not the authority's."""


class Flaw(Exception):
    """One fault of one time-stamp, with the reason in words that are safe to print."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault
        self.reason = reason
