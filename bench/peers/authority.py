"""A time-stamp authority on loopback that thinks for a while, and takes next to nothing; run by `bench/timestamps.py`.

It writes its root to a file, prints its address, and answers until it is ended. The tests' own authority writes one
time-stamp for each length of question; what differs between two of them is put into its place, and signed anew. Its
times are those of the first.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tests.support.tsa import Authority
from tests.support.tsa_certificates import FORMS, make_chain


class Template:
    """A time-stamp, and where in it stands what differs from question to question."""

    def __init__(self, request: bytes, response: bytes, key: ec.EllipticCurvePrivateKey) -> None:
        self._response, self._key = response, key
        self._asked = _variable(request)
        signed = tsp.TimeStampResp.load(response)["time_stamp_token"]["content"]
        info = signed["encap_content_info"]["content"].parsed
        signer = signed["signer_infos"][0]
        self._info = self._place(info.dump())
        self._attributes = self._place(signer["signed_attrs"].dump())
        self._digest = self._place(hashlib.sha256(info.dump()).digest())
        self._signature = self._place(signer["signature"].native)
        self._variable = [self._place(item) for item in self._asked]

    def _place(self, part: bytes) -> slice:
        at = self._response.index(part)
        return slice(at, at + len(part))

    def stamp(self, request: bytes) -> bytes:
        """Stamp another question of the same length."""
        found = bytearray(self._response)
        for place, value in zip(self._variable, _variable(request), strict=True):
            found[place] = value
        found[self._digest] = hashlib.sha256(found[self._info]).digest()
        attributes = b"\x31" + found[self._attributes][1:]
        length = self._signature.stop - self._signature.start
        while len(signature := self._key.sign(bytes(attributes), ec.ECDSA(SHA256()))) != length:
            pass
        found[self._signature] = signature
        return bytes(found)


def _variable(request: bytes) -> tuple[bytes, ...]:
    asked = tsp.TimeStampReq.load(request)
    nonce = asked["nonce"].contents
    return (asked["message_imprint"]["hashed_message"].native, *((nonce,) if nonce else ()))


class Answers(BaseHTTPRequestHandler):
    """Answers on connections that stay open."""

    protocol_version = "HTTP/1.1"
    wait = 0.0
    authority: Authority
    key: ec.EllipticCurvePrivateKey
    templates: dict[int, Template] = {}  # noqa: RUF012 -- one for all

    def do_POST(self) -> None:
        """Stamp."""
        request = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.wait)
        if len(request) not in self.templates:
            self.templates[len(request)] = Template(request, self.authority.stamp(request), self.key)
        answer = self.templates[len(request)].stamp(request)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    root, Answers.wait = Path(sys.argv[1]), float(sys.argv[2])
    Answers.authority = Authority()
    chain = make_chain(FORMS["good"], kind=Answers.authority.kind, at=Answers.authority._made)  # noqa: SLF001 -- the same chain
    key = load_der_private_key(chain.key_der, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    Answers.key = key
    root.write_text(Answers.authority.root_pem, encoding="ascii")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    threading.Thread(target=server.serve_forever).start()


if __name__ == "__main__":
    main()
