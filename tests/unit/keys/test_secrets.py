"""Where passphrases, PINs and tokens come from."""

from __future__ import annotations

import os
import sys

import pytest

from provenance.errors import KeyUnavailable
from provenance.keys.secrets import first_of, from_environment, from_file, from_keyring
from tests.unit.keys.key_lab import write_private

PIN = "the PIN of token Newsroom"


def test_the_environment_answers_as_it_is_at_that_moment(monkeypatch):
    usual, other = from_environment(), from_environment("DESK_PIN")
    assert (usual(PIN), other(PIN)) == (None, None)
    monkeypatch.setenv("PROVENANCE_PASSPHRASE", "one")
    monkeypatch.setenv("DESK_PIN", " two ")
    assert (usual(PIN), other(PIN)) == ("one", " two ")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"4711", "4711"),
        (b"4711\n", "4711"),
        (b"4711\r\n", "4711"),
        (b"4711\n\n", "4711\n"),
        (b" 4711 \n", " 4711 "),
        ("pässword".encode(), "pässword"),
        (b"", ""),
    ],
)
def test_a_file_answers_without_the_end_of_its_line(tmp_path, data, answer):
    assert from_file(write_private(tmp_path / "pin", data))(PIN) == answer


def test_a_file_is_read_when_it_is_asked(tmp_path):
    ask = from_file(tmp_path / "pin")
    with pytest.raises(KeyUnavailable, match="the file of a secret is not there"):
        ask(PIN)
    write_private(tmp_path / "pin", b"4711")
    assert ask(PIN) == "4711"


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
def test_a_file_that_others_may_read_is_refused(tmp_path):
    path = write_private(tmp_path / "pin", b"4711")
    path.chmod(0o640)
    with pytest.raises(KeyUnavailable, match="others on this machine may read this file of a secret") as caught:
        from_file(path)(PIN)
    assert caught.value.path == str(path)


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
@pytest.mark.parametrize(("mode", "folder", "taken"), [(0o440, ".", True), (0o444, ".", False), (0o440, "..", False)])
def test_a_credential_of_systemd_is_taken_as_it_makes_them(mode, folder, taken, tmp_path, monkeypatch):
    """Mode 0440, where the mask of an access control list stands for the group."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str((tmp_path / folder).resolve()))
    path = write_private(tmp_path / "pin", b"4711")
    path.chmod(mode)
    if taken:
        assert from_file(path)(PIN) == "4711"
        return
    with pytest.raises(KeyUnavailable, match="others on this machine may read"):
        from_file(path)(PIN)


def test_a_file_that_is_no_text_is_refused_without_showing_it(tmp_path):
    with pytest.raises(KeyUnavailable, match="is not UTF-8 text") as caught:
        from_file(write_private(tmp_path / "pin", b"4711\xff"))(PIN)
    assert "4711" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.fixture
def keyring():
    """A keyring in memory; its `failure` is raised in place of an answer."""
    keyring = pytest.importorskip("keyring", reason="the extra keyring is not installed")

    class InMemory(keyring.backend.KeyringBackend):
        priority = 1
        failure = None

        def __init__(self):
            super().__init__()
            self.entries = {}

        def get_password(self, service, username):
            if self.failure is not None:
                raise self.failure
            return self.entries.get((service, username))

        def set_password(self, service, username, password):
            self.entries[service, username] = password

        def delete_password(self, service, username):
            del self.entries[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield keyring
    keyring.set_keyring(before)


def test_the_keyring_knows_a_secret_by_the_words_it_is_asked_for(keyring):
    keyring.set_password("provenance", PIN, "4711")
    keyring.set_password("desk", PIN, "4712")
    assert from_keyring()(PIN) == "4711"
    assert from_keyring("desk")(PIN) == "4712"
    assert from_keyring()("the PIN of token Archive") is None


def test_a_keyring_that_fails_says_so(keyring):
    keyring.get_keyring().failure = keyring.errors.KeyringLocked("it is locked")
    with pytest.raises(KeyUnavailable, match=f"asked for {PIN} and failed: it is locked"):
        from_keyring()(PIN)


def test_a_machine_without_a_keyring_has_no_answer(keyring):
    keyring.get_keyring().failure = keyring.errors.NoKeyringError("none")
    assert from_keyring()(PIN) is None


def test_without_the_extra_there_is_no_answer(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert from_keyring()(PIN) is None


@pytest.mark.parametrize(
    ("answers", "found", "asked"),
    [
        ([None, "a", "b"], "a", 2),
        (["", "a"], "a", 2),
        (["a"], "a", 1),
        ([None, ""], None, 2),
        ([], None, 0),
    ],
)
def test_sources_are_asked_in_their_order_until_one_answers(answers, found, asked):
    words = []

    def source(answer):
        return lambda wanted: words.append(wanted) or answer

    assert first_of(*map(source, answers))(PIN) == found
    assert words == [PIN] * asked
