"""Signers and claims as no careful program makes them: other certificates, a past that is not looked at."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.claims import define
from provenance.manifests import reader, writer
from provenance.model.claim import Action, Claim, Generator, Ingredient, Relationship
from provenance.model.ports import Algorithm, Seal, Signer
from provenance.model.trust import Purpose, Trust
from provenance.trust import parse_pem
from tests.support.certificates import EMAIL_PROTECTION, Plan, build

if TYPE_CHECKING:
    from provenance.model.manifest import ManifestStore

JPEG = "image/jpeg"
SOUND = Plan(purposes=(EMAIL_PROTECTION,))
_CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_USES = {Relationship.PARENT_OF: "c2pa.opened", Relationship.COMPONENT_OF: "c2pa.placed"}


@dataclass(slots=True, kw_only=True)
class RecordingSigner:
    """Signs and keeps what was signed and the signature: to sign it again under another certificate."""

    chain_pem: str
    private_key: Any
    name: str = "recording"
    algorithm: Algorithm = Algorithm.ES256
    signed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.private_key.sign(data, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        self.signed.append((data, signature))
        return signature


def naively_signed(data: bytes, signer: Signer, trust: Trust, *ingredients: Ingredient) -> bytes:
    """Sign a JPEG by the engine alone, over ingredients that nobody has looked at."""
    used = [(_USES.get(item.relationship), item.id) for item in ingredients]
    steps = tuple(Action(name=name, ingredients=(item,)) for name, item in used if name)
    begins = not any(item.name == "c2pa.opened" for item in steps)
    created = (Action(name="c2pa.created", source_type=_CAPTURE),) if begins else ()
    claim = Claim(
        title="signed by a naive program",
        actions=(*created, *steps),
        generator=Generator(name="naive"),
        all_actions_included=True,
        ingredients=ingredients,
    )
    output = io.BytesIO()
    asset = io.BytesIO(data)
    writer.write(define(claim), asset=asset, media_type=JPEG, output=output, seal=Seal(signer=signer), trust=trust)
    return output.getvalue()


def store_of(data: bytes, trust: Trust) -> ManifestStore:
    """Read a JPEG's manifest store with its bytes."""
    found = reader.read(io.BytesIO(data), JPEG, trust=trust, keep=reader.Keep.STORE).store
    assert found is not None
    return found


def as_ingredient(data: bytes, trust: Trust, relationship: Relationship = Relationship.PARENT_OF) -> Ingredient:
    """Make an ingredient of a file with whatever its validation says."""
    name = "parent" if relationship is Relationship.PARENT_OF else "part"
    return Ingredient(id=name, title=name, media_type=JPEG, relationship=relationship, store=store_of(data, trust))


def trust_in(root_pem: str, purpose: Purpose = Purpose.SIGNER) -> Trust:
    """Trust one root."""
    return Trust(lists=(parse_pem(root_pem, name="test", purpose=purpose, source="test"),))


def signed_under(plan: Plan, media: bytes) -> tuple[bytes, Trust]:
    """Sign a JPEG with a certificate that the engine itself would refuse to sign with.

    A sound certificate signs first; then the unsound one, of the same length and for the same key, takes its place
    and the claim is signed once more: whoever writes an engine of his own can do the same.
    """
    at = datetime.now(UTC)
    key, chain, root = build(SOUND, at=at)
    trust = trust_in(root)
    signer = RecordingSigner(chain_pem=chain, private_key=key)
    signed = naively_signed(media, signer, trust)
    old = _leaf(chain)
    new = next(leaf for leaf in (_leaf(build(plan, at=at)[1]) for _ in range(500)) if len(leaf) == len(old))
    message, signature = signer.signed[-1]
    assert (message.count(old), signed.count(old), signed.count(signature)) == (1, 1, 1)
    again = replace(signer, signed=[]).sign(message.replace(old, new))
    return signed.replace(old, new).replace(signature, again), trust


def _leaf(chain_pem: str) -> bytes:
    return x509.load_pem_x509_certificates(chain_pem.encode())[0].public_bytes(Encoding.DER)
