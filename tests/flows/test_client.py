"""The client against a service in a process of its own: the same verdicts, records and errors as the library has."""

from __future__ import annotations

import hashlib

import pytest

from provenance import Decision, Preset, SigningOptions, Workspace, verify
from provenance.client import Client
from provenance.errors import ServiceError, SettingsError, UnsupportedMedia
from provenance.model.jobs import State
from provenance.model.record import Query
from provenance.reports.faces import Format
from provenance.settings import Settings
from tests.support import media
from tests.support.service import new_home, new_key, serving

pytest.importorskip("fastapi", reason="the service needs the extra `web`")


@pytest.fixture(scope="module")
def place(_session_home, tmp_path_factory):
    return new_home(tmp_path_factory.mktemp("client"), _session_home)


@pytest.fixture(scope="module")
def server(place):
    with serving(place, '[service]\nworkers = 2\nrate = "0"\n') as running:
        yield running


@pytest.fixture(scope="module")
def client(server, place):
    key = new_key(place, "--scope", "verify,sign,assets", "--rate", "10000/min")
    with Client(server.url, key) as found:
        yield found


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "photo ü.jpg"
    path.write_bytes(media.jpeg(exif=True))
    return path


@pytest.fixture(scope="module")
def done(client, source, tmp_path_factory):
    output = tmp_path_factory.mktemp("signed") / "signed.jpg"
    options = SigningOptions(preset=Preset.CAPTURE, title="Harbour", source_type="digitalCapture")
    return client.sign(source, output, options)


def test_what_is_signed_there_verifies_here(done, place):
    verdict = verify(done.path, workspace=Workspace(Settings(home=str(place))))
    assert verdict.decision is Decision.ACCEPTED
    assert verdict.inspection.store.active == done.manifest
    assert hashlib.sha256(done.path.read_bytes()).hexdigest() == done.sha256
    assert done.media_type == "image/jpeg"


def test_the_verdict_there_is_the_verdict_here(client, done, place):
    there = client.verify(done.path)
    here = Workspace(Settings(home=str(place))).verify(done.path)
    assert there.decision is here.decision
    assert {name: item.state for name, item in there.file.facets.items()} == {
        name: getattr(here.facets, name).state for name in type(here.facets).__dataclass_fields__
    }
    assert there.file.sha256 == done.sha256
    assert there.file.file == "signed.jpg"


def test_a_report_is_there_again(client, done):
    found = client.verify(done.path.read_bytes())
    assert client.report(found.report) == found.document
    assert client.history(found.report).history == found.file.history
    assert client.verify(done.path, keep=False).report is None
    with pytest.raises(ServiceError) as caught:
        client.report("0" * 26)
    assert caught.value.status == 404


def test_other_formats_and_the_facts_alone(client, done):
    assert "accepted" in client.written(done.path, Format.CSV)
    facts = client.inspect(done.path)
    assert (facts.decision, facts.facets["content"].state) == (None, "intact")


def test_two_files_are_compared(client, done, source):
    found = client.compare(done.path, source)
    assert found.files == ("signed.jpg", "photo ü.jpg")
    assert found.pictures[0].changed == 0


def test_the_catalogue_knows_what_was_signed(client, done):
    listed = list(client.assets(Query(text="Harbour")))
    assert [item.id for item in listed] == [done.record]
    found = client.asset(done.record)
    assert (found.record.label, found.record.output, found.manifest_kept) == (done.manifest, done.sha256, True)
    store = client.manifest(done.record)
    assert hashlib.sha256(store).hexdigest() == found.record.manifest
    assert client.manifest_of(done.manifest) == store
    assert client.proof(done.record).holds()
    assert not list(client.assets(Query(text="nothing is called that")))


def test_records_come_page_by_page_and_each_once(client, source, monkeypatch):
    monkeypatch.setattr("provenance.client.core._PAGE", 2)
    made = [client.sign(source, options=SigningOptions(title=f"Paged {number}")).record for number in range(5)]
    assert [item.id for item in client.assets(Query(text="Paged"))] == made[::-1]
    assert [item.id for item in client.assets(Query(text="Paged", limit=3))] == made[:1:-1]


def test_errors_are_those_of_the_library(client, server, source, tmp_path):
    with pytest.raises(UnsupportedMedia):
        client.verify(b"no picture at all")
    with pytest.raises(SettingsError, match="no policy"):
        client.verify(source, policy="nobody-has-it")
    with Client(server.url) as stranger, pytest.raises(ServiceError) as caught:
        stranger.sign(source, tmp_path / "out.jpg")
    assert (caught.value.status, caught.value.exit_code) == (401, 7)
    assert not (tmp_path / "out.jpg").exists()
    with Client(server.url, "pk_" + "0" * 60) as impostor, pytest.raises(ServiceError):
        impostor.sign(source)


def test_a_job_is_handed_in_waited_for_and_fetched(client, done, source, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture at all")
    job = client.jobs.wait(client.jobs.verify([done.path, source, broken]).id, timeout=60)
    assert (job.state, job.counts.done, job.counts.failed) == (State.DONE, 2, 1)
    first, second, third = client.jobs.results(job.id)
    assert (first.decision, second.decision) == ("accepted", "review")
    assert first.document.files[0].sha256 == done.sha256
    assert isinstance(third.error, UnsupportedMedia)
    signing = client.jobs.wait(client.jobs.sign([source], SigningOptions(title="Job")).id, timeout=60)
    (result,) = client.jobs.results(signing.id)
    brought = client.jobs.fetch(signing.id, 0, tmp_path / "job.jpg")
    assert (brought.record, brought.sha256) == (result.record, result.digest)
    assert client.jobs.cancel(signing.id) is None
