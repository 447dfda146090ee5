"""What the engine says otherwise than before only because time has passed, set right by the dates of certificates.

The engine judges certificates by today's clock and cannot be told another: once they have expired, it takes back the
trust in signers, publishers and ancestors. Where a replay finds that, and certificates and lists say that it was
otherwise at the time of looking, the recorded words stand. Nothing else is taken from the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from provenance.manifests import cose
from provenance.model.manifest import Status, StatusKind
from provenance.model.trust import Purpose, Trust
from provenance.verification import state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.evidence import VerdictRecord
    from provenance.evidence.form import StatusRecord
    from provenance.model.manifest import Manifest, ManifestStore
    from provenance.model.trust import CertificatePath

_TRUSTED: Final = ("signingCredential.trusted", "cawg.x509.credential.trusted")
_UNTRUSTED: Final = ("signingCredential.untrusted", "cawg.x509.credential.untrusted")
_EXPIRED: Final = (
    "signingCredential.expired", "claimSignature.outsideValidity", "cawg.x509.signature.outside_validity",
)  # fmt: skip
_FROM: Final = "cawg.ica.valid_from.invalid"
_UNTIL: Final = "cawg.ica.valid_until.invalid"
_BY_CLOCK: Final = frozenset((*_TRUSTED, *_UNTRUSTED, *_EXPIRED, _FROM, _UNTIL))
_IDENTITY: Final = "cawg."
_Codes = dict[str, dict[str, str]]
"""Codes that the clock can change, with their explanations, by the URI of what they are about."""
MOST: Final = 2000
"""Signatures and identities that are looked at by their dates: a record may name any number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A store with what was right at the time of looking."""

    store: ManifestStore
    explained: tuple[str, ...]
    """URIs of signatures and identities about which the engine has changed its mind for no reason but the clock."""
    changed: tuple[str, ...]
    """What else it says otherwise now, one line each."""
    unexplained: bool
    """Something that the clock can change has changed, and dates do not say why."""
    at_odds: bool
    """What is said of the signer's certificate was not so at the time of looking: that time is not right."""
    failing: bool
    """Something fails that did not."""


