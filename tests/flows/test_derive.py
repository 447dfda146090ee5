"""Renditions of a signed master: what is stated of them, and what is refused."""

from __future__ import annotations

import io
import shutil
from importlib import import_module

import pytest
from PIL import Image

from provenance import (
    BrokenSource,
    Carrier,
    Decision,
    DerivingOptions,
    InvalidClaim,
    ManifestError,
    MetadataLevel,
    OutputExists,
    Preset,
    SigningOptions,
    trace,
)
from provenance.errors import UnsupportedMedia
from provenance.manifests.contents import contents
from provenance.model.claim import Relationship
from provenance.model.facets import Ancestry
from provenance.storage import sources
from tests.support import media

WIDE = (400, 300)
CAPTURE = SigningOptions(preset=Preset.CAPTURE)


def picture(size=WIDE):
    return media.picture().resize(size)


def saved(image, form="JPEG", orientation=None, **options):
    target = io.BytesIO()
    if orientation is not None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    image.save(target, form, **options)
    return target.getvalue()


def actions(signed):
    return [item.name.removeprefix("c2pa.") for item in signed.store.active_manifest.actions]


def thumbnails(signed):
    return [item.label for item in contents(signed.store.data) if item.label.startswith("c2pa.thumbnail")]


@pytest.fixture
def master(workspace):
    """A signed picture of 400 by 300 pixels."""
    return workspace.sign(saved(picture()), options=CAPTURE).data


@pytest.fixture
def desk(workspace, tmp_path, master):
    """A folder with a signed master, three renditions of it, and a file that is no media file."""
    (tmp_path / "master.jpg").write_bytes(master)
    (tmp_path / "web.jpg").write_bytes(saved(picture((200, 150))))
    (tmp_path / "small.webp").write_bytes(saved(picture((80, 60)), "WEBP"))
    (tmp_path / "square.jpg").write_bytes(saved(picture((100, 100))))
    (tmp_path / "text.jpg").write_bytes(b"hello")
    return tmp_path


RENDITIONS = {
    "smaller": (lambda: saved(picture((200, 150))), ["opened", "resized.proportional"]),
    "WebP": (lambda: saved(picture((200, 150)), "WEBP"), ["opened", "resized.proportional", "transcoded"]),
    "AVIF": (lambda: saved(picture((100, 75)), "AVIF"), ["opened", "resized.proportional", "transcoded"]),
    "PNG": (lambda: saved(picture(), "PNG"), ["opened", "transcoded"]),
    "GIF": (lambda: saved(picture((99, 74)), "GIF"), ["opened", "resized.proportional", "transcoded"]),
    "TIFF": (lambda: saved(picture((800, 600)), "TIFF"), ["opened", "resized.proportional", "transcoded"]),
    "another quality": (lambda: saved(picture(), quality=30), ["opened", "transcoded"]),
    "lying on its side": (lambda: saved(picture((150, 200)), orientation=6), ["opened", "resized.proportional"]),
}


@pytest.mark.parametrize(("rendition", "expected"), RENDITIONS.values(), ids=RENDITIONS)
def test_a_rendition_has_the_master_as_its_parent(rendition, expected, workspace, master):
    signed = workspace.derive(master, rendition())
    assert actions(signed) == expected
    assert thumbnails(signed) == ["c2pa.thumbnail.claim"]
    verdict = workspace.verify(signed.data)
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    (parent,) = verdict.inspection.store.active_manifest.ingredients
    assert parent.relationship is Relationship.PARENT_OF
    history = trace(verdict.inspection.store)
    began = history.edit(history.line[-1])
    assert [item.name for item in began.actions] == ["c2pa.created"]


@pytest.mark.parametrize("kind", ["png", "webp", "tiff", "avif"])
def test_a_master_of_any_kind_passes_its_credentials_on(kind, workspace):
    master = workspace.sign(media.make(kind), options=CAPTURE).data
    signed = workspace.derive(master, saved(media.picture().resize((80, 60))))
    assert actions(signed) == ["opened", "resized.proportional", "transcoded"]
    assert workspace.verify(signed.data).decision is Decision.ACCEPTED


@pytest.mark.parametrize("kind", [("wav", "mp3"), ("mov", "mp4"), ("wav", "flac")], ids="-".join)
def test_of_films_and_sound_only_the_type_is_compared(kind, workspace):
    master = workspace.sign(media.make(kind[0]), options=CAPTURE).data
    signed = workspace.derive(master, media.make(kind[1]))
    assert actions(signed) == ["opened", "transcoded"]
    assert bool(signed.notes) is (kind[0] == "mov")
    assert workspace.verify(signed.data).decision is Decision.ACCEPTED


