"""Keys in AWS KMS: the exact requests, and what its answers become."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from base64 import b64decode, b64encode
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.stub import Stubber
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.errors import KeyUnavailable, SignerRefused, UnsuitableCertificate
from provenance.keys import aws_kms
from provenance.keys.algorithms import confirm
from provenance.keys.cloud import Patience
from provenance.model.ports import Algorithm
from tests.support.certificates import key

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "alias/newsroom"
URI = f"awskms:///{ALIAS}?region=eu-central-1"
DATA = b"what is to be signed" * 80
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
SIGNING = {
    "es256": "ECDSA_SHA_256", "es384": "ECDSA_SHA_384", "es512": "ECDSA_SHA_512",
    "ps256": "RSASSA_PSS_SHA_256", "ps384": "RSASSA_PSS_SHA_384", "ps512": "RSASSA_PSS_SHA_512",
}  # fmt: skip


def digest_of(data, name):
    return hashlib.new(f"sha{name}", data).digest()


def service_signs(private, short, name):
    """Sign a digest as KMS does it in DIGEST mode."""
    digest = HASHES[name[-3:]]
    if isinstance(private, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.DIGEST_LENGTH)
        return private.sign(short, pss, Prehashed(digest))
    return private.sign(short, ec.ECDSA(Prehashed(digest)))


def told(private, **changes):
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    names = [*SIGNING.values(), "ED25519_SHA_512"]
    return {"KeyId": ARN, "PublicKey": public, "KeyUsage": "SIGN_VERIFY", "SigningAlgorithms": names, **changes}


@pytest.fixture(autouse=True)
def _own_credentials(monkeypatch, tmp_path):
    """Keep tests away from the AWS settings of whoever runs them."""
    for name in [item for item in os.environ if item.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "example")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")


@pytest.fixture
def slept():
    return []


@pytest.fixture
def client(_own_credentials):
    return shared_client()


@cache
def shared_client():
    return boto3.session.Session().client("kms", region_name="eu-central-1")


@pytest.fixture
def stub(client):
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def open_key(client, slept):
    at = aws_kms.desk(URI, Patience(sleep=slept.append, clock=lambda: 0.0))
    return lambda: aws_kms.open_with(client, ALIAS, name="Example News", at=at)


@pytest.mark.parametrize(("kind", "name"), SIGNING.items())
def test_the_digest_goes_out_in_digest_mode_and_the_signature_holds(kind, name, stub, open_key):
    private = key(kind)
    short = digest_of(DATA, kind[-3:])
    expected = {"KeyId": ALIAS, "Message": short, "MessageType": "DIGEST", "SigningAlgorithm": name}
    signature = service_signs(private, short, kind)
    stub.add_response("get_public_key", told(private), {"KeyId": ALIAS})
    stub.add_response("sign", {"KeyId": ARN, "Signature": signature, "SigningAlgorithm": name}, expected)
    signer = open_key()
    assert (signer.name, signer.algorithm, signer.chain_pem) == ("Example News", Algorithm(kind), "")
    assert signer.public_key == private.public_key()
    found = signer.sign(DATA)
    assert confirm(found, DATA, key=private.public_key(), algorithm=Algorithm(kind)) == found


def test_ed25519_signs_the_whole_message_in_raw_mode(stub, open_key):
    private = key("ed25519")
    expected = {"KeyId": ALIAS, "Message": DATA, "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}
    stub.add_response("get_public_key", told(private), {"KeyId": ALIAS})
    stub.add_response("sign", {"KeyId": ARN, "Signature": private.sign(DATA)}, expected)
    signer = open_key()
    private.public_key().verify(signer.sign(DATA), DATA)
    assert signer.algorithm is Algorithm.ED25519


def test_ed25519_refuses_a_message_that_kms_cannot_sign_whole(stub, open_key):
    stub.add_response("get_public_key", told(key("ed25519")), {"KeyId": ALIAS})
    with pytest.raises(SignerRefused, match="up to 4096 bytes with an Ed25519 key, and these are 4097"):
        open_key().sign(b"x" * 4097)


UNSUITABLE = {
    "another use": ("ps256", {"KeyUsage": "ENCRYPT_DECRYPT"}, "ENCRYPT_DECRYPT, not for signing"),
    "another curve": ("secp256k1", {}, "ECDSA on secp256k1"),
    "another algorithm": ("es256", {"SigningAlgorithms": ["ECDSA_SHA_384"]}, "does not sign with ECDSA_SHA_256"),
}


@pytest.mark.parametrize(("kind", "changes", "words"), UNSUITABLE.values(), ids=UNSUITABLE)
def test_a_key_of_the_wrong_kind_is_refused(kind, changes, words, stub, open_key):
    stub.add_response("get_public_key", told(key(kind), **changes), {"KeyId": ALIAS})
    with pytest.raises(UnsuitableCertificate, match=words) as caught:
        open_key()
    assert caught.value.path == URI
    assert caught.value.hint


@pytest.mark.parametrize("public", [{}, {"PublicKey": b"nonsense", "KeyUsage": "SIGN_VERIFY"}], ids=["none", "no DER"])
def test_an_answer_without_a_public_key_is_said_to_be_one(public, stub, open_key):
    stub.add_response("get_public_key", {"KeyId": ARN, **public}, {"KeyId": ALIAS})
    with pytest.raises(KeyUnavailable, match="the answer of AWS KMS cannot be used: it holds no public key"):
        open_key()


MOVED = {"KeyId": ARN[:-1] + "1", "Signature": b"something"}
EMPTY = {"KeyId": ARN, "Signature": b""}


@pytest.mark.parametrize(("answer", "words"), [(MOVED, "the alias was moved"), (EMPTY, "it holds no signature")])
def test_an_answer_that_is_no_signature_of_this_key_is_refused(answer, words, stub, open_key):
    stub.add_response("get_public_key", told(key("es256")), {"KeyId": ALIAS})
    stub.add_response("sign", answer)
    with pytest.raises(SignerRefused, match=f"the answer of AWS KMS cannot be used: .*{words}"):
        open_key().sign(DATA)


CAUSES = [
    ("AccessDeniedException", 400, KeyUnavailable, KeyUnavailable, "kms:Sign and kms:GetPublicKey"),
    ("NotFoundException", 400, KeyUnavailable, KeyUnavailable, "region"),
    ("DisabledException", 409, KeyUnavailable, KeyUnavailable, "enable the key"),
    ("KMSInvalidStateException", 400, KeyUnavailable, KeyUnavailable, "cancel its deletion"),
    ("InvalidKeyUsageException", 400, UnsuitableCertificate, UnsuitableCertificate, "SIGN_VERIFY"),
    ("UnsupportedOperationException", 400, UnsuitableCertificate, UnsuitableCertificate, "SIGN_VERIFY"),
    ("ExpiredTokenException", 400, KeyUnavailable, KeyUnavailable, "clock"),
    ("UnrecognizedClientException", 400, KeyUnavailable, KeyUnavailable, "get-caller-identity"),
    ("InvalidArnException", 400, KeyUnavailable, SignerRefused, "awskms:///"),
]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda item: item[0])
def test_what_waiting_does_not_mend_is_said_at_once_in_the_words_of_the_service(cause, stub, open_key, slept):
    code, status, opening, signing, hint = cause
    words = "this is \x1b[31mwhy\nit is so " + "x" * 500
    stub.add_client_error("get_public_key", code, words, http_status_code=status)
    stub.add_response("get_public_key", told(key("es256")), {"KeyId": ALIAS})
    stub.add_client_error("sign", code, words, http_status_code=status)
    with pytest.raises(opening) as opened:
        open_key()
    with pytest.raises(signing) as signed:
        open_key().sign(DATA)
    for error in (opened.value, signed.value):
        assert f"{code}: this is \\x1b[31mwhy it is so xxx" in error.message
        assert len(error.message) < 420
        assert hint in error.hint
        assert error.path == URI
    assert slept == []


BUSY = [
    ("ThrottlingException", 400, {}, [0.2, 0.4, 0.8, 1.6]),
    ("ThrottlingException", 429, {"retry-after": "3"}, [3.0, 3.0, 3.0, 3.0]),
    ("KMSInternalException", 500, {}, [0.2, 0.4, 0.8, 1.6]),
    ("KeyUnavailableException", 500, {}, [0.2, 0.4, 0.8, 1.6]),
    ("DependencyTimeoutException", 503, {}, [0.2, 0.4, 0.8, 1.6]),
    ("SomethingNew", 429, {}, [0.2, 0.4, 0.8, 1.6]),
]


@pytest.mark.parametrize("busy", BUSY, ids=lambda item: f"{item[0]}-{item[1]}")
def test_throttling_and_faults_are_tried_again_five_times_with_growing_waits(busy, stub, open_key, slept):
    code, status, headers, waits = busy
    for _ in range(5):
        stub.add_client_error(
            "get_public_key", code, "later", http_status_code=status, response_meta={"HTTPHeaders": headers}
        )
    with pytest.raises(KeyUnavailable, match=rf"\(tried 5 times\): {code}: later"):
        open_key()
    assert slept == waits


def test_a_signature_comes_after_a_pause(stub, open_key, slept):
    private = key("es256")
    short = digest_of(DATA, "256")
    stub.add_response("get_public_key", told(private), {"KeyId": ALIAS})
    stub.add_client_error("sign", "ThrottlingException", "later", http_status_code=400)
    stub.add_response("sign", {"KeyId": ARN, "Signature": service_signs(private, short, "es256")})
    assert confirm(open_key().sign(DATA), DATA, key=private.public_key(), algorithm=Algorithm.ES256)
    assert slept == [0.2]


class FakeKms(BaseHTTPRequestHandler):
    """Answers over HTTP as KMS does (JSON 1.1), with one key; statuses that are scripted come first."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        target = self.headers["X-Amz-Target"].removeprefix("TrentService.")
        self.server.seen.append((target, request, self.headers["Authorization"] or ""))
        status, answer = self.server.script.pop(0) if self.server.script else (200, self._answer(target, request))
        body = json.dumps(answer).encode() if isinstance(answer, dict) else answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, target, request):
        if target == "GetPublicKey":
            answer = told(key("es256"))
            return answer | {"PublicKey": b64encode(answer["PublicKey"]).decode()}
        signature = service_signs(key("es256"), b64decode(request["Message"]), "es256")
        return {"KeyId": ARN, "Signature": b64encode(signature).decode()}

    def log_message(self, *_):
        pass


