"""Photograph the service's page: each kind of verdict, a long history, a comparison, a phone, the night, and paper."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

from _studio import PHOTO, keep, opened, serving, workspace
from PIL import Image

import provenance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, Page

SIZE: Final = (1000, 1240)
PHONE: Final = (320, 1400)
CAPTURE: Final = provenance.SigningOptions(preset=provenance.Preset.CAPTURE, title="portrait.jpg")
PUBLISHED: Final = 12
"""Times that the file with the long history was published."""


def main() -> None:
    """Start a service, make a file for each picture, give it to the service, and look."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        own = workspace(home, "Camera 7", "Studio", "Example News")
        with serving(home) as address, opened() as browser:
            # Only now, so that its catalogue knows what is signed.
            with anywhere():
                files = made(own, Path(folder))
            at_a_desk(browser, address, files)
            elsewhere(browser, address, files["accepted"])
            operator(browser, address, home)


@contextlib.contextmanager
def anywhere() -> Iterator[None]:
    """Let records name no machine in particular as who asked."""
    with mock.patch.dict(os.environ, LOGNAME="editor"), mock.patch("socket.gethostname", return_value="desk-3"):
        yield


# ---- files


def made(own: provenance.Workspace, folder: Path) -> Mapping[str, Path]:
    """Make a file of each kind."""
    stranger = workspace(folder / "elsewhere", "Stranger")
    names = ("captured", "accepted", "review", "rejected", "bare", "edited", "long")
    files = {name: folder / f"{name}.jpg" for name in names}
    files["bare"].write_bytes(PHOTO.read_bytes())
    own.sign(files["bare"], files["captured"], options=CAPTURE, signer="Camera 7")
    own.sign(files["captured"], files["accepted"], signer="Example News")
    stranger.sign(files["bare"], files["review"], options=CAPTURE)
    altered = bytearray(files["accepted"].read_bytes())
    altered[-2000] ^= 1
    files["rejected"].write_bytes(altered)
    edit(own, files["captured"], files["edited"])
    lengthen(own, files)
    return files


def edit(own: provenance.Workspace, captured: Path, target: Path) -> None:
    """Crop a picture, and take the ribbons off the coat."""
    with Image.open(captured) as image:
        width, height = image.size
        picture = image.crop((width // 12, height // 12, width, height))
    width, height = picture.size
    picture.paste((24, 26, 36), (width * 57 // 100, height * 78 // 100, width * 9 // 10, height * 9 // 10))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    target.write_bytes(out.getvalue())
    options = provenance.SigningOptions(
        preset=provenance.Preset.EDIT, parent=captured, actions=("cropped", "edited"), title="portrait, cropped.jpg"
    )
    own.sign(target, target, options=options, signer="Studio", overwrite=True)


def lengthen(own: provenance.Workspace, files: Mapping[str, Path]) -> None:
    """Put another picture into one that was edited, and publish it again and again."""
    options = provenance.SigningOptions(
        preset=provenance.Preset.EDIT, ingredients=(files["review"],), title="portrait, montage.jpg"
    )
    own.sign(files["edited"], files["long"], options=options, signer="Studio")
    for _ in range(PUBLISHED):
        own.sign(files["long"], files["long"], signer="Example News", overwrite=True)


# ---- pictures


def checked(page: Page, address: str, file: Path, *, recover: bool = False) -> Page:
    """Give a file to the page, and wait for its report."""
    page.goto(address)
    if recover:
        page.click("text=How it is judged")
        page.check("input[name=recover]")
    page.set_input_files("#file", file)
    page.wait_for_url("**/reports/**")
    page.wait_for_selector(".glance")
    return page


def at_a_desk(browser: Browser, address: str, files: Mapping[str, Path]) -> None:
    """Photograph what is seen at a desk."""
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    page.goto(address)
    page.click("text=How it is judged")
    keep(page.screenshot(clip={"x": 0, "y": 0, "width": SIZE[0], "height": 700}), "page-start.png")
    for name in ("accepted", "review", "rejected", "bare"):
        checked(page, address, files[name])
        keep(page.screenshot(), f"page-{name}.png")
    checked(page, address, files["bare"], recover=True)
    keep(page.screenshot(), "page-recovered.png")
    checked(page, address, files["long"])
    page.locator(".graph a").nth(1).press("Enter")
    keep(page.locator('[data-level="3"]').first.screenshot(), "page-history.png")
    checked(page, address, files["edited"])
    page.click(".choices a >> text=portrait.jpg")
    page.wait_for_selector("#beside h4")
    page.locator(".slider input").fill("62")
    keep(page.locator("#beside").screenshot(), "page-compare.png")
    page.close()


def elsewhere(browser: Browser, address: str, file: Path) -> None:
    """Photograph what is seen on a phone, by night, and on paper."""
    phone = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, device_scale_factor=2)
    keep(checked(phone, address, file).screenshot(), "page-phone.png")
    phone.close()
    night = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="dark")
    keep(checked(night, address, file).screenshot(), "page-dark.png")
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / "page.pdf"
        night.pdf(path=paper, format="A4")
        run = ["pdftoppm", "-png", "-r", "60", str(paper), str(Path(folder) / "sheet")]
        subprocess.run(run, check=True)
        keep(side_by_side(sorted(Path(folder).glob("sheet*.png"))[:3]), "page-paper.png")
    night.close()


def side_by_side(sheets: list[Path]) -> bytes:
    """Lay sheets beside each other."""
    pictures = [Image.open(path) for path in sheets]
    gap, (width, height) = 16, pictures[0].size
    table = Image.new("RGB", (gap + (width + gap) * len(pictures), height + 2 * gap), (150, 150, 150))
    for number, picture in enumerate(pictures):
        table.paste(picture, (gap + (width + gap) * number, gap))
    out = io.BytesIO()
    table.save(out, "PNG")
    return out.getvalue()


def operator(browser: Browser, address: str, home: Path) -> None:
    """Photograph the page for operators."""
    creating = ["serve", "key", "create", "night watch", "--scope", "admin", "--json"]
    command = [sys.executable, "-m", "provenance", *creating]
    environment = os.environ | {"PROVENANCE_HOME": str(home)}
    key = json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    page.goto(f"{address}/operator")
    page.fill("#key", key["token"])
    page.click("button >> text=Sign in")
    keep(page.screenshot(), "page-operator.png")
    page.close()


if __name__ == "__main__":
    main()
