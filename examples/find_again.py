"""Keep what is signed in a catalogue, and find the original of a copy that has lost its credentials."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

import provenance
from provenance.catalogue import url_of
from provenance.settings import Settings


def main() -> None:
    """Sign a photo, store a copy of it as platforms do, and find out whose it is."""
    with tempfile.TemporaryDirectory() as folder:
        # A workspace of its own: your catalogue stays as it is.
        settings = Settings(home=folder)
        provenance.Catalogue.create(url_of(settings.catalogue.url, settings.home)).close()
        workspace = provenance.Workspace(settings)
        workspace.identities.create(
            "Example News", algorithm=provenance.Algorithm.ES256, days=365, passphrase=None, at=datetime.now(UTC)
        )
        photo = Path(__file__).parent / "photo.jpg"
        options = provenance.SigningOptions(preset=provenance.Preset.CAPTURE, title="Grace Hopper")
        workspace.sign(photo, Path(folder) / "signed.jpg", options=options)

        copy = stored_anew(photo)
        print("the copy:", workspace.verify(copy).facets.credential.reason)
        for candidate in workspace.recover(copy).found:
            assert candidate.verdict is not None
            print(f"{candidate.standing}: {candidate.title}, signed by {candidate.signer}")
            print("the original:", candidate.verdict.decision)
        for record in workspace.catalogue.find(provenance.Query(text="hopper")):
            print(record.id, record.title)


def stored_anew(photo: Path) -> bytes:
    """Scale a picture and store it again: its credentials are gone."""
    target = io.BytesIO()
    with Image.open(photo) as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(target, "JPEG", quality=60)
    return target.getvalue()


if __name__ == "__main__":
    main()
