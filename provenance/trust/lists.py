"""Trust lists from files: PEM bundles, one certificate in DER, or official lists in JSON.

Certificates that are damaged, expired or withdrawn do not count; how many there are is in `TrustList.skipped`, so that
it can be shown: one that vanished silently would turn up later as "signer not trusted", far from its cause. A list of
which nothing counts is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.model.trust import Purpose, TrustList
from provenance.trust.bundle import LARGEST_FILE, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from os import PathLike


def load_file(
    path: str | PathLike[str], *, purpose: Purpose, name: str | None = None, at: datetime | None = None
) -> TrustList:
    """Read a trust list from a file; without a name the list is called like the file.

    What expired before `at` does not count. Raises `SettingsError` for a file that is not such a list.
    """
    return _parse(read_file(path), name=name or Path(path).stem, purpose=purpose, source=str(path), at=at)


def parse_pem(text: str | bytes, *, name: str, purpose: Purpose, source: str, at: datetime | None = None) -> TrustList:
    """Read a trust list: certificates in PEM with anything between them, or one certificate in DER.

    The name becomes one line. Certificates of authorities become anchors, all others count for themselves; each is
    there once. What expired before `at` does not count; without `at`, expiry is not looked at. Raises `SettingsError`
    with `source` as its path when anything but certificates is in it or nothing of it counts.
    """
    return _parse(
        text.encode("utf-8") if isinstance(text, str) else text, name=name, purpose=purpose, source=source, at=at
    )


def own_roots(roots: Iterable[str], *, name: str, source: str, purpose: Purpose = Purpose.SIGNER) -> TrustList:
    """Make the list of roots (PEM) that this machine issued to itself; they serve only here.

    They are taken as they were written: parsing them again would cost every verification a heavy import.
    """
    anchors = tuple(roots)
    return TrustList(
        name=name,
        purpose=purpose,
        anchors=anchors,
        source=source,
        digest=digest_of(anchors),
        local=True,
    )


def read_file(path: str | PathLike[str]) -> bytes:
    """Read the bytes of a list, one more than the largest may have. Raises `SettingsError`."""
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise SettingsError("this trust list is not there", path=path, hint="check the path") from error
    except IsADirectoryError as error:
        raise SettingsError("this is a directory, not a trust list", path=path, hint="name a file in it") from error
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"this trust list cannot be read: {error}", path=path, hint="check who may read it"
        ) from error


def _parse(data: bytes, *, name: str, purpose: Purpose, source: str, at: datetime | None) -> TrustList:
    from provenance.trust.reading import Part, read  # noqa: PLC0415 -- only where a list is read from its source
    from provenance.trust.sources import of_scheme  # noqa: PLC0415

    found = read((Part(data=data, source=source),), purpose=purpose, at=at)
    known = of_scheme(found.scheme)
    return TrustList(
        name=" ".join(name.split()),
        purpose=purpose,
        anchors=found.anchors,
        allowed=found.allowed,
        key_usages=known.key_usages if known else (),
        source=source,
        digest=found.digest,
        as_of=found.issued,
        sequence=found.sequence,
        next_update=found.next_update,
        skipped=len(found.skipped),
    )
