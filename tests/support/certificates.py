"""Certificate chains for tests: one good one, and one for each way in which a chain can be wrong.

A fault changes one thing of the good plan and nothing else, so that a test that meets a refusal knows the
cause. Keys are generated once per kind and process; certificates are new each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from provenance.model.ports import Algorithm

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
ANY_PURPOSE = "2.5.29.37.0"

KEY_KINDS: dict[str, Callable[[], Any]] = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "es512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
    "ps384": lambda: rsa.generate_private_key(65537, 3072),
    "ps512": lambda: rsa.generate_private_key(65537, 4096),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
    "rsa_1024": lambda: rsa.generate_private_key(65537, 1024),
    "rsa_4104": lambda: rsa.generate_private_key(65537, 4104),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
}

Order = Callable[[x509.Certificate, x509.Certificate, x509.Certificate, x509.Certificate], list[x509.Certificate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one chain looks like; the defaults are right."""

    organization: str | None = "Example News"
    common: str = "Example News desk"
    starts: int = -10
    ends: int = 80
    purposes: tuple[str, ...] | None = (CLAIM_SIGNING, EMAIL_PROTECTION)
    leaf_is_ca: bool = False
    usages: tuple[str, ...] | None = ("digital_signature",)
    has_authority: bool = True
    has_subject_key: bool = True
    status_address: str | None = None
    self_signed: bool = False
    digest: Any = hashes.SHA256
    kind: str | None = None
    ca_kind: str = "es256"
    ca_padding: Any = None
    extra: x509.ExtensionType | None = None
    intermediate_is_ca: bool = True
    intermediate_ends: int = 200
    surgery: Callable[[list[bytes]], list[bytes]] | None = None
    order: Order = lambda leaf, intermediate, root, stranger: [leaf, intermediate]


HEALTHY = Plan(status_address="http://ocsp.example.com")
"""A chain that nothing at all can be said against."""


def _pss(mask: hashes.HashAlgorithm) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(mask), salt_length=padding.PSS.DIGEST_LENGTH)


def _alone(leaf: Any, intermediate: Any, root: Any, stranger: Any) -> list[x509.Certificate]:
    return [leaf]


FAULTS: dict[str, dict[str, Any]] = {
    "expired": {"starts": -90, "ends": -10},
    "not_yet_valid": {"starts": 10},
    "no_organization": {"organization": None},
    "wrong_eku": {"purposes": (SERVER_AUTH,)},
    "any_eku": {"purposes": (CLAIM_SIGNING, ANY_PURPOSE)},
    "no_eku": {"purposes": None},
    "timestamp_eku": {"purposes": (TIME_STAMPING,)},
    "mixed_eku": {"purposes": (CLAIM_SIGNING, TIME_STAMPING)},
    "mixed_ocsp_eku": {"purposes": (EMAIL_PROTECTION, OCSP_SIGNING)},
    "ca_leaf": {"leaf_is_ca": True, "usages": ("digital_signature", "key_cert_sign")},
    "no_digital_signature": {"usages": ("key_encipherment",)},
    "non_repudiation_only": {"usages": ("content_commitment",)},
    "signs_certificates": {"usages": ("digital_signature", "key_cert_sign")},
    "no_key_usage": {"usages": None},
    "no_aki": {"has_authority": False},
    "wrong_order": {"order": lambda leaf, intermediate, root, stranger: [intermediate, leaf]},
    "root_included": {"order": lambda leaf, intermediate, root, stranger: [leaf, intermediate, root]},
    "gap": {"order": lambda leaf, intermediate, root, stranger: [leaf, stranger]},
    "rsa_1024": {"kind": "rsa_1024"},
    "secp256k1": {"kind": "secp256k1"},
    "ed448": {"kind": "ed448"},
    "self_signed": {"self_signed": True, "has_authority": False, "order": _alone},
    "weak_digest": {"digest": hashes.SHA224},
    "pss_mask": {"ca_kind": "ps256", "ca_padding": _pss(hashes.SHA512())},
    "unknown_critical": {
        "extra": x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    },
    "unique_id": {"surgery": lambda fields: [*fields[:7], b"\x81\x02\x00\x01", *fields[7:]]},
    "version_1": {"surgery": lambda fields: fields[1:-1]},
    "intermediate_expired": {"intermediate_ends": -1},
    "intermediate_not_ca": {"intermediate_is_ca": False},
}


WARNINGS: dict[str, dict[str, Any]] = {
    "ends_soon": {"ends": 12},
    "no_subject_key": {"has_subject_key": False},
    "no_status_address": {"status_address": None},
    "p521_with_sha256": {"ca_kind": "es512"},
    "intermediate_ends_soon": {"intermediate_ends": 12},
}
"""What nobody refuses and everybody should mend, as changes of `HEALTHY`."""


def make_chain(
    fault: str | None = None, *, algorithm: Algorithm = Algorithm.ES256, at: datetime = AT
) -> tuple[Any, str, str]:
    """Return a private key, its chain and the root of the chain, the last two in PEM.

    The chain is leaf and intermediate unless the fault says otherwise; `at` lies inside its validity.
    """
    return build(replace(Plan(), **FAULTS[fault]) if fault else Plan(), algorithm=algorithm, at=at)


