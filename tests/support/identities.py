"""What tests of identities share: a store with something in it, and a look at everything that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.ports import Algorithm
from tests.support.certificates import AT

if TYPE_CHECKING:
    from provenance.keys import Identity, IdentityStore


def create(store: IdentityStore, name="Example News", *, passphrase=None, at=AT, algorithm=Algorithm.ES256) -> Identity:
    """Make a development identity that is valid for 30 days."""
    return store.create(name, algorithm=algorithm, days=30, passphrase=passphrase, at=at)


def everything(store: IdentityStore) -> dict[str, bytes | None]:
    """Return all that lies in a store: each path with what is in it, `None` for directories."""
    return {
        path.relative_to(store.directory).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(store.directory.rglob("*"))
    }


def no_secret(wanted: str) -> str | None:
    """Have no answer."""
    return None


def never(wanted: str) -> str | None:
    """Fail when anything is asked for."""
    raise AssertionError(f"{wanted} was asked for")
