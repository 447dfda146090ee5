"""Flat fields: nothing is attributed to a signer that cannot be, and sidecars hold what programs that read XMP find."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from provenance.errors import SettingsError
from provenance.history import trace
from provenance.model.claim import Action, Relationship
from provenance.model.vocabulary import SOURCE_TYPES
from provenance.reports import to_fields, to_json, to_xmp
from provenance.reports.result import Result
from provenance.reports.to_xmp import Copy
from tests.unit.reports.test_graph import NASTY
from tests.unit.stores import SIGNED, SOUND, a_manifest, a_store, a_verdict, an_ingredient, bad, good

CAPTURE, AI = SOURCE_TYPES["digitalCapture"], SOURCE_TYPES["trainedAlgorithmicMedia"]
GENERATOR = "provenance 1.0"
WHO = "Example News / Desk"
NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "own": to_xmp.NAMESPACE,
    "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
}


def made(source_type=None, **more):
    return a_manifest(actions=(Action(name="c2pa.created", source_type=source_type),), **more)


def fields_of(store=None, **more):
    verdict = a_verdict(store, **more)
    report = to_json.of_verdict(verdict, trace(store) if store else None)
    return to_fields.fields(report, generator=GENERATOR, basis="b")


UNSOUND = {
    "changed": bad("assertion.dataHash.mismatch"),
    "malformed": bad("manifest.multipleParents"),
    "signature does not hold": (*good(*SOUND), *bad("claimSignature.mismatch")),
    "signature not checked": good("assertion.dataHash.match"),
    "revoked": (*good(*SOUND), *bad("signingCredential.ocsp.revoked")),
    "certificate not made for it": (*good(*SOUND), *bad("signingCredential.invalid")),
    "signer not trusted": (*good(*SOUND[1:]), *bad("signingCredential.untrusted")),
}


@pytest.mark.parametrize("statuses", UNSOUND.values(), ids=UNSOUND)
def test_nothing_is_attributed_to_a_signer_who_does_not_answer_for_it(statuses):
    found = fields_of(a_store(made(CAPTURE), statuses=statuses))
    assert found.decision != "accepted"
    assert (found.signer, found.signed_at, found.source_type, found.began) == (None,) * 4
    assert found.certificate == WHO
    assert found.reasons


def test_what_a_trusted_signer_says_is_told():
    found = fields_of(a_store(made(CAPTURE)))
    assert (found.decision, found.signer, found.source_type) == ("accepted", WHO, CAPTURE)
    assert found.began == "captured by a digital camera or recorder"
    assert found.reasons == found.rules == ()


TIME = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statuses", "time"),
    [
        (good("timeStamp.trusted", "timeStamp.validated"), TIME.isoformat()),
        (bad("timeStamp.untrusted"), None),
        ((), None),
    ],
)
def test_a_time_counts_only_from_an_authority_that_is_trusted(statuses, time):
    stamped = made(CAPTURE, signature=replace(SIGNED, time=TIME))
    assert fields_of(a_store(stamped, statuses=(*good(*SOUND), *statuses))).signed_at == time


def test_without_credentials_only_the_verdict_is_told():
    found = fields_of()
    assert (found.decision, found.credential, found.certificate, found.manifest) == ("review", "absent", None, None)


def composed(*parts, trusted=True):
    part = Relationship.COMPONENT_OF
    ingredients = [
        an_ingredient(
            label, () if trusted else bad("signingCredential.untrusted"), label=f"c2pa.ingredient.v3__{number}",
            relationship=part,
        )
        for number, (label, _) in enumerate(parts)
    ]  # fmt: skip
    head = a_manifest("active", *ingredients, actions=(Action(name="c2pa.created", source_type=CAPTURE),))
    others = [a_manifest(label, actions=(Action(name="c2pa.created", source_type=kind),)) for label, kind in parts]
    return a_store(head, *others)


def test_a_source_type_is_told_only_where_all_steps_agree():
    assert fields_of(composed(("part", AI))).source_type is None
    assert fields_of(a_store(a_manifest("active", an_ingredient(None, title="scan"), actions=(
        Action(name="c2pa.created", source_type=CAPTURE),
    )))).source_type is None  # fmt: skip
    assert fields_of(composed(("part", CAPTURE), trusted=False)).source_type is None


def test_what_was_not_looked_at_has_no_fields():
    report = to_json.of_result(Result(name="gone.jpg"))
    with pytest.raises(ValueError, match="could not be looked at"):
        to_fields.fields(report, generator=GENERATOR)


def parsed(found, *copies):
    return etree.fromstring(to_xmp.document(found, tuple(map(Copy.parse, copies))).encode())


def test_a_sidecar_holds_the_fields_and_the_property_of_the_standard():
    found = fields_of(a_store(made(CAPTURE)))
    root = parsed(found, "photoshop:Instructions=sentence", "dc:subject=decision", "dc:subject=policy")
    assert root.findtext(".//ext:DigitalSourceType", namespaces=NAMES) == CAPTURE
    assert root.findtext(".//own:decision", namespaces=NAMES) == "accepted"
    assert root.findtext(".//photoshop:Instructions", namespaces=NAMES) == found.sentence
    assert [item.text for item in root.iterfind(".//dc:subject/rdf:Bag/rdf:li", NAMES)] == ["accepted", found.policy]


def test_a_rejected_file_has_no_property_of_the_standard():
    root = parsed(fields_of(a_store(made(CAPTURE), statuses=UNSOUND["changed"])))
    assert root.find(".//ext:DigitalSourceType", NAMES) is None
    assert root.findall(".//own:reasons/rdf:Bag/rdf:li", NAMES)


@pytest.mark.parametrize("words", ["x=sentence", "dc:subject", "dc:subject=x", "dc:rights=sentence", ""])
def test_a_copy_that_cannot_be_made_is_refused(words):
    with pytest.raises(SettingsError):
        Copy.parse(words)


@pytest.mark.parametrize("name", [NASTY, "\x00\x07\ufffe<a/>&]]>", "x" * 100_000])
def test_names_from_files_are_only_text(name):
    found = replace(fields_of(a_store(made(CAPTURE))), file=name, signer=name, reasons=(name,))
    root = parsed(found, "photoshop:Credit=signer")
    assert len(root.find("rdf:RDF/rdf:Description", NAMES)) == len(parsed(fields_of(a_store(made(CAPTURE))))[0][0]) + 2


def test_a_sidecar_is_known_again_and_one_that_others_wrote_is_not():
    text = to_xmp.document(fields_of(a_store(made(CAPTURE)))).encode()
    assert to_xmp.is_own(text)
    assert to_xmp.basis(text) == "b"
    assert not to_xmp.is_own(text.replace(b"provenance 1.0", b"XMP Core 6.0", 1))
    for other in (b"", b"{}", b"<a/>", b"\xff" * 100, text[:-20]):
        assert not to_xmp.is_own(other)
        assert to_xmp.basis(other) is None


def test_programs_that_read_xmp_read_it(tmp_path):
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("exiftool is not installed")
    path = tmp_path / "photo.jpg.xmp"
    path.write_text(to_xmp.document(fields_of(a_store(made(CAPTURE)))), encoding="utf-8")
    told = subprocess.run([exiftool, "-G1", "-n", "-s", str(path)], capture_output=True, text=True, check=True).stdout
    lines = {line.partition(":")[0].strip(): line.partition(": ")[2] for line in told.splitlines()}
    assert lines[next(key for key in lines if key.endswith(" DigitalSourceType"))] == CAPTURE
    assert lines[next(key for key in lines if key.endswith("] Decision"))] == "accepted"
    assert not any("Warning" in key or "Error" in key for key in lines)
