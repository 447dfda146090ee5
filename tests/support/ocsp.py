"""A real OCSP responder on this machine, the chains that name it, and answers with one fault each.

    with Responder(pki.middle, pki.middle_key) as responder:
        leaf, key = pki.leaf(url=responder.url)
        responder.says = Says(status=REVOKED, reason=x509.ReasonFlags.superseded)

Times are real: `OCSPResponseBuilder` dates every answer with the clock of this machine.
"""

from __future__ import annotations

import threading
import time
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from tests.support.certificates import CLAIM_SIGNING, EMAIL_PROTECTION, OCSP_SIGNING, key

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def now() -> datetime:
    """Return the time in whole seconds, as certificates and answers have it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """What one answer looks like; the defaults are right. Spans of time count from now."""

    status: ocsp.OCSPCertStatus = GOOD
    revoked: timedelta = -10 * DAY
    reason: x509.ReasonFlags | None = None
    this_update: timedelta = -HOUR
    next_update: timedelta | None = DAY
    serial: int | None = None
    """The number of the certificate that it is about, when that is not the one asked about."""
    delegate: tuple[x509.Certificate, Any] | None = None
    """Who signs it instead of the issuer: certificate and key."""
    with_delegate: bool = True
    by_name: bool = False
    names: type[hashes.HashAlgorithm] = hashes.SHA1
    """The digest that it names the issuer with."""
    digest: type[hashes.HashAlgorithm] = hashes.SHA256
    """The digest that it is signed with."""
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    """Each with whether it is critical."""


def answer(certificate: x509.Certificate, issuer: x509.Certificate, issuer_key: Any, says: Says | None = None) -> bytes:
    """Return an OCSPResponse (DER) about a certificate."""
    says = says or Says()
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, says.names()).build()
    return respond(asked, issuer, issuer_key, says)


def respond(asked: ocsp.OCSPRequest, issuer: x509.Certificate, issuer_key: Any, says: Says) -> bytes:
    """Return an OCSPResponse (DER) to a question, whoever it is about."""
    at, revoked = now(), says.status is REVOKED
    signer, signing_key = says.delegate or (issuer, issuer_key)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=says.serial or asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=says.status,
        this_update=at + says.this_update,
        next_update=None if says.next_update is None else at + says.next_update,
        revocation_time=at + says.revoked if revoked else None,
        revocation_reason=says.reason if revoked else None,
    )
    encoding = ocsp.OCSPResponderEncoding.NAME if says.by_name else ocsp.OCSPResponderEncoding.HASH
    builder = builder.responder_id(encoding, signer)
    if says.delegate and says.with_delegate:
        builder = builder.certificates([signer])
    for extension, critical in says.extensions:
        builder = builder.add_extension(extension, critical=critical)
    edwards = isinstance(signing_key, ed25519.Ed25519PrivateKey)
    return builder.sign(signing_key, None if edwards else says.digest()).public_bytes(Encoding.DER)


def refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    """Return an OCSPResponse (DER) that is not a successful one."""
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


class Pki:
    """A root, an intermediate and whatever they issue; valid now and long before and after."""

    def __init__(self, kind: str = "es256", *, middle_url: str | None = None) -> None:
        self.root_key, self.middle_key, self.leaf_key = key(kind, "ocsp root"), key(kind, "ocsp middle"), key("es256")
        self.root = issue("Example root", self.root_key, is_ca=True)
        self.middle = issue(
            "Example intermediate", self.middle_key, by=(self.root, self.root_key), is_ca=True, url=middle_url
        )

    def leaf(self, **options: Any) -> x509.Certificate:
        """Issue a certificate fit for C2PA to `leaf_key`; `options` are those of `issue`, above all `url`."""
        plan = {"by": (self.middle, self.middle_key), "purposes": (CLAIM_SIGNING, EMAIL_PROTECTION)} | options
        return issue("Example News desk", self.leaf_key, **plan)

    def delegate(self, **options: Any) -> tuple[x509.Certificate, Any]:
        """Issue a responder's certificate; `options` are those of `issue`."""
        own = key("es256", "ocsp delegate")
        plan = {"by": (self.middle, self.middle_key), "purposes": (OCSP_SIGNING,)} | options
        return issue("Example responder", own, **plan), own


