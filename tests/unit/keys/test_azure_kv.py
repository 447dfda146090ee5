"""Keys in Azure Key Vault: Microsoft's own clients and transport, which end in a vault made here."""

from __future__ import annotations

import hashlib
import io
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from http.client import responses
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from azure.core.credentials import AccessTokenInfo
from azure.keyvault.keys._shared import HttpChallengeCache
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from urllib3 import HTTPResponse

from provenance.errors import KeyUnavailable, SignerRefused, UnsuitableCertificate
from provenance.keys import azure_kv
from provenance.keys.algorithms import confirm
from provenance.keys.cloud import Patience
from provenance.model.ports import Algorithm
from tests.support.certificates import key

VAULT, NAME, CURRENT = "https://news.vault.azure.net", "desk", "0123456789abcdef0123456789abcdef"
URI = "azurekv://news.vault.azure.net/keys/desk"
KID = f"{VAULT}/keys/{NAME}/{CURRENT}"
DATA = b"what is to be signed" * 80
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp256k1": "P-256K"}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://vault.azure.net"'
TOKEN = "a-token-of-this-test"


def encoded(number_or_bytes, length=None):
    data = number_or_bytes
    if isinstance(data, int):
        data = data.to_bytes(length or (data.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def jwk(public, *, hsm=""):
    numbers = public.public_numbers()
    if isinstance(public, rsa.RSAPublicKey):
        return {"kty": f"RSA{hsm}", "n": encoded(numbers.n), "e": encoded(numbers.e)}
    size = (public.key_size + 7) // 8
    crv = CURVES[public.curve.name]
    return {"kty": f"EC{hsm}", "crv": crv, "x": encoded(numbers.x, size), "y": encoded(numbers.y, size)}


def raw_signature(private, short, digest):
    """Sign a digest as a vault does it: ECDSA comes as r‖s (RFC 7518, 3.4)."""
    if isinstance(private, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.DIGEST_LENGTH)
        return private.sign(short, pss, Prehashed(digest))
    size = (private.key_size + 7) // 8
    numbers = decode_dss_signature(private.sign(short, ec.ECDSA(Prehashed(digest))))
    return b"".join(number.to_bytes(size, "big") for number in numbers)


class Vault:
    """One key. Scripted answers (status, body, headers) or errors come first, once the caller has a token."""

    def __init__(self):
        self.private, self.hsm = key("es256"), ""
        self.bundle, self.attributes, self.seen, self.script = {}, {"enabled": True}, [], []

    def send(self, request, timeout=None, **_):
        if "Authorization" not in request.headers:
            return self._answer(request, 401, {}, {"WWW-Authenticate": CHALLENGE})
        self.seen.append((request.method, request.url, request.body and json.loads(request.body), timeout))
        turn = self.script.pop(0) if self.script else None
        if isinstance(turn, Exception):
            raise turn
        return self._answer(request, *(turn or (200, self._good(request), {})))

    def _good(self, request):
        if request.method == "GET":
            more = {"key_ops": ["sign", "verify"], "kid": KID, **self.bundle}
            return {"key": jwk(self.private.public_key(), hsm=self.hsm) | more, "attributes": self.attributes}
        asked = json.loads(request.body)
        short = urlsafe_b64decode(asked["value"] + "==")
        return {"kid": KID, "value": encoded(raw_signature(self.private, short, HASHES[asked["alg"][-3:]]))}

    def _answer(self, request, status, body, headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        raw = HTTPResponse(
            io.BytesIO(content), headers=headers, status=status, reason=responses[status], preload_content=False
        )
        return requests.adapters.HTTPAdapter().build_response(request, raw)


class Credential:
    def get_token_info(self, *scopes, options=None):
        assert (scopes, options["tenant_id"]) == (("https://vault.azure.net/.default",), "tenant")
        return AccessTokenInfo(TOKEN, 2**40)


@pytest.fixture
def vault(monkeypatch):
    """What all of `requests`, and so all of Azure's own transports, ends in."""
    HttpChallengeCache.clear()
    vault = Vault()
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", lambda _, request, **more: vault.send(request, **more))
    return vault


@pytest.fixture
def slept():
    return []


@pytest.fixture
def open_key(vault, slept):
    def opened(uri=URI):
        at = azure_kv.desk(uri, Patience(sleep=slept.append, clock=lambda: 0.0))
        return azure_kv.open_with(Credential(), azure_kv.read(uri), name="Example News", at=at)

    return opened


@pytest.mark.parametrize("hsm", ["", "-HSM"], ids=["software", "hsm"])
@pytest.mark.parametrize("kind", ["es256", "es384", "es512", "ps256", "ps384", "ps512"])
def test_the_digest_goes_out_and_the_signature_holds(kind, hsm, vault, open_key):
    vault.private, vault.hsm = key(kind), hsm
    signer = open_key()
    found = signer.sign(DATA)
    (method, url, body, _), (signing_method, signing_url, signing_body, _) = vault.seen
    assert (method, url.partition("?")[0].rstrip("/"), body) == ("GET", f"{VAULT}/keys/{NAME}", None)
    assert (signing_method, signing_url.partition("?")[0]) == ("POST", f"{KID}/sign")
    short = hashlib.new(f"sha{kind[-3:]}", DATA).digest()
    assert signing_body == {"alg": kind.upper(), "value": encoded(short)}
    assert (signer.name, signer.algorithm, signer.chain_pem) == ("Example News", Algorithm(kind), "")
    assert signer.public_key == vault.private.public_key()
    assert confirm(found, DATA, key=signer.public_key, algorithm=Algorithm(kind)) == found


def test_requests_go_out_with_deadlines_and_a_version_of_the_interface(vault, open_key):
    open_key().sign(DATA)
    assert [timeout for *_, timeout in vault.seen] == [(5.0, 10.0)] * 2
    assert all(parse_qs(urlsplit(url).query)["api-version"] for _, url, *_ in vault.seen)


def test_the_version_that_was_opened_signs_after_a_rotation(vault, open_key):
    signer = open_key()
    vault.bundle = {"kid": KID[:-1] + "0"}
    signer.sign(DATA)
    assert vault.seen[-1][1].startswith(f"{KID}/sign")


def test_a_version_that_is_named_is_asked_for(vault, open_key):
    open_key(f"{URI}/{CURRENT}")
    assert vault.seen[0][1].startswith(f"{KID}?")


@pytest.mark.parametrize("kid", [KID.replace("news", "evil"), KID.replace(NAME, "other"), f"{VAULT}/keys/{NAME}"])
def test_an_answer_about_another_key_is_refused(kid, vault, open_key):
    vault.bundle = {"kid": kid}
    with pytest.raises(KeyUnavailable, match="the answer of Azure Key Vault cannot be used: it is about another key"):
        open_key()


UNSUITABLE = [
    ("secp256k1", {}, "ECDSA on secp256k1"),
    ("es256", {"kty": "oct"}, "this key: oct on P-256"),
    ("ps256", {"kty": "OKP"}, "this key: OKP"),
    ("es256", {"crv": "P-999"}, "this key: EC on P-999"),
    ("es256", {"key_ops": ["verify"]}, "permits do not include sign"),
]


@pytest.mark.parametrize(("kind", "bundle", "words"), UNSUITABLE)
def test_a_key_of_the_wrong_kind_is_refused(kind, bundle, words, vault, open_key):
    vault.private, vault.bundle = key(kind), bundle
    with pytest.raises(UnsuitableCertificate, match=words) as caught:
        open_key()
    assert caught.value.path == URI
    assert caught.value.hint


def test_a_disabled_version_is_refused_before_anything_is_signed(vault, open_key):
    vault.attributes = {"enabled": False}
    with pytest.raises(KeyUnavailable, match="this version of the key is disabled") as caught:
        open_key()
    assert "enable this version" in caught.value.hint


def refused(status, code, words, inner=None, **headers):
    innererror = {"innererror": {"code": inner}} if inner else {}
    return status, {"error": {"code": code, "message": words, **innererror}}, headers


CAUSES = [
    (403, "Forbidden", "ForbiddenByRbac", KeyUnavailable, "Key Vault Crypto User"),
    (403, "Forbidden", "ForbiddenByFirewall", KeyUnavailable, "network settings of the vault"),
    (403, "Forbidden", "KeyDisabled", KeyUnavailable, "enable this version"),
    (404, "KeyNotFound", None, KeyUnavailable, "check the vault"),
    (401, "Unauthorized", None, KeyUnavailable, "az login"),
    (400, "BadParameter", None, SignerRefused, "azurekv://"),
]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda item: f"{item[0]}-{item[2]}")
def test_what_waiting_does_not_mend_is_said_at_once_in_the_words_of_the_service(cause, vault, open_key, slept):
    status, code, inner, signing, hint = cause
    answer = refused(status, code, "this is \x1b[31mwhy\r\nit is so " + "x" * 500, inner)
    vault.script = [answer, None, answer]
    with pytest.raises(KeyUnavailable) as opened:
        open_key()
    with pytest.raises(signing) as signed:
        open_key().sign(DATA)
    for error in (opened.value, signed.value):
        assert ": ".join([" ".join(filter(None, (str(status), code, inner))), "this is"]) in error.message
        assert "this is \\x1b[31mwhy it is so xxx" in error.message
        assert len(error.message) < 420
        assert hint in error.hint
        assert error.path == URI
    assert (slept, len(vault.seen)) == ([], 3)


BUSY = [
    (refused(429, "Throttled", "later"), "429 Throttled: later", [0.2, 0.4, 0.8, 1.6]),
    (refused(429, "Throttled", "later", **{"Retry-After": "4"}), "429 Throttled: later", [4.0, 4.0, 4.0, 4.0]),
    (refused(503, "ServiceUnavailable", "later"), "503 ServiceUnavailable: later", [0.2, 0.4, 0.8, 1.6]),
    ((502, b"<html>", {}), "502: Bad Gateway", [0.2, 0.4, 0.8, 1.6]),
    (requests.exceptions.ConnectTimeout("too slow"), "cannot be reached .*: too slow", [0.2, 0.4, 0.8, 1.6]),
    (requests.exceptions.ReadTimeout("too slow"), "cannot be reached .*: too slow", [0.2, 0.4, 0.8, 1.6]),
]


@pytest.mark.parametrize(("turn", "words", "waits"), BUSY)
def test_throttling_and_faults_are_tried_again_five_times_and_no_more(turn, words, waits, vault, open_key, slept):
    vault.script = [turn] * 50
    with pytest.raises(KeyUnavailable, match=words) as caught:
        open_key()
    assert "(tried 5 times)" in caught.value.message
    assert (slept, len(vault.seen)) == (waits, 5)


def test_a_certificate_of_the_vault_that_does_not_hold_is_said_at_once(vault, open_key, slept):
    vault.script = [requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")]
    with pytest.raises(KeyUnavailable, match=r"cannot be reached: .*self-signed certificate"):
        open_key()
    assert slept == []


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"{}", b"[]", b'{"key": {"kty": "EC"}}'])
def test_a_page_in_place_of_the_vault_is_said_to_be_no_answer(body, vault, open_key):
    vault.script = [(200, body, {})]
    with pytest.raises(KeyUnavailable, match="the answer of Azure Key Vault cannot be used"):
        open_key()


@pytest.mark.parametrize("value", ["", "AAAA"])
def test_an_answer_that_is_no_signature_is_refused(value, vault, open_key):
    vault.script = [None, (200, {"kid": KID, "value": value}, {})]
    with pytest.raises(SignerRefused, match="the answer of Azure Key Vault cannot be used"):
        open_key().sign(DATA)


def test_a_host_that_asks_for_the_token_of_another_gets_none(vault, open_key):
    uri = "azurekv://vault.example.org/keys/desk"
    with pytest.raises(KeyUnavailable, match="does not match the requested domain") as caught:
        open_key(uri)
    assert vault.seen == []
    assert "verify_challenge_resource" not in str(caught.value)


def test_many_threads_sign_with_one_key(vault, open_key):
    signer = open_key()
    messages = [bytes([number]) * 100 for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(signer.sign, messages))
    for signature, message in zip(found, messages, strict=True):
        assert confirm(signature, message, key=signer.public_key, algorithm=Algorithm.ES256)
