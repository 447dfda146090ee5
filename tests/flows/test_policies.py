"""The policies that come along, on files as people meet them: they decide as their page says."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from pathlib import Path

import pytest

from provenance import Carrier, Decision, Preset, SigningOptions, Workspace
from provenance.model.policy import Outcome
from provenance.network import Client, Rules
from provenance.policy import needs, packs, parse
from provenance.verification import verify
from provenance.workspace import asking
from tests.flows.situations import CAPTURE, OURS, SITUATIONS, Desk
from tests.support import media
from tests.support.command import run
from tests.support.exclusions import leaving_out
from tests.support.ocsp import Pki, Responder
from tests.support.tsa import Authority

PAGE = Path(__file__).parents[2] / "docs" / "policies-shipped.md"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    pki = Pki()
    with Responder(pki.middle, pki.middle_key) as responder, Authority() as tsa, pytest.MonkeyPatch.context() as patch:
        rules = Rules(http=True, unsafe_allow=("127.0.0.0/8",), deadline=5)
        patch.setattr(asking, "responders", lambda: Client(rules))
        yield Desk(tmp_path_factory.mktemp("desk"), responder, tsa, pki)


def told_on_the_page():
    """Read the table of decisions: what stands in the page is what people rely on."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header = next(row for row in rows if row[0] == "a file")
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in rows if row[0] in SITUATIONS}


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_policy_decides_as_its_page_says(desk, name):
    given = SITUATIONS[name](desk)
    decided = {}
    for pack in packs.names():
        verdict = given.space.verify(given.data, policy=pack, online=given.online)
        decided[f"`{pack}`"] = verdict.decision.value
    assert decided == told_on_the_page().get(name)


def test_the_page_tells_of_no_file_that_is_not_tried():
    table = re.search(r"\| a file \|.*?\n\n", PAGE.read_text(), re.DOTALL)[0]
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:] if line] == list(SITUATIONS)


def one_rule(rule, options=""):
    head = 'name = "x"\nversion = "1"\npurpose = "x"\n'
    return parse(f'{head}[[rules]]\nrule = "{rule}"\nseverity = "fail"\n{options}\n', source="x")


def findings(verdict):
    return {item.rule: item for item in verdict.findings}


def test_an_update_is_judged_with_what_it_updates(desk):
    """A time that is added later takes nothing away from what was stated before."""
    stamped = desk.stamping.timestamp(desk.signed(desk.capture, OURS), signer=desk.signer).data

    found = findings(desk.space.verify(stamped, policy="own-output"))

    for rule in ("content.training-statement", "content.actions-required", "content.first-action", "time.trusted"):
        assert found[rule].outcome is Outcome.PASSED, found[rule]
    assert found["signer.publisher-named"].outcome is Outcome.UNDECIDED
    assert "is not checked again" in found["signer.publisher-named"].message
    for name in ("newsroom-intake", "conformance-2.4"):
        assert desk.space.verify(stamped, policy=name).decision is Decision.ACCEPTED
    marked = desk.stamping.timestamp(desk.generated, signer=desk.signer).data
    assert desk.space.verify(marked, policy="eu-ai-act-marking").decision is Decision.ACCEPTED


@pytest.mark.parametrize("kind", media.EXTENSIONS)
def test_the_hashes_of_what_is_signed_here_leave_out_the_manifest_only(desk, kind):
    data = desk.signed(media.make(kind), CAPTURE)
    found = findings(desk.space.verify(data, policy="conformance-2.4"))
    for rule in ("integrity.exclusions-allowed", "integrity.hash-algorithm", "content.spec-version"):
        assert found[rule].outcome is Outcome.PASSED, found[rule]


def test_a_sidecar_leaves_nothing_out(desk, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(desk.photo)
    beside = SigningOptions(preset=Preset.CAPTURE, carrier=Carrier.SIDECAR)
    signed = desk.space.sign(tmp_path / "photo.jpg", tmp_path / "out.jpg", options=beside, signer=desk.signer)

    assert desk.space.verify(signed.path, policy="newsroom-intake").decision is Decision.ACCEPTED


def test_bytes_that_no_hash_covers_can_be_changed_unnoticed_and_are_told(desk):
    """The engine calls both files the same; only the hash itself tells that something was left out."""
    data = leaving_out(desk.photo, (600, 40), signer=desk.signer, trust=desk.space.trust)
    place = len(data) - len(desk.photo) + 610
    altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    for signed in (data, altered):
        found = findings(desk.space.verify(signed, policy="newsroom-intake"))
        assert found["integrity.content-intact"].outcome is Outcome.PASSED
        assert found["integrity.exclusions-allowed"].outcome is Outcome.FAILED
        assert "40 bytes" in found["integrity.exclusions-allowed"].message


def test_the_engine_itself_refuses_an_exclusion_that_is_wider_than_the_manifest(desk):
    data = leaving_out(desk.photo, signer=desk.signer, trust=desk.space.trust, widened=40)
    assert desk.space.verify(data).decision is Decision.REJECTED


def test_what_a_capture_states_is_what_its_file_says(desk):
    found = findings(desk.space.verify(desk.capture, policy="newsroom-intake"))
    for what in ("caption", "date", "place"):
        assert found[f"metadata.{what}-as-signed"].outcome is Outcome.PASSED
        assert found[f"metadata.{what}-as-signed"].evidence


def test_only_what_is_stated_elsewhere_differs_from_the_file(desk):
    """The picture's own metadata is covered by the hash: an author who is named besides is not in it."""
    data = desk.signed(desk.photo, SigningOptions(preset=Preset.CAPTURE, author="Somebody Else"))
    (finding,) = desk.space.verify(data, policy=one_rule("metadata.creator-as-signed")).findings
    assert finding.message == "the creator is 'Zoë Müller', and 'Somebody Else' was signed"


def test_lists_are_told_apart_where_a_policy_names_them(desk):
    for lists, decision in (('["c2pa"]', Decision.ACCEPTED), ('["other"]', Decision.REJECTED)):
        policy = one_rule("signer.trusted", f"lists = {lists}")
        assert desk.space.verify(desk.capture, policy=policy).decision is decision


def test_nothing_that_others_have_made_is_milder_than_the_usual_policy(vectors):
    """Rejected by the usual policy is accepted by none; whatever others have made ends in a verdict."""
    space = Workspace(trust_files=[vectors / "test-roots.pem"])
    policies = [space.policy(name) for name in packs.names()]
    asked = reduce(or_, map(needs, policies))
    for path in sorted(vectors.iterdir()):
        if path.suffix not in {".jpg", ".mp4", ".wav", ".pdf", ".png", ".svg", ".dng", ".webp", ".tiff"}:
            continue
        found = space.inspect(path, needs=asked)
        usual, *others = (verify(found, policy) for policy in policies)
        for verdict in others:
            assert all(item.message for item in verdict.findings)
            if usual.decision is Decision.REJECTED:
                assert verdict.decision is not Decision.ACCEPTED, (path.name, verdict.policy.name)


def test_an_unchanged_copy_is_told_what_has_to_be_changed(home):
    done = run("policy", "check", "own-output")
    assert done.returncode == 0
    assert done.stdout.count("'names' comes from the policy that was copied") == 2