def build(plan: Plan, *, algorithm: Algorithm = Algorithm.ES256, at: datetime = AT) -> tuple[Any, str, str]:
    """Return key, chain and root as a plan has them."""
    root_key, middle_key = key(plan.ca_kind, "root"), key(plan.ca_kind, "intermediate")
    leaf_key = key(plan.kind or algorithm.value, "leaf")
    root_name, middle_name = _name("Example CA", "Example root"), _name("Example CA", "Example intermediate")
    root = _authority(root_name, root_key, root_name, root_key, at=at)
    middle = _authority(
        middle_name, middle_key, root_name, root_key,
        at=at, ends=plan.intermediate_ends, is_ca=plan.intermediate_is_ca,
    )  # fmt: skip
    leaf = _leaf(plan, leaf_key, middle_name, middle_key, at=at)
    stranger = _authority(middle_name, key("es256", "stranger"), root_name, key("es256", "stranger root"), at=at)
    if plan.surgery is not None:
        leaf = _operate(leaf, plan.surgery, middle_key)
    chain = plan.order(leaf, middle, root, stranger)
    return leaf_key, "".join(_pem(item) for item in chain), _pem(root)


def key(kind: str, role: str = "leaf") -> Any:
    """Return the private key of this kind and role, always the same one in a process."""
    return _key(kind, role)


@cache
def _key(kind: str, role: str) -> Any:
    return KEY_KINDS[kind]()


def _leaf(plan: Plan, leaf_key: Any, issuer: x509.Name, issuer_key: Any, *, at: datetime) -> x509.Certificate:
    subject = _name(plan.organization, plan.common)
    signing_key = leaf_key if plan.self_signed else issuer_key
    builder = _start(
        subject, leaf_key, subject if plan.self_signed else issuer,
        at=at, days=(plan.starts, plan.ends), own_key_named=plan.has_subject_key,
    )  # fmt: skip
    builder = builder.add_extension(x509.BasicConstraints(ca=plan.leaf_is_ca, path_length=None), critical=True)
    if plan.usages is not None:
        builder = builder.add_extension(_usage(*plan.usages), critical=True)
    if plan.purposes is not None:
        purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(item) for item in plan.purposes])
        builder = builder.add_extension(purposes, critical=False)
    if plan.has_authority:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
        builder = builder.add_extension(authority, critical=False)
    if plan.status_address is not None:
        responder = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(plan.status_address)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([responder]), critical=False)
    if plan.extra is not None:
        builder = builder.add_extension(plan.extra, critical=True)
    return builder.sign(signing_key, _digest(signing_key, plan.digest), rsa_padding=plan.ca_padding)


def _authority(
    subject: x509.Name, own_key: Any, issuer: x509.Name, issuer_key: Any,
    *, at: datetime, ends: int = 300, is_ca: bool = True,
) -> x509.Certificate:  # fmt: skip
    builder = _start(subject, own_key, issuer, at=at, days=(-100, ends))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    builder = builder.add_extension(
        _usage("key_cert_sign", "crl_sign") if is_ca else _usage("digital_signature"), critical=True
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = builder.add_extension(authority, critical=False)
    return builder.sign(issuer_key, _digest(issuer_key, hashes.SHA256))


def _start(
    subject: x509.Name, own_key: Any, issuer: x509.Name,
    *, at: datetime, days: tuple[int, int], own_key_named: bool = True,
) -> x509.CertificateBuilder:  # fmt: skip
    first, last = (at + timedelta(days=number) for number in days)
    public = own_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
    )
    named = x509.SubjectKeyIdentifier.from_public_key(public)
    return builder.add_extension(named, critical=False) if own_key_named else builder


def _usage(*granted: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in granted for name in every})


def _digest(signing_key: Any, digest: Any) -> hashes.HashAlgorithm | None:
    edwards = isinstance(signing_key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return None if edwards else digest()


def _operate(
    certificate: x509.Certificate, change: Callable[[list[bytes]], list[bytes]], issuer_key: Any
) -> x509.Certificate:
    """Change the fields of a certificate as no builder would, and sign the result (ECDSA with SHA-256)."""
    fields = _fields(certificate.tbs_certificate_bytes)
    signed = _sequence(change(fields))
    signature = b"\x00" + issuer_key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return x509.load_der_x509_certificate(_sequence([signed, fields[2], b"\x03" + bytes([len(signature)]) + signature]))


def _fields(der: bytes) -> list[bytes]:
    """Split a DER sequence into its outermost fields."""
    fields, position = [], _start_of_value(der, 0)[0]
    while position < len(der):
        start, length = _start_of_value(der, position)
        fields.append(der[position : start + length])
        position = start + length
    return fields


def _start_of_value(der: bytes, position: int) -> tuple[int, int]:
    length, position = der[position + 1], position + 2
    if length & 0x80:
        size = length & 0x7F
        return position + size, int.from_bytes(der[position : position + size], "big")
    return position, length


def _sequence(fields: list[bytes]) -> bytes:
    content = b"".join(fields)
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


def _name(organization: str | None, common: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization is not None:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
