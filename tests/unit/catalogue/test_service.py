"""What a service must remember: keys by the digests of their secrets, and reports until their time has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from provenance.catalogue import Catalogue, migrating, reports
from provenance.catalogue.database import Database
from provenance.errors import CatalogueError
from provenance.model.record import new_id
from provenance.model.service import ApiKey, NewKey, Rate, ReportKind, Scope, StoredReport, new_token
from provenance.model.verdict import Decision
from tests.support.catalogue import AT, alter, an_id, digest


def a_key(name="desk", at=AT, **more):
    told = {"scopes": (Scope.VERIFY,), "created_at": at}
    made, token = new_token(at)
    return NewKey(key=ApiKey(id=made, name=name, **told | more), token=token)


FULL = {
    "scopes": (Scope.SIGN, Scope.ADMIN),
    "identities": ("Example News", "Straße"),
    "rate": Rate(count=60, seconds=60),
    "expires_at": AT + timedelta(days=90),
}


@pytest.mark.parametrize("more", [{}, FULL], ids=["sparse", "full"])
def test_a_key_comes_back_as_it_was_and_its_secret_does_not(more, catalogue):
    made = a_key(**more)
    catalogue.keys.add(made)
    assert catalogue.keys.find(made.key.id) == (made.key, made.digest)
    assert catalogue.keys.find(an_id(1)) is None


def test_no_secret_is_in_the_database(file_catalogue):
    made = a_key()
    with Catalogue.open(file_catalogue) as catalogue:
        catalogue.keys.add(made)
    folder = file_catalogue.removeprefix("sqlite:///").rpartition("/")[0]
    secret = made.token.rpartition("_")[2].encode()
    assert all(secret not in path.read_bytes() for path in Path(folder).iterdir())


def test_keys_are_listed_the_last_one_first(catalogue):
    one, two = a_key("one"), a_key("two", at=AT + timedelta(seconds=1))
    catalogue.keys.add(one)
    catalogue.keys.add(two)
    assert [item.name for item in catalogue.keys.every()] == ["two", "one"]


def test_a_key_is_revoked_once_and_stays_listed(catalogue):
    made = a_key()
    catalogue.keys.add(made)
    assert catalogue.keys.revoke(made.key.id, at=AT)
    assert catalogue.keys.revoke(made.key.id, at=AT + timedelta(days=1))
    assert not catalogue.keys.revoke(an_id(1), at=AT)
    assert [item.revoked_at for item in catalogue.keys.every()] == [AT]


def test_when_a_key_was_last_used_only_moves_forward(catalogue):
    made = a_key()
    catalogue.keys.add(made)
    for seconds in (60, 0):
        catalogue.keys.used(made.key.id, at=AT + timedelta(seconds=seconds))
    assert catalogue.keys.every()[0].last_used_at == AT + timedelta(seconds=60)


@pytest.mark.parametrize("column", ["scopes = '[\"all\"]'", "rate = 'often'", "scopes = '[]'"])
def test_a_key_that_somebody_altered_opens_nothing(column, catalogue, url):
    made = a_key()
    catalogue.keys.add(made)
    alter(url, f"UPDATE api_keys SET {column}")
    with pytest.raises(CatalogueError, match="a row was altered"):
        catalogue.keys.find(made.key.id)


def test_keys_and_reports_leave_the_ledger_as_it_is(catalogue):
    before = catalogue.head()
    catalogue.keys.add(a_key())
    catalogue.reports.put(a_report())
    assert catalogue.head() == before


# ---- reports


def a_report(number=1, **more):
    at = AT + timedelta(minutes=number)
    told = {
        "id": new_id(at),
        "kind": ReportKind.VERDICT,
        "at": at,
        "caller": None,
        "name": f"{number}.jpg",
        "decision": Decision.ACCEPTED,
        "digest": digest(f"{number}"),
        "expires_at": at + timedelta(days=30),
        "texts": {"json": f'{{"file": "{number}"}}', "html": "<p>Straße 🙂</p>"},
    }
    return StoredReport(**told | more)


SPARSE = {"texts": {"json": "{}"}, "decision": None, "digest": None, "kind": ReportKind.SIGNING, "caller": "K"}


@pytest.mark.parametrize("more", [{}, SPARSE], ids=["full", "sparse"])
def test_a_report_comes_back_as_it_was(more, catalogue):
    report = a_report(**more)
    catalogue.reports.put(report)
    assert catalogue.reports.get(report.id) == report
    assert catalogue.reports.get(an_id(1)) is None


def test_texts_are_kept_by_their_forms_and_odd_names_are_written_out(catalogue):
    report = a_report(name="\udcff\0.jpg", texts={"json": "{}", "csv": "a,b"})
    catalogue.reports.put(report)
    found = catalogue.reports.get(report.id)
    assert (found.texts, found.name) == ({"json": "{}", "csv": "a,b"}, "\\udcff\\x00.jpg")


def test_the_last_reports_come_first_and_without_their_texts(catalogue):
    for number in (2, 1, 3):
        catalogue.reports.put(a_report(number))
    catalogue.reports.put(a_report(4, kind=ReportKind.SIGNING))
    names = [item.name for item in catalogue.reports.recent(limit=3)]
    assert names == ["4.jpg", "3.jpg", "2.jpg"]
    found = catalogue.reports.recent(ReportKind.VERDICT, limit=9)
    assert [item.name for item in found] == ["3.jpg", "2.jpg", "1.jpg"]
    assert found[0] == replace(a_report(3), id=found[0].id, texts={})


def test_reports_go_when_their_time_has_come(catalogue, monkeypatch):
    monkeypatch.setattr(reports, "GROUP", 2)
    for number in range(1, 8):
        catalogue.reports.put(a_report(number))
    last = a_report(5).expires_at
    assert catalogue.reports.prune(last) == 5
    assert catalogue.reports.prune(last) == 0
    assert [item.name for item in catalogue.reports.recent(limit=9)] == ["7.jpg", "6.jpg"]


def test_a_report_is_forgotten_when_asked(catalogue):
    report = a_report()
    catalogue.reports.put(report)
    assert catalogue.reports.delete(report.id)
    assert not catalogue.reports.delete(report.id)
    assert catalogue.reports.get(report.id) is None


def test_keys_and_reports_move_along_with_a_catalogue(catalogue, new_url):
    made, report = a_key(), a_report()
    catalogue.keys.add(made)
    catalogue.reports.put(report)
    with Catalogue.create(new_url) as other:
        catalogue.copy_to(other)
        assert other.keys.find(made.key.id) == (made.key, made.digest)
        assert other.reports.get(report.id) == report


def test_a_version_before_services_loses_what_only_they_keep(new_url):
    with Catalogue.create(new_url) as catalogue:
        catalogue.keys.add(a_key())
    database = Database(new_url)
    migrating.downgrade(database, "0003")
    migrating.upgrade(database)
    database.close()
    with Catalogue.open(new_url) as catalogue:
        assert catalogue.keys.every() == []