def issue(name: str, own_key: Any, **options: Any) -> x509.Certificate:
    """Issue a certificate.

    `by` is certificate and key of the issuer (itself by default), `url` the responder that it names; `is_ca`,
    `purposes` (EKU), `usages`, `starts`, `ends` (spans from now), `serial` and `access` (the whole AIA extension) say
    the rest.
    """
    plan = {"by": None, "is_ca": False, "purposes": (), "url": None, "starts": -100 * DAY, "ends": 100 * DAY} | options
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example News"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    issuer, issuer_key = (plan["by"][0].subject, plan["by"][1]) if plan["by"] else (subject, own_key)
    granted = plan.get("usages", ("key_cert_sign", "crl_sign") if plan["is_ca"] else ("digital_signature",))
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=plan["is_ca"], path_length=None), True),
        (x509.KeyUsage(**{item: item in granted for item in USAGES}), True),
        (x509.SubjectKeyIdentifier.from_public_key(own_key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
    ]
    if plan["purposes"]:
        extensions.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(item) for item in plan["purposes"]]), False))
    access = plan.get("access", [(AuthorityInformationAccessOID.OCSP, plan["url"])] if plan["url"] else [])
    if access:
        places = [x509.AccessDescription(how, x509.UniformResourceIdentifier(where)) for how, where in access]
        extensions.append((x509.AuthorityInformationAccess(places), False))
    builder = x509.CertificateBuilder(extensions=[x509.Extension(item.oid, hard, item) for item, hard in extensions])
    builder = builder.subject_name(subject).issuer_name(issuer).public_key(own_key.public_key())
    builder = builder.serial_number(plan.get("serial") or x509.random_serial_number())
    builder = builder.not_valid_before(now() + plan["starts"]).not_valid_after(now() + plan["ends"])
    edwards = isinstance(issuer_key, ed25519.Ed25519PrivateKey)
    return builder.sign(issuer_key, None if edwards else hashes.SHA256())


def der(*certificates: x509.Certificate) -> list[bytes]:
    """Return certificates in DER."""
    return [item.public_bytes(Encoding.DER) for item in certificates]


class Responder:
    """A responder that answers for one issuer over http; what and how it answers can be changed while it runs.

    `says` is the content of its answers. `does` is how it behaves: one manner, one for each method (a dict), or one for
    each request (a list, of which the last stays): "answer", "malformed", "html", "empty", "huge", "slow", "cut",
    "moved" (to a private address), a status such as "405" (with `headers`), or the name of an OCSP response status such
    as "TRY_LATER". `seen` holds method, path and question of every request.
    """

    def __init__(self, issuer: x509.Certificate, issuer_key: Any) -> None:
        self.issuer, self.issuer_key = issuer, issuer_key
        self.says = Says()
        self.does: str | dict[str, str] | list[str] = "answer"
        self.headers: dict[str, str] = {}
        self.seen: list[tuple[str, str, bytes]] = []

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Answers)
        self._server.responder = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address for certificates."""
        return f"http://127.0.0.1:{self._server.server_port}/ocsp"

    def manner(self, method: str) -> str:
        """Say how the next request is dealt with."""
        if isinstance(self.does, dict):
            return self.does.get(method, "answer")
        if isinstance(self.does, list):
            return self.does.pop(0) if len(self.does) > 1 else self.does[0]
        return self.does

    def answer(self, question: bytes) -> bytes:
        """Answer a question (DER)."""
        return respond(ocsp.load_der_ocsp_request(question), self.issuer, self.issuer_key, self.says)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    responder: Responder

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what is tested here."""


class _Answers(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._deal("GET", b64decode(unquote(self.path.rpartition("/")[2])))

    def do_POST(self) -> None:
        self._deal("POST", self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_: object) -> None:
        pass

    def _deal(self, method: str, question: bytes) -> None:
        responder = self.server.responder
        responder.seen.append((method, self.path, question))
        manner = responder.manner(method)
        if manner.isdecimal():
            self._reply(b"no", int(manner), responder.headers)
        elif manner == "moved":
            self._reply(b"", 302, {"Location": "http://10.0.0.1/ocsp"})
        elif manner == "slow":
            time.sleep(5)
        elif manner == "cut":
            self._reply(responder.answer(question), 200, {"Content-Length": "10000"})
        elif manner == "html":
            self._reply(b"<!doctype html><title>Sign in</title>", 200, {"Content-Type": "text/html"})
        elif manner in ("malformed", "empty", "huge"):
            whole = responder.answer(question)
            self._reply({"malformed": whole[:-20], "empty": b"", "huge": whole + b"\0" * 1_000_000}[manner], 200, {})
        elif manner == "answer":
            self._reply(responder.answer(question), 200, {})
        else:
            self._reply(refusal(ocsp.OCSPResponseStatus[manner]), 200, {})

    def _reply(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        own = {"Content-Type": "application/ocsp-response", "Content-Length": str(len(body))}
        self.send_response(status)
        for name, value in (own | headers).items():
            self.send_header(name, value)
        with suppress(OSError):
            self.end_headers()
            self.wfile.write(body)
