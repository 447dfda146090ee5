"""What goes over the wire and comes back: options, files, errors, retries; and what is never written or sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from provenance import codec, errors
from provenance.claims import SigningOptions
from provenance.client import Client, Patience
from provenance.errors import InvalidClaim, OutputExists, ProvenanceError, ServiceError, SettingsError, UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action, Carrier
from provenance.model.record import Operation, Query, Record
from provenance.model.verdict import Decision
from provenance.reports import to_json
from provenance.reports.faces import Format
from provenance.reports.result import Result, Results
from tests.support.canned_service import Answer, problem
from tests.unit.stores import AT, a_manifest, a_store, a_verdict

SIGNED = {"Provenance-Record": "R1", "Provenance-Manifest": "urn:c2pa:1", "Content-Type": "image/jpeg"}


def report():
    store = a_store(a_manifest(actions=(Action(name="c2pa.created"),)))
    result = Result(name="photo.jpg", verdict=a_verdict(store), history=trace(store))
    return to_json.document(Results(items=(result,), generator="provenance 1"))


def query_of(asked):
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(asked.path).query)


def test_a_report_comes_back_as_the_library_has_it(service, client, photo):
    service.will(Answer(body=report().encode(), headers={"Provenance-Report": "01ABC"}))
    found = client.verify(
        photo,
        policy="newsroom-intake",
        at=datetime(2025, 6, 1),  # noqa: DTZ001 -- as people write it
        trust_lists=("a", "b"),
        recover=True,
        keep=False,
    )
    assert (found.decision, found.report) == (Decision.ACCEPTED, "01ABC")
    assert json.loads(codec.to_json(found.document)) == json.loads(report())
    (asked,) = service.asked
    assert asked.body == photo.read_bytes()
    assert asked.headers["Content-Length"] == str(photo.stat().st_size)
    assert asked.headers["Authorization"] == "Bearer pk_secret"
    assert query_of(asked) == {
        "policy": ["newsroom-intake"], "at": ["2025-06-01T00:00:00+00:00"], "trust_list": ["a", "b"],
        "recover": ["true"], "keep": ["false"], "name": ["photo.jpg"],
    }  # fmt: skip


def test_bytes_and_addresses_are_sources_too(service, client):
    service.will(Answer(body=report().encode()))
    client.verify(b"bytes")
    client.verify("https://example.org/photo.jpg")
    assert service.asked[0].body == b"bytes"
    assert json.loads(service.asked[1].body) == {"url": "https://example.org/photo.jpg"}


def test_what_a_later_service_says_beyond_is_passed_over(service, client):
    told = json.loads(report())
    told["more"] = told["files"][0]["more"] = told["files"][0]["history"]["more"] = {"x": [1]}
    service.will(Answer(body=json.dumps(told).encode()))
    assert client.verify(b"x").decision is Decision.ACCEPTED


def altered(**more):
    return json.dumps(json.loads(report()) | more).encode()


def without_files():
    told = json.loads(report())
    del told["files"][0]["sentence"]
    return json.dumps(told).encode()


NONSENSE = {
    "another version": altered(version=99),
    "no file": altered(files=[]),
    "no judgement": json.dumps(
        json.loads(report()) | {"files": [json.loads(report())["files"][0] | {"decision": None}]}
    ),
    "a decision nobody knows": report().replace('"accepted"', '"fine"'),
    "a field is missing": without_files(),
    "a list": b"[]",
    "a page": b"<html>",
    "nothing": b"",
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_an_answer_that_is_none_is_no_verdict(service, client, body):
    service.will(Answer(body=body.encode() if isinstance(body, str) else body))
    with pytest.raises(ServiceError):
        client.verify(b"x")


PROBLEMS = {
    "of a file": (problem(422, "/problems/UnreadableMedia", "a.jpg: is empty", hint="h"), UnreadableMedia, 5),
    "of signing": (problem(503, "/problems/KeyUnavailable"), errors.KeyUnavailable, 6),
    "of settings": (problem(422, "/problems/SettingsError"), SettingsError, 4),
    "of the catalogue": (problem(500, "/problems/CatalogueError"), errors.CatalogueError, 8),
    "too large": (problem(413), errors.TooLarge, 5),
    "no key": (problem(401), ServiceError, 7),
    "a name that is no error": (problem(422, "/problems/annotations"), ServiceError, 7),
    "a name that is something else": (problem(422, "/problems/contextmanager"), ServiceError, 7),
    "an unknown error": (problem(422, "/problems/Newer"), ServiceError, 7),
    "a proxy's page": (Answer(500, b"<html>\x1b[2J"), ServiceError, 7),
    "a redirect": (Answer(302, b"", {"Location": "http://127.0.0.1:9/"}), ServiceError, 7),
    "broken details": (Answer(422, b"{", {"Content-Type": "application/problem+json"}), ServiceError, 7),
}


@pytest.mark.parametrize(("answer", "kind", "code"), PROBLEMS.values(), ids=PROBLEMS)
def test_problems_are_the_errors_of_the_library(service, client, answer, kind, code):
    service.will(answer)
    with pytest.raises(ProvenanceError) as caught:
        client.verify(b"x")
    assert (type(caught.value), caught.value.exit_code) == (kind, code)
    assert len(service.asked) == 1
    assert "pk_secret" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_refusal_says_what_to_do_and_how_the_log_knows_it(service, client):
    service.will(problem(403, title="this key is not for that", instance="01REQUEST"))
    with pytest.raises(ServiceError, match="serve key create --scope") as caught:
        client.report("01")
    assert (caught.value.status, caught.value.request_id) == (403, "01REQUEST")


BUSY = problem(429, headers={"Retry-After": "7"})
RETRIED = {
    "busy, says when": (BUSY, "POST", True),
    "busy, does not say when": (problem(503), "POST", False),
    "away, asked only": (problem(503), "GET", True),
    "a proxy without a server, asked only": (Answer(502, b""), "GET", True),
    "a proxy without a server, sent": (Answer(502, b""), "POST", False),
    "cut off, asked only": (Answer(body=report().encode(), cut=0, headers={}), "GET", False),
    "asks for too long": (problem(503, headers={"Retry-After": "3600"}), "GET", False),
    "a mistake of its own": (problem(500), "GET", False),
}


@pytest.mark.parametrize(("answer", "method", "again"), RETRIED.values(), ids=RETRIED)
def test_only_what_surely_was_not_done_is_asked_again(service, client, waits, answer, method, again):
    service.will(answer, Answer(body=report().encode()))
    ask = (lambda: client.verify(b"x")) if method == "POST" else (lambda: client.report("01"))
    if again:
        ask()
    else:
        with pytest.raises(ProvenanceError):
            ask()
    assert len(service.asked) == (2 if again else 1)
    assert len(waits) == again
    if answer is BUSY:
        assert waits[0] >= 7


def test_it_gives_up_in_the_end(service, client, waits):
    service.will(BUSY)
    with pytest.raises(ServiceError) as caught:
        client.verify(b"x")
    assert (len(service.asked), len(waits), caught.value.retry_after) == (4, 3, 7)


def test_where_nobody_listens_it_is_tried_again_and_said(waits):
    with (
        Client("http://127.0.0.1:9", patience=Patience(sleep=waits.append, chance=lambda: 0.0)) as nobody,
        pytest.raises(ServiceError, match="cannot be asked"),
    ):
        nobody.sign(b"x")
    assert waits == [0.25, 0.5, 1.0]


def test_a_file_is_sent_from_its_beginning_again(service, client, photo):
    service.will(BUSY, Answer(body=report().encode()))
    client.verify(photo)
    assert [item.body for item in service.asked] == [photo.read_bytes()] * 2


@pytest.mark.parametrize(
    "address", ["ftp://x", "x", "", "https://", "https://user:secret@example.org", "http://example.org"]
)
def test_a_key_goes_nowhere_else(address):
    with pytest.raises(SettingsError) as caught:
        Client(address, "pk_secret")
    assert "secret" not in str(caught.value)


def test_what_was_signed_is_written_whole(service, client, tmp_path):
    output = tmp_path / "out.jpg"
    service.will(Answer(body=b"signed" * 100_000, headers=SIGNED))
    done = client.sign(b"x", output, SigningOptions(title="T", author="A"), identity="desk")
    assert output.read_bytes() == b"signed" * 100_000
    assert (done.record, done.manifest, done.path, done.data) == ("R1", "urn:c2pa:1", output, None)
    assert query_of(service.asked[0]) == {
        "preset": ["publish"], "title": ["T"], "author": ["A"], "identity": ["desk"], "drop_location": ["false"],
    }  # fmt: skip
    assert client.sign(b"x").data == b"signed" * 100_000


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"signed" * 100_000, headers=SIGNED, cut=1000),
        Answer(body=b"signed"),
        problem(422, "/problems/BrokenSource"),
    ],
    ids=["broken off", "says not what was signed", "refused"],
)
def test_otherwise_nothing_is_left(service, client, tmp_path, answer):
    service.will(answer)
    with pytest.raises(ProvenanceError):
        client.sign(b"x", tmp_path / "out.jpg")
    assert list(tmp_path.iterdir()) == []
    assert len(service.asked) == 1


def test_an_output_that_is_there_is_not_asked_for(service, client, photo):
    before = photo.read_bytes()
    with pytest.raises(OutputExists):
        client.sign(b"x", photo)
    assert (service.asked, photo.read_bytes()) == ([], before)
    service.will(Answer(body=b"new", headers=SIGNED))
    client.sign(b"x", photo, overwrite=True)
    assert photo.read_bytes() == b"new"


@pytest.mark.parametrize(
    "options",
    [
        SigningOptions(ingredients=(b"x",)),
        SigningOptions(allow_broken_source=True),
        SigningOptions(carrier=Carrier.SIDECAR),
        SigningOptions(carrier=Carrier.REMOTE),
        SigningOptions(remote_url="https://example.org/{id}"),
    ],
)
def test_options_that_a_service_does_not_take_are_not_dropped(service, client, options):
    with pytest.raises(InvalidClaim):
        client.sign(b"x", options=options)
    assert service.asked == []


def records(*numbers):
    found = [
        Record(
            id=f"R{number}", recorded_at=AT + timedelta(days=number), operation=Operation.SIGNED,
            label=f"urn:c2pa:{number}", manifest="00" * 32, media_type="image/jpeg", size=1,
        )
        for number in numbers
    ]  # fmt: skip
    return codec.to_plain(found)


def test_records_come_page_by_page(service, client):
    service.will(
        Answer(body=json.dumps({"assets": records(1, 2), "next": "R2"}).encode()),
        Answer(body=json.dumps({"assets": records(3), "next": None}).encode()),
    )
    wanted = Query(text="a b", decision=Decision.REVIEW, since=datetime(2024, 1, 1, tzinfo=UTC))
    assert [item.id for item in client.assets(wanted)] == ["R1", "R2", "R3"]
    first, second = map(query_of, service.asked)
    assert first == {
        "text": ["a b"], "decision": ["review"], "since": ["2024-01-01T00:00:00+00:00"], "limit": ["500"],
    }  # fmt: skip
    assert second == first | {"before": ["R2"]}


def test_no_more_records_are_asked_for_than_wanted(service, client):
    service.will(Answer(body=json.dumps({"assets": records(1, 2), "next": "R2"}).encode()))
    assert len(list(client.assets(Query(limit=2)))) == 2
    assert [query_of(item)["limit"] for item in service.asked] == [["2"]]


@pytest.mark.parametrize("name", ["../../v1/keys", "a/b?c=d", "a#b", "a b", "%2e"])
def test_a_name_stays_one_part_of_an_address(service, client, name):
    service.will(Answer(body=b"x"))
    client.manifest(name)
    path = service.asked[0].path
    assert path.startswith("/v1/assets/")
    assert path.endswith("/manifest")
    assert path.count("/") == 4
    assert not set(path) & set("?# ")


def test_two_files_go_as_a_form(service, client, photo):
    service.will(Answer(body=b'{"version": 1, "generator": "g", "files": ["a"], "credentials": null, "pictures": []}'))
    assert client.compare(photo, b"other").files == ("a",)
    body = service.asked[0].body
    assert photo.read_bytes() in body
    assert b'name="one"; filename="photo.jpg"' in body
    assert b'name="other"; filename="other"' in body


def test_other_formats_come_as_they_are(service, client):
    service.will(Answer(body="a,ü".encode()))
    assert client.written(b"x", Format.CSV) == "a,ü"
    assert query_of(service.asked[0]) == {"format": ["csv"]}


def test_facts_have_no_decision(service, client):
    told = {
        name: value
        for name, value in json.loads(report())["files"][0].items()
        if name not in {"decision", "sentence", "findings", "policy"}
    }
    service.will(Answer(body=json.dumps({"generator": "g", "file": told}).encode()))
    found = client.inspect(b"x")
    assert (found.decision, found.facets["content"].state) == (None, "intact")


def test_what_cannot_be_read_here_is_not_sent(service, client, tmp_path):
    with pytest.raises(UnreadableMedia):
        client.verify(tmp_path / "gone.jpg")
    assert service.asked == []
