"""Ask a certification authority for a certificate: the request is made here, and the key stays where it is.

`cryptography` signs requests with private keys that it holds itself. So a throw-away key of the same kind signs one
with the wanted subject and extensions, the public key in it is exchanged, and the real key signs that (RFC 2986, 4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from provenance import der
from provenance.errors import SigningError
from provenance.keys.algorithms import DIGESTS, pss
from provenance.keys.authority import check_name, generate_key, key_pem
from provenance.keys.bound import bare
from provenance.keys.files import FileKey
from provenance.keys.importing import is_uri, kept_uri
from provenance.keys.keeping import Material
from provenance.keys.open import open_bare
from provenance.keys.profile import CLAIM_SIGNING, printable
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from provenance.keys.bound import BoundSigner
    from provenance.keys.identities import IdentityStore
    from provenance.keys.identity import Identity
    from provenance.keys.secrets import Secret

_RSA: Final = (Algorithm.PS256, Algorithm.PS384, Algorithm.PS512)
_WRITE_NAMES: Final = "write NAME@HOST, https://HOST/PATH or HOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate is asked for."""

    organisation: str
    common_name: str
    country: str | None = None
    """Two letters (ISO 3166)."""
    names: tuple[str, ...] = ()
    """Other names of the subject: e-mail addresses, https addresses, hosts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A certificate that is asked for, and the key that it is for."""

    subject: Subject
    algorithm: Algorithm = Algorithm.ES256
    """Of a key that is made here."""
    passphrase: str | None = None
    """Encrypts a key that is made here."""
    key: str | None = None
    """The URI of a key that is there already."""


def request_identity(store: IdentityStore, name: str, wanted: Wanted, *, secret: Secret, at: datetime) -> Identity:
    """Make a certificate request, and an identity that waits for the answer.

    Raises `SigningError` for a name that is taken or cannot be in a certificate, or what the place of the key says.
    """
    store.require_free(name)
    check_name(name)
    subject, names = encoded(wanted.subject)
    key, signer = _key(name, wanted, secret)
    try:
        request = build_request(subject, names, signer=signer)
    finally:
        signer.close()
    material = Material(
        name=name,
        organisation=wanted.subject.organisation,
        algorithm=signer.algorithm,
        key=key,
        request_pem=request,
    )
    return store.add(material, at=at)


def _key(name: str, wanted: Wanted, secret: Secret) -> tuple[str | bytes, BoundSigner]:
    if wanted.key is None:
        return new_key(name, wanted.algorithm, wanted.passphrase)
    if not is_uri(wanted.key):
        raise SigningError(
            f"{wanted.key} is not the address of a key",
            hint="name a key that is there already by its URI (file:PATH, pkcs11:…), or let one be made here",
        )
    uri = kept_uri(wanted.key)
    return uri, open_bare(uri, name=name, secret=secret)


def new_key(name: str, algorithm: Algorithm, passphrase: str | None) -> tuple[bytes, BoundSigner]:
    """Make a private key; return it as it is kept (PEM), and opened.

    Raises `WrongSecret` for a passphrase that cannot protect a key.
    """
    key = generate_key(algorithm)
    return key_pem(key, passphrase), bare(FileKey(place="the new key", private_key=key), name=name)


def build_request(subject: x509.Name, names: Sequence[x509.GeneralName], *, signer: BoundSigner) -> str:
    """Write a request (PKCS#10, PEM) for a certificate that may sign claims (C2PA 2.4, certificate profiles).

    RSA keys sign it with PSS, as they sign everything here. Raises what the place of the key says.
    """
    draft = _draft(subject, names, signer.algorithm)
    whole = der.split(der.read(draft.public_bytes(Encoding.DER)).body)
    version, name, _, attributes = der.split(whole[0].body)
    public = signer.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    information = der.sequence(version.whole, name.whole, public, attributes.whole)
    signed = der.sequence(information, whole[1].whole, der.bits(signer.sign(information)))
    return x509.load_der_x509_csr(signed).public_bytes(Encoding.PEM).decode("ascii")


def _draft(
    subject: x509.Name, names: Sequence[x509.GeneralName], algorithm: Algorithm
) -> x509.CertificateSigningRequest:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(CLAIM_SIGNING)])
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .add_extension(usage, critical=True)
        .add_extension(purposes, critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    # The size of an RSA key leaves no trace in what is taken over.
    throw_away = generate_key(Algorithm.PS256 if algorithm in _RSA else algorithm)
    digest: Any = DIGESTS.get(algorithm)
    return builder.sign(throw_away, digest, rsa_padding=pss(algorithm) if algorithm in _RSA else None)


def encoded(subject: Subject) -> tuple[x509.Name, list[x509.GeneralName]]:
    """Return a subject as certificates write it. Raises `SigningError` for what cannot be in one."""
    check_name(subject.organisation, what="the name of an organisation")
    check_name(subject.common_name, what="the common name in a certificate")
    attributes = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name),
    ]
    if subject.country is not None:
        if not re.fullmatch(r"[A-Za-z]{2}", subject.country):
            raise SigningError(
                f"{printable(subject.country)!r} is not a country", hint="write its two letters, such as NO or DE"
            )
        attributes.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, subject.country.upper()))
    return x509.Name(attributes), [_general(name) for name in subject.names]


def subject_of(leaf: x509.Certificate) -> tuple[x509.Name, list[x509.GeneralName]]:
    """Return the subject of a certificate, for asking for another one like it."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return leaf.subject, []
    return leaf.subject, list(names)


def _general(name: str) -> x509.GeneralName:
    try:
        if re.fullmatch(r"[^\s@/]+@[^\s@/]+", name):
            return x509.RFC822Name(name)
        if re.fullmatch(r"https?://\S+", name):
            return x509.UniformResourceIdentifier(name)
        if re.fullmatch(r"[A-Za-z0-9.-]*[A-Za-z0-9]", name):
            return x509.DNSName(name)
    except ValueError as error:
        raise SigningError(f"{printable(name)!r} cannot be in a certificate: {error}", hint=_WRITE_NAMES) from error
    raise SigningError(f"{printable(name)!r} is neither an e-mail address, a URL nor a host", hint=_WRITE_NAMES)
