"""Draw the picture of the README: a verification and a history of the example photo, as SVG."""

from __future__ import annotations

import contextlib
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

import provenance
from provenance.reports import to_terminal
from provenance.settings import Settings

HERE = Path(__file__).parent


def main() -> None:
    """Sign the photo twice, capture and publish, and draw what `verify` and `show` print."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = provenance.Workspace(Settings(home=folder))
        for name in ("Camera 7", "Example News"):
            workspace.identities.create(
                name, algorithm=provenance.Algorithm.ES256, days=365, passphrase=None, at=datetime.now(UTC)
            )
        photo = Path(folder) / "photo.jpg"
        photo.write_bytes((HERE.parent / "examples" / "photo.jpg").read_bytes())
        capture = workspace.sign(
            photo,
            Path(folder) / "camera.jpg",
            options=provenance.SigningOptions(preset=provenance.Preset.CAPTURE),
            signer="Camera 7",
        )
        assert capture.path is not None
        published = workspace.sign(capture.path, photo, signer="Example News", overwrite=True)
        assert published.path is not None
        with contextlib.chdir(folder):
            verdict = workspace.verify("photo.jpg")
    store = verdict.inspection.store
    assert store is not None
    console = Console(record=True, width=90, file=io.StringIO(), force_terminal=True)
    for command, part in (
        ("verify", to_terminal.verdict(verdict)),
        ("show", to_terminal.history(verdict, provenance.trace(store))),
    ):
        console.print(Text(f"$ provenance {command} photo.jpg", "bold"))
        console.print(part)
        console.print()
    target = HERE / "pictures" / "verify.svg"
    console.save_svg(str(target), title="provenance")
    # The lines of a picture in the repository end where they end.
    target.write_text("\n".join(line.rstrip() for line in target.read_text().splitlines()) + "\n")


if __name__ == "__main__":
    main()
