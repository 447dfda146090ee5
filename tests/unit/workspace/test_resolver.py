"""Who asks a resolver takes no answer for more than it is."""

from __future__ import annotations

import json

import pytest

from provenance.errors import FetchError
from provenance.manifests.containers import jumbf
from provenance.model.resolution import Binding, ManifestMatch, is_identifier
from provenance.workspace.resolution_json import read_binding, read_matches, read_query, write_matches, write_query
from provenance.workspace.resolver import Resolver
from tests.support.resolution_server import Reply, client, serving

ONE = "urn:c2pa:F9168C5E-CEB2-4FAA-B6BF-329BF39FA1E4"
OTHER = "urn:c2pa:F9168C5E-CEB2-4FAA-B6BF-329BF39FA1E5:acme/x:2_1"
BINDING = Binding(algorithm="io.iscc.v0", value=bytes(range(34)))
GOOD = {"matches": [{"manifestId": ONE, "similarityScore": 90}]}


def box(kind, *parts):
    body = b"".join(parts)
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def superbox(uuid, label, *parts):
    description = uuid + b"\x00\x11\x00\x10\x80\x00\x00\xaa\x008\x9bq\x03" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", description), *parts)


def a_store(*labels):
    return superbox(b"c2pa", "c2pa", *(superbox(b"c2ma", label, box(b"cbor", b"\xa0")) for label in labels))


def a_match(**told):
    return {"matches": [{"manifestId": ONE} | told]}


def saying(told, **more):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return lambda asked: Reply(body, **more)


WRONG_ANSWERS = {
    "nothing": (b"", "not JSON"),
    "a web page": (b"<!DOCTYPE html><html></html>", "not JSON"),
    "cut off": (json.dumps(GOOD).encode()[:-5], "not JSON"),
    "not UTF-8": (b'{"matches": ["\xff"]}', "not JSON"),
    "deep": (b'{"matches":' + b"[" * 100_000, "not JSON"),
    "a number without end": (b'{"matches":[{"similarityScore":' + b"9" * 10_000 + b"}]}", "not JSON"),
    "a list": ([], "not a JSON object"),
    "no matches": ({"match": []}, "no list of matches"),
    "matches that are no list": ({"matches": {"manifestId": ONE}}, "no list of matches"),
    "a match that is a text": ({"matches": [ONE]}, "not a JSON object"),
    "no identifier": ({"matches": [{"similarityScore": 3}]}, "names no manifest"),
    "an identifier that is a number": (a_match(manifestId=7), "names no manifest"),
    "an identifier that is a path": (a_match(manifestId="../../admin"), "no identifier"),
    "an identifier with a way up": (a_match(manifestId=f"../{ONE}/\n"), "no identifier"),
    "an identifier with a line": (a_match(manifestId=f"{ONE}\r\nHost: x"), "no identifier"),
    "an identifier without end": (a_match(manifestId=ONE + "x" * 1000), "no identifier"),
    "an identifier with an address": (a_match(manifestId="https://elsewhere.example/"), "no identifier"),
    "an endpoint that is a list": (a_match(endpoint=["https://elsewhere.example"]), "endpoint is no text"),
    "a score above": (a_match(similarityScore=101), "not from 0 to 100"),
    "a score below": (a_match(similarityScore=-1), "not from 0 to 100"),
    "a score that is a text": (a_match(similarityScore="99"), "no whole number"),
    "a score that is true": (a_match(similarityScore=True), "no whole number"),
    "half a score": (a_match(similarityScore=99.5), "no whole number"),
    "no score": (b'{"matches":[{"manifestId":"' + ONE.encode() + b'","similarityScore":NaN}]}', "no whole number"),
    "one bad among good ones": ({"matches": [*GOOD["matches"], {}]}, "names no manifest"),
    "too large": (json.dumps(GOOD).encode() + b" " * (1 << 20), "larger than 1048576 bytes"),
}


