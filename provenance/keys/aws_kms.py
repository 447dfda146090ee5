"""Keys in AWS KMS, by URI: `awskms:///alias/NAME`, `awskms:///KEY-ID` or `awskms:///arn:aws:kms:…`.

Credentials, region and proxy are found as everywhere with AWS; `?region=`, `?profile=` and `?endpoint=` say otherwise.
Only digests leave this machine (`MessageType` DIGEST), except for Ed25519, which signs messages whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_der_public_key

from provenance.errors import SignerRefused
from provenance.keys.algorithms import digest
from provenance.keys.cloud import (
    CONNECT_SECONDS,
    READ_SECONDS,
    CloudSigner,
    Desk,
    Failed,
    Fault,
    Kind,
    Patience,
    Service,
    asked_wait,
    malformed,
    parse,
    unreachable,
)
from provenance.model.ports import Algorithm
from provenance.network import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORM: Final = (
    "awskms:///alias/NAME, awskms:///KEY-ID or awskms:///arn:aws:kms:REGION:ACCOUNT:key/KEY-ID, "
    "with ?region=, ?profile= or ?endpoint= where needed"
)
LONGEST_MESSAGE: Final = 4096
"""Bytes of a message that KMS signs whole."""

_ALIAS = r"alias/[A-Za-z0-9/_-]{1,250}"
_ARN = re.compile(rf"arn:aws[a-z-]*:kms:([a-z0-9-]{{1,40}}):\d{{12}}:(?:key/[A-Za-z0-9-]{{1,64}}|{_ALIAS})")
_KEY = re.compile(rf"{_ALIAS}|[A-Za-z0-9-]{{8,64}}")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_SIGNING: Final[Mapping[Algorithm, str]] = {
    Algorithm.ES256: "ECDSA_SHA_256",
    Algorithm.ES384: "ECDSA_SHA_384",
    Algorithm.ES512: "ECDSA_SHA_512",
    Algorithm.PS256: "RSASSA_PSS_SHA_256",
    Algorithm.PS384: "RSASSA_PSS_SHA_384",
    Algorithm.PS512: "RSASSA_PSS_SHA_512",
    Algorithm.ED25519: "ED25519_SHA_512",
}

_HINTS: Final[Mapping[Kind, str]] = {
    Kind.DENIED: "allow kms:Sign and kms:GetPublicKey on this key, in its key policy or by IAM",
    Kind.CREDENTIALS: (
        "check the AWS credentials (environment, profile or role) and the clock of this machine; "
        "`aws sts get-caller-identity` shows whether they hold, ?profile=NAME names others"
    ),
    Kind.MISSING: "check the key, the account and the region; ?region=NAME names another region",
    Kind.DISABLED: "enable the key, or cancel its deletion",
    Kind.MISUSED: "make an asymmetric key for SIGN_VERIFY on ECC_NIST_P256, or name one",
    Kind.THROTTLED: "try again later, or ask AWS for a higher request quota of KMS",
    Kind.FAILING: "try again later",
    Kind.UNREACHABLE: "check the network, the region and the endpoint",
    Kind.GARBLED: "check that the endpoint is AWS KMS and that no proxy answers in its place",
    Kind.REFUSED: f"check the key's URI: {FORM}",
}

_KINDS: Final[Mapping[str, Kind]] = {
    "AccessDenied": Kind.DENIED,
    "AccessDeniedException": Kind.DENIED,
    "DisabledException": Kind.DISABLED,
    "ExpiredToken": Kind.CREDENTIALS,
    "ExpiredTokenException": Kind.CREDENTIALS,
    "IncompleteSignature": Kind.CREDENTIALS,
    "IncompleteSignatureException": Kind.CREDENTIALS,
    "InvalidClientTokenId": Kind.CREDENTIALS,
    "InvalidKeyUsageException": Kind.MISUSED,
    "InvalidSignatureException": Kind.CREDENTIALS,
    "KMSInvalidStateException": Kind.DISABLED,
    "MissingAuthenticationToken": Kind.CREDENTIALS,
    "MissingAuthenticationTokenException": Kind.CREDENTIALS,
    "NotFoundException": Kind.MISSING,
    "OptInRequired": Kind.CREDENTIALS,
    "RequestExpired": Kind.CREDENTIALS,
    "RequestLimitExceeded": Kind.THROTTLED,
    "SignatureDoesNotMatch": Kind.CREDENTIALS,
    "Throttling": Kind.THROTTLED,
    "ThrottlingException": Kind.THROTTLED,
    "TooManyRequestsException": Kind.THROTTLED,
    "UnrecognizedClientException": Kind.CREDENTIALS,
    "UnsupportedOperationException": Kind.MISUSED,
}
"""The service's own faults are known by their status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a URI says about a key."""

    key: str
    region: str | None = None
    profile: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    arn: str
    public_key: bytes
    usage: str
    algorithms: tuple[str, ...]


