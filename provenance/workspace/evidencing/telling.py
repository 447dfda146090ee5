"""What an evidence pack says about itself; nothing in it names a folder of the machine where it is made."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING

from provenance import __version__
from provenance.evidence import form, writing
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.evidence import Contents, Packing
    from provenance.model.ports import Algorithm
    from provenance.model.trust import Trust, TrustList
    from provenance.model.verdict import Inspection, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a pack is made of, to be said about it."""

    verdict: Verdict
    wishes: Packing
    store: bytes | None
    exchanges: tuple[form.Exchange, ...]
    fetched: form.Fetched | None
    asset: writing.Asset | None
    algorithm: Algorithm | None
    """Of the signature over the pack."""


def contents(told: Told, parts: Mapping[str, bytes]) -> Contents:
    """Say what a pack of these parts holds."""
    found, policy, asset = told.verdict.inspection, told.verdict.policy, told.asset
    digest = found.media.digest
    return form.Contents(
        at=found.at,
        as_of=told.wishes.as_of,
        online=told.wishes.online,
        programs=programs(),
        file=form.PackedFile(
            name=found.media.name,
            media_type=found.media.media_type,
            size=found.media.size,
            sha256=digest.value if digest else "",
            member=asset.name if asset else None,
        ),
        credentials=form.PackedCredentials(
            state=found.credential,
            carrier=found.carrier,
            found_in=found.found_in,
            remote_url=found.remote_url,
            kept=told.store is not None,
        ),
        policy=form.PackedPolicy(name=policy.name, version=policy.version, digest=policy.digest),
        key_usages=found.trust.key_usages,
        lists=tuple(_list(item, number) for number, item in enumerate(found.trust.lists, start=1)),
        asked=told.exchanges,
        fetched=told.fetched,
        vouched=form.Vouched(signed=told.algorithm, stamped=told.wishes.timestamp),
        members=writing.members_of(parts, asset),
    )


def programs() -> dict[str, str]:
    """Name what judges here, with versions."""
    return {"provenance": __version__, "c2pa-python": version("c2pa-python"), "python": platform.python_version()}


def _list(item: TrustList, number: int) -> form.PackedList:
    return form.PackedList(
        name=item.name,
        purpose=item.purpose,
        anchors=len(item.anchors),
        member=list_name(number),
        digest=item.digest,
        key_usages=item.key_usages,
        source=item.source,
        local=item.local,
        as_of=item.as_of,
        obtained=item.obtained,
        sequence=item.sequence,
        next_update=item.next_update,
        note=item.note,
        skipped=item.skipped,
    )


def list_name(number: int) -> str:
    """Name the member of a list, by its place among them (from 1)."""
    return f"trust/list-{number}.pem"


def without_folders(found: Inspection) -> Inspection:
    """Name files without their folders: where they lay is nobody's business."""
    in_file = found.found_in if found.carrier is Carrier.REMOTE else _name(found.found_in)
    return replace(found, media=replace(found.media, name=_name(found.media.name) or "file"), found_in=in_file)


def without_paths(trust: Trust) -> Trust:
    """Name the sources of lists without their folders."""
    return replace(trust, lists=tuple(replace(item, source=_place(item.source)) for item in trust.lists))


def _place(source: str) -> str:
    """Keep addresses, and of paths the name."""
    addresses = all(part.startswith("https://") for part in source.split(" and "))
    return source if addresses else _name(source) or ""


def _name(path: str | None) -> str | None:
    return None if path is None else PurePath(path).name.encode("utf-8", "backslashreplace").decode("utf-8")
