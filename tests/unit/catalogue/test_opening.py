"""A catalogue is opened as what it is: tables are brought up to date both ways, and addresses keep their secrets."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing

import pytest
from sqlalchemy import create_engine, inspect

from provenance.catalogue import Catalogue, is_kept, migrating, url_of
from provenance.catalogue.database import Database
from provenance.catalogue.schema import VERSION_TABLE, VERSIONS, metadata
from provenance.errors import CatalogueError, CatalogueUnavailable
from provenance.model.record import Query
from provenance.settings import CatalogueSettings, Settings
from tests.support.catalogue import a_check, a_print, a_record, a_recording, alter, an_id, kept


@pytest.fixture
def database(new_url):
    found = Database(new_url)
    yield found
    found.close()


def tables(url):
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def version(database):
    with database.reading() as connection:
        return migrating.version(connection)


# ---- versions


def test_the_versions_that_are_known_are_those_that_there_are_steps_for():
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory(str(migrating.FOLDER)).walk_revisions()
    assert tuple(item.revision for item in steps)[::-1] == VERSIONS


def test_the_steps_make_the_tables_that_the_program_knows(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrating.upgrade(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_tables_are_brought_up_and_down_with_what_is_in_them(database, new_url):
    migrating.upgrade(database)
    with Catalogue.open(new_url) as catalogue:
        catalogue.add([kept(a_record(1), a_print())])
        catalogue.add_checks([a_check(1)])
    migrating.downgrade(database, "0001")
    assert version(database) == "0001"
    assert tables(new_url) & {"checks", "fingerprints", "records"} == {"records"}
    migrating.upgrade(database)
    with Catalogue.open(new_url) as catalogue:
        assert list(catalogue.find(Query())) == [a_record(1)]
        assert catalogue.manifest(a_record(1).manifest) == b"store 1"
        assert (catalogue.summary().fingerprints, catalogue.summary().checks) == (0, 0)
        assert catalogue.prove(an_id(1)).holds()
    migrating.downgrade(database, "base")
    assert tables(new_url) == {VERSION_TABLE}
    with pytest.raises(CatalogueError, match="is no catalogue"):
        Catalogue.open(new_url)


def test_an_older_file_is_brought_up_to_date_when_it_is_opened(file_url):
    database = Database(file_url)
    migrating.upgrade(database, "0001")
    database.close()
    with Catalogue.open(file_url) as catalogue:
        assert catalogue.summary().checks == 0


def test_an_older_server_is_brought_up_to_date_by_who_says_so(server_url):
    database = Database(server_url)
    migrating.upgrade(database, "0001")
    with pytest.raises(CatalogueError, match=r"of an older version .*provenance catalogue upgrade"):
        Catalogue.open(server_url)
    assert version(database) == "0001"
    Catalogue.create(server_url).close()
    assert version(database) == VERSIONS[-1]
    database.close()


def test_a_newer_catalogue_is_refused_and_left_alone(url):
    alter(url, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    try:
        for opening in (Catalogue.open, Catalogue.create):
            with pytest.raises(CatalogueError, match=r"newer version of this program \(its tables: 9999\)"):
                opening(url)
        assert "records" in tables(url)
    finally:
        alter(url, f"UPDATE {VERSION_TABLE} SET version_num = '{VERSIONS[-1]}'")


def test_a_step_that_fails_leaves_everything_as_it_was(database, new_url):
    migrating.upgrade(database, "0001")
    alter(new_url, "CREATE TABLE fingerprints (other INTEGER)")
    with pytest.raises(CatalogueError, match=r"fingerprints.* already exists"):
        migrating.upgrade(database)
    assert version(database) == "0001"
    assert "checks" not in tables(new_url)


def test_making_a_catalogue_again_loses_nothing(url):
    with Catalogue.create(url) as catalogue:
        catalogue.add([a_recording(1)])
    with Catalogue.create(url) as catalogue:
        assert catalogue.get(an_id(1)) is not None


# ---- addresses


def test_there_is_a_catalogue_once_it_was_made_or_an_address_was_set(tmp_path):
    home = tmp_path / "odd ?%40 home"
    assert not is_kept("", home)
    Catalogue.create(url_of("", home)).close()
    assert is_kept("", home)
    assert [item.name for item in home.iterdir()] == ["catalogue.db"]
    assert is_kept("postgresql+psycopg://host/db", tmp_path)
    assert url_of("postgresql+psycopg://host/db", home) == "postgresql+psycopg://host/db"


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_a_new_file_is_for_its_owner_alone(file_url, tmp_path):
    Catalogue.create(file_url).close()
    assert stat.S_IMODE((tmp_path / "new" / "catalogue.db").stat().st_mode) == 0o600


SECRET = "s3same"
WRONG = {
    "nothing": ("", "cannot be read"),
    "a word": (f"word{SECRET}", "cannot be read"),
    "a path": (f"/srv/{SECRET}.db", "cannot be read"),
    "another database": (f"mysql://me:{SECRET}@host/db", "'mysql' is no database for a catalogue"),
    "another driver": (f"postgresql+psycopg2://me:{SECRET}@host/db", "is no database for a catalogue"),
    "a port that is none": (f"postgresql+psycopg://me:{SECRET}@host:port/db", "cannot be read"),
    "an @ in the password": (f"postgresql+psycopg://me:x@{SECRET}@host/db", "more than one @ .*%40"),
    "an @ and a slash": (f"postgresql+psycopg://me:x@{SECRET}/@host/db", "more than one @ .*%40"),
    "no file": ("sqlite://", "'sqlite' is no database for a catalogue"),
    "memory": ("sqlite:///:memory:", "names no file"),
    "nobody listens": (f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/db", "cannot be used now: .*refused"),
    "in an option": (f"postgresql+psycopg://me@127.0.0.1:1/db?password={SECRET}", "cannot be used now: .*refused"),
    "an option that is none": (f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/db?odd={SECRET}", "odd"),
    "no such host": (f"postgresql+psycopg://me:{SECRET}@nowhere.invalid/db", "cannot be used now"),
}


@pytest.mark.parametrize(("address", "said"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("opening", [Catalogue.open, Catalogue.create], ids=["open", "create"])
def test_a_wrong_address_is_refused_without_its_password(opening, address, said):
    with pytest.raises(CatalogueError, match=said) as caught:
        opening(address)
    assert caught.value.exit_code == 8
    assert caught.value.hint
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.path} {caught.value.hint}"


@pytest.mark.parametrize("part", ["nobody@", "nobody:s3same@", "root@127.0.0.1:5432/no-such-database?"])
def test_a_server_that_refuses_is_named_without_a_password(part, server_url):
    address = server_url.replace("root@", part) if "?" not in part else f"postgresql+psycopg://{part}"
    with pytest.raises(CatalogueUnavailable, match="does not exist") as caught:
        Catalogue.open(address)
    assert SECRET not in str(caught.value)


def test_an_open_catalogue_shows_no_password(server_catalogue):
    with Catalogue.open(server_catalogue.replace("root@", "root:s3same@")) as catalogue:
        assert SECRET not in f"{catalogue!r} {catalogue._database!r} {catalogue.name}"
        assert catalogue.name.startswith("postgresql+psycopg://root:***@")
    settings = Settings(catalogue=CatalogueSettings(url=f"postgresql+psycopg://me:{SECRET}@host/db"))
    assert SECRET not in repr(settings)


def a_text(path):
    path.write_text("no database, but long enough to be looked at as one " * 40)


def a_folder(path):
    path.mkdir()


def another_database(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE jobs (name TEXT)")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no catalogue .*provenance catalogue init"),
        (a_folder, "there is no catalogue"),
        (a_text, "file is not a database"),
        (another_database, "is no catalogue"),
        (lambda path: path.write_bytes(b""), "is no catalogue"),
    ],
    ids=["nothing", "a folder", "a text", "another database", "an empty file"],
)
def test_a_file_that_is_no_catalogue_is_refused_and_stays(make, said, tmp_path):
    path = tmp_path / "other.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CatalogueError, match=said):
        Catalogue.open(f"sqlite:///{path}")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_program_without_the_database_library_says_what_to_install(monkeypatch):
    import sys

    import provenance.catalogue

    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delitem(sys.modules, "provenance.catalogue.store")
    with pytest.raises(CatalogueError, match=r"media-provenance\[catalogue\]"):
        _ = provenance.catalogue.Catalogue


def test_asking_whether_there_is_a_catalogue_loads_no_database_library():
    import subprocess
    import sys

    program = "import sys; from provenance.catalogue import is_kept; is_kept('', '.'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "alembic"} & set(done.stdout.split())
