"""Soft bindings: those that a manifest states, and those that a picture has."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from provenance.claims import soft_binding_assertion
from provenance.model.fingerprints import ISCC, WATERMARK, WHOLE, Fingerprint
from provenance.model.resolution import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.model.claim import Assertion
    from provenance.model.manifest import Manifest

_LABEL: Final = "c2pa.soft-binding"
_LONGEST: Final = 4096
"""Bytes of a value by `io.iscc.v0`: of one asset there are few units."""

FOR_CATALOGUES: Final = "its fingerprints are for a catalogue alone"


def assertions(found: Iterable[Fingerprint]) -> Iterator[Assertion]:
    """State what content can be found again by that others know too: watermarks, and the code of a whole picture."""
    for item in found:
        if item.variant == WATERMARK:
            yield soft_binding_assertion(item.method, item.value)
        elif item.method == ISCC and item.variant == WHOLE:
            from provenance.fingerprints.sequence import encoded  # noqa: PLC0415 -- brings in Pillow

            yield soft_binding_assertion(item.method, encoded(item.value))


def stated(manifest: Manifest) -> tuple[Binding, ...]:
    """Return the soft bindings that a manifest states, each once (C2PA 2.4, `c2pa.soft-binding`).

    A value is a byte string there, which is base64 in JSON. Engines that write only text put that into the manifest, or
    what the algorithm has as text: an identifier, digits. Of algorithms other than `io.iscc.v0`, a text that can be
    either is returned as both, what base64 says first.
    """
    return tuple(dict.fromkeys(_stated(manifest)))


def _stated(manifest: Manifest) -> Iterator[Binding]:
    for assertion in manifest.assertions:
        algorithm, blocks = assertion.data.get("alg"), assertion.data.get("blocks")
        if assertion.label.partition("__")[0] != _LABEL or not isinstance(algorithm, str):
            continue
        for block in blocks if isinstance(blocks, list) else ():
            values = _values(block.get("value"), algorithm) if isinstance(block, dict) else ()
            yield from (Binding(algorithm=algorithm, value=value) for value in values if value)


def _values(written: Any, algorithm: str) -> Iterator[bytes]:
    """Give the bytes that a value can stand for."""
    with suppress(TypeError, ValueError):
        if isinstance(written, str):
            yield b64decode(written, validate=True)
        elif isinstance(written, list):
            # The engine writes bytes as lists of numbers into its report.
            yield bytes(written)
    if isinstance(written, str) and algorithm != ISCC:
        yield written.encode()


def of_picture(found: Iterable[Fingerprint]) -> tuple[Binding, ...]:
    """Return the soft bindings that resolvers know among the fingerprints of a picture."""
    from provenance.fingerprints.sequence import encoded  # noqa: PLC0415 -- brings in Pillow

    return tuple(
        Binding(algorithm=ISCC, value=encoded(item.value))
        for item in found
        if item.method == ISCC and item.variant == WHOLE
    )


def fingerprints(binding: Binding) -> tuple[Fingerprint, ...]:
    """Return the fingerprints in the value of a binding.

    Raises ValueError for an algorithm that is not known here, and for a value that is none of it.
    """
    from provenance.fingerprints.sequence import image_codes  # noqa: PLC0415 -- brings in Pillow

    if binding.algorithm != ISCC:
        raise ValueError(f"only the algorithm {ISCC} is known here")
    if len(binding.value) > _LONGEST:
        raise ValueError(f"a value is longer than {_LONGEST} bytes")
    found = image_codes(binding.value)
    if not found:
        raise ValueError("a value holds no fingerprint of a picture")
    return tuple(Fingerprint(method=ISCC, variant=WHOLE, value=code) for code in dict.fromkeys(found))
