"""Official lists in JSON: what counts, what they say of themselves, and that they agree with their PEM twins."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from provenance.errors import SettingsError
from provenance.model.trust import Purpose
from provenance.trust import load_file, parse_pem
from provenance.trust.bundle import fingerprint_of
from provenance.trust.official import parse_official
from provenance.trust.reading import Part, read
from provenance.trust.sources import CLAIM_SIGNING, KNOWN, TIME_STAMPING
from tests.conftest import TRUST
from tests.support.certificates import AT
from tests.support.list_server import EXPIRED, FIRST, SECOND, THIRD, UNTRUSTED, official, service


def understand(data, *, purpose=Purpose.SIGNER, at=AT, keep_expired=False):
    return read((Part(data=data, source="list.json"),), purpose=purpose, at=at, keep_expired=keep_expired)


def test_list_says_what_it_is():
    found = parse_official(official(FIRST, SECOND), "list.json")
    assert (found.scheme, found.sequence) == ("C2PA Trust List", 3)
    assert found.issued == datetime(2026, 2, 1, tzinfo=UTC)
    assert found.next_update == datetime(2026, 4, 1, tzinfo=UTC)
    assert [(item.entity, item.name, item.trusted) for item in found.services] == [
        ("Entity 1 Ltd", "The service", True),
        ("Entity 2 Ltd", "The service", True),
    ]


def test_next_update_may_be_missing():
    assert parse_official(official(FIRST, more={"NextUpdate": None}), "list.json").next_update is None


def test_only_what_is_trusted_now_counts():
    found = understand(
        official(
            FIRST,
            service(SECOND, status=UNTRUSTED),
            service(THIRD, since="2026-03-02T00:00:00Z"),
            service(EXPIRED),
            service(FIRST, value="no Base64"),
            service(FIRST, value="AAAA"),
        )
    )
    assert found.anchors == (FIRST,)
    assert [(item.reason, item.who) for item in found.skipped] == [
        ("withdrawn", "Entity 2 Ltd: The service: Example CA · Second root"),
        ("withdrawn", "Entity 3 Ltd: The service: Example CA · Third root"),
        ("expired", "Entity 4 Ltd: The service: Example CA · Old root, until 2026-02-28"),
        ("damaged", "Entity 5 Ltd: The service"),
        ("damaged", "Entity 6 Ltd: The service"),
    ]
    assert found.entities == {fingerprint_of(FIRST): "Entity 1 Ltd"}


@pytest.mark.parametrize("status", [None, "", "trusted", TIME_STAMPING, 1, [UNTRUSTED]])
def test_an_unknown_status_does_not_count(status):
    assert understand(official(FIRST, service(SECOND, status=status))).anchors == (FIRST,)


@pytest.mark.parametrize("turn", [list, reversed], ids=["before", "after"])
def test_what_is_withdrawn_in_one_place_counts_nowhere(turn):
    found = understand(official(THIRD, *turn([service(FIRST), service(FIRST, status=UNTRUSTED)])))
    assert found.anchors == (THIRD,)
    assert [item.reason for item in found.skipped] == ["withdrawn", "withdrawn"]


def test_expired_certificates_are_kept_on_request_but_withdrawn_ones_never():
    found = understand(official(EXPIRED, service(SECOND, status=UNTRUSTED)), keep_expired=True)
    assert found.anchors == (EXPIRED,)
    assert [item.reason for item in found.skipped] == ["withdrawn"]


def without(*path):
    content = json.loads(official(FIRST))
    place = content
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return json.dumps(content)


SERVICE = ("LoTE", "TrustedEntitiesList", 0, "TrustedEntityServices", 0, "ServiceInformation")
INCOMPLETE = {
    "list": without("LoTE"),
    "information": without("LoTE", "ListAndSchemeInformation"),
    "name": without("LoTE", "ListAndSchemeInformation", "SchemeName"),
    "number": without("LoTE", "ListAndSchemeInformation", "LoTESequenceNumber"),
    "date": without("LoTE", "ListAndSchemeInformation", "ListIssueDateTime"),
    "entities": without("LoTE", "TrustedEntitiesList"),
    "name of an entity": without("LoTE", "TrustedEntitiesList", 0, "TrustedEntityInformation", "TEName", 0),
    "certificates": without(*SERVICE, "ServiceDigitalIdentity", "X509Certificates"),
    "text": "{}",
    "number alone": "[1]",
    "name that is no text": official(FIRST, scheme=["C2PA"]).decode(),
    "negative number": official(FIRST, sequence=-1).decode(),
    "number that is true": official(FIRST, sequence=True).decode(),
    "huge number": official(FIRST).decode().replace('ber": 3', f'ber": {"9" * 5000}'),
    "not UTF-8": b'{"LoTE": "\xff"}',
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_other_json_is_refused(case):
    data = INCOMPLETE[case]
    with pytest.raises(SettingsError, match=r"not a list of trusted entities|no complete JSON") as caught:
        understand(data if isinstance(data, bytes) else data.encode())
    assert (caught.value.path, bool(caught.value.hint)) == ("list.json", True)


@pytest.mark.parametrize("name", ["c2pa", "c2pa-tsa"])
def test_the_real_lists_agree_with_their_twins(name):
    """As they were published in August 2026."""
    known = KNOWN[name]
    stem = known.addresses[0].place.rpartition("/")[2].removesuffix(".json")
    if not TRUST.is_dir():
        pytest.skip("../shared/trust is not there")
    at = datetime(2026, 8, 13, tzinfo=UTC)
    official_list = load_file(TRUST / f"{stem}.json", purpose=known.purpose, at=at)
    twin = parse_pem((TRUST / f"{stem}.pem").read_bytes(), name=name, purpose=known.purpose, source=stem, at=at)
    assert set(official_list.anchors) == set(twin.anchors)
    assert len(official_list.anchors) == {"c2pa": 30, "c2pa-tsa": 22}[name]
    assert (official_list.allowed, twin.allowed, official_list.skipped) == ((), (), 0)
    assert official_list.as_of.date().isoformat() == "2026-08-05"
    assert official_list.sequence == 1
    assert official_list.key_usages == {"c2pa": (CLAIM_SIGNING,), "c2pa-tsa": (TIME_STAMPING,)}[name]
