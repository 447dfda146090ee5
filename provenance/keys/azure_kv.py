"""Keys in Azure Key Vault and Managed HSM, by URI: `azurekv://VAULT.vault.azure.net/keys/NAME/VERSION`.

Without a version the current one is taken when the key is opened, and it stays that one: a rotation must not change
the key under a certificate. Credentials are found by `DefaultAzureCredential`. Only digests leave this machine.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from provenance.errors import KeyUnavailable
from provenance.keys.algorithms import digest, raw_to_der
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

    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import HttpResponseError
    from azure.keyvault.keys import KeyClient, KeyVaultKey
    from azure.keyvault.keys.crypto import CryptographyClient
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

FORM: Final = "azurekv://VAULT.vault.azure.net/keys/NAME/VERSION; without /VERSION it is the current one"

_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){2,}", re.IGNORECASE)
_PATH = re.compile(r"keys/([A-Za-z0-9-]{1,127})(?:/([A-Za-z0-9]{1,64}))?")
_CURVES: Final[Mapping[str, ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "P-256K": ec.SECP256K1(),
}
_HINTS: Final[Mapping[Kind, str]] = {
    Kind.DENIED: "give whoever asks the role “Key Vault Crypto User” on this key, or the permissions get and sign",
    Kind.CREDENTIALS: (
        "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or use a managed identity"
    ),
    Kind.MISSING: "check the vault, the key's name and its version",
    Kind.DISABLED: "enable this version of the key, or name one that is enabled and not expired",
    Kind.MISUSED: "name a key of type EC or RSA whose permitted operations include sign",
    Kind.THROTTLED: "try again later; a vault takes a limited number of requests in ten seconds",
    Kind.FAILING: "try again later",
    Kind.UNREACHABLE: "check the network and the name of the vault",
    Kind.GARBLED: "check that the URI names a key vault and that no proxy answers in its place",
    Kind.REFUSED: f"check the key's URI: {FORM}",
}
_STATES: Final = ("KeyDisabled", "KeyExpired", "KeyNotYetValid")
_FIREWALL: Final = ("ForbiddenByConnection", "ForbiddenByFirewall")

_RAW_LENGTHS: Final[Mapping[Algorithm, int]] = {Algorithm.ES256: 64, Algorithm.ES384: 96, Algorithm.ES512: 132}
"""Bytes of r‖s."""
_ABSENT = re.compile(
    r"unavailable\.|not found on path|is not installed|could not be found\. Please|requires the 'azure-identity-broker'"
)
"""How the ways to credentials say that they are not set up."""
_QUIET = logging.NullHandler()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a URI says about a key."""

    vault: str
    """The address of the vault."""
    key: str
    version: str | None


def open_bare(uri: str, *, name: str, secret: Callable[[str], str | None]) -> CloudSigner:  # noqa: ARG001 -- not needed here
    """Open a key in a vault and ask for its public key.

    Raises `KeyUnavailable` with the cause when it cannot be had, `UnsuitableCertificate` when it is of a kind that
    cannot sign Content Credentials, `ImportError` without azure-identity and azure-keyvault-keys.
    """
    place = read(uri)
    at = desk(uri)
    return open_with(at.ask(_credential), place, name=name, at=at)


def read(uri: str) -> Place:
    """Read a URI. Raises `KeyUnavailable` that shows the right form."""
    address = parse(uri, scheme="azurekv", form=FORM)
    found = _PATH.fullmatch(address.path)
    if not _HOST.fullmatch(address.host):
        raise malformed(uri, "the name of a vault stands after two slashes, and nothing with it", form=FORM)
    if found is None:
        raise malformed(uri, "after the vault stands /keys/NAME", form=FORM)
    return Place(vault=f"https://{address.host}", key=found[1], version=found[2])


def desk(uri: str, patience: Patience | None = None) -> Desk:
    """Return where questions about this key are asked."""
    from azure.core.exceptions import AzureError  # noqa: PLC0415 -- only where such a key is used

    service = Service(name="Azure Key Vault", errors=(AzureError, ValueError), judge=_judge, hints=_HINTS)
    return Desk(service=service, uri=shown(uri), patience=patience or Patience())


