"""The reports that a service keeps, until their time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from provenance import codec
from provenance.catalogue.canonical import storable
from provenance.catalogue.schema import reports
from provenance.model.service import ReportKind, StoredReport
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping

    from provenance.catalogue.database import Database

GROUP: Final = 500
"""Reports that go in one transaction."""
_FACTS: Final = [column for column in reports.c if column is not reports.c.texts]


class Reports:
    """The reports in a catalogue. Threads may share it; every method raises `CatalogueError`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are there."""
        self._database = database

    def put(self, report: StoredReport) -> None:
        """Keep a report."""
        row = {
            "id": report.id,
            "kind": report.kind.value,
            "at": report.at,
            "caller": report.caller,
            "name": storable(report.name),
            "decision": None if report.decision is None else report.decision.value,
            "digest": report.digest,
            "expires_at": report.expires_at,
            "texts": storable(codec.to_json(dict(report.texts), indent=0)),
        }
        with self._database.locking() as connection:
            connection.execute(insert(reports), row)

    def get(self, name: str) -> StoredReport | None:
        """Return the report of an id."""
        with self._database.reading() as connection:
            row = connection.execute(select(reports).where(reports.c.id == name)).mappings().first()
        return None if row is None else _report_of(row, codec.from_json(row["texts"], dict[str, str]))

    def recent(self, kind: ReportKind | None = None, *, limit: int) -> list[StoredReport]:
        """Return the last reports, of one kind when it is given, the last one first and without their texts."""
        wanted = select(*_FACTS).order_by(reports.c.at.desc(), reports.c.id.desc()).limit(limit)
        if kind is not None:
            wanted = wanted.where(reports.c.kind == kind.value)
        with self._database.reading() as connection:
            return [_report_of(row, {}) for row in connection.execute(wanted).mappings()]

    def delete(self, name: str) -> bool:
        """Forget a report, and say whether it was there."""
        with self._database.locking() as connection:
            return bool(connection.execute(delete(reports).where(reports.c.id == name)).rowcount)

    def prune(self, before: datetime) -> int:
        """Forget the reports whose time had come by then, and return how many went."""
        old = select(reports.c.id).where(reports.c.expires_at <= before).limit(GROUP)
        total = 0
        while True:
            with self._database.locking() as connection:
                names = connection.execute(old).scalars().all()
                # Another server may have taken them away already.
                total += connection.execute(delete(reports).where(reports.c.id.in_(names))).rowcount
            if len(names) < GROUP:
                return total


def _report_of(row: RowMapping, texts: Mapping[str, str]) -> StoredReport:
    """Make a report from its row. Raises `ValueError` for a row that no report was ever written as."""
    fields = {key: value for key, value in row.items() if key != "texts"}
    fields["kind"] = ReportKind(row["kind"])
    fields["decision"] = None if row["decision"] is None else Decision(row["decision"])
    return StoredReport(**fields, texts=texts)
