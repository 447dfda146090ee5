"""The address book: certificates of single signers whom the user knows. It never vouches for time-stamps.

One list for each purpose, kept in a `TrustStore` like the others. Loaded only where it is changed: it brings in
`cryptography`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509

from provenance.errors import SettingsError
from provenance.network import shown
from provenance.trust import keeping
from provenance.trust.bundle import digest_of, fingerprint_of
from provenance.trust.changes import SHORTEST_PREFIX, Members, entries
from provenance.trust.lists import read_file
from provenance.trust.reading import Content, Part, read
from provenance.trust.records import Record, read_about, read_version
from provenance.trust.sorting import load
from provenance.trust.sources import TIME_STAMPING
from provenance.trust.store import BOOKS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from provenance.model.trust import Purpose
    from provenance.trust.changes import Entry
    from provenance.trust.store import TrustStore


def add_certificate(
    store: TrustStore, path: str | Path, *, purpose: Purpose, at: datetime, label: str | None = None
) -> tuple[str, Entry]:
    """Add the certificate of one signer, under a label of one's own; return the book's name and the entry.

    Raises `SettingsError` for a certificate that is damaged, expired, an authority's or made for time-stamps, and for
    a file with more than one; `OutputError` when it cannot be written.
    """
    if purpose not in BOOKS:
        raise SettingsError(
            "single certificates never vouch for time-stamps",
            hint="add the time-stamp authority as a list: provenance trust add NAME FILE --purpose timestamp",
        )
    name, pem = BOOKS[purpose], _one_certificate(path, purpose=purpose, at=at)
    old = _members(store, name) if name in store.names() else Members()
    label = " ".join(label.split()) if label else ""
    entities = {**old.entities, **({fingerprint_of(pem): label} if label else {})}
    new = Members(allowed=(*(item for item in old.allowed if item != pem), pem), entities=entities)
    if old.allowed:
        _rewrite(store, name, new, at=at)
    else:
        content = _content(new)
        version = keeping.version_of(content, as_of=None, at=at)
        record = Record(name=name, purpose=purpose, source=None, added=at, checked=at, current=version)
        keeping.write_list(store.directory / name, record, content, ())
    return name, entries(Members(allowed=(pem,), entities=entities))[0]


def remove_certificate(store: TrustStore, fingerprint: str, *, at: datetime) -> tuple[str, Entry]:
    """Remove one certificate, by its fingerprint or the beginning of it; return the book's name and the entry.

    Raises `SettingsError` when no book has it, or more than one certificate begins so.
    """
    books = {name: _members(store, name) for name in BOOKS.values() if name in store.names()}
    found = [
        (name, entry) for name, members in books.items() for entry in entries(members) if is_meant(fingerprint, entry)
    ]
    if len(found) != 1:
        raise SettingsError(
            f"{'several certificates' if found else 'no certificate'} in the address book: {shown(fingerprint)}",
            hint="see the fingerprints with `provenance trust show address-book`",
        )
    name, entry = found[0]
    left = tuple(pem for pem in books[name].allowed if fingerprint_of(pem) != entry.fingerprint)
    if left:
        _rewrite(store, name, Members(allowed=left, entities=books[name].entities), at=at)
    else:
        store.remove(name)
    return name, entry


def is_meant(fingerprint: str, entry: Entry) -> bool:
    """Say whether a fingerprint, or the beginning of one, is that of a certificate."""
    digits = fingerprint.lower().replace(":", "").replace(" ", "")
    return len(digits) >= SHORTEST_PREFIX and entry.fingerprint.startswith(digits)


def _one_certificate(path: str | Path, *, purpose: Purpose, at: datetime) -> str:
    found = read((Part(data=read_file(path), source=str(path)),), purpose=purpose, at=at)
    if found.anchors:
        raise SettingsError(
            "this certificate belongs to an authority: everybody whom it issues certificates to would be trusted",
            path=path,
            hint="if that is meant, add it as a list: provenance trust add NAME FILE --purpose signer",
        )
    if len(found.allowed) + len(found.skipped) != 1:
        raise SettingsError(
            f"there are {len(found.allowed) + len(found.skipped)} certificates in this file",
            path=path,
            hint="give the signer's own one alone, or add the file as a list",
        )
    if _is_for_times(found.allowed[0]):
        raise SettingsError(
            "this certificate was made for time-stamps, and single certificates never vouch for those",
            path=path,
            hint="add the time-stamp authority as a list: provenance trust add NAME FILE --purpose timestamp",
        )
    return found.allowed[0]


def _is_for_times(pem: str) -> bool:
    certificate = load(pem.encode("ascii"))
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return any(item.dotted_string == TIME_STAMPING for item in usages)


def _members(store: TrustStore, name: str) -> Members:
    record, directory = store.get(name), store.directory / name
    anchors, allowed = read_version(directory, record, record.current)
    return Members(anchors=anchors, allowed=allowed, entities=read_about(directory, record.current).entities)


def _rewrite(store: TrustStore, name: str, new: Members, *, at: datetime) -> None:
    record, content = store.get(name), _content(new)
    version = keeping.version_of(content, as_of=None, at=at)
    dropped = record.previous
    changed = replace(record, checked=at, current=version, previous=record.current)
    keeping.write_version(store.directory / name, changed, content, ())
    keeping.drop(store.directory / name, dropped)


def _content(members: Members) -> Content:
    known = {fingerprint_of(pem) for pem in members.allowed}
    return Content(
        anchors=(),
        allowed=members.allowed,
        digest=digest_of((), members.allowed),
        entities={key: label for key, label in members.entities.items() if key in known},
    )
