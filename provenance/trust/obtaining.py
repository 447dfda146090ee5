"""Get a list from its source, and decide whether it may take the place of what is installed."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenance.errors import FetchError, SettingsError, TrustError
from provenance.network import shown
from provenance.trust import sources
from provenance.trust.lists import read_file
from provenance.trust.reading import Part, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from provenance.model.trust import Purpose
    from provenance.trust.reading import Content
    from provenance.trust.records import Version, Wanted
    from provenance.trust.sources import Known, Origin
    from provenance.trust.store import Fetch

CLOCK_TOLERANCE: Final = timedelta(days=1)
"""How far ahead of this machine's clock a list may be dated."""

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,17})){1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """What a source gave, and what it means."""

    parts: tuple[Part, ...]
    content: Content


def obtain(origin: Origin, fetch: Fetch, *, purpose: Purpose, at: datetime, keep_expired: bool = False) -> Obtained:
    """Get and read a list; certificates that expired before `at` do not count.

    Raises `TrustError` for an address, `SettingsError` for a file, with the cause.
    """
    with as_trust_error(origin):
        parts = tuple(
            Part(
                data=fetch(item.place) if origin.remote else read_file(item.place),
                source=shown(item.place) if origin.remote else item.place,
                single=item.single,
                may_be_empty=item.may_be_empty,
            )
            for item in origin.addresses
        )
        return Obtained(parts=parts, content=read(parts, purpose=purpose, at=at, keep_expired=keep_expired))


@contextmanager
def as_trust_error(origin: Origin) -> Iterator[None]:
    """Say of a remote list that its source is unusable, whatever the cause; errors about files stay what they are."""
    try:
        yield
    except FetchError as error:
        hint = "nothing was changed; try again later, or get the list by other means and give the file"
        raise TrustError(f"the trust list cannot be had: {error.message}", path=error.path, hint=hint) from error
    except SettingsError as error:
        if not origin.remote:
            raise
        hint = f"nothing was changed; {error.hint}" if error.hint else "nothing was changed"
        raise TrustError(error.message, path=error.path or shown(origin.source), hint=hint) from error


def require_wanted(wanted: Wanted, content: Content, *, at: datetime) -> None:
    """Refuse a list that is not the one that was wanted. Raises `SettingsError`."""
    if wanted.as_of is not None and content.issued is not None:
        raise SettingsError(
            f"this list bears its own date, {content.issued:%Y-%m-%d}",
            hint="leave --as-of away: it is for lists without",
        )
    if wanted.digest is not None and wanted.digest.lower() != content.digest:
        raise SettingsError(
            f"this is not the list that was asked for: its digest is {content.digest}",
            hint="the source has another version now; compare them before you take it",
        )
    require_not_ahead(content.issued or wanted.as_of, at=at)


def require_not_ahead(date: datetime | None, *, at: datetime) -> None:
    """Refuse a list from the future: no true one could follow it. Raises `SettingsError`."""
    if date is not None and date > at + CLOCK_TOLERANCE:
        raise SettingsError(
            f"this list is dated {date:%Y-%m-%d}, which is in the future", hint="check the clock of this machine"
        )


def require_newer(before: Version, content: Content) -> None:
    """Refuse to go back to an older official list, or to another one. Raises `SettingsError`."""
    if before.scheme is None:
        return
    known = f"installed is number {before.sequence} of {before.as_of:%Y-%m-%d}"
    if content.scheme is None or content.issued is None or content.sequence is None:
        problem = "this list bears no date, while the one that is installed does"
    elif content.scheme != before.scheme:
        problem = f"this is another list: {shown(content.scheme)}, not {shown(before.scheme)}"
    elif before.sequence is not None and content.sequence < before.sequence:
        problem = f"this list is older than the one that is installed: number {content.sequence}"
    elif before.as_of is not None and content.issued < before.as_of:
        problem = f"this list is older than the one that is installed: of {content.issued:%Y-%m-%d %H:%M}"
    else:
        return
    raise SettingsError(f"{problem} ({known})", hint="an old list could bring back what was withdrawn since")


def require_usages(key_usages: tuple[str, ...]) -> None:
    """Refuse what is no object identifier. Raises `SettingsError`."""
    for item in key_usages:
        if not _OID.fullmatch(item):
            raise SettingsError(
                f"{shown(item)} is no extended key usage",
                hint=f"give object identifiers, such as {sources.CLAIM_SIGNING} (C2PA claim signing)",
            )


def known_under(name: str, origin: Origin, content: Content) -> Known | None:
    """Return what is known about a list that is to get a name.

    A known name is for the known list only; an official list may also come from a file. Raises `SettingsError`.
    """
    known = sources.KNOWN.get(name)
    if origin.known is not None and content.scheme != origin.known.scheme:
        raise SettingsError(
            f"its publisher calls this list {shown(content.scheme or 'nothing')}, not {origin.known.scheme}",
            hint="the address may have been given to something else",
        )
    if known is None or origin.known is known:
        return origin.known or sources.of_scheme(content.scheme)
    if known.scheme is None or content.scheme != known.scheme:
        raise SettingsError(
            f"{name} is the name of a known list, and this is not it",
            hint=f"choose another name, such as {name}-file, and say what it is for: --purpose {known.purpose}",
        )
    return known