def open_bare(uri: str, *, name: str, secret: Callable[[str], str | None]) -> CloudSigner:  # noqa: ARG001 -- not needed here
    """Open a key in AWS KMS and ask for its public key.

    Raises `KeyUnavailable` with the cause when it cannot be had, `UnsuitableCertificate` when it is of a kind that
    cannot sign Content Credentials, `ImportError` without boto3.
    """
    place = read(uri)
    at = desk(uri)
    return open_with(at.ask(lambda: _client(place)), place.key, name=name, at=at)


def read(uri: str) -> Place:
    """Read a URI. Raises `KeyUnavailable` that shows the right form."""
    address = parse(uri, scheme="awskms", form=FORM, options=("endpoint", "profile", "region"))
    if address.host:
        raise malformed(uri, "three slashes stand before the key", form=FORM)
    region, endpoint = address.options.get("region"), address.options.get("endpoint")
    arn = _ARN.fullmatch(address.path)
    if arn is None and not _KEY.fullmatch(address.path):
        raise malformed(uri, "what stands there is no key, alias or ARN", form=FORM)
    if region is not None and not _REGION.fullmatch(region):
        raise malformed(uri, "what stands there is no region", form=FORM)
    if arn is not None and region not in {None, arn[1]}:
        raise malformed(uri, f"the ARN lies in {arn[1]} and the option says {region}", form=FORM)
    if endpoint is not None and not _safe(endpoint):
        raise malformed(uri, "an endpoint is https://HOST, with plain http only on this machine", form=FORM)
    return Place(
        key=address.path,
        region=arn[1] if arn else region,
        profile=address.options.get("profile"),
        endpoint=endpoint,
    )


def desk(uri: str, patience: Patience | None = None) -> Desk:
    """Return where questions about this key are asked."""
    from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415 -- only where such a key is used
        BotoCoreError,
        ClientError,
    )
    from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]  # noqa: PLC0415 -- as above

    errors = (BotoCoreError, ClientError, ResponseParserError)
    service = Service(name="AWS KMS", errors=errors, judge=_judge, hints=_HINTS)
    return Desk(service=service, uri=shown(uri), patience=patience or Patience())


def open_with(client: Any, key: str, *, name: str, at: Desk) -> CloudSigner:
    """Open a key through a client of boto3; such clients may be used from several threads."""
    found = at.ask(lambda: _ask_public_key(client, key))
    if found.usage != "SIGN_VERIFY":
        raise at.unsuitable(f"this key is for {shown(found.usage)}, not for signing", hint=_HINTS[Kind.MISUSED])
    public_key = at.load(lambda: load_der_public_key(found.public_key))
    algorithm = at.algorithm(public_key)
    if _SIGNING[algorithm] not in found.algorithms:
        raise at.unsuitable(f"this key does not sign with {_SIGNING[algorithm]}")

    def signature(data: bytes) -> bytes:
        request = _request(data, algorithm, at)
        return at.ask(lambda: _ask_signature(client, key, request, arn=found.arn), signing=True)

    return CloudSigner(name=name, algorithm=algorithm, public_key=public_key, signature=signature)


