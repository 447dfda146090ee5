"""The command as people use it: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os

import jsonschema
import pytest

from provenance import Decision
from tests.support import media
from tests.support.command import run
from tests.support.schemas import require_valid

pytestmark = pytest.mark.usefixtures("home")


def test_the_first_five_minutes(tmp_path, monkeypatch):
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "new"))
    (tmp_path / "photo.jpg").write_bytes(media.jpeg(exif=True))
    made = run("identity", "new", "Example News", cwd=tmp_path)
    assert made.returncode == 0
    assert "trusted on this machine only" in made.stdout
    signed = run("sign", "photo.jpg", cwd=tmp_path)
    assert signed.returncode == 0, signed.stderr
    assert signed.stdout == "photo.signed.jpg: signed by Example News (trusted on this machine only)\n"
    verified = run("verify", "photo.signed.jpg", cwd=tmp_path)
    assert verified.returncode == 0
    assert verified.stdout.startswith(" ACCEPTED  photo.signed.jpg\n Signed by Example News, and intact since.\n")
    shown = run("show", "photo.signed.jpg", cwd=tmp_path)
    assert "made from photo.jpg  no Content Credentials: unknown provenance" in shown.stdout
    assert "began as" in shown.stdout
    assert all(len(line) <= 80 for line in (verified.stdout + shown.stdout).splitlines())


@pytest.fixture
def cases(tmp_path, workspace):
    """One file of each decision."""
    good = workspace.sign(media.jpeg()).data
    broken = bytearray(good)
    broken[-40] ^= 1
    for name, data in {"good": good, "plain": media.jpeg(), "broken": bytes(broken), "text": b"hello"}.items():
        (tmp_path / f"{name}.jpg").write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["good"], 0),
        (["plain"], 3),
        (["broken"], 1),
        (["text"], 5),
        (["missing"], 5),
        (["good", "plain"], 3),
        (["plain", "text"], 5),
        (["good", "text", "broken", "plain"], 1),
    ],
)
@pytest.mark.parametrize("how", [(), ("-q",), ("--json",)], ids=["text", "quiet", "json"])
def test_the_worst_file_decides_the_exit_code(cases, files, code, how):
    done = run("verify", *how, *(f"{name}.jpg" for name in files), cwd=cases)
    assert done.returncode == code
    if how == ("-q",):
        assert done.stdout == ""


def test_the_json_document_follows_its_schema(cases):
    names = [f"{name}.jpg" for name in ("good", "plain", "broken", "text")]
    document = json.loads(run("verify", "--json", "--digest", *names, cwd=cases).stdout)
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    require_valid(document, schema)
    assert document["decision"] == "rejected"
    assert [item["decision"] for item in document["files"]] == ["accepted", "review", "rejected", None]
    assert "not a media file" in document["files"][3]["error"]
    assert len(document["files"][0]["sha256"]) == 64
    facets = document["files"][0]["facets"]
    assert set(facets) == {
        "credential",
        "content",
        "signature",
        "signer",
        "time",
        "revocation",
        "ancestry",
        "publisher",
    }
    assert all(item["reason"] for item in facets.values())


def test_no_colour_and_no_control_characters_in_a_pipe(cases):
    assert "\x1b" not in run("verify", "good.jpg", "plain.jpg", "broken.jpg", cwd=cases).stdout


def test_signing_several_files_goes_on_after_a_failure(cases):
    done = run("sign", "plain.jpg", "broken.jpg", "text.jpg", "-o", "out/", cwd=cases)
    assert done.returncode == 9
    assert "2 of 3 files were not signed" in done.stderr
    assert [item.name for item in (cases / "out").iterdir()] == ["plain.jpg"]


def test_signing_reports_in_json(cases):
    (report,) = json.loads(run("sign", "plain.jpg", "--json", cwd=cases).stdout)
    assert report["output"] == "plain.signed.jpg"
    assert report["signer"] == "Example News"
    assert report["manifest"].startswith("urn:c2pa:")


def test_in_place_replaces_the_source_and_keeps_its_permissions(cases):
    path = cases / "plain.jpg"
    path.chmod(0o640)
    assert run("sign", "plain.jpg", "--in-place", "-q", cwd=cases).returncode == 0
    assert run("verify", "plain.jpg", "-q", cwd=cases).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o640
    assert not [item for item in cases.iterdir() if item.name.startswith(".")]


def test_trust_of_others_is_given_by_file(cases, tmp_path_factory, workspace):
    ((_, root),) = workspace.identities.roots()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "root.pem").write_text(root)
    stranger = run("verify", "good.jpg", cwd=cases, PROVENANCE_HOME=str(elsewhere))
    assert stranger.returncode == 3
    assert "the identity of the signer (Example News) can't be verified" in " ".join(stranger.stdout.split())
    assert (
        run(
            "verify", "good.jpg", "-q", "--trust", elsewhere / "root.pem", cwd=cases, PROVENANCE_HOME=str(elsewhere)
        ).returncode
        == 0
    )
    settings = elsewhere / "settings.toml"
    settings.write_text('[trust]\nsigners = ["root.pem"]\n')
    told = run("verify", "good.jpg", cwd=cases, PROVENANCE_HOME=str(elsewhere), PROVENANCE_SETTINGS=str(settings))
    assert told.returncode == 0
    assert "through the list 'root'" in told.stdout


def test_extract_strip_and_attach_bring_back_the_same_bytes(cases):
    assert run("extract", "good.jpg", cwd=cases).returncode == 0
    asked = run("strip", "good.jpg", cwd=cases)
    assert asked.returncode == 5
    assert "will lose" in asked.stdout
    assert "Example News" in asked.stdout
    assert run("strip", "good.jpg", "--yes", cwd=cases).returncode == 0
    bare = cases / "good.stripped.jpg"
    os.link(cases / "good.jpg.c2pa", cases / "good.stripped.jpg.c2pa")
    assert run("verify", "good.stripped.jpg", "-q", cwd=cases).returncode == 1, "its hash leaves room for the manifest"
    assert run("attach", "good.stripped.jpg", "-o", "again.jpg", cwd=cases).returncode == 0
    assert (cases / "again.jpg").read_bytes() == (cases / "good.jpg").read_bytes()
    assert bare.read_bytes() == (cases / "plain.jpg").read_bytes()


def test_attaching_to_another_file_is_refused(cases):
    run("extract", "good.jpg", cwd=cases)
    (cases / "other.jpg").write_bytes(media.jpeg(2))
    done = run("attach", "other.jpg", "good.jpg.c2pa", cwd=cases)
    assert done.returncode == 5
    assert not (cases / "other.signed.jpg").exists()


def test_identities_are_made_listed_chosen_and_removed(tmp_path):
    home = str(tmp_path)
    assert "no identity yet" in run("identity", "list", PROVENANCE_HOME=home).stdout
    run("identity", "new", "First", PROVENANCE_HOME=home)
    run("identity", "new", "Second", "--algorithm", "ed25519", PROVENANCE_HOME=home)
    assert "'Second' signs from now on" in run("identity", "use", "Second", PROVENANCE_HOME=home).stdout
    listed = run("identity", "list", PROVENANCE_HOME=home).stdout
    assert "*  Second  ed25519" in listed
    assert run("identity", "remove", "First", PROVENANCE_HOME=home).returncode == 6
    assert run("identity", "remove", "First", "--yes", PROVENANCE_HOME=home).returncode == 0
    assert "First" not in run("identity", "list", PROVENANCE_HOME=home).stdout


def test_formats_are_listed(workspace):
    listed = run("formats").stdout
    assert "JPEG XL" in listed
    assert "FLAC" in listed


def test_the_help_names_every_command():
    shown = run("--help").stdout
    for command in ("sign", "verify", "show", "identity", "extract", "attach", "strip", "formats", "schema"):
        assert f"\n  {command} " in shown


def test_decisions_have_exit_codes():
    from provenance.cli.verify import _EXIT

    assert set(_EXIT) == {*Decision, None}
    assert len(set(_EXIT.values())) == len(_EXIT)
