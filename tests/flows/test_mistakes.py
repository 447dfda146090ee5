"""The usual mistakes: each is named, with the file and what to do, and nobody sees a traceback."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from provenance.model.ports import Algorithm
from tests.support import media
from tests.support.certificates import make_chain
from tests.support.command import run

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(media.jpeg())
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.jpg").write_bytes(media.jpeg()[:300])
    (tmp_path / "text.jpg").write_text("This is no picture, whatever its name says.")
    (tmp_path / "cut.png").write_bytes(media.make("png")[:40])
    (tmp_path / "film.webm").write_bytes(b"\x1aE\xdf\xa3" + bytes(100))
    (tmp_path / "taken.jpg").write_bytes(b"something else")
    (tmp_path / "folder").mkdir()
    (tmp_path / "nothing.json").write_text("{}")
    return tmp_path


def _refused(folder, done, code, *words):
    assert done.returncode == code, done.stderr
    told = " ".join(done.stderr.split())
    for word in words:
        assert word in told
    assert "Traceback" not in done.stderr + done.stdout
    assert not [item.name for item in folder.iterdir() if "signed" in item.name or item.name.startswith(".")]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nope.jpg"], 5, ["nope.jpg: no such file"]),
        (["empty.jpg"], 5, ["empty.jpg: is empty"]),
        (["text.jpg"], 5, ["text.jpg: is not a media file", "provenance formats"]),
        (["film.webm"], 5, ["film.webm: WebM or Matroska cannot carry"]),
        (["photo.jpg", "-o", "taken.jpg"], 10, ["taken.jpg: exists already", "--force"]),
        (["photo.jpg", "-o", "photo.jpg"], 10, ["photo.jpg: is the source itself", "--in-place"]),
        (["photo.jpg", "-o", "no/such/folder.jpg"], 10, ["no such folder"]),
        (["photo.jpg", "-o", "folder/../folder"], 0, []),
        (
            ["photo.jpg", "--identity", "Exampel News"],
            6,
            ["no identity named 'Exampel News'", "did you mean Example News"],
        ),
        (["photo.jpg", "--as", "edit", "--action", "crop"], 6, ["no action 'crop'", "did you mean 'cropped'"]),
        (["photo.jpg", "--action", "cropped"], 6, ["actions go with editing"]),
        (["photo.jpg", "--assertion", "nothing.json"], 6, ["nothing.json: is not an assertion"]),
        (["photo.jpg", "--assertion", "gone.json"], 6, ["gone.json: the assertion cannot be read"]),
        (["photo.jpg", "--thumbnail", "huge"], 2, ["16 to 2048 pixels"]),
        (["photo.jpg", "--sidecar", "--remote", "https://example.com"], 2, ["choose one"]),
        (["photo.jpg", "--remote", "http://example.com"], 6, ["must begin with https://"]),
        (["photo.jpg", "--cert", "chain.pem"], 2, ["goes with --key"]),
        (["photo.jpg", "--key", "k.pem", "--cert", "c.pem", "--identity", "Example News"], 2, ["choose one"]),
        (["photo.jpg", "--key", "key.pem", "--cert", "chain.pem"], 6, ["key.pem"]),
        (["photo.jpg", "--as", "publsh"], 2, ["publsh"]),
        (["photo.jpg", "empty.jpg", "-o", "one.jpg"], 2, ["is a folder"]),
        (["--bogus"], 2, ["--bogus"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_signing(folder, arguments, code, words):
    done = run("sign", *arguments, cwd=folder)
    _refused(folder, done, code, *words)


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png"])
def test_a_truncated_file_is_never_signed_into_something_that_does_not_verify(folder, name):
    done = run("sign", name, "-o", "out.bin", cwd=folder)
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        assert run("verify", "out.bin", "-q", cwd=folder).returncode == 0
    else:
        assert name in done.stderr
        assert not (folder / "out.bin").exists()


def test_without_any_identity(folder, tmp_path_factory):
    home = str(tmp_path_factory.mktemp("bare"))
    done = run("sign", "photo.jpg", cwd=folder, PROVENANCE_HOME=home)
    _refused(folder, done, 6, "there is no identity yet", "provenance identity new NAME")


def test_an_identity_of_that_name_exists(folder):
    _refused(folder, run("identity", "new", "Example News"), 6, "Example News", "already")


def _write(folder, key, chain, *, passphrase=None):
    protection = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    (folder / "key.pem").chmod(0o600)
    (folder / "chain.pem").write_text(chain)


def _sign_with_files(folder, **environment):
    return run("sign", "photo.jpg", "--key", "key.pem", "--cert", "chain.pem", cwd=folder, **environment)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", ["expired"]),
        ("no_organization", ["rganization"]),
        ("wrong_eku", ["xtended key usage"]),
        ("ca_leaf", ["certification authority"]),
        ("wrong_order", ["wrong order", "must be the first"]),
        ("root_included", ["root"]),
        ("gap", ["chain"]),
    ],
)
def test_a_bad_certificate_is_named_before_signing(folder, fault, words):
    key, chain, _ = make_chain(fault, algorithm=Algorithm.ES256, at=datetime.now(UTC))
    _write(folder, key, chain)
    done = _sign_with_files(folder)
    _refused(folder, done, 6, "chain.pem", *words)
    assert "COSE" not in done.stderr


def test_a_good_certificate_from_files_signs(folder):
    key, chain, root = make_chain(algorithm=Algorithm.PS256, at=datetime.now(UTC))
    _write(folder, key, chain)
    (folder / "root.pem").write_text(root)
    assert _sign_with_files(folder).returncode == 0
    done = run("verify", "photo.signed.jpg", "--trust", "root.pem", cwd=folder)
    assert done.returncode == 0
    assert "(ps256)" in done.stdout


def test_a_key_of_another_certificate(folder):
    _, chain, _ = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    other, _, _ = make_chain(algorithm=Algorithm.ES384, at=datetime.now(UTC))
    _write(folder, other, chain)
    _refused(folder, _sign_with_files(folder), 6, "key.pem", "chain.pem")


@pytest.mark.parametrize(
    ("given", "code", "word"),
    [("right", 0, ""), ("wrong", 6, "passphrase"), (None, 6, "PROVENANCE_PASSPHRASE")],
)
def test_passphrases(folder, given, code, word):
    key, chain, _ = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    _write(folder, key, chain, passphrase=b"right")
    done = _sign_with_files(folder, **({"PROVENANCE_PASSPHRASE": given} if given else {}))
    assert done.returncode == code
    assert word in done.stderr
    assert not given or given not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[signing\n", ["settings.toml", "is not TOML", "line 1"]),
        ('[signing]\nidentiy = "x"\n', ["settings.toml", "did you mean 'identity'"]),
        ("[signing]\nthumbnail = 'big'\n", ["settings.toml", "signing.thumbnail"]),
        ('[trust]\nsigners = ["gone.pem"]\n', ["gone.pem"]),
    ],
)
def test_broken_settings(folder, text, words):
    (folder / "settings.toml").write_text(text)
    done = run("verify", "photo.jpg", cwd=folder, PROVENANCE_SETTINGS=str(folder / "settings.toml"))
    _refused(folder, done, 4, *words)


def test_debug_shows_the_traceback_and_only_debug(folder):
    assert "Traceback" in run("sign", "nope.jpg", "--debug", cwd=folder).stderr
    assert "Traceback" in run("--debug", "sign", "nope.jpg", cwd=folder).stderr


@pytest.mark.parametrize("command", ["verify", "show"])
@pytest.mark.parametrize("name", ["nope.jpg", "empty.jpg", "text.jpg", "film.webm", "folder"])
def test_looking(folder, command, name):
    done = run(command, name, cwd=folder)
    _refused(folder, done, 5, name)


@pytest.mark.parametrize("command", ["extract", "attach", "strip"])
def test_taking_apart_what_has_no_credentials(folder, command):
    done = run(command, "photo.jpg", *(["--yes"] if command == "strip" else []), cwd=folder)
    _refused(folder, done, 5, "photo.jpg")


def test_an_engine_that_fails_inside_a_signer_is_reported_with_its_cause(workspace):
    from provenance import SignerRefused

    class Broken:
        name, algorithm = "Broken", Algorithm.ES256
        chain_pem = workspace.signer().chain_pem

        def sign(self, data):
            raise RuntimeError("the token was pulled out")

    with pytest.raises(SignerRefused, match="the token was pulled out") as caught:
        workspace.sign(media.jpeg(), signer=Broken())
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_json_of_a_failed_file_says_why(folder):
    document = json.loads(run("verify", "--json", "empty.jpg", cwd=folder).stdout)
    assert "is empty" in document["files"][0]["error"]
