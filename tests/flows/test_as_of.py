"""A verdict as of another day: worked out from dates, said to be derived, and never guessed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run

import pytest

from provenance import Decision, SettingsError, Workspace
from provenance.keys.files import FileSigner
from provenance.model.facets import Content, Signer, Time
from provenance.model.further import NOTHING
from provenance.model.ports import Algorithm
from provenance.model.trust import Purpose, Trust, TrustList
from provenance.settings import Settings, TimestampSettings, TrustSettings
from provenance.storage import open_source
from provenance.verification import Questions, inspect, verify
from tests.support import media
from tests.support.certificates import Plan, build
from tests.support.tsa import Authority
from tests.unit.stores import STANDARD

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
SPAN = Plan(starts=-5, ends=20)
"""The leaf's validity in days from now; its authority's is longer."""


@pytest.fixture(scope="module")
def signer():
    key, chain, root = build(SPAN, at=NOW)
    return FileSigner(name="desk", algorithm=Algorithm.ES256, chain_pem=chain, private_key=key), root


def a_list(root, as_of=None, *, name="list", purpose=Purpose.SIGNER):
    return TrustList(name=name, purpose=purpose, anchors=(root,), source="", digest="00", as_of=as_of)


def judged(data, at, *lists):
    return verify(inspect(open_source(data), trust=Trust(lists=lists), at=NOW, questions=Questions(as_of=at)), STANDARD)


OLD = NOW - 400 * DAY
CASES = {
    "within its validity": (-DAY, OLD, Signer.TRUSTED, Decision.ACCEPTED, "derived"),
    "on its first day": (-5 * DAY + timedelta(minutes=1), OLD, Signer.TRUSTED, Decision.ACCEPTED, "derived"),
    "before its validity": (-6 * DAY, OLD, Signer.INVALID, Decision.REJECTED, "were valid from"),
    "before the list": (-DAY, NOW, Signer.NOT_CHECKED, Decision.REVIEW, "what it said before is not known"),
    "with a list that bears no date": (-DAY, None, Signer.NOT_CHECKED, Decision.REVIEW, "bears no date"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_signer_is_judged_by_dates(workspace, signer, case):
    when, as_of, state, decision, words = case
    key, root = signer
    data = workspace.sign(media.jpeg(), signer=key).data

    verdict = judged(data, NOW + when, a_list(root, as_of))

    assert verdict.facets.signer.state is state, verdict.facets.signer
    assert verdict.decision is decision
    assert words in verdict.facets.signer.reason
    assert f"as of {NOW + when:%Y-%m-%d}" in verdict.facets.signer.reason
    assert verdict.facets.content.state is Content.INTACT


@pytest.mark.parametrize(("obtained", "state"), [(OLD, Signer.TRUSTED), (NOW, Signer.NOT_CHECKED)])
def test_a_list_that_bears_no_date_holds_since_it_was_obtained(workspace, signer, obtained, state):
    data = workspace.sign(media.jpeg(), signer=signer[0]).data

    listed = replace(a_list(signer[1]), obtained=obtained)

    assert judged(data, NOW - DAY, listed).facets.signer.state is state


def test_a_signer_on_no_list_is_not_trusted_on_any_day(workspace, signer):
    data = workspace.sign(media.jpeg(), signer=signer[0]).data

    verdict = judged(data, NOW - DAY, a_list(workspace.trust.lists[0].anchors[0], OLD))

    assert verdict.facets.signer.state is Signer.UNTRUSTED
    assert verdict.decision is Decision.REVIEW


def test_a_changed_file_is_rejected_on_every_day(workspace, signer):
    data = bytearray(workspace.sign(media.jpeg(), signer=signer[0]).data)
    data[-20] ^= 0xFF

    assert judged(bytes(data), NOW - DAY, a_list(signer[1], OLD)).decision is Decision.REJECTED


def test_a_day_to_come_is_refused(workspace):
    with pytest.raises(SettingsError, match="still to come"):
        workspace.verify(workspace.sign(media.jpeg()).data, as_of=NOW + DAY)


def test_a_development_identity_counts_since_it_was_made(workspace):
    data = workspace.sign(media.jpeg()).data

    assert workspace.verify(data, as_of=NOW).facets.signer.state is Signer.TRUSTED
    assert workspace.verify(data, as_of=NOW - DAY).facets.signer.state is Signer.INVALID


@pytest.fixture(scope="module")
def stamped(signer, tmp_path_factory):
    """A photo with a trusted time, and the root of its authority."""
    home = tmp_path_factory.mktemp("home")
    with Authority() as tsa:
        roots = home / "times.pem"
        roots.write_text(tsa.root_pem)
        settings = Settings(
            home=str(home),
            timestamps=TimestampSettings(urls=(tsa.url,), deadline=2),
            trust=TrustSettings(timestamps=(str(roots),)),
        )
        return Workspace(settings).sign(media.jpeg(), signer=signer[0]).data, tsa.root_pem


TIMES = {
    "after it was signed": (timedelta(0), OLD, Time.TRUSTED, Signer.TRUSTED),
    "before it was signed": (-DAY, OLD, Time.NOT_CHECKED, Signer.NOT_CHECKED),
    "with a list of authorities that bears no date": (timedelta(0), None, Time.NOT_CHECKED, Signer.TRUSTED),
}


@pytest.mark.parametrize("case", TIMES.values(), ids=TIMES)
def test_a_trusted_time_is_held_against_the_day(signer, stamped, case):
    when, as_of, time, state = case
    data, root = stamped
    lists = (a_list(signer[1], OLD), a_list(root, as_of, name="times", purpose=Purpose.TIMESTAMP))
    later = datetime.now(UTC) + timedelta(seconds=2)

    verdict = verify(
        inspect(open_source(data), trust=Trust(lists=lists), at=later, questions=Questions(as_of=later + when)),
        STANDARD,
    )

    assert (verdict.facets.time.state, verdict.facets.signer.state) == (time, state)


def test_the_engine_agrees_under_a_clock_that_is_set_to_the_day(workspace, signer, tmp_path):
    """Another witness: the verdict of today under a clock set to that day, for a certificate that is valid for days."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None or shutil.which("faketime") is None:
        pytest.skip("faketime is not there")
    path, roots = tmp_path / "photo.jpg", tmp_path / "roots.pem"
    path.write_bytes(workspace.sign(media.jpeg(), signer=signer[0]).data)
    roots.write_text(signer[1])
    decisions = {}
    for days in (-6, -4, -1, 19, 21):
        moment = NOW + days * DAY
        clock = {"LD_PRELOAD": str(library), "FAKETIME": f"@{moment:%Y-%m-%d %H:%M:%S}", "TZ": "UTC"}
        done = run(
            [sys.executable, "-m", "provenance", "verify", str(path), "--trust", str(roots), "--json"],
            capture_output=True,
            env=os.environ | clock,
            check=False,
        )
        told = json.loads(done.stdout)["files"][0]["facets"]["signer"]["state"]
        future = verify(
            inspect(
                open_source(path),
                trust=Trust(lists=(a_list(signer[1], OLD),)),
                at=NOW + 30 * DAY,
                questions=Questions(as_of=moment),
            ),
            STANDARD,
        )
        decisions[days] = (told, future.facets.signer.state.value)
    assert decisions == {
        -6: ("invalid", "invalid"),
        -4: ("trusted", "trusted"),
        -1: ("trusted", "trusted"),
        19: ("trusted", "trusted"),
        21: ("invalid", "invalid"),
    }


def test_real_files_whose_certificates_have_expired_were_good_in_their_day(vectors):
    verdict = Workspace().verify(vectors / "rs__C.jpg", as_of=datetime(2024, 9, 1, tzinfo=UTC))

    assert "derived" in verdict.facets.signer.reason
    assert verdict.facets.signer.state is Signer.UNTRUSTED
    assert replace(verdict.inspection, further=NOTHING).facets.signer != verdict.facets.signer
