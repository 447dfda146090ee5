"""What the client asks, of whom, and what it takes for an answer. How it fetches by GET is in `test_fetch` too."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from provenance.errors import FetchError
from provenance.network import Answer, Client, Rules, shown
from provenance.network.client import _Question
from tests.support.https_server import HOST
from tests.unit.network.conftest import OTHER, running

SECRET = "Bearer 0123456789-secret"
HEADERS = {"Authorization": SECRET, "X-Own": "mine", "Accept": "text/plain"}


@pytest.fixture
def client(credentials):
    """Return a maker of clients for which every name is this machine."""

    def make(**rules):
        given = {"http": True, "unsafe_allow": ("127.0.0.1/32",)} | rules
        return Client(Rules(**given), resolve=lambda host, port: ["127.0.0.1"], context=credentials[1])

    return make


def test_plain_http_is_refused_unless_it_is_allowed(client, plain):
    with pytest.raises(FetchError, match="only https addresses are fetched"):
        client(http=False).request("GET", f"{plain.base}/echo")

    assert plain.seen == []
    assert client().request("GET", f"{plain.base}/echo").status == 200


@pytest.mark.parametrize("url", ["ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/"])
def test_other_schemes_are_refused_even_then(client, url):
    with pytest.raises(FetchError, match="only https and http addresses are fetched"):
        client().request("GET", url)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_private_addresses_are_refused_unless_they_are_allowed(client, plain, method):
    with pytest.raises(FetchError, match="an address that is not public"):
        client(unsafe_allow=()).request(method, f"{plain.base}/echo", body=b"x")

    assert plain.seen == []
    for rules in ({"private": True, "unsafe_allow": ()}, {"unsafe_allow": ("127.0.0.0/8",)}):
        assert client(**rules).request(method, f"{plain.base}/echo", body=b"x").status == 200


def test_what_is_allowed_is_that_network_only(client, plain):
    with pytest.raises(FetchError, match="an address that is not public"):
        client(unsafe_allow=("127.0.0.2/32", "10.0.0.0/8")).request("GET", f"{plain.base}/echo")


@pytest.mark.parametrize("server", ["plain", "secure"])
def test_what_is_posted_arrives_with_the_callers_headers(client, request, server):
    asked = request.getfixturevalue(server)

    answer = client().request("POST", f"{asked.base}/echo?a=b", body=b"signed", headers=HEADERS)

    said = json.loads(answer.body)
    assert (said["method"], said["path"], said["body"]) == ("POST", "/echo?a=b", "signed")
    assert HEADERS.items() <= said["headers"].items()
    assert said["headers"]["Content-Length"] == "6"
    assert said["headers"]["Host"] == asked.base.partition("//")[2]
    assert "Cookie" not in said["headers"]


@pytest.mark.parametrize("status", [204, 304, 400, 401, 404, 429, 500, 503])
def test_a_request_returns_whatever_status_comes(client, plain, status):
    answer = client().request("POST", f"{plain.base}/status/{status}", body=b"x")

    assert (answer.status, answer.url) == (status, f"{plain.base}/status/{status}")
    assert (answer.headers["x-reason"], answer.headers["retry-after"]) == ("Because", "7")


def test_the_body_of_a_refusal_can_be_read(client, plain):
    assert client().request("GET", f"{plain.base}/status/404").body == b"a reason"


@pytest.mark.parametrize("status", [201, 206, 400, 404, 503])
def test_only_a_200_can_be_got(client, plain, status):
    with pytest.raises(FetchError, match=f"the server answers {status}") as caught:
        client().get(f"{plain.base}/status/{status}", accept="text/plain")

    assert caught.value.path == f"{plain.base}/status/{status}"


def test_getting_says_what_is_wanted(client, plain):
    said = json.loads(client().get(f"{plain.base}/echo", accept="application/json").body)

    assert said["headers"]["Accept"] == "application/json"


def test_an_answer_does_not_show_its_body():
    assert "secret" not in repr(Answer(url="https://example.org/", status=200, headers={}, body=b"secret"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["/echo", "{other}/echo"], ids=["same server", "another server"])
def test_what_is_posted_is_never_sent_elsewhere(client, plain, secure, status, where):
    target = where.format(other=secure.base)

    with pytest.raises(FetchError, match="what is posted is not sent elsewhere"):
        client().request("POST", f"{plain.base}/to/{status}?{target}", body=b"signed", headers=HEADERS)

    assert [method for method, *_ in plain.seen] == ["POST"]
    assert secure.seen == []


def test_a_redirect_within_the_server_keeps_the_headers(client, secure):
    answer = client().request("GET", f"{secure.base}/to/307?/echo", headers=HEADERS)

    assert answer.url == f"{secure.base}/echo"
    assert HEADERS.items() <= json.loads(answer.body)["headers"].items()


ELSEWHERE = {
    "another host": lambda plain, secure: (plain.base, plain.base.replace(HOST, OTHER)),
    "with TLS": lambda plain, secure: (plain.base, secure.base),
    "without TLS": lambda plain, secure: (secure.base, plain.base),
}


@pytest.mark.parametrize("which", ELSEWHERE)
def test_headers_do_not_follow_a_redirect_elsewhere(client, plain, secure, which):
    first, second = ELSEWHERE[which](plain, secure)

    answer = client().request("GET", f"{first}/to/302?{second}/echo", headers=HEADERS)

    said = json.loads(answer.body)["headers"]
    assert said["Accept"] == "text/plain"
    assert {"Authorization", "X-Own"}.isdisjoint(said)
    assert SECRET in [headers.get("authorization") for server in (plain, secure) for *_, headers in server.seen]


def test_headers_do_not_follow_a_redirect_to_another_port(client, plain):
    with running() as another:
        client().request("GET", f"{plain.base}/to/302?{another.base}/echo", headers=HEADERS)

    assert "authorization" in plain.seen[0][2]
    assert "authorization" not in another.seen[0][2]


@pytest.mark.parametrize(
    ("start", "target", "kept"),
    [
        ("https://a.example/", "https://a.example:443/x", {"Authorization", "X-Own", "Accept"}),
        ("https://a.example/", "http://a.example/x", {"Accept"}),
        ("http://a.example/", "https://a.example/x", {"Accept"}),
        ("https://a.example/", "https://b.a.example/x", {"Accept"}),
    ],
)
def test_the_usual_ports_of_both_schemes_are_not_taken_for_one(start, target, kept):
    question = _Question(method="GET", url=httpx.URL(start), body=None, headers=HEADERS)

    assert set(Client(Rules(http=True))._kept(question, target)) == kept


def test_headers_do_not_come_back_after_a_detour(client, plain):
    detour = f"{plain.base}/to/302?{plain.base.replace(HOST, OTHER)}/to/302%3F{plain.base}/echo"

    said = json.loads(client().request("GET", detour, headers=HEADERS).body)["headers"]

    assert len(plain.seen) == 3
    assert "Authorization" not in said


def test_a_redirect_to_another_host_can_be_refused(client, plain):
    there = plain.base.replace(HOST, OTHER)

    with pytest.raises(FetchError, match=f"it redirects to another host, {OTHER}"):
        client(same_host=True).get(f"{plain.base}/to/302?{there}/echo", accept="text/plain")

    assert len(plain.seen) == 1
    assert client(same_host=True).get(f"{plain.base}/to/302?/echo", accept="text/plain").status == 200


def test_a_redirect_passes_the_same_checks(client, plain, secure):
    with pytest.raises(FetchError, match="only https addresses are fetched"):
        client(http=False).get(f"{secure.base}/to/302?{plain.base}/echo", accept="text/plain")

    assert plain.seen == []


@pytest.mark.parametrize("path", ["silent", "drip", "unmeasured"])
@pytest.mark.parametrize("server", ["plain", "secure"])
def test_a_post_stops_at_the_deadline(client, request, server, path):
    asked = request.getfixturevalue(server)
    started = time.monotonic()

    with pytest.raises(FetchError, match=r"it took longer than 0\.4 s"):
        client(deadline=0.4).request("POST", f"{asked.base}/{path}", body=b"signed")

    assert time.monotonic() - started < 3


def test_a_post_stops_at_the_size_limit(client, plain):
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        client(limit=1000).request("POST", f"{plain.base}/endless", body=b"x")


BAD_HEADERS = {
    "line break at the end": {"Authorization": f"{SECRET}\n"},
    "another header inside": {"Authorization": f"{SECRET}\r\nX-Evil: yes"},
    "not ASCII": {"Authorization": f"{SECRET}é"},
    "control character": {"Authorization": f"{SECRET}\0"},
    "blank at the end": {"Authorization": f"{SECRET} "},
}


@pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_that_cannot_be_sent_is_named_but_not_shown(client, plain, headers):
    with pytest.raises(FetchError) as caught:
        client().request("POST", f"{plain.base}/echo", body=b"x", headers=headers)

    assert caught.value.message.startswith("the header Authorization holds characters that cannot be sent")
    assert "secret" not in f"{caught.value!s}{caught.value!r}{caught.value.__cause__!r}"
    assert plain.seen == []


@pytest.mark.parametrize("name", ["", "X Own", "X:Own", "X\nOwn", "Ä"])
def test_a_header_without_a_proper_name_is_refused(client, plain, name):
    with pytest.raises(FetchError, match="holds characters that cannot be sent") as caught:
        client().request("GET", f"{plain.base}/echo", headers={name: "x"})

    assert str(caught.value).isprintable()


def test_no_error_shows_what_was_sent(client, plain):
    for path in ("silent", "to/302?/echo"):
        with pytest.raises(FetchError) as caught:
            client(deadline=0.2).request("POST", f"{plain.base}/{path}", body=b"secret", headers=HEADERS)
        assert "secret" not in f"{caught.value!s}{caught.value.__cause__!r}"


SHOWN = {
    "https://example.org/a?b=c": "https://example.org/a?b=c",
    "https://me:secret@example.org/": "https://***@example.org/",
    "red\x1b[31m\u202eright": r"red\x1b[31m\u202eright",
    "two\nlines": r"two\nlines",
    "x" * 400: "x" * 300 + "…",
    "\udc80": r"\udc80",
}


@pytest.mark.parametrize(("text", "safe"), SHOWN.items())
def test_the_text_of_strangers_is_made_safe_to_print(text, safe):
    assert shown(text) == safe
    assert shown(text).isprintable()
