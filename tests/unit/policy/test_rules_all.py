"""What holds for every rule: it is explained and tried, it passes on nothing that is missing or broken."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from provenance.model.claim import Action, Generator
from provenance.model.facets import Revocation
from provenance.model.further import Further
from provenance.model.media import Metadata
from provenance.model.policy import Outcome
from provenance.model.revocation import RevocationAnswer
from provenance.policy import mistakes
from provenance.policy.registry import every, find
from tests.support.campaign import cases
from tests.unit.policy.asking import FAILED, PASSED, UNDECIDED, assertion, certificate, changed, created, metadata
from tests.unit.stores import SOUND, a_manifest, a_store, an_ingredient, bad, good, some_facts

TABLES = ("bindings", "content", "history", "integrity", "metadata", "signer", "stated", "time")
CASES = {
    rule: cases
    for name in TABLES
    for rule, cases in import_module(f"tests.unit.policy.test_rules_{name}").CASES.items()
}
RULES = {item.id: item for item in every()}
UNREACHABLE = {
    ("file.type", UNDECIDED): "every file has a type",
    ("file.size", UNDECIDED): "every file has a size",
}
WITHOUT_CREDENTIALS = {
    "integrity.credentials-readable": "nothing that is there is unreadable",
    "metadata.not-generative": "it is about the file's own metadata",
    "metadata.no-location": "it is about the file's own metadata",
    "file.type": "it is about the file",
    "file.size": "it is about the file",
}
"""Rules that may pass for a file without credentials, and why."""
OF_NO_STATEMENT = WITHOUT_CREDENTIALS | {
    "integrity.credentials-present": "they are there, whatever they are worth",
    "integrity.credentials-kept": "they are there, whatever they are worth",
    "integrity.content-intact": "the question itself",
    "integrity.signature-valid": "the question itself",
    "integrity.engine-agrees": "the question itself",
    "integrity.ancestors-intact": "ancestors are checked apart from what was made of them",
    "signer.certificate-acceptable": "it is about the certificate",
    "signer.trusted": "it is about the certificate",
    "signer.organization": "it is about the certificate",
    "signer.common-name": "it is about the certificate",
    "signer.certificate-policy": "it is about the certificate",
    "signer.key-usage": "it is about the certificate",
    "signer.key-at-least": "it is about the certificate",
    "signer.publisher-unbroken": "nothing broken is no statement",
    "signer.publisher-verified": "nobody named is no statement",
    "time.stamp-sound": "no time-stamp is no statement",
    "time.within-validity": "it is about the certificate",
    "revocation.not-revoked": "it is about the certificate",
    "revocation.known": "it is about the certificate",
    "revocation.checked": "it is about the certificate",
}
"""Rules that may pass where nothing can be attributed to the signer, and why."""
REVOKED = RevocationAnswer(state=Revocation.REVOKED, reason="it is revoked", source="x")
NOBODYS = {
    "content changed": (*good(*SOUND[:2]), *bad("assertion.dataHash.mismatch")),
    "malformed": (*good(*SOUND), *bad("unheard.of")),
    "content not checked": good(*SOUND[:2]),
    "signature broken": (*good(SOUND[2]), *bad("claimSignature.mismatch")),
    "signature not checked": good(SOUND[0], SOUND[2]),
    "certificate unacceptable": (*good(*SOUND), *bad("signingCredential.invalid")),
    "expired": (*good(*SOUND), *bad("signingCredential.expired")),
    "revoked": (*good(*SOUND), *bad("signingCredential.revoked")),
}


def samples(rule):
    """Yield the cases of a rule that pass on a sound file: the ways in which it might pass."""
    return [item for item in CASES[rule].values() if item.outcome is PASSED and item.store is not None]


def asked(rule, store, case):
    return find(rule).ask(some_facts(store, **case.told), **case.options)


@pytest.mark.parametrize("rule", RULES)
def test_every_answer_of_every_rule_is_tried(rule):
    tried = {item.outcome for item in CASES.get(rule, {}).values()}
    assert {item for item in Outcome if (rule, item) not in UNREACHABLE} == tried


def test_the_lists_here_name_rules_that_exist():
    assert {*CASES, *OF_NO_STATEMENT, *(rule for rule, _ in UNREACHABLE)} == {*RULES} & {*CASES, *OF_NO_STATEMENT}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_and_each_of_its_options_is_explained(rule):
    found = RULES[rule]
    assert found.question.endswith("?")
    assert found.explanation.strip()
    for option in found.options:
        assert f"`{option}" in found.explanation, option


@pytest.mark.parametrize("rule", sorted({*RULES} - {*WITHOUT_CREDENTIALS}))
def test_nothing_passes_without_credentials(rule):
    for case in CASES[rule].values():
        if not case.options.get("if_present"):
            told = {key: value for key, value in case.told.items() if key in {"metadata", "media", "trust"}}
            assert asked(rule, None, replace(case, told=told)).outcome is not PASSED


@pytest.mark.parametrize("name", NOBODYS)
@pytest.mark.parametrize("rule", sorted({*RULES} - {*OF_NO_STATEMENT}))
def test_no_statement_passes_where_nobody_stands_by_it(rule, name):
    for case in samples(rule):
        assert asked(rule, replace(case.store, statuses=NOBODYS[name]), case).outcome is not PASSED, case


def test_a_certificate_that_an_authority_calls_revoked_stands_by_nothing():
    facts = some_facts(a_store(), further=Further(revocation=REVOKED))
    found = find("content.claim-version").ask(facts)
    assert (found.outcome, found.message) == (UNDECIDED, "nothing in it can be attributed to the signer")


def test_what_stands_in_a_broken_file_can_still_speak_against_it():
    store = changed(a_manifest("a", actions=(created("trainedAlgorithmicMedia"),)))
    assert find("content.not-generative").ask(some_facts(store)).outcome is FAILED


HOSTILE = (
    None,
    True,
    -1,
    1e400,
    "",
    "\u202e\x00<b>",
    [],
    [None, {"a": []}],
    {},
    {"entries": {"": None, "x": {"use": []}}},
)
KEYS = (
    "entries",
    "actions",
    "@context",
    "modelName",
    "exclusions",
    "softwareAgents",
    "allActionsIncluded",
    "exif:GPSLatitude",
    "author",
)
LABELS = (
    "c2pa.actions.v2",
    "cawg.training-mining",
    "c2pa.ai-disclosure",
    "cawg.metadata",
    "stds.schema-org.CreativeWork",
    "",
)
OPTIONS = {
    "names": ("*",), "oids": ("1.2",), "types": ("digitalCapture",), "labels": ("x",), "actions": ("placed",),
    "versions": ("2",), "days": 1, "most": 1, "largest": 1,
}  # fmt: skip


@cases("value", HOSTILE[::3], more=HOSTILE, ids=str)
@pytest.mark.parametrize("rule", RULES)
def test_no_shape_that_a_stranger_invents_ends_in_an_error(rule, value):
    told = dict.fromkeys(KEYS, value)
    odd = Action(name="", when=value, source_type=value, reason=value, parameters={"redacted": value})
    manifest = a_manifest(
        "active", an_ingredient(), actions=(odd, replace(odd, name="c2pa.created")), title=None,
        generators=(Generator(name=""),), assertions=tuple(assertion(label, **told) for label in LABELS),
    )  # fmt: skip
    form = {
        "manifests": [
            value,
            {"label": "active", "assertions": {"c2pa.hash.data": told, "c2pa.hash.bmff": value}, "claim": value},
        ]
    }
    store = replace(a_store(manifest), interchange=form)
    facts = some_facts(store, metadata=Metadata(), further=replace(certificate()["further"], stated=metadata()))
    known = RULES[rule]
    given = {name: OPTIONS[name] for name, option in known.options.items() if option.required}
    assert known.ask(facts, **given).message


CHECKED = {
    "content.source-type-not-in": ("types", "screenCapture", "screencapure", "did you mean 'screenCapture'"),
    "content.source-type-in": (
        "types",
        "http://cv.iptc.org/newscodes/digitalsourcetype/print",
        "prints",
        "no digital source type",
    ),
    "content.actions-forbidden": ("actions", "org.example.blurred", "crop", "did you mean 'cropped'"),
    "content.actions-required": ("actions", "c2pa.published", "c2pa.publish", "no action of the standard"),
    "content.training-statement": ("uses", "not-allowed", "notAllowed", "did you mean 'not-allowed'"),
    "integrity.credentials-kept": ("places", "sidecar", "side car", "did you mean 'sidecar'"),
    "signer.certificate-policy": ("oids", "1.3.6.1.4.1.62558", "1.3.6.x", "no object identifier"),
    "file.type": ("types", "image/*", "jpeg", "no media type"),
}


@pytest.mark.parametrize("rule", CHECKED)
def test_words_that_nobody_knows_are_mistakes_in_a_policy(rule):
    option, good_word, bad_word, words = CHECKED[rule]
    head = f'name = "x"\nversion = "1"\npurpose = "x"\n[[rules]]\nrule = "{rule}"\nseverity = "fail"\n'
    assert mistakes(f'{head}{option} = ["{good_word}"]\n') == ()
    ((line, said),) = mistakes(f'{head}{option} = ["{good_word}", "{bad_word}"]\n')
    assert line == 7
    assert words in said
