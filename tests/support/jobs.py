"""Jobs and deliveries to test with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from provenance.model.jobs import JobKind, NewDelivery, NewItem, NewJob, Result
from tests.support.catalogue import AT, an_id, digest

SPOOL = "spool"
RECEIVER = digest("https://receiver.example/hook")
DONE = Result(decision="accepted", digest=digest("file"), report=an_id(9))


def later(seconds: float) -> Any:
    return AT + timedelta(seconds=seconds)


def a_job(number: int = 1, **more: Any) -> NewJob:
    told: dict[str, Any] = {
        "id": an_id(number),
        "kind": JobKind.VERIFY,
        "at": AT,
        "caller": "key",
        "asked_by": "desk",
        "spool": SPOOL,
        "order": "{}",
    }
    return NewJob(**told | more)


def files(count: int, **more: Any) -> list[NewItem]:
    return [NewItem(**{"name": f"{number}.jpg", "planned": f"planned {number}", **more}) for number in range(count)]


def a_delivery(number: int = 1, **more: Any) -> NewDelivery:
    told: dict[str, Any] = {
        "id": f"msg_{number:04d}",
        "receiver": RECEIVER,
        "place": "receiver.example",
        "kind": "verdict.made",
        "at": AT,
        "body": '{"type":"verdict.made"}',
    }
    return NewDelivery(**told | more)


def nothing(_job: object) -> list[NewDelivery]:
    return []
