"""Write credentials: a definition and a signer become a signed file."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING, BinaryIO

from provenance.errors import OutputError, SignerRefused, UnsupportedMedia
from provenance.manifests import bridge

if TYPE_CHECKING:
    from provenance.model.claim import Definition
    from provenance.model.ports import Seal
    from provenance.model.trust import Trust

_COMPRESSED = "compression method not supported"
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write(
    definition: Definition,
    *,
    asset: BinaryIO,
    media_type: str,
    output: BinaryIO,
    seal: Seal,
    trust: Trust,
) -> bytes:
    """Sign `asset` into `output` and return the manifest store (JUMBF).

    Raises `SigningError`, `TimestampError`, a `MediaError`, or `OutputError` (no room); each with the cause.
    """
    try:
        return bridge.build(definition, asset=asset, media_type=media_type, output=output, seal=seal, trust=trust)
    except bridge.EngineError as error:
        text = str(error)
        if _COMPRESSED in text:
            raise UnsupportedMedia(
                "is a package with compressed entries, which the engine cannot write",
                hint="store its entries uncompressed, or sign it as PDF",
            ) from error
        if "signature" in text.lower() or "certificate" in text.lower():
            raise SignerRefused(
                f"the engine refuses the signature of {seal.signer.name!r}: {text}",
                hint="check its certificate chain and key",
            ) from error
        if (found := _OS_ERROR.search(text)) and int(found[1]) in _NO_ROOM:
            # Of what is read none of these can be said.
            reason = os.strerror(int(found[1]))
            raise OutputError(f"cannot be written: {reason}", hint="nothing was left behind") from error
        raise bridge.translate(error, path=None) from error
