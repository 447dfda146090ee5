"""Sign and verify from Python, in memory: bytes in, signed bytes out, a verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import provenance


def main() -> None:
    """Sign a photo as a publisher does, and look at it as a reader does."""
    workspace = provenance.Workspace()
    if "Example News" not in workspace.identities.names():
        workspace.identities.create(
            "Example News",
            algorithm=provenance.Algorithm.ES256,
            days=365,
            passphrase=None,
            at=datetime.now(UTC),
        )
    photo = (Path(__file__).parent / "photo.jpg").read_bytes()
    options = provenance.SigningOptions(author="James S. Davis", ai_training=provenance.AiTraining.NOT_ALLOWED)
    signed = workspace.sign(photo, options=options, signer="Example News")
    assert signed.data is not None

    verdict = workspace.verify(signed.data)
    print(verdict.decision)
    for name in ("credential", "content", "signature", "signer", "time", "revocation", "ancestry"):
        facet = getattr(verdict.facets, name)
        print(f"{name:10}  {facet.state:11}  {facet.reason}")

    # A failed verification is data, not an exception.
    forged = bytearray(signed.data)
    forged[-1000] ^= 1
    print(workspace.verify(bytes(forged)).decision)


if __name__ == "__main__":
    main()
