"""Take in events of the service (Standard Webhooks): check the signature, take each message once, and act on it.

    python examples/webhook_receiver.py SECRET_FILE [PORT]

It listens at this machine alone; a proxy with TLS stands before it. The secret is the one that the service signs with
(`service.webhooks`, `secret_file`). Nothing is believed, or even parsed, before its signature was checked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOLERANCE = 300
"""Seconds that a message may be old: what was recorded long ago is not believed again."""
LARGEST = 1 << 16


def is_signed(secret: bytes, headers: dict[str, str], body: bytes, *, now: float) -> bool:
    """Check a message as https://www.standardwebhooks.com says: HMAC-SHA256 over id, timestamp and body."""
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        return False
    message = b".".join((name.encode(), stamp.encode(), body))
    wanted = "v1," + base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest()).decode()
    # One signature for each secret, while a secret is replaced by the next.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted.encode(), item.encode()) for item in given)


class Inbox:
    """What was taken in; a message may come twice, and is acted on once."""

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def take(self, name: str, event: dict[str, Any]) -> None:
        """Act on an event: here it is printed, elsewhere an asset is put on hold or released."""
        if name in self._seen:
            return
        told = event["data"]
        print(
            f"{event['type']}: {told.get('name') or told.get('title')} {told.get('decision') or ''}".rstrip(),
            flush=True,
        )
        # Remembered last: what failed above comes again. A real one remembers in its database, with the action.
        self._seen[name] = None


def handler(secret: bytes, inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    """Make what answers one request."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if size > LARGEST:
                self.send_error(413)
                return
            body = self.rfile.read(size)
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not is_signed(secret, headers, body, now=time.time()):
                self.send_error(401)
                return
            inbox.take(headers["webhook-id"], json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 -- the server's own name for it
            """Say nothing: addresses and headers are nobody's concern."""

    return Receiver


def main(arguments: list[str]) -> None:
    """Listen until somebody ends it."""
    first = Path(arguments[0]).read_text(encoding="utf-8").split()[0]
    secret = base64.b64decode(first.removeprefix("whsec_"))
    port = int(arguments[1]) if len(arguments) > 1 else 8790
    with ThreadingHTTPServer(("127.0.0.1", port), handler(secret, Inbox())) as server:
        print(f"listening at http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
