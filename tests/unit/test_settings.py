"""Settings: from a file and the environment, or an error that names the file and what is wrong in it."""

from __future__ import annotations

import pytest

from provenance import settings
from provenance.errors import SettingsError

WRONG = {
    "broken TOML": (b"signing = ", "is not TOML"),
    "unknown key": (b'[signing]\nidentiy = "x"', "did you mean 'identity'?"),
    "unknown table": (b"[sining]", "did you mean 'signing'?"),
    "wrong type": (b'[trust]\nsigners = "one.pem"', "$.trust.signers"),
    "wrong type in a list": (b"[trust]\nsigners = [1]", "$.trust.signers[0]"),
    "not UTF-8": (b'home = "\xff"', "it is not UTF-8 text"),
    "binary": (bytes(range(256)), "it is not UTF-8 text"),
    "resolver without TLS": (b'[catalogue]\nresolvers = ["http://example.org/v1"]', "number 1 of catalogue.resolvers"),
    "resolver with a password": (
        b'[catalogue]\nresolvers = ["https://example.org/v1", "https://me:secret@example.org"]',
        "number 2 of catalogue.resolvers",
    ),
}


def load(path, **more):
    return settings.load({"PROVENANCE_SETTINGS": str(path), "PROVENANCE_HOME": str(path.parent), **more})


@pytest.mark.parametrize(("content", "words"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_used_is_named_with_what_is_wrong(content, words, tmp_path):
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert caught.value.path == str(path)
    assert caught.value.hint
    assert words in caught.value.message
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_a_file_that_the_environment_names_must_be_there(kind, tmp_path):
    path = tmp_path if kind == "directory" else tmp_path / "gone.toml"
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert caught.value.path == str(path)
    assert "PROVENANCE_SETTINGS" in caught.value.hint


def test_an_empty_file_means_the_defaults(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_bytes(b"")
    assert load(path) == settings.Settings(home=str(tmp_path))


def test_no_file_at_all_means_the_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings.load({"PROVENANCE_HOME": "/somewhere"}) == settings.Settings(home="/somewhere")


def test_the_users_own_file_is_read_when_none_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "_folder", lambda kind: tmp_path / kind)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('[signing]\nauthor = "Zoë"', encoding="utf-8")
    found = settings.load({})
    assert (found.signing.author, found.home) == ("Zoë", str(tmp_path / "data"))


def test_trust_files_are_found_from_the_settings_file(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text('[trust]\nsigners = ["one.pem", "/two.pem"]\ntimestamps = ["sub/three.pem"]\n', encoding="utf-8")
    trust = load(path).trust
    assert trust.signers == (str(tmp_path / "one.pem"), "/two.pem")
    assert trust.timestamps == (str(tmp_path / "sub" / "three.pem"),)


def test_the_environment_comes_before_the_file(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text('home = "/from/the/file"', encoding="utf-8")
    assert load(path, PROVENANCE_HOME="/from/the/environment").home == "/from/the/environment"
    assert settings.load({"PROVENANCE_SETTINGS": str(path)}).home == "/from/the/file"


@pytest.mark.parametrize("size", [-1, 4096])
def test_a_thumbnail_of_impossible_size_is_refused(tmp_path, size):
    path = tmp_path / "settings.toml"
    path.write_text(f"[signing]\nthumbnail = {size}\n")
    with pytest.raises(SettingsError, match=f"signing.thumbnail is {size}"):
        settings.load({"PROVENANCE_SETTINGS": str(path)})
