"""No secret of a cloud in what an error, a log or a representation shows, whatever the service answers."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import requests
from azure.keyvault.keys._shared import HttpChallengeCache
from botocore.stub import Stubber
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.auth.transport.grpc import AuthMetadataPlugin
from google.auth.transport.requests import Request
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport

import provenance
from provenance.errors import KeyUnavailable, SigningError
from provenance.keys import aws_kms, azure_kv, gcp_kms
from provenance.keys.cloud import Patience
from tests.support.certificates import key
from tests.unit.keys.test_aws_kms import told
from tests.unit.keys.test_azure_kv import CHALLENGE, Vault

PATIENCE = Patience(sleep=lambda _: None)
PACKAGE = str(Path(provenance.__file__).parent)
AWS_SECRET, AWS_TOKEN = "wJalrXUtnFEMI/K7MDENG", "FwoGZXIvYXdzSessionToken"
AZURE_SECRET, AZURE_TOKEN = "8Q~AzureClientSecret", "azure.access.token"
GOOGLE_SECRET, GOOGLE_REFRESH, GOOGLE_TOKEN = "GOCSPX-client-secret", "1//refresh-token", "ya29.access-token"
SECRETS = [AWS_SECRET, AWS_TOKEN, AZURE_SECRET, AZURE_TOKEN, GOOGLE_SECRET, GOOGLE_REFRESH, GOOGLE_TOKEN]
VERSION = "projects/example/locations/europe-west3/keyRings/news/cryptoKeys/desk/cryptoKeyVersions/7"


def private_pem():
    return key("ps256", "service account").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(autouse=True)
def _environment(monkeypatch, tmp_path):
    for name in [item for item in os.environ if item.startswith(("AWS_", "AZURE_", "GOOGLE_", "IDENTITY_", "MSI_"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
        "AWS_SESSION_TOKEN": AWS_TOKEN,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AZURE_TENANT_ID": "tenant",
        "AZURE_CLIENT_ID": "66666666-7777-8888-9999-000000000000",
        "AZURE_CLIENT_SECRET": AZURE_SECRET,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def nothing_shown(caplog, capfd):
    """Check an error and everything around it."""
    caplog.set_level(logging.DEBUG)

    def check(error, *more):
        assert isinstance(error, SigningError)
        assert (error.__cause__, error.__context__) == (None, None)
        logs = [
            f"{record.getMessage()} {record.exc_text}"
            for record in caplog.records
            if record.levelno >= logging.WARNING or record.name.startswith("provenance")
        ]
        texts = [*everything(error), *logs, *capfd.readouterr(), *map(repr, more)]
        pem = private_pem().splitlines()[1:-1]
        assert [(secret, text) for secret in [*SECRETS, *pem] for text in texts if secret in text] == []

    return check


def everything(error):
    """Return what can be made of an error: also what a tool shows that prints the variables of our functions."""
    yield from (str(error), repr(error), repr(vars(error)), *traceback.format_exception(error))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(PACKAGE):
            yield from map(repr, frame.f_locals.values())


def aws_client(uri="awskms:///alias/news?region=eu-central-1"):
    return aws_kms._client(aws_kms.read(uri)), aws_kms.desk(uri, PATIENCE)


CANONICAL = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key."
    f"\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{AWS_TOKEN}\n'"
)


def test_aws_explains_a_refused_signature_with_the_session_token(nothing_shown):
    client, at = aws_client()
    with Stubber(client) as stub:
        stub.add_response("get_public_key", told(key("es256")))
        stub.add_client_error("sign", "InvalidSignatureException", CANONICAL, http_status_code=400)
        signer = aws_kms.open_with(client, "alias/news", name="Example News", at=at)
        with pytest.raises(KeyUnavailable, match="does not match the signature you provided") as caught:
            signer.sign(b"data")
    nothing_shown(caught.value, signer, client, at)


def test_aws_cannot_be_reached(nothing_shown):
    client, at = aws_client("awskms:///alias/news?region=eu-central-1&endpoint=https://127.0.0.1:1")
    with pytest.raises(KeyUnavailable, match="AWS KMS cannot be reached") as caught:
        aws_kms.open_with(client, "alias/news", name="Example News", at=at)
    nothing_shown(caught.value)


class Directory:
    """Microsoft's and Google's token services, and a vault that shows its callers what they sent."""

    def __init__(self, *, grants):
        self.grants, self.sent = grants, []
        self.vault = Vault()

    def send(self, request, **_):
        sent = f"{request.headers.get('Authorization')} {request.body}"
        self.sent.append(sent)
        if "vault.azure.net" in request.url:
            challenge = {"WWW-Authenticate": CHALLENGE} if "Authorization" not in request.headers else {}
            words = {"error": {"code": "Forbidden", "message": f"denied to Authorization: {sent}"}}
            return self.vault._answer(request, 401 if challenge else 403, words, challenge)
        if not request.url.endswith("/token"):
            return self.vault._answer(request, 200, self._about(request.url.partition("/v2.0")[0]), {})
        if self.grants:
            return self.vault._answer(request, 200, {"access_token": AZURE_TOKEN, "expires_in": 3600}, {})
        refusal = {"error": "invalid_grant", "error_description": "AADSTS7000215: Invalid client secret provided."}
        return self.vault._answer(request, 401, refusal, {})

    def _about(self, tenant):
        """Describe the service (OpenID Connect Discovery)."""
        host = "https://login.microsoftonline.com"
        return {
            "metadata": [],
            "tenant_discovery_endpoint": f"{host}/tenant/v2.0/.well-known/openid-configuration",
            "issuer": f"{tenant}/v2.0",
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
        }


@pytest.fixture
def directory(monkeypatch):
    HttpChallengeCache.clear()
    directory = Directory(grants=True)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", lambda _, request, **more: directory.send(request))
    return directory


def azure_error():
    with pytest.raises(KeyUnavailable) as caught:
        azure_kv.open_bare("azurekv://news.vault.azure.net/keys/desk", name="Example News", secret=lambda _: None)
    return caught.value


def test_azure_takes_no_client_secret(directory, nothing_shown):
    directory.grants = False
    error = azure_error()
    assert "EnvironmentCredential: " in error.message
    assert "AADSTS7000215: Invalid client secret provided" in error.message
    assert any("AzureClientSecret" in sent for sent in directory.sent)
    nothing_shown(error)


def test_a_vault_denies_and_repeats_the_token(directory, nothing_shown):
    error = azure_error()
    assert "403 Forbidden: denied to Authorization: Bearer ***" in error.message
    assert any(AZURE_TOKEN in sent for sent in directory.sent)
    nothing_shown(error)


def test_azure_without_credentials_says_where_it_looked(directory, monkeypatch):
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    assert azure_error().message.endswith("without valid credentials: none were found; looked for by Environment")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "nonsense")
    assert "Invalid value for AZURE_TOKEN_CREDENTIALS: nonsense" in azure_error().message


PROGRAM = """
from azure.core.exceptions import ClientAuthenticationError
from provenance.keys import azure_kv
try:
    azure_kv._credential().get_token("https://vault.azure.net/.default")
