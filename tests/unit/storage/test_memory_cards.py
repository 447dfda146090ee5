"""Outputs on file systems that know neither links nor permissions: they too appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from provenance.errors import OutputError, OutputExists
from provenance.storage import outputs, publish, writing


def names(folder):
    return sorted(item.name for item in folder.iterdir())


@pytest.fixture
def without_links(monkeypatch):
    """A file system as on a memory card: no files without a name, no links, no permissions."""

    def refuse(*_args, **_more):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(outputs, "_UNNAMED", 0)
    monkeypatch.setattr(outputs.os, "link", refuse)
    monkeypatch.setattr(outputs.os, "fchmod", refuse)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_memory_card_can_be_written_to(overwrite, without_links, tmp_path):
    like = tmp_path / "like"
    like.write_bytes(b"")
    with writing(tmp_path / "out", overwrite=overwrite, like=like) as stream:
        stream.write(b"data")
    assert (tmp_path / "out").read_bytes() == b"data"
    assert names(tmp_path) == ["like", "out"]


def test_on_a_memory_card_too_nothing_is_overwritten_unasked(without_links, tmp_path):
    target = tmp_path / "out"
    with pytest.raises(OutputExists), writing(target) as stream:  # noqa: PT012
        stream.write(b"ours")
        target.write_bytes(b"somebody else's")
    assert target.read_bytes() == b"somebody else's"
    assert names(tmp_path) == ["out"]


def test_on_a_memory_card_too_a_failing_rename_leaves_nothing_behind(without_links, tmp_path, monkeypatch):
    def fail(*_args):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match=os.strerror(errno.EIO)):
        publish(b"data", tmp_path / "out")
    assert names(tmp_path) == []
