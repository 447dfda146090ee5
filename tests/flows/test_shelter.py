"""Files are looked at and signed by confined workers: the same comes of it, and a hostile one costs one call."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from provenance import SigningOptions
from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of
from provenance.claims import Preset
from provenance.errors import UnreadableMedia, WorkerLost
from provenance.model.claim import Carrier
from provenance.model.facets import Credential
from provenance.model.ports import Algorithm
from provenance.model.verdict import Decision
from provenance.policy import parse
from provenance.reports.drawings import Drawing
from provenance.reports.faces import Format
from provenance.settings import Settings
from provenance.web.workers import opening, orders, watched, work
from provenance.web.workers.pools import Busy
from provenance.web.workers.shelter import Limits, Shelter
from provenance.workspace import Workspace, cataloguing
from tests.flows.house import CONDITIONS, POLICY, needs_cel
from tests.support import media, shelter
from tests.support.batch import is_alive, wait_for
from tests.support.shelter import WRITTEN, order, run, upload

KINDS = ("jpeg", "png", "webp", "tiff", "gif", "avif", "svg", "pdf", "wav", "mp4", "mov", "heic")


@pytest.fixture(scope="module")
def house(tmp_path_factory, _session_home):
    """A home with an identity and a catalogue, a spool, and a shelter of one worker in each pool."""
    home = tmp_path_factory.mktemp("house") / "home"
    shutil.copytree(_session_home / "identities", home / "identities")
    Catalogue.create(url_of("", home)).close()
    spool = tmp_path_factory.mktemp("spool")
    settings = Settings(home=str(home))
    sheltered = Shelter(settings, limits=Limits(workers=1, queue=2, memory=1 << 30), spool=spool)
    sheltered.start()
    yield Workspace(settings), sheltered, spool
    sheltered.close(wait=False)


@pytest.fixture
def space(house):
    return house[0]


@pytest.fixture
def sheltered(house):
    return house[1]


@pytest.fixture
def spool(house):
    return house[2]


@pytest.fixture
def parcel(space):
    return opening.parcel(space.settings)


@pytest.fixture
def signed(space, photo):
    return space.sign(photo).path.read_bytes()


def test_workers_are_confined(sheltered, parcel, space):
    assert sheltered.state().lacking == ()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run(sheltered, shelter.connect, parcel, port) == "EACCES"
        assert run(sheltered, shelter.connect, parcel, port, pool="open") == "done"
    key = next(Path(space.settings.home).glob("identities/*/key.pem"))
    assert run(sheltered, shelter.read, parcel, str(key)) == "EACCES"
    assert run(sheltered, shelter.read, parcel, url_of("", space.settings.home).removeprefix("sqlite:///")) == "EACCES"


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_signed_in_a_worker_is_accepted_in_another(kind, sheltered, parcel, space, spool):
    given = upload(spool, media.make(kind), f"given.{media.EXTENSIONS[kind]}")
    options = SigningOptions(preset=Preset.PUBLISH)
    done = run(
        sheltered, work.sign, parcel, given, orders.SignOrder(options=options, output=f"{given.path}.out"), pool="open"
    )
    assert done.error is None
    assert len(done.recordings) == 1
    assert done.recordings[0].record.written_to is None
    assert cataloguing.enter(space, done.recordings) is None
    result = orders.Upload(path=f"{given.path}.out", name="result")
    looked = run(sheltered, work.look, parcel, result, order(space, *WRITTEN, pictures=True, drawings=tuple(Drawing)))
    assert (looked.error, looked.decision) == (None, Decision.ACCEPTED)
    assert looked.subject.label == done.label == done.recordings[0].record.label
    assert looked.digest == done.recordings[0].record.output
    assert looked.texts.keys() == {*WRITTEN, *(f"history.{item}" for item in Drawing)}
    told = "".join(looked.texts.values())
    assert not [place for place in (str(spool), space.settings.home) if place in told]


def test_all_media_of_others_get_the_verdict_that_they_get_anywhere(vectors, sheltered, parcel, space, spool):
    told = {}
    for path in sorted(item for item in vectors.iterdir() if item.is_file()):
        given = upload(spool, path.read_bytes(), path.name)
        found = run(sheltered, work.look, parcel, given, order(space))
        here = work.look(parcel, given, order(space))
        told[path.name] = (found.decision, str(found.error), found.subject, found.digest) == (
            here.decision, str(here.error), here.subject, here.digest,
        )  # fmt: skip
        Path(given.path).unlink()
    assert [name for name, same in told.items() if not same] == []
    assert sheltered.state().lost == 0


HOSTILE = ("rs__riff_bomb_1000.wav", "rs__nested_moov_1000.mp4", "rs__tiff_poc.tiff", "rs__bad_path_archive.zip")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_answered(name, vectors, house, parcel, signed):
    space, sheltered, spool = house
    given = upload(spool, (vectors / name).read_bytes(), name)
    found = run(sheltered, work.look, parcel, given, order(space, recover=True, pictures=True), pool="open")
    assert found.decision in {Decision.REVIEW, Decision.REJECTED} or found.error.path == name
    done = run(
        sheltered, work.sign, parcel, given,
        orders.SignOrder(options=SigningOptions(), output=f"{given.path}.out"), pool="open",
    )  # fmt: skip
    assert done.error.path == name
    assert not Path(f"{given.path}.out").exists()
    assert str(spool) not in str(done.error)
    others = run(sheltered, work.look, parcel, upload(spool, signed), order(space))
    assert others.decision is Decision.ACCEPTED


def test_a_picture_that_unfolds_to_gigabytes_is_answered(sheltered, parcel, space, spool):
    target = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(target, "PNG")
    bomb = upload(spool, target.getvalue(), "bomb.png")
    found = run(sheltered, work.look, parcel, bomb, order(space, Format.HTML, pictures=True))
    assert found.decision is Decision.REVIEW
    assert run(sheltered, work.picture, parcel, bomb, 256) is None
    compared = run(sheltered, work.compare, parcel, bomb, upload(spool, media.jpeg()))
    assert compared.error is None
    assert "too large" in compared.text or "more pixels" in compared.text
    with pytest.raises(WorkerLost, match="more memory") as caught:
        run(sheltered, shelter.decode, parcel, bomb)
    assert caught.value.path == "bomb.png"
    assert run(sheltered, work.look, parcel, upload(spool, media.jpeg()), order(space)).decision is Decision.REVIEW


FATES = {
    "it crashes": (shelter.crash, (), {}, "signal 11"),
    "it hangs": (shelter.nap, (60,), {"seconds": 0.5}, "took longer than 0.5 seconds"),
    "it takes all memory": (shelter.take, (1 << 32,), {}, "more memory than there is"),
}


@pytest.mark.parametrize("fate", FATES.values(), ids=FATES)
@pytest.mark.parametrize("pool", ["closed", "open"])
def test_what_happens_to_a_worker_costs_one_call(fate, pool, house, parcel, signed):
    (function, more, named, words), (space, sheltered, spool) = fate, house
    lost = sheltered.state().lost
    given = upload(spool, b"hostile", "hostile.jpg")
    with pytest.raises(WorkerLost, match=words) as caught:
        run(sheltered, function, parcel, given, *more, pool=pool, **named)
    assert caught.value.path == "hostile.jpg"
    assert str(spool) not in str(caught.value)
    assert sheltered.state().lost == lost + 1
    assert run(sheltered, work.look, parcel, upload(spool, signed), order(space), pool=pool).decision


def test_a_worker_that_is_killed_while_idle_costs_nothing(sheltered, parcel, space, spool, signed):
    worker = run(sheltered, shelter.pid, parcel)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not is_alive(worker))
    assert run(sheltered, work.look, parcel, upload(spool, signed), order(space)).decision is Decision.ACCEPTED


def test_more_than_can_wait_is_refused_at_once_with_a_time_to_come_again(sheltered, parcel, spool):
    given = upload(spool, b"x")

    async def crowd():
        asked = [asyncio.create_task(sheltered.run(shelter.nap, parcel, given, 0.3)) for _ in range(5)]
        await asyncio.sleep(0.1)
        state = sheltered.state()
        return state, await asyncio.gather(*asked, return_exceptions=True)

    state, ends = asyncio.run(crowd())
    assert (state.at_work, state.waiting) == (1, 2)
    assert [isinstance(item, Busy) for item in ends] == [False, False, False, True, True]
    assert 1 <= ends[-1].retry_after <= 60
    wait_for(lambda: sheltered.state().at_work == 0)


def test_whoever_goes_away_while_waiting_leaves_the_place_to_others(sheltered, parcel, spool):
    given = upload(spool, b"x")

    async def impatient():
        first = asyncio.create_task(sheltered.run(shelter.nap, parcel, given, 0.5))
        waiting = [asyncio.create_task(sheltered.run(shelter.nap, parcel, given, 30)) for _ in range(2)]
        await asyncio.sleep(0.1)
        for item in waiting:
            item.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert sheltered.state().waiting == 0
        await asyncio.gather(first, sheltered.run(shelter.nap, parcel, given, 0))

    asyncio.run(impatient())


def test_a_call_that_has_begun_is_seen_to_its_end_when_whoever_asked_has_gone(sheltered, parcel, spool):
    """What is tidied up then is not in use any more."""
    given = upload(spool, b"x")

    async def gone():
        asked = asyncio.create_task(sheltered.run(shelter.nap, parcel, given, 0.5))
        await asyncio.sleep(0.1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        return sheltered.state().at_work

    assert asyncio.run(gone()) == 0


def test_a_manifest_that_is_elsewhere_is_had_by_the_server(sheltered, parcel, space, spool, photo):
    options = SigningOptions(carrier=Carrier.REMOTE, remote_url="https://manifests.example/1")
    remote = space.sign(photo, options=options)
    given = upload(spool, remote.path.read_bytes())
    first = run(sheltered, work.look, parcel, given, order(space))
    assert first.subject.credential is Credential.NOT_FETCHED
    assert first.remote == "https://manifests.example/1"
    wish = order(space, manifest=remote.sidecar.read_bytes())
    second = run(sheltered, work.look, parcel, given, wish)
    assert second.decision is Decision.ACCEPTED
    assert second.remote is None
    assert "nobody was asked" in second.texts["json"]
    # It was for this call alone.
    assert run(sheltered, work.look, parcel, given, order(space)).remote == first.remote


def test_trust_that_changes_while_the_service_runs_counts_from_the_next_call(house, parcel, tmp_path, monkeypatch):
    space, sheltered, spool = house
    monkeypatch.setattr(watched, "_LOOK_AGAIN", 0.0)
    elsewhere = Workspace(Settings(home=str(tmp_path / "elsewhere")))
    other = elsewhere.identities.create(
        "Someone Else", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC)
    )
    source = tmp_path / "other.jpg"
    source.write_bytes(media.jpeg(7))
    given = upload(spool, elsewhere.sign(source).path.read_bytes())
    assert run(sheltered, work.look, parcel, given, order(space)).decision is Decision.REVIEW
    shutil.copytree(other.chain_path.parent, Path(space.settings.home) / "identities" / "someone-else")
    try:
        assert run(sheltered, work.look, parcel, given, order(space)).decision is Decision.ACCEPTED
    finally:
        shutil.rmtree(Path(space.settings.home) / "identities" / "someone-else")
    assert run(sheltered, work.look, parcel, given, order(space)).decision is Decision.REVIEW


@needs_cel
def test_conditions_are_decided_and_a_worker_that_no_longer_can_is_replaced(sheltered, parcel, space, spool, signed):
    policy = parse(POLICY + CONDITIONS, source="house", wrong=space.policies.wrong)
    given = upload(spool, signed)
    for _ in range(2):
        looked = run(sheltered, work.look, parcel, given, order(space, policy=policy))
        assert (looked.error, looked.decision) == (None, Decision.ACCEPTED)
        run(sheltered, shelter.end_conditions, parcel)
        # It cannot be begun again in there: that is not passed over, and the next one can.
        looked = run(sheltered, work.look, parcel, given, order(space, policy=policy))
        assert looked.decision is Decision.REVIEW
        assert "cannot be started" in looked.texts["json"]


def test_a_key_with_a_passphrase_is_opened_by_open_workers_alone(tmp_path, photo):
    settings = Settings(home=str(tmp_path / "home"))
    secrets = {}
    space = Workspace(settings, secret=lambda what: "hunter2")
    space.identities.create(
        "Locked Desk", algorithm=Algorithm.ES256, days=30, passphrase="hunter2", at=datetime.now(UTC)
    )
    space.signer()
    secrets |= space.secret.given
    assert secrets
    spool = tmp_path / "spool"
    spool.mkdir()
    sheltered = Shelter(settings, limits=Limits(workers=1), spool=spool, secrets=secrets)
    given = upload(spool, photo.read_bytes())
    wish = orders.SignOrder(options=SigningOptions(), output=f"{given.path}.out")
    try:
        assert run(sheltered, work.sign, opening.parcel(settings), given, wish, pool="open").error is None
    finally:
        sheltered.close()


def test_what_was_taken_off_is_recovered_from_the_catalogue(sheltered, parcel, space, spool, tmp_path):
    pytest.importorskip("iscc_lib", reason="fingerprints need the extra `recovery`")
    source = tmp_path / "source.jpg"
    source.write_bytes(media.jpeg(11))
    made = space.sign(source)
    bare = upload(spool, source.read_bytes(), "bare.jpg")
    looked = run(sheltered, work.look, parcel, bare, order(space, recover=True), pool="open")
    assert looked.error is None
    assert made.store.active in looked.texts["json"]
    matched = run(sheltered, work.match, parcel, bare, 5, pool="open")
    assert [item.manifest for item in matched.matches][:1] == [made.store.active]


def test_closing_lets_what_was_asked_for_be_done(tmp_path, space):
    sheltered = Shelter(space.settings, limits=Limits(workers=1), spool=tmp_path)
    given = upload(tmp_path, b"x")

    async def close_meanwhile():
        asked = [asyncio.create_task(sheltered.run(shelter.nap, b"", given, 0.2)) for _ in range(3)]
        await asyncio.sleep(0.05)
        await asyncio.to_thread(sheltered.close)
        return await asyncio.gather(*asked)

    assert len(set(asyncio.run(close_meanwhile()))) == 1


def test_a_file_that_went_away_is_said_by_its_name(sheltered, parcel, space, spool):
    gone = orders.Upload(path=str(spool / "gone"), name="photo.jpg")
    looked = run(sheltered, work.look, parcel, gone, order(space))
    assert isinstance(looked.error, UnreadableMedia)
    assert str(looked.error).startswith("photo.jpg: no such file")