except ClientAuthenticationError:
    print("refused")
"""


def test_azure_writes_nothing_beside_our_error_where_nobody_set_up_logging():
    environment = {"PATH": "", "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("refused\n", "")


class Echo(grpc.GenericRpcHandler):
    """A service that denies and repeats the token that came with the question."""

    def __init__(self):
        self.sent = []

    def service(self, details):
        sent = dict(details.invocation_metadata).get("authorization", "")
        self.sent.append(sent)
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: context.abort(grpc.StatusCode.PERMISSION_DENIED, f"you sent {sent}")
        )


@pytest.fixture
def google(monkeypatch, tmp_path):
    """The service, to which Google's own client connects with tokens."""
    monkeypatch.chdir(tmp_path)
    echo = Echo()
    server = grpc.server(ThreadPoolExecutor(2), handlers=[echo])
    server.add_secure_port("unix:kms.socket", grpc.local_server_credentials(grpc.LocalConnectionType.UDS))
    server.start()

    def create_channel(host, credentials=None, **_):
        plugin = AuthMetadataPlugin(credentials.with_quota_project(None), Request(), default_host="cloudkms.example")
        local = grpc.local_channel_credentials(grpc.LocalConnectionType.UDS)
        call = grpc.metadata_call_credentials(plugin)
        return grpc.secure_channel("unix:kms.socket", grpc.composite_channel_credentials(local, call))

    monkeypatch.setattr(KeyManagementServiceGrpcTransport, "create_channel", create_channel)
    yield echo
    server.stop(None).wait()


def google_error(monkeypatch, content):
    path = Path("credentials.json")
    path.write_text(json.dumps(content), encoding="ascii")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(KeyUnavailable) as caught:
        gcp_kms.open_bare(f"gcpkms:///{VERSION}", name="Example News", secret=lambda _: None)
    return caught.value


def test_google_denies_and_repeats_the_token(google, monkeypatch, nothing_shown):
    account = {"type": "service_account", "client_email": "news@example.com", "private_key": private_pem()}
    error = google_error(monkeypatch, account | {"token_uri": "https://oauth2.example/token", "project_id": "example"})
    assert "PERMISSION_DENIED: you sent Bearer ***" in error.message
    token = google.sent[0].removeprefix("Bearer ")
    assert token.startswith("eyJ")
    assert token.rpartition(".")[2] not in str(error)
    nothing_shown(error)


def test_google_gives_no_token_for_a_login(google, directory, monkeypatch, nothing_shown):
    directory.grants = False
    login = {"type": "authorized_user", "client_id": "me", "client_secret": GOOGLE_SECRET}
    error = google_error(monkeypatch, login | {"refresh_token": GOOGLE_REFRESH, "quota_project_id": "example"})
    assert "Cloud KMS cannot be asked without valid credentials: UNAVAILABLE: " in error.message
    assert "invalid_grant" in error.message
    assert any("refresh-token" in sent and GOOGLE_SECRET in sent for sent in directory.sent)
    assert google.sent == []
    nothing_shown(error)


def test_a_signer_shows_its_name_and_cannot_be_pickled():
    client, at = aws_client()
    with Stubber(client) as stub:
        stub.add_response("get_public_key", told(key("es256")))
        signer = aws_kms.open_with(client, "alias/news", name="Example News", at=at)
    assert repr(signer) == "CloudSigner(name='Example News', algorithm=<Algorithm.ES256: 'es256'>)"
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(signer)
