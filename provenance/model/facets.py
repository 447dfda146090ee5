"""The facets of a verdict: one question each, answered in one word, with a reason in one line.

They are derived from facts (`derived`), never stored beside them. What was not checked says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Credential(StrEnum):
    """Are there Content Credentials?"""

    PRESENT = "present"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    NOT_FETCHED = "not fetched"


class Content(StrEnum):
    """Is the content what was signed?"""

    INTACT = "intact"
    CHANGED = "changed"
    MALFORMED = "malformed"
    NOT_CHECKED = "not checked"


class Signing(StrEnum):
    """Was the claim signed with the key of its certificate?"""

    VALID = "valid"
    INVALID = "invalid"
    NOT_CHECKED = "not checked"


class Signer(StrEnum):
    """Can the identity of the signer be verified?"""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    NOT_CHECKED = "not checked"


class Time(StrEnum):
    """Who says when it was signed?"""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    ABSENT = "absent"
    NOT_CHECKED = "not checked"


class Revocation(StrEnum):
    """Has the certificate been revoked?"""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not checked"


class Ancestry(StrEnum):
    """Are the files that it was made from what their signers signed?"""

    NONE = "none"
    INTACT = "intact"
    UNKNOWN = "unknown"
    BROKEN = "broken"
    NOT_CHECKED = "not checked"


class Publisher(StrEnum):
    """Can the identity of who stands behind it, apart from the signer, be verified?"""

    NONE = "none"
    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    NOT_CHECKED = "not checked"


S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet(Generic[S]):
    """One answer and its reason."""

    state: S
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """All answers about one file."""

    credential: Facet[Credential]
    content: Facet[Content]
    signature: Facet[Signing]
    signer: Facet[Signer]
    time: Facet[Time]
    revocation: Facet[Revocation]
    ancestry: Facet[Ancestry]
    publisher: Facet[Publisher]
