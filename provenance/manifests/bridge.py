"""The only user of c2pa: contexts, callbacks, errors.

Everything that the engine does differently from what one expects is handled here, so that nobody else has to know.
"""

from __future__ import annotations

import io
import json
from contextlib import ExitStack
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import c2pa

from provenance.errors import (
    InvalidClaim,
    ManifestError,
    ProvenanceError,
    SignerRefused,
    UnreadableMedia,
    UnsupportedMedia,
)
from provenance.manifests import native, vouching
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provenance.manifests.relay import Relay
    from provenance.model.claim import Definition
    from provenance.model.ports import Seal, Signer, TimeAuthority
    from provenance.model.trust import Trust

EngineError = c2pa.C2paError
Reader: TypeAlias = c2pa.Reader

_KINDS = {Purpose.SIGNER: "manifest", Purpose.TIMESTAMP: "tsa", Purpose.IDENTITY: "cawg"}
_ERRORS: dict[type[Exception], type[ProvenanceError]] = {
    EngineError.Assertion: InvalidClaim,
    EngineError.AssertionNotFound: ManifestError,
    EngineError.Decoding: ManifestError,
    EngineError.Encoding: InvalidClaim,
    EngineError.FileNotFound: UnreadableMedia,
    EngineError.Io: UnreadableMedia,
    EngineError.Json: InvalidClaim,
    EngineError.Manifest: ManifestError,
    EngineError.ManifestNotFound: ManifestError,
    EngineError.NotSupported: UnsupportedMedia,
    EngineError.Other: ManifestError,
    EngineError.RemoteManifest: ManifestError,
    EngineError.ResourceNotFound: ManifestError,
    EngineError.Signature: SignerRefused,
    EngineError.UntrackedPointer: ManifestError,
    EngineError.Verify: InvalidClaim,
    EngineError.WrongPointerType: ManifestError,
    EngineError: ManifestError,
}
"""What each error of the engine means to us; a test enumerates them."""


def translate(error: Exception, *, path: str | None) -> ProvenanceError:
    """Turn an error of the engine into ours, with the engine's own words in it."""
    text = str(error).strip() or "failed without a word"
    for kind in type(error).__mro__:
        if kind in _ERRORS:
            # The engine repeats the kind in front of the text; ours is in the class.
            name = kind.__name__.removeprefix("_C2pa")
            return _ERRORS[kind](text.removeprefix(f"{name}: "), path=path)
    return ManifestError(text, path=path)


@lru_cache(maxsize=16)
def context(trust: Trust) -> c2pa.Context:
    """Make the engine's settings for one set of trust lists."""
    return c2pa.Context.from_dict(_settings(trust))


def _settings(trust: Trust) -> dict[str, Any]:
    """Write the settings that hold always.

    Nothing is fetched by the engine, thumbnails are ours, and verification after signing is ours: the engine's own
    would read the result a second time.
    """
    return {
        "trust": {
            # Without the list of key usages, certificates made for C2PA read as invalid.
            "trust_config": "\n".join(trust.key_usages),
            "anchors": [
                {"trust_kind": _KINDS[purpose], "trust_uri": name, "trust_anchors": "\n".join(roots)}
                for name, purpose, roots in vouching.anchors(trust)
            ],
        },
        "core": {"allowed_network_hosts": []},
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
        "builder": {"thumbnail": {"enabled": False}},
    }


def _signing_context(definition: Definition, seal: Seal, relay: Relay | None, *, trust: Trust) -> c2pa.Context:
    """Make the settings of one signing; only an update asks for more than usual."""
    if not definition.update or (relay is None and seal.web is None):
        return context(trust)
    settings = _settings(trust)
    if relay is not None:
        settings["core"]["allowed_network_hosts"] = [relay.host]
        settings["builder"]["auto_timestamp_assertion"] = {
            "enabled": True,
            "skip_existing": False,
            "fetch_scope": "parent",
        }
    if seal.web is None:
        return c2pa.Context.from_dict(settings)
    settings["verify"]["ocsp_fetch"] = True
    settings["builder"] |= {
        "certificate_status_fetch": "all",
        "certificate_status_should_override": True,
        "actions": {"all_actions_included": True},
    }
    return native.context(settings, seal.web)


