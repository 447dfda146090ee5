"""Packs put together by hand: small, without a real file, and consistent unless a test says otherwise."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

from provenance import codec
from provenance.evidence import form, reading, writing
from provenance.evidence.layout import entry
from provenance.model.claim import Carrier
from provenance.model.facets import Credential
from provenance.model.ports import Algorithm
from provenance.model.trust import Purpose
from provenance.model.verdict import Decision

AT = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
ASSET = b"not really a picture" * 10
ASKED = "revocation/asked-1.der"
RECORD = form.VerdictRecord(decision=Decision.REVIEW, facets={}, findings=())
PARTS = {
    form.README: b"read me",
    form.VERDICT: codec.to_json(RECORD).encode(),
    form.REPORT: b"{}",
    form.PAGE: b"<!doctype html>",
    form.POLICY: b'name = "p"',
    form.MANIFEST: b"\0\0\0\x08jumb",
    form.CERTIFICATES: b"certificates",
    form.STAMPED: b"token",
    "revocation/stapled-1.der": b"stapled",
    ASKED: b"asked",
    "trust/list-1.pem": b"list",
    form.CHAIN: b"chain",
}
"""Every kind of member."""
SEALED = writing.Sealed(signature=b"signature", stamp=b"stamp")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def contents(parts=PARTS, *, asset=ASSET, **changes):
    """Say what such a pack holds."""
    included = given(asset)
    listed = form.PackedList(
        name="list", purpose=Purpose.SIGNER, anchors=1, member="trust/list-1.pem", digest="00", key_usages=(),
        source="list.pem", local=False, as_of=None, obtained=AT, sequence=None, next_update=None, note=None, skipped=0,
    )  # fmt: skip
    found = form.Contents(
        at=AT,
        as_of=None,
        online=True,
        programs={"provenance": "0.1.0"},
        file=form.PackedFile(
            name="photo.jpg", media_type="image/jpeg", size=len(ASSET), sha256=sha256(ASSET),
            member=included.name if included else None,
        ),
        credentials=form.PackedCredentials(
            state=Credential.PRESENT, carrier=Carrier.EMBEDDED, found_in="photo.jpg", remote_url=None, kept=True
        ),
        policy=form.PackedPolicy(name="p", version="1", digest=sha256(parts.get(form.POLICY, b""))),
        key_usages=(),
        lists=(listed,),
        asked=(form.Exchange(method="GET", url="http://a/", question=b"", status=200, answer=ASKED),),
        fetched=None,
        vouched=form.Vouched(signed=Algorithm.ES256, stamped=True),
        members=writing.members_of(parts, included),
    )  # fmt: skip
    return replace(found, **changes)


def given(asset=ASSET):
    if asset is None:
        return None
    return writing.Asset(name="asset.jpg", open=lambda: io.BytesIO(asset), size=len(asset), sha256=sha256(asset))


def pack(told=None, parts=PARTS, *, asset=ASSET, sealed=SEALED):
    """Write a pack."""
    target = io.BytesIO()
    writing.write(target, told or contents(parts, asset=asset), parts, asset=given(asset), sealed=sealed)
    return target.getvalue()


def members(data):
    """Return all members of a pack in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(found):
    """Lay members (name and bytes, or `ZipInfo` and bytes) out as a pack has them."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in found:
            archive.writestr(entry(name, len(data), at=AT) if isinstance(name, str) else name, data)
    return target.getvalue()


def read(data):
    """Open and check a pack."""
    with reading.opened(io.BytesIO(data), len(data)) as found:
        return found
