"""Identities for development: a certification authority that signs one certificate and is gone.

They let everything be tried without buying a certificate, and nothing more: their root is trusted where its
owner says so, and its subject tells everybody else what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance.errors import SigningError, WrongSecret
from provenance.keys.files import FileSigner
from provenance.keys.keeping import Material
from provenance.keys.profile import CLAIM_SIGNING
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from provenance.keys.algorithms import PrivateKey

LONGEST_NAME: Final = 64
LONGEST_VALIDITY: Final = 3650
"""Days."""

DEVELOPMENT_UNIT: Final = "For development: trusted on this machine only"

_LONGEST_COMMON_NAME = 64
_LONGEST_PASSPHRASE = 1023
_ROOT_SUFFIX = " development root"
_CURVES: dict[Algorithm, ec.EllipticCurve] = {
    Algorithm.ES256: ec.SECP256R1(),
    Algorithm.ES384: ec.SECP384R1(),
    Algorithm.ES512: ec.SECP521R1(),
}
_RSA_BITS = {Algorithm.PS256: 2048, Algorithm.PS384: 3072, Algorithm.PS512: 4096}
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentIdentity:
    """A private key, its chain (one certificate) and the root that vouches for it; all PEM."""

    key_pem: bytes = field(repr=False)
    """PKCS#8, encrypted if there was a passphrase."""
    chain_pem: str
    root_pem: str
    name: str
    organisation: str
    algorithm: Algorithm

    def material(self) -> Material:
        """Return what an identity is made of, to be kept."""
        return Material(
            name=self.name,
            organisation=self.organisation,
            algorithm=self.algorithm,
            key=self.key_pem,
            chain_pem=self.chain_pem,
            root_pem=self.root_pem,
            development=True,
        )


def issue_development_identity(
    name: str,
    *,
    algorithm: Algorithm,
    days: int,
    at: datetime,
    passphrase: str | None = None,
    organisation: str | None = None,
) -> DevelopmentIdentity:
    """Issue an identity that is valid from an hour before `at` (aware) for so many days after it.

    The organisation is called like the identity unless another name is given. A certification authority is made for
    this one certificate and its private key is thrown away, never written: no second certificate can ever appear under
    the root, so trusting the root is trusting this one key. Raises `SigningError` for a name or a validity that a
    certificate cannot have, `WrongSecret` for an unusable passphrase.
    """
    key = generate_key(algorithm)
    protected = key_pem(key, passphrase)
    public = key.public_key()
    chain, root = certify_development_key(public, name=name, organisation=organisation or name, days=days, at=at)
    return DevelopmentIdentity(
        key_pem=protected,
        chain_pem=chain,
        root_pem=root,
        name=name,
        organisation=organisation or name,
        algorithm=algorithm,
    )


def certify_development_key(
    key: CertificatePublicKeyTypes, *, name: str, organisation: str, days: int, at: datetime
) -> tuple[str, str]:
    """Issue a certificate for a public key under a root of its own; return the chain and the root, both PEM.

    See `issue_development_identity`, also for what it raises.
    """
    check_name(name)
    check_name(organisation, what="the name of an organisation")
    if not 1 <= days <= LONGEST_VALIDITY:
        raise SigningError(f"a validity of {days} days is not possible", hint=f"choose 1 to {LONGEST_VALIDITY} days")
    leaf, root = _certify(key, name=name, organisation=organisation, days=days, at=at)
    return _pem(leaf), _pem(root)


def ephemeral_signer(*, at: datetime | None = None) -> FileSigner:
    """Make a signer that lives in memory only, for signatures nobody keeps; valid a day from `at` or now.

    It serves where the engine wants a signer though only its handling of the container is wanted.
    """
    key, name = generate_key(Algorithm.ES256), "Ephemeral"
    leaf, _ = _certify(key.public_key(), name=name, organisation=name, days=1, at=at or datetime.now(UTC))
    return FileSigner(name=name, algorithm=Algorithm.ES256, chain_pem=_pem(leaf), private_key=key)


def check_name(name: str, *, what: str = "the name of an identity") -> None:
    """Refuse a name that cannot stand in a certificate and be shown to people; `what` says what it should be.

    Raises `SigningError` unless it is 1 to 64 printable characters without space at either end.
    """
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise SigningError(
            f"{name[:LONGEST_NAME]!r} cannot be {what}",
            hint=f"choose 1 to {LONGEST_NAME} printable characters, without space at the ends",
        )


def _protection(passphrase: str | None) -> KeySerializationEncryption:
    if passphrase is None:
        return NoEncryption()
    secret = passphrase.encode("utf-8")
    if not 1 <= len(secret) <= _LONGEST_PASSPHRASE:
        raise WrongSecret(
            "this passphrase cannot protect a private key",
            hint=f"choose one of 1 to {_LONGEST_PASSPHRASE} bytes, or none at all",
        )
    return BestAvailableEncryption(secret)


def key_pem(key: PrivateKey, passphrase: str | None) -> bytes:
    """Return a private key as PKCS#8 in PEM, encrypted if there is a passphrase.

    Raises `WrongSecret` for a passphrase that cannot protect a key.
    """
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _protection(passphrase))


def generate_key(algorithm: Algorithm) -> PrivateKey:
    """Make a private key that signs with this algorithm."""
    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm])
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[algorithm])


def _certify(
    key: CertificatePublicKeyTypes, *, name: str, organisation: str, days: int, at: datetime
) -> tuple[x509.Certificate, x509.Certificate]:
    """Return leaf and root. The key of the root is a local variable here and goes no further."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    root_common_name = _shorten(name, _LONGEST_COMMON_NAME - len(_ROOT_SUFFIX)) + _ROOT_SUFFIX
    authority_name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT_UNIT),
        x509.NameAttribute(NameOID.COMMON_NAME, root_common_name),
    ])  # fmt: skip
    subject = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, _shorten(name, _LONGEST_COMMON_NAME)),
    ])  # fmt: skip
    validity = (at - _CLOCK_SKEW, at + timedelta(days=days))
    root = (
        _builder(authority_name, authority_key.public_key(), authority_name, validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(issuing=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    # The engine's own default accepts e-mail protection only; claim signing is the purpose that C2PA 2.x asks
    # for.
    purposes = [x509.ObjectIdentifier(CLAIM_SIGNING), ExtendedKeyUsageOID.EMAIL_PROTECTION]
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    leaf = (
        _builder(subject, key, authority_name, validity)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(issuing=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return leaf, root


def _builder(
    subject: x509.Name, public: CertificatePublicKeyTypes, issuer: x509.Name, validity: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, issuing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issuing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuing,
        crl_sign=issuing,
        encipher_only=False,
        decipher_only=False,
    )


def _shorten(name: str, limit: int) -> str:
    """Cut a name to so many bytes of UTF-8, at a character: so `cryptography` counts common names."""
    return name.encode("utf-8")[:limit].decode("utf-8", errors="ignore").rstrip()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
