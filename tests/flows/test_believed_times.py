"""Time-stamps that the engine believes are looked at once more: whoever signs could have asked anybody for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from provenance import Workspace
from provenance.claims import SigningOptions
from provenance.model.claim import Timestamp
from provenance.model.facets import Time
from provenance.model.ports import Seal
from provenance.settings import TrustSettings
from provenance.workspace import sealing
from tests.support import media
from tests.support.tsa import Authority


@pytest.fixture(scope="module")
def tsa():
    with Authority() as authority:
        yield authority


@dataclass
class Unchecked:
    """An authority whose answers nobody looks at before they are signed in."""

    tsa: Authority
    recipe: str

    def answer(self, request):
        @dataclass
        class Answer:
            response: bytes

        return Answer(self.tsa.stamp(request, self.recipe))


@pytest.fixture
def space(workspace, tsa, tmp_path):
    roots = tmp_path / "times.pem"
    roots.write_text(tsa.root_pem)
    return Workspace(replace(workspace.settings, trust=TrustSettings(timestamps=(str(roots),))))


@pytest.fixture
def signed_with(space, tsa, monkeypatch):
    def make(recipe):
        def seal(space, options, signer):
            return Seal(signer=space.signer(signer), time=Unchecked(tsa, recipe))

        monkeypatch.setattr(sealing, "seal_of", seal)
        return space.sign(media.jpeg(), options=SigningOptions(timestamp=Timestamp.PREFERRED)).data

    return make


UNRELIABLE = ("other-certificate", "other-certificate-v1", "uncritical-purpose", "two-times", "unlisted")


@pytest.mark.parametrize("recipe", UNRELIABLE)
def test_a_time_stamp_that_cannot_be_relied_on_is_not_trusted(space, signed_with, recipe):
    assert space.verify(signed_with(recipe)).facets.time.state is not Time.TRUSTED


def test_a_reliable_one_is_trusted_for_the_time_that_it_attests(space, signed_with):
    before = datetime.now(UTC) - timedelta(seconds=1)
    data = signed_with("good")
    after = datetime.now(UTC) + timedelta(seconds=1)

    verdict = space.verify(data)
    facet = verdict.facets.time

    # Whether the certificate has expired is known, whatever becomes of the time.
    assert verdict.inspection.store.active_manifest.signature.expires is not None
    assert facet.state is Time.TRUSTED
    assert before <= datetime.fromisoformat(facet.reason.split(",")[0]) <= after


def test_the_engine_alone_would_have_believed_some(space, signed_with):
    """If these are refused by the engine one day, our own look can be taken out again."""
    believed = set()
    for recipe in UNRELIABLE:
        store = space.inspect(signed_with(recipe)).store
        if any(item.code == "timeStamp.trusted" for item in store.statuses):
            believed.add(recipe)
    assert believed == set(UNRELIABLE) - {"unlisted"}
