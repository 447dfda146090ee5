"""Jobs as asset systems use them: handed in to a real server, followed, fetched; and none is lost when it is killed."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import signal
import time

import httpx
import pytest

from provenance import Decision, Workspace, verify
from provenance.catalogue import Catalogue
from provenance.model.record import Query
from provenance.settings import Settings
from tests.support import media
from tests.support.catalogue import in_schema, on_server, why_no_server
from tests.support.service import new_key, serving

pytest.importorskip("fastapi", reason="the service needs the extra `web`")

PATIENCE = 300
"""Seconds after which a job is taken for one that is never over: as many as a busy machine may need."""
SETTINGS = '[service]\nworkers = 2\nrate = "0"\n'


def a_home(session_home, folder):
    home = folder / "home"
    home.mkdir()
    shutil.copytree(session_home / "identities", home / "identities")
    return home


@pytest.fixture(scope="module")
def place(_session_home, tmp_path_factory):
    return a_home(_session_home, tmp_path_factory.mktemp("jobs"))


@pytest.fixture
def home(_session_home, tmp_path):
    """A home for a server that does not live long."""
    return a_home(_session_home, tmp_path)


@pytest.fixture(scope="module")
def server(place):
    with serving(place, SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def keys(server, place):
    made = {
        "sign": ("--scope", "sign"),
        "verify": ("--scope", "verify"),
        "other": ("--scope", "verify,sign"),
        "admin": ("--scope", "admin"),
    }
    return {name: new_key(place, *options, "--rate", "100000/min", name=name) for name, options in made.items()}


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def pictures():
    return [media.jpeg(exif=True)] * 4


def as_key(secret):
    return {"Authorization": f"Bearer {secret}"}


def parts(*files):
    return [("file", (f"{number}.jpg", data, "image/jpeg")) for number, data in enumerate(files)]


def submit(client, key, files, **params):
    headers = as_key(key) if key else {}
    answer = client.post("/v1/jobs", files=parts(*files), headers=headers, params=params)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    return answer.json()


def finished(client, key, name):
    last = time.monotonic() + PATIENCE
    headers = as_key(key) if key else {}
    while True:
        found = client.get(f"/v1/jobs/{name}", headers=headers).json()
        if found["ended_at"]:
            return found
        assert time.monotonic() < last, found
        time.sleep(0.1)


def results(client, key, name):
    answer = client.get(f"/v1/jobs/{name}/results", headers=as_key(key) if key else {})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_files_are_signed_and_fetched(client, keys, place, pictures, tmp_path):
    job = submit(client, keys["sign"], pictures, kind="sign", title="Harbour")
    assert (job["kind"], job["asked_by"], job["counts"]["queued"]) == ("sign", "sign", 4)
    done = finished(client, keys["sign"], job["id"])
    assert (done["state"], done["counts"]["done"]) == ("done", 4)
    found = results(client, keys["sign"], job["id"])
    assert [item["name"] for item in found] == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    space = Workspace(Settings(home=str(place)))
    for item in found:
        answer = client.get(item["file"], headers=as_key(keys["sign"]))
        assert answer.headers["content-type"] == "image/jpeg"
        assert hashlib.sha256(answer.content).hexdigest() == item["digest"]
        path = tmp_path / item["name"]
        path.write_bytes(answer.content)
        verdict = verify(path, workspace=space)
        assert verdict.decision is Decision.ACCEPTED
        assert verdict.inspection.store.active == answer.headers["provenance-manifest"]
        record = space.catalogue.get(answer.headers["provenance-record"])
        assert (record.asked_by, record.title, record.written_to) == ("sign", "Harbour", None)
        assert record.source == hashlib.sha256(pictures[0]).hexdigest()
    # What was sent is not kept any longer than it is needed.
    assert {path.suffix for path in (place / "service" / "jobs" / job["id"]).iterdir()} == {".signed"}


def test_files_are_verified_and_their_reports_kept(client, keys, pictures):
    signed = client.post("/v1/sign", content=pictures[0], headers=as_key(keys["sign"])).content
    job = submit(client, keys["verify"], [signed, pictures[1], b"not a picture at all"], format="html")
    assert finished(client, keys["verify"], job["id"])["counts"] == {
        "queued": 0, "running": 0, "done": 2, "failed": 1, "cancelled": 0,
    }  # fmt: skip
    one, other, wrong = results(client, keys["verify"], job["id"])
    assert (one["decision"], other["decision"]) == ("accepted", "review")
    assert one["document"]["files"][0]["file"] == "0.jpg"
    assert one["digest"] == hashlib.sha256(signed).hexdigest()
    assert client.get(f"/v1/reports/{one['report']}").json() == one["document"]
    assert client.get(f"/v1/reports/{one['report']}", params={"format": "html"}).status_code == 200
    assert (wrong["state"], wrong["problem"]["type"]) == ("failed", "/problems/UnsupportedMedia")
    assert "service/jobs" not in json.dumps(wrong)


def test_verifying_takes_a_key_only_where_signing_would(client, pictures):
    job = submit(client, None, pictures[:1])
    assert finished(client, None, job["id"])["state"] == "done"
    answer = client.post("/v1/jobs", files=parts(*pictures[:1]), params={"kind": "sign"})
    assert answer.status_code == 401


def test_a_job_is_its_keys_own(client, keys, pictures):
    job = submit(client, keys["verify"], pictures[:1])["id"]
    finished(client, keys["verify"], job)
    for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/results", f"/v1/jobs/{job}/items/0/file"):
        for headers in ({}, as_key(keys["other"])):
            assert client.get(path, headers=headers).status_code == 404
    assert client.delete(f"/v1/jobs/{job}", headers=as_key(keys["other"])).status_code == 404
    assert client.get(f"/v1/jobs/{job}", headers=as_key(keys["admin"])).status_code == 200
    assert client.get("/v1/jobs").status_code == 401
    assert client.get("/v1/jobs", headers=as_key(keys["other"])).json()["jobs"] == []
    assert job in [item["id"] for item in client.get("/v1/jobs", headers=as_key(keys["admin"])).json()["jobs"]]


def test_jobs_are_listed_page_by_page(client, keys, place, pictures):
    key = new_key(place, "--scope", "verify", name="lister")
    made = [submit(client, key, pictures[:1])["id"] for _ in range(3)]
    first = client.get("/v1/jobs", headers=as_key(key), params={"limit": 2}).json()
    rest = client.get("/v1/jobs", headers=as_key(key), params={"limit": 2, "before": first["next"]}).json()
    assert [item["id"] for item in first["jobs"] + rest["jobs"]] == sorted(made, reverse=True)
    assert rest["next"] is None


def test_a_job_that_is_over_is_forgotten_when_it_is_deleted(client, keys, place, pictures):
    job = submit(client, keys["sign"], pictures[:1], kind="sign")["id"]
    finished(client, keys["sign"], job)
    assert client.delete(f"/v1/jobs/{job}", headers=as_key(keys["sign"])).status_code == 204
    assert client.get(f"/v1/jobs/{job}", headers=as_key(keys["sign"])).status_code == 404
    assert not (place / "service" / "jobs" / job).exists()


def test_a_job_is_cancelled(client, keys, pictures):
    job = submit(client, keys["sign"], pictures * 20, kind="sign")["id"]
    answer = client.delete(f"/v1/jobs/{job}", headers=as_key(keys["sign"]))
    assert answer.status_code == 200
    assert answer.json()["cancelled_at"]
    found = finished(client, keys["sign"], job)
    assert found["state"] == "cancelled"
    assert found["counts"]["cancelled"] > 60
    assert found["counts"]["cancelled"] + found["counts"]["done"] == 80


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"urls": []}}, 400),
        ({"json": {"urls": "https://a.example/"}}, 400),
        ({"json": {"urls": ["https://a.example/"], "more": 1}}, 400),
        ({"json": {"urls": [1]}}, 400),
        ({"json": ["https://a.example/"]}, 400),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff\xd8", "headers": {"Content-Type": "image/jpeg"}}, 415),
        ({"files": [("other", ("a.jpg", b"abc", "image/jpeg"))]}, 400),
        ({"files": [("file", ("a.jpg", b"", "image/jpeg"))]}, 400),
        ({"files": [("file", ("a.jpg", b"abc"))], "params": {"policy": "../etc"}}, 422),
        ({"files": [("file", ("a.jpg", b"abc"))], "params": {"policy": "nothing-of-that-name"}}, 422),
        ({"files": [("file", ("a.jpg", b"abc"))], "params": {"polcy": "strict"}}, 422),
        ({"files": [("file", ("a.jpg", b"abc"))], "params": {"name": "a.jpg"}}, 422),
        ({"files": [("file", ("a.jpg", b"abc"))], "params": {"keep": "false"}}, 422),
        ({"files": [("file", ("a.jpg", b"abc"))], "params": {"kind": "strip"}}, 422),
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(sent, status, client, place):
    folder = place / "service" / "jobs"
    before = set(folder.iterdir())
    answer = client.post("/v1/jobs", **sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(folder.iterdir()) == before


def test_a_disk_that_is_nearly_full_takes_no_more_jobs(home):
    settings = SETTINGS + 'largest = "900TB"\n'
    with serving(home, settings) as server:
        answer = httpx.post(f"{server.url}/v1/jobs", json={"urls": ["https://example.com/"]})
    assert (answer.status_code, answer.json()["title"]) == (507, "there is no room left for jobs")


def test_an_address_inside_fails_its_item_alone(client, keys, pictures):
    answer = client.post("/v1/jobs", json={"urls": ["https://127.0.0.1/a.jpg", "http://example.com/b%20c.jpg?x=1"]})
    found = finished(client, None, answer.json()["id"])
    assert found["state"] == "failed"
    one, other = results(client, None, found["id"])
    assert (one["name"], other["name"]) == ("a.jpg", "b%20c.jpg")
    assert one["problem"]["type"] == other["problem"]["type"] == "/problems/FetchError"


def test_no_identity_but_the_keys_own_signs(client, keys, pictures):
    answer = client.post(
        "/v1/jobs", files=parts(*pictures[:1]), headers=as_key(keys["sign"]), params={"kind": "sign", "identity": "x"}
    )
    assert answer.status_code == 403


def test_what_a_revoked_key_has_waiting_is_not_signed(client, keys, place, pictures):
    key = new_key(place, "--scope", "sign", name="leaked")
    with Catalogue.open(f"sqlite:///{place / 'catalogue.db'}") as catalogue:
        job = submit(client, key, pictures * 25, kind="sign")["id"]
        (known,) = [item for item in catalogue.keys.every() if item.name == "leaked"]
        catalogue.keys.revoke(known.id, at=Workspace(Settings(home=str(place))).now())
    found = finished(client, keys["admin"], job)
    assert found["counts"]["failed"] > 0
    assert "opens nothing any more" in results(client, keys["admin"], job)[-1]["problem"]["title"]


# ---- a server that is killed


def kill(server):
    """End the server and all of its workers, as a machine does that loses its power."""
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()


def test_what_a_killed_server_had_accepted_is_finished_once_after_its_restart(home, pictures):
    count = 60
    with serving(home, SETTINGS) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        key = new_key(home, "--scope", "sign", "--rate", "100000/min")
        job = submit(client, key, pictures * (count // 4), kind="sign")["id"]
        while client.get(f"/v1/jobs/{job}", headers=as_key(key)).json()["counts"]["done"] < 5:
            time.sleep(0.05)
        kill(server)
    with serving(home, SETTINGS) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        found = finished(client, key, job)
        assert found["counts"] == {"queued": 0, "running": 0, "done": count, "failed": 0, "cancelled": 0}
        told = results(client, key, job)
        labels = {client.get(item["file"], headers=as_key(key)).headers["provenance-manifest"] for item in told}
    assert len(labels) == count
    with Catalogue.open(f"sqlite:///{home / 'catalogue.db'}") as catalogue:
        records = list(catalogue.find(Query()))
        assert len(records) == count
        assert {item.label for item in records} == labels
        assert {item.id for item in records} == {item["record"] for item in told}


def test_what_one_of_two_servers_had_is_finished_by_the_other(home, pictures):
    """They share a folder and a database on a server."""
    if why := why_no_server():
        pytest.skip(why)
    schema = f"provenance_{secrets.token_hex(6)}"
    on_server(f"CREATE SCHEMA {schema}")
    try:
        Catalogue.create(in_schema(schema)).close()
        settings = f"{SETTINGS}[catalogue]\nurl = {json.dumps(in_schema(schema))}\n"
        with serving(home, settings) as one, serving(home, settings) as other:
            with httpx.Client(base_url=one.url, timeout=60) as client:
                job = submit(client, None, pictures * 15)["id"]
                while client.get(f"/v1/jobs/{job}").json()["counts"]["done"] < 5:
                    time.sleep(0.05)
            kill(one)
            with httpx.Client(base_url=other.url, timeout=60) as client:
                assert finished(client, None, job)["counts"]["done"] == 60
                reports = {item["report"] for item in results(client, None, job)}
        assert len(reports) == 60
        with Catalogue.open(in_schema(schema)) as catalogue:
            assert {item.id for item in catalogue.reports.recent(limit=1000)} == reports
    finally:
        on_server(f"DROP SCHEMA {schema} CASCADE")


def test_a_server_that_is_told_to_end_gives_back_what_it_has_not_begun(home, pictures):
    with serving(home, SETTINGS) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        key = new_key(home, "--scope", "sign")
        job = submit(client, key, pictures * 10, kind="sign")["id"]
        server.stop()
    with Catalogue.open(f"sqlite:///{home / 'catalogue.db'}") as catalogue:
        counts = catalogue.jobs.get(job).counts
        assert (counts.running, counts.failed) == (0, 0)
        assert counts.queued + counts.done == 40
        assert {item.attempts for item in catalogue.jobs.items(job)} <= {0, 1}
    assert not list((home / "service" / "jobs" / "owners").iterdir())
