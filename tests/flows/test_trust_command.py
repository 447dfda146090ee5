"""`provenance trust`, as somebody uses it: get lists, look, compare, pin, remove, and what is told when it fails."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from provenance.cli import common, trust
from provenance.errors import ProvenanceError
from provenance.model.ports import Algorithm
from provenance.settings import Settings, TrustSettings
from provenance.workspace import Workspace
from tests.support import list_server
from tests.support.certificates import AT
from tests.support.list_server import BROKEN, EXPIRED, FIRST, SECOND, THIRD, UNTRUSTED, certificate, official, service

OFFICIAL = "/raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list"
EVIL = certificate("Evil\x1b[2J\u202egnp.exe", ca=False, organisation="[bold]Evil[/bold] Ltd\u200b")
NEWER = {"sequence": 4, "issued": "2026-02-10T00:00:00Z"}


@pytest.fixture(scope="module")
def _server(tmp_path_factory):
    with list_server.running(tmp_path_factory.mktemp("publisher")) as server:
        yield server


@pytest.fixture
def publisher(_server):
    """The publishers of all lists that are known by name."""
    _server.pages.clear()
    _server.pages |= {
        f"{OFFICIAL}/C2PA-TRUST-LIST.json": official(FIRST, SECOND, service(THIRD, status=UNTRUSTED)),
        f"{OFFICIAL}/C2PA-TSA-TRUST-LIST.json": official(SECOND, scheme="C2PA TSA Trust List"),
        "/verify.contentauthenticity.org/trust/anchors.pem": FIRST,
        "/verify.contentauthenticity.org/trust/allowed.pem": "",
        "/trust.iptc.org/anchor-list.pem": FIRST,
        "/trust.iptc.org/end-entity-list.pem": certificate("Newspaper", ca=False) + EXPIRED + BROKEN,
    }
    return _server


@pytest.fixture
def command(publisher, tmp_path, monkeypatch):
    """Run the command; every call sees the time `at`."""
    settings = {"home": str(tmp_path / "home"), "trust": TrustSettings()}
    clock = [AT]

    class Space(Workspace):
        def list_fetcher(self):
            return publisher.fetch

    monkeypatch.setattr(common, "workspace", lambda: Space(Settings(**settings), clock=lambda: clock[0]))
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0, at=AT):
        clock[0] = at
        done = CliRunner().invoke(trust.app, list(map(str, arguments)))
        error = done.exception
        if isinstance(error, ProvenanceError):
            common.report(error)
            assert error.exit_code == code, error
            return f"{done.output}{error}"
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    run.settings = settings
    return run


def data(command, *arguments):
    return json.loads(command(*arguments, "--json"))


def test_nothing_is_installed_at_first_and_one_line_says_how_to_get_it(command):
    assert command("list") == "No trust list is installed. Get the official ones: provenance trust update\n"
    assert data(command, "list") == {"lists": []}


def test_the_first_update_gets_the_lists_that_are_enabled(command):
    told = command("update").splitlines()
    assert told == [
        "Added c2pa, which vouches for signer: 2 certificates, as of 2026-02-01 (number 3); "
        "1 does not count: 1 withdrawn by the publisher.",
        "Added c2pa-tsa, which vouches for timestamp: 1 certificate, as of 2026-02-01 (number 3).",
        "Added iptc, which vouches for identity: 2 certificates; 2 do not count: 1 expired, 1 damaged.",
        "Add it with --keep-expired if expired ones shall count for what they signed in time.",
    ]
    assert [item["name"] for item in data(command, "list")["lists"]] == ["c2pa", "c2pa-tsa", "iptc"]
    shown = command("list", at=AT + timedelta(days=2))
    assert "No trust list" not in shown
    rows = [line.split() for line in shown.splitlines()[1:4]]
    assert rows[0] == ["c2pa", "signer", "2", "2026-02-01", "2", "days", "ago"]
    assert rows[2][:5] == ["iptc", "identity", "1", "+", "1"]
    assert "iptc: 2 in its source do not count" in shown


def test_the_next_update_gets_what_is_installed_and_tells_what_changed(command, publisher):
    command("update")
    command("remove", "c2pa-tsa", "--yes")
    publisher.pages[f"{OFFICIAL}/C2PA-TRUST-LIST.json"] = official(SECOND, THIRD, **NEWER)
    told = command("update")
    assert "c2pa: 1 added, 1 removed, 1 unchanged; 2 certificates, as of 2026-02-10 (number 4)" in told
    assert "+ Entity 2 Ltd · Third root · authority, until 2026-12-26" in told
    assert "- Entity 1 Ltd · First root · authority" in told
    assert "iptc: no change" in told
    assert "c2pa-tsa" not in told
    assert command("diff", "c2pa").startswith("c2pa since the version before: 1 added, 1 removed, 1 unchanged\n  + ")
    difference = data(command, "diff", "c2pa")
    assert (difference["before"]["sequence"], difference["after"]["sequence"]) == (3, 4)
    assert [item["common_name"] for item in difference["added"]] == ["Third root"]


def test_one_list_that_fails_does_not_stop_the_others(command, publisher):
    publisher.pages[f"{OFFICIAL}/C2PA-TRUST-LIST.json"] = b"<html>sorry</html>"
    told = command("update", code=7)
    assert "c2pa was not added; try again: provenance trust add c2pa" in told
    assert "this is a web page" in told
    assert [item["name"] for item in data(command, "list")["lists"]] == ["c2pa-tsa", "iptc"]


def test_an_older_list_is_refused(command, publisher):
    command("add", "c2pa")
    publisher.pages[f"{OFFICIAL}/C2PA-TRUST-LIST.json"] = official(THIRD, sequence=2)
    told = command("update", "c2pa", code=7)
    assert "older than the one that is installed: number 2 (installed is number 3 of 2026-02-01)" in told
    assert [item["sequence"] for item in data(command, "list")["lists"]] == [3]


def test_a_change_without_a_new_number_is_told(command, publisher):
    command("add", "c2pa")
    publisher.pages[f"{OFFICIAL}/C2PA-TRUST-LIST.json"] = official(THIRD)
    assert "under the same number and date" in command("update", "c2pa")


def test_a_list_whose_update_is_late_is_out_of_date(command):
    command("add", "c2pa")
    assert "OUT OF DATE" not in command("list")
    late = AT + timedelta(days=60)
    assert "c2pa: OUT OF DATE: a newer one was promised for 2026-04-01" in command("list", at=late)


def test_the_interim_list_says_what_it_is_wherever_it_is_named(command):
    note = "interim list, frozen on 2026-01-01; not the official one"
    assert note in command("add", "c2pa-interim")
    for shown in (command("list"), command("show", "c2pa-interim")):
        assert note in shown
    assert data(command, "list")["lists"][0]["as_of"] == "2026-01-01T00:00:00Z"


def test_who_is_on_a_list(command):
    command("update")
    shown = command("show", "c2pa")
    assert "c2pa vouches for signer: 2 authorities, 0 single" in shown
    assert "accepts      1.3.6.1.4.1.62558.2.1" in shown
    assert "next update  2026-04-01" in shown
    assert "Entity 1 Ltd" in shown
    assert "withdrawn: Entity 3 Ltd: The service" in shown
    entry = data(command, "show", "c2pa", "--search", "second ROOT")["certificates"]
    assert [item["common_name"] for item in entry] == ["Second root"]
    fingerprint = entry[0]["fingerprint"]
    for text in ("entity 2", fingerprint[:10], f"{fingerprint[:2]}:{fingerprint[2:4]}:{fingerprint[4:8]}".upper()):
        assert [item["fingerprint"] for item in data(command, "show", "c2pa", "--search", text)["certificates"]] == [
            fingerprint
        ]
    assert "Nobody on c2pa is found by 'nobody'" in command("show", "c2pa", "--search", "nobody")
    assert data(command, "show", "c2pa", "--search", ":")["certificates"] == []


def test_own_list_with_its_wishes(command, tmp_path):
    (tmp_path / "roots.pem").write_text(FIRST + EXPIRED)
    command("add", "ours", "roots.pem", code=4)
    command("add", "ours", "roots.pem", "--purpose", "timestamp", "--as-of", "2025-12-01T12:00Z", "--eku", "1.2.3")
    found = data(command, "list")["lists"][0]
    assert (found["purpose"], found["as_of"], found["skipped"]) == ("timestamp", "2025-12-01T12:00:00Z", 0)
    assert (found["key_usages"], found["source"]) == (["1.2.3"], str(tmp_path / "roots.pem"))
    command("add", "same", "roots.pem", "--purpose", "signer", "--keep-expired", "--digest", found["digest"])
    assert "expired certificates are kept" in command("show", "same")
    assert "from ours to same: no change" in command("diff", "ours", "same")
    (tmp_path / "other.pem").write_text(SECOND)
    assert "from ours to other.pem: 1 added, 2 removed, 0 unchanged" in command("diff", "ours", "other.pem")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "name the list"),
        (["ours", "roots.pem", "--purpose", "signer", "--as-of", "yesterday"], 2, "is no date"),
        (["ours", "roots.pem", "--purpose", "everything"], 2, "Invalid value"),
        (["ours", "roots.pem", "--certificate", "roots.pem"], 2, "goes with a label"),
        (["ours", "http://lists.example/list.pem", "--purpose", "signer"], 7, "https only"),
        (["ours", "nowhere.pem", "--purpose", "signer"], 4, "neither a file nor a known list"),
        (["ours"], 4, "known by name are: c2pa, c2pa-tsa, c2pa-interim, iptc"),
        (["c2pa", "roots.pem"], 4, "the name of a known list"),
        (["ours", "key.pem", "--purpose", "signer"], 4, "private key"),
    ],
)
def test_mistakes_are_named(command, tmp_path, arguments, code, words):
    (tmp_path / "roots.pem").write_text(FIRST)
    (tmp_path / "key.pem").write_text(list_server.private_key())
    told = " ".join(command("add", *arguments, code=code).split())
    assert words in told
    assert list_server.private_key().splitlines()[1] not in told
    assert data(command, "list") == {"lists": []}


def test_a_pinned_list_stays_and_its_source_is_told_of(command, publisher):
    command("add", "c2pa")
    assert "Pinned c2pa at " in command("pin", "c2pa")
    assert "c2pa: pinned" in command("list")
    publisher.pages[f"{OFFICIAL}/C2PA-TRUST-LIST.json"] = official(THIRD, **NEWER)
    told = command("update")
    assert "c2pa: pinned, so nothing was changed; its source has another one: 1 added, 2 removed" in told
    assert data(command, "list")["lists"][0]["sequence"] == 3
    command("unpin", "c2pa")
    command("update")
    assert data(command, "list")["lists"][0]["sequence"] == 4


def test_signers_one_knows(command, tmp_path):
    (tmp_path / "anna.pem").write_text(certificate("Anna", ca=False, organisation="Anna Photos"))
    (tmp_path / "root.pem").write_text(FIRST)
    told = command("add", "Anna from the agency", "--certificate", "anna.pem")
    assert "Added Anna from the agency · Anna to address-book, valid until 2026-12-26." in told
    assert "belongs to an authority" in command("add", "--certificate", "root.pem", code=4)
    assert "never vouch" in command("add", "--certificate", "anna.pem", "--purpose", "timestamp", code=4)
    command("add", "--certificate", "anna.pem", "--purpose", "identity")
    assert [item["name"] for item in data(command, "list")["lists"]] == ["address-book", "address-book-identity"]
    command("remove", "address-book-identity", "--yes")
    fingerprint = data(command, "show", "address-book")["certificates"][0]["fingerprint"]
    assert "Removed Anna from address-book." in command("remove", fingerprint[:12])
    assert data(command, "list") == {"lists": []}


def test_address_books_do_not_stand_in_the_way_of_the_first_update(command, tmp_path):
    (tmp_path / "anna.pem").write_text(certificate("Anna", ca=False))
    command("add", "--certificate", "anna.pem")
    assert command("update").count("Added") == 3


def test_nothing_is_removed_without_consent(command):
    command("add", "c2pa")
    assert "nothing was removed" in command("remove", "c2pa", code=4)
    assert "Removed c2pa" in command("remove", "c2pa", "--yes")
    assert "there is no trust list named c2pa" in command("remove", "c2pa", "--yes", code=4)
    assert "development = false" in command("remove", "development", "--yes", code=4)


def test_names_in_certificates_cannot_deceive(command, tmp_path):
    (tmp_path / "evil.pem").write_text(EVIL)
    shown = command("add", "evil\u202elabel", "--certificate", "evil.pem") + command("show", "address-book")
    assert "⟨U+202E⟩" in shown
    assert not set("\x1b\u202e\u200b") & set(shown)
    shown = command("remove", data(command, "show", "address-book")["certificates"][0]["fingerprint"])
    assert "Evil⟨U+001B⟩[2J" in shown


def test_a_damaged_list_does_not_hide_the_others(command):
    command("update")
    home = Path(command.settings["home"]) / "trust"
    next(home.glob("iptc/*/anchors.pem")).write_text("")
    shown = command("list")
    assert "cannot be used" in shown
    assert "iptc: " in shown
    assert "provenance trust update iptc" in shown
    found = data(command, "list")["lists"]
    assert [item.get("digest", "damaged")[:7] for item in found[:2]] != ["damaged", "damaged"]
    assert "changed or damaged" in found[2]["problem"]
    command("update", "iptc")
    assert "cannot be used" not in command("list")


def test_lists_that_are_not_installed_are_listed_too(command, tmp_path):
    (tmp_path / "settings.pem").write_text(FIRST + EXPIRED)
    command.settings["trust"] = TrustSettings(signers=(str(tmp_path / "settings.pem"),))
    home = Path(command.settings["home"])
    Workspace(Settings(home=str(home))).identities.create(
        "Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=AT
    )
    found = data(command, "list")["lists"]
    assert [(item["name"], item["local"], item["skipped"]) for item in found] == [
        ("settings", False, 1),
        ("development", True, 0),
        ("development-identities", True, 0),
    ]
    assert "development: made by this machine, and trusted on this machine only" in command("list")
    assert "First root" in command("show", "settings")
    assert "Example News" in command("show", "development")
    command.settings["trust"] = TrustSettings(signers=(str(tmp_path / "gone.pem"),), development=False)
    assert "this trust list is not there" in command("list")
