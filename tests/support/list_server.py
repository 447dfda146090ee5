"""A real https server on this machine that publishes trust lists: good ones, and ones with one fault each."""

from __future__ import annotations

import datetime as dt
import json
import ssl
import threading
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from provenance.network import Client, Rules
from provenance.trust.sources import KNOWN
from tests.support.certificates import AT
from tests.support.https_server import Server, self_signed

HOST = "lists.example"
TRUSTED = "http://c2pa.org/conformance/trust-list/trusted"
UNTRUSTED = "http://c2pa.org/conformance/trust-list/untrusted"
KNOWN_HOSTS = {item.place.split("/")[2] for known in KNOWN.values() for item in known.addresses}
LIMIT = 10 * 1024 * 1024


@cache
def certificate(name, *, ca=True, starts=-100, ends=300, usages=(), organisation="Example CA"):
    """Return one certificate in PEM, always the same one for the same wish; days count from `AT`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT + dt.timedelta(days=starts))
        .not_valid_after(AT + dt.timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if usages:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([x509.ObjectIdentifier(item) for item in usages]), critical=False
        )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@cache
def private_key():
    """Return a private key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def der(pem):
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


BROKEN = "-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
FIRST, SECOND, THIRD = (certificate(f"{number} root") for number in ("First", "Second", "Third"))
EXPIRED = certificate("Old root", ends=-1)


def service(pem, *, status=TRUSTED, since="2025-05-01T00:00:00Z", value=None):
    """Return one service of an official list."""
    found = b64encode(der(pem)).decode() if value is None else value
    return {
        "ServiceInformation": {
            "ServiceName": [{"lang": "en", "value": "The service"}],
            "ServiceDigitalIdentity": {"X509Certificates": [{"val": found}]},
            "ServiceStatus": status,
            "StatusStartingTime": since,
        }
    }


def official(*services, sequence=3, issued="2026-02-01T00:00:00Z", scheme="C2PA Trust List", more=None):
    """Return an official list in JSON whose services (or PEM certificates) all belong to one entity each."""
    parts = [item if isinstance(item, dict) else service(item) for item in services]
    about = {
        "LoTEVersionIdentifier": 1,
        "LoTESequenceNumber": sequence,
        "SchemeName": [{"lang": "de", "value": "Liste"}, {"lang": "en", "value": scheme}],
        "ListIssueDateTime": issued,
        "NextUpdate": "2026-04-01T00:00:00Z",
    } | (more or {})
    entities = [
        {
            "TrustedEntityInformation": {"TEName": [{"lang": "en", "value": f"Entity {number} Ltd"}]},
            "TrustedEntityServices": [item],
        }
        for number, item in enumerate(parts, start=1)
    ]
    return json.dumps({"LoTE": {"ListAndSchemeInformation": about, "TrustedEntitiesList": entities}}).encode()


@dataclass(frozen=True)
class Page:
    """What one address answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def redirect(target):
    return Page(status=302, headers={"Location": target})


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        self.close_connection = True
        page = self.server.pages.get(self.path, Page(status=404))
        if not isinstance(page, Page):
            page = Page(body=page.encode() if isinstance(page, str) else page)
        self.send_response(page.status)
        for name, value in ({"Content-Length": str(len(page.body))} | page.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, *_):
        pass


class ListServer(Server):
    """Answers with its `pages`, which are replaced while it runs, as publishers do."""

    def __init__(self, certificate_pem):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.pages = {}
        self.asked = []
        rules = Rules(same_host=True, limit=LIMIT, unsafe_allow=("127.0.0.1/32",))
        context = ssl.create_default_context(cadata=certificate_pem)
        self._client = Client(rules, resolve=lambda host, port: ["127.0.0.1"], context=context)

    def url(self, path):
        return f"https://{HOST}:{self.server_port}{path}"

    def fetch(self, url):
        """Fetch as the program does; the hosts of known lists are this server, each with a folder of its own."""
        scheme, _, rest = url.partition("://")
        if scheme == "https" and rest.partition("/")[0] in KNOWN_HOSTS:
            url = self.url(f"/{rest}")
        return self._client.get(url, accept="application/json, application/x-pem-file, */*").body


@contextmanager
def running(folder):
    """Run a server whose certificate is kept in a folder."""
    own, key = self_signed(HOST)
    (folder / "both.pem").write_bytes(key + own)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    with ListServer(own.decode()) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def bad_lists():
    """Map what may be wrong with a published list to the page, and to words of the error that it must give."""
    good = official(FIRST, SECOND, sequence=4, issued="2026-02-10T00:00:00Z")
    return {
        "empty": (b"", "empty"),
        "blank": (b" \r\n", "empty"),
        "cut off": (good[:-200], "no complete JSON"),
        "shorter than it says": (Page(good[:500], headers={"Content-Length": str(len(good))}), "connection failed"),
        "PEM cut off": ((FIRST + SECOND)[:-200], "cut off"),
        "PEM instead of JSON": (FIRST, "bears no date"),
        "web page": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        "login page": (b"\n<html>sign in</html>", "web page"),
        "too large": (Page(b"", headers={"Content-Length": str(LIMIT + 1)}), "larger than"),
        "too large, in fact": (good + b" " * LIMIT, "larger than"),
        "private key": (good + private_key().encode(), "private key"),
        "private key as a certificate": (
            official(service(FIRST, value="".join(private_key().splitlines()[1:-1]))),
            "private key",
        ),
        "other JSON": (b'{"certificates": []}', "not a list of trusted entities"),
        "list in JSON": (b"[1, 2]", "not a list of trusted entities"),
        "deep JSON": (b'{"LoTE":' + b"[" * 100_000, "not a list of trusted entities|no complete JSON"),
        "no sequence number": (official(FIRST, more={"LoTESequenceNumber": None}), "sequence number"),
        "no date": (official(FIRST, more={"ListIssueDateTime": "soon"}), "not a list of trusted entities"),
        "nobody": (official(sequence=4), "no certificates"),
        "nobody who counts": (
            official(service(FIRST, status=UNTRUSTED), EXPIRED, service(SECOND, value="AAAA"), sequence=4),
            "counts: 1 withdrawn by the publisher, 1 expired, 1 damaged",
        ),
        "older number": (official(FIRST, sequence=2, issued="2026-02-20T00:00:00Z"), "older .* number 2"),
        "older date": (official(FIRST, sequence=3, issued="2026-01-31T23:59:59Z"), "older .* of 2026-01-31"),
        "future": (official(FIRST, sequence=9, issued="2027-01-01T00:00:00Z"), "in the future"),
        "another list": (official(FIRST, sequence=4, scheme="Our List"), "another list: Our List"),
        "list for another purpose": (official(FIRST, sequence=4, scheme="C2PA TSA Trust List"), "not for signer"),
        "not found": (Page(status=404), "answers 404"),
        "failure": (Page(b"down", status=503), "answers 503"),
        "compressed": (Page(good, headers={"Content-Encoding": "gzip"}), "compressed"),
        "redirect to another host": (redirect("https://elsewhere.example/list.json"), "another host"),
        "redirect to http": (redirect(f"http://{HOST}/list.json"), "only https"),
    }