def _client(place: Place) -> Any:
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 -- only where such a key is used
    from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415 -- as above

    # The default session of boto3 is shared by the whole process and not safe for threads.
    session = boto3.session.Session(profile_name=place.profile, region_name=place.region)
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return session.client("kms", endpoint_url=place.endpoint, config=config)


def _ask_public_key(client: Any, key: str) -> _Found:
    answer = client.get_public_key(KeyId=key)
    if not {"KeyId", "PublicKey", "KeyUsage"} <= answer.keys():
        raise Failed("it holds no public key")
    return _Found(
        arn=answer["KeyId"],
        public_key=answer["PublicKey"],
        usage=answer["KeyUsage"],
        algorithms=tuple(answer.get("SigningAlgorithms", ())),
    )


def _request(data: bytes, algorithm: Algorithm, at: Desk) -> dict[str, Any]:
    whole = algorithm is Algorithm.ED25519
    if whole and len(data) > LONGEST_MESSAGE:
        raise SignerRefused(
            f"AWS KMS signs up to {LONGEST_MESSAGE} bytes with an Ed25519 key, and these are {len(data)}",
            path=at.uri,
            hint="use an ECDSA or RSA key, or sign fewer assertions",
        )
    return {
        "Message": data if whole else digest(data, algorithm),
        "MessageType": "RAW" if whole else "DIGEST",
        "SigningAlgorithm": _SIGNING[algorithm],
    }


def _ask_signature(client: Any, key: str, request: Mapping[str, Any], *, arn: str) -> bytes:
    answer = client.sign(KeyId=key, **request)
    if not answer.get("Signature"):
        raise Failed("it holds no signature")
    if answer.get("KeyId") != arn:
        raise Failed(
            "another key signed, so the alias was moved since the key was opened",
            hint="give the certificate of the key that the alias names now, and open it again",
        )
    return bytes(answer["Signature"])


def _safe(endpoint: str) -> bool:
    """Say whether session tokens may go there: over TLS, or nowhere but to this machine."""
    try:
        parts = urlsplit(endpoint)
        host, userinfo, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        return False
    if not host or userinfo or parts.query or parts.fragment or parts.path not in {"", "/"}:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _judge(error: Exception) -> Fault:
    from botocore import exceptions  # type: ignore[import-untyped]  # noqa: PLC0415 -- only where such a key is used

    if isinstance(error, exceptions.ClientError):
        return _judge_answer(error.response)
    if isinstance(error, exceptions.NoRegionError):
        return Fault(kind=Kind.UNREACHABLE, said=str(error), hint="add ?region=NAME or set AWS_DEFAULT_REGION")
    if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        return unreachable(str(error))
    if isinstance(error, exceptions.BaseEndpointResolverError | exceptions.EndpointProviderError):
        return Fault(kind=Kind.UNREACHABLE, said=str(error))
    if isinstance(error, exceptions.ParamValidationError | exceptions.ValidationError):
        return Fault(kind=Kind.REFUSED, said=str(error))
    if isinstance(error, exceptions.BotoCoreError):
        # Profiles, files, sign-ons, roles and metadata services: about thirty kinds, all before the first question.
        return Fault(kind=Kind.CREDENTIALS, said=str(error))
    return Fault(kind=Kind.GARBLED, said=str(error))


def _judge_answer(answer: Mapping[str, Any]) -> Fault:
    error, meta = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    code, status = str(error.get("Code", "")), int(meta.get("HTTPStatusCode", 0))
    # Below the first paragraph a refused signature is explained with all headers, the session token among them.
    text = f"{code}: {str(error.get('Message', '')).partition(chr(10) * 2)[0]}"
    kind = _KINDS.get(code) or (Kind.FAILING if status >= 500 else Kind.THROTTLED if status == 429 else Kind.REFUSED)
    wait = asked_wait(meta.get("HTTPHeaders", {}).get("retry-after"))
    return Fault(kind=kind, said=text, wait=wait if kind in {Kind.THROTTLED, Kind.FAILING} else None)
