"""What is written into an evidence pack about itself: `pack.json` and `verdict.json`, version 1.

pack.json             this list of everything else, each with its SHA-256
README.txt            what this is, and how to check it by hand
asset.jpg             the file itself, unless it was left out
manifest.c2pa         the manifest store, from wherever it was kept
certificates.pem      the signer's certificates, leaf first
timestamp.der         the time-stamp beside the signature
revocation/…          answers about revocation: stapled, and asked for
trust/list-1.pem …    the trust lists that counted
policy.toml           the policy that judged
verdict.json          the judgement, and the engine's words that it rests on
report.json, .html    the report, for programs and for people
signature/chain.pem   who vouches for the pack, if anybody does
signature/pack.sig    their signature over pack.json
signature/pack.tsr    a time-stamp over that signature, or over pack.json where there is none
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final

import msgspec

# msgspec reads the types when it decodes.
from provenance.model.claim import Carrier  # noqa: TC001
from provenance.model.facets import Credential  # noqa: TC001
from provenance.model.manifest import StatusKind  # noqa: TC001
from provenance.model.policy import Outcome, Severity  # noqa: TC001
from provenance.model.ports import Algorithm  # noqa: TC001
from provenance.model.trust import Purpose  # noqa: TC001
from provenance.model.verdict import Decision  # noqa: TC001

FORMAT: Final = "provenance-evidence"
VERSION: Final = 1
CONTENTS: Final = "pack.json"
README: Final = "README.txt"
MANIFEST: Final = "manifest.c2pa"
CERTIFICATES: Final = "certificates.pem"
STAMPED: Final = "timestamp.der"
POLICY: Final = "policy.toml"
VERDICT: Final = "verdict.json"
REPORT: Final = "report.json"
PAGE: Final = "report.html"
CHAIN: Final = "signature/chain.pem"
SIGNATURE: Final = "signature/pack.sig"
STAMP: Final = "signature/pack.tsr"

_Time = Annotated[datetime, msgspec.Meta(tz=True)]
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Purposes = tuple[Annotated[str, msgspec.Meta(pattern="^[0-9.]{3,100}$")], ...]
_Size = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the pack."""

    name: str
    size: _Size
    sha256: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """The media file that was looked at."""

    name: str
    """Without its folders."""
    media_type: str
    size: _Size
    sha256: _Digest
    member: str | None
    """`None` when it was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCredentials:
    """Where credentials were found, or not."""

    state: Credential
    carrier: Carrier | None
    found_in: str | None
    remote_url: str | None
    kept: bool
    """The pack has the manifest store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedPolicy:
    """The policy that judged."""

    name: str
    version: str
    digest: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedList:
    """A trust list that counted; its certificates are in `member`, authorities first."""

    name: str
    purpose: Purpose
    anchors: _Size
    """How many of the certificates are authorities; the others count for themselves."""
    member: str
    digest: str
    key_usages: _Purposes
    source: str
    local: bool
    as_of: _Time | None
    obtained: _Time | None
    sequence: int | None
    next_update: _Time | None
    note: str | None
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question that was sent over the network, and what came of it."""

    method: str
    url: str
    question: bytes
    """What was posted (OCSPRequest, DER); in the address where it was asked by GET."""
    status: int | None = None
    retry_after: str | None = None
    answer: str | None = None
    """Member with the body of the answer."""
    failure: str | None = None
    """Why there is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of fetching a remote manifest, where it was not what the pack keeps as the manifest store."""

    url: str
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Who vouches for the pack itself; said here too, so that nobody can take it away."""

    signed: Algorithm | None = None
    """The algorithm of the signature, where there is one."""
    stamped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`pack.json`."""

    format: str = FORMAT
    version: int = VERSION
    at: _Time
    """The time of looking, by the clock of whoever made the pack."""
    as_of: _Time | None
    online: bool
    programs: dict[str, str]
    """Versions of what judged."""
    file: PackedFile
    credentials: PackedCredentials
    policy: PackedPolicy
    key_usages: _Purposes
    """Extended key usages that the engine accepted."""
    lists: tuple[PackedList, ...]
    asked: tuple[Exchange, ...]
    fetched: Fetched | None
    vouched: Vouched
    members: tuple[Member, ...]
    """Everything in the pack but this file, and what vouches for it."""

    def member(self, name: str) -> Member | None:
        """Return what is said about a member."""
        return next((item for item in self.members if item.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetRecord:
    """One facet as it was."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """One finding as it was."""

    rule: str
    outcome: Outcome
    severity: Severity
    decision: Decision
    message: str
    subject: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """One validation status as the engine gave it, after lists were kept apart."""

    code: str
    kind: StatusKind
    uri: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """`verdict.json`: the judgement, and the engine's words that it rests on."""

    decision: Decision
    facets: dict[str, FacetRecord]
    findings: tuple[FindingRecord, ...]
    reported_state: str | None = None
    """The engine's own word; `None` where there are no manifests that can be read."""
    statuses: tuple[StatusRecord, ...] = field(default=())
    deltas: tuple[StatusRecord, ...] = field(default=())
