"""Draw the pictures of the README: what the terminal prints about the example photo, and its report in a browser."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from _studio import PHOTO, PICTURES, keep, opened, workspace
from rich.console import Console
from rich.text import Text

import provenance
from provenance.manifests.reader import Keep
from provenance.reports import to_html, to_terminal, to_tree
from provenance.reports.result import Result, Results
from provenance.workspace.picturing import pictured


def main() -> None:
    """Sign the photo twice, capture and publish, and draw what `verify` and `show` print."""
    with tempfile.TemporaryDirectory() as folder:
        own = workspace(Path(folder), "Camera 7", "Example News")
        photo = Path(folder) / "photo.jpg"
        photo.write_bytes(PHOTO.read_bytes())
        capture = own.sign(
            photo,
            Path(folder) / "camera.jpg",
            options=provenance.SigningOptions(preset=provenance.Preset.CAPTURE),
            signer="Camera 7",
        )
        assert capture.path is not None
        published = own.sign(capture.path, photo, signer="Example News", overwrite=True)
        assert published.path is not None
        with contextlib.chdir(folder):
            verdict = own.verify("photo.jpg")
            report(own)
    store = verdict.inspection.store
    assert store is not None
    console = Console(record=True, width=90, file=io.StringIO(), force_terminal=True)
    for command, part in (
        ("verify", to_terminal.verdict(verdict)),
        ("show", to_tree.history(verdict, provenance.trace(store))),
    ):
        console.print(Text(f"$ provenance {command} photo.jpg", "bold"))
        console.print(part)
        console.print()
    target = PICTURES / "verify.svg"
    console.save_svg(str(target), title="provenance")
    # The lines of a picture in the repository end where they end.
    target.write_text("\n".join(line.rstrip() for line in target.read_text().splitlines()) + "\n")


def report(own: provenance.Workspace) -> None:
    """Photograph the HTML report on the photo in this folder, as far as its history reaches."""
    verdict = own.verify("photo.jpg", keep=Keep.THUMBNAILS, digest=True)
    store = verdict.inspection.store
    assert store is not None
    result = pictured(Result(name="photo.jpg", verdict=verdict, history=provenance.trace(store)), "photo.jpg")
    Path("report.html").write_text(
        to_html.document(Results(items=(result,), generator=f"provenance {provenance.__version__}")), encoding="utf-8"
    )
    with opened() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 1240})
        page.goto(Path("report.html").absolute().as_uri())
        page.evaluate("document.querySelector('[data-level=\"3\"]').open = true")
        keep(page.screenshot(), "report.png")


if __name__ == "__main__":
    main()
