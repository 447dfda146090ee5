"""Keys in Google Cloud KMS: Google's own client against a server on loopback that speaks the real protocol."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.auth.credentials import AnonymousCredentials
from google.cloud import kms_v1
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from provenance.errors import KeyUnavailable, SignerRefused, UnsuitableCertificate
from provenance.keys import gcp_kms
from provenance.keys.algorithms import confirm
from provenance.keys.bound import LateKey, bind
from provenance.keys.cloud import Patience
from provenance.model.ports import Algorithm
from tests.support.certificates import key, make_chain

VERSION = "projects/example/locations/europe-west3/keyRings/news/cryptoKeys/desk/cryptoKeyVersions/7"
URI = f"gcpkms:///{VERSION}"
DATA = b"what is to be signed" * 80
SERVICE = "google.cloud.kms.v1.KeyManagementService"
Names = kms_v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm
HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


class FakeKms(grpc.GenericRpcHandler):
    """One key version. What is in `script` comes first: a status, or changes to the answer."""

    def __init__(self):
        self.private, self.algorithm = key("es256"), Names.EC_SIGN_P256_SHA256
        self.seen, self.script, self.deadlines = [], [], []

    def service(self, details):
        types = {
            "GetPublicKey": (kms_v1.GetPublicKeyRequest, kms_v1.PublicKey, self._public_key),
            "AsymmetricSign": (kms_v1.AsymmetricSignRequest, kms_v1.AsymmetricSignResponse, self._sign),
        }
        asked, answered, answer = types[details.method.removeprefix(f"/{SERVICE}/")]

        def handle(request, context):
            self.seen.append(request)
            self.deadlines.append(context.time_remaining())
            turn = self.script.pop(0) if self.script else {}
            if not isinstance(turn, dict):
                context.abort_with_status(rpc_status.to_status(turn))
            return answered(**{**answer(request), **turn})

        return grpc.unary_unary_rpc_method_handler(handle, asked.deserialize, answered.serialize)

    def _public_key(self, request):
        encoded = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        pem = encoded.decode()
        return {"name": VERSION, "pem": pem, "algorithm": self.algorithm, "pem_crc32c": gcp_kms.crc32c(encoded)}

    def _sign(self, request):
        checked = {"verified_digest_crc32c": request.digest_crc32c is not None}
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            signature = self.private.sign(request.data)
            checked = {"verified_data_crc32c": request.data_crc32c is not None}
        else:
            name = next(item for item in HASHES if getattr(request.digest, item))
            signature = self._sign_digest(getattr(request.digest, name), HASHES[name])
        return {"name": VERSION, "signature": signature, "signature_crc32c": gcp_kms.crc32c(signature), **checked}

    def _sign_digest(self, short, digest):
        if isinstance(self.private, rsa.RSAPrivateKey):
            pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.DIGEST_LENGTH)
            return self.private.sign(short, pss, Prehashed(digest))
        return self.private.sign(short, ec.ECDSA(Prehashed(digest)))


@pytest.fixture
def kms():
    return FakeKms()


@pytest.fixture
def channel(kms):
    server = grpc.server(ThreadPoolExecutor(2), handlers=[kms])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(None).wait()


@pytest.fixture
def slept():
    return []


@pytest.fixture
def open_key(channel, slept):
    transport = KeyManagementServiceGrpcTransport(channel=channel, credentials=AnonymousCredentials())
    client = kms_v1.KeyManagementServiceClient(transport=transport)
    at = gcp_kms.desk(URI, Patience(sleep=slept.append, clock=lambda: 0.0))
    return lambda: gcp_kms.open_with(client, VERSION, name="Example News", at=at)


ALGORITHMS = [
    ("es256", Names.EC_SIGN_P256_SHA256, Algorithm.ES256, "sha256"),
    ("es384", Names.EC_SIGN_P384_SHA384, Algorithm.ES384, "sha384"),
    ("ps256", Names.RSA_SIGN_PSS_2048_SHA256, Algorithm.PS256, "sha256"),
    ("ps384", Names.RSA_SIGN_PSS_3072_SHA256, Algorithm.PS256, "sha256"),
    ("ps512", Names.RSA_SIGN_PSS_4096_SHA256, Algorithm.PS256, "sha256"),
    ("ps512", Names.RSA_SIGN_PSS_4096_SHA512, Algorithm.PS512, "sha512"),
]


@pytest.mark.parametrize("case", ALGORITHMS, ids=lambda item: item[1].name)
def test_the_digest_goes_out_with_its_checksum_and_the_signature_holds(case, kms, open_key):
    kind, kms.algorithm, algorithm, name = case
    kms.private = key(kind)
    signer = open_key()
    found = signer.sign(DATA)
    short = hashlib.new(name, DATA).digest()
    assert kms.seen == [
        kms_v1.GetPublicKeyRequest(name=VERSION),
        kms_v1.AsymmetricSignRequest(name=VERSION, digest={name: short}, digest_crc32c=gcp_kms.crc32c(short)),
    ]
    assert all(0 < seconds < 12 for seconds in kms.deadlines)
    assert (signer.name, signer.algorithm, signer.chain_pem) == ("Example News", algorithm, "")
    assert signer.public_key == key(kind).public_key()
    assert confirm(found, DATA, key=signer.public_key, algorithm=algorithm) == found


def test_a_certificate_follows_the_algorithm_that_the_key_version_has(kms, open_key):
    """An RSA key of this size could do more, but the version was made for SHA-256."""
    kms.private, kms.algorithm = key("ps384"), Names.RSA_SIGN_PSS_3072_SHA256
    signer = bind(LateKey(VERSION, open_key), make_chain(algorithm=Algorithm.PS384)[1], name="Example News")
    assert signer.algorithm is Algorithm.PS256
    assert signer.sign(DATA)


def test_ed25519_signs_the_whole_message(kms, open_key):
    kms.private, kms.algorithm = key("ed25519"), Names.EC_SIGN_ED25519
    signer = open_key()
    signer.public_key.verify(signer.sign(DATA), DATA)
    assert signer.algorithm is Algorithm.ED25519
    assert kms.seen[1] == kms_v1.AsymmetricSignRequest(name=VERSION, data=DATA, data_crc32c=gcp_kms.crc32c(DATA))


UNSUITABLE = [
    ("ps256", Names.RSA_SIGN_PKCS1_2048_SHA256, "RSA_SIGN_PKCS1_2048_SHA256 only, and of RSA, .* take PSS alone"),
    ("ps256", Names.RSA_SIGN_RAW_PKCS1_2048, "RSA_SIGN_RAW_PKCS1_2048 only, and of RSA, .* take PSS alone"),
    ("ps256", Names.RSA_DECRYPT_OAEP_2048_SHA256, "not made for signing: RSA_DECRYPT_OAEP_2048_SHA256"),
    ("secp256k1", Names.EC_SIGN_SECP256K1_SHA256, "cannot be signed with EC_SIGN_SECP256K1_SHA256"),
    ("es256", Names.PQ_SIGN_ML_DSA_65, "cannot be signed with PQ_SIGN_ML_DSA_65"),
    ("es256", 999, "not made for signing: 999"),
    ("es384", Names.EC_SIGN_P256_SHA256, "another kind than its algorithm EC_SIGN_P256_SHA256"),
]


@pytest.mark.parametrize(("kind", "algorithm", "words"), UNSUITABLE)
@pytest.mark.filterwarnings("ignore:Unrecognized CryptoKeyVersionAlgorithm")
def test_a_key_version_with_another_algorithm_is_refused_with_the_reason(kind, algorithm, words, kms, open_key):
    kms.private, kms.algorithm = key(kind), algorithm
    with pytest.raises(UnsuitableCertificate, match=words) as caught:
        open_key()
    assert caught.value.path == URI
    assert "EC_SIGN_P256_SHA256" in caught.value.hint


DAMAGED_KEY = {"pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}
FLIPPED = {"signature": b"something else"}
UNCHECKED = {"verified_digest_crc32c": False}


def test_what_was_changed_on_the_way_is_asked_for_again(kms, open_key, slept):
    kms.script = [DAMAGED_KEY, {}, FLIPPED, UNCHECKED, {"signature_crc32c": None}, {}]
    signer = open_key()
    assert confirm(signer.sign(DATA), DATA, key=signer.public_key, algorithm=Algorithm.ES256)
    assert slept == [0.2, 0.2, 0.4, 0.8]


@pytest.mark.parametrize(("changes", "words"), [(FLIPPED, "was changed on the way"), (UNCHECKED, "did not check what")])
def test_what_is_changed_on_the_way_each_time_is_no_signature(changes, words, kms, open_key):
    signer = open_key()
    kms.script = [changes] * 9
    with pytest.raises(SignerRefused, match=f"the answer of Cloud KMS cannot be used \\(tried 5 times\\): .*{words}"):
        signer.sign(DATA)


def test_an_answer_about_another_key_version_is_refused(kms, open_key):
    kms.script = [{"name": VERSION[:-1] + "8"}, {}, {"name": VERSION[:-1] + "8"}]
    with pytest.raises(KeyUnavailable, match="another key version"):
        open_key()
    with pytest.raises(SignerRefused, match="another key version signed"):
        open_key().sign(DATA)


def status(code, words, *details):
    packed = []
    for detail in details:
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    return status_pb2.Status(code=code, message=words, details=packed)


CAUSES = [
    ("PERMISSION_DENIED", KeyUnavailable, "roles/cloudkms.signerVerifier"),
    ("NOT_FOUND", KeyUnavailable, "key ring"),
    ("FAILED_PRECONDITION", KeyUnavailable, "ENABLED"),
    ("UNAUTHENTICATED", KeyUnavailable, "gcloud auth application-default login"),
    ("INVALID_ARGUMENT", SignerRefused, "gcpkms:///"),
    ("UNIMPLEMENTED", SignerRefused, "gcpkms:///"),
]


@pytest.mark.parametrize(("code", "signing", "hint"), CAUSES)
def test_what_waiting_does_not_mend_is_said_at_once_in_the_words_of_the_service(
    code, signing, hint, kms, open_key, slept
):
    refusal = status(code_pb2.Code.Value(code), "this is \x1b[31mwhy\nit is so " + "x" * 500)
    kms.script = [refusal, {}, refusal]
    with pytest.raises(KeyUnavailable) as opened:
        open_key()
    with pytest.raises(signing) as signed:
        open_key().sign(DATA)
    for error in (opened.value, signed.value):
        assert f"{code}: this is \\x1b[31mwhy it is so xxx" in error.message
        assert len(error.message) < 420
        assert hint in error.hint
        assert error.path == URI
    assert (slept, len(kms.seen)) == ([], 3)


ASKED = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=2, nanos=500_000_000))
BUSY = [
    ("RESOURCE_EXHAUSTED", (), [0.2, 0.4, 0.8, 1.6]),
    ("RESOURCE_EXHAUSTED", (ASKED,), [2.5, 2.5, 2.5, 2.5]),
    ("UNAVAILABLE", (), [0.2, 0.4, 0.8, 1.6]),
    ("INTERNAL", (), [0.2, 0.4, 0.8, 1.6]),
    ("DEADLINE_EXCEEDED", (), [0.2, 0.4, 0.8, 1.6]),
]


@pytest.mark.parametrize(("code", "details", "waits"), BUSY)
def test_throttling_and_faults_are_tried_again_five_times_and_no_more(code, details, waits, kms, open_key, slept):
    kms.script = [status(code_pb2.Code.Value(code), "later", *details)] * 50
    with pytest.raises(KeyUnavailable, match=rf"\(tried 5 times\): {code}: later"):
        open_key()
    assert (slept, len(kms.seen)) == (waits, 5)


def test_many_threads_sign_with_one_key(kms, open_key):
    signer = open_key()
    messages = [bytes([number]) * 100 for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(signer.sign, messages))
    for signature, message in zip(found, messages, strict=True):
        assert confirm(signature, message, key=signer.public_key, algorithm=Algorithm.ES256)


@pytest.mark.parametrize("content", [None, "{", '{"type": "nonsense"}'], ids=["missing", "no JSON", "unknown type"])
def test_credentials_that_cannot_be_read_are_the_cause(content, tmp_path, monkeypatch):
    path = tmp_path / "credentials.json"
    if content is not None:
        path.write_text(content, encoding="ascii")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(KeyUnavailable, match=r"without valid credentials: .*cred") as caught:
        gcp_kms.open_bare(URI, name="Example News", secret=lambda _: None)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.hint
