"""`provenance serve key`, as somebody uses it: make a key, list, revoke, and what is told when it fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from provenance.catalogue import Catalogue, url_of
from provenance.cli import common, serve_keys
from provenance.errors import CatalogueError, NoIdentity
from provenance.model.service import Scope, digest_of_token, id_in_token
from provenance.settings import Settings
from provenance.workspace import Workspace

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def home_of_keys(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def command(home_of_keys, monkeypatch):
    """Run the command; every call sees the time `at`."""
    clock = [AT]
    monkeypatch.setattr(
        common, "workspace", lambda: Workspace(Settings(home=str(home_of_keys)), clock=lambda: clock[0])
    )
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, at=AT, code=0):
        clock[0] = at
        done = CliRunner().invoke(serve_keys.app, [str(item) for item in arguments])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    return run


def catalogue_in(home):
    return Catalogue.open(url_of("", home))


def test_a_key_is_shown_once_and_only_its_digest_is_kept(command, home_of_keys):
    made = command("create", "asset system", "--scope", "verify,sign", "--rate", "60/min")
    (token,) = made.stdout.splitlines()
    name = id_in_token(token)
    assert f"provenance serve key revoke {name}" in made.stderr
    with catalogue_in(home_of_keys) as catalogue:
        key, digest = catalogue.keys.find(name)
    assert digest == digest_of_token(token)
    assert (key.name, key.scopes, str(key.rate), key.expires_at) == (
        "asset system", (Scope.VERIFY, Scope.SIGN), "60/min", None,
    )  # fmt: skip
    assert token not in command("list").output
    assert token.rpartition("_")[2] not in command("list", "--json").output


def test_a_key_for_programs_is_json(command):
    told = json.loads(command("create", "desk", "--json").stdout)
    assert id_in_token(told["token"]) == told["key"]["id"]
    assert told["key"]["scopes"] == ["verify"]
    assert "digest" not in told["key"]


def test_keys_are_listed_with_what_they_open_and_how_they_are(command, home_of_keys):
    command("create", "lasting", "--scope", "admin")
    command("create", "ending", "--expires", "90d", at=AT + timedelta(seconds=1))
    ended = command("create", "ended", "--expires", "2026-05-02", "--rate", "5/s", at=AT + timedelta(seconds=2))
    taken = json.loads(command("create", "taken", "--json", at=AT + timedelta(seconds=3)).stdout)["key"]["id"]
    assert command("revoke", taken).stdout == f"{taken} opens nothing any more.\n"
    with catalogue_in(home_of_keys) as catalogue:
        catalogue.keys.used(id_in_token(ended.stdout.strip()), at=AT)
    lines = command("list", at=AT + timedelta(days=2)).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [" ".join(line.split()[1:]) for line in lines] == [
        "name opens used state".removeprefix("id "),
        "taken verify never revoked 2026-05-01",
        "ended verify; 5/s 2026-05-01 expired 2026-05-02",
        "ending verify never until 2026-07-30",
        "lasting admin never in use",
    ]
    told = json.loads(command("list", "--json").stdout)["keys"]
    assert [item["name"] for item in told] == ["taken", "ended", "ending", "lasting"]


def test_where_there_is_no_key_it_is_said_how_one_is_made(command):
    assert "provenance serve key create" in command("list").stdout


def test_a_key_signs_as_identities_that_are_there(command, home_of_keys):
    from provenance.model.ports import Algorithm

    with pytest.raises(NoIdentity):
        command("create", "desk", "--scope", "sign", "--identity", "Example News")
    Workspace(Settings(home=str(home_of_keys))).identities.create(
        "Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC)
    )
    made = command("create", "desk", "--scope", "sign", "--identity", "Example News", "--json")
    assert json.loads(made.stdout)["key"]["identities"] == ["Example News"]
    assert "as Example News" in " ".join(command("list").stdout.split())


REFUSED = {
    "a scope that is none": (["desk", "--scope", "verify,everything"], "everything"),
    "no scope": (["desk", "--scope", ""], "none of verify"),
    "a rate that is none": (["desk", "--rate", "often"], "no rate such as 60/min"),
    "a time that has gone": (["desk", "--expires", "2020-01-01"], "has gone"),
    "what is no time": (["desk", "--expires", "soon"], "a time looks like"),
    "a time beyond all calendars": (["desk", "--expires", "9999y"], "no such times"),
    "no name": ([" "], "the name of a key"),
}


@pytest.mark.parametrize(("arguments", "why"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(arguments, why, command):
    refused = command("create", *arguments, code=2)
    assert why in " ".join(refused.stderr.replace("│", " ").split())
    assert "There is no key" in command("list").stdout


def test_a_key_that_is_not_there_is_not_revoked(command):
    with pytest.raises(CatalogueError, match="there is no key 'X'"):
        command("revoke", "X")
