"""Catalogues to test with: a file, and a real PostgreSQL where one listens on loopback."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from provenance.model.fingerprints import Fingerprint
from provenance.model.record import Check, Described, Operation, Parent, Record, Recording
from provenance.model.verdict import Decision

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SERVER = os.environ.get("PROVENANCE_TEST_POSTGRESQL", "postgresql+psycopg://root@127.0.0.1:5432/test")
"""Where schemas of our own can be made."""


@cache
def why_no_server() -> str | None:
    """Return why there is no PostgreSQL, or `None` where there is one."""
    try:
        import psycopg
    except ImportError as error:
        return str(error)
    try:
        psycopg.connect(SERVER.replace("+psycopg", ""), connect_timeout=2).close()
    except psycopg.Error as error:
        return f"no PostgreSQL: {str(error).splitlines()[0]}"
    return None


def on_server(statement: str) -> None:
    """Run one statement beside the catalogue."""
    import psycopg

    with psycopg.connect(SERVER.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def in_schema(name: str) -> str:
    """Return the address of a schema, which then is all that a catalogue sees."""
    return f"{SERVER}?options=-csearch_path%3D{name}"


def digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def an_id(number: int) -> str:
    return f"{number:026d}"


def a_record(number: int = 1, **more: Any) -> Record:
    told: dict[str, Any] = {
        "id": an_id(number),
        "recorded_at": AT + timedelta(minutes=number),
        "operation": Operation.SIGNED,
        "label": f"urn:c2pa:{number}",
        "manifest": digest(f"store {number}"),
        "media_type": "image/jpeg",
        "size": 1000 + number,
    }
    return Record(**told | more)


def a_full_record(number: int = 1) -> Record:
    """Return a record in which nothing is absent."""
    return a_record(
        number,
        operation=Operation.DERIVED,
        source=digest(f"source {number}"),
        output=digest(f"output {number}"),
        bare=digest(f"bare {number}"),
        width=4000,
        height=3000,
        title="Straße in Zürich",
        signer="Example News",
        certificate=digest("certificate"),
        signed_at=AT + timedelta(seconds=number, microseconds=7),
        attested_at=AT + timedelta(seconds=number + 1),
        source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
        described=Described(
            creators=("Ann Example", "Bob Example"),
            caption="A street, early",
            credit="Example News",
            rights="© Example",
            device="Maker Model 1",
            captured_at="2026-05-01T06:00:00",
            place="Zürich, Switzerland",
        ),
        parents=(Parent(label="urn:c2pa:parent", record=an_id(900)), Parent(label=None)),
        written_to=f"out/{number}.jpg",
        asked_by="ann@desk",
    )


def kept(record: Record, *prints: Fingerprint) -> Recording:
    """Return a record of this module with its manifest store."""
    return Recording(record=record, store=f"store {int(record.id)}".encode(), fingerprints=prints)


def a_recording(number: int = 1, **more: Any) -> Recording:
    return kept(a_record(number, **more))


def recordings(count: int, first: int = 1) -> list[Recording]:
    return [a_recording(number) for number in range(first, first + count)]


def a_print(value: bytes = b"\1" * 32, method: str = "io.iscc.v0", variant: str = "") -> Fingerprint:
    return Fingerprint(method=method, variant=variant, value=value)


def a_check(number: int = 1, **more: Any) -> Check:
    told: dict[str, Any] = {
        "id": an_id(number),
        "at": AT + timedelta(hours=number),
        "digest": digest(f"output {number}"),
        "decision": Decision.ACCEPTED,
        "policy": "standard 1",
        "policy_digest": digest("policy"),
        "lists": (digest("list one"), digest("list two")),
        "name": f"in/{number}.jpg",
        "reasons": ("signer.trusted", "signingCredential.untrusted"),
        "asked_by": "ann@desk",
    }
    return Check(**told | more)


def alter(url: str, *statements: str) -> None:
    """Change a catalogue behind its back, as somebody could who has access to the database."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
