"""Keys, certificates and requests as people bring them: one good chain in every form, and an authority that answers."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from provenance.keys import parse_chain
from provenance.keys.importing import Given, import_identity
from provenance.keys.request import Subject, Wanted, request_identity
from tests.support.certificates import AT, make_chain
from tests.support.certificates import key as make_key
from tests.support.identities import never

KEY, CHAIN, ROOT = make_chain()
LEAF, INTERMEDIATE = parse_chain(CHAIN)
(AUTHORITY,) = parse_chain(ROOT)
PASSPHRASE = "pässword"
NEWS = Subject(organisation="Example News Ltd", common_name="Example News signing")


def key_bytes(key=KEY, passphrase=None, *, encoding=Encoding.PEM, form=PrivateFormat.PKCS8):
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(encoding, form, protection)


def pem(*certificates):
    return b"".join(item.public_bytes(Encoding.PEM) for item in certificates)


def p12(passphrase=PASSPHRASE, *, key=KEY, others=(AUTHORITY, INTERMEDIATE)):
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"desk", key, LEAF, others, protection)


def bring(store, files, *, secret=never, name="Desk", at=AT, **more):
    return import_identity(store, name, Given(files=tuple(files), **more), secret=secret, at=at)


ENCRYPTED = {
    "PKCS#8": lambda: {"a": pem(LEAF, INTERMEDIATE, AUTHORITY), "b": key_bytes(passphrase=PASSPHRASE)},
    "PKCS#8 in DER": lambda: {
        "a": pem(LEAF, INTERMEDIATE, AUTHORITY), "b": key_bytes(passphrase=PASSPHRASE, encoding=Encoding.DER)
    },
    "traditional": lambda: {
        "a": key_bytes(passphrase=PASSPHRASE, form=PrivateFormat.TraditionalOpenSSL)
        + pem(LEAF, INTERMEDIATE, AUTHORITY)
    },
    "PKCS#12": lambda: {"a": p12()},
}  # fmt: skip
"""Files with the good chain and its key, encrypted with `PASSPHRASE`."""


def write(folder, files):
    """Write files that only their owner may read; return their paths."""
    paths = []
    for name, content in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)
        paths.append(path)
    return tuple(paths)


def ask(store, name="Desk", *, secret=never, subject=NEWS, **more):
    return request_identity(store, name, Wanted(subject=subject, **more), secret=secret, at=AT)


def request_of(identity):
    return x509.load_pem_x509_csr(identity.request_path.read_bytes())


def answer(request, *, days=90, at=AT):
    """Issue what was asked for, as an authority would."""
    authority = make_key("es256", "authority")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Commercial CA")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(name)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
    )
    for item in request.extensions:
        builder = builder.add_extension(item.value, critical=item.critical)
    return builder.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM)
