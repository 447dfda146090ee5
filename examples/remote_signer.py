"""A remote signer: the key stays on this machine, and whoever holds a token has signatures made.

    python examples/remote_signer.py                          try it: sign a photo through it, and verify
    python examples/remote_signer.py KEY PORT TOKENS          serve, on this machine only

KEY is a file, or a URI such as `pkcs11:token=Newsroom;object=desk`; its passphrase or PIN is in PROVENANCE_PASSPHRASE.
TOKENS is a file for its owner alone, with a name and a token in each line. Put a server with TLS in front: tokens do
not travel in the clear. The protocol is described in `provenance/keys/remote.py`.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import threading
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import Algorithm, ProvenanceError, Workspace
from provenance.keys import open_bare, open_key
from provenance.keys.secrets import from_environment, from_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.ports import Signer

LIMIT = 64 * 1024
"""Bytes of a message; a claim takes some kilobytes."""


class SigningServer(ThreadingHTTPServer):
    """Signs with one key for those who hold a token; listens on this machine only."""

    daemon_threads = True

    def __init__(self, signer: Signer, tokens: Mapping[str, str], *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.signer = signer
        self._tokens = {name: sha256(token.encode()).digest() for name, token in tokens.items()}

    def holder(self, authorization: str) -> str | None:
        """Say whose token it is; how long that takes tells nothing about any token."""
        given = sha256(authorization.removeprefix("Bearer ").encode()).digest()
        found = [name for name, token in self._tokens.items() if hmac.compare_digest(token, given)]
        return found[0] if found and authorization.startswith("Bearer ") else None


class Handler(BaseHTTPRequestHandler):
    """Answers one question: a message comes in, its signature goes out."""

    server: SigningServer
    timeout = 10
    holder: str | None = None

    def do_POST(self) -> None:
        """Check who asks and what for, and never read more than a claim can be long."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._refuse(411, "the length is missing")
            return
        if len(length) > len(str(LIMIT)) or int(length) > LIMIT:
            self._refuse(413, "the message is too long", f"at most {LIMIT} bytes are signed")
            return
        message = self.rfile.read(int(length))
        self.holder = self.server.holder(self.headers.get("Authorization", ""))
        if self.holder is None:
            self._refuse(401, "this token is not known")
        elif self.headers.get("Signature-Algorithm") != self.server.signer.algorithm:
            self._refuse(400, "another algorithm", f"this key signs with {self.server.signer.algorithm}")
        else:
            self._sign(message)

    def _sign(self, message: bytes) -> None:
        try:
            signature = self.server.signer.sign(message)
        except ProvenanceError as error:
            self.log_error("%s", error)
            self._refuse(503, "the key cannot be used now")
        else:
            self._answer(200, "application/octet-stream", signature, signed=len(message))

    def _refuse(self, status: int, title: str, detail: str = "") -> None:
        problem = {"status": status, "title": title, "detail": detail}
        self._answer(status, "application/problem+json", json.dumps(problem).encode())

    def _answer(self, status: int, kind: str, body: bytes, *, signed: int = 0) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.log_message("%s", f"{self.holder or 'somebody'} {status} {signed} bytes signed")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form: str, *arguments: object) -> None:
        """Log who, when and how much; never a token, a message or a signature."""
        text = (form % arguments).encode("unicode_escape").decode()
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {self.client_address[0]} {text}", flush=True)


def serve(key: str, port: int, tokens: Path) -> None:
    """Serve until somebody ends it."""
    known = dict(line.split() for line in (from_file(tokens)("the tokens") or "").splitlines() if line.strip())
    signer = open_bare(key, name="remote signer", secret=from_environment())
    with SigningServer(signer, known, port=port) as server:
        print(f"signing with {signer.algorithm} at http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


def main() -> None:
    """Keep a key in one place, and sign a photo with it from another."""
    workspace = Workspace()
    name = "Example News"
    if name not in workspace.identities.names():
        workspace.identities.create(name, algorithm=Algorithm.ES256, days=365, passphrase=None, at=datetime.now(UTC))
    kept = workspace.signer(name)
    token = secrets.token_urlsafe(32)
    photo = (Path(__file__).parent / "photo.jpg").read_bytes()
    with SigningServer(kept, {"picture-desk": token}) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"

        # The desk has the certificates, the address and a token, and no key.
        remote = open_key(address, kept.chain_pem, name=name, secret=lambda _: token)
        signed = workspace.sign(photo, signer=remote)
        assert signed.data is not None
        verdict = workspace.verify(signed.data)
        print(f"{verdict.decision}: {verdict.facets.signature.reason}")

        stranger = open_key(address, kept.chain_pem, name=name, secret=lambda _: "guessed")
        try:
            workspace.sign(photo, signer=stranger)
        except ProvenanceError as error:
            print(error)
        server.shutdown()


if __name__ == "__main__":
    if len(sys.argv) == 4:
        serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
