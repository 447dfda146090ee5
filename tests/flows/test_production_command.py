"""Trusted times, publishers and other days from the command line, against a real authority."""

from __future__ import annotations

import json

import pytest

from tests.support import media
from tests.support.command import run
from tests.support.tsa import Authority


@pytest.fixture(scope="module")
def tsa():
    with Authority() as authority:
        yield authority


@pytest.fixture
def folder(tmp_path, home, tsa, monkeypatch):
    """A folder with a photo, and settings that name a dead authority before the one that answers."""
    (tmp_path / "photo.jpg").write_bytes(media.jpeg())
    (tmp_path / "times.pem").write_text(tsa.root_pem)
    settings = f'[timestamps]\nurls = ["{tsa.dead}", "{tsa.url}"]\ndeadline = 3\nattempts = 1\n'
    (tmp_path / "settings.toml").write_text(settings + '[trust]\ntimestamps = ["times.pem"]\n')
    monkeypatch.setenv("PROVENANCE_SETTINGS", str(tmp_path / "settings.toml"))
    return tmp_path


def facets(folder, name, *more):
    done = run("verify", name, "--json", *more, cwd=folder)
    return json.loads(done.stdout)["files"][0]["facets"]


def test_a_signature_is_stamped_as_the_settings_say(folder):
    done = run("sign", "photo.jpg", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert "stamped" in done.stdout
    assert facets(folder, "photo.signed.jpg")["time"]["state"] == "trusted"


def test_a_proxy_in_the_environment_does_not_come_between(folder, tsa):
    done = run("sign", "photo.jpg", "--timestamp", "required", cwd=folder, HTTP_PROXY=tsa.dead, NO_PROXY="")

    assert done.returncode == 0, done.stderr


def test_a_missing_time_is_said_loudly_and_a_required_one_stops_it(folder, tsa):
    (folder / "settings.toml").write_text(f'[timestamps]\nurls = ["{tsa.dead}"]\ndeadline = 2\nattempts = 1\n')

    stopped = run("sign", "photo.jpg", "--timestamp", "required", cwd=folder)
    assert stopped.returncode == 7
    assert "no time-stamp authority gave a usable time-stamp" in " ".join(stopped.stderr.split())
    assert not (folder / "photo.signed.jpg").exists()

    warned = run("sign", "photo.jpg", "-q", cwd=folder)
    assert warned.returncode == 0
    assert "WARNING" in warned.stderr
    assert "without a trusted time" in warned.stderr

    told = run("sign", "photo.jpg", "--json", "--force", cwd=folder)
    assert "without a trusted time" in json.loads(told.stdout)[0]["notes"][0]


def test_a_time_is_added_later(folder):
    run("sign", "photo.jpg", "--timestamp", "off", cwd=folder)
    assert facets(folder, "photo.signed.jpg")["time"]["state"] == "absent"

    done = run("timestamp", "photo.signed.jpg", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert "photo.signed.stamped.jpg" in done.stdout
    assert facets(folder, "photo.signed.stamped.jpg")["time"]["state"] == "trusted"
    assert run("timestamp", "photo.signed.jpg", "--in-place", "-q", cwd=folder).returncode == 0
    assert facets(folder, "photo.signed.jpg")["time"]["state"] == "trusted"


def test_refreshing_says_what_is_missing(folder):
    run("sign", "photo.jpg", "--timestamp", "off", cwd=folder)

    done = run("refresh", "photo.signed.jpg", cwd=folder)

    assert done.returncode == 7
    assert "nothing came back that could be kept" in " ".join(done.stderr.split())
    assert not (folder / "photo.signed.refreshed.jpg").exists()


def test_the_publisher_is_shown_apart_from_the_signer(folder):
    run("sign", "photo.jpg", "--publisher-identity", "Example News", "--publisher-role", "creator", cwd=folder)

    done = run("verify", "photo.signed.jpg", cwd=folder)

    assert done.returncode == 0
    assert "publisher" in done.stdout
    assert "Example News (creator)" in done.stdout
    assert "publisher" not in run("verify", "photo.jpg", cwd=folder).stdout.splitlines()[2:]


def test_a_verdict_as_of_another_day_says_that_it_is_derived(folder):
    run("sign", "photo.jpg", cwd=folder)

    done = run("verify", "photo.signed.jpg", "--at", "2020-01-01", cwd=folder)

    assert "derived" in done.stdout
    assert "as of 2020-01-01" in done.stdout
    assert done.returncode == 3


MISTAKES = {
    "a day to come": (["verify", "photo.jpg", "--at", "2999-01-01T00:00Z"], 4, "still to come"),
    "no time at all": (["verify", "photo.jpg", "--at", "yesterday"], 2, "a time looks like"),
    "a list that is not there": (["verify", "photo.jpg", "--trust-list", "c2pa"], 4, "no trust list named 'c2pa'"),
    "a role without a publisher": (["sign", "photo.jpg", "--publisher-role", "editor"], 2, "--publisher-identity"),
    "a role that is none": (
        ["sign", "photo.jpg", "--publisher-identity", "Example News", "--publisher-role", "king"],
        6,
        "no role 'king'",
    ),
    "nothing to stamp": (["timestamp", "photo.jpg"], 5, "no Content Credentials"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(folder, arguments, code, words):
    done = run(*arguments, cwd=folder)

    assert (done.returncode, words in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_only_the_named_list_counts(folder):
    run("sign", "photo.jpg", cwd=folder)

    assert run("verify", "photo.signed.jpg", "-q", "--trust-list", "development", cwd=folder).returncode == 0


def test_a_secret_can_come_from_a_file(folder, tmp_path_factory):
    own = {"PROVENANCE_HOME": str(tmp_path_factory.mktemp("own"))}
    secret = folder / "secret"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    made = run("identity", "new", "Locked", "--passphrase", cwd=folder, PROVENANCE_PASSPHRASE="correct horse", **own)
    assert made.returncode == 0, made.stderr

    done = run("sign", "photo.jpg", "--timestamp", "off", cwd=folder, PROVENANCE_PASSPHRASE_FILE=str(secret), **own)
    assert done.returncode == 0, done.stderr
    refused = run("sign", "photo.jpg", "--force", cwd=folder, PROVENANCE_PASSPHRASE="wrong", **own)
    assert refused.returncode == 6
    assert "wrong" not in refused.stderr
