"""Decide where a signed file and its manifest go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from provenance.errors import InvalidClaim, OutputExists
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from provenance.claims import SigningOptions
    from provenance.model.manifest import ManifestStore
    from provenance.storage import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where the signed file and its manifest go."""

    carrier: Carrier = Carrier.EMBEDDED
    target: Path | None = None
    """The signed file; without one it is made in memory, or left where it is when only a sidecar is asked for."""
    sidecar: Path | None = None
    url: str | None = None
    overwrite: bool = False
    like: Path | None = None
    """A file whose permissions the output takes over."""
    approve: Callable[[BinaryIO, ManifestStore], None] | None = None
    """Looks at what was written and read back before it is delivered, and raises to refuse it."""


def plan(
    source: Source,
    output: str | Path | None,
    options: SigningOptions,
    *,
    overwrite: bool,
    changed: bool,
) -> Delivery:
    """Plan a delivery: `photo.jpg` becomes `photo.signed.jpg` unless `output` (a file or a folder) says otherwise.

    `changed` says that the bytes to be signed are no longer those of the source. Raises `InvalidClaim` for a carrier
    and an address that do not go together, `OutputExists` when the source would be overwritten unasked.
    """
    if (options.carrier is Carrier.REMOTE) != (options.remote_url is not None):
        raise InvalidClaim("a remote manifest needs its address, and only a remote one has one")
    if options.remote_url and not options.remote_url.startswith("https://"):
        raise InvalidClaim("the address of a remote manifest must begin with https://", path=options.remote_url)
    if source.path is None and output is None:
        return Delivery(carrier=options.carrier, url=options.remote_url)
    in_place = options.carrier is Carrier.SIDECAR and output is None and not changed
    target = None if in_place else _target(source, output)
    if target is not None and source.path is not None and not overwrite and _same(target, source.path):
        raise OutputExists("is the source itself", path=target, hint="--in-place replaces it")
    beside = target or source.path
    outside = options.carrier is not Carrier.EMBEDDED and beside is not None
    return Delivery(
        carrier=options.carrier,
        target=target,
        sidecar=beside.with_name(f"{beside.name}.c2pa") if outside and beside else None,
        url=options.remote_url,
        overwrite=overwrite,
        like=source.path,
    )


def spare(made_from: Iterable[Path], delivery: Delivery) -> None:
    """See that a delivery does not replace what the file is made from, even where overwriting is allowed.

    Raises `OutputExists`.
    """
    if delivery.target is not None and any(_same(delivery.target, path) for path in made_from):
        raise OutputExists("is what this file is made from", path=delivery.target, hint="name another output with -o")


def _target(source: Source, output: str | Path | None) -> Path:
    if output is None:
        path = source.path or Path(source.name)
        return path.with_name(f"{path.stem}.signed{path.suffix}")
    target = Path(output)
    if source.path is not None and _same(target, source.path):
        # Replacing a file in place must not replace a link to it.
        return target.resolve()
    if str(output).endswith("/") or target.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return target / Path(source.name).name
    return target


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
