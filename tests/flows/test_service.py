"""The service as asset systems use it: a real process, real files, real keys."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from PIL import Image

from provenance import Decision, Workspace, verify
from provenance.model.fingerprints import ISCC
from provenance.reports import form
from provenance.settings import Settings
from tests.flows.test_recovery import jpeg, scene
from tests.support.schemas import require_valid
from tests.support.service import new_home, new_key, serving

pytest.importorskip("fastapi", reason="the service needs the extra `web`")


@pytest.fixture(scope="module")
def place(_session_home, tmp_path_factory):
    """A home with the identity of all tests, for one server."""
    return new_home(tmp_path_factory.mktemp("service"), _session_home)


@pytest.fixture(scope="module")
def server(place):
    with serving(place, '[service]\nworkers = 2\nrate = "0"\n') as running:
        yield running


@pytest.fixture(scope="module")
def keys(server, place):
    """Secrets of a key for each kind of work; made while the server runs."""
    every = ("verify", "sign", "assets", "admin")
    return {scope: new_key(place, "--scope", scope, "--rate", "10000/min", name=scope) for scope in every}


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def original():
    """A picture that nobody has signed."""
    return jpeg(scene(7))


@pytest.fixture(scope="module")
def signed(server, keys, original):
    """The same, signed through the service: its bytes, and the headers of the answer."""
    answer = httpx.post(
        f"{server.url}/v1/sign",
        params={"preset": "capture", "title": "Harbour", "name": "harbour.jpg", "source_type": "digitalCapture"},
        content=original,
        headers={"Authorization": f"Bearer {keys['sign']}", "Content-Type": "image/jpeg"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return answer


def as_key(secret):
    return {"Authorization": f"Bearer {secret}"}


# ---- signing


def test_what_is_signed_verifies_anywhere(signed, place, tmp_path):
    path = tmp_path / "harbour.jpg"
    path.write_bytes(signed.content)
    verdict = verify(path, workspace=Workspace(Settings(home=str(place))))
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.inspection.store.active == signed.headers["provenance-manifest"]
    assert signed.headers["content-type"] == "image/jpeg"
    assert "harbour" in signed.headers["content-disposition"]


def test_a_signing_is_in_the_catalogue_with_who_asked(client, signed, keys, original):
    found = client.get(f"/v1/assets/{signed.headers['provenance-record']}", headers=as_key(keys["assets"])).json()
    record = found["record"]
    assert record["asked_by"] == "sign"
    assert record["output"] == hashlib.sha256(signed.content).hexdigest()
    assert record["source"] == hashlib.sha256(original).hexdigest()
    assert record["title"] == "Harbour"
    assert found["manifest_kept"] is True
    assert record.get("written_to") is None


def test_a_record_alone_is_answered_when_asked(client, keys, original):
    headers = as_key(keys["sign"]) | {"Accept": "application/json"}
    answer = client.post("/v1/sign", content=original, headers=headers, params={"title": "Record"})
    assert answer.json()["record"]["title"] == "Record"


@pytest.mark.parametrize(("scope", "status"), [(None, 401), ("verify", 403), ("assets", 403), ("admin", 403)], ids=str)
def test_signing_takes_a_key_that_may_sign(client, keys, original, scope, status):
    headers = as_key(keys[scope]) if scope else {}
    answer = client.post("/v1/sign", content=original, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_no_upload_chooses_another_identity(client, keys, original):
    answer = client.post("/v1/sign", content=original, headers=as_key(keys["sign"]), params={"identity": "other-news"})
    assert answer.status_code == 403


# ---- verifying


def test_a_file_is_verified_however_it_is_sent(client, signed):
    by_body = client.post("/v1/verify", content=signed.content, params={"name": "a.jpg"})
    by_form = client.post("/v1/verify", files={"file": ("a.jpg", signed.content, "image/jpeg")})
    for answer in (by_body, by_form):
        assert answer.status_code == 200
        assert answer.headers["provenance-decision"] == "accepted"
        (file,) = answer.json()["files"]
        assert file["file"] == "a.jpg"
        assert file["facets"]["content"]["state"] == "intact"
        assert file["sha256"] == hashlib.sha256(signed.content).hexdigest()


def test_the_report_is_the_librarys_own(client, signed):

    answer = client.post("/v1/verify", content=signed.content)
    require_valid(answer.json(), form.schema())


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        (lambda data: data, "accepted"),
        (lambda data: data[:-100] + bytes([data[-100] ^ 1]) + data[-99:], "rejected"),
    ],
    ids=["as signed", "changed"],
)
def test_a_verdict_is_an_answer_whatever_it_is(client, signed, change, decision):
    answer = client.post("/v1/verify", content=change(signed.content))
    assert (answer.status_code, answer.headers["provenance-decision"]) == (200, decision)


def test_a_file_without_credentials_is_for_review(client, original):
    assert client.post("/v1/verify", content=original).headers["provenance-decision"] == "review"


@pytest.mark.parametrize(
    ("written", "kind", "begins"),
    [
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
        ("sarif", "application/sarif+json", "{"),
        ("junit", "application/xml", "<?xml"),
        ("csv", "text/csv; charset=utf-8", ""),
        ("markdown", "text/markdown; charset=utf-8", ""),
    ],
)
def test_reports_are_written_as_asked(client, signed, written, kind, begins):
    answer = client.post("/v1/verify", content=signed.content, params={"format": written})
    assert answer.headers["content-type"] == kind
    assert answer.text.lower().startswith(begins)


def test_another_day_and_another_policy(client, signed):
    before = (datetime.now(UTC) - timedelta(days=900)).isoformat()
    answer = client.post("/v1/verify", content=signed.content, params={"at": before, "policy": "own-output"}).json()
    (file,) = answer["files"]
    assert file["as_of"] is not None
    assert file["policy"]["name"] == "own-output"


def test_facts_alone_judge_nothing(client, signed):
    facts = client.post("/v1/inspect", content=signed.content).json()["file"]
    assert facts["facets"]["signature"]["state"] == "valid"
    assert not {"decision", "findings", "policy"} & set(facts)


def test_a_stripped_copy_is_recovered(client, signed):
    with Image.open(BytesIO(signed.content)) as picture:
        copy = BytesIO()
        picture.resize((picture.width // 2, picture.height // 2)).save(copy, "JPEG", quality=70)
    answer = client.post("/v1/verify", content=copy.getvalue(), params={"recover": True}).json()
    (file,) = answer["files"]
    assert file["decision"] == "review"
    assert file["recovered"]["found"][0]["manifest"] == signed.headers["provenance-manifest"]


def test_a_verdict_is_recorded_when_asked(client, signed, keys):
    asked = {"content": signed.content, "params": {"record": True, "name": "noted.jpg"}}
    assert client.post("/v1/verify", **asked).status_code == 401
    client.post("/v1/verify", **asked, headers=as_key(keys["verify"]))
    record = signed.headers["provenance-record"]
    checks = client.get(f"/v1/assets/{record}", headers=as_key(keys["assets"])).json()["checks"]
    assert ("accepted", "noted.jpg") in {(item["decision"], item["name"]) for item in checks}


# ---- what is kept


def test_a_report_is_kept(client, signed):
    answer = client.post("/v1/verify", content=signed.content, params={"format": "html"})
    again = client.get(answer.headers["location"])
    assert again.json()["decision"] == "accepted"
    page = client.get(answer.headers["location"], params={"format": "html"})
    assert page.text == answer.text
    assert "sandbox" in page.headers["content-security-policy"]
    history = client.get(f"/v1/history/{answer.headers['provenance-report']}").json()
    assert history["history"]["edits"][0]["id"] == signed.headers["provenance-manifest"]
    drawn = client.get(f"/v1/history/{answer.headers['provenance-report']}", params={"format": "svg"})
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg")


def test_evidence_is_kept_where_it_is_wanted(client, signed, place, tmp_path):
    answer = client.post("/v1/verify", content=signed.content, params={"evidence": True, "name": "harbour.jpg"})
    pack = client.get(answer.headers["location"], params={"format": "evidence"})
    assert pack.headers["content-type"] == "application/zip"
    (tmp_path / "harbour.jpg").write_bytes(signed.content)
    (tmp_path / "harbour.zip").write_bytes(pack.content)
    space = Workspace(Settings(home=str(place)))
    replay = space.replay(tmp_path / "harbour.zip", asset=tmp_path / "harbour.jpg")
    assert replay.verdict.decision is Decision.ACCEPTED
    without = client.post("/v1/verify", content=signed.content)
    assert client.get(without.headers["location"], params={"format": "evidence"}).status_code == 406


def test_a_report_is_printed_where_something_prints(client, signed):
    answer = client.post("/v1/verify", content=signed.content, params={"format": "html"})
    printed = client.get(answer.headers["location"], params={"format": "pdf"})
    if importlib.util.find_spec("weasyprint") is None:
        assert printed.status_code == 501
    else:
        assert printed.content.startswith(b"%PDF-")
        assert b"/Image" in printed.content  # the pictures in it are there too


def test_nothing_is_kept_unless_wanted(client, signed):
    answer = client.post("/v1/verify", content=signed.content, params={"keep": False})
    assert "location" not in answer.headers


def test_files_are_compared(client, signed, original):
    files = {"one": ("a.jpg", original, "image/jpeg"), "other": ("b.jpg", signed.content, "image/jpeg")}
    answer = client.post("/v1/compare", files=files)
    assert answer.status_code == 200, answer.text
    assert {"a.jpg", "b.jpg"} <= set(answer.json()["files"])


def test_the_catalogue_is_searched_page_by_page(client, signed, keys, original):
    headers = as_key(keys["assets"])
    client.post("/v1/sign", content=original, headers=as_key(keys["sign"]))
    found = client.get("/v1/assets", params={"text": "harbour"}, headers=headers).json()
    assert signed.headers["provenance-record"] in [item["id"] for item in found["assets"]]
    every = [item["id"] for item in client.get("/v1/assets", params={"limit": 500}, headers=headers).json()["assets"]]
    pages, before = [], {}
    while True:
        page = client.get("/v1/assets", params={"limit": 1, **before}, headers=headers).json()
        pages += [item["id"] for item in page["assets"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert pages == every
    assert len(every) > 1
    proof = client.get(f"/v1/assets/{signed.headers['provenance-record']}/proof", headers=headers).json()
    assert proof["holds"] is True
    assert client.get("/v1/assets").status_code == 401


# ---- manifests and soft bindings


def test_the_repository_serves_what_a_remote_address_names(client, signed):
    label = signed.headers["provenance-manifest"]
    answer = client.get(f"/v1/manifests/{label}")
    assert answer.headers["content-type"] == "application/c2pa"
    assert label.encode() in answer.content
    alone = client.get(f"/v1/manifests/{label}", params={"returnActiveManifest": True})
    assert len(alone.content) <= len(answer.content)
    assert client.get("/v1/manifests/urn:c2pa:F9168C5E-CEB2-4FAA-B6BF-329BF39FA1E4").status_code == 404
    assert client.get("/v1/manifests/..%2f..%2fetc%2fpasswd").status_code == 404


def test_soft_bindings_are_resolved(client, signed, place):
    label = signed.headers["provenance-manifest"]
    by_content = client.post("/v1/matches/byContent", content=signed.content).json()
    assert by_content["matches"][0] == {"manifestId": label, "similarityScore": 100}
    from provenance.workspace import bindings

    space = Workspace(Settings(home=str(place)))
    store = space.inspect(signed.content).store
    stated = next(item for item in bindings.stated(store.manifests[store.active]) if item.algorithm == ISCC)
    value = b64encode(stated.value).decode()
    for answer in (
        client.get("/v1/matches/byBinding", params={"alg": ISCC, "value": value}),
        client.post("/v1/matches/byBinding", json={"alg": ISCC, "value": value}),
    ):
        assert answer.json()["matches"][0]["manifestId"] == label
    assert client.get("/v1/matches/byBinding", params={"alg": ISCC, "value": "!"}).status_code == 400
    assert client.get("/v1/services/supportedAlgorithms").json()["fingerprints"] == [{"alg": ISCC}]


# ---- what is wrong


@pytest.mark.parametrize(
    ("content", "params", "status"),
    [
        (b"", {}, 400),
        (b"no picture at all", {}, 415),
        (b"\xff\xd8\xff\xe0 torn", {"policy": "nobody"}, 422),
        (b"x", {"policy": "../../etc/passwd"}, 422),
        (b"x", {"formta": "json"}, 422),
        (b"x", {"at": "yesterday"}, 422),
        (b"x", {"trust_list": "none-such"}, 422),
    ],
    ids=["empty", "text", "no policy", "a path", "misspelt", "no time", "no list"],
)
def test_what_is_wrong_is_named(client, content, params, status):
    answer = client.post("/v1/verify", content=content, params=params)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://localhost/a.jpg",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.jpg",
        "https://10.0.0.1/a.jpg",
        "file:///etc/passwd",
        "https://user:secret@example.com/a.jpg",
    ],
)
def test_no_address_leads_inside(client, url):
    answer = client.post("/v1/verify", json={"url": url})
    assert answer.status_code == 422
    assert "root:" not in answer.text


def test_every_answer_forbids_what_a_page_does_not_need(client, signed):
    for answer in (client.get("/healthz"), client.get("/v1/reports/" + "0" * 26), client.get("/nowhere")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-request-id"]


# ---- operation


def test_health_and_numbers(client, keys, signed):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200, ready.text
    assert client.get("/metrics").status_code == 401
    numbers = client.get("/metrics", headers=as_key(keys["admin"])).text
    assert "provenance_" in numbers


def test_the_log_says_who_did_what_and_no_more(server, client, signed, keys, original):
    client.post("/v1/sign", content=original, headers=as_key(keys["sign"]), params={"title": "A secret title"})
    lines = server.logged()
    signing = [line for line in lines if line.get("route") == "/v1/sign" and line["status"] == 200]
    assert signing
    assert all(line["caller"] for line in signing)
    text = json.dumps(lines)
    assert "A secret title" not in text
    assert not any(secret in text for secret in keys.values())


def test_many_at_once_are_all_answered(client, server, signed):
    def ask(number):
        return httpx.post(
            f"{server.url}/v1/verify", content=signed.content, params={"name": f"{number}.jpg"}, timeout=60
        )

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(48)))
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["files"][0]["file"] for answer in answers] == [f"{number}.jpg" for number in range(48)]


def test_it_ends_when_it_is_told_to(place):
    with serving(place, "[service]\nworkers = 1\n") as running:
        assert httpx.get(f"{running.url}/healthz").status_code == 200
        assert running.stop() == 0
