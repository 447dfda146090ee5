"""Time-stamps for tests, good ones and some with one fault each: real signatures of CMS, written with asn1crypto.

The code that is tested reads with a reader of its own, so what is written here comes from other hands.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.support.tsa_certificates import FORMS, Chain, Form

POLICY = "1.3.6.1.4.1.99999.3161"
OTHER_POLICY = "1.3.6.1.4.1.99999.1"
MESSAGE = b"what is to be stamped"
NONCE = 0x9D2AB14A0115291F
SAID = "come back \x1b[31mtomorrow\u202e"
"""What an authority says when it refuses: text that must not reach a terminal as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What one answer looks like; the defaults are right."""

    form: Form = FORMS["good"]
    status: str = "granted"
    text: str | None = None
    failure: str | None = None
    has_token: bool = True
    imprint: bytes | None = None
    """Another one than was asked for."""
    imprint_algorithm: str | None = None
    nonce: str = "same"
    """Or `other`, or `none`."""
    policy: str = POLICY
    off: timedelta = timedelta()
    """By how much its clock is wrong."""
    signing_time: timedelta | None = timedelta()
    """By how much the signed attribute differs from the time; None leaves it out."""
    millis: int | None = None
    microsecond: int = 0
    version: int = 1
    critical_extension: bool = False
    digest: str = "sha256"
    pss: bool = False
    called: str | None = None
    """What the signature's algorithm is said to be."""
    names: tuple[str, ...] = ("v2",)
    """How the signed attributes name the certificate: v1, v2, or v2 with another digest as in v2-sha512."""
    names_other: bool = False
    by_key: bool = False
    """Name the signer by its key identifier."""
    carries: tuple[str, ...] = ("leaf", "intermediate")
    turned: bool = False
    """Certificates in the order of no standard, as large authorities send them."""
    without: tuple[str, ...] = ()
    """Signed attributes that are left out."""
    content_type: str = "tst_info"
    """As the signed attribute has it."""
    altered: bool = False
    """The content is changed after it was signed."""
    tampered: bool = False
    """The signature is changed."""
    signers: int = 1


_FINE = {"good", "odd-name", "issuer-for-time", "issuer-for-any"}

RECIPES: dict[str, Recipe] = {
    "good": Recipe(),
    "with-mods": Recipe(status="granted_with_mods", text="took another road"),
    "rejection": Recipe(status="rejection", text=SAID, failure="bad_request", has_token=False),
    "waiting": Recipe(status="waiting", has_token=False),
    "rejection-with-token": Recipe(status="rejection"),
    "granted-nothing": Recipe(has_token=False),
    "wrong-imprint": Recipe(imprint=b"\x07" * 32),
    "other-digest": Recipe(imprint_algorithm="sha512"),
    "wrong-nonce": Recipe(nonce="other"),
    "no-nonce": Recipe(nonce="none"),
    "other-policy": Recipe(policy=OTHER_POLICY),
    "tampered": Recipe(tampered=True),
    "altered": Recipe(altered=True),
    "other-certificate": Recipe(names_other=True),
    "other-certificate-v1": Recipe(names=("v1",), names_other=True),
    "no-certificate": Recipe(carries=()),
    "clock-off": Recipe(off=timedelta(days=-1)),
    "clock-ahead": Recipe(off=timedelta(days=1)),
    "two-times": Recipe(signing_time=timedelta(hours=5)),
    **{name: Recipe(form=form) for name, form in FORMS.items() if name not in _FINE},
}
"""All that the authority answers by path; only `good` and `with-mods` may be used, and `other-policy` where nobody
asked for one."""


