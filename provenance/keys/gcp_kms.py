"""Keys in Google Cloud KMS, by URI: `gcpkms:///projects/…/cryptoKeyVersions/N`.

Application Default Credentials are used as everywhere with Google Cloud. A key version signs with one algorithm that it
got when it was made, so that is the algorithm here, also where an RSA key of its size could do more.

Everything that goes over the wire carries a CRC32C and is checked on both sides, as Google advises ("Verifying
end-to-end data integrity"): the service handles digests, and a flipped bit in one would be signed like any other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from provenance.keys.algorithms import digest
from provenance.keys.cloud import (
    READ_SECONDS,
    CloudSigner,
    Desk,
    Failed,
    Fault,
    Kind,
    Patience,
    Service,
    malformed,
    parse,
    unreachable,
)
from provenance.model.ports import Algorithm
from provenance.network import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.cloud.kms_v1 import KeyManagementServiceClient

FORM: Final = "gcpkms:///projects/PROJECT/locations/PLACE/keyRings/RING/cryptoKeys/KEY/cryptoKeyVersions/NUMBER"

_NAME = re.compile(
    r"projects/[a-z0-9:.-]{1,100}/locations/[a-z0-9-]{1,63}/keyRings/[\w-]{1,63}"
    r"/cryptoKeys/[\w-]{1,63}/cryptoKeyVersions/\d{1,19}",
    re.ASCII,
)

_ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "EC_SIGN_P256_SHA256": Algorithm.ES256,
    "EC_SIGN_P384_SHA384": Algorithm.ES384,
    "EC_SIGN_ED25519": Algorithm.ED25519,
    "RSA_SIGN_PSS_2048_SHA256": Algorithm.PS256,
    "RSA_SIGN_PSS_3072_SHA256": Algorithm.PS256,
    "RSA_SIGN_PSS_4096_SHA256": Algorithm.PS256,
    "RSA_SIGN_PSS_4096_SHA512": Algorithm.PS512,
}
_DIGESTS: Final[Mapping[Algorithm, str]] = {
    Algorithm.ES256: "sha256",
    Algorithm.ES384: "sha384",
    Algorithm.PS256: "sha256",
    Algorithm.PS512: "sha512",
}
_SUITABLE: Final = (
    "make a key version with EC_SIGN_P256_SHA256, EC_SIGN_P384_SHA384, EC_SIGN_ED25519 or one of RSA_SIGN_PSS_…"
)

_HINTS: Final[Mapping[Kind, str]] = {
    Kind.DENIED: "grant the role roles/cloudkms.signerVerifier on this key to whoever asks",
    Kind.CREDENTIALS: (
        "run `gcloud auth application-default login`, or name a file of credentials in GOOGLE_APPLICATION_CREDENTIALS"
    ),
    Kind.MISSING: "check project, location, key ring, key and version",
    Kind.DISABLED: "the key version must be ENABLED; one that was just made may need a moment",
    Kind.MISUSED: _SUITABLE,
    Kind.THROTTLED: "try again later, or ask Google for a higher quota of Cloud KMS",
    Kind.FAILING: "try again later",
    Kind.UNREACHABLE: "check the network",
    Kind.GARBLED: "try again; if it stays so, something on the way changes what is sent",
    Kind.REFUSED: f"check the key's URI: {FORM}",
}

_KINDS: Final[Mapping[str, Kind]] = {
    "FAILED_PRECONDITION": Kind.DISABLED,
    "NOT_FOUND": Kind.MISSING,
    "PERMISSION_DENIED": Kind.DENIED,
    "RESOURCE_EXHAUSTED": Kind.THROTTLED,
    "UNAUTHENTICATED": Kind.CREDENTIALS,
    "ABORTED": Kind.FAILING,
    "DEADLINE_EXCEEDED": Kind.UNREACHABLE,
    "INTERNAL": Kind.FAILING,
    "UNKNOWN": Kind.FAILING,
}
_NO_TOKEN = "Getting metadata from plugin failed"  # noqa: S105 -- words of gRPC
"""How gRPC says that there was no token to send with the question; its code is that of a broken connection."""


def open_bare(uri: str, *, name: str, secret: Callable[[str], str | None]) -> CloudSigner:  # noqa: ARG001 -- not needed here
    """Open a key version in Cloud KMS and ask for its public key.

    Raises `KeyUnavailable` with the cause when it cannot be had, `UnsuitableCertificate` when its algorithm is none of
    Content Credentials, `ImportError` without google-cloud-kms.
    """
    version = read(uri)
    at = desk(uri)
    return open_with(at.ask(_client), version, name=name, at=at)


def read(uri: str) -> str:
    """Return the resource name in a URI. Raises `KeyUnavailable` that shows the right form."""
    address = parse(uri, scheme="gcpkms", form=FORM)
    if address.host:
        raise malformed(uri, "three slashes stand before projects", form=FORM)
    if not _NAME.fullmatch(address.path):
        raise malformed(uri, "what stands there is no key version", form=FORM)
    return address.path


def desk(uri: str, patience: Patience | None = None) -> Desk:
    """Return where questions about this key are asked."""
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 -- only where such a key is used
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 -- as above

    service = Service(name="Cloud KMS", errors=(GoogleAPIError, GoogleAuthError), judge=_judge, hints=_HINTS)
    return Desk(service=service, uri=shown(uri), patience=patience or Patience())


def open_with(client: KeyManagementServiceClient, version: str, *, name: str, at: Desk) -> CloudSigner:
    """Open a key version through a client of Google's; such clients may be used from several threads."""
    pem, kind = at.ask(lambda: _ask_public_key(client, version))
    algorithm = _ALGORITHMS.get(kind)
    if algorithm is None:
        raise at.unsuitable(_why_not(kind), hint=_SUITABLE)
    public_key = at.load(lambda: load_pem_public_key(pem.encode("ascii")))
    if not isinstance(public_key, rsa.RSAPublicKey) and at.algorithm(public_key) is not algorithm:
        raise at.unsuitable(f"the key is of another kind than its algorithm {kind}", hint=_SUITABLE)

    def signature(data: bytes) -> bytes:
        request = _request(version, data, algorithm)
        return at.ask(lambda: _ask_signature(client, request), signing=True)

    return CloudSigner(name=name, algorithm=algorithm, public_key=public_key, signature=signature)


