"""What is counted, for Prometheus: in a registry of its own, with labels whose values nobody outside chooses."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from provenance import codec
from provenance.errors import CatalogueError, ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from provenance.model.verdict import Decision
    from provenance.web.service import Service
    from provenance.workspace import Workspace

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """What one server has counted since it began. Threads may share it."""

    def __init__(self) -> None:
        # When each was first counted: as many lines again, which nobody asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("provenance_requests", "Requests.", ("method", "route", "status"), registry=registry)
        self._seconds = Histogram(
            "provenance_request_seconds", "How long requests took.", ("route",), buckets=_SECONDS, registry=registry
        )
        self._received = Counter("provenance_received_bytes", "Bytes of bodies of requests.", registry=registry)
        self._verdicts = Counter("provenance_verdicts", "Verdicts.", ("decision",), registry=registry)
        self._signings = Counter("provenance_signings", "Files that were signed.", registry=registry)
        self._deliveries = Counter(
            "provenance_webhook_deliveries", "Attempts to tell a receiver.", ("outcome",), registry=registry
        )

    def request(self, *, method: str, route: str | None, status: int | None, seconds: float, received: int) -> None:
        """Count a request; without a route, nothing was there, and without a status, nobody waited for the answer."""
        where = route or "none"
        labels = (method if method in _METHODS else "other", where, "none" if status is None else str(status))
        self._requests.labels(*labels).inc()
        self._seconds.labels(where).observe(seconds)
        self._received.inc(received)

    def verdict(self, decision: Decision | None) -> None:
        """Count a verdict; `None` where nothing was judged."""
        self._verdicts.labels("none" if decision is None else decision.value).inc()

    def signed(self) -> None:
        """Count a file that was signed."""
        self._signings.inc()

    def delivered(self, outcome: str) -> None:
        """Count an attempt to tell a receiver, by what became of it: one of a few words."""
        self._deliveries.labels(outcome).inc()

    def written(self, service: Service) -> bytes:
        """Write down what was counted, and how the service is doing now (text format 0.0.4). It reads files."""
        return generate_latest(self._registry) + generate_latest(_Present(service))


class _Present:
    """What is looked at when somebody asks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Give what there is to say."""
        yield from _workers(self._service)
        yield from _kept(self._service)
        yield _lists(self._service.space)
        yield _identities(self._service.space)


def _workers(service: Service) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("provenance_queue_waiting", "Calls that wait for a worker.", labels=("pool",))
    busy = GaugeMetricFamily("provenance_workers_busy", "Calls that are worked on.", labels=("pool",))
    there = GaugeMetricFamily("provenance_workers", "Processes that can work at once.", labels=("pool",))
    lost = CounterMetricFamily("provenance_workers_lost", "Workers that died or took too long.", labels=("pool",))
    for pool, state in service.shelter.state().pools.items():
        waiting.add_metric((pool.value,), state.waiting)
        busy.add_metric((pool.value,), state.at_work)
        there.add_metric((pool.value,), state.workers)
        lost.add_metric((pool.value,), state.lost)
    yield from (waiting, busy, there, lost)


def _kept(service: Service) -> Iterator[Metric]:
    """Say whether the catalogue answers; where it does not, there is no number of jobs, rather than none of them."""
    jobs = GaugeMetricFamily("provenance_job_items", "Files of jobs.", labels=("state",))
    try:
        counted = codec.to_plain(service.catalogue.jobs.counts())
    except CatalogueError:
        yield GaugeMetricFamily("provenance_catalogue_up", "Whether the catalogue answers.", value=0)
        return
    for state, count in counted.items():
        jobs.add_metric((state,), count)
    yield GaugeMetricFamily("provenance_catalogue_up", "Whether the catalogue answers.", value=1)
    yield jobs


def _lists(space: Workspace) -> Metric:
    name = "provenance_trust_list_checked_timestamp_seconds"
    told = GaugeMetricFamily(name, "When the source of a trust list was last asked.", labels=("list",))
    # What cannot be read is reported where it is used; here it is missing, which an alert can ask for.
    with suppress(ProvenanceError):
        for item in space.trust_store.names():
            with suppress(ProvenanceError):
                told.add_metric((item,), space.trust_store.get(item).checked.timestamp())
    return told


def _identities(space: Workspace) -> Metric:
    name = "provenance_identity_expires_timestamp_seconds"
    told = GaugeMetricFamily(name, "When the certificate of an identity expires.", labels=("identity",))
    for item in space.identities.names():
        with suppress(ProvenanceError):
            if ends := space.identities.get(item).not_after:
                told.add_metric((item,), ends.timestamp())
    return told
