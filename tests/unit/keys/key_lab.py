"""Keys and chains in files, and a check of signatures that shares no code with what is tested."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from provenance.model.ports import Algorithm
from tests.support.certificates import make_chain

MESSAGE = b"what is signed"
DIGESTS = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def never(wanted):
    raise AssertionError(f"{wanted} was asked for")


class Asked:
    """Answers with PINs, one after the other, and notes what it was asked."""

    def __init__(self, *answers):
        self.words = []
        self._answers = list(answers)

    def __call__(self, wanted):
        self.words.append(wanted)
        return self._answers.pop(0)


def pem(key, form=PrivateFormat.PKCS8, passphrase=None):
    return _encoded(key, Encoding.PEM, form, passphrase)


def der(key, form=PrivateFormat.PKCS8, passphrase=None):
    return _encoded(key, Encoding.DER, form, passphrase)


def _encoded(key, encoding, form, passphrase):
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(encoding, form, protection)


def write_private(path, data):
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


def write_pair(folder, key_bytes=None, *, algorithm=Algorithm.ES256, chain=None):
    """Write a key and a chain; return their paths."""
    key, chain_pem, _ = make_chain(algorithm=algorithm)
    (folder / "chain.pem").write_bytes(chain_pem.encode() if chain is None else chain)
    return write_private(folder / "key.pem", pem(key) if key_bytes is None else key_bytes), folder / "chain.pem"


def verify(public_key, algorithm, signature, message=MESSAGE):
    if isinstance(public_key, ed25519.Ed25519PublicKey):
        public_key.verify(signature, message)
        return
    digest = DIGESTS[algorithm.value[2:]]
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        public_key.verify(signature, message, ec.ECDSA(digest))
        return
    scheme = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    public_key.verify(signature, message, scheme, digest)
