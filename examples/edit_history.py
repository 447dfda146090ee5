"""Capture, edit and publish a picture; every step is signed, and the history is kept."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

import provenance
from provenance import Algorithm, Preset, SigningOptions, Workspace


def cropped(data: bytes) -> bytes:
    """Do what an editor does: decode, crop, encode. The credentials are gone afterwards."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.crop((40, 40, 440, 500)).save(target, "JPEG", quality=90)
    return target.getvalue()


def main() -> None:
    """Sign three times with three identities and follow the history back."""
    workspace = Workspace()
    for name in ("Camera 7", "Photo Desk", "Example News"):
        if name not in workspace.identities.names():
            workspace.identities.create(
                name, algorithm=Algorithm.ES256, days=365, passphrase=None, at=datetime.now(UTC)
            )
    photo = (Path(__file__).parent / "photo.jpg").read_bytes()

    capture = workspace.sign(photo, options=SigningOptions(preset=Preset.CAPTURE), signer="Camera 7").data
    assert capture is not None
    edit = workspace.sign(
        cropped(capture),
        options=SigningOptions(preset=Preset.EDIT, parent=capture, actions=("cropped",)),
        signer="Photo Desk",
    ).data
    assert edit is not None
    published = workspace.sign(edit, signer="Example News").data
    assert published is not None

    verdict = workspace.verify(published)
    store = verdict.inspection.store
    assert store is not None
    for step in provenance.trace(store).edits:
        signer = step.signature.organization if step.signature else "nobody"
        print(f"{signer}: {', '.join(action.name for action in step.actions)} ({step.state})")


if __name__ == "__main__":
    main()