def test_a_size_that_cannot_be_read_is_said_to_be_not_compared(workspace):
    master = workspace.sign(media.make("svg"), options=CAPTURE).data
    signed = workspace.derive(master, saved(picture()), options=DerivingOptions(actions=("rendered",)))
    assert actions(signed) == ["opened", "rendered"]
    assert "size was not compared" in signed.notes[0]


def test_a_master_that_lies_on_its_side_is_compared_as_it_is_shown(workspace):
    master = workspace.sign(saved(picture(), orientation=6), options=CAPTURE).data
    upright = saved(picture((75, 100)))
    assert actions(workspace.derive(master, upright)) == ["opened", "resized.proportional"]
    with pytest.raises(InvalidClaim, match="another shape"):
        workspace.derive(master, saved(picture((100, 75))))


def test_the_credentials_of_a_master_may_stand_beside_it(workspace, desk):
    path = desk / "bare.jpg"
    path.write_bytes(saved(picture()))
    original = workspace.sign(path, options=SigningOptions(carrier=Carrier.SIDECAR))
    signed = workspace.derive(path, desk / "web.jpg")
    assert original.store.active in signed.store.manifests
    assert workspace.verify(signed.path).decision is Decision.ACCEPTED


def test_a_rendition_that_shares_its_masters_sidecar_is_no_second_past(workspace, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(saved(picture()))
    workspace.sign(tmp_path / "photo.jpg", options=SigningOptions(carrier=Carrier.SIDECAR))
    (tmp_path / "photo.jpg.c2pa").rename(tmp_path / "photo.c2pa")
    (tmp_path / "photo.webp").write_bytes(saved(picture((80, 60)), "WEBP"))
    signed = workspace.derive(tmp_path / "photo.jpg", tmp_path / "photo.webp")
    assert workspace.verify(signed.path).decision is Decision.ACCEPTED


def test_credentials_that_a_tool_copied_from_the_master_are_replaced(workspace, master):
    copied = bytearray(master)
    copied[-40] ^= 1
    signed = workspace.derive(master, bytes(copied))
    assert actions(signed) == ["opened", "transcoded"]
    assert workspace.verify(signed.data).decision is Decision.ACCEPTED


def test_a_crop_is_the_users_to_say(workspace, master):
    square = saved(picture((100, 100)), "WEBP")
    with pytest.raises(InvalidClaim, match="sizes do not tell a crop from a distortion") as raised:
        workspace.derive(master, square)
    assert "--action cropped" in raised.value.hint
    signed = workspace.derive(master, square, options=DerivingOptions(actions=("cropped",)))
    assert actions(signed) == ["opened", "cropped", "transcoded"]
    assert workspace.verify(signed.data).decision is Decision.ACCEPTED


REFUSED = {
    "the master itself": (lambda w, master: (master, master), InvalidClaim, "is the master itself"),
    "a master without credentials": (
        lambda w, master: (media.jpeg(), media.jpeg(2)),
        ManifestError,
        "no Content Credentials to pass on",
    ),
    "a second past": (
        lambda w, master: (master, w.sign(saved(picture((200, 150))), options=CAPTURE).data),
        InvalidClaim,
        "a history that is not its parent's",
    ),
    "no media file": (lambda w, master: (master, b"hello"), UnsupportedMedia, "not a media file"),
    "a frame of a film": (
        lambda w, master: (w.sign(media.make("mp4"), options=CAPTURE).data, saved(picture())),
        InvalidClaim,
        "its master is a film",
    ),
}


@pytest.mark.parametrize(("made", "error", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_rendition_is_refused(made, error, why, workspace, master):
    original, rendition = made(workspace, master)
    with pytest.raises(error, match=why) as raised:
        workspace.derive(original, rendition)
    assert raised.value.hint


def test_a_broken_master_is_refused(workspace, master):
    broken = bytearray(master)
    broken[-40] ^= 1
    with pytest.raises(BrokenSource, match="cannot be built on"):
        workspace.derive(bytes(broken), saved(picture((200, 150))))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "mp3", "mp4", "tiff"])
def test_a_master_that_lost_its_credentials_is_no_rendition(kind, workspace, tmp_path):
    """Nothing was done to it: to state that it was encoded anew would be wrong."""
    signed, bare = tmp_path / f"master.{kind}", tmp_path / f"bare.{kind}"
    signed.write_bytes(workspace.sign(media.make(kind), options=CAPTURE).data)
    workspace.strip(signed, bare)
    with pytest.raises(InvalidClaim, match="is the master without its credentials"):
        workspace.derive(signed, bare)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_what_the_master_was_before_it_was_signed_is_no_rendition(kind, workspace):
    before = media.make(kind)
    with pytest.raises(InvalidClaim, match="is the master without its credentials"):
        workspace.derive(workspace.sign(before, options=CAPTURE).data, before)


def test_a_rendition_states_what_it_is_told(workspace, desk):
    options = DerivingOptions(
        title="Flut", author="Zoë", metadata=MetadataLevel.NONE, thumbnail=32, carrier=Carrier.SIDECAR
    )
    signed = workspace.derive(desk / "master.jpg", desk / "web.jpg", options=options)
    manifest = signed.store.active_manifest
    assert manifest.title == "Flut"
    assert next(item for item in manifest.assertions if item.label == "cawg.metadata").data["dc:creator"] == ["Zoë"]
    assert manifest.thumbnail is not None
    assert signed.sidecar == desk / "web.jpg.c2pa"
    assert workspace.verify(desk / "web.jpg").decision is Decision.ACCEPTED


def test_thumbnails_of_the_master_can_be_dropped(workspace, master):
    """Those of every step go: of the file as it was captured, as it was published, and of what went into it."""
    shown = workspace.sign(master, options=SigningOptions(ingredients=(master,))).data
    rendition = saved(picture((80, 60)))
    whole = workspace.derive(shown, rendition)
    (note,) = whole.notes
    assert "--drop-thumbnails" in note
    signed = workspace.derive(shown, rendition, options=DerivingOptions(drop_thumbnails=True))
    assert len(thumbnails(whole)) >= 2
    assert thumbnails(signed) == []
    assert signed.notes == ()
    assert set(actions(signed)[2:]) == {"redacted"}
    verdict = workspace.verify(signed.data)
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    assert verdict.inspection.store.reported_state == "Trusted"
    again = workspace.derive(signed.data, saved(picture((40, 30))), options=DerivingOptions(drop_thumbnails=True))
    assert workspace.verify(again.data).decision is Decision.ACCEPTED


def test_a_master_without_thumbnails_has_nothing_to_drop(workspace):
    bare = SigningOptions(preset=Preset.CAPTURE, thumbnail=None)
    master = workspace.sign(saved(picture()), options=bare).data
    signed = workspace.derive(master, saved(picture((80, 60))), options=DerivingOptions(drop_thumbnails=True))
    assert actions(signed) == ["opened", "resized.proportional"]
    assert signed.notes == ()


def test_the_master_is_read_and_looked_at_once(workspace, desk, monkeypatch):
    read, looked_at = [], []
    held = sources.Source.held
    looking = import_module("provenance.signing.look")
    locate = looking.locate

    def counted(*given, **more):
        looked_at.append(more["path"].name)
        return locate(*given, **more)

    monkeypatch.setattr(sources.Source, "held", lambda self: (read.append(self.title), held(self))[1])
    monkeypatch.setattr(looking, "locate", counted)
    master = workspace.master(desk / "master.jpg")
    for name in ("web.jpg", "small.webp"):
        workspace.derive(master, desk / name)
    assert read == looked_at == ["master.jpg", "web.jpg", "small.webp"]


@pytest.mark.parametrize("output", ["master.jpg", "link.jpg"])
def test_the_master_is_never_overwritten(output, workspace, desk, master):
    (desk / "link.jpg").symlink_to("master.jpg")
    with pytest.raises(OutputExists, match="made from"):
        workspace.derive(desk / "master.jpg", desk / "web.jpg", desk / output, overwrite=True)
    assert (desk / "master.jpg").read_bytes() == master


def test_a_rendition_of_the_masters_name_does_not_replace_it(workspace, desk, master):
    (desk / "web").mkdir()
    shutil.move(desk / "web.jpg", desk / "web" / "master.jpg")
    with pytest.raises(OutputExists, match="made from"):
        workspace.derive(desk / "master.jpg", desk / "web" / "master.jpg", f"{desk}/", overwrite=True)
    assert (desk / "master.jpg").read_bytes() == master
