"""What keys in clouds have in common: their URIs, patience, and the wording of causes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from provenance.errors import KeyUnavailable, SignerRefused
from provenance.keys import aws_kms, azure_kv, gcp_kms
from provenance.keys.cloud import Desk, Failed, Fault, Kind, Patience, Service, asked_wait, said, unreachable

VERSION = "projects/example/locations/europe-west3/keyRings/news/cryptoKeys/desk/cryptoKeyVersions/7"
ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS_ARN = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/news/desk"

GOOD = [
    (aws_kms, "awskms:///alias/news/desk", aws_kms.Place(key="alias/news/desk")),
    (aws_kms, f"awskms:///{ARN}", aws_kms.Place(key=ARN, region="eu-central-1")),
    (aws_kms, f"awskms:///{ARN}?region=eu-central-1", aws_kms.Place(key=ARN, region="eu-central-1")),
    (aws_kms, f"awskms:///{ALIAS_ARN}", aws_kms.Place(key=ALIAS_ARN, region="us-gov-west-1")),
    (
        aws_kms,
        "awskms:///mrk-1234abcd?region=eu-west-1&profile=the%20desk&endpoint=https://kms.example",
        aws_kms.Place(key="mrk-1234abcd", region="eu-west-1", profile="the desk", endpoint="https://kms.example"),
    ),
    (gcp_kms, f"gcpkms:///{VERSION}", VERSION),
    (
        azure_kv,
        "azurekv://news.vault.azure.net/keys/desk/0123456789abcdef0123456789abcdef",
        azure_kv.Place(
            vault="https://news.vault.azure.net", key="desk", version="0123456789abcdef0123456789abcdef"
        ),
    ),
    (
        azure_kv,
        "azurekv://news.managedhsm.azure.net/keys/desk",
        azure_kv.Place(vault="https://news.managedhsm.azure.net", key="desk", version=None),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("backend", "uri", "place"), GOOD, ids=[item[1] for item in GOOD])
def test_a_uri_names_a_key(backend, uri, place):
    assert backend.read(uri) == place


BAD = [
    (aws_kms, "awskms://alias/news", "three slashes"),
    (aws_kms, "a-name-alone", "does not begin with awskms:"),
    (aws_kms, f"gcpkms:///{VERSION}", "does not begin with awskms:"),
    (aws_kms, "awskms:///", "no key, alias or ARN"),
    (aws_kms, "awskms:///alias/", "no key, alias or ARN"),
    (aws_kms, "awskms:///alias/n%65ws", "no key, alias or ARN"),
    (aws_kms, "awskms:///arn:aws:s3:::bucket/name", "no key, alias or ARN"),
    (aws_kms, f"awskms:///{ARN}?region=us-east-1", "the ARN lies in eu-central-1 and the option says us-east-1"),
    (aws_kms, "awskms:///alias/news?region=EU West", "characters that no URI has"),
    (aws_kms, "awskms:///alias/news?region=EU_West", "no region"),
    (aws_kms, "awskms:///alias/news?region=", "an option needs one value"),
    (aws_kms, "awskms:///alias/news?region=a&region=b", "an option needs one value"),
    (aws_kms, "awskms:///alias/news?regio=eu-west-1", "the option regio is not known"),
    (aws_kms, "awskms:///alias/news?region", "no URI"),
    (aws_kms, "awskms:///alias/news#1", "a fragment"),
    (aws_kms, "awskms:///alias/ne\nws", "characters that no URI has"),
    (aws_kms, "awskms:///alias/news?endpoint=http://kms.example", "plain http only on this machine"),
    (aws_kms, "awskms:///alias/news?endpoint=https://me:hunter2@kms.example", "an endpoint is https://HOST"),
    (aws_kms, "awskms:///alias/news?endpoint=https://kms.example/path", "an endpoint is https://HOST"),
    (aws_kms, "awskms:///alias/news?endpoint=https://[", "an endpoint is https://HOST"),
    (aws_kms, "awskms://[/alias/news", "no URI"),
    (gcp_kms, f"gcpkms://{VERSION}", "three slashes"),
    (gcp_kms, f"gcpkms:///{VERSION.partition('/cryptoKeyVersions')[0]}", "no key version"),
    (gcp_kms, f"gcpkms:///{VERSION}/", "no key version"),
    (gcp_kms, f"gcpkms:///{VERSION}?region=x", "the option region is not known"),
    (azure_kv, "azurekv:///keys/desk", "the name of a vault"),
    (azure_kv, "azurekv://news/keys/desk", "the name of a vault"),
    (azure_kv, "azurekv://me:hunter2@news.vault.azure.net/keys/desk", "the name of a vault"),
    (azure_kv, "azurekv://news.vault.azure.net:443/keys/desk", "the name of a vault"),
    (azure_kv, "azurekv://news.vault.azure.net/secrets/desk", "stands /keys/NAME"),
    (azure_kv, "azurekv://news.vault.azure.net/keys/desk/1/2", "stands /keys/NAME"),
    (azure_kv, "azurekv://news.vault.azure.net/keys/desk/?x=1", "the option x is not known"),
]


@pytest.mark.parametrize(("backend", "uri", "why"), BAD, ids=[repr(item[1]) for item in BAD])
def test_a_uri_that_names_no_key_is_refused_with_the_right_form(backend, uri, why):
    with pytest.raises(KeyUnavailable, match=f"this URI names no key: .*{why}") as caught:
        backend.open_bare(uri, name="Example News", secret=lambda _: None)
    assert backend.FORM in caught.value.hint
    assert caught.value.path.isprintable()
    assert "hunter2" not in str(caught.value)


class Odd(Exception):
    """What some vendor's library raises."""


