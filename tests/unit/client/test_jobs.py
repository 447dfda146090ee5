"""Jobs over the wire: how files are handed in, how one waits, and what comes back of each file."""

from __future__ import annotations

import json

import pytest

from provenance.errors import InvalidClaim, ServiceError, UnreadableMedia
from provenance.model.jobs import JobKind, State
from tests.support.canned_service import Answer
from tests.unit.client.test_client import SIGNED, query_of, report

ID = "01J0000000000000000000000A"


def job(state="queued", **counts):
    told = {"id": ID, "kind": "verify", "state": state, "at": "2026-01-01T00:00:00+00:00", "asked_by": "desk"}
    return Answer(202, json.dumps(told | {"counts": counts, "later": 1}).encode())


def test_files_go_as_a_form_and_addresses_as_a_list(service, client, photo):
    service.will(job(queued=2))
    found = client.jobs.verify([photo, b"bytes"], policy="archive")
    client.jobs.sign(["https://example.org/a.jpg"], identity="desk")
    assert (found.id, found.kind, found.state, found.counts.queued) == (ID, JobKind.VERIFY, State.QUEUED, 2)
    form, listed = service.asked
    assert photo.read_bytes() in form.body
    assert form.body.count(b'name="file"') == 2
    assert query_of(form) == {"kind": ["verify"], "policy": ["archive"]}
    assert json.loads(listed.body) == {"urls": ["https://example.org/a.jpg"]}
    assert query_of(listed)["kind"] == ["sign"]


def test_files_and_addresses_do_not_mix(service, client):
    with pytest.raises(InvalidClaim):
        client.jobs.verify([b"x", "https://example.org/a.jpg"])
    assert service.asked == []


def test_one_waits_longer_each_time(service, client, waits):
    service.will(job(), job("running"), job("running"), job("done"))
    assert client.jobs.wait(ID).state is State.DONE
    assert waits == [0.25, 0.375, 0.5625]


def test_one_does_not_wait_for_ever(service, client, waits):
    service.will(job())
    with pytest.raises(ServiceError, match="not over after 10 s"):
        client.jobs.wait(ID, timeout=10)
    assert 10 <= sum(waits) < 20


def lines(*told):
    return Answer(body="".join(json.dumps(item) + "\n" for item in told).encode())


def test_what_became_of_each_file_comes_line_by_line(service, client):
    service.will(
        lines(
            {"number": 0, "name": "a.jpg", "state": "done", "decision": "accepted", "document": json.loads(report())},
            {"number": 1, "name": "b.jpg", "state": "failed", "problem": {
                "type": "/problems/UnreadableMedia", "title": "b.jpg: is empty", "hint": "was it copied completely?",
            }},
            {"number": 2, "name": "c.jpg", "state": "queued"},
        )
    )  # fmt: skip
    good, bad, waiting = client.jobs.results(ID)
    assert (good.decision, good.document.files[0].decision, good.error) == ("accepted", "accepted", None)
    assert isinstance(bad.error, UnreadableMedia)
    assert str(bad.error) == "b.jpg: is empty (was it copied completely?)"
    assert (waiting.state, waiting.error, waiting.document) == (State.QUEUED, None, None)


def test_a_signed_file_is_brought_whole(service, client, tmp_path):
    service.will(Answer(body=b"signed", headers=SIGNED))
    assert client.jobs.fetch(ID, 3, tmp_path / "a.jpg").manifest == "urn:c2pa:1"
    assert (tmp_path / "a.jpg").read_bytes() == b"signed"
    assert service.asked[0].path == f"/v1/jobs/{ID}/items/3/file"


def test_a_job_that_is_over_is_forgotten(service, client):
    service.will(job("cancelled", cancelled=1), Answer(204, b""))
    assert client.jobs.cancel(ID).state is State.CANCELLED
    assert client.jobs.cancel(ID) is None
    assert [item.method for item in service.asked] == ["DELETE", "DELETE"]