@pytest.fixture
def kms():
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeKms)
    server.seen, server.script = [], []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def local(server, more="&region=eu-central-1"):
    return f"awskms:///{ALIAS}?endpoint=http://127.0.0.1:{server.server_port}{more}"


def test_a_uri_is_enough_to_sign(kms):
    signer = aws_kms.open_bare(local(kms), name="Example News", secret=lambda _: None)
    found = signer.sign(DATA)
    assert confirm(found, DATA, key=key("es256").public_key(), algorithm=Algorithm.ES256) == found
    assert [(target, request["KeyId"]) for target, request, _ in kms.seen] == [("GetPublicKey", ALIAS), ("Sign", ALIAS)]
    assert all("/eu-central-1/kms/aws4_request" in authorization for *_, authorization in kms.seen)


def test_the_attempts_of_boto3_do_not_multiply_ours(kms, slept):
    kms.script += [(500, {"__type": "KMSInternalException", "message": "a fault"})] * 50
    uri = local(kms)
    at = aws_kms.desk(uri, Patience(sleep=slept.append))
    with pytest.raises(KeyUnavailable, match=r"tried 5 times\): KMSInternalException: a fault"):
        aws_kms.open_with(aws_kms._client(aws_kms.read(uri)), ALIAS, name="Example News", at=at)
    assert (len(kms.seen), len(slept)) == (5, 4)


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"{}", b'{"PublicKey": "\xff"}'])
def test_a_page_in_place_of_the_service_is_said_to_be_no_answer(body, kms):
    kms.script.append((200, body))
    with pytest.raises(KeyUnavailable, match="the answer of AWS KMS cannot be used") as caught:
        aws_kms.open_bare(local(kms), name="Example News", secret=lambda _: None)
    assert "proxy" in caught.value.hint


def test_without_a_region_or_a_profile_the_hint_says_how_to_name_one(kms):
    with pytest.raises(KeyUnavailable, match="must specify a region") as caught:
        aws_kms.open_bare(local(kms, ""), name="Example News", secret=lambda _: None)
    assert "?region=NAME" in caught.value.hint
    with pytest.raises(KeyUnavailable, match=r"profile \(desk\) could not be found") as caught:
        aws_kms.open_bare(local(kms, "&profile=desk"), name="Example News", secret=lambda _: None)
    assert "?profile=NAME" in caught.value.hint