def open_reader(stream: BinaryIO, media_type: str, *, trust: Trust, manifest: bytes | None = None) -> c2pa.Reader:
    """Read and validate the credentials of a stream, or those of `manifest` against it.

    Raises `EngineError` as it is: what it means is the reader's business.
    """
    return c2pa.Reader(media_type, stream, manifest_data=manifest, context=context(trust))


def resource(reader: c2pa.Reader, uri: str) -> bytes:
    """Return the bytes behind a JUMBF URI; for a manifest's label, the whole store."""
    target = io.BytesIO()
    reader.resource_to_stream(uri, target)
    return target.getvalue()


def build(
    definition: Definition,
    *,
    asset: BinaryIO,
    media_type: str,
    output: BinaryIO,
    seal: Seal,
    trust: Trust,
) -> bytes:
    """Sign `asset` into `output` and return the manifest store.

    Raises `EngineError`, or whatever a signer or a time-stamp authority raised: the engine would only say "COSE
    signature invalid".
    """
    with ExitStack() as stack:
        relay = stack.enter_context(_relay(seal.time)) if seal.time else None
        keepers: list[_CauseKeeper] = []
        builder = c2pa.Builder(
            json.dumps(definition.manifest), context=_signing_context(definition, seal, relay, trust=trust)
        )
        if definition.update:
            builder.set_intent(c2pa.C2paBuilderIntent.UPDATE)
        if definition.detached:
            builder.set_no_embed()
        if definition.remote_url:
            builder.set_remote_url(definition.remote_url)
        for uri, data in definition.resources.items():
            builder.add_resource(uri, io.BytesIO(data))
        signer = stack.enter_context(_engine_signer(seal, keepers, relay))
        try:
            return bytes(builder.sign(signer, media_type, asset, output))
        except EngineError as error:
            for cause in (*(item.cause for item in keepers), relay.cause if relay else None):
                if cause is not None:
                    raise cause from cause.__cause__ or error
            raise


def _relay(authority: TimeAuthority) -> Relay:
    from provenance.manifests.relay import Relay  # noqa: PLC0415 -- brings in a server

    return Relay(authority)


def _engine_signer(seal: Seal, keepers: list[_CauseKeeper], relay: Relay | None) -> c2pa.Signer:
    def made(signer: Signer) -> c2pa.Signer:
        keepers.append(_CauseKeeper(signer.sign))
        algorithm = c2pa.C2paSigningAlg[signer.algorithm.name]
        return c2pa.Signer.from_callback(keepers[-1], algorithm, signer.chain_pem, relay.url if relay else None)

    if seal.publisher is None:
        return made(seal.signer)
    return native.with_publisher(made(seal.signer), made(seal.publisher.signer), roles=seal.publisher.roles)


class _CauseKeeper:
    """Keep what a signer raised: the engine swallows exceptions of its callbacks."""

    def __init__(self, sign: Callable[[bytes], bytes]) -> None:
        self._sign = sign
        self.cause: Exception | None = None

    def __call__(self, data: bytes) -> bytes:
        try:
            return self._sign(data)
        except ProvenanceError as error:
            self.cause = error
        except Exception as error:  # noqa: BLE001 -- whatever it is, it must not get lost
            self.cause = SignerRefused(f"the signer failed: {error or type(error).__name__}")
            self.cause.__cause__ = error
        return b""


def reader_json(reader: c2pa.Reader) -> dict[str, Any]:
    """Return the engine's report on a file."""
    report: dict[str, Any] = json.loads(reader.json())
    return report


def interchange(reader: c2pa.Reader) -> dict[str, Any]:
    """Return the engine's report in its interchange form (C2PA 2.4, crJSON), which costs a second pass."""
    report: dict[str, Any] = json.loads(reader.crjson())
    return report


def expiry(interchanged: Mapping[str, Any]) -> str | None:
    """Return when the certificate of the active manifest expires, as the engine writes it (RFC 3339).

    It stands in the interchange form only.
    """
    validity = (interchanged["manifests"][0].get("signature") or {}).get("certificateInfo", {}).get("validity", {})
    found: str | None = validity.get("notAfter")
    return found


def detailed_json(reader: c2pa.Reader) -> dict[str, Any]:
    """Return the manifests as they stand in the store, their hash assertions included."""
    report: dict[str, Any] = json.loads(reader.detailed_json())
    return report
