"""What the engine's C interface has and its Python wrapper has not: publishers' identities, and a web of our own.

The wrapper's own building blocks are used where it has them, so that whatever they guard stays guarded. The version
of the engine is bounded in `pyproject.toml`, and a test sees that these functions are there.
"""

from __future__ import annotations

import ctypes
import json
from typing import TYPE_CHECKING, Any

from c2pa import C2paError, Context, Settings, Signer
from c2pa.c2pa import C2paSigner
from c2pa.c2pa import _lib as library

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from provenance.model.ports import Web

_FAILED = -1


class _Request(ctypes.Structure):
    _fields_ = (
        ("url", ctypes.c_char_p),
        ("method", ctypes.c_char_p),
        ("headers", ctypes.c_char_p),
        ("body", ctypes.POINTER(ctypes.c_ubyte)),
        ("body_len", ctypes.c_size_t),
    )


class _Response(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int32), ("body", ctypes.c_void_p), ("body_len", ctypes.c_size_t))


_Resolver = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Request), ctypes.POINTER(_Response))
_Texts = ctypes.POINTER(ctypes.c_char_p)


def _declared(name: str, arguments: Sequence[Any], result: Any) -> Callable[..., Any]:
    function = getattr(library, name)
    function.argtypes, function.restype = list(arguments), result
    return function  # type: ignore[no-any-return] # ctypes has no types


_make_resolver = _declared("c2pa_http_resolver_create", (ctypes.c_void_p, _Resolver), ctypes.c_void_p)
_set_resolver = _declared("c2pa_context_builder_set_http_resolver", (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_int)
_Signer = ctypes.POINTER(C2paSigner)
_make_identity = _declared("c2pa_identity_signer_create", (_Signer, _Signer, _Texts, _Texts), _Signer)


def with_publisher(claim: Signer, publisher: Signer, *, roles: Sequence[str]) -> Signer:
    """Join two signers into one that adds an identity assertion (CAWG 1.2, X.509); both are used up.

    The publisher stands behind the hard binding: the content itself.
    """
    callbacks = (claim._callback_cb, publisher._callback_cb)  # noqa: SLF001 -- they must outlive the signers
    handle = _make_identity(claim._handle, publisher._handle, None, _texts(roles))  # noqa: SLF001
    for used in (claim, publisher):
        used._teardown(free_handle=False)  # noqa: SLF001 -- the new signer owns them, as the C interface says
    if not handle:
        raise C2paError("the engine joins no signer for a publisher's identity")
    joined = Signer(handle)
    joined._callback_cb = callbacks  # noqa: SLF001
    return joined


def context(settings: Mapping[str, Any], web: Web) -> Context:
    """Make a context whose every request goes through `web`; errors of `web` become failed requests."""
    resolver = _Resolver(_answering(web))
    prepared = Settings.from_json(json.dumps(settings))
    try:
        with Context._NativeContextBuilder() as builder:  # noqa: SLF001
            handle = builder._handle  # noqa: SLF001
            failed = library.c2pa_context_builder_set_settings(handle, prepared._c_settings)  # noqa: SLF001
            if failed or _set_resolver(handle, _make_resolver(None, resolver)):
                raise C2paError("the engine takes no way to the web")
            built = builder._consume_into(library.c2pa_context_builder_build, "Failed to build Context: {}")  # noqa: SLF001
    finally:
        prepared.close()
    made = Context._wrap_native_handle(built)  # noqa: SLF001
    made._resolver = resolver  # noqa: SLF001 -- it must outlive the context
    return made


def _answering(web: Web) -> Callable[[Any, Any, Any], int]:
    allocate = ctypes.CDLL(None).malloc
    allocate.argtypes, allocate.restype = [ctypes.c_size_t], ctypes.c_void_p

    def answer(_context: Any, request: Any, response: Any) -> int:
        asked, given = request.contents, response.contents
        try:
            body = ctypes.string_at(asked.body, asked.body_len) if asked.body_len else b""
            status, found = web(asked.method.decode(), asked.url.decode(), body)
        except Exception:  # noqa: BLE001 -- no exception may cross into the engine, which has no place for one
            return _FAILED
        if found:
            # The engine frees it: it must come from the allocator of its C library.
            place = allocate(len(found))
            ctypes.memmove(place, found, len(found))
            given.body, given.body_len = place, len(found)
        given.status = status
        return 0

    return answer


def _texts(items: Sequence[str]) -> Any:
    return (ctypes.c_char_p * (len(items) + 1))(*(item.encode() for item in items), None)