@pytest.mark.parametrize(("told", "words"), WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_an_answer_that_does_not_follow_the_standard_is_none(told, words):
    with serving(saying(told)) as server, pytest.raises(FetchError, match=words) as caught:
        Resolver(server.url, client()).by_binding(BINDING, most=5)
    assert caught.value.path == f"{server.url}/matches/byBinding"
    assert caught.value.hint


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 414, 415, 500, 503])
@pytest.mark.parametrize("how", ["binding", "content"])
def test_another_status_is_said_with_what_to_do(status, how):
    with serving(saying(GOOD, status=status)) as server:
        asked = Resolver(server.url, client())
        with pytest.raises(FetchError, match=f"answers {status}") as caught:
            asked.by_binding(BINDING, most=5) if how == "binding" else asked.by_content(b"x", "image/jpeg", most=5)
    assert server.url in caught.value.path
    assert caught.value.hint


REDIRECTS = {
    "to a file": ("file:///etc/passwd", "only https and http"),
    "inside": ("https://10.0.0.1/v1", "not public"),
    "with a password": ("https://me:secret@example.org/", "a password"),
    "to itself": ("", "redirects more than"),
}


@pytest.mark.parametrize(("target", "words"), REDIRECTS.values(), ids=REDIRECTS)
@pytest.mark.parametrize("route", ["matches", "manifest"])
def test_a_redirect_is_under_the_same_rules(target, words, route):
    with serving(saying(b"", status=302, headers={"Location": target})) as server:
        asked = Resolver(server.url, client())
        with pytest.raises(FetchError, match=words) as caught:
            asked.by_binding(BINDING, most=5) if route == "matches" else asked.manifest(ONE)
    assert "secret" not in str(caught.value)


def test_what_is_posted_goes_nowhere_else():
    with serving(saying(b"", status=307, headers={"Location": "/v1/other"})) as server:
        with pytest.raises(FetchError, match="not sent elsewhere"):
            Resolver(server.url, client()).by_content(b"a picture", "image/jpeg", most=5)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    ["https://example.org/v1?x=1", "https://example.org/v1#x", "http://example.org/v1", "ftp://example.org", "/v1",
     "https://", "https://[", "", "https://me:secret@example.org/v1", "https://127.0.0.1/v1", "https://10.0.0.1/v1"],
)  # fmt: skip
def test_only_addresses_that_may_be_asked_are(url):
    from provenance.workspace import asking

    with pytest.raises(FetchError) as caught:
        Resolver(url, asking.resolvers()).by_binding(BINDING, most=5)
    assert "secret" not in str(caught.value)
    assert caught.value.hint


def test_a_password_in_an_address_is_not_shown():
    assert "secret" not in repr(Resolver("https://me:secret@example.org/v1", client()))


def test_more_matches_than_were_asked_for_are_left_alone():
    many = [{"manifestId": f"{ONE}:{number}", "similarityScore": number % 101} for number in range(5000)]
    with serving(saying({"matches": many})) as server:
        found = Resolver(server.url, client()).by_binding(BINDING, most=3)
    assert [item.score for item in found] == [100, 100, 100]
    assert [item.manifest for item in found] == [f"{ONE}:{number}" for number in (100, 201, 302)]


def test_the_strongest_match_comes_first_and_one_without_a_score_last():
    told = [{"manifestId": f"{ONE}:a"}, {"manifestId": f"{ONE}:b", "similarityScore": 0}, *GOOD["matches"]]
    with serving(saying({"matches": told})) as server:
        found = Resolver(server.url, client()).by_binding(BINDING, most=5)
    assert [item.score for item in found] == [90, 0, None]


def test_what_is_not_in_the_standard_is_passed_over():
    told = {"matches": [{"manifestId": OTHER, "endpoint": None, "isccId": "x"}], "took": 3}
    assert read_matches(json.dumps(told).encode()) == (ManifestMatch(manifest=OTHER),)


def test_a_short_value_is_asked_for_and_a_long_one_posted():
    long = Binding(algorithm="io.iscc.v0", value=bytes(1000))
    with serving(saying(GOOD)) as server:
        asked = Resolver(f"{server.url}/", client())
        assert asked.by_binding(BINDING, most=5) == asked.by_binding(long, most=7)
        short, posted = server.asked
    assert (short.method, short.path, short.query["maxResults"]) == ("GET", "/v1/matches/byBinding", "5")
    assert read_binding(short.query["alg"], short.query["value"]) == BINDING
    assert (posted.method, posted.path, posted.query) == ("POST", "/v1/matches/byBinding", {"maxResults": "7"})
    assert (posted.media_type, read_query(posted.body)) == ("application/json", long)


