"""What object stores say about one version of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.storage.entries import Entry

if TYPE_CHECKING:
    from obstore import ObjectMeta

    from provenance.storage.addresses import Address


def version(meta: ObjectMeta) -> str:
    """Return what changes whenever the content does: the etag, or what there is instead of one."""
    tag = version_of(meta["e_tag"], meta["version"])
    return tag or f"{meta['last_modified'].isoformat()} {meta['size']}"


def version_of(tag: str | None, version: str | None) -> str:
    """Return the etag, or the version where there is none; empty without both."""
    # Azure writes the quotes of etags in headers and leaves them out in listings.
    return (tag or "").strip('"') or version or ""


def entry(address: Address, meta: ObjectMeta) -> Entry:
    """Return the entry of one object that was looked at."""
    return entry_of(address, size=meta["size"], version=version(meta))


def entry_of(address: Address, *, size: int, version: str, relative: str | None = None) -> Entry:
    """Return the entry of an object; without a folder that was walked, its own name is what is relative."""
    own = address.key.rpartition("/")[2]
    return Entry(name=str(address), relative=relative or own, size=size, version=version)
