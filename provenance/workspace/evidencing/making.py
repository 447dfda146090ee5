"""Make an evidence pack: look at a file once, and keep everything that the verdict rests on."""

from __future__ import annotations

import io
import ssl
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance import codec, verification
from provenance.errors import EvidenceError, OutputError, SettingsError
from provenance.evidence import form, reading, writing
from provenance.evidence.comparing import record
from provenance.evidence.exchanges import FetchRecorder, Recorder
from provenance.evidence.explained import TEXT
from provenance.evidence.outcome import LARGEST_UNASKED, Packed
from provenance.history import trace
from provenance.manifests.formats import BY_MEDIA_TYPE
from provenance.manifests.reader import Keep
from provenance.model.claim import Carrier
from provenance.policy import needs
from provenance.storage import open_source
from provenance.storage.outputs import writing as writing_file
from provenance.workspace import asking
from provenance.workspace.evidencing import telling, vouching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.evidence import Packing
    from provenance.model.manifest import Evidence
    from provenance.model.ports import Algorithm
    from provenance.model.verdict import Inspection, Verdict
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace

KEPT: Final = Keep.STORE | Keep.EVIDENCE
"""What a pack holds of the credentials besides the report."""


def make(space: Workspace, source: Readable, output: str | Path | None, *, wishes: Packing, overwrite: bool) -> Packed:
    """Make a pack; see `Workspace.evidence`."""
    asset = open_source(source).held()
    target = _target(asset, output)
    signer = space.signer(wishes.identity) if wishes.identity else None
    authority = space.time_authority if wishes.timestamp else None
    with writing_file(target, overwrite=overwrite) as stream:
        looked = _look(space, asset, wishes)
        parts = dict(looked.parts())
        if signer is not None:
            parts[form.CHAIN] = signer.chain_pem.encode("ascii")
        contents = telling.contents(looked.told(signer.algorithm if signer else None), parts)
        raw = writing.written(contents)
        signature = vouching.signature_over(raw, signer) if signer else None
        stamp = vouching.stamp_over(signature or raw, authority) if authority else None
        sealed = writing.Sealed(signature=signature, stamp=stamp)
        writing.write(stream, contents, parts, asset=looked.asset, sealed=sealed)
        with reading.opened(stream, stream.seek(0, io.SEEK_END)):
            pass  # Nothing appears that could not be read back.
    name = signer.name if signer else None
    notes = tuple(_notes(looked.asset, wishes))
    return Packed(path=target, contents=contents, verdict=looked.verdict, signer=name, notes=notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What one look at a file gave."""

    wishes: Packing
    verdict: Verdict
    recorder: Recorder
    fetcher: FetchRecorder | None
    store: bytes | None
    asset: writing.Asset | None
    page: str
    document: str

    def told(self, algorithm: Algorithm | None) -> telling.Told:
        """Say what the pack says about itself; `algorithm` is that of its signature."""
        return telling.Told(
            verdict=self.verdict,
            wishes=self.wishes,
            store=self.store,
            exchanges=tuple(self.recorder.exchanges),
            fetched=self.fetcher.fetched if self.fetcher else None,
            asset=self.asset,
            algorithm=algorithm,
        )

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield everything but the file itself and the signature, in the order of the pack."""
        yield form.README, TEXT.encode()
        yield form.VERDICT, f"{codec.to_json(record(self.verdict))}\n".encode()
        yield form.REPORT, self.document.encode("utf-8", "backslashreplace")
        yield form.PAGE, self.page.encode("utf-8", "backslashreplace")
        yield form.POLICY, self.verdict.policy.text.encode()
        if self.store is not None:
            yield form.MANIFEST, self.store
        found = self.verdict.inspection
        if found.store is not None and found.store.evidence is not None:
            yield from _evidence(found.store.evidence)
        yield from self.recorder.parts.items()
        for number, listed in enumerate(found.trust.lists, start=1):
            pems = (*listed.anchors, *listed.allowed)
            yield telling.list_name(number), "".join(f"{pem.strip()}\n" for pem in pems).encode("ascii")


def _evidence(found: Evidence) -> Iterator[tuple[str, bytes]]:
    yield form.CERTIFICATES, "".join(ssl.DER_cert_to_PEM_cert(item) for item in found.chain).encode("ascii")
    if found.token is not None:
        yield form.STAMPED, found.token
    for number, item in enumerate(found.ocsp, start=1):
        yield f"revocation/stapled-{number}.der", item


def _look(space: Workspace, asset: Source, wishes: Packing) -> _Looked:
    from provenance.revocation.client import OcspClient  # noqa: PLC0415 -- brings in cryptography

    at, policy = space.now().astimezone(UTC), space.policy(wishes.policy)
    recorder = Recorder(asking.responders())
    fetcher = FetchRecorder(space.manifest_source) if wishes.online else None
    found = verification.inspect(
        asset,
        trust=telling.without_paths(space.trust),
        at=at,
        questions=verification.Questions(
            remote=fetcher,
            revocation=OcspClient(recorder, clock=lambda: at) if wishes.online else None,
            as_of=wishes.as_of,
            digest=True,
            keep=KEPT | Keep.THUMBNAILS,
            needs=needs(policy),
        ),
    )
    store = _store(found, fetcher)
    verdict = space.judge(telling.without_folders(found), policy)
    included = _included(asset, found, wishes)
    page, document = _reports(space, verdict, asset if included else None)
    return _Looked(
        wishes=wishes,
        verdict=verdict,
        recorder=recorder,
        fetcher=fetcher,
        store=store,
        asset=included,
        page=page,
        document=document,
    )


def _reports(space: Workspace, verdict: Verdict, asset: Source | None) -> tuple[str, str]:
    """Write the reports, with pictures only where the file itself is in the pack."""
    from provenance.reports.faces import Format, document  # noqa: PLC0415 -- only for packs
    from provenance.reports.result import Result, Results  # noqa: PLC0415
    from provenance.workspace.picturing import pictured  # noqa: PLC0415

    found = verdict.inspection
    result = Result(name=found.media.name, verdict=verdict, history=trace(found.store) if found.store else None)
    generator = f"{space.generator.name} {space.generator.version}"
    whole = Results(items=(result,), generator=generator, at=found.at, policy=verdict.policy)
    readable = None if asset is None else asset.data or asset.path
    shown = whole if readable is None else replace(whole, items=(pictured(result, readable),))
    return document(Format.HTML, shown), document(Format.JSON, whole)


def _store(found: Inspection, fetcher: FetchRecorder | None) -> bytes | None:
    """Return the manifest store, also one that cannot be read: a replay must come to the same end."""
    if found.store is not None:
        return found.store.data
    if found.carrier is Carrier.SIDECAR and found.found_in is not None:
        try:
            return Path(found.found_in).read_bytes()
        except OSError as error:
            raise EvidenceError(
                f"its sidecar cannot be read: {error.strerror or error}",
                path=found.found_in,
                hint="without it no replay could come to the same verdict",
            ) from error
    return fetcher.data if fetcher else None


def _target(asset: Source, output: str | Path | None) -> Path:
    if output is not None:
        target = Path(output)
    elif asset.path is not None:
        target = asset.path.with_name(f"{asset.path.stem}.evidence.zip")
    else:
        raise SettingsError("where the pack is to be written is not said", hint="name an output")
    if asset.path is not None and target.exists() and target.samefile(asset.path):
        raise OutputError("the pack would take the place of the file that it is about", path=target)
    return target


def _included(asset: Source, found: Inspection, wishes: Packing) -> writing.Asset | None:
    wanted = asset.size <= LARGEST_UNASKED if wishes.include_asset is None else wishes.include_asset
    media = found.media
    if not wanted or media.digest is None:
        return None
    extension = BY_MEDIA_TYPE[media.media_type].extensions[0]
    return writing.Asset(name=f"asset.{extension}", open=asset.stream, size=media.size, sha256=media.digest.value)


def _notes(included: writing.Asset | None, wishes: Packing) -> Iterator[str]:
    if included is None and wishes.include_asset is None:
        yield (
            f"the file is not in the pack, since it has more than {LARGEST_UNASKED >> 20} MB: "
            f"keep it beside the pack, or give --include-asset"
        )
    if wishes.identity is None:
        also = "" if wishes.timestamp else ", nor for when it was made"
        yield f"nobody vouches for the pack itself{also}: anybody could make one like it (--identity, --timestamp)"
    elif not wishes.timestamp:
        yield "when it was made is only its signer's word (--timestamp has it attested)"