def open_with(credential: TokenCredential, place: Place, *, name: str, at: Desk) -> CloudSigner:
    """Open a key with a credential.

    Azure's clients may be used from several threads: what a request needs is kept in the request.
    """
    from azure.keyvault.keys import KeyClient  # noqa: PLC0415 -- only where such a key is used
    from azure.keyvault.keys.crypto import CryptographyClient  # noqa: PLC0415 -- as above

    settings: dict[str, Any] = {"connection_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS, "retry_total": 0}
    with KeyClient(place.vault, credential, **settings) as keys:
        key = at.ask(lambda: _ask_key(keys, place))
    public_key = _public_key(key.key, at)
    algorithm = at.algorithm(public_key)
    _require_usable(key, at)
    # Given the key as it was answered, the client keeps to its version and does not ask for it again.
    client = CryptographyClient(key, credential, **settings)

    def signature(data: bytes) -> bytes:
        short = digest(data, algorithm)
        return at.ask(lambda: _ask_signature(client, short, algorithm), signing=True)

    return CloudSigner(name=name, algorithm=algorithm, public_key=public_key, signature=signature)


def _credential() -> TokenCredential:
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 -- only where such a key is used

    # Where nobody has set up logging, each way without credentials would be told on stderr, beside our own error.
    logging.getLogger("azure").addHandler(_QUIET)
    try:
        return DefaultAzureCredential(connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retry_total=2)
    except ValueError as error:
        raise Failed(str(error), kind=Kind.CREDENTIALS) from None


def _ask_key(keys: KeyClient, place: Place) -> KeyVaultKey:
    key = keys.get_key(place.key, place.version)
    # Signatures are asked for where this says: it must be the vault and the key that were meant.
    expected = f"{place.vault}/keys/{place.key}/{place.version or ''}".casefold()
    if not key.id.casefold().startswith(expected) or not key.properties.version:
        raise Failed("it is about another key")
    return key


def _require_usable(key: KeyVaultKey, at: Desk) -> None:
    if key.properties.enabled is False:
        raise KeyUnavailable("this version of the key is disabled", path=at.uri, hint=_HINTS[Kind.DISABLED])
    if key.key_operations is not None and "sign" not in map(_plain, key.key_operations):
        raise at.unsuitable("the operations that this key permits do not include sign", hint=_HINTS[Kind.MISUSED])


def _public_key(key: Any, at: Desk) -> PublicKeyTypes:
    """Put the key together from its parts in a JSON Web Key (RFC 7518, 6)."""
    kind, curve = _plain(key.kty), _plain(key.crv)
    if kind in {"EC", "EC-HSM"} and curve in _CURVES:
        numbers = ec.EllipticCurvePublicNumbers(_number(key.x), _number(key.y), _CURVES[curve])
        return at.load(numbers.public_key)
    if kind in {"RSA", "RSA-HSM"}:
        return at.load(rsa.RSAPublicNumbers(_number(key.e), _number(key.n)).public_key)
    what = f"{kind} on {curve}" if curve else kind
    raise at.unsuitable(f"Content Credentials cannot be signed with this key: {shown(what)}")


def _ask_signature(client: CryptographyClient, short: bytes, algorithm: Algorithm) -> bytes:
    from azure.keyvault.keys.crypto import SignatureAlgorithm  # noqa: PLC0415 -- only where such a key is used

    signature = client.sign(SignatureAlgorithm(algorithm.value.upper()), short).signature
    if not signature:
        raise Failed("it holds no signature")
    if not algorithm.value.startswith("es"):
        return signature
    if len(signature) != _RAW_LENGTHS[algorithm]:
        raise Failed(f"an ECDSA signature of {len(signature)} bytes")
    return raw_to_der(signature)


def _plain(value: object) -> str:
    """Return the text of what the library gives as an enumeration if it knows it, and else as a text."""
    return str(getattr(value, "value", value or ""))


def _number(value: bytes | None) -> int:
    return int.from_bytes(value or b"", "big")


def _judge(error: Exception) -> Fault:
    from azure.core.exceptions import (  # noqa: PLC0415 -- only where such a key is used
        ClientAuthenticationError,
        DecodeError,
        HttpResponseError,
    )

    if isinstance(error, ValueError):
        # Its advice is to switch off the check that it speaks of.
        return Fault(kind=Kind.GARBLED, said=str(error).partition(" Pass `")[0])
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if isinstance(error, ClientAuthenticationError) and status is None:
        return Fault(kind=Kind.CREDENTIALS, said=_attempts(error.message))
    if isinstance(error, HttpResponseError) and status is not None and status >= 400:
        return _judge_answer(error, status)
    if isinstance(error, DecodeError):
        return Fault(kind=Kind.GARBLED, said=error.message)
    return unreachable(str(error))


def _attempts(message: str) -> str:
    """Of all ways to credentials, return those that were there and failed; the first ones would fill the line."""
    ways = re.findall(r"\n\t(\w+): ([^\n]*)", message)
    failed = [f"{name}: {why}" for name, why in ways if not _ABSENT.search(why)]
    if failed or not ways:
        return "; ".join(failed) or message
    return f"none were found; looked for by {', '.join(name.removesuffix('Credential') for name, _ in ways)}"


def _judge_answer(error: HttpResponseError, status: int) -> Fault:
    code = error.error.code if error.error else None
    words = error.error.message if error.error else error.reason
    inner = (error.error.innererror or {}).get("code") if error.error else None
    text = f"{' '.join(filter(None, (str(status), code, inner)))}: {words or 'it gives no reason'}"
    kind = _kind(status, inner)
    if inner in _FIREWALL:
        return Fault(kind=kind, said=text, hint="allow this machine's address in the network settings of the vault")
    if kind not in {Kind.THROTTLED, Kind.FAILING}:
        return Fault(kind=kind, said=text)
    response: Any = error.response
    return Fault(kind=kind, said=text, wait=asked_wait(response.headers.get("Retry-After")))


def _kind(status: int, inner: str | None) -> Kind:
    if inner in _STATES:
        return Kind.DISABLED
    if status >= 500 or status == 408:
        return Kind.FAILING
    return {401: Kind.CREDENTIALS, 403: Kind.DENIED, 404: Kind.MISSING, 429: Kind.THROTTLED}.get(status, Kind.REFUSED)
