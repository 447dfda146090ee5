"""Private keys in files by URI: which path is meant, and what is opened there."""

from __future__ import annotations

import pytest

from provenance.errors import KeyUnavailable
from provenance.keys import parse_chain
from provenance.keys.files import path_of
from provenance.keys.open import open_bare, open_key, public_key
from provenance.model.ports import Algorithm
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.unit.keys.key_lab import MESSAGE, never, pem, verify, write_pair


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("key.pem", "{base}/key.pem"),
        ("file:key.pem", "{base}/key.pem"),
        ("FILE:key.pem", "{base}/key.pem"),
        ("pkcs12:sub/desk.p12", "{base}/sub/desk.p12"),
        ("file:my%20key.pem", "{base}/my key.pem"),
        ("my%20key.pem", "{base}/my%20key.pem"),
        ("file:/keys/key.pem", "/keys/key.pem"),
        ("file:///keys/key.pem", "/keys/key.pem"),
        ("file://localhost/keys/key.pem", "/keys/key.pem"),
        ("./odd:name.pem", "{base}/odd:name.pem"),
        ("~/key.pem", "{home}/key.pem"),
        ("file:~/key.pem", "{home}/key.pem"),
    ],
)
def test_paths_in_uris(uri, path, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    base = tmp_path / "identity"
    assert str(path_of(uri, base)) == path.format(base=base, home=tmp_path / "home")


def test_a_file_on_another_machine_is_refused():
    with pytest.raises(KeyUnavailable, match="another machine"):
        path_of("file://server/keys/key.pem", None)


def test_a_key_by_uri_signs_with_its_chain(tmp_path):
    _, chain_path = write_pair(tmp_path, algorithm=Algorithm.ES384)
    signer = open_key("file:key.pem", chain_path.read_text(), name="x", secret=never, base=tmp_path)
    verify(parse_chain(signer.chain_pem)[0].public_key(), signer.algorithm, signer.sign(MESSAGE))


def test_a_key_by_uri_needs_a_chain(tmp_path):
    write_pair(tmp_path)
    with pytest.raises(KeyUnavailable, match="no certificate for this key"):
        open_key("file:key.pem", "", name="x", secret=never, base=tmp_path)


def test_a_key_by_uri_is_compared_with_its_certificate_at_once(tmp_path):
    write_pair(tmp_path, pem(make_key("es256", "another")))
    with pytest.raises(KeyUnavailable, match="does not belong to the first certificate of its chain"):
        open_key("file:key.pem", make_chain()[1], name="x", secret=never, base=tmp_path)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_bare_key_tells_its_public_key_and_signs(tmp_path, algorithm):
    write_pair(tmp_path, algorithm=algorithm)
    signer = open_bare("file:key.pem", name="x", secret=never, base=tmp_path)
    assert (signer.algorithm, signer.chain_pem) == (algorithm, "")
    own = public_key("file:key.pem", secret=never, base=tmp_path)
    verify(own, algorithm, signer.sign(MESSAGE))
