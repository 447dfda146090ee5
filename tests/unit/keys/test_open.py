"""Which backend a URI leads to, what is said of URIs that lead nowhere, and what each way to a key has in common."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from provenance.errors import KeyUnavailable, SignerRefused, UnsuitableCertificate
from provenance.keys.algorithms import sign
from provenance.keys.bound import LateKey, bare, bind
from provenance.keys.open import open_bare, open_key, public_key
from provenance.model.ports import Algorithm
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.unit.keys.key_lab import MESSAGE, never, pem, verify, write_pair

ROOT = Path(__file__).parents[3]
EVERY = ("file:PATH", "pkcs12:PATH", "pkcs11:", "awskms:", "gcpkms:", "azurekv:", "https:")


@pytest.mark.parametrize(
    ("uri", "scheme", "meant"),
    [
        ("pkcs1l:token=a?pin-value=4711", "pkcs1l", "did you mean pkcs1"),
        ("awskm:///key", "awskm", "did you mean awskms?"),
        ("PKCS13:desk.p12", "pkcs13", "did you mean pkcs12?"),
        ("ftp://me:4711@host/key", "ftp", "keys are named by"),
    ],
)
def test_a_scheme_that_nobody_knows(uri, scheme, meant):
    with pytest.raises(KeyUnavailable, match=f"begins with {scheme}:") as caught:
        open_key(uri, make_chain()[1], name="x", secret=never)
    assert meant in caught.value.hint
    assert all(form in caught.value.hint for form in EVERY)
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("work", [open_bare, public_key], ids=lambda item: item.__name__)
def test_other_ways_to_a_key_say_the_same(work):
    more = {} if work is public_key else {"name": "x"}
    with pytest.raises(KeyUnavailable, match="begins with ftp:"):
        work("ftp://host/key", secret=never, **more)


def test_a_key_given_in_place_of_its_address_is_not_repeated():
    text = pem(make_key("es256")).decode()
    for given in (text, text.replace("\n", "\\n")):
        with pytest.raises(KeyUnavailable, match="a key itself") as caught:
            open_key(given, make_chain()[1], name="x", secret=never)
        assert text.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize("uri", ["key.pem", "file:key.pem", "File:key.pem", "./key.pem"])
def test_a_path_is_a_file(uri, tmp_path):
    _, chain_path = write_pair(tmp_path)
    assert open_key(uri, chain_path.read_text(), name="x", secret=never, base=tmp_path).sign(MESSAGE)


def test_a_drive_is_no_scheme(tmp_path):
    with pytest.raises(KeyUnavailable, match="the private key is not there"):
        open_key("C:\\keys\\key.pem", make_chain()[1], name="x", secret=never, base=tmp_path)


WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None  # as if it were not installed
from provenance.errors import KeyUnavailable
from provenance.keys.open import open_bare
try:
    open_bare(sys.argv[2], name="x", secret=lambda wanted: "s")
except KeyUnavailable as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("library", "uri", "extra"),
    [
        ("pkcs11", "pkcs11:token=a", "pkcs11"),
        ("boto3", "awskms:///alias/desk", "aws"),
        ("google.cloud", "gcpkms:///projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1", "gcp"),
        ("azure", "azurekv://vault.vault.azure.net/keys/desk/1", "azure"),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_its_extra(library, uri, extra):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, library, uri], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert f'pip install "media-provenance[{extra}]"' in done.stdout, done.stdout + done.stderr


LOADS = """
import sys
from provenance.keys.open import open_key
try:
    open_key(sys.argv[1], "", name="x", secret=lambda wanted: None)
except Exception:
    pass
print(*[name for name in ("pkcs11", "boto3", "google.cloud.kms", "azure.keyvault", "httpx") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("uri", "loaded"),
    [("file:gone.pem", ""), ("pkcs12:gone.p12", ""), ("pkcs11:token=a", "pkcs11"), ("https://localhost/", "httpx")],
)
def test_only_the_library_of_one_place_is_loaded(uri, loaded):
    done = subprocess.run([sys.executable, "-c", LOADS, uri], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


@dataclass
class Distant:
    """Stands for a key in a cloud: it tells its public key and signs in some way."""

    private: object
    made: list = field(default_factory=list)
    forge: bool = False

    @property
    def public_key(self):
        return self.private.public_key()

    def sign(self, data):
        return sign(self.private, data + b"!" * self.forge, Algorithm.ES256)

    def open(self):
        self.made.append(self)
        return self


def test_a_late_key_is_opened_once_and_when_it_is_needed():
    distant = Distant(make_key("es256"))
    signer = bind(LateKey("cloud:desk", distant.open), make_chain()[1], name="x")
    assert distant.made == []
    verify(distant.public_key, Algorithm.ES256, signer.sign(MESSAGE))
    assert signer.sign(MESSAGE)
    assert len(distant.made) == 1
    signer.close()
    assert signer.sign(MESSAGE)
    assert len(distant.made) == 2


def test_a_late_key_of_another_certificate_signs_nothing():
    distant = Distant(make_key("es256", "another"))
    signer = bind(LateKey("cloud:desk", distant.open), make_chain()[1], name="x")
    with pytest.raises(KeyUnavailable, match="does not belong to the first certificate") as caught:
        signer.sign(MESSAGE)
    assert caught.value.path == "cloud:desk"


def test_a_late_key_of_a_later_certificate_is_told_its_place():
    distant = Distant(make_key("es256"))
    signer = bind(LateKey("cloud:desk", distant.open), make_chain("wrong_order")[1], name="x")
    with pytest.raises(KeyUnavailable) as caught:
        signer.sign(MESSAGE)
    assert caught.value.hint == "wrong order: its certificate is number 2 and must be the first"


@pytest.mark.parametrize("chain", [make_chain()[1], ""], ids=["bound", "bare"])
def test_a_signature_over_something_else_is_not_handed_on(chain):
    late = LateKey("cloud:desk", Distant(make_key("es256"), forge=True).open)
    signer = bind(late, chain, name="x") if chain else bare(late, name="x")
    with pytest.raises(SignerRefused, match="does not verify with") as caught:
        signer.sign(MESSAGE)
    assert "ECDSA with SHA-256 over the whole message" in caught.value.hint


@pytest.mark.parametrize("kind", ["secp256k1", "rsa_1024", "ed448"])
def test_a_certificate_that_dictates_no_algorithm(kind):
    late = LateKey("cloud:desk", never)
    with pytest.raises(UnsuitableCertificate, match="cannot be signed with"):
        bind(late, make_chain(kind)[1], name="x")
    with pytest.raises(UnsuitableCertificate, match="cannot be signed with"):
        bare(LateKey("cloud:desk", Distant(make_key(kind)).open), name="x")
