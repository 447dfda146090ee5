"""What is signed is in the catalogue: whichever way, once, and also when that was out of reach for a while."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from dataclasses import replace

import pytest

from provenance import (
    Batch,
    DerivingOptions,
    Engine,
    Naming,
    Preset,
    Signatures,
    Signing,
    SigningOptions,
    Who,
    Workspace,
)
from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of
from provenance.errors import CatalogueError
from provenance.model.claim import Carrier
from provenance.model.record import Operation, Query
from provenance.settings import CatalogueSettings, Settings
from tests.support import media
from tests.support.command import run

pytest.importorskip("sqlalchemy", reason="catalogues need the extra `catalogue`")

CAPTURE = SigningOptions(preset=Preset.CAPTURE, title="Harbour at dawn")


@pytest.fixture
def kept(own_home):
    """A workspace that keeps a catalogue."""
    Catalogue.create(url_of("", own_home)).close()
    return Workspace(Settings(home=str(own_home)))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def records(space):
    """All records, the first one first; read by a catalogue of its own."""
    with Catalogue.open(url_of(space.settings.catalogue.url, space.settings.home)) as catalogue:
        return list(catalogue.find(Query()))[::-1]


def test_a_signing_is_recorded_with_all_that_it_is_found_by(kept, photo):
    signed = kept.sign(photo, options=CAPTURE)
    (record,) = records(kept)
    assert (record.title, record.operation, record.media_type) == ("Harbour at dawn", Operation.SIGNED, "image/jpeg")
    assert (record.source, record.output) == (sha256(photo), sha256(signed.path))
    assert (record.label, record.size) == (signed.store.active, signed.path.stat().st_size)
    assert record.written_to == str(signed.path)
    assert record.signer == "Example News"
    assert record.signed_at == record.recorded_at
    assert "@" in record.asked_by
    assert kept.catalogue.manifest(record.manifest) == signed.store.data


BARE = {"JPEG": "jpeg", "PNG": "png", "GIF": "gif", "WebP": "webp", "WAV": "wav"}


@pytest.mark.parametrize("kind", BARE.values(), ids=BARE)
def test_what_is_left_without_the_manifest_is_known_too(kind, kept, tmp_path):
    source = tmp_path / f"media.{kind}"
    source.write_bytes(media.make(kind))
    signed = kept.sign(source, options=CAPTURE)
    kept.strip(signed.path, tmp_path / f"bare.{kind}")
    (record,) = records(kept)
    assert sha256(tmp_path / f"bare.{kind}") in {record.bare, record.source}


WAYS = {
    "embedded": (replace(CAPTURE), True),
    "beside": (replace(CAPTURE, carrier=Carrier.SIDECAR), False),
    "elsewhere": (
        replace(CAPTURE, carrier=Carrier.REMOTE, remote_url="https://example.com/manifests/{id}"),
        False,
    ),
}


@pytest.mark.parametrize(("options", "bare"), WAYS.values(), ids=WAYS)
def test_wherever_the_manifest_is_kept(options, bare, kept, photo):
    signed = kept.sign(photo, options=options)
    (record,) = records(kept)
    assert kept.catalogue.manifest(record.manifest) == signed.store.data
    assert (record.bare is not None) == bare
    if options.remote_url:
        assert f"https://example.com/manifests/{record.label}".encode() in signed.path.read_bytes()


def test_every_way_of_signing_is_recorded(kept, photo, tmp_path):
    signed = kept.sign(photo, options=CAPTURE).path
    rendition = tmp_path / "web.webp"
    rendition.write_bytes(media.make("webp"))
    kept.derive(signed, rendition, options=DerivingOptions(actions=("edited", "resized")))
    kept.sign(photo, photo, options=CAPTURE, overwrite=True)
    found = [(item.operation, item.written_to) for item in records(kept)]
    assert found == [
        (Operation.SIGNED, str(signed)),
        (Operation.DERIVED, str(tmp_path / "web.signed.webp")),
        (Operation.SIGNED, str(photo)),
    ]
    assert records(kept)[1].parents[0].label == records(kept)[0].label


ENGINES = ("here", "threads", "processes")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_is_recorded_once_whoever_works(engine, kept, tmp_path):
    sources = tmp_path / "in"
    sources.mkdir()
    for number in range(3):
        (sources / f"{number}.jpg").write_bytes(media.jpeg(number))
    batch = Batch(names=(str(sources),), engine=Engine(name=engine, workers=2))
    task = Signing(options=CAPTURE, who=Who())
    for _ in range(2):
        assert not [item for item in Signatures(kept, batch, task, Naming(output=f"{tmp_path}/out/")) if item.failed]
    found = records(kept)
    assert sorted(item.written_to for item in found) == [f"{tmp_path}/out/{number}.jpg" for number in range(3)]
    assert {item.output for item in found} == {sha256(path) for path in (tmp_path / "out").iterdir()}


def test_what_a_killed_batch_had_signed_is_entered_by_the_next_one(kept, tmp_path, own_home):
    source = tmp_path / "in/1.jpg"
    source.parent.mkdir()
    source.write_bytes(media.jpeg())
    batch = Batch(names=(str(source.parent),), engine=Engine(name="here"))
    task = Signing(options=CAPTURE, who=Who())
    runs = iter(Signatures(kept, batch, task, Naming(output=f"{tmp_path}/out/")))
    # As if the power had gone after the file was written: neither the journal nor the catalogue has it.
    next(runs)
    entered = records(kept)
    with sqlite3.connect(own_home / "journal.db") as journal:
        assert [state for (state,) in journal.execute("SELECT state FROM jobs")] != ["done"]
    del runs
    journal.close()
    again = list(Signatures(Workspace(kept.settings), batch, task, Naming(output=f"{tmp_path}/out/")))
    assert [item.failed for item in again] == [False]
    assert entered == []
    assert [item.written_to for item in records(kept)] == [f"{tmp_path}/out/1.jpg"]


# ---- when it is out of reach


def locked(home):
    """Hold the catalogue's file as a program does that is stuck in the middle of writing."""
    holder = sqlite3.connect(home / "catalogue.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def test_what_could_not_be_entered_waits_and_is_entered_later(kept, photo, own_home):
    impatient = Workspace(kept.settings)
    impatient.entering._catalogue = Catalogue.open(url_of("", own_home), wait=0.1)
    holder = locked(own_home)
    signed = impatient.sign(photo, options=CAPTURE)
    holder.close()
    assert "not in the catalogue yet" in signed.notes[-1]
    assert records(kept) == []
    kept.sign(photo, photo.with_name("second.jpg"), options=CAPTURE)
    assert [item.written_to for item in records(kept)] == [str(signed.path), str(photo.with_name("second.jpg"))]
    assert kept.spool.names() == ()


def test_a_server_that_is_down_stops_nobody_and_its_password_is_nowhere(own_home, photo):
    settings = Settings(
        home=str(own_home), catalogue=CatalogueSettings(url="postgresql+psycopg://desk:s3cret@127.0.0.1:1/provenance")
    )
    pytest.importorskip("psycopg", reason="PostgreSQL needs the extra `postgresql`")
    space = Workspace(settings)
    signed = space.sign(photo, options=CAPTURE)
    assert signed.path.exists()
    assert "not in the catalogue yet" in signed.notes[-1]
    assert "s3cret" not in f"{signed}{settings}{space.spool.names()}"


def test_a_catalogue_of_a_newer_program_is_refused_before_anything_is_signed(kept, photo, own_home):
    with sqlite3.connect(own_home / "catalogue.db") as database:
        (table,) = [name for (name,) in database.execute("SELECT name FROM sqlite_master") if name.endswith("version")]
        database.execute(f"UPDATE {table} SET version_num = '9999'")
    database.close()
    with pytest.raises(CatalogueError, match="newer"):
        Workspace(kept.settings).sign(photo, options=CAPTURE)
    assert not photo.with_name("photo.signed.jpg").exists()


# ---- as users see it


def test_from_the_command_line(kept, photo, tmp_path):
    signed = kept.sign(photo, options=CAPTURE).path
    (record,) = records(kept)
    assert record.id in run("catalogue", "find", "harbour").stdout
    assert run("catalogue", "find", "nothing like it").returncode == 1
    shown = run("catalogue", "show", record.id, "--manifest", tmp_path / "kept.c2pa")
    assert "Harbour at dawn" in shown.stdout
    assert hashlib.sha256((tmp_path / "kept.c2pa").read_bytes()).hexdigest() == record.manifest
    (line,) = run("catalogue", "export").stdout.splitlines()
    assert json.loads(line)["id"] == record.id
    run("catalogue", "export", "--format", "csv", "-o", tmp_path / "all.csv")
    (row,) = csv.DictReader((tmp_path / "all.csv").read_text().splitlines())
    assert row["title"] == "Harbour at dawn"
    assert run("audit", "catalogue").returncode == 0
    signed.unlink()
    gone = run("audit", "catalogue")
    assert gone.returncode == 1
    assert "gone" in gone.stdout


def test_files_that_were_signed_before_are_entered(space, own_home, photo, tmp_path):
    signed = space.sign(photo, options=CAPTURE).path
    assert run("catalogue", "find").returncode == 8
    assert run("catalogue", "init").returncode == 0
    done = run("catalogue", "add", signed.parent, "--exclude", "home/*")
    assert done.returncode == 9
    assert "1 entered, 0 known already, 1 could not be entered" in done.stdout
    assert "photo.jpg" in done.stderr
    again = run("catalogue", "add", signed)
    assert "0 entered, 1 known already" in again.stdout
    (record,) = records(space)
    assert (record.operation, record.output) == (Operation.IMPORTED, sha256(signed))


def test_tampering_is_noticed_and_the_head_proves_the_end(kept, photo, own_home):
    for number in range(3):
        kept.sign(photo, photo.with_name(f"{number}.jpg"), options=CAPTURE)
    head = str(kept.catalogue.head())
    proof = json.loads(run("catalogue", "prove", records(kept)[1].id).stdout)
    assert proof["entry"]["number"] == 2
    assert run("catalogue", "check", "--expect", head).returncode == 0
    with sqlite3.connect(own_home / "catalogue.db") as database:
        database.execute("UPDATE records SET title = 'Harbour at dusk' WHERE number = 2")
    database.close()
    done = run("catalogue", "check", "--expect", head)
    assert done.returncode == 1
    assert "record altered" in done.stdout
