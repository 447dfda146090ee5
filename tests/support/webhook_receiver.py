"""A real receiver of events on this machine, with TLS, that answers as it is told."""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from provenance.network import Client
from provenance.web.hooks.receivers import Receiver, rules
from tests.support.https_server import Server, self_signed

HOST = "receiver.example"
LOOPBACK = ("127.0.0.0/8",)


@dataclass(frozen=True)
class Message:
    """One message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Told:
    """Where the receiver is, how it answers, and what it was told."""

    port: int
    client: Client
    secret_file: str
    answers: list[int | str] = field(default_factory=list)
    """Of the next messages: a status, with a header after a space, or `silent`. Then 204."""
    messages: list[Message] = field(default_factory=list)
    silence: float = 1.5

    def receiver(self, path="hook", **more):
        return Receiver(url=f"https://{HOST}:{self.port}/{path}", secret_file=self.secret_file, **more)


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        told = self.server.told
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        told.messages.append(Message(path=self.path, headers=headers, body=body))
        answer = str(told.answers.pop(0) if told.answers else 204)
        if answer == "silent":
            time.sleep(told.silence)
            self.close_connection = True
            return
        status, _, more = answer.partition(" ")
        self.send_response(int(status))
        if more:
            self.send_header(*more.split(": "))
        if status != "204":
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiving(folder, *, networks=LOOPBACK, deadline=None):
    """Run it; the folder gets its certificate and the secret."""
    from dataclasses import replace

    certificate, key = self_signed(HOST)
    (folder / "receiver.pem").write_bytes(certificate + key)
    secret = folder / "webhook.secret"
    secret.touch(0o600)
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    server = Server(("127.0.0.1", 0), _Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "receiver.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    kept = rules(networks)
    client = Client(
        kept if deadline is None else replace(kept, deadline=deadline),
        resolve=lambda *_: ["127.0.0.1"],
        context=ssl.create_default_context(cadata=certificate.decode()),
    )
    server.told = Told(port=server.server_address[1], client=client, secret_file=str(secret))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
