"""Files as people meet them, made here: each situation of `docs/policies-shipped.md`, once for a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

from provenance import AiTraining, Carrier, Preset, SigningOptions, Workspace
from provenance.keys.files import FileSigner
from provenance.model.ports import Algorithm
from provenance.settings import Settings, TimestampSettings, TrustSettings
from tests.support import media, ocsp
from tests.support.certificates import FAULTS
from tests.support.exclusions import leaving_out
from tests.support.ocsp import GOOD, REVOKED, Pki, Responder, Says
from tests.tampering.signers import SOUND, as_ingredient, naively_signed, signed_under

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.tsa import Authority

CAPTURE = SigningOptions(preset=Preset.CAPTURE)
OURS = SigningOptions(ai_training=AiTraining.NOT_ALLOWED, publisher="Example News", drop_location=True)
CAPTION = "Überschwemmung am Ufer".encode()


@dataclass(frozen=True)
class Situation:
    """A file, who judges it, and whether others are asked."""

    data: bytes
    space: Workspace
    online: bool = False


class Desk:
    """A desk with a list that bears the official name, an authority for times and one that revokes, all made here."""

    def __init__(self, folder: Path, responder: Responder, tsa: Authority, pki: Pki) -> None:
        self.folder, self.responder, self.tsa, self.pki = folder, responder, tsa, pki
        roots, times = folder / "c2pa.pem", folder / "times.pem"
        roots.write_bytes(pki.root.public_bytes(Encoding.PEM))
        times.write_text(tsa.root_pem)
        self.settings = Settings(home=str(folder), trust=TrustSettings(signers=(str(roots),), timestamps=(str(times),)))
        self.space = Workspace(self.settings)
        self.space.identities.create("Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=ocsp.now())

    @cached_property
    def stamping(self) -> Workspace:
        return Workspace(replace(self.settings, timestamps=TimestampSettings(urls=(self.tsa.url,), deadline=5)))

    @cached_property
    def signer(self) -> FileSigner:
        chain = ocsp.der(self.pki.leaf(url=self.responder.url), self.pki.middle)
        return FileSigner(
            name="desk", algorithm=Algorithm.ES256, chain_pem=_pem(*chain), private_key=ocsp.key("es256", "leaf")
        )

    @cached_property
    def photo(self) -> bytes:
        return media.jpeg(exif=True)

    @cached_property
    def capture(self) -> bytes:
        return self.signed(self.photo, CAPTURE)

    @cached_property
    def generated(self) -> bytes:
        return self.signed(media.jpeg(2), SigningOptions(ai_model="Dream 3"))

    def signed(self, data: bytes, options: SigningOptions | None = None, *, space: Workspace | None = None) -> bytes:
        found = (space or self.space).sign(data, options=options, signer=self.signer).data
        assert found is not None
        return found

    def given(self, data: bytes, **more: Any) -> Situation:
        return Situation(data, more.pop("space", self.space), **more)

    def trusting(self, data: bytes, root: str, name: str) -> Situation:
        path = self.folder / f"{name}.pem"
        path.write_text(root)
        return self.given(data, space=Workspace(replace(self.settings, trust=TrustSettings(signers=(str(path),)))))


def _pem(*certificates: bytes) -> str:
    from cryptography import x509

    found = (x509.load_der_x509_certificate(item) for item in certificates)
    return "".join(item.public_bytes(Encoding.PEM).decode() for item in found)


def _flipped(data: bytes) -> bytes:
    altered = bytearray(data)
    altered[-20] ^= 1
    return bytes(altered)


def _expired(desk: Desk) -> Situation:
    data, trust = signed_under(replace(SOUND, **FAULTS["expired"]), desk.photo)
    return desk.trusting(data, "".join(trust.lists[0].anchors), "expired")


def _revoked(desk: Desk) -> Situation:
    desk.responder.says = Says(status=REVOKED)
    return desk.given(desk.capture, online=True)


def _asked(desk: Desk, data: bytes) -> Situation:
    desk.responder.says = Says(status=GOOD)
    return desk.given(data, online=True)


def _on_broken(desk: Desk) -> Situation:
    trust = desk.space.trust
    return desk.given(naively_signed(media.jpeg(3), desk.signer, trust, as_ingredient(_flipped(desk.capture), trust)))


def _elsewhere(desk: Desk) -> Situation:
    options = replace(CAPTURE, carrier=Carrier.REMOTE, remote_url="https://example.org/x.c2pa")
    return desk.given(desk.signed(desk.photo, options))


def _recaptioned(desk: Desk) -> Situation:
    """A signer leaves the caption out of the hash, and somebody writes another."""
    stated = {"@context": {"tiff": "http://ns.adobe.com/tiff/1.0/"}, "tiff:ImageDescription": CAPTION.decode()}
    data = leaving_out(
        desk.photo,
        (desk.photo.index(CAPTION), len(CAPTION)),
        signer=desk.signer,
        trust=desk.space.trust,
        assertions=({"label": "c2pa.metadata", "data": stated, "kind": "Json"},),
    )
    # The statement stands before the picture's own metadata.
    place = data.rindex(CAPTION)
    return desk.given(data[:place] + b"X" * len(CAPTION) + data[place + len(CAPTION) :])


def _unreadable(desk: Desk) -> Situation:
    return desk.given(desk.capture.replace(b"c2pa.hash.data", b"c2pa.hash.dat\0"))


SITUATIONS: dict[str, Callable[[Desk], Situation]] = {
    "a capture": lambda desk: desk.given(desk.capture),
    "a capture with a trusted time, asked about": lambda desk: _asked(
        desk, desk.signed(desk.photo, CAPTURE, space=desk.stamping)
    ),
    "a capture, published": lambda desk: desk.given(desk.signed(desk.capture)),
    "published as our rules ask": lambda desk: _asked(desk, desk.signed(desk.capture, OURS, space=desk.stamping)),
    "published, its origin not known": lambda desk: desk.given(desk.signed(desk.photo)),
    "a capture, edited": lambda desk: desk.given(
        desk.signed(media.jpeg(3), SigningOptions(preset=Preset.EDIT, parent=desk.capture, actions=("cropped",)))
    ),
    "a capture of a screen": lambda desk: desk.given(
        desk.signed(desk.photo, replace(CAPTURE, source_type="screenCapture"))
    ),
    "generated, and marked": lambda desk: desk.given(desk.generated),
    "generated, published without a word": lambda desk: desk.given(desk.signed(desk.generated)),
    "without credentials": lambda desk: desk.given(desk.photo),
    "credentials that cannot be read": _unreadable,
    "credentials kept elsewhere, not fetched": _elsewhere,
    "changed after signing": lambda desk: desk.given(_flipped(desk.capture)),
    "made from a file that was changed": _on_broken,
    "a caption that was changed, which no hash covers": _recaptioned,
    "by a signer on no list": lambda desk: desk.given(
        desk.capture, space=Workspace(replace(desk.settings, trust=TrustSettings()))
    ),
    "by an identity for development": lambda desk: desk.given(desk.space.sign(desk.photo, options=CAPTURE).data),
    "under an expired certificate": _expired,
    "under a revoked certificate, asked about": _revoked,
}
