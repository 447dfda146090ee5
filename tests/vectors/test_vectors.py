"""Media made by others: what is said about each of 77 files, and that nothing about any of them surprises us."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
import unicodedata
from datetime import UTC, datetime

import pytest
from rich.console import Console

from provenance.errors import UnreadableMedia, UnsupportedMedia
from provenance.history import trace
from provenance.model.facets import Content, Credential, Signer, Signing
from provenance.model.verdict import Decision
from provenance.reports import form, to_json, to_terminal, to_tree
from provenance.reports.result import Results
from provenance.settings import Settings, TrustSettings
from provenance.workspace import Workspace
from provenance.workspace.looking import Asked, look
from tests.conftest import TRUST, VECTORS
from tests.support.schemas import require_valid

AT = datetime(2026, 11, 1, tzinfo=UTC)
"""When they are looked at: before the test certificates expire."""
BOUND = 20
"""Seconds for one file: the slowest takes a small part of one, and a machine may be busy."""
SIGNERS = (TRUST / "C2PA-TRUST-LIST.pem", TRUST / "ITL-anchors.pem", VECTORS / "test-roots.pem")
TIMESTAMPS = (TRUST / "C2PA-TSA-TRUST-LIST.pem",)

DIFFERENT: dict[str, str] = {}
"""Files about which we deliberately report another state than the one observed, and why."""

VERDICTS = {
    # Sound, or as sound as can be known.
    "python__CA.jpg": "accepted intact valid unknown",
    "python__file_with_wrong_extension.xyz.jpg": "accepted intact valid none",
    "python__boxhash.jpg": "accepted intact valid unknown",
    "rs__CACA.jpg": "accepted intact valid unknown",
    "rs__C.jpg": "accepted intact valid none",
    "rs__update_manifest.jpg": "accepted intact valid unknown",
    "rs__success.jpg": "accepted intact valid unknown",
    # The signer of an ingredient is unknown to us: that does not change what the ingredient was.
    "python__video1.mp4": "accepted intact valid intact",
    # Nothing is broken, but somebody should look.
    "python__C_with_CAWG_data.jpg": "review intact valid none",
    "python__CA_ct.jpg": "review intact valid unknown",
    "python__legacy.mp4": "review intact valid intact",
    "rs__unresolvable_did.jpg": "review intact valid unknown",
    # Their certificates have expired, and nothing that could be checked says that they were used before: the engine
    # takes the time of a stamp whose authority it does not check.
    "python__pdf-file.pdf": "review intact valid intact",
    "rs__ocsp.jpg": "review intact valid intact",
    # Broken.
    "python__XCA.jpg": "rejected changed valid unknown",
    "python__dashinit.mp4": "rejected changed valid none",
    "python__E-sig-CA.jpg": "rejected intact invalid unknown",
    "rs__adobe-20220124-E-clm-CAICAI.jpg": "rejected changed valid broken",
    "rs__signature_mismatch.jpg": "rejected intact valid unknown",
    "rs__invalid_cose_sign1.jpg": "rejected intact valid unknown",
    # Sound themselves, and `Trusted` for the engine in the last two, but made from broken files.
    "python__CIE-sig-CA.jpg": "rejected intact valid broken",
    "python__CACAE-uri-CA.jpg": "rejected intact valid broken",
    "rs__CIE-sig-CA.jpg": "rejected intact valid broken",
    # Present, but not readable.
    "python__prerelease.jpg": "rejected not checked not checked not checked",
    "rs__no_alg.jpg": "rejected not checked not checked not checked",
    "rs__nested_moov_1000.mp4": "rejected not checked not checked not checked",
    "rs__tiff_poc.tiff": "rejected not checked not checked not checked",
    "rs__sample3.svg": "rejected not checked not checked not checked",
    # Kept elsewhere, or nowhere.
    "python__cloud.jpg": "review not checked not checked not checked",
    "rs__riff_bomb_1000.wav": "review not checked not checked not checked",
    "python__A.jpg": "review not checked not checked not checked",
}
"""Decision, content, signature, ancestry."""


def _rows():
    if not (VECTORS / "index.csv").is_file():
        return [pytest.param({}, id="absent", marks=pytest.mark.skip(reason="../shared/vectors is not there"))]
    with (VECTORS / "index.csv").open(newline="", encoding="utf-8") as index:
        return [pytest.param(row, id=row["file"]) for row in csv.DictReader(index)]


def _observed(*wanted):
    return [item for item in _rows() if not item.values[0] or item.values[0]["observed"] in wanted]


def _failing(start):
    return [
        item
        for item in _rows()
        if not item.values[0]
        or (item.values[0]["observed"] == "error" and item.values[0]["observed_error"].startswith(start))
    ]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    for path in (*SIGNERS, *TIMESTAMPS):
        if not path.is_file():
            pytest.skip(f"{path.name} is not there")
    trust = TrustSettings(signers=tuple(map(str, SIGNERS)), timestamps=tuple(map(str, TIMESTAMPS)))
    return Workspace(Settings(home=str(tmp_path_factory.mktemp("vectors")), trust=trust), clock=lambda: AT)


@pytest.mark.parametrize("row", _rows())
def test_a_vector_is_the_file_that_the_index_names(row, vectors):
    data = (vectors / row["file"]).read_bytes()
    assert (hashlib.sha256(data).hexdigest(), str(len(data))) == (row["sha256"], row["bytes"])


@pytest.mark.parametrize("row", _observed("Trusted", "Valid", "Invalid"))
def test_the_engines_word_is_reported_as_it_was_observed(row, space, vectors):
    started = time.monotonic()
    found = space.inspect(vectors / row["file"])
    assert time.monotonic() - started < BOUND
    assert found.credential is Credential.PRESENT
    accepted = {row["observed"]} | ({"Invalid"} if row["clock_dependent"] == "1" else set())
    assert found.store.reported_state in accepted or row["file"] in DIFFERENT


@pytest.mark.parametrize("row", _observed("no_manifest"))
def test_a_file_without_a_manifest_has_no_credentials(row, space, vectors):
    started = time.monotonic()
    verdict = space.verify(vectors / row["file"])
    assert time.monotonic() - started < BOUND
    assert verdict.facets.credential.state is Credential.ABSENT
    assert verdict.decision is Decision.REVIEW


@pytest.mark.parametrize("row", _failing(("Other:", "Verify:")))
def test_malformed_credentials_are_there_and_unreadable(row, space, vectors):
    started = time.monotonic()
    verdict = space.verify(vectors / row["file"])
    assert time.monotonic() - started < BOUND
    assert verdict.facets.credential.state is Credential.UNREADABLE
    assert verdict.decision is Decision.REJECTED
    words = row["observed_error"].split(": ")[-1]
    assert words in verdict.facets.credential.reason


@pytest.mark.parametrize("row", _failing("Remote:"))
def test_a_remote_manifest_is_named_and_not_fetched(row, space, vectors):
    verdict = space.verify(vectors / row["file"])
    assert verdict.facets.credential.state is Credential.NOT_FETCHED
    assert verdict.decision is Decision.REVIEW
    assert verdict.inspection.remote_url == row["observed_error"].split(" url ")[1]


@pytest.mark.parametrize("row", _failing("NotSupported:"))
def test_a_type_that_cannot_carry_credentials_is_refused_by_name(row, space, vectors):
    path = vectors / row["file"]
    with pytest.raises(UnsupportedMedia) as caught:
        space.inspect(path)
    assert caught.value.path == str(path)
    assert caught.value.hint


def test_every_row_is_of_a_kind_that_is_tested(vectors):
    tested = [
        *_observed("Trusted", "Valid", "Invalid", "no_manifest"),
        *_failing(("Other:", "Verify:")), *_failing("Remote:"), *_failing("NotSupported:"),
    ]  # fmt: skip
    assert sorted(item.id for item in tested) == sorted(item.id for item in _rows())


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_on_a_vector_is_the_right_one(name, space, vectors):
    row = next(item.values[0] for item in _rows() if item.id == name)
    verdict = space.verify(vectors / name)
    facets = verdict.facets
    decision, rest = VERDICTS[name].split(" ", 1)
    assert f"{facets.content.state} {facets.signature.state} {facets.ancestry.state}" == rest
    if row["clock_dependent"] == "1" and facets.signer.state is Signer.INVALID:
        # Its certificate has expired since this was written, and no time-stamp says when it was used.
        decision = Decision.REJECTED
    assert verdict.decision == decision


@pytest.mark.parametrize("row", _observed("Trusted", "Valid", "Invalid"))
def test_nothing_is_accepted_that_is_not_intact_and_signed_by_somebody_trusted(row, space, vectors):
    verdict = space.verify(vectors / row["file"])
    facets = verdict.facets
    sound = (facets.content.state, facets.signature.state, facets.signer.state)
    assert verdict.decision is not Decision.ACCEPTED or sound == (Content.INTACT, Signing.VALID, Signer.TRUSTED)


@pytest.mark.parametrize("row", _observed("Trusted", "Valid"))
def test_without_trust_lists_nobody_is_trusted_and_nothing_accepted(row, vectors, tmp_path):
    verdict = Workspace(Settings(home=str(tmp_path))).verify(vectors / row["file"])
    assert verdict.facets.signer.state in {Signer.UNTRUSTED, Signer.INVALID}
    assert verdict.decision is not Decision.ACCEPTED


@pytest.mark.parametrize("row", _rows())
def test_the_json_report_of_a_vector_follows_its_schema(row, space, vectors):
    result = look(space, vectors / row["file"], Asked())
    written = json.loads(to_json.document(Results(items=(result,), generator="test")))
    require_valid(written, form.schema())
    assert written["files"][0]["file"].endswith(row["file"])
    assert (written["files"][0]["decision"] is None) == (written["files"][0]["error"] is not None)


@pytest.mark.parametrize("row", _rows())
def test_the_terminal_report_of_a_vector_is_plain_text(row, space, vectors):
    console = Console(file=io.StringIO(), width=160, highlight=False, emoji=False, markup=False)
    try:
        verdict = space.verify(vectors / row["file"])
    except (UnsupportedMedia, UnreadableMedia) as error:
        console.print(to_terminal.error(str(error)))
    else:
        console.print(to_terminal.verdict(verdict))
        if verdict.inspection.store is not None:
            console.print(to_tree.history(verdict, trace(verdict.inspection.store)))
    shown = console.file.getvalue()
    assert row["file"] in shown.replace("\n", "")
    hidden = {char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert hidden <= {"\n"}
