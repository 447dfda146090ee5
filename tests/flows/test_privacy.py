"""What is published tells nothing about the machine that published it."""

from __future__ import annotations

from provenance import Preset, SigningOptions, Workspace
from provenance.model.facets import Ancestry, Time
from provenance.settings import Settings, TrustSettings
from tests.conftest import TRUST
from tests.support import media


def test_the_names_of_trust_lists_stay_at_home(workspace, tmp_path):
    (tmp_path / "secret-client.pem").write_text(workspace.identities.roots()[0][1])
    private = Settings(home=workspace.settings.home, trust=TrustSettings(development=False))
    insider = Workspace(private, trust_files=[tmp_path / "secret-client.pem"])
    captured = insider.sign(media.jpeg(), options=SigningOptions(preset=Preset.CAPTURE)).data
    published = insider.sign(insider.sign(captured).data).data

    verdict = insider.verify(published)
    assert verdict.facets.signer.reason.endswith("through the list 'secret-client'")
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    assert b"secret-client" not in published


def test_no_path_of_the_machine_is_published(workspace, tmp_path):
    folder = tmp_path / "confidential-project"
    folder.mkdir()
    for name, seed in (("one.jpg", 1), ("two.jpg", 2), ("logo.jpg", 3)):
        (folder / name).write_bytes(media.jpeg(seed))
    first = workspace.sign(folder / "one.jpg")
    options = SigningOptions(preset=Preset.EDIT, parent=first.path, ingredients=(folder / "logo.jpg",))
    edited = workspace.sign(folder / "two.jpg", options=options)
    assert b"confidential-project" not in edited.path.read_bytes()


def test_the_names_of_time_stamp_lists_stay_at_home_too(workspace, tmp_path, vectors):
    (tmp_path / "secret-authority.pem").write_bytes((TRUST / "ITL-anchors.pem").read_bytes())
    trust = TrustSettings(timestamps=(str(tmp_path / "secret-authority.pem"),))
    insider = Workspace(Settings(home=workspace.settings.home, trust=trust), trust_files=[vectors / "test-roots.pem"])
    stamped = vectors / "rs__CACA.jpg"
    assert insider.inspect(stamped).facets.time.state is Time.TRUSTED
    published = insider.sign(stamped, tmp_path / "published.jpg").path.read_bytes()
    assert b"secret-authority" not in published
    assert b"test-roots" not in published
