"""The trust lists of a workspace: installed, named in the settings or on the command line, and its own roots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import trust
from provenance.errors import SettingsError
from provenance.model.trust import Purpose, Trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from provenance.keys import IdentityStore
    from provenance.model.trust import TrustList
    from provenance.settings import Settings


def assembled(
    settings: Settings,
    *,
    identities: IdentityStore,
    at: datetime,
    files: Iterable[str | Path] = (),
    only: tuple[str, ...] = (),
) -> Trust:
    """Put all lists together; `only` narrows them to these names, where they serve the same purpose.

    What expired before `at` does not count. Raises `SettingsError` for a list that cannot be used, and for a name that
    no list bears.
    """
    lists = [*_installed(settings), *elsewhere(settings, identities=identities, at=at, files=files)]
    whole = Trust(lists=tuple(_apart(lists)))
    unknown = [name for name in only if whole.named(name) is None]
    if unknown:
        there = ", ".join(item.name for item in whole.lists) or "none"
        raise SettingsError(f"there is no trust list named {unknown[0]!r}", hint=f"there are: {there}")
    return whole.narrowed(only) if only else whole


def elsewhere(
    settings: Settings, *, identities: IdentityStore, at: datetime, files: Iterable[str | Path] = ()
) -> Iterator[TrustList]:
    """Read the lists that are not installed: files, and this machine's own roots."""
    wanted = settings.trust
    named = [
        *((path, Purpose.SIGNER) for path in (*wanted.signers, *files)),
        *((path, Purpose.TIMESTAMP) for path in wanted.timestamps),
        *((path, Purpose.IDENTITY) for path in wanted.identities),
    ]
    yield from (trust.load_file(path, purpose=purpose, at=at) for path, purpose in named)
    roots = [pem for _, pem in identities.roots()] if wanted.development else []
    if roots:
        source = str(identities.directory)
        yield trust.own_roots(roots, name=trust.DEVELOPMENT, source=source)
        yield trust.own_roots(roots, name=trust.DEVELOPMENT_IDENTITIES, source=source, purpose=Purpose.IDENTITY)


def _installed(settings: Settings) -> tuple[TrustList, ...]:
    directory = Path(settings.home) / "trust"
    # Looking first spares whoever has no lists the loading of what reads them.
    return trust.TrustStore(directory).lists() if directory.is_dir() else ()


def _apart(lists: Iterable[TrustList]) -> Iterator[TrustList]:
    """Give lists of the same name different ones: a verdict names the list that it rests on."""
    reserved = {trust.DEVELOPMENT, trust.DEVELOPMENT_IDENTITIES}
    seen: dict[str, int] = dict.fromkeys(reserved, 0)
    for item in lists:
        count = seen[item.name] = seen.get(item.name, 0) + 1
        name = item.name if item.local or (count == 1 and item.name not in reserved) else f"{item.name}-{count}"
        yield replace(item, name=name)