def desk(kind, *, wait=None, hint=None, **patience):
    service = Service(
        name="Some KMS",
        errors=(Odd,),
        judge=lambda error: Fault(kind=kind, said=str(error), wait=wait, hint=hint),
        hints={kind: "do something"},
    )
    return Desk(service=service, uri="some:///key", patience=Patience(sleep=lambda _: None, **patience))


def failing(*errors):
    """A question that fails with one error after the other, and is answered then."""
    left = list(errors)

    def question():
        if left:
            raise left.pop(0)
        return "answer"

    return question


def test_what_fails_after_the_time_is_over_is_not_tried_again():
    times = iter([0.0, 5.0, 20.1])
    with pytest.raises(KeyUnavailable, match=r"tried 2 times\): again"):
        desk(Kind.FAILING, wait=0.0, clock=lambda: next(times)).ask(failing(*[Odd("again")] * 3))


def test_an_answer_that_comes_late_is_taken():
    times = iter([0.0, 5.0, 19.9])
    assert desk(Kind.FAILING, wait=0.0, clock=lambda: next(times)).ask(failing(Odd("1"), Odd("2"))) == "answer"


@pytest.mark.parametrize("kind", [Kind.THROTTLED, Kind.FAILING, Kind.GARBLED, Kind.REFUSED])
def test_a_signature_that_the_service_does_not_give_is_refused_and_no_fault_of_the_key(kind):
    with pytest.raises(SignerRefused, match=r"Some KMS.*: it is so") as caught:
        desk(kind).ask(failing(Odd("it is so")), signing=True)
    assert (caught.value.path, caught.value.hint) == ("some:///key", "do something")


def test_a_hint_for_the_case_goes_before_the_one_for_its_kind():
    with pytest.raises(KeyUnavailable) as caught:
        desk(Kind.DENIED, hint="do this").ask(failing(Odd("no")))
    assert caught.value.hint == "do this"


STRANGE = [
    (KeyError("PublicKey"), "the answer of Some KMS cannot be used: KeyError: 'PublicKey'"),
    (AttributeError("no kid"), "the answer of Some KMS cannot be used: AttributeError: no kid"),
    (PermissionError(13, "not yours", "token"), r"valid credentials: \[Errno 13\] not yours: 'token'"),
    (Failed("cut short"), "the answer of Some KMS cannot be used: cut short"),
]


@pytest.mark.parametrize(("error", "words"), STRANGE, ids=lambda item: type(item).__name__)
def test_what_libraries_raise_beside_their_own_errors_is_a_cause_too(error, words):
    with pytest.raises(KeyUnavailable, match=words):
        desk(Kind.DENIED).ask(failing(error))


def test_an_error_that_nobody_expects_is_not_swallowed():
    with pytest.raises(RuntimeError, match="a defect"):
        desk(Kind.DENIED).ask(failing(RuntimeError("a defect")))


def test_the_words_of_a_service_are_one_line_without_tokens():
    assert said("no\r\n\tway \x1b[2J\u202e") == "no way \\x1b[2J\\u202e"
    assert said("you sent Authorization: Bearer abc.def/ghi==, which is old") == (
        "you sent Authorization: Bearer ***, which is old"
    )
    assert said("the token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmVk is old") == "the token *** is old"
    assert said(" \n") == "it gives no reason"
    assert len(said("x" * 10_000)) < 310


@pytest.mark.parametrize(("header", "seconds"), [(None, 0.0), ("7", 7.0), ("soon", 0.0), ("-1", 0.0), ("", 0.0)])
def test_a_wait_is_taken_from_a_header_in_seconds(header, seconds):
    assert asked_wait(header) == seconds


def test_a_certificate_that_does_not_hold_is_not_tried_again():
    assert unreachable("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed").wait is None
    assert unreachable("connection reset").wait == 0.0


def test_the_checksum_is_the_one_of_the_standard():
    assert gcp_kms.crc32c(b"123456789") == 0xE3069283
    assert gcp_kms.crc32c(bytes(32)) == 0x8A9136AA
    assert gcp_kms.crc32c(b"\xff" * 32) == 0x62A8AB43
    assert gcp_kms.crc32c(b"") == 0


PROGRAM = """
import sys
from provenance.errors import KeyUnavailable
from provenance.keys import aws_kms, azure_kv, gcp_kms
for backend in (aws_kms, azure_kv, gcp_kms):
    try:
        backend.open_bare("nonsense", name="Example News", secret=lambda _: None)
    except KeyUnavailable:
        print("refused")
print(*sorted({"boto3", "botocore", "grpc", "google.cloud.kms_v1", "google.auth", "azure.core"} & set(sys.modules)))
"""


def test_the_libraries_of_the_vendors_are_loaded_for_a_key_of_theirs_only():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * 3