class _WithoutToken(core.Sequence):
    """A TimeStampResp that asn1crypto does not write: in its eyes the token is not optional."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012 -- its way of saying so


def ask(
    message: bytes = MESSAGE, *, nonce: int | None = NONCE, policy: str | None = None, digest: str = "sha256"
) -> bytes:
    """Return a TimeStampReq, DER, as the engine makes it."""
    imprint = hashlib.new(digest, message).digest()
    asked: dict[str, Any] = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": digest}, "hashed_message": imprint},
        "req_policy": policy,
        "nonce": nonce,
        "cert_req": True,
    }
    return tsp.TimeStampReq({name: value for name, value in asked.items() if value is not None}).dump()


def write(request: bytes, recipe: Recipe, chain: Chain, time: datetime) -> bytes:
    """Return what the authority of this chain answers to a TimeStampReq at a time: TimeStampResp, DER."""
    asked = tsp.TimeStampReq.load(request)
    status: dict[str, Any] = {"status": recipe.status}
    if recipe.text is not None:
        status["status_string"] = [recipe.text]
    if recipe.failure is not None:
        status["fail_info"] = {recipe.failure}
    if not recipe.has_token:
        return _WithoutToken({"status": status}).dump()
    token = _token(asked, recipe, chain, time + recipe.off)
    encoded = tsp.TimeStampResp({"status": status, "time_stamp_token": token}).dump()
    if recipe.turned:
        first, second = sorted([chain.leaf, chain.intermediate])
        assert first + second in encoded
        encoded = encoded.replace(first + second, second + first)
    return encoded


def _token(request: tsp.TimeStampReq, recipe: Recipe, chain: Chain, time: datetime) -> cms.ContentInfo:
    content = _content(request, recipe, time, serial=4711).dump()
    signer = _signer(content, recipe, chain, time)
    if recipe.altered:
        content = _content(request, recipe, time, serial=4712).dump()
    data = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": recipe.digest}],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
        "certificates": [x509.Certificate.load(item) for item in _carried(recipe, chain)],
        "signer_infos": [signer] * recipe.signers,
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})


def _carried(recipe: Recipe, chain: Chain) -> list[bytes]:
    return [getattr(chain, name) for name in recipe.carries] + list(chain.steps)


def _content(request: tsp.TimeStampReq, recipe: Recipe, time: datetime, *, serial: int) -> tsp.TSTInfo:
    asked = request["message_imprint"].native
    named = recipe.imprint_algorithm or asked["hash_algorithm"]["algorithm"]
    size = hashlib.new(named).digest_size if recipe.imprint_algorithm else 0
    info: dict[str, Any] = {
        "version": recipe.version,
        "policy": recipe.policy,
        "message_imprint": {
            "hash_algorithm": {"algorithm": named},
            "hashed_message": recipe.imprint or asked["hashed_message"].ljust(size, b"\x00")[: size or None],
        },
        "serial_number": serial,
        "gen_time": time.replace(microsecond=recipe.microsecond),
    }
    if recipe.millis is not None:
        info["accuracy"] = {"seconds": 1, "millis": recipe.millis}
    nonce = request["nonce"].native
    if nonce is not None and recipe.nonce != "none":
        info["nonce"] = nonce if recipe.nonce == "same" else nonce + 1
    if recipe.critical_extension:
        info["extensions"] = [{"extn_id": "1.3.6.1.4.1.99999.7", "critical": True, "extn_value": b"\x05\x00"}]
    return tsp.TSTInfo(info)


def _signer(content: bytes, recipe: Recipe, chain: Chain, time: datetime) -> cms.SignerInfo:
    certificate = x509.Certificate.load(chain.leaf)
    by_number = cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number})
    attributes = cms.CMSAttributes(_attributes(content, recipe, chain, time))
    signature = _sign(chain.key, attributes.dump(), recipe)
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier("subject_key_identifier", certificate.key_identifier)
            if recipe.by_key
            else cms.SignerIdentifier("issuer_and_serial_number", by_number),
            "digest_algorithm": {"algorithm": recipe.digest},
            "signed_attrs": attributes,
            "signature_algorithm": _algorithm(chain.key, recipe),
            "signature": signature[:-1] + bytes([signature[-1] ^ 1]) if recipe.tampered else signature,
        }
    )


def _attributes(content: bytes, recipe: Recipe, chain: Chain, time: datetime) -> list[dict[str, Any]]:
    named = chain.intermediate if recipe.names_other else chain.leaf
    found: dict[str, Any] = {
        "content_type": recipe.content_type,
        "message_digest": hashlib.new(recipe.digest, content).digest(),
    }
    if recipe.signing_time is not None:
        found["signing_time"] = cms.Time({"utc_time": (time + recipe.signing_time).replace(microsecond=0)})
    for name in recipe.names:
        found["signing_certificate" if name == "v1" else "signing_certificate_v2"] = _certificate_name(name, named)
    return [{"type": kind, "values": [value]} for kind, value in found.items() if kind not in recipe.without]


def _certificate_name(name: str, certificate: bytes) -> Any:
    if name == "v1":
        return tsp.SigningCertificate({"certs": [{"cert_hash": hashlib.sha1(certificate).digest()}]})
    digest = name.partition("-")[2]
    found: dict[str, Any] = {"cert_hash": hashlib.new(digest or "sha256", certificate).digest()}
    if digest:
        found["hash_algorithm"] = algos.DigestAlgorithm({"algorithm": digest})
    return tsp.SigningCertificateV2({"certs": [found]})


def _algorithm(key: Any, recipe: Recipe) -> dict[str, str]:
    if recipe.called is not None:
        return {"algorithm": recipe.called}
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"algorithm": "ed25519"}
    if recipe.pss:
        return {"algorithm": "rsassa_pss"}
    return {"algorithm": f"{recipe.digest}_rsa" if isinstance(key, rsa.RSAPrivateKey) else f"{recipe.digest}_ecdsa"}


def _sign(key: Any, message: bytes, recipe: Recipe) -> bytes:
    digest = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
    scheme = digest[recipe.digest]()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(scheme))
    if recipe.pss:
        return key.sign(message, padding.PSS(padding.MGF1(scheme), padding.PSS.DIGEST_LENGTH), scheme)
    return key.sign(message, padding.PKCS1v15(), scheme)
