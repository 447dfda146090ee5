"""Rules about who signed, and who stands behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.as_of import AsOf
from provenance.model.further import Further
from provenance.model.manifest import IdentityAssertion
from provenance.model.trust import CertificatePath, Purpose, Trust
from provenance.policy.evaluate import needs
from provenance.policy.parse import parse
from provenance.policy.registry import Need, find
from tests.unit.policy.asking import DAY, FAILED, PASSED, UNDECIDED, Case, certificate, changed, check, flat, updating
from tests.unit.stores import AT, SIGNED, SOUND, a_list, a_manifest, a_store, bad, good, some_facts

UNTRUSTED = a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted")), trust_list=None)
EXPIRED = a_store(statuses=(*good(*SOUND), *bad("signingCredential.expired")))
UNSIGNED = a_store(statuses=bad("claimSignature.mismatch"))
NAMELESS = a_store(a_manifest(signature=replace(SIGNED, organization=None, common_name=None)))
DEVELOPMENT = {"trust": Trust(lists=(a_list(local=True),))}
TWO = {"trust": Trust(lists=(a_list(), a_list("official"), a_list("own", local=True)))}
NEWS = IdentityAssertion(
    label="cawg.identity", organization="Example News", common_name="Desk [1]", roles=("cawg.publisher",), kind="x"
)


def identified(*failures):
    return a_store(a_manifest(identities=(NEWS,)), statuses=(*good(*SOUND), *bad(*failures)))


def path(name, start=-10, end=10):
    return CertificatePath(through=name, valid_from=AT + start * DAY, valid_until=AT + end * DAY)


def through(*paths):
    return certificate(paths=paths) | TWO


def on_another_day(*paths, date=AT):
    lists = tuple(replace(item, as_of=date) for item in TWO["trust"].lists)
    return {"trust": Trust(lists=lists), "further": Further(as_of=AsOf(at=AT, paths=paths))}


TRUSTED_ID = replace(good("cawg.x509.credential.trusted")[0], explanation="found in [ids] trust anchors")
GOOD = replace(identified(), statuses=(*good(*SOUND), TRUSTED_ID))
IDS = {"trust": Trust(lists=(a_list(), a_list("ids", Purpose.IDENTITY)))}
OPEN = identified("cawg.x509.credential.untrusted")
BROKEN = identified("cawg.ica.signature_mismatch")
UPDATED = updating(a_manifest("old", identities=(NEWS,)))
CASES = {
    "signer.certificate-acceptable": {
        "trusted": Case(outcome=PASSED, store=a_store()),
        "not trusted": Case(outcome=PASSED, store=UNTRUSTED),
        "expired": Case(outcome=FAILED, store=EXPIRED),
        "signature broken": Case(outcome=UNDECIDED, store=UNSIGNED),
        "none": Case(outcome=UNDECIDED),
    },
    "signer.trusted": {
        "through a list": Case(outcome=PASSED, says="'signers'", store=a_store()),
        "through none": Case(outcome=FAILED, store=UNTRUSTED),
        "expired": Case(outcome=FAILED, store=EXPIRED),
        "signature broken": Case(outcome=UNDECIDED, store=UNSIGNED),
        "none": Case(outcome=UNDECIDED),
        "development counts": Case(outcome=PASSED, store=a_store(), told=DEVELOPMENT),
        "development does not count": Case(
            outcome=FAILED,
            says="for development only",
            store=a_store(),
            told=DEVELOPMENT,
            options={"development": False},
        ),
        "a wanted list": Case(outcome=PASSED, store=a_store(), options={"lists": ("signers",)}),
        "another list": Case(
            outcome=FAILED, says="not one of official", store=a_store(), options={"lists": ("official",)}
        ),
        "a wanted list beside the first": Case(
            outcome=PASSED,
            store=a_store(),
            told=through(path("signers"), path("official")),
            options={"lists": ("official",)},
        ),
        "a wanted list, under which the certificate is out of date": Case(
            outcome=FAILED, store=a_store(), told=through(path("official", -9, -1)), options={"lists": ("official",)}
        ),
        "development beside a list": Case(
            outcome=PASSED, store=a_store(), told=through(path("own")), options={"development": False}
        ),
        "on another day, through a wanted list": Case(
            outcome=PASSED,
            store=a_store(),
            told=on_another_day(path("own"), path("official")),
            options={"lists": ("official",)},
        ),
        "on another day, through another list": Case(
            outcome=FAILED, store=a_store(), told=on_another_day(path("own")), options={"lists": ("official",)}
        ),
        "on another day, for development": Case(
            outcome=FAILED, store=a_store(), told=on_another_day(path("own")), options={"development": False}
        ),
        "on another day, before the list": Case(
            outcome=UNDECIDED,
            store=a_store(),
            told=on_another_day(path("official"), date=AT + DAY),
            options={"lists": ("official",)},
        ),
    },
    "signer.organization": {
        "it is": Case(outcome=PASSED, says="'Example News'", store=a_store(), options={"names": ("Example News",)}),
        "a pattern": Case(outcome=PASSED, store=a_store(), options={"names": ("Other", "Example *")}),
        "it is not": Case(outcome=FAILED, says="not one of Other", store=a_store(), options={"names": ("Other",)}),
        "a part of it": Case(outcome=FAILED, store=a_store(), options={"names": ("Example",)}),
        "nobody vouches": Case(outcome=FAILED, says="can't be verified", store=UNTRUSTED, options={"names": ("*",)}),
        "none in the certificate": Case(outcome=FAILED, says="names no", store=NAMELESS, options={"names": ("*",)}),
        "signature broken": Case(outcome=UNDECIDED, store=UNSIGNED, options={"names": ("*",)}),
        "no signature": Case(outcome=UNDECIDED, store=a_store(a_manifest(signature=None)), options={"names": ("*",)}),
        "none": Case(outcome=UNDECIDED, options={"names": ("*",)}),
    },
    "signer.common-name": {
        "it is": Case(outcome=PASSED, store=a_store(), options={"names": ("Desk",)}),
        "it is not": Case(outcome=FAILED, store=a_store(), options={"names": ("Example News",)}),
        "none": Case(outcome=UNDECIDED, options={"names": ("*",)}),
    },
    "signer.certificate-policy": {
        "it was": Case(
            outcome=PASSED, store=a_store(), told=certificate(policies=("1.2", "1.3")), options={"oids": ("1.3",)}
        ),
        "it was not": Case(
            outcome=FAILED,
            says="the policy 1.2, and 1.3",
            store=a_store(),
            told=certificate(policies=("1.2",)),
            options={"oids": ("1.3",)},
        ),
        "no policy": Case(
            outcome=FAILED, says="no policy", store=a_store(), told=certificate(), options={"oids": ("1.3",)}
        ),
        "nobody vouches": Case(
            outcome=FAILED,
            says="can't be verified",
            store=UNTRUSTED,
            told=certificate(policies=("1.3",)),
            options={"oids": ("1.3",)},
        ),
        "signature broken": Case(
            outcome=UNDECIDED, store=UNSIGNED, told=certificate(policies=("1.3",)), options={"oids": ("1.3",)}
        ),
        "certificate not at hand": Case(outcome=UNDECIDED, store=a_store(), options={"oids": ("1.3",)}),
    },
    "signer.key-usage": {
        "claim signing": Case(outcome=PASSED, store=a_store(), told=certificate(key_usages=("1.3.6.1.4.1.62558.2.1",))),
        "another use": Case(outcome=FAILED, says="the use 1.2", store=a_store(), told=certificate(key_usages=("1.2",))),
        "no use": Case(outcome=FAILED, says="no use", store=a_store(), told=certificate()),
        "certificate not at hand": Case(outcome=UNDECIDED, store=a_store()),
    },
    "signer.key-at-least": {
        "a curve": Case(outcome=PASSED, says="256 bits (ec)", store=a_store(), told=certificate()),
        "a curve that is too small": Case(
            outcome=FAILED, says="384 are asked for", store=a_store(), told=certificate(), options={"ec": 384}
        ),
        "RSA": Case(outcome=PASSED, store=a_store(), told=certificate(key_type="rsa", key_bits=2048)),
        "RSA that is too short": Case(
            outcome=FAILED, store=a_store(), told=certificate(key_type="rsa", key_bits=2048), options={"rsa": 3072}
        ),
        "Ed25519": Case(outcome=PASSED, store=a_store(), told=certificate(key_type="ed25519")),
        "Ed25519 that does not count": Case(
            outcome=FAILED, store=a_store(), told=certificate(key_type="ed25519"), options={"ed25519": False}
        ),
        "another kind": Case(
            outcome=FAILED, says="not provided for", store=a_store(), told=certificate(key_type="dsa")
        ),
        "certificate not at hand": Case(outcome=UNDECIDED, store=a_store()),
    },
    "signer.publisher-unbroken": {
        "nobody named": Case(outcome=PASSED, store=a_store()),
        "named, and open": Case(outcome=PASSED, store=OPEN),
        "broken": Case(outcome=FAILED, store=BROKEN),
        "none": Case(outcome=UNDECIDED),
    },
    "signer.publisher-verified": {
        "nobody named": Case(outcome=PASSED, store=a_store()),
        "verified": Case(outcome=PASSED, store=GOOD, told=IDS),
        "open": Case(outcome=FAILED, store=OPEN),
        "broken": Case(outcome=FAILED, store=BROKEN),
        "not checked": Case(outcome=UNDECIDED, store=identified()),
        "none": Case(outcome=UNDECIDED),
    },
    "signer.publisher-named": {
        "a publisher": Case(outcome=PASSED, store=GOOD, told=IDS),
        "this publisher": Case(outcome=PASSED, store=GOOD, told=IDS, options={"names": ("Example N*",)}),
        "by the common name": Case(outcome=PASSED, store=GOOD, told=IDS, options={"names": ("Desk [1]",)}),
        "in this role": Case(outcome=PASSED, store=GOOD, told=IDS, options={"roles": ("editor", "cawg.publisher")}),
        "another": Case(
            outcome=FAILED, says="nobody called Other", store=GOOD, told=IDS, options={"names": ("Other",)}
        ),
        "in another role": Case(
            outcome=FAILED, says="named as editor", store=GOOD, told=IDS, options={"roles": ("editor",)}
        ),
        "open": Case(outcome=FAILED, store=OPEN),
        "not checked": Case(outcome=UNDECIDED, store=identified()),
        "content changed": Case(
            told=IDS,
            outcome=UNDECIDED,
            says="nothing in it can be attributed",
            store=replace(GOOD, statuses=(*changed().statuses, TRUSTED_ID)),
        ),
        "in what was updated": Case(outcome=UNDECIDED, says="not checked again", store=UPDATED, subject="old"),
        "nobody": Case(outcome=FAILED, says="nobody is named as publisher", store=a_store()),
        "none": Case(outcome=UNDECIDED),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)


def test_certificates_are_only_looked_at_where_lists_are_asked_for():
    """The usual policy asks for any list, and must not pay for more."""
    head = 'name = "x"\nversion = "1"\npurpose = "x"\n[[rules]]\nrule = "signer.trusted"\nseverity = "fail"\n'
    assert needs(parse(head, source="x")) is Need.NOTHING
    assert needs(parse(f'{head}lists = ["c2pa"]\n', source="x")) is Need.CERTIFICATE


def test_answers_name_lists_and_codes():
    assert find("signer.trusted").ask(some_facts(a_store())).evidence == ("signers",)
    assert find("signer.trusted").ask(some_facts(UNTRUSTED)).evidence == ("signingCredential.untrusted",)
    assert find("signer.publisher-verified").ask(some_facts(BROKEN)).evidence == ("cawg.ica.signature_mismatch",)


def test_names_of_strangers_are_shown_in_one_line_and_not_at_any_length():
    long = a_store(a_manifest(signature=replace(SIGNED, organization="a\n\u202eb" + "c" * 10_000)))
    found = find("signer.organization").ask(some_facts(long), names=("x",))
    assert len(found.message) < 200
    assert found.message.isprintable()
