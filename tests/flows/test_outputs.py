"""Outputs appear whole or not at all, whatever happens."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
import tracemalloc

import pytest
from PIL import Image

from provenance import (
    BrokenSource,
    Carrier,
    MetadataLevel,
    OutputError,
    OutputExists,
    Preset,
    SignerRefused,
    SigningOptions,
)
from provenance.model.ports import Algorithm
from tests.support import media


def _names(folder):
    return sorted(item.name for item in folder.iterdir())


def test_an_existing_output_is_not_overwritten_unasked(workspace, photo):
    target = photo.with_name("out.jpg")
    target.write_bytes(b"precious")
    with pytest.raises(OutputExists):
        workspace.sign(photo, target)
    assert target.read_bytes() == b"precious"
    workspace.sign(photo, target, overwrite=True)
    assert workspace.verify(target).decision == "accepted"


@pytest.mark.parametrize("role", ["parent", "ingredient"])
@pytest.mark.parametrize("named", ["as it is", "by a link", "by its folder"])
def test_what_a_file_is_made_from_is_not_replaced_even_when_asked(workspace, photo, tmp_path, role, named):
    original = tmp_path / "originals/photo.jpg"
    original.parent.mkdir()
    original.write_bytes(media.jpeg(7))
    link = tmp_path / "link.jpg"
    link.symlink_to(original)
    made_from = {"parent": original} if role == "parent" else {"ingredients": (original,)}
    output = {"as it is": original, "by a link": link, "by its folder": original.parent}[named]
    for act in (workspace.sign, workspace.rehearse):
        with pytest.raises(OutputExists, match="is what this file is made from") as caught:
            act(photo, output, options=SigningOptions(preset=Preset.EDIT, **made_from), overwrite=True)
        assert "name another output" in caught.value.hint
    assert original.read_bytes() == media.jpeg(7)
    assert link.is_symlink()


def test_an_existing_sidecar_is_not_overwritten_unasked(workspace, photo):
    options = SigningOptions(carrier=Carrier.SIDECAR)
    first = workspace.sign(photo, options=options)
    before = first.sidecar.read_bytes()
    with pytest.raises(OutputExists):
        workspace.sign(photo, options=options)
    assert first.sidecar.read_bytes() == before
    second = workspace.sign(photo, options=options, overwrite=True)
    assert first.store.active in second.store.manifests


def test_a_sidecar_that_is_something_else_is_not_overwritten_even_when_asked(workspace, photo):
    sidecar = photo.with_name("photo.jpg.c2pa")
    sidecar.write_bytes(b"precious")
    with pytest.raises(BrokenSource):
        workspace.sign(photo, options=SigningOptions(carrier=Carrier.SIDECAR), overwrite=True)
    assert sidecar.read_bytes() == b"precious"


def test_a_large_picture_is_not_held_for_its_thumbnail(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr("provenance.storage.sources.IN_MEMORY", 100)
    large = tmp_path / "large.tif"
    Image.new("RGB", (4000, 3000), "navy").save(large)
    options = SigningOptions(metadata=MetadataLevel.NONE)
    workspace.sign(large, tmp_path / "warm.tif", options=options)
    tracemalloc.start()
    try:
        signed = workspace.sign(large, options=options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert signed.store.active_manifest.thumbnail
    assert peak < large.stat().st_size / 4


def test_a_sidecar_for_a_large_file_needs_no_room_in_the_folder_for_temporary_files(workspace, photo, monkeypatch):
    monkeypatch.setattr("provenance.storage.sources.IN_MEMORY", 100)
    monkeypatch.setattr("tempfile.tempdir", str(photo.with_name("nowhere")))
    before = _names(photo.parent)
    signed = workspace.sign(photo, options=SigningOptions(carrier=Carrier.SIDECAR))
    assert _names(photo.parent) == sorted([*before, signed.sidecar.name])


def test_a_sidecar_for_a_large_file_that_has_no_room_beside_it_is_refused(workspace, photo, monkeypatch):
    monkeypatch.setattr("provenance.storage.sources.IN_MEMORY", 100)

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("provenance.storage.outputs._temporary", refuse)
    monkeypatch.setattr("provenance.storage.outputs._UNNAMED", 0)
    with pytest.raises(OutputError, match="Read-only file system"):
        workspace.sign(photo, options=SigningOptions(carrier=Carrier.SIDECAR))


def test_a_large_file_is_signed_without_holding_it(workspace, photo, monkeypatch):
    monkeypatch.setattr("provenance.storage.sources.IN_MEMORY", 100)
    signed = workspace.sign(photo)
    assert workspace.verify(signed.path).decision == "accepted"
    beside = workspace.sign(photo, options=SigningOptions(carrier=Carrier.SIDECAR))
    assert workspace.verify(photo).decision == "accepted"
    assert beside.path is None


def test_a_sidecar_is_taken_back_when_its_file_cannot_appear(workspace, photo, monkeypatch):
    signed = workspace.sign(photo, photo.with_name("first.jpg"))
    target = photo.with_name("out.jpg")
    real = os.link

    def link(source, name, **options):
        if str(name).endswith("out.jpg"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(source, name, **options)

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(OutputError, match="No space left on device"):
        workspace.sign(signed.path, target, options=SigningOptions(carrier=Carrier.SIDECAR))
    assert _names(photo.parent) == ["first.jpg", "photo.jpg"]


def test_a_full_disk_leaves_nothing(workspace, photo, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        workspace.sign(photo)
    assert "photo.signed.jpg" in str(caught.value)
    assert _names(photo.parent) == ["photo.jpg"]


def test_a_signature_that_does_not_hold_never_becomes_a_file(workspace, photo):
    class Wrong:
        name, algorithm = "Wrong", Algorithm.ES256
        chain_pem = workspace.signer().chain_pem

        def sign(self, data):
            return bytes(64)

    with pytest.raises(SignerRefused):
        workspace.sign(photo, signer=Wrong())
    assert _names(photo.parent) == ["photo.jpg"]


@pytest.mark.parametrize("in_place", [False, True], ids=["new", "in place"])
def test_a_kill_at_any_moment_leaves_no_trace(home, tmp_path, in_place):
    """The delays spread over the life of the command; what must hold holds at every moment."""
    path = tmp_path / "photo.tif"
    large = media.picture().resize((3000, 2000))
    large.save(path, "TIFF")
    original = path.read_bytes()
    arguments = ["--in-place"] if in_place else ["-o", "out.tif", "--force"]
    for step in range(8):
        process = subprocess.Popen(
            [sys.executable, "-m", "provenance", "sign", "photo.tif", "--thumbnail", "none", "-q", *arguments],
            cwd=tmp_path,
        )
        time.sleep(0.15 + 0.05 * step)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert set(_names(tmp_path)) <= {"photo.tif", "out.tif"}
        for name in set(_names(tmp_path)) - ({"photo.tif"} if not in_place else set()):
            if (tmp_path / name).read_bytes() != original:
                verified = subprocess.run(
                    [sys.executable, "-m", "provenance", "verify", name, "-q"], cwd=tmp_path, check=False
                )
                assert verified.returncode == 0, f"{name} is there, but not whole"
    assert in_place or path.read_bytes() == original
