"""What stands beside a signature: certificates, time-stamps and stapled answers, as bytes.

The engine judges them but does not hand them out. Source: C2PA 2.4, digital signatures; RFC 9052 (COSE_Sign1), RFC 9360
(x5chain).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provenance.manifests.containers import jumbf
from provenance.model.manifest import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

_X5CHAIN = 33


def evidence(store: bytes, label: str) -> Evidence | None:
    """Read what stands beside the signature of a manifest; None where it cannot be understood.

    The engine has validated the signature by then: this looks things up and judges nothing.
    """
    encoded = jumbf.content(store, label, "c2pa.signature")
    return None if encoded is None else _read(encoded)


def identity(store: bytes, label: str, assertion: str) -> Evidence | None:
    """Read what stands beside the signature of an identity assertion (CAWG 1.2, 5.2); None as above."""
    import cbor2  # noqa: PLC0415 -- only where somebody asks for more than the engine says

    encoded = jumbf.content(store, label, "c2pa.assertions", assertion)
    try:
        signature = cbor2.loads(encoded)["signature"] if encoded else None
    except (ValueError, TypeError, KeyError, EOFError, cbor2.CBORError):
        return None
    return _read(signature) if isinstance(signature, bytes) else None


def _read(encoded: bytes) -> Evidence | None:
    import cbor2  # noqa: PLC0415 -- see `identity`

    try:
        signed = cbor2.loads(encoded)
        protected, unprotected, _, _ = signed.value if isinstance(signed, cbor2.CBORTag) else signed
        headers = {**unprotected, **(cbor2.loads(protected) if protected else {})}
    except (ValueError, TypeError, EOFError, cbor2.CBORError):
        return None
    chain = headers.get(_X5CHAIN) or headers.get("x5chain") or ()
    return Evidence(
        chain=tuple(_bytes([chain] if isinstance(chain, bytes) else chain)),
        token=next(_tokens(headers), None),
        ocsp=tuple(_bytes(_inner(headers, "rVals", "ocspVals"))),
    )


def _tokens(headers: Mapping[Any, Any]) -> Iterator[bytes]:
    for name in ("sigTst2", "sigTst"):
        for item in _inner(headers, name, "tstTokens"):
            if isinstance(item, Mapping) and isinstance(item.get("val"), bytes):
                yield item["val"]


def _inner(headers: Mapping[Any, Any], name: str, within: str) -> Any:
    found = headers.get(name)
    return (found.get(within) or ()) if isinstance(found, Mapping) else ()


def _bytes(items: Any) -> Iterator[bytes]:
    if isinstance(items, list | tuple):
        yield from (item for item in items if isinstance(item, bytes))
