"""Videos are found by their frames where ffmpeg is there, and where it is not, that is said."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from provenance.fingerprints import thresholds
from provenance.fingerprints.video import to_find, to_keep
from provenance.model.fingerprints import ISCC
from tests.support.campaign import cases
from tests.unit.images.scenes import scene

if TYPE_CHECKING:
    from pathlib import Path

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def ffmpeg(*words: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True)


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Ten seconds, a new scene every second."""
    folder = tmp_path_factory.mktemp("video")
    for second in range(10):
        scene(second, (320, 240)).save(folder / f"{second}.png")
    ffmpeg("-framerate", 1, "-i", folder / "%d.png", "-r", 10, "-c:v", "mpeg4", "-q:v", 3, folder / "video.mp4")
    return folder / "video.mp4"


COPIES = {
    "smaller": ("copy.mp4", "-vf", "scale=160:120", "-c:v", "mpeg4", "-q:v", 9),
    "other frame rate": ("copy.mp4", "-r", 25, "-c:v", "mpeg4", "-q:v", 5),
    "other container": ("copy.mkv", "-c", "copy"),
    "beginning cut off": ("copy.avi", "-ss", 3, "-c:v", "mjpeg", "-q:v", 5),
}


@needs_ffmpeg
@cases("changed", ["other container", "beginning cut off"], more=[*COPIES])
def test_a_copy_of_a_video_is_near_to_it(changed, video, tmp_path):
    name, *options = COPIES[changed]
    copy = tmp_path / name
    ffmpeg("-i", video, *options, copy)
    kept, sought = ({it.variant: int.from_bytes(it.value) for it in way(path).found}
                    for way, path in ((to_keep, video), (to_find, copy)))  # fmt: skip
    nearest = [min((one ^ two).bit_count() for two in kept.values()) for one in sought.values()]
    assert len(kept) == 5
    assert list(kept)[:3] == ["frame-0-ms", "frame-2000-ms", "frame-4000-ms"]
    assert sum(it <= thresholds.CANDIDATE[ISCC] for it in nearest) >= 3


BROKEN = {
    "text": b"not a video",
    "cut off": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41\0\0\0\x08free",
    "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nother.ts\n#EXT-X-ENDLIST\n",
    "list of files": b"ffconcat version 1.0\nfile 'other.ts'\n",
}


@needs_ffmpeg
@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_video_has_no_fingerprints_and_opens_no_other_file(data, video, tmp_path):
    ffmpeg("-i", video, "-c:v", "mpeg2video", tmp_path / "other.ts")
    (tmp_path / "odd.m3u8").write_bytes(data)
    made = to_keep(tmp_path / "odd.m3u8")
    assert (made.found, made.why_none) == ((), "ffmpeg does not decode it as a video")


@needs_ffmpeg
def test_a_file_that_is_not_there_is_no_video(tmp_path):
    assert to_keep(tmp_path / "video.mp4").why_none == "ffmpeg does not decode it as a video"


@needs_ffmpeg
def test_a_video_of_one_colour_has_no_fingerprints(tmp_path):
    ffmpeg("-f", "lavfi", "-i", "color=gray:s=64x48:d=3", "-c:v", "mpeg4", tmp_path / "grey.mp4")
    assert "many videos" in to_keep(tmp_path / "grey.mp4").why_none


def test_without_ffmpeg_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "ffmpeg is not installed" in to_find(tmp_path / "a.mp4").why_none