def test_a_file_is_sent_as_what_it_is():
    with serving(saying(GOOD)) as server:
        found = Resolver(server.url, client()).by_content(b"a picture", "image/webp", most=5)
        (asked,) = server.asked
    assert found == (ManifestMatch(manifest=ONE, score=90),)
    assert (asked.method, asked.path, asked.media_type) == ("POST", "/v1/matches/byContent", "image/webp")
    assert asked.body == b"a picture"


@pytest.mark.parametrize("label", [ONE, OTHER], ids=["plain", "with a slash"])
def test_a_manifest_is_asked_for_by_its_label(label):
    store = a_store("urn:c2pa:parent", label)
    with serving(saying(store)) as server:
        assert Resolver(server.url, client()).manifest(label) == store
        (asked,) = server.asked
    assert asked.path == f"/v1/manifests/{label.replace('/', '%2F')}"


WRONG_MANIFESTS = {
    "nothing": (b"", "not a manifest store"),
    "a web page": (b"<html></html>", "not a manifest store"),
    "JSON": (json.dumps(GOOD).encode(), "not a manifest store"),
    "cut off": (a_store(ONE)[:-4], "cut short"),
    "another box": (superbox(b"c2xx", "c2pa", superbox(b"c2ma", ONE)), "no manifest came"),
    "empty": (a_store(), "no manifest came"),
    "another manifest": (a_store(OTHER), "the manifest urn:c2pa:.* came where another"),
    "the manifest as an ancestor": (a_store(ONE, OTHER), "the manifest urn:c2pa:.* came where another"),
    "a label that plays tricks": (a_store("urn:c2pa:\x1b[2J"), r"\\x1b"),
    "too large": (a_store(ONE) + bytes(70_000), "larger than 65536 bytes"),
}


@pytest.mark.parametrize(("store", "words"), WRONG_MANIFESTS.values(), ids=WRONG_MANIFESTS)
def test_only_the_manifest_that_was_asked_for_is_taken(store, words):
    answer = saying(store, media_type="application/c2pa")
    with serving(answer) as server, pytest.raises(FetchError, match=words) as caught:
        Resolver(server.url, client(limit=1 << 16)).manifest(ONE)
    assert ONE in caught.value.path
    assert caught.value.hint


IDENTIFIERS = {
    ONE: True,
    OTHER: True,
    "urn:uuid:f9168c5e-ceb2-4faa-b6bf-329bf39fa1e4": True,
    "adobe:urn:uuid:f9168c5e-ceb2-4faa-b6bf-329bf39fa1e4": True,
    "urn:c2pa:": False,
    "": False,
    "..": False,
    "urn:isbn:3": False,
    f"{ONE} ": False,
    f"{ONE}\n": False,
    f"{ONE}\u202e": False,
}


@pytest.mark.parametrize(("text", "good"), IDENTIFIERS.items())
def test_what_may_name_a_manifest(text, good):
    assert is_identifier(text) is good


def test_what_is_written_is_read():
    matches = (ManifestMatch(manifest=ONE, endpoint="https://b.example/v1", score=0), ManifestMatch(manifest=OTHER))
    assert read_matches(write_matches(matches)) == matches
    assert b"null" not in write_matches(matches)
    assert read_query(write_query(BINDING)) == BINDING


@pytest.mark.parametrize("text", ["-_8", "-_8=", "+/8=", "+/8"])
def test_both_alphabets_of_base64_are_read(text):
    assert read_binding("x", text).value == b"\xfb\xff"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"alg": "x"}', b'{"alg": 1, "value": "AA=="}', b'{"alg": "x", "value": "!!!"}',
     b'{"alg": "x", "value": "A"}', '{"alg": "x", "value": "ÄÄ=="}'.encode()],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_refused(body):
    with pytest.raises(ValueError):
        read_query(body)


def test_the_active_manifest_is_cut_out_as_it_is():
    alone = jumbf.active_alone(a_store(ONE, OTHER))
    assert alone == a_store(OTHER)
    assert [item.label for item in jumbf.manifests(a_store(ONE, OTHER))] == [ONE, OTHER]


@pytest.mark.parametrize("data", [b"", b"no store", a_store(), a_store(ONE)[8:]])
def test_there_is_nothing_to_cut_out_of_what_holds_no_manifest(data):
    with pytest.raises(ValueError, match="holds no manifest"):
        jumbf.active_alone(data)
