"""JPEGs whose hash leaves out more than the manifest: by the engine's way for programs that place it themselves."""

from __future__ import annotations

import ctypes
import io
import json
from typing import TYPE_CHECKING, Any

import c2pa
from c2pa.c2pa import C2paBuilder, C2paSigner, C2paStream
from c2pa.c2pa import _lib as library

from provenance.manifests import bridge

if TYPE_CHECKING:
    from provenance.model.ports import Signer
    from provenance.model.trust import Trust

_JPEG = b"image/jpeg"
_Bytes = ctypes.POINTER(ctypes.c_ubyte)
_CAPTURE = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}


def leaving_out(
    jpeg: bytes,
    *ranges: tuple[int, int],
    signer: Signer,
    trust: Trust,
    widened: int = 0,
    assertions: tuple[dict[str, Any], ...] = (),
) -> bytes:
    """Sign a JPEG so that its hash leaves out these ranges of it (start, length), too.

    `widened`: so many bytes behind the manifest are left out with it. `assertions`: more, as the engine takes them.
    """
    definition = {
        "claim_version": 2,
        "claim_generator_info": [{"name": "careless", "specVersion": "2.4.0"}],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [_CAPTURE], "allActionsIncluded": True}},
            *assertions,
        ],
    }
    builder = c2pa.Builder(json.dumps(definition), context=bridge.context(trust))
    sealed = c2pa.Signer.from_callback(signer.sign, c2pa.C2paSigningAlg[signer.algorithm.name], signer.chain_pem, None)
    reserved = _call("c2pa_signer_reserve_size", [ctypes.POINTER(C2paSigner)], sealed._handle)
    place = _made(
        "c2pa_builder_data_hashed_placeholder",
        [ctypes.POINTER(C2paBuilder), ctypes.c_size_t, ctypes.c_char_p],
        builder._handle, reserved, _JPEG,
    )  # fmt: skip
    # The manifest goes behind the two bytes that every JPEG begins with.
    left_out = [{"start": 2, "length": len(place) + widened}]
    left_out += [{"start": len(place) + start, "length": length} for start, length in ranges]
    bound = {"exclusions": left_out, "name": "jumbf manifest", "alg": "sha256", "hash": "", "pad": " "}
    stream = c2pa.Stream(io.BytesIO(jpeg[:2] + place + jpeg[2:]))
    manifest = _made(
        "c2pa_builder_sign_data_hashed_embeddable",
        [ctypes.POINTER(item) for item in (C2paBuilder, C2paSigner)]
        + [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(C2paStream)],
        builder._handle, sealed._handle, json.dumps(bound).encode(), _JPEG, stream._stream,
    )  # fmt: skip
    assert len(manifest) == len(place)
    return jpeg[:2] + manifest + jpeg[2:]


def _made(name: str, kinds: list[Any], *arguments: Any) -> bytes:
    """Call a function of the engine that returns bytes through its last parameter."""
    target = _Bytes()
    size = _call(name, [*kinds, ctypes.POINTER(_Bytes)], *arguments, ctypes.byref(target))
    assert size > 0, name
    found = ctypes.string_at(target, size)
    library.c2pa_manifest_bytes_free(target)
    return found


def _call(name: str, kinds: list[Any], *arguments: Any) -> int:
    function = getattr(library, name)
    function.argtypes, function.restype = kinds, ctypes.c_int64
    result: int = function(*arguments)
    return result