def crc32c(data: bytes) -> int:
    """Return the checksum CRC-32C, Castagnoli (RFC 3720, B.4)."""
    state = 0xFFFFFFFF
    for byte in data:
        state = (state >> 8) ^ _TABLE[(state ^ byte) & 0xFF]
    return state ^ 0xFFFFFFFF


def _step(state: int) -> int:
    for _ in range(8):
        state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    return state


_TABLE: Final = tuple(_step(byte) for byte in range(256))


def _client() -> KeyManagementServiceClient:
    from google.cloud.kms_v1 import KeyManagementServiceClient  # noqa: PLC0415 -- only where such a key is used

    return KeyManagementServiceClient()


def _ask_public_key(client: KeyManagementServiceClient, version: str) -> tuple[str, str]:
    """Return the public key in PEM and the name of its algorithm."""
    answer = client.get_public_key(request={"name": version}, retry=None, timeout=READ_SECONDS)
    if answer.name != version:
        raise Failed("it is about another key version")
    if answer.pem_crc32c != crc32c(answer.pem.encode("utf-8")):
        raise Failed("the public key was changed on the way (checksum)", again=True)
    return answer.pem, getattr(answer.algorithm, "name", str(answer.algorithm))


def _request(version: str, data: bytes, algorithm: Algorithm) -> dict[str, Any]:
    if algorithm is Algorithm.ED25519:
        return {"name": version, "data": data, "data_crc32c": crc32c(data)}
    short = digest(data, algorithm)
    return {"name": version, "digest": {_DIGESTS[algorithm]: short}, "digest_crc32c": crc32c(short)}


def _ask_signature(client: KeyManagementServiceClient, request: dict[str, Any]) -> bytes:
    answer = client.asymmetric_sign(request=request, retry=None, timeout=READ_SECONDS)
    if answer.name != request["name"]:
        raise Failed("another key version signed")
    if not (answer.verified_data_crc32c if "data" in request else answer.verified_digest_crc32c):
        raise Failed("the service did not check what it signed (checksum)", again=True)
    if answer.signature_crc32c != crc32c(answer.signature):
        raise Failed("the signature was changed on the way (checksum)", again=True)
    return bytes(answer.signature)


def _why_not(kind: str) -> str:
    if "PKCS1" in kind:
        return f"this key version signs with {kind} only, and of RSA, Content Credentials take PSS alone"
    if "_SIGN_" in kind:
        return f"Content Credentials cannot be signed with {kind}"
    return f"this key version is not made for signing: {kind}"


def _judge(error: Exception) -> Fault:
    from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 -- only where such a key is used
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 -- as above

    if isinstance(error, GoogleAuthError):
        # Their arguments may hold the whole answer of the token service.
        return Fault(kind=Kind.CREDENTIALS, said=str(error.args[0]) if error.args else type(error).__name__)
    if not isinstance(error, GoogleAPICallError):
        return Fault(kind=Kind.GARBLED, said=str(error))
    code = getattr(error.grpc_status_code, "name", "")
    text = f"{code}: {error.message}"
    if _NO_TOKEN in text:
        return Fault(kind=Kind.CREDENTIALS, said=text)
    if code == "UNAVAILABLE":
        return unreachable(text)
    kind = _KINDS.get(code, Kind.REFUSED)
    trying = kind in {Kind.THROTTLED, Kind.FAILING, Kind.UNREACHABLE}
    return Fault(kind=kind, said=text, wait=_asked_wait(error.details) if trying else None)


def _asked_wait(details: list[Any]) -> float:
    """Return the seconds that the service asks to wait (google.rpc.RetryInfo); 0 where it does not say."""
    delays = (getattr(detail, "retry_delay", None) for detail in details)
    return max((delay.seconds + delay.nanos / 1e9 for delay in delays if delay is not None), default=0.0)
