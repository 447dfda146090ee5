"""Every format that can be written, with every carrier: signed, read back by a stranger, and otherwise unchanged."""

from __future__ import annotations

import zipfile

import pytest

from provenance import Carrier, Decision, MetadataLevel, SigningOptions, UnsupportedMedia
from provenance.manifests.formats import BY_MEDIA_TYPE
from provenance.manifests.sniff import detect
from provenance.model.facets import Ancestry, Content, Credential
from tests.support import compare, media
from tests.support.campaign import cases

KINDS = list(media.EXTENSIONS)
REWRITTEN = {"mp3", "flac", "pdf", *media.PACKAGES}
"""The engine writes these anew even for a sidecar: the sidecar belongs to the output."""
SAME_FAMILY = {"heic": {"heic", "heif"}, "heif": {"heic", "heif"}}
"""One container, told apart by its brand, whatever the file is called."""
SOME = cases("kind", KINDS[::3], more=KINDS)
"""For what has least to do with the format."""
URL = "https://example.com/manifests/1.c2pa"


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def source(kind, tmp_path):
    path = tmp_path / f"source.{media.EXTENSIONS[kind]}"
    path.write_bytes(media.make(kind))
    return path


def test_an_embedded_manifest_verifies_and_changes_nothing_else(kind, source, workspace, tmp_path):
    before = source.read_bytes()
    signed = workspace.sign(source)
    verdict = workspace.verify(signed.path)

    assert verdict.decision is Decision.ACCEPTED
    assert verdict.facets.content.state is Content.INTACT
    assert verdict.facets.ancestry.state is Ancestry.UNKNOWN
    assert verdict.inspection.carrier is Carrier.EMBEDDED
    assert source.read_bytes() == before
    after = signed.path.read_bytes()
    assert compare.content(kind, after) == compare.content(kind, before)


def test_a_large_picture_of_many_tiles_is_signed_as_others_are(workspace, vectors, tmp_path):
    large = vectors / "python__sample1.heif"
    signed = workspace.sign(large, tmp_path / "signed.heif")
    assert workspace.verify(signed.path).decision is Decision.ACCEPTED
    assert compare.content("heif", signed.path.read_bytes()) == compare.content("heif", large.read_bytes())


def test_all_other_metadata_stays(kind, source, workspace, tmp_path):
    extension = media.EXTENSIONS[kind]
    before = compare.metadata(source.read_bytes(), extension, tmp_path)
    signed = workspace.sign(source)
    after = compare.metadata(signed.path.read_bytes(), extension, tmp_path)
    assert {key: after.get(key) for key in before} == before


def test_a_sidecar_leaves_the_source_as_it_is(kind, source, workspace):
    before = source.read_bytes()
    options = SigningOptions(carrier=Carrier.SIDECAR)
    output = source.with_name(f"out{source.suffix}") if kind in REWRITTEN else None
    signed = workspace.sign(source, output, options=options)
    asset = output or source

    assert source.read_bytes() == before
    assert signed.sidecar == asset.with_name(f"{asset.name}.c2pa")
    verdict = workspace.verify(asset)
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.inspection.carrier is Carrier.SIDECAR
    assert compare.content(kind, asset.read_bytes()) == compare.content(kind, before)


def test_a_remote_manifest_is_said_to_exist_and_not_fetched(kind, source, workspace):
    before = source.read_bytes()
    options = SigningOptions(carrier=Carrier.REMOTE, remote_url=URL)
    if kind in media.PACKAGES:
        with pytest.raises(UnsupportedMedia, match="no place for the address"):
            workspace.sign(source, options=options)
        return
    signed = workspace.sign(source, options=options)
    manifest = signed.sidecar.read_bytes()
    signed.sidecar.unlink()

    found = workspace.inspect(signed.path)
    assert found.credential is Credential.NOT_FETCHED
    assert found.remote_url == URL
    assert workspace.verify(signed.path).decision is Decision.REVIEW
    assert manifest[4:8] == b"jumb"
    assert compare.content(kind, signed.path.read_bytes()) == compare.content(kind, before)


@pytest.mark.parametrize("rewritten", sorted(REWRITTEN))
def test_a_sidecar_that_would_not_fit_its_source_is_refused(rewritten, workspace, tmp_path):
    path = tmp_path / f"source.{media.EXTENSIONS[rewritten]}"
    path.write_bytes(media.make(rewritten))
    with pytest.raises(UnsupportedMedia, match="rewritten even for a sidecar"):
        workspace.sign(path, options=SigningOptions(carrier=Carrier.SIDECAR))
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@SOME
def test_signing_again_keeps_the_history(kind, source, workspace):
    first = workspace.sign(source)
    second = workspace.sign(first.path)
    assert first.store.active in second.store.manifests
    verdict = workspace.verify(second.path)
    assert verdict.decision is Decision.ACCEPTED
    assert len(verdict.inspection.store.manifests) == 2


@SOME
def test_a_sidecar_of_a_signed_file_keeps_the_history_too(kind, source, workspace):
    first = workspace.sign(source)
    second = workspace.sign(
        first.path, source.with_name(f"bare{source.suffix}"), options=SigningOptions(carrier=Carrier.SIDECAR)
    )
    verdict = workspace.verify(second.path)
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.inspection.carrier is Carrier.SIDECAR
    assert first.store.active in verdict.inspection.store.manifests


@SOME
def test_bytes_are_signed_in_memory(kind, workspace):
    data = media.make(kind)
    signed = workspace.sign(data, options=SigningOptions(metadata=MetadataLevel.NONE, thumbnail=None))
    assert signed.path is None
    assert workspace.verify(signed.data).decision is Decision.ACCEPTED


def test_the_type_is_told_from_the_content_not_the_name(kind, source, workspace):
    renamed = source.with_name("renamed.bin")
    source.rename(renamed)
    found = detect(renamed.read_bytes()[:65536], renamed.name)
    assert set(found.extensions) & SAME_FAMILY.get(kind, {media.EXTENSIONS[kind]})
    assert workspace.verify(workspace.sign(renamed).path).decision is Decision.ACCEPTED


@pytest.mark.parametrize("packed", sorted(media.PACKAGES))
def test_a_compressed_package_is_refused_with_the_reason(packed, workspace, tmp_path):
    path = tmp_path / f"source.{packed}"
    path.write_bytes(media.package(packed, compression=zipfile.ZIP_DEFLATED))
    with pytest.raises(UnsupportedMedia, match="compressed entries") as caught:
        workspace.sign(path)
    assert str(path) in str(caught.value)
    assert workspace.verify(path).decision is Decision.REVIEW


def test_every_written_format_is_tried_here():
    written = {item.media_type for item in BY_MEDIA_TYPE.values() if item.write}
    named = {name: f"x.{extension}" for name, extension in media.EXTENSIONS.items()}
    assert {detect(media.make(name)[:65536], file).media_type for name, file in named.items()} == written
