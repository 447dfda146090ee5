"""What is counted, as Prometheus reads it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from provenance.errors import CatalogueUnavailable
from provenance.model.jobs import Counts
from provenance.model.trust import Purpose
from provenance.model.verdict import Decision
from provenance.settings import Settings
from provenance.trust import Wanted
from provenance.web.metrics import Metrics
from provenance.web.workers.pools import Pool, PoolState, State
from provenance.workspace import Workspace
from tests.support.list_server import FIRST


def a_service(space, counts=lambda: Counts(queued=3, running=1)):
    pool = PoolState(waiting=4, at_work=2, workers=2, done=9, lost=1, lacking=())
    return SimpleNamespace(
        shelter=SimpleNamespace(state=lambda: State(pools={Pool.CLOSED: pool})),
        catalogue=SimpleNamespace(jobs=SimpleNamespace(counts=counts)),
        space=space,
    )


def read(metrics, service):
    """All samples by their names and labels."""
    families = text_string_to_metric_families(metrics.written(service).decode())
    samples = [sample for family in families for sample in family.samples]
    return {(item.name, *(value for _, value in sorted(item.labels.items()))): item.value for item in samples}


def test_what_was_done_is_counted(workspace):
    metrics = Metrics()
    for status in (200, 200, None):
        metrics.request(method="GET", route="/v1/x/{id}", status=status, seconds=0.02, received=10)
    metrics.request(method="BREW\n", route=None, status=404, seconds=0.001, received=0)
    metrics.verdict(Decision.REVIEW)
    metrics.verdict(None)
    metrics.signed()
    metrics.delivered("sent")
    found = read(metrics, a_service(workspace))
    wanted = {
        ("provenance_requests_total", "GET", "/v1/x/{id}", "200"): 2,
        ("provenance_requests_total", "GET", "/v1/x/{id}", "none"): 1,
        ("provenance_requests_total", "other", "none", "404"): 1,
        ("provenance_request_seconds_bucket", "0.01", "/v1/x/{id}"): 0,
        ("provenance_request_seconds_bucket", "0.025", "/v1/x/{id}"): 3,
        ("provenance_received_bytes_total",): 30,
        ("provenance_verdicts_total", "review"): 1,
        ("provenance_verdicts_total", "none"): 1,
        ("provenance_signings_total",): 1,
        ("provenance_webhook_deliveries_total", "sent"): 1,
    }
    assert {name: found[name] for name in wanted} == wanted


def test_how_the_service_is_doing_is_looked_at_when_somebody_asks(workspace):
    found = read(Metrics(), a_service(workspace))
    wanted = {
        ("provenance_queue_waiting", "closed"): 4,
        ("provenance_workers_busy", "closed"): 2,
        ("provenance_workers", "closed"): 2,
        ("provenance_workers_lost_total", "closed"): 1,
        ("provenance_job_items", "queued"): 3,
        ("provenance_job_items", "running"): 1,
        ("provenance_catalogue_up",): 1,
    }
    assert {name: found[name] for name in wanted} == wanted
    ends = workspace.identities.get("Example News").not_after
    assert found["provenance_identity_expires_timestamp_seconds", "Example News"] == ends.timestamp()


def test_a_list_says_when_its_source_was_asked(tmp_path):
    space = Workspace(Settings(home=str(tmp_path)))
    path = tmp_path / "list.pem"
    path.write_text(FIRST)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    wanted = Wanted(source=str(path), purpose=Purpose.SIGNER)
    for name in ("attic", "house"):
        space.trust_store.add(name, wanted, at=at, fetch=None)
    next((space.trust_store.directory / "attic").rglob("*.json")).write_text("{")
    found = read(Metrics(), a_service(space))
    told = {name[1]: value for name, value in found.items() if name[0].startswith("provenance_trust_list")}
    assert told == {"house": at.timestamp()}


def test_while_the_catalogue_is_away_there_is_no_number_of_jobs(workspace):
    def away():
        raise CatalogueUnavailable("locked")

    found = read(Metrics(), a_service(workspace, away))
    assert found["provenance_catalogue_up",] == 0
    assert not any(name[0] == "provenance_job_items" for name in found)


@pytest.mark.parametrize("name", ["process_resident_memory_bytes", "process_open_fds"])
def test_what_the_process_takes_is_told(name, workspace):
    assert read(Metrics(), a_service(workspace))[name,] > 0


def test_the_documentation_names_what_there_is(workspace):
    text = (Path(__file__).parents[3] / "docs" / "service-callers.md").read_text()
    named = set(re.findall(r"`(provenance_\w+)`", text))
    families = text_string_to_metric_families(Metrics().written(a_service(workspace)).decode())
    there = {item.name + ("_total" if item.type == "counter" else "") for item in families}
    assert named == {name for name in there if name.startswith("provenance_")}
