"""Time-stamps of real authorities, in media that others signed, pass every check; broken ones do not."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.errors import TimestampError
from provenance.timestamps.token import Fault, check_token, fault_of, read_token
from tests.conftest import TRUST
from tests.unit.timestamps.carried import carried_in

GOOD = {
    "python__CA.jpg": ["2024-08-06 21:53:37"],
    "python__CACAE-uri-CA.jpg": ["2024-09-24 04:10:28", "2024-09-24 04:10:31", "2024-09-24 04:10:32"],
    "python__C_with_CAWG_data.jpg": ["2025-07-29 23:13:49"],
    "python__boxhash.jpg": ["2022-06-15 17:36:48"],
    "python__legacy_ingredient_hash.jpg": ["2022-12-08 16:58:32", "2022-12-08 16:58:47"],
    "rs__CACA.jpg": ["2025-10-16 17:31:54", "2025-10-16 17:31:55"],
    "rs__adobe-20220124-E-clm-CAICAI.jpg": ["2023-01-24 14:48:57", "2023-01-24 14:48:58"],
    "rs__cloud_manifest.c2pa": ["2022-09-09 19:30:51", "2023-12-02 17:02:04"],
    "rs__ocsp.jpg": ["2025-08-13 16:18:11", "2025-08-13 16:30:55"],
    "rs__ocsp_with_assertion.jpg": ["2025-07-29 20:11:27", "2025-07-29 20:27:00"],
}


def issuers(token):
    """Return the certification authorities that a token carries, to trust them for once."""
    found = [x509.load_der_x509_certificate(item) for item in token.certificates]
    authorities = [item for item in found if item.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign]
    assert authorities
    return [item.public_bytes(Encoding.PEM).decode() for item in authorities]


@pytest.mark.parametrize(("name", "times"), GOOD.items(), ids=GOOD)
def test_real_time_stamps_pass_every_check(name, times, vectors):
    found = carried_in(vectors / name)
    tokens = []
    for item in found:
        trusted = issuers(read_token(item.der))
        tokens.append(check_token(item.der, imprint_of=item.message, anchors=trusted))
        assert all(check_token(item.der, imprint_of=None, anchors=[one]) for one in trusted)
    assert sorted(f"{token.time:%Y-%m-%d %H:%M:%S}" for token in tokens) == times
    assert all(token.not_before < token.time < token.not_after for token in tokens)


@pytest.mark.parametrize("name", GOOD)
def test_a_real_time_stamp_counts_for_its_own_message_only(name, vectors):
    for item in carried_in(vectors / name):
        with pytest.raises(TimestampError, match="something else") as caught:
            check_token(item.der, imprint_of=item.message + b"\x00", anchors=None)
        assert fault_of(caught.value) is Fault.MISMATCH


def test_the_official_list_does_not_vouch_for_authorities_that_came_before_it(vectors):
    if not TRUST.is_dir():
        pytest.skip("../shared/trust is not there")
    official = [(TRUST / "C2PA-TSA-TRUST-LIST.pem").read_text(encoding="utf-8")]
    for name in GOOD:
        for item in carried_in(vectors / name):
            with pytest.raises(TimestampError, match="no trusted list") as caught:
                check_token(item.der, imprint_of=item.message, anchors=official)
            assert fault_of(caught.value) is Fault.UNTRUSTED


BROKEN = {
    "a time that was changed": ("python__CA_ct.jpg", [Fault.MALFORMED]),
    "a signature that was changed": ("python__E-sig-CA.jpg", [Fault.MISMATCH]),
    "one of two": ("python__CIE-sig-CA.jpg", [Fault.MISMATCH, None]),
}


@pytest.mark.parametrize(("name", "faults"), BROKEN.values(), ids=BROKEN)
def test_broken_time_stamps_are_found_out(name, faults, vectors):
    found = []
    for item in carried_in(vectors / name):
        try:
            check_token(item.der, imprint_of=item.message, anchors=None)
            found.append(None)
        except TimestampError as error:
            found.append(fault_of(error))
    assert sorted(found, key=str) == sorted(faults, key=str)