def settled(store: ManifestStore, then: VerdictRecord, *, trust: Trust, at: datetime) -> Settled:
    """Compare what the engine says now with what it said, and take back what only the clock has changed.

    The store must hold its bytes. `trust` are the lists of then, `at` (aware) is the time of looking.
    """
    own = _Dates(store=store, trust=trust, at=at, ancestors=False)
    others = replace(own, ancestors=True)
    statuses, good, bad = _merged(store.statuses, then.statuses, own)
    deltas, good_deltas, bad_deltas = _merged(store.deltas, then.deltas, others)
    changed = (*_changed(statuses, then.statuses), *_changed(deltas, then.deltas))
    explained = tuple(dict.fromkeys((*good, *good_deltas)))
    failing = bool(_failures((*statuses, *deltas)) - _failures((*then.statuses, *then.deltas)))
    sound = state_of((*statuses, *deltas)) != "Invalid" or then.reported_state == "Invalid"
    restored = then.reported_state if explained and sound and not failing else None
    at_odds = own.at_odds(statuses)
    found = replace(
        store,
        statuses=statuses,
        deltas=deltas,
        reported_state=restored or store.reported_state,
        trust_list=own.list_of(statuses) if good else store.trust_list,
    )
    return Settled(
        store=found,
        explained=explained,
        changed=changed,
        unexplained=bool(bad or bad_deltas or at_odds),
        at_odds=at_odds,
        failing=failing,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dates:
    """What certificates and lists say of a moment."""

    store: ManifestStore
    trust: Trust
    at: datetime
    ancestors: bool
    """The engine lets every list of anchors vouch for ancestors, but those of identities."""
    chains: dict[tuple[str, str], tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    """Those that were looked up: a record may name one thing under many addresses."""

    def explain(self, uri: str, said: dict[str, str], now: set[str]) -> bool:
        """Say whether dates confirm what was said of a signature or an identity, wherever that differs from now."""
        if not all((code in said) is self._expected(code, uri) for code in said.keys() ^ now):
            return False
        restored = [code for code in said if code in _TRUSTED and code not in now]
        return all(any(f"[{way.through}]" in said[code] for way in self._ways(code, uri)) for code in restored)

    def _expected(self, code: str, uri: str) -> bool | None:
        """Say whether this code was right at the moment; `None` when that cannot be said."""
        if code in (_FROM, _UNTIL):
            return self._outside(code, uri)
        chain = self._chain(code, uri)
        valid = _valid(chain, self.at)
        if code in _EXPIRED or valid is None:
            return None if valid is None else not valid
        return bool(self._ways(code, uri)) is (code in _TRUSTED)

    def _outside(self, code: str, uri: str) -> bool | None:
        """Look at the dates of an identity that somebody else has put together (CAWG, identity claims aggregation)."""
        manifest, label = self._manifest(uri), uri.rpartition("/")[2]
        data = next((item.data for item in manifest.assertions if item.label == label), {}) if manifest else {}
        try:
            date = datetime.fromisoformat(str(data.get("validFrom" if code == _FROM else "validUntil")))
            return self.at < date if code == _FROM else self.at > date
        except (ValueError, TypeError):
            return None

    def at_odds(self, statuses: Iterable[Status]) -> bool:
        """Say whether the signer's certificate is said to be valid, or not, against its dates.

        With a time-stamp it may have expired before anybody looked; what is invalid or broken is not judged by dates.
        """
        signature = self.store.active_manifest.signature
        codes = {item.code for item in statuses if item.uri == f"self#jumbf=/c2pa/{self.store.active}/c2pa.signature"}
        judged = (_TRUSTED[0] in codes or _UNTRUSTED[0] in codes) and "signingCredential.invalid" not in codes
        if not judged or signature is None or signature.time is not None:
            return False
        expired = any(code in codes for code in _EXPIRED)
        return self._expected(_EXPIRED[0], f"/{self.store.active}/") is not expired

    def list_of(self, statuses: Iterable[Status]) -> str | None:
        """Name the list through which the signer is trusted; the explanation was confirmed."""
        said = next((item.explanation for item in statuses if item.code == _TRUSTED[0]), "")
        return next((item.name for item in self.trust.lists if f"[{item.name}]" in said), None)

    def _manifest(self, uri: str) -> Manifest | None:
        return next((self.store.manifests[item] for item in uri.split("/") if item in self.store.manifests), None)

    def _chain(self, code: str, uri: str) -> tuple[bytes, ...]:
        manifest = self._manifest(uri)
        if manifest is None:
            return ()
        data, label = self.store.data, manifest.label
        assertion = uri.rpartition("/")[2] if code.startswith(_IDENTITY) else ""
        if assertion not in {"", *(item.label for item in manifest.identities)}:
            return ()
        if (label, assertion) not in self.chains:
            found = cose.identity(data, label, assertion) if assertion else cose.evidence(data, label)
            self.chains[label, assertion] = found.chain if found else ()
        return self.chains[label, assertion]

    def _ways(self, code: str, uri: str) -> list[CertificatePath]:
        """List the ways to those lists that the engine would ask, as far as they were valid at the moment."""
        from provenance.trust.paths import paths  # noqa: PLC0415 -- brings in cryptography

        identity = code.startswith(_IDENTITY)
        lists = [item for item in self.trust.lists if (item.purpose is Purpose.IDENTITY) is identity]
        if self.ancestors and not identity:
            lists = [replace(item, purpose=Purpose.SIGNER, key_usages=(), allowed=()) for item in lists]
        elif identity:
            lists = [replace(item, purpose=Purpose.SIGNER) for item in lists]
        found = paths(self._chain(code, uri), Trust(lists=tuple(lists)))
        return [item for item in found if item.valid_from <= self.at <= item.valid_until]


def _valid(chain: tuple[bytes, ...], at: datetime) -> bool | None:
    """Say whether the first certificate (DER) was valid; `None` when there is none that can be read."""
    from cryptography import x509  # noqa: PLC0415 -- only where something has changed

    try:
        found = x509.load_der_x509_certificate(chain[0])
        return found.not_valid_before_utc <= at <= found.not_valid_after_utc
    except (IndexError, ValueError, x509.InvalidVersion):
        return None


def _merged(
    now: tuple[Status, ...], then: tuple[StatusRecord, ...], dates: _Dates
) -> tuple[tuple[Status, ...], list[str], list[str]]:
    """Return statuses with what the clock has changed taken back, and the URIs where dates explain that, or do not."""
    current, before = _clocked(now), _clocked(then)
    good: dict[str, None] = {}
    bad: list[str] = []
    for uri in {**before, **current}:
        said, says = before.get(uri, {}), current.get(uri, {})
        if said.keys() == says.keys():
            continue
        if len(good) + len(bad) < MOST and dates.explain(uri, said, set(says)):
            good[uri] = None
        else:
            bad.append(uri)
    kept = [item for item in now if item.code not in _BY_CLOCK or item.uri not in good]
    kept += [
        Status(code=item.code, kind=item.kind, uri=item.uri, explanation=item.explanation)
        for item in then
        if item.code in _BY_CLOCK and item.uri in good
    ]
    order = {(item.code, item.uri): number for number, item in reversed(list(enumerate(then)))}
    return tuple(sorted(kept, key=lambda item: order.get((item.code, item.uri), len(order)))), list(good), bad


def _clocked(statuses: Iterable[Status | StatusRecord]) -> _Codes:
    found: _Codes = {}
    for item in statuses:
        if item.code in _BY_CLOCK:
            found.setdefault(item.uri, {})[item.code] = item.explanation
    return found


def _failures(found: Iterable[Status | StatusRecord]) -> set[tuple[str, str]]:
    return {(item.code, item.uri) for item in found if item.kind is StatusKind.FAILURE}


def _changed(now: Iterable[Status], then: Iterable[StatusRecord]) -> Iterator[str]:
    """Name what is said now and was not, or the other way round."""
    current, before = (dict.fromkeys((item.code, item.uri) for item in found) for found in (now, then))
    yield from (f"the engine now says {code} of {uri}" for code, uri in current if (code, uri) not in before)
    yield from (f"the engine no longer says {code} of {uri}" for code, uri in before if (code, uri) not in current)
