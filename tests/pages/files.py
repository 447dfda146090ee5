"""Files that are given to a service: one for each kind of verdict, and some that are hard to show."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from provenance import Preset, SigningOptions, Workspace
from provenance.model.ports import Algorithm
from provenance.settings import Settings
from tests.support import media
from tests.unit.images.scenes import as_jpeg, scene

if TYPE_CHECKING:
    from pathlib import Path

CAPTURE = SigningOptions(preset=Preset.CAPTURE, title="harbour.jpg")
STEPS = 16
"""Of the long history."""


class Files:
    """Made when they are asked for, once."""

    def __init__(self, space: Workspace, folder: Path) -> None:
        self._space = space
        self._folder = folder

    @cached_property
    def accepted(self) -> Path:
        """A photo, captured and published."""
        return self._signed("accepted.jpg", self._signed("capture.jpg", self._photo, CAPTURE))

    @cached_property
    def review(self) -> Path:
        """Signed by somebody whom nobody knows here."""
        home = self._folder / "elsewhere"
        other = Workspace(Settings(home=str(home)))
        other.identities.create("Stranger", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC))
        return self._signed("review.jpg", self._photo, CAPTURE, space=other)

    @cached_property
    def rejected(self) -> Path:
        """Changed after signing."""
        data = bytearray(self.accepted.read_bytes())
        data[-2000] ^= 1
        return self._written("rejected.jpg", bytes(data))

    @cached_property
    def bare(self) -> Path:
        """Without credentials."""
        return self._photo

    @cached_property
    def edited(self) -> Path:
        """Cropped, with a black square where something was."""
        picture = scene(3).crop((60, 40, 560, 380))
        picture.paste((0, 0, 0), (200, 150, 290, 220))
        parent = self._signed("before.jpg", self._photo, CAPTURE).read_bytes()
        options = SigningOptions(preset=Preset.EDIT, parent=parent, actions=("cropped", "edited"), title="cut.jpg")
        return self._signed("edited.jpg", self._written("edited-unsigned.jpg", as_jpeg(picture, 90)), options)

    @cached_property
    def long(self) -> Path:
        """Published again and again."""
        path = self.accepted
        for number in range(STEPS - 2):
            path = self._signed(f"long-{number}.jpg", path)
        return path

    def hostile(self, text: str) -> Path:
        """A file that says something wherever it is asked."""
        options = SigningOptions(preset=Preset.CAPTURE, title=text, author=text)
        return self._signed("hostile.jpg", self._written("hostile-unsigned.jpg", media.jpeg(exif=True)), options)

    def text(self) -> Path:
        """What can carry no credentials."""
        return self._written("note.txt", b"only words\n")

    @cached_property
    def _photo(self) -> Path:
        return self._written("photo.jpg", as_jpeg(scene(3), 90))

    def _written(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path

    def _signed(
        self, name: str, source: Path, options: SigningOptions | None = None, *, space: Workspace | None = None
    ) -> Path:
        target = self._folder / name
        (space or self._space).sign(source, target, options=options, overwrite=True)
        return target
