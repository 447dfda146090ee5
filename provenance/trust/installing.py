"""Add lists to a store, update them without a way back, and compare them.

Loaded only where that is done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.network import shown
from provenance.trust import keeping, obtaining, records, sources
from provenance.trust.changes import Change, Members, differences, entries
from provenance.trust.obtaining import as_trust_error, obtain

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.trust.changes import Entry
    from provenance.trust.obtaining import Obtained
    from provenance.trust.reading import Content
    from provenance.trust.records import Record, Version, Wanted
    from provenance.trust.store import Fetch, TrustStore


def add(store: TrustStore, name: str, wanted: Wanted, *, at: datetime, fetch: Fetch) -> Change:
    """See `TrustStore.add`."""
    obtaining.require_usages(wanted.key_usages)
    origin = sources.origin_of(wanted.source)
    known = origin.known or sources.KNOWN.get(name)
    purpose = wanted.purpose or (known.purpose if known else None)
    if purpose is None:
        raise SettingsError(
            "it is not said what this list vouches for", hint="give --purpose signer, timestamp or identity"
        )
    as_of = wanted.as_of or (known.frozen if known else None)
    got = obtain(origin, fetch, purpose=purpose, at=as_of or at, keep_expired=wanted.keep_expired)
    with as_trust_error(origin):
        obtaining.require_wanted(wanted, got.content, at=at)
        known = obtaining.known_under(name, origin, got.content)
    usual = known.key_usages if known and known.purpose is purpose else sources.KEY_USAGES[purpose]
    record = records.Record(
        name=name,
        purpose=purpose,
        source=origin.source,
        addresses=tuple(item.place for item in origin.addresses),
        key_usages=wanted.key_usages or usual,
        note=known.note if known else None,
        keep_expired=wanted.keep_expired,
        added=at,
        checked=at,
        current=keeping.version_of(got.content, as_of=as_of, at=at),
    )
    keeping.write_list(store.directory / name, record, got.content, got.parts)
    return _change(record, Members(), _of(got.content), before=None)


def update(store: TrustStore, name: str, *, at: datetime, fetch: Fetch) -> Change:
    """See `TrustStore.update`."""
    record = store.get(name)
    if record.source is None:
        raise SettingsError(f"{name} has no source to update from", hint="its certificates were added one by one")
    origin = sources.origin_of(record.source)
    as_of = origin.known.frozen if origin.known else None
    got = obtain(origin, fetch, purpose=record.purpose, at=as_of or at, keep_expired=record.keep_expired)
    with as_trust_error(origin):
        obtaining.require_newer(record.current, got.content)
        obtaining.require_not_ahead(got.content.issued, at=at)
    new = keeping.version_of(got.content, as_of=as_of, at=at)
    old = _members(store, record, record.current)
    change = _change(replace(record, current=new), old or Members(), _of(got.content), before=record.current)
    if record.pinned and new.digest != record.current.digest:
        return replace(change, held=True)
    checked = replace(record, checked=at, addresses=tuple(item.place for item in origin.addresses))
    _put_into_force(store, checked, new, got, intact=old is not None)
    return change


def _put_into_force(store: TrustStore, record: Record, new: Version, got: Obtained, *, intact: bool) -> None:
    directory, old = store.directory / record.name, record.current
    if new.digest != old.digest:
        keeping.write_version(directory, replace(record, current=new, previous=old), got.content, got.parts)
        keeping.drop(directory, record.previous)
        return
    # What the user said of it holds as long as its content stays.
    new = replace(new, as_of=new.as_of or old.as_of)
    if intact and replace(new, place=old.place, obtained=old.obtained) == old:
        keeping.write_record(directory, record)
        return
    keeping.write_version(directory, replace(record, current=new), got.content, got.parts)
    keeping.drop(directory, old)


def diff(store: TrustStore, name: str, other: str | None, *, at: datetime) -> Change:
    """See `TrustStore.diff`."""
    record = store.get(name)
    mine = _required(store, record, record.current)
    if other is None:
        if record.previous is None:
            raise SettingsError(f"no earlier version of {name} is kept", hint="compare it with a list or a file")
        return _change(record, _required(store, record, record.previous), mine, before=record.previous)
    if other in store.names():
        theirs = store.get(other)
        return _change(theirs, mine, _required(store, theirs, theirs.current), before=record.current)
    origin = sources.origin_of(other)
    if origin.remote:
        raise SettingsError(f"{shown(other)} is not installed", hint="add it under another name, then compare")
    got = obtain(origin, _no_fetch, purpose=record.purpose, at=at, keep_expired=record.keep_expired)
    new = keeping.version_of(got.content, as_of=None, at=at)
    return _change(replace(record, current=new), mine, _of(got.content), before=record.current)


def members(store: TrustStore, name: str) -> tuple[Entry, ...]:
    """See `TrustStore.members`."""
    record = store.get(name)
    return entries(_required(store, record, record.current))


def _members(store: TrustStore, record: Record, version: Version) -> Members | None:
    """Return who is on a version, or nothing when its files are damaged."""
    try:
        return _required(store, record, version)
    except SettingsError:
        return None


def _required(store: TrustStore, record: Record, version: Version) -> Members:
    directory = store.directory / record.name
    anchors, allowed = records.read_version(directory, record, version)
    return Members(anchors=anchors, allowed=allowed, entities=records.read_about(directory, version).entities)


def _of(content: Content) -> Members:
    return Members(anchors=content.anchors, allowed=content.allowed, entities=content.entities)


def _change(record: Record, old: Members, new: Members, *, before: Version | None) -> Change:
    added, removed, unchanged = differences(old, new)
    return Change(
        name=record.name, before=before, after=record.current, added=added, removed=removed, unchanged=unchanged
    )


def _no_fetch(_url: str) -> bytes:
    raise AssertionError("a file is not fetched")
