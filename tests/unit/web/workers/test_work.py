"""What workers do with uploads, called in this process: what is told, and what is never told."""

from __future__ import annotations

import json
import pickle

import pytest

from provenance import SigningOptions
from provenance.claims import ID
from provenance.errors import (
    InvalidClaim,
    NoIdentity,
    ProvenanceError,
    SettingsError,
    UnreadableMedia,
    UnsupportedMedia,
)
from provenance.model.verdict import Decision
from provenance.reports.drawings import Drawing
from provenance.settings import CatalogueSettings, Settings
from provenance.web.workers import opening, orders, work
from tests.support import media
from tests.support.shelter import WRITTEN, order, upload


@pytest.fixture
def parcel(workspace):
    return opening.parcel(workspace.settings)


@pytest.fixture
def spool(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def signed(workspace, photo, spool):
    return upload(spool, workspace.sign(photo).path.read_bytes(), "signed.jpg")


def test_a_parcel_leads_nowhere():
    catalogue = CatalogueSettings(url="postgresql+psycopg://u:hunter2@db/x", resolvers=("https://k:hunter2@r/",))
    assert b"hunter2" not in opening.parcel(Settings(home="h", catalogue=catalogue))


@pytest.mark.parametrize("form", WRITTEN)
def test_a_report_is_written_in_the_form_that_is_asked_for(form, workspace, parcel, signed):
    looked = work.look(parcel, signed, order(workspace, form))
    assert (looked.error, looked.decision, list(looked.texts)) == (None, Decision.ACCEPTED, [form])
    assert "signed.jpg" in looked.texts[form]


def test_what_it_is_about_is_told_in_a_few_words(workspace, parcel, signed):
    looked = work.look(parcel, signed, order(workspace, record=True))
    about = looked.subject
    assert (about.name, about.media_type, about.title, about.signer) == (
        "signed.jpg", "image/jpeg", "photo.jpg", "Example News",
    )  # fmt: skip
    assert looked.check.digest == looked.digest
    assert looked.check.name == "signed.jpg"


def test_what_is_handed_back_travels_and_names_no_place(workspace, parcel, signed, spool):
    looked = work.look(parcel, signed, order(workspace, *WRITTEN, pictures=True, drawings=tuple(Drawing)))
    written = pickle.dumps(looked)
    assert pickle.loads(written) == looked
    for place in (str(spool), workspace.settings.home):
        assert place.encode() not in written


def test_a_history_without_credentials_is_a_gap(workspace, parcel, spool):
    looked = work.look(parcel, upload(spool, media.jpeg()), order(workspace, drawings=tuple(Drawing)))
    assert json.loads(looked.texts["history.json"])["history"]["edits"][0]["state"]
    assert looked.texts["history.svg"].startswith("<")


def test_only_the_lists_that_are_asked_for_count(workspace, parcel, signed):
    name = workspace.trust.lists[0].name
    assert work.look(parcel, signed, order(workspace, lists=(name,))).decision is Decision.ACCEPTED
    found = work.look(parcel, signed, order(workspace, lists=("nobody's",)))
    assert isinstance(found.error, SettingsError)
    assert "nobody's" in found.error.message


WRONG = {
    "no media": (b"hello, world" * 9, UnsupportedMedia, None),
    "empty": (b"", UnreadableMedia, None),
}


@pytest.mark.parametrize(("data", "kind", "digest"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_looked_at_is_an_error_under_its_senders_name(data, kind, digest, workspace, parcel, spool):
    looked = work.look(parcel, upload(spool, data, "odd.bin"), order(workspace))
    assert isinstance(looked.error, kind)
    assert looked.error.path == "odd.bin"
    assert looked.decision is None
    assert str(spool) not in str(looked.error) + "".join(looked.texts.values())


def test_an_error_of_ours_is_told_without_a_place(workspace, parcel, signed, monkeypatch):
    def fail(*_args):
        raise RuntimeError(f"no idea what to do with {signed.path}")

    monkeypatch.setattr(work, "look_at", fail)
    looked = work.look(parcel, signed, order(workspace))
    assert looked.error.message == "internal error: RuntimeError: no idea what to do with signed.jpg"
    assert type(looked.error) is ProvenanceError


def test_lack_of_memory_is_for_whoever_started_the_process(workspace, parcel, signed, monkeypatch):
    def fail(*_args):
        raise MemoryError

    monkeypatch.setattr(work, "look_at", fail)
    with pytest.raises(MemoryError):
        work.look(parcel, signed, order(workspace))


REFUSED = {
    "an address without its place": (SigningOptions(remote_url=f"https://x/{ID}"), None, InvalidClaim),
    "nobody": (SigningOptions(), "nobody", NoIdentity),
}


@pytest.mark.parametrize(("options", "identity", "kind"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_signed_is_an_error_and_leaves_nothing(options, identity, kind, parcel, spool):
    given = upload(spool, media.jpeg())
    wish = orders.SignOrder(options=options, output=f"{given.path}.out", identity=identity)
    done = work.sign(parcel, given, wish)
    assert isinstance(done.error, kind)
    assert str(spool) not in str(done.error)
    assert [item.name for item in spool.iterdir()] == [given.path.rpartition("/")[2]]


def test_recordings_are_of_this_signing_alone(parcel, spool):
    for number in (1, 2):
        given = upload(spool, media.jpeg(number))
        done = work.sign(parcel, given, orders.SignOrder(options=SigningOptions(), output=f"{given.path}.out"))
        assert [item.record.label for item in done.recordings] == [done.label]


def test_facts_are_told_without_a_judgement(parcel, signed, spool):
    found = work.inspect(parcel, signed)
    told = json.loads(found.text)["file"]
    assert told["facets"]["content"]["state"]
    assert not {"decision", "findings", "policy", "sentence"} & told.keys()
    assert found.subject.signer == "Example News"
    assert work.inspect(parcel, upload(spool, b"x" * 99, "x.bin")).error.path == "x.bin"


def test_two_files_are_compared_under_their_senders_names(parcel, signed, photo, spool):
    pytest.importorskip("numpy", reason="pictures are compared with the extra `compare`")
    found = work.compare(parcel, signed, upload(spool, photo.read_bytes(), "before.jpg"))
    assert json.loads(found.text)["files"] == ["signed.jpg", "before.jpg"]
    assert all(item.media_type == "image/jpeg" for item in found.pictures)
    assert str(spool) not in found.text
    assert work.compare(parcel, signed, upload(spool, b"x" * 99, "x.bin")).error.path == "x.bin"


def test_pictures_are_made_small_and_nothing_else(parcel, signed, spool):
    assert work.picture(parcel, signed, 64).media_type == "image/jpeg"
    assert work.picture(parcel, upload(spool, b"x" * 99), 64) is None


def test_a_manifest_from_elsewhere_is_for_one_call(parcel, workspace):
    space = opening.opened(parcel).space
    other = opening.with_manifest(space, b"it")
    assert other.manifest_source.fetch("https://x/") == b"it"
    assert space.manifest_source is not other.manifest_source
