"""Certificates of time-stamp authorities for tests: a good one, and some with one fault each.

The chain is root, intermediate, authority. A second root that nobody lists has an intermediate and an authority of its
own, with the same names and other keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.certificates import ANY_PURPOSE, EMAIL_PROTECTION, TIME_STAMPING, key

ORGANIZATION = "Example Time"
AUTHORITY = "Example Time Authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the certificate of an authority looks like; the defaults are right. Days count from now."""

    common: str = AUTHORITY
    purposes: tuple[str, ...] | None = (TIME_STAMPING,)
    critical: bool = True
    starts: int = -100
    ends: int = 100
    usages: tuple[str, ...] = ("digital_signature",)
    is_ca: bool = False
    intermediate_ends: int = 1000
    intermediate_purposes: tuple[str, ...] | None = None
    intermediate_is_ca: bool = True
    listed: bool = True
    issuer: str = "Example Time Issuer"
    serial: int | None = None
    steps: int = 0
    """Further authorities between the root and the issuer."""


FORMS: dict[str, Form] = {
    "good": Form(),
    "expired": Form(starts=-50, ends=-10),
    "not-yet-valid": Form(starts=10),
    "no-purpose": Form(purposes=None),
    "other-purpose": Form(purposes=(EMAIL_PROTECTION,)),
    "more-purposes": Form(purposes=(TIME_STAMPING, EMAIL_PROTECTION)),
    "any-purpose": Form(purposes=(TIME_STAMPING, ANY_PURPOSE)),
    "uncritical-purpose": Form(critical=False),
    "no-signatures": Form(usages=("key_encipherment",)),
    "is-authority": Form(is_ca=True, usages=("digital_signature", "key_cert_sign")),
    "unlisted": Form(listed=False),
    "expired-issuer": Form(intermediate_ends=-5),
    "issuer-for-mail": Form(intermediate_purposes=(EMAIL_PROTECTION,)),
    "issuer-for-time": Form(intermediate_purposes=(TIME_STAMPING,)),
    "issuer-for-any": Form(intermediate_purposes=(ANY_PURPOSE,)),
    "issuer-is-none": Form(intermediate_is_ca=False),
    "odd-name": Form(common="\x1b[31mRed\u202e Time"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """An authority's key and certificate with those above it, DER."""

    key: Any
    leaf: bytes
    intermediate: bytes
    root: bytes
    steps: tuple[bytes, ...] = ()

    @property
    def key_der(self) -> bytes:
        """Return the private key, PKCS#8."""
        return self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def pem(der: bytes) -> str:
    """Return a certificate in PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode("ascii")


def make_chain(form: Form = FORMS["good"], *, kind: str = "es256", at: datetime) -> Chain:
    """Make a chain around a moment; `kind` is one of `certificates.KEY_KINDS` and is the authority's own."""
    side = "tsa" if form.listed else "unlisted tsa"
    root_key, middle_key, own_key = key("es384", f"{side} root"), key("es256", f"{side} issuer"), key(kind, side)
    above, above_key = _name("Example Time Root"), root_key
    root = _sign(_start(above, root_key, above, at, (-3000, 3000)), root_key, ca=True)
    steps = []
    for number in range(form.steps):
        name, step_key = _name(f"Example Time Step {number}"), key("es256", f"{side} step {number}")
        steps.append(_der(_sign(_start(name, step_key, above, at, (-1000, 1000)), above_key, ca=True)))
        above, above_key = name, step_key
    middle = _sign(
        _start(_name(form.issuer), middle_key, above, at, (-1000, form.intermediate_ends)),
        above_key,
        ca=form.intermediate_is_ca,
        purposes=form.intermediate_purposes,
        critical=False,
    )
    builder = _start(_name(form.common), own_key, _name(form.issuer), at, (form.starts, form.ends), form.serial)
    leaf = _sign(builder, middle_key, ca=form.is_ca, usages=form.usages, purposes=form.purposes, critical=form.critical)
    return Chain(key=own_key, leaf=_der(leaf), intermediate=_der(middle), root=_der(root), steps=tuple(steps))


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _start(subject: x509.Name, own_key: Any, issuer: x509.Name, at: datetime, days, serial=None) -> Any:
    first, last = (at.replace(microsecond=0) + timedelta(days=number) for number in days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own_key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own_key.public_key()), critical=False)
    )


def _sign(builder: Any, issuer_key: Any, *, ca: bool, usages=None, purposes=None, critical=True) -> x509.Certificate:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    granted = usages or ("key_cert_sign", "crl_sign")
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(x509.KeyUsage(**{name: name in granted for name in every}), critical=True)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = builder.add_extension(authority, critical=False)
    if purposes is not None:
        named = x509.ExtendedKeyUsage([x509.ObjectIdentifier(item) for item in purposes])
        builder = builder.add_extension(named, critical=critical)
    return builder.sign(issuer_key, None if isinstance(issuer_key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
