"""What the tests of containers share: a signer, trust in it, and a way to sign and read bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.manifests import reader, writer
from provenance.manifests.formats import FORMATS
from provenance.manifests.sniff import detect
from provenance.model.claim import Definition
from provenance.model.ports import Algorithm, Seal
from provenance.model.trust import Purpose, Trust, TrustList
from tests.support.certificates import make_chain

if TYPE_CHECKING:
    from provenance.manifests.reader import Reading


@dataclass(frozen=True, slots=True)
class LocalSigner:
    """A key in memory."""

    key: Any
    chain_pem: str
    name: str = "Example News"
    algorithm: Algorithm = Algorithm.ES256

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


_KEY, _CHAIN, _ROOT = make_chain(at=datetime.now(UTC))
SIGNER = LocalSigner(_KEY, _CHAIN)
THROW_AWAY = LocalSigner(*make_chain(at=datetime.now(UTC))[:2], name="throw-away")
TRUST = Trust(lists=(TrustList(name="tests", purpose=Purpose.SIGNER, anchors=(_ROOT,), source="", digest=""),))
MEDIA_TYPES = {item.extensions[0]: item.media_type for item in FORMATS}


def sign(data: bytes, media_type: str, *, detached: bool = False, title: str = "a file") -> tuple[bytes, bytes]:
    """Sign bytes; return the signed file and its manifest store."""
    action = {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}
    manifest = {
        "claim_version": 2,
        "title": title,
        "claim_generator_info": [{"name": "provenance"}],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [action]}}],
    }
    output = io.BytesIO()
    store = writer.write(
        Definition(manifest=manifest, detached=detached),
        asset=io.BytesIO(data),
        media_type=media_type,
        output=output,
        seal=Seal(signer=SIGNER),
        trust=TRUST,
    )
    return output.getvalue(), store


def read(data: bytes, media_type: str, manifest: bytes | None = None) -> Reading:
    """Read what a file carries, with its store's bytes."""
    return reader.read(io.BytesIO(data), media_type, trust=TRUST, manifest=manifest, keep=reader.Keep.STORE)


def type_of(data: bytes, name: str) -> str:
    """Tell a file's media type."""
    return detect(data[:65536], name).media_type
