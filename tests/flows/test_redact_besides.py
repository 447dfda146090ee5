"""What a redaction has to do with besides: times, publishers, addresses, very large files, other people's files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance import Algorithm, Carrier, Decision, Preset, SigningOptions, TimestampError, Workspace
from provenance.claims import RedactionOptions
from provenance.errors import BrokenSource, LeftBehind
from provenance.model.claim import Timestamp
from provenance.model.facets import Ancestry, Publisher, Time
from provenance.settings import Settings, SigningSettings, TimestampSettings, TrustSettings
from provenance.storage import sources
from provenance.workspace.redacting import planning, searching
from tests.flows import redaction_lab as lab
from tests.support import media
from tests.support.tsa import Authority

AUTHOR = RedactionOptions(fields=("author",))
TEST_ROOTS = "test-roots.pem"


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_the_time_of_a_redaction_can_be_attested(kind, workspace, tmp_path):
    source = lab.capture(workspace, lab.jpeg() if kind == "jpeg" else media.make("webp"))
    options = replace(AUTHOR, leave=("exif",), timestamp=Timestamp.REQUIRED)
    with pytest.raises(TimestampError):
        workspace.redact(source, options=options)
    with Authority() as authority:
        (tmp_path / "times.pem").write_text(authority.root_pem)
        space = Workspace(
            replace(
                workspace.settings,
                timestamps=TimestampSettings(urls=(authority.url,), deadline=2, attempts=1),
                trust=TrustSettings(timestamps=(str(tmp_path / "times.pem"),)),
            )
        )
        done = space.redact(source, options=options)
    verdict = space.verify(done.signed.data)
    assert verdict.facets.time.state is Time.TRUSTED
    assert verdict.decision is Decision.ACCEPTED


@pytest.mark.parametrize(("erase", "state"), [(False, Publisher.NONE), (True, Publisher.TRUSTED)])
def test_a_publisher_stands_behind_content_only(erase, state, tmp_path):
    """An update manifest has no hard binding that an identity could vouch for."""
    home = Settings(home=str(tmp_path))
    space = Workspace(replace(home, signing=SigningSettings(publisher="Desk")))
    for name in ("Example News", "Desk"):
        space.identities.create(name, algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC))
    space.identities.set_default("Example News")
    source = lab.capture(Workspace(home), lab.jpeg(artist=lab.AUTHOR))
    done = space.redact(source, options=replace(AUTHOR, erase=erase, leave=() if erase else ("exif",)))
    verdict = space.verify(done.signed.data)
    assert verdict.facets.publisher.state is state
    assert verdict.decision is Decision.ACCEPTED


def test_a_manifest_that_is_kept_elsewhere_is_not_taken_for_redacted(workspace, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(lab.jpeg())
    options = replace(lab.CAPTURE, carrier=Carrier.REMOTE, remote_url="https://example.com/photo.c2pa")
    signed = workspace.sign(path, tmp_path / "out.jpg", options=options)
    manifest = signed.sidecar.read_bytes()
    signed.sidecar.unlink()
    with pytest.raises(BrokenSource, match="--online"):
        workspace.redact(signed.path, options=AUTHOR)
    signed.sidecar.write_bytes(manifest)
    with pytest.raises(LeftBehind, match=r"https://example\.com/photo\.c2pa"):
        workspace.redact(signed.path, options=AUTHOR)
    done = workspace.redact(signed.path, options=replace(AUTHOR, erase=True))
    assert done.left == ()
    assert b"example.com" not in done.signed.path.read_bytes()
    assert lab.AUTHOR.encode() not in done.signed.sidecar.read_bytes()
    assert workspace.verify(done.signed.path).decision is Decision.ACCEPTED


def test_a_very_large_file_is_searched_to_its_end(workspace, tmp_path, monkeypatch):
    path = tmp_path / "photo.jpg"
    path.write_bytes(lab.capture(workspace, media.jpeg() + lab.AUTHOR.encode()))
    for module in (sources, searching):
        monkeypatch.setattr(module, "IN_MEMORY", 1000)
    monkeypatch.setattr(searching, "WITHIN", 2000)
    with pytest.raises(LeftBehind) as caught:
        workspace.redact(path, options=AUTHOR)
    assert {item.hiding for item in caught.value.leaks} == {"bytes"}
    done = workspace.redact(path, options=replace(AUTHOR, leave=("bytes",)))
    assert any("very large" in note for note in done.signed.notes)
    assert workspace.verify(done.signed.path).decision is Decision.ACCEPTED


def test_what_cannot_be_read_is_said(workspace):
    from tests.unit.metadata.test_erase import FILES

    source = workspace.sign(FILES["webp"], options=SigningOptions(preset=Preset.CAPTURE, assertions=(lab.PLACE,))).data
    options = RedactionOptions(fields=("gps", "serial"), leave=("exif", "xmp"))
    notes = planning.plan(workspace, source, options).forecast.notes
    assert any("maker notes" in note for note in notes)
    erased = replace(options, erase=True)
    assert not any("maker notes" in note for note in planning.plan(workspace, source, erased).forecast.notes)
    pdf = workspace.sign(media.make("pdf"), options=lab.CAPTURE).data
    assert any("PDF" in note for note in planning.plan(workspace, pdf, AUTHOR).forecast.notes)


OTHERS = {
    "python__CA.jpg": {"fields": ("author",)},
    "python__video1.mp4": {"fields": ("author",)},
    "rs__CACA.jpg": {"fields": ("thumbnail",)},
    "python__C_with_CAWG_data.jpg": {"assertions": ("cawg.training-mining",)},
    "python__sample1_signed.wav": {"assertions": ("cawg.training-mining",)},
    "rs__update_manifest.jpg": {"fields": ("thumbnail",), "erase": True},
    "python__C.dng": {"fields": ("software",), "erase": True},
    "python__boxhash.jpg": {"fields": ("thumbnail",)},
    "python__legacy_ingredient_hash.jpg": {"fields": ("thumbnail",)},
    "rs__ocsp.jpg": {"fields": ("thumbnail",)},
}
"""Histories that other programs have signed, claims of version 1 among them."""


@pytest.mark.parametrize("name", OTHERS)
def test_what_other_programs_have_signed_can_be_redacted(name, workspace, vectors):
    space = Workspace(workspace.settings, trust_files=[vectors / TEST_ROOTS])
    source = (vectors / name).read_bytes()
    before = space.inspect(source)
    done = space.redact(source, options=RedactionOptions(**OTHERS[name]))
    after = space.verify(done.signed.data)
    assert done.gone or done.erased
    assert done.left == ()
    assert after.inspection.store.reported_state in {"Trusted", before.store.reported_state}
    assert after.facets.ancestry.state in {Ancestry.INTACT, before.facets.ancestry.state}
    for item in done.gone:
        assert all(value.text.encode() not in done.signed.data for value in item.values if len(value.text) > 8)
