"""A trusted time: from real authorities on this machine, when signing or later, or said to be missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance import Carrier, ManifestError, SettingsError, SigningOptions, TimestampError, Workspace
from provenance.model.claim import Timestamp
from provenance.model.facets import Content, Time
from provenance.settings import Settings, TimestampSettings, TrustSettings
from tests.support import media
from tests.support.tsa import Authority


@pytest.fixture(scope="module")
def tsa():
    with Authority() as authority:
        yield authority


@pytest.fixture
def desk(workspace, tsa, tmp_path_factory):
    """Make workspaces that ask these authorities and trust the first one's root."""
    roots = tmp_path_factory.mktemp("lists") / "times.pem"
    roots.write_text(tsa.root_pem)

    def make(*urls, trusted=True, **more):
        settings = replace(
            workspace.settings,
            timestamps=TimestampSettings(urls=urls, deadline=2, attempts=1),
            trust=TrustSettings(timestamps=(str(roots),) if trusted else ()),
        )
        return Workspace(replace(settings, **more))

    return make


def time_of(space, path):
    return space.verify(path).facets.time


def test_a_signature_gets_a_trusted_time(desk, tsa, photo):
    space = desk(tsa.url)

    signed = space.sign(photo)

    assert signed.notes == ()
    assert signed.store.active_manifest.signature.time is not None
    found = time_of(space, signed.path)
    assert found.state is Time.TRUSTED
    assert "by Example Time Authority, through the list 'times'" in found.reason


@pytest.mark.parametrize("kind", ["png", "svg", "wav", "pdf"])
def test_other_kinds_of_files_take_the_time_too(desk, tsa, kind):
    space = desk(tsa.url)

    assert space.verify(space.sign(media.make(kind)).data).facets.time.state is Time.TRUSTED


def test_the_next_authority_is_asked_when_the_first_is_no_use(desk, tsa, photo):
    space = desk(tsa.dead, tsa.to("garbage"), tsa.to("wrong-nonce"), tsa.url)

    assert time_of(space, space.sign(photo).path).state is Time.TRUSTED


def test_it_is_signed_without_where_a_time_is_only_preferred_and_that_is_said(desk, tsa, photo):
    space = desk(tsa.dead)

    signed = space.sign(photo)

    assert len(signed.notes) == 1
    assert "without a trusted time" in signed.notes[0]
    assert "127.0.0.1" in signed.notes[0]
    assert time_of(space, signed.path).state is Time.ABSENT


REQUIRED = SigningOptions(timestamp=Timestamp.REQUIRED)


@pytest.mark.parametrize("fault", ["dead", "garbage", "wrong-imprint", "expired", "unlisted", "page"])
def test_nothing_is_signed_where_a_time_is_required_and_not_to_be_had(desk, tsa, photo, fault):
    space = desk(tsa.dead if fault == "dead" else tsa.to(fault))

    with pytest.raises(TimestampError) as caught:
        space.sign(photo, options=REQUIRED)

    assert caught.value.path == str(photo)
    assert "127.0.0.1" in caught.value.message
    assert [item.name for item in photo.parent.iterdir()] == [photo.name]


def test_a_required_time_needs_an_authority(desk, photo):
    with pytest.raises(TimestampError, match="no time-stamp authority is set up"):
        desk().sign(photo, options=REQUIRED)


def test_nobody_is_asked_where_time_is_off(desk, tsa, photo):
    before = len(tsa.asked)

    signed = desk(tsa.url).sign(photo, options=SigningOptions(timestamp=Timestamp.OFF))

    assert len(tsa.asked) == before
    assert signed.notes == ()


def test_a_time_that_no_list_vouches_for_is_kept_and_said_not_to_count(desk, tsa, photo):
    space = desk(tsa.url, trusted=False)

    signed = space.sign(photo)

    assert "does not count here" in signed.notes[0]
    assert time_of(space, signed.path).state is Time.NOT_CHECKED


def test_a_list_of_signers_vouches_for_no_authority(desk, workspace, tsa, photo, tmp_path):
    roots = tmp_path / "signers.pem"
    roots.write_text(tsa.root_pem)
    signed = desk(tsa.url).sign(photo)
    wrong = Workspace(replace(workspace.settings, trust=TrustSettings(signers=(str(roots),))))

    assert time_of(wrong, signed.path).state is Time.NOT_CHECKED


@pytest.mark.parametrize("carrier", [Carrier.EMBEDDED, Carrier.SIDECAR])
def test_a_time_can_be_added_later(desk, tsa, photo, carrier):
    offline, online = desk(), desk(tsa.url)
    signed = offline.sign(photo, photo.with_name("signed.jpg"), options=SigningOptions(carrier=carrier))
    assert time_of(online, signed.path).state is Time.ABSENT
    before = signed.path.read_bytes()

    stamped = online.timestamp(signed.path, photo.with_name("stamped.jpg"))

    verdict = online.verify(stamped.path)
    assert verdict.facets.time.state is Time.TRUSTED
    assert verdict.facets.content.state is Content.INTACT
    labels = [item.label for item in stamped.store.active_manifest.assertions]
    assert "c2pa.time-stamp" in labels
    assert stamped.store.active_manifest.ingredients[0].manifest == signed.store.active
    assert signed.path.read_bytes() == before
    if carrier is Carrier.SIDECAR:
        assert stamped.path.read_bytes() == before


def test_the_later_time_stands_beside_the_original_by_default(desk, tsa, photo):
    signed = desk().sign(photo)

    assert desk(tsa.url).timestamp(signed.path).path.name == "photo.signed.stamped.jpg"


def test_a_sidecar_takes_the_later_time_in_place(desk, tsa, photo):
    desk().sign(photo, options=SigningOptions(carrier=Carrier.SIDECAR))
    content = photo.read_bytes()

    stamped = desk(tsa.url).timestamp(photo, overwrite=True)

    assert stamped.sidecar == photo.with_name("photo.jpg.c2pa")
    assert photo.read_bytes() == content
    assert time_of(desk(tsa.url), photo).state is Time.TRUSTED


def test_no_later_time_without_an_authority_that_answers(desk, tsa, photo):
    signed = desk().sign(photo)

    with pytest.raises(TimestampError):
        desk(tsa.dead).timestamp(signed.path)

    assert sorted(item.name for item in photo.parent.iterdir()) == ["photo.jpg", "photo.signed.jpg"]


def test_what_has_no_credentials_gets_no_time(desk, tsa, photo):
    with pytest.raises(ManifestError, match="no Content Credentials"):
        desk(tsa.url).timestamp(photo)


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(desk, tsa, photo, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", tsa.dead)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with pytest.raises(TimestampError, match="proxy") as caught:
        desk(tsa.url).sign(photo, options=REQUIRED)
    assert "NO_PROXY" in caught.value.hint

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert time_of(desk(tsa.url), desk(tsa.url).sign(photo).path).state is Time.TRUSTED


def test_the_address_of_an_authority_is_checked_when_the_settings_are_read(tmp_path):
    from provenance.settings import load

    path = tmp_path / "settings.toml"
    path.write_text('[timestamps]\nurls = ["timestamp.example"]\n')

    with pytest.raises(SettingsError, match=r"timestamp\.example"):
        load({"PROVENANCE_SETTINGS": str(path), "PROVENANCE_HOME": str(tmp_path)})


def test_settings_say_what_is_wished_for(tmp_path):
    assert Settings().signing.timestamp is Timestamp.PREFERRED
