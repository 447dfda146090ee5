"""A second opinion: an independent implementation of the standard reads what we sign.

encypher-c2pa shares no code with the engine. Where the two disagree, a test says so, and docs/limits.md.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import encypher_c2pa
import pytest

from provenance import AiTraining, DerivingOptions, Preset, SigningOptions, Workspace
from provenance.settings import TimestampSettings, TrustSettings
from tests.support import media
from tests.support.tsa import Authority

DISAGREED = frozenset(media.PACKAGES)
"""The two read the collection hash of packages differently."""
KNOWN_REMARKS = {
    "signingCredential.ocsp.skipped",  # nobody asks for revocation here
    "assertion.dataHash.additionalExclusionsPresent",  # the engine leaves the manifest's own tag out of TIFF hashes too
    "assertion.bmffHash.additionalExclusionsPresent",  # and boxes that only frame the content
    "ingredient.unknownProvenance",  # as it should be for files without credentials
    "com.encypher.cawg.trainingMining.effectiveUse",  # it repeats what is stated
}
CLAIMS = {
    "capture": {"preset": Preset.CAPTURE},
    "publish": {},
    "edit": {
        "preset": Preset.EDIT,
        "parent": media.jpeg(5),
        "ingredients": (media.jpeg(6),),
        "actions": ("cropped", "adjustedColor", "translated:sourceLanguage=de,targetLanguage=en"),
    },
    "generated": {"ai_model": "Dream 3"},
    "training": {"ai_training": AiTraining.CONSTRAINED, "ai_constraint": "https://example.com/licence"},
    "screen": {"preset": Preset.CAPTURE, "source_type": "screenCapture"},
    "without place": {"preset": Preset.CAPTURE, "drop_location": True},
}


def _ask(path, workspace, **lists):
    """Return its verdict and the codes of all failures, offline and without telemetry."""
    (_, root), *_ = workspace.identities.roots()
    found = encypher_c2pa.verify(
        str(path), trust_pem=root, no_default_trust=True, telemetry=False, online=False, **lists
    )
    results = found["validation_results"]
    return found, {item["code"] for item in results["failure"]}, {item["code"] for item in results["informational"]}


@pytest.mark.parametrize("kind", sorted(set(media.EXTENSIONS) - DISAGREED))
def test_every_format_holds(kind, workspace, tmp_path):
    path = tmp_path / f"signed.{media.EXTENSIONS[kind]}"
    path.write_bytes(workspace.sign(media.make(kind), options=SigningOptions(preset=Preset.CAPTURE)).data)
    found, failures, remarks = _ask(path, workspace)
    assert failures == set()
    assert remarks <= KNOWN_REMARKS
    assert (found["integrity"], found["signature"], found["hard_binding"]) == ("valid", "valid", "match")
    assert found["validation_state"] == "Trusted"


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_every_claim_follows_the_standard(claim, workspace, tmp_path):
    path = tmp_path / "signed.jpg"
    path.write_bytes(workspace.sign(media.jpeg(exif=True), options=SigningOptions(**claim)).data)
    found, failures, remarks = _ask(path, workspace)
    assert failures == set()
    assert remarks <= KNOWN_REMARKS
    assert found["validation_state"] == "Trusted"


def test_history_holds_too(workspace, tmp_path):
    path = tmp_path / "signed.jpg"
    captured = workspace.sign(media.jpeg(exif=True), options=SigningOptions(preset=Preset.CAPTURE)).data
    path.write_bytes(workspace.sign(workspace.sign(captured).data).data)
    found, failures, _ = _ask(path, workspace)
    assert failures == set()
    assert found["validation_state"] == "Trusted"


def _derived(workspace, path, **options):
    master = workspace.sign(media.jpeg(exif=True), options=SigningOptions(preset=Preset.CAPTURE)).data
    rendition = media.make("png")
    path.write_bytes(workspace.derive(master, rendition, options=DerivingOptions(**options)).data)
    return _ask(path, workspace)


def test_renditions_hold_with_the_masters_thumbnails(workspace, tmp_path):
    found, failures, remarks = _derived(workspace, tmp_path / "web.png")
    assert failures == set()
    assert remarks <= KNOWN_REMARKS
    assert found["validation_state"] == "Trusted"


def test_it_notices_what_we_notice(workspace, tmp_path):
    path = tmp_path / "signed.jpg"
    changed = bytearray(workspace.sign(media.jpeg()).data)
    changed[-40] ^= 1
    path.write_bytes(changed)
    found, failures, _ = _ask(path, workspace)
    assert failures == {"assertion.dataHash.mismatch"}
    assert found["validation_state"] == "Invalid"


@pytest.mark.parametrize("kind", sorted(DISAGREED))
def test_it_expects_another_collection_hash_of_packages(kind, workspace, tmp_path):
    path = tmp_path / f"signed.{kind}"
    path.write_bytes(workspace.sign(media.make(kind)).data)
    _, failures, _ = _ask(path, workspace)
    assert "assertion.collectionHash.malformed" in failures


def test_it_expects_another_form_of_redactions(workspace, tmp_path):
    """The engine takes the whole assertion out of the store; docs/limits.md tells users."""
    path = tmp_path / "signed.jpg"
    captured = workspace.sign(media.jpeg(exif=True), options=SigningOptions(preset=Preset.CAPTURE)).data
    path.write_bytes(workspace.sign(captured, options=SigningOptions(drop_location=True)).data)
    _, failures, _ = _ask(path, workspace)
    assert failures == {"assertion.action.redactionMismatch"}


def test_dropping_thumbnails_is_such_a_redaction(workspace, tmp_path):
    """This is why `derive` does not do it unasked."""
    _, failures, _ = _derived(workspace, tmp_path / "web.png", drop_thumbnails=True)
    assert failures == {"assertion.action.redactionMismatch"}


@pytest.fixture
def stamping(workspace, tmp_path):
    """A workspace that has a time-stamp authority, and the roots that another validator needs for it."""
    with Authority() as tsa:
        roots = tmp_path / "times.pem"
        roots.write_text(tsa.root_pem)
        yield Workspace(
            replace(
                workspace.settings,
                timestamps=TimestampSettings(urls=(tsa.url,), deadline=5),
                trust=TrustSettings(timestamps=(str(roots),)),
            )
        )


def _times(workspace):
    return Path(workspace.settings.trust.timestamps[0]).read_text()


def test_a_time_that_was_attested_holds(stamping, tmp_path):
    path = tmp_path / "signed.jpg"
    path.write_bytes(stamping.sign(media.jpeg()).data)
    found, failures, remarks = _ask(path, stamping, tsa_trust_pem=_times(stamping))
    assert failures == set()
    assert remarks <= KNOWN_REMARKS
    assert "timeStamp.trusted" in {item["code"] for item in found["validation_results"]["success"]}


def test_a_time_that_was_added_later_holds(stamping, workspace, tmp_path):
    path = tmp_path / "signed.jpg"
    path.write_bytes(stamping.timestamp(workspace.sign(media.jpeg()).data).data)
    found, failures, remarks = _ask(path, stamping, tsa_trust_pem=_times(stamping))
    assert failures == set()
    assert remarks <= KNOWN_REMARKS
    assert found["validation_state"] == "Trusted"


def test_a_publishers_identity_is_well_formed(workspace, tmp_path):
    """Whom it trusts as a publisher is its own affair: it takes no development root for that."""
    path = tmp_path / "signed.jpg"
    path.write_bytes(workspace.sign(media.jpeg(), options=SigningOptions(publisher="Example News")).data)
    found, failures, remarks = _ask(path, workspace)
    assert failures == set()
    assert remarks <= KNOWN_REMARKS | {"com.encypher.cawg.legacyProfile"}
    assert "cawg.x509.signature.validated" in {item["code"] for item in found["validation_results"]["success"]}
