"""What an evidence pack holds, made into what a verdict is made of: the file, the trust lists, the policy."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.x509 import InvalidVersion

from provenance.errors import EvidenceError, SettingsError
from provenance.evidence import form
from provenance.evidence.layout import damaged
from provenance.manifests.locate import sidecars
from provenance.model.claim import Carrier
from provenance.model.trust import Trust, TrustList
from provenance.policy import parse
from provenance.storage import Source, open_source

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.evidence.reading import Pack
    from provenance.model.policy import Policy
    from provenance.storage import Readable


def unpacked(pack: Pack, asset: Readable | None, folder: Path) -> Source | None:
    """Lay the media file, from the pack or from the user, and its sidecar in an empty folder, as it was found."""
    known, target = pack.contents.file, folder / "asset"
    try:
        if asset is not None:
            _copy(open_source(asset), known, target)
        elif known.member is not None:
            pack.copy_asset(target)
        else:
            return None
        if pack.contents.credentials.carrier is Carrier.SIDECAR and pack.contents.credentials.kept:
            sidecars(target)[0].write_bytes(pack.parts[form.MANIFEST])
    except OSError as error:
        raise EvidenceError(
            f"the media file cannot be unpacked: {error.strerror or error}", hint="make room for temporary files"
        ) from error
    return Source(name=known.name, path=target, size=known.size).held()


def _copy(given: Source, known: form.PackedFile, target: Path) -> None:
    digest = hashlib.sha256()
    with given.stream() as source, target.open("wb") as copy:
        while piece := source.read(1 << 20):
            digest.update(piece)
            copy.write(piece)
    if digest.hexdigest() != known.sha256:
        raise EvidenceError(
            "is not the file that this pack is about", path=given.name, hint=f"that one has the SHA-256 {known.sha256}"
        )


def policy_of(pack: Pack) -> Policy:
    """Read the policy of a pack. Raises `EvidenceError` for one that is not what it says, or unknown here."""
    try:
        found = parse(pack.parts[form.POLICY].decode("utf-8"), source=form.POLICY)
    except (SettingsError, UnicodeDecodeError) as error:
        raise EvidenceError(
            f"the policy in this pack cannot be used here: {error}", hint="replay it with the version that made it"
        ) from error
    if found.digest != pack.contents.policy.digest:
        raise damaged(f"{form.POLICY} is another one than it says")
    return found


def trust_of(pack: Pack) -> Trust:
    """Read the lists of a pack. Raises `EvidenceError` for one that is not what it says."""
    lists = tuple(_list(item, pack.parts[item.member]) for item in pack.contents.lists)
    names = [item.name for item in lists]
    if len(set(names)) < len(names) or not all(name.isprintable() for name in names):
        raise damaged("its trust lists have names that no lists have")
    return Trust(lists=lists, key_usages=pack.contents.key_usages)


def _list(item: form.PackedList, data: bytes) -> TrustList:
    from provenance.trust.bundle import LARGEST_FILE, digest_of, split  # noqa: PLC0415 -- only where lists are read
    from provenance.trust.sorting import load  # noqa: PLC0415 -- brings in cryptography

    if len(data) > LARGEST_FILE:
        raise damaged(f"{item.member} is too large for a trust list")
    try:
        found = split(data.decode("ascii"))
        anchors, allowed = found[: item.anchors], found[item.anchors :]
        digest = digest_of(anchors, allowed)
        for pem in found:
            load(pem.encode("ascii"))
    except (ValueError, InvalidVersion) as error:
        raise damaged(f"{item.member} is no trust list") from error
    if digest != item.digest:
        raise damaged(f"{item.member} is another list than it says")
    return TrustList(
        name=item.name,
        purpose=item.purpose,
        anchors=anchors,
        allowed=allowed,
        key_usages=item.key_usages,
        source=item.source,
        digest=item.digest,
        local=item.local,
        as_of=item.as_of,
        obtained=item.obtained,
        sequence=item.sequence,
        next_update=item.next_update,
        note=item.note,
        skipped=item.skipped,
    )
