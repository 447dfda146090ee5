"""A real https server on this machine that answers well or badly, as the path says."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "manifests.example"
STORE = (40).to_bytes(4, "big") + b"jumb" + b"s" * 32
LARGE = 100_000
SEEN: list[tuple[str, dict[str, str]]] = []
"""Paths and headers that the server was asked with."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients that hang up are what is tested here."""


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        SEEN.append((self.path, dict(self.headers)))
        self.close_connection = True
        name = self.path.strip("/").partition("/")[0].replace("-", "_")
        getattr(self, f"_{name}")()

    def log_message(self, *_):
        pass

    def _reply(self, body=STORE, *, status=200, **headers):
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, target, status=302):
        self._reply(b"", status=status, Location=target, Set_Cookie="a=b")

    def _good(self):
        self._reply()

    def _to_good(self):
        self._redirect("/good", status=307)

    def _to_http(self):
        self._redirect(f"http://{HOST}/good")

    def _to_private(self):
        self._redirect("https://10.0.0.1/good")

    def _to_file(self):
        self._redirect("file:///etc/passwd")

    def _to_userinfo(self):
        self._redirect(f"https://me:secret@{HOST}/good")

    def _to_itself(self):
        self._redirect("/to-itself")

    def _to_nowhere(self):
        self._reply(b"", status=302)

    def _missing(self):
        self._reply(b"no", status=404)

    def _part(self):
        self._reply(status=206)

    def _page(self):
        self._reply(b"<html>not a manifest</html>")

    def _empty(self):
        self._reply(b"")

    def _cut(self):
        self._reply(STORE[:30])

    def _large(self):
        self._reply(STORE * LARGE)

    def _large_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with suppress(OSError):
            for _ in range(LARGE):
                self.wfile.write(b"28\r\n" + STORE + b"\r\n")

    def _packed(self):
        self._reply(Content_Encoding="gzip")

    def _silent(self):
        time.sleep(5)

    def _drip_head(self):
        self._drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000)

    def _drip_body(self):
        self._drip(STORE, after=b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")

    def _drip(self, data, after=b""):
        with suppress(OSError):
            self.wfile.write(after)
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)


def self_signed(host):
    """Return certificate and key of a server, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
