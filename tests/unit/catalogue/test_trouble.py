"""Whatever goes wrong, nothing is lost, nothing is there twice, and it is said what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from multiprocessing import get_context

import pytest
from sqlalchemy import create_engine, event, make_url, text

from provenance.catalogue import Catalogue
from provenance.catalogue.recorder import Recorder
from provenance.catalogue.spool import Spool
from provenance.errors import CatalogueError, CatalogueUnavailable, OutputError, OutputExists
from provenance.model.ledger import ProblemKind
from provenance.model.record import Query
from tests.support.catalogue import a_check, a_print, a_record, a_recording, an_id, digest, kept, recordings
from tests.support.proxy import Proxy


@contextmanager
def held(url):
    """Hold what a writer needs."""
    engine = create_engine(url)
    is_file = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_file:
            connection.connection.driver_connection.isolation_level = None
        connection.execute(text("BEGIN IMMEDIATE" if is_file else "LOCK TABLE ledger IN EXCLUSIVE MODE"))
        yield
        connection.rollback()
    engine.dispose()


def ids(catalogue):
    return sorted(int(item.id) for item in catalogue.find(Query()))


# ---- locked, full, down


def test_a_locked_catalogue_is_read_and_whoever_writes_is_told(url):
    with Catalogue.open(url, wait=0.1) as catalogue:
        catalogue.add([a_recording(1)])
        with held(url):
            assert catalogue.get(an_id(1)) == a_record(1)
            with pytest.raises(CatalogueUnavailable, match=r"locked|lock timeout") as caught:
                catalogue.add([a_recording(2)])
            assert caught.value.hint
        assert catalogue.add([a_recording(2)]) == 1


def test_a_full_disk_leaves_what_was_there(file_catalogue):
    with Catalogue.open(file_catalogue) as catalogue:
        catalogue.add(recordings(3))
        engine = catalogue._database.engine
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 60"))
        engine.dispose()
        big = replace(a_recording(4), store=b"x" * 400_000)
        with pytest.raises(CatalogueUnavailable, match=r"database or disk is full .*make room"):
            catalogue.add([a_recording(5), _with_its_digest(big)])
        assert ids(catalogue) == [1, 2, 3]
        assert catalogue.add([a_recording(5)]) == 1


def _with_its_digest(recording):
    return replace(recording, record=replace(recording.record, manifest=digest(recording.store)))


@pytest.fixture
def proxy(server_catalogue):
    url = make_url(server_catalogue)
    with Proxy(url.host, url.port) as found:
        yield found


@pytest.fixture
def through_proxy(proxy, server_catalogue):
    return server_catalogue.replace(":5432", f":{proxy.port}")


def test_a_server_that_goes_down_and_comes_back_is_used_again(proxy, through_proxy):
    with Catalogue.open(through_proxy) as catalogue:
        catalogue.add([a_recording(1)])
        proxy.down()
        with pytest.raises(CatalogueUnavailable, match="see that the database runs"):
            catalogue.add([a_recording(2)])
        with pytest.raises(CatalogueUnavailable):
            catalogue.get(an_id(1))
        proxy.up()
        assert catalogue.add(recordings(2)) == 1


@pytest.mark.parametrize("when", ["LOCK TABLE", "max(manifests.number)", "commit"])
def test_a_connection_that_is_cut_while_it_writes_leaves_all_or_nothing(when, proxy, through_proxy):
    """When it waits for its turn, before rows are sent, before they are there for others."""

    def cut(connection, cursor, statement, *_):
        if when in statement:
            proxy.down()

    with Catalogue.open(through_proxy) as catalogue:
        engine = catalogue._database.engine
        if when == "commit":
            event.listen(engine, "commit", lambda _: proxy.down(), once=True)
        else:
            event.listen(engine, "after_cursor_execute", cut)
        with pytest.raises(CatalogueUnavailable):
            catalogue.add(recordings(3))
        proxy.up()
        when = "never again"
        assert ids(catalogue) in ([], [1, 2, 3])
        catalogue.add(recordings(3))
        assert ids(catalogue) == [1, 2, 3]
        assert catalogue.head().number == 3


# ---- what waits


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "waiting")


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_batch_goes_on_while_the_server_is_down_and_nothing_is_lost(proxy, through_proxy, spool):
    clock = Clock()
    with Recorder(through_proxy, spool, pause=10, clock=clock) as recorder:
        assert recorder.record([kept(a_record(1), a_print())]) is None
        proxy.down()
        assert isinstance(recorder.record([a_recording(2), a_check(1)]), CatalogueUnavailable)
        proxy.up()
        clock.now = 9.9
        assert recorder.record([a_recording(3)]) is not None
        assert len(spool.names()) == 3
        clock.now = 10.0
        assert recorder.record([a_recording(4)]) is None
        assert spool.names() == ()
    with Catalogue.open(through_proxy) as catalogue:
        assert ids(catalogue) == [1, 2, 3, 4]
        assert list(catalogue.checks()) == [a_check(1)]
        assert catalogue.prove(an_id(4)).entry.number == 4


def test_what_waits_is_recorded_as_it_was_and_once(spool, catalogue):
    found = kept(a_record(1, title="caf\udce9"), a_print(b"\0\xff"))
    spool.keep([found, a_check(1)])
    spool.keep([found])
    names = spool.names()
    assert len(names) == 2
    assert spool.flush(catalogue).recorded == 2
    spool.keep([found, a_recording(2)])
    assert spool.flush(catalogue).recorded == 2
    assert ids(catalogue) == [1, 2]
    assert catalogue.get(an_id(1)).title == "caf\\udce9"
    assert [item.fingerprint for item in catalogue.fingerprints()] == [a_print(b"\0\xff")]


def test_what_cannot_be_used_stays_and_holds_up_nothing(spool, catalogue, tmp_path):
    catalogue.add([a_recording(2)])
    spool.keep([a_recording(1), kept(a_record(2, title="another")), a_recording(3)])
    (tmp_path / "waiting" / "recording-00.json").write_text('{"record":')
    (tmp_path / "waiting" / ".recording-01.json.0000.part").write_text("half")
    flushed = spool.flush(catalogue)
    assert flushed.recorded == 2
    assert sorted(item.rpartition("/")[2] for item in flushed.unusable) == [
        "recording-00.json",
        f"recording-{an_id(2)}.json",
    ]
    assert len(spool.names()) == 2
    assert ids(catalogue) == [1, 2, 3]


def test_what_waits_stays_while_the_catalogue_is_away(spool, url):
    with Catalogue.open(url, wait=0.1) as catalogue:
        spool.keep(recordings(2))
        with held(url), pytest.raises(CatalogueUnavailable):
            spool.flush(catalogue)
        assert len(spool.names()) == 2
        assert spool.flush(catalogue).recorded == 2


def test_where_nothing_waits_there_is_no_folder(spool, catalogue, tmp_path):
    assert spool.names() == ()
    assert spool.flush(catalogue).recorded == 0
    assert not (tmp_path / "waiting").exists()


def test_a_spool_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "waiting").write_text("a file")
    with pytest.raises(OutputError, match="can neither be recorded nor kept for later"):
        Spool(tmp_path / "waiting").keep([a_recording(1)])


def test_a_catalogue_that_was_never_made_has_everything_wait(file_url, spool):
    with Recorder(file_url, spool) as recorder:
        assert "there is no catalogue" in str(recorder.record([a_recording(1)]))
    assert len(spool.names()) == 1


# ---- several at once


def write(url, first, done):
    """Write forty records in groups of four, beside others; one of each group everybody writes."""
    with Catalogue.open(url, wait=60) as catalogue:
        for group in range(10):
            own = [a_recording(first + group * 4 + number) for number in range(4)]
            catalogue.add([*own, a_recording(9000 + group)])
    done.put(first)


def test_four_processes_that_write_at_once_lose_nothing(url):
    context = get_context("spawn")
    done = context.Queue()
    writers = [context.Process(target=write, args=(url, first, done)) for first in (1000, 2000, 3000, 4000)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * 4
    with Catalogue.open(url) as catalogue:
        wanted = [first + number for first in (1000, 2000, 3000, 4000) for number in range(40)]
        assert ids(catalogue) == [*wanted, *range(9000, 9010)]
        assert list(catalogue.check(parse=len, expected=catalogue.head())) == []
        assert catalogue.head().number == 170


# ---- backups


def test_a_backup_is_a_catalogue_of_that_moment(file_catalogue, tmp_path):
    target = tmp_path / "copy.db"
    with Catalogue.open(file_catalogue) as catalogue:
        catalogue.add(recordings(3))
        head = catalogue.head()
        catalogue.backup(target)
        catalogue.add(recordings(2, first=4))
        with pytest.raises(OutputExists):
            catalogue.backup(target)
    assert [item.name for item in tmp_path.iterdir() if "copy" in item.name] == ["copy.db"]
    with Catalogue.open(f"sqlite:///{target}") as copy:
        assert list(copy.check(parse=len, expected=head)) == []
        assert copy.head() == head


def test_a_damaged_catalogue_makes_no_backup(file_catalogue, tmp_path):
    target = tmp_path / "copy.db"
    with Catalogue.open(file_catalogue) as catalogue:
        catalogue.add(recordings(300))
    path = tmp_path / "home" / "catalogue.db"
    with path.open("r+b") as stream:
        stream.seek(8192 * 8)
        stream.write(b"\xff" * 8192 * 10)
    with Catalogue.open(file_catalogue) as catalogue, pytest.raises(CatalogueError, match=r"damaged|malformed"):
        catalogue.backup(target)
    assert not target.exists()


@pytest.mark.parametrize("target", ["no/such/folder/copy.db", "home"])
def test_a_backup_that_cannot_be_written_is_an_error(target, file_catalogue, tmp_path):
    with Catalogue.open(file_catalogue) as catalogue, pytest.raises((OutputError, CatalogueError)):
        catalogue.backup(tmp_path / target)


def test_a_server_has_tools_of_its_own_for_backups(server_catalogue, tmp_path):
    with Catalogue.open(server_catalogue) as catalogue, pytest.raises(CatalogueError, match="pg_dump"):
        catalogue.backup(tmp_path / "copy.db")


# ---- evidence in a file


def test_a_manifest_store_that_was_altered_on_disk_is_noticed(file_catalogue, tmp_path):
    with Catalogue.open(file_catalogue) as catalogue:
        catalogue.add(recordings(2))
    path = tmp_path / "home" / "catalogue.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.read_bytes().count(b"store 2") == 1
    path.write_bytes(path.read_bytes().replace(b"store 2", b"stORe 2"))
    with Catalogue.open(file_catalogue) as catalogue:
        (problem,) = catalogue.check(parse=len)
    assert (problem.kind, problem.subject) == (ProblemKind.MANIFEST_ALTERED, digest("store 2"))
