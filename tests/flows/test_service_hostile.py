"""What comes to a service from those who mean it no good: no answer is a mistake of ours, none repeats what was sent.

A table for each way in: fields, files, forms, JSON, addresses, and the bytes of HTTP itself.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from base64 import b64encode
from contextlib import closing
from urllib.parse import quote

import httpx
import pytest

from provenance.claims import SigningOptions
from provenance.model.claim import Carrier
from provenance.settings import Settings
from provenance.workspace import Workspace
from tests.conftest import VECTORS
from tests.support import media
from tests.support.service import new_home, new_key, serving
from tests.support.wire import connected, request, statuses
from tests.support.workers import eventually

pytest.importorskip("fastapi", reason="the service needs the extra `web`")

SETTINGS = '[service]\nworkers = 2\nrate = "0"\ndeadline = 20.0\nlargest = "10MB"\nremote_manifests = true\n'
LARGEST = 10_000_000
STRINGS = [
    "<script>alert('xss');</script>",
    '"><script>alert(1)</script><foo bar="',
    "javascript:alert('xss');",
    "1' or '1' = '1",
    "'; drop table records; --",
    '" NEAR( * ^ -',
    "Hello\x00World",
    "one\r\nSet-Cookie: a=b",
    "\x1b[2J\x07\x08\x7f",
    "\u202egpj.exe\u2066",
    "../../../../etc/passwd",
    "%2e%2e%2fetc%2fpasswd",
    "{0.__class__}{{7*7}}${7*7}",
    "=cmd|' /C calc'!A0",
    "\ufffe\uffff\U000e0041",
    "A" * 10_000,
]
"""Of each kind one; those of others are put to it too, where they are at hand."""


def attack_strings():
    folder = VECTORS / "attacks"
    if not folder.is_dir():
        return STRINGS
    lines = (line for path in sorted(folder.glob("*.txt")) for line in path.read_bytes().split(b"\n") if line)
    return STRINGS + [line.decode(errors="replace") for line in lines]


@pytest.fixture(scope="module")
def place(_session_home, tmp_path_factory):
    return new_home(tmp_path_factory.mktemp("hostile"), _session_home)


@pytest.fixture(scope="module")
def server(place):
    with serving(place, SETTINGS) as running:
        yield running
        mistakes = [line for line in running.logged() if line["level"] in {"error", "critical"}]
        assert mistakes == []
        assert not any("Traceback" in line for line in running.lines)


@pytest.fixture(scope="module")
def key(server, place):
    return new_key(place, "--scope", "verify,sign,assets,admin", "--rate", "100000/min")


@pytest.fixture(scope="module")
def client(server, key):
    with httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {key}"}) as opened:
        yield opened


@pytest.fixture(scope="module")
def picture():
    return media.jpeg(exif=True)


def require_refused(answer, *statuses_):
    """See that an answer is a problem, and tells nothing of the inside."""
    assert answer.status_code in statuses_, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    require_discreet(answer)


def require_discreet(answer):
    assert answer.status_code < 500, answer.text[:300]
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text
    assert "/service/uploads/" not in answer.text


# ---- fields

FIELDS = [
    *(("POST", "/v1/verify", name) for name in ("name", "policy", "format", "trust_list", "at", "recover", "nothing")),
    *(("POST", "/v1/inspect", name) for name in ("name", "nothing")),
    *(
        ("POST", "/v1/sign", name)
        for name in ("title", "author", "source_type", "ai_training", "ai_constraint", "metadata", "identity", "remote")
    ),
    *(("GET", "/v1/assets", name) for name in ("text", "since", "until", "signer", "source_type", "digest", "limit")),
    *(("GET", "/v1/matches/byBinding", name) for name in ("alg", "value", "maxResults")),
    ("GET", "/v1/reports/01M8P1RH059FW38Q0KJNTPN6AD", "format"),
]


@pytest.mark.parametrize(("method", "path", "name"), FIELDS, ids=lambda value: value.rpartition("/")[2])
def test_no_string_in_a_field_does_anything(client, picture, method, path, name):
    for text in attack_strings():
        more = {"alg": "io.iscc.v0", "value": "AA=="} if "byBinding" in path else {}
        content = picture if method == "POST" else None
        answer = client.request(method, path, params={**more, name: text}, content=content)
        require_discreet(answer)
        assert "set-cookie" not in answer.headers
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("form", ["html", "markdown", "csv", "junit"])
def test_no_name_of_a_file_is_obeyed_in_a_report(client, picture, form):
    for text in attack_strings():
        if len(text) > 1000 or "\x00" in text:
            continue
        answer = client.post("/v1/verify", content=picture, params={"name": text, "format": form})
        assert answer.status_code == 200, answer.text
        assert "<script>alert" not in answer.text
        assert "\x1b" not in answer.text
        assert "\u202e" not in answer.text
        assert not any(line.startswith(("=", "+", "@")) for line in answer.text.splitlines()) or form == "html"


def test_a_page_that_is_answered_at_once_runs_nothing_either(client, picture):
    answer = client.post("/v1/verify", content=picture, params={"format": "html", "name": "a.jpg"})
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    ["/v1/reports/{}", "/v1/history/{}", "/v1/assets/{}", "/v1/assets/{}/proof", "/v1/manifests/{}", "/{}", "/v1/{}"],
)
def test_no_string_in_a_path_does_anything(client, path):
    for text in attack_strings():
        answer = client.get(path.format(quote(text, safe="")))
        require_refused(answer, 404, 405, 422)


@pytest.mark.parametrize("name", ["Authorization", "X-Request-Id", "X-Forwarded-For", "Accept", "Origin", "Host"])
def test_no_string_in_a_header_does_anything(server, client, name):
    for text in attack_strings():
        value = text.encode()
        if any(byte in value for byte in b"\r\n\x00") or not value.strip():
            continue
        field = name.encode() + b": " + value
        lines = [b"GET /v1/services/capabilities HTTP/1.1", b"Host: a.example", b"Connection: close", field]
        if name == "Host":
            del lines[1]
        assert all(status < 500 for status in statuses(server.url, b"\r\n".join(lines) + b"\r\n\r\n"))


def test_the_log_holds_no_string_as_it_was_sent(server, client, picture):
    for text in STRINGS:
        client.post("/v1/verify", content=picture, params={"name": text, "policy": text})
    log = "".join(server.lines)
    assert log.isascii()
    assert "<script>" not in log
    assert "drop table" not in log
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in log)


# ---- files


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def vast_png(side):
    """Return a picture of so many pixels each way that is nothing but zeros: small as a file, vast as a picture."""
    packer = zlib.compressobj(1)
    rows = bytes(1 + side // 8) * 1000
    packed = b"".join(packer.compress(rows) for _ in range(side // 1000)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def hostile_files():
    jpeg = media.jpeg(exif=True)
    boxes = b"".join(struct.pack(">I4s", (2000 - depth) * 8, b"moov") for depth in range(2000))
    yield "vast.png", vast_png(30_000)
    yield (
        "text in a png.png",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"zTXt", zlib.compress(bytes(5 << 20))),
    )
    yield "huge chunk.png", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0x7FFFFFFF) + b"IDAT"
    yield "torn.jpg", jpeg[: len(jpeg) // 2]
    yield "endless segments.jpg", b"\xff\xd8" + b"\xff\xeb\x00\x02" * 100_000
    yield "jumbf.jpg", b"\xff\xd8\xff\xeb\x00\x20JP\x00\x01\x00\x00\x00\x01\xff\xff\xff\xffjumb" + bytes(100)
    yield "nested.mp4", b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + boxes
    yield "zero box.mp4", b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + bytes(4096)
    yield "long box.mp4", b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\x00\x00\x00\x01mdat" + b"\xff" * 8
    yield "riff.wav", b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\xff\xff\xff\xffINFO" * 5000
    yield "round.tif", b"II*\x00\x08\x00\x00\x00" + b"\x00\x00\x08\x00\x00\x00" * 10
    yield "many.tif", b"II*\x00\x08\x00\x00\x00\xff\xff" + b"\x00\x01\x04\x00\xff\xff\xff\xff\x08\x00\x00\x00" * 100
    yield "laughs.svg", svg_of_laughs()
    yield (
        "outside.svg",
        b'<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&e;</svg>',
    )
    yield "packed.svgz", gzip.compress(b"<svg>" + bytes(20 << 20))
    yield "pdf.pdf", b"%PDF-1.7\n1 0 obj<</Length 99999999999>>stream\n" + b"\nendstream " * 1000
    yield "only a head.webp", b"RIFF\x04\x00\x00\x00WEBP"
    yield "id3.mp3", b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f" + b"GEOB\x7f\xff\xff\xff\x00\x00" * 100
    yield "script.html", b"<html><script>alert(1)</script></html>"
    for name in ("rs__riff_bomb_1000.wav", "rs__nested_moov_1000.mp4", "rs__tiff_poc.tiff", "rs__bad_path_archive.zip"):
        if (VECTORS / name).is_file():
            yield name, (VECTORS / name).read_bytes()


def svg_of_laughs():
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE s [<!ENTITY l0 "lol">{names}]><svg xmlns="http://www.w3.org/2000/svg">&l11;</svg>'.encode()


ROUTES = [
    ("/v1/verify", {"format": "html"}),
    ("/v1/verify", {"recover": "true"}),
    ("/v1/inspect", {}),
    ("/v1/sign", {}),
    ("/v1/matches/byContent", {}),
]


def test_hostile_files_cost_their_sender_an_answer_and_nobody_else_anything(client):
    for name, content in hostile_files():
        assert len(content) < LARGEST, name
        for path, params in ROUTES:
            answer = client.post(path, content=content, params={**params, "name": name})
            assert answer.status_code in {200, 413, 415, 422}, (name, path, answer.text[:300])
            require_discreet(answer)
        answer = client.post("/v1/compare", files={"one": (name, content), "other": (name, content)})
        assert answer.status_code in {200, 413, 415, 422}, (name, answer.text[:300])
    assert client.get("/healthz").status_code == 200


def test_nothing_is_left_of_what_was_sent(client, place):
    left = [path for path in (place / "service" / "uploads").rglob("*") if path.is_file()]
    assert left == []


# ---- forms


def form(*parts, end=True):
    """Write a form from raw heads and contents."""
    body = b"".join(b"--x\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return body + (b"--x--\r\n" if end else b"")


def part(name, filename=None):
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'Content-Disposition: form-data; name="{name}"{named}'.encode()


FORM = "multipart/form-data; boundary=x"
FILE = media.jpeg()
FORMS = {
    "no boundary": (400, "multipart/form-data", form((part("file", "a.jpg"), FILE))),
    "empty boundary": (400, "multipart/form-data; boundary=", form((part("file", "a.jpg"), FILE))),
    "another boundary": (400, "multipart/form-data; boundary=y", form((part("file", "a.jpg"), FILE))),
    "boundary of megabytes": (400, "multipart/form-data; boundary=" + "y" * 10_000, form((part("file", "a"), FILE))),
    "nothing": (400, FORM, b""),
    "only the end": (400, FORM, b"--x--\r\n"),
    "no file": (400, FORM, form((part("file"), b"text"))),
    "an empty file": (400, FORM, form((part("file", "a.jpg"), b""))),
    "another part": (422, FORM, form((part("file", "a.jpg"), FILE), (part("policy"), b"house"))),
    "another file": (400, FORM, form((part("file", "a.jpg"), FILE), (part("more", "b.jpg"), FILE))),
    "the file twice": (400, FORM, form((part("file", "a.jpg"), FILE), (part("file", "b.jpg"), FILE))),
    "no name": (400, FORM, form((b"Content-Disposition: form-data", FILE))),
    "no head": (400, FORM, b"--x\r\n\r\n" + FILE + b"\r\n--x--\r\n"),
    "thousands of fields": (400, FORM, form(*[(part(f"f{n}"), b"1") for n in range(5000)])),
    "thousands of files": (400, FORM, form(*[(part("file", "a"), b"1") for n in range(5000)])),
    "a vast field": (400, FORM, form((part("note"), b"x" * 2_000_000))),
    "thousands of heads": (400, FORM, form((b"A: b\r\n" * 20_000 + part("file", "a"), FILE))),
    "a vast head": (400, FORM, form((part("file", "a" * 1_000_000), FILE))),
    "a form in a form": (422, FORM, form((part("in") + b"\r\nContent-Type: multipart/mixed; boundary=y", form()))),
    "odd letters": (415, f"{FORM}; charset=undefined", form((part("file", "\xff.jpg"), FILE))),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_none_is_refused(client, name):
    status, kind, body = FORMS[name]
    require_refused(client.post("/v1/verify", content=body, headers={"Content-Type": kind}), status)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("path", ["/", "/v1/jobs", "/v1/compare", "/v1/sign"])
def test_nor_is_it_anywhere_else(client, path, name):
    _, kind, body = FORMS[name]
    answer = client.post(path, content=body, headers={"Content-Type": kind})
    require_discreet(answer)
    assert answer.status_code >= 400 or path in {"/v1/sign", "/v1/jobs"}


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a%0d%0aX: y.jpg", "a%0d%0aX: y.jpg"),
        ("a\x00.jpg", "a.jpg"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
    ],
)
def test_a_name_in_a_form_is_only_shown(client, filename, shown):
    name = f'Content-Disposition: form-data; name="file"; filename="{filename}"'.encode()
    answer = client.post("/v1/verify", content=form((name, FILE)), headers={"Content-Type": FORM})
    assert answer.json()["files"][0]["file"] == shown


def test_a_form_without_an_end_is_no_file(client):
    answer = client.post(
        "/v1/verify", content=form((part("file", "a"), FILE), end=False), headers={"Content-Type": FORM}
    )
    require_refused(answer, 400, 415, 422)


# ---- JSON

BODIES = {
    "no JSON": b"{",
    "deep": b"[" * 60_000,
    "deep and whole": b'{"url":' * 8000 + b"1" + b"}" * 8000,
    "a list": b'["https://example.com"]',
    "text": b'"https://example.com"',
    "null": b"null",
    "a huge number": b'{"url": ' + b"9" * 50_000 + b"}",
    "a number": b'{"url": 1e999}',
    "NaN": b'{"url": NaN}',
    "more": b'{"url": "https://example.com", "policy": "none"}',
    "a list of one": b'{"url": ["https://example.com"]}',
    "no letters": b'{"url": "\xff\xfe"}',
    "half a letter": b'{"url": "https://\\ud800/"}',
    "NUL": b'{"url": "https://a\\u0000.example/"}',
    "twice": b'{"url": "https://example.com", "url": "file:///etc/passwd"}',
    "another UTF": '{"url": "file:///etc/passwd"}'.encode("utf-16"),
    "nothing": b"",
}


@pytest.mark.parametrize("name", BODIES)
def test_json_that_names_no_address_is_refused(client, name):
    for path in ("/v1/verify", "/v1/sign", "/v1/matches/byBinding"):
        answer = client.post(path, content=BODIES[name], headers={"Content-Type": "application/json"})
        require_refused(answer, 400, 422)


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["/v1/jobs", "/sign-in", "/"])
def test_what_is_no_file_is_not_read_without_end(server, client, path, kind):
    def pieces():
        yield b'{"urls": ["'
        for _ in range(300):
            yield b"x" * 20_000

    answer = client.post(path, content=pieces(), headers={"Content-Type": kind, "Origin": server.url})
    require_discreet(answer)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("path", ["/v1/verify", "/v1/matches/byBinding"])
def test_json_is_never_large_whatever_it_says_of_its_length(client, path):
    def pieces():
        yield b'{"url": "'
        for _ in range(100):
            yield b"x" * 20_000

    answer = client.post(path, content=pieces(), headers={"Content-Type": "application/json"})
    require_refused(answer, 413)


# ---- addresses

ADDRESSES = [
    "http://example.com/a.jpg", "ftp://example.com/a.jpg", "file:///etc/passwd", "gopher://127.0.0.1:70/_", "data:,x",
    "//example.com/a", "example.com", "https://", "https:///a", "https://[", "https://:443/",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://0/", "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fe80::1]/",
    "https://[fe80::1%25lo]/", "https://[fc00::1]/", "https://localhost/", "https://localhost./", "https://LOCALHOST/",
    "https://127.0.0.1./", "https://①②⑦.⓪.⓪.①/", "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://168.63.129.16/",
    "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://192.0.2.1/",
    "https://me:secret@example.com/", "https://example.com@127.0.0.1/", "https://127.0.0.1\\@example.com/",
    "https://example.com\r\nHost: a/", "https://exa mple.com/", "https://example.com:99999/", "https://%31%32%37.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_leads_inside(client, address):
    answer = client.post("/v1/verify", json={"url": address})
    require_refused(answer, 422)
    assert "root:" not in answer.text
    assert "secret" not in answer.text


@pytest.fixture
def listener():
    """A port that counts who comes to it."""
    seen = []
    with closing(socket.create_server(("127.0.0.1", 0))) as opened:

        def count():
            while True:
                try:
                    one, _ = opened.accept()
                except OSError:
                    return
                seen.append(one)
                one.close()

        threading.Thread(target=count, daemon=True).start()
        yield opened.getsockname()[1], seen
        opened.shutdown(socket.SHUT_RDWR)


def test_a_file_that_names_an_address_inside_has_nobody_go_there(client, place, listener, tmp_path):
    port, seen = listener
    path = tmp_path / "remote.jpg"
    path.write_bytes(media.jpeg())
    options = SigningOptions(carrier=Carrier.REMOTE, remote_url=f"https://127.0.0.1:{port}/manifest")
    signed = Workspace(Settings(home=str(place))).sign(path, options=options)
    signed.path.with_name(f"{signed.path.name}.c2pa").unlink(missing_ok=True)
    answer = client.post("/v1/verify", content=signed.path.read_bytes())
    assert answer.status_code == 200, answer.text
    assert answer.headers["provenance-decision"] == "review"
    assert "not fetched" in answer.text
    assert seen == []


# ---- HTTP itself

BODY = b"x" * 10
WIRE = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00",
    "version 9": b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n",
    "lengths that differ": request("POST /v1/verify", "Content-Length: 10", "Content-Length: 11", body=BODY),
    "a list of lengths": request("POST /v1/verify", "Content-Length: 10, 11", body=BODY),
    "less than nothing": request("POST /v1/verify", "Content-Length: -1", body=BODY),
    "a sign": request("POST /v1/verify", "Content-Length: +10", body=BODY),
    "in hexadecimal": request("POST /v1/verify", "Content-Length: 0xa", body=BODY),
    "no number": request("POST /v1/verify", "Content-Length: ten", body=BODY),
    "beyond all numbers": request("POST /v1/verify", "Content-Length: " + "9" * 40, body=BODY),
    "length and chunks": request(
        "POST /v1/verify",
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        body=b"0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n",
    ),
    "chunked twice over": request("POST /v1/verify", "Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "another coding": request("POST /v1/verify", "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "a chunk of no size": request("POST /v1/verify", "Transfer-Encoding: chunked", body=b"x\r\nabc\r\n0\r\n\r\n"),
    "a chunk below nothing": request("POST /v1/verify", "Transfer-Encoding: chunked", body=b"-1\r\nabc\r\n0\r\n\r\n"),
    "a chunk beyond all": request("POST /v1/verify", "Transfer-Encoding: chunked", body=b"f" * 20 + b"\r\nabc\r\n"),
    "blanks before a colon": request("POST /v1/verify", "Content-Length : 10", body=BODY),
    "a folded field": request("POST /v1/verify", "X-A: b\r\n Content-Length: 10", body=BODY),
    "NUL in a field": request("GET /healthz", "X-A: b\x00c"),
    "letters in a path": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "no path": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a tunnel": b"CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "another server's": b"GET http://10.0.0.1/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "WebSocket": request(
        "GET /healthz",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAA",
        "Sec-WebSocket-Version: 13",
    ),
    "a method of one's own": request("HACK /v1/verify"),
    "a vast field": request("GET /healthz", "X-A: " + "a" * 2_000_000),
    "a vast address": request("GET /healthz?" + "a" * 2_000_000),
    "a million fields": request("GET /healthz", *["A: b"] * 300_000),
}


HARMLESS = {"WebSocket", "another server's"}
"""Answered as any other request: as if there were no upgrade (RFC 9110, 7.8), and for us whatever host it names."""


@pytest.mark.parametrize("name", WIRE)
def test_what_is_no_request_gets_one_refusal_or_none(server, name):
    answered = statuses(server.url, WIRE[name])
    assert len(answered) <= 1
    assert all(400 <= status < 500 or (status == 200 and name in HARMLESS) for status in answered), answered
    assert httpx.get(f"{server.url}/healthz").status_code == 200


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (["Content-Type: image/jpeg", "Content-Length: 100"], FILE[:50]),
        (["Content-Type: image/jpeg", "Transfer-Encoding: chunked"], b"32\r\n" + FILE[:20]),
        ([f"Content-Type: {FORM}", "Content-Length: 100"], form((part("file", "a"), b""), end=False)),
        (["Content-Type: application/json", "Content-Length: 100"], b'{"url":'),
    ],
    ids=["body", "chunks", "form", "json"],
)
def test_a_body_that_ends_before_its_end_is_nothing(server, fields, body):
    before = len(server.logged())
    assert all(
        status == 400 for status in statuses(server.url, request("POST /v1/verify", *fields, body=body), leave=True)
    )
    httpx.get(f"{server.url}/v1/nothing")
    seen = [line for line in server.logged()[before:] if line.get("route") == "/v1/verify"]
    assert all(line["level"] == "info" for line in seen)


def test_a_body_is_not_larger_for_coming_in_chunks(client):
    def pieces():
        for _ in range(2000):
            yield b"x" * 10_000

    require_refused(client.post("/v1/verify", content=pieces()), 413)


def test_a_body_that_says_it_is_too_large_is_not_waited_for(server):
    said = request("POST /v1/verify", "Content-Type: image/jpeg", f"Content-Length: {10**12}", body=FILE)
    assert statuses(server.url, said) == [413]


def test_a_packed_body_is_not_unpacked(client):
    packed = gzip.compress(bytes(50 << 20))
    answer = client.post("/v1/verify", content=packed, headers={"Content-Encoding": "gzip"})
    require_refused(answer, 415)


def test_requests_sent_ahead_are_each_answered_once(server):
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    assert statuses(server.url, one * 50 + request("GET /healthz")) == [200] * 51


def test_who_leaves_while_a_file_is_looked_at_leaves_nothing(server, place, picture, client):
    for _ in range(10):
        with connected(server.url) as opened:
            opened.sendall(request("POST /v1/verify", f"Content-Length: {len(picture)}", body=picture))
    assert client.post("/v1/verify", content=picture).status_code == 200


def test_who_leaves_before_a_signed_file_is_there_leaves_nothing(server, place, picture, client, key):
    for _ in range(5):
        with connected(server.url) as opened:
            fields = [f"Content-Length: {len(picture)}", f"Authorization: Bearer {key}"]
            opened.sendall(request("POST /v1/sign", *fields, body=picture))
    assert client.post("/v1/sign", content=picture).status_code == 200
    uploads = place / "service" / "uploads"
    eventually(lambda: not any(path.is_file() for path in uploads.rglob("*")))


def test_a_record_of_many_dates_is_asked_for_in_vain(client):
    for moment in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1700000000", "99999999999", "1e3", "now"):
        for name in ("since", "until"):
            require_refused(client.get("/v1/assets", params={name: moment}), 422)
        require_refused(client.post("/v1/verify", content=FILE, params={"at": moment}), 422)


def test_only_who_is_known_writes_into_the_catalogue(server):
    answer = httpx.post(f"{server.url}/v1/verify", content=FILE, params={"record": True})
    require_refused(answer, 401)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example/",
        "https://",
        "https://a\x00/",
        "https://a.example/\ud7ff",
        "https://a.example/{0.__class__}",
        "https://[",
        "https:// /",
    ],
)
def test_no_manifest_is_left_at_an_address_that_is_none(client, address):
    require_refused(client.post("/v1/sign", content=FILE, params={"remote": address}), 422)


def test_a_binding_is_only_read(client):
    for value in ("!", "AA", "A" * 8192, b64encode(bytes(6000)).decode()):
        for alg in ("io.iscc.v0", "none.such", "../x"):
            answer = client.post("/v1/matches/byBinding", content=json.dumps({"alg": alg, "value": value}))
            require_refused(answer, 400)
