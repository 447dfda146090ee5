"""Object stores (placeholder until the branch lands)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.storage.entries import Entry


def is_object(name: str) -> bool:
    return name.startswith(("s3://", "gs://", "az://"))


def walk(address: str, *, recursive: bool = True) -> Iterator[Entry]: ...
def stat(address: str) -> Entry | None: ...
def fetch(address: str, target: Path, *, largest: int | None = None) -> Entry: ...
def deliver(source: Path, address: str, *, overwrite: bool, media_type: str | None = None) -> Entry: ...
