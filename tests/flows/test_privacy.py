"""What is published tells nothing about the machine that published it."""

from __future__ import annotations

from provenance import Preset, SigningOptions, Workspace
from provenance.model.facets import Ancestry
from provenance.settings import Settings, TrustSettings
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
