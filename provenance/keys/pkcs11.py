"""Private keys on PKCS#11 tokens, from a smart card to an HSM (`pkcs11:`, RFC 7512).

The token is looked for when the key is used first. Messages are hashed here and only the digest goes to the token,
except for Ed25519, which signs messages whole. Several threads may sign; the token sees them one after the other.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import load_der_x509_certificate
from pkcs11.constants import Attribute, ObjectClass
from pkcs11.exceptions import (
    AttributeSensitive,
    AttributeTypeInvalid,
    KeyHandleInvalid,
    ObjectHandleInvalid,
    PKCS11Error,
)
from pkcs11.mechanisms import MGF, KeyType, Mechanism
from pkcs11.types import SignMixin

from provenance.errors import KeyUnavailable, UnsuitableCertificate, WrongSecret
from provenance.keys.algorithms import PublicKey, digest
from provenance.keys.pkcs11_login import DOOR, REFUSED_PIN, enter
from provenance.keys.pkcs11_token import LOST, explained
from provenance.keys.pkcs11_uri import parse
from provenance.keys.profile import SUITABLE_KEYS
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pkcs11.types import PrivateKey, Session

    from provenance.keys.pkcs11_login import Login
    from provenance.keys.pkcs11_uri import TokenUri
    from provenance.keys.secrets import Secret

_PSS: Final = {
    Algorithm.PS256: (Mechanism.SHA256, MGF.SHA256, 32),
    Algorithm.PS384: (Mechanism.SHA384, MGF.SHA384, 48),
    Algorithm.PS512: (Mechanism.SHA512, MGF.SHA512, 64),
}
_CURVES: Final[dict[bytes, ec.EllipticCurve]] = {
    bytes.fromhex("06082a8648ce3d030107"): ec.SECP256R1(),
    bytes.fromhex("06052b81040022"): ec.SECP384R1(),
    bytes.fromhex("06052b81040023"): ec.SECP521R1(),
}
"""By their names in DER (RFC 5480)."""
_NAMED = 8
"""How many keys a message names at most."""
_TYPES: Final = {
    KeyType.EC: (Algorithm.ES256, Algorithm.ES384, Algorithm.ES512),
    KeyType.RSA: tuple(_PSS),
    KeyType.EC_EDWARDS: (Algorithm.ED25519,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    login: Login
    private: PrivateKey = field(repr=False)
    """Describing it would ask the token."""
    public: PublicKey | None = field(repr=False)
    again: bool
    """The token wants the PIN with each signature."""


class TokenKey:
    """A private key on a token: a `Key`.

    After a refused PIN it stays closed for good. It cannot be pickled: what crosses a process border is its URI.
    """

    chain_pem = ""

    def __init__(self, uri: TokenUri, secret: Secret) -> None:
        self.place = uri.place
        self._uri = uri
        self._secret = secret
        self._opened: _Opened | None = None
        self._refused: str | None = None

    def public_key(self) -> PublicKey | None:
        """Return the public key, from beside the private one or from a certificate; None when neither is there.

        Raises as `sign` does.
        """
        with self._open() as opened:
            return opened.public

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Sign a whole message; ECDSA signatures are raw r‖s.

        Raises `KeyUnavailable` when token or key are not there, `WrongSecret` for a refused PIN, and `SignerRefused`
        with the cause when the token gives no signature.
        """
        with self._open() as opened:
            if algorithm not in _TYPES[opened.private.key_type]:
                raise KeyUnavailable(
                    f"a private key of the type {opened.private.key_type.name} does not belong to this certificate",
                    path=self.place,
                    hint="give the chain that was issued for this key",
                )
            return self._signature(opened, data, algorithm)

    def close(self) -> None:
        """Leave the token, and log out of it when no other key is used there."""
        with DOOR:
            self._leave()

    def _signature(self, opened: _Opened, data: bytes, algorithm: Algorithm) -> bytes:
        key: Any = opened.private
        pin = opened.login.pin if opened.again else None
        if algorithm is Algorithm.ED25519:
            signature = key.sign(data, mechanism=Mechanism.EDDSA, pin=pin)
        elif algorithm in _PSS:
            signature = key.sign(
                digest(data, algorithm), mechanism=Mechanism.RSA_PKCS_PSS, mechanism_param=_PSS[algorithm], pin=pin
            )
        else:
            signature = key.sign(digest(data, algorithm), mechanism=Mechanism.ECDSA, pin=pin)
        return bytes(signature)

    @contextmanager
    def _open(self) -> Iterator[_Opened]:
        """Hold the key, opened if need be, and say what the token's errors mean."""
        with DOOR:
            if self._refused is not None:
                raise WrongSecret(self._refused, path=self.place, hint="it was not tried again; open the key anew")
            try:
                opened = self._opened = self._opened or self._find()
                opened.login.require_same_process()
                yield opened
            except WrongSecret as error:
                self._refused = error.message
                raise
            except REFUSED_PIN as error:
                self._refused = f"the token {opened.login.token} no longer accepts this PIN"
                raise WrongSecret(self._refused, path=self.place, hint="it was not tried again") from error
            except PKCS11Error as error:
                if isinstance(error, (*LOST, KeyHandleInvalid, ObjectHandleInvalid)):
                    self._leave(lost=isinstance(error, LOST))
                raise explained(error, self.place) from error

    def _leave(self, *, lost: bool = False) -> None:
        if self._opened is not None:
            self._opened.login.leave(lost=lost)
            self._opened = None

    def _find(self) -> _Opened:
        login = enter(self._uri, self._secret)
        try:
            private = self._private(login)
            again = bool(_attribute(private, Attribute.ALWAYS_AUTHENTICATE))
            return _Opened(login=login, private=private, public=_public(login.session, private), again=again)
        except BaseException as error:
            login.leave(lost=isinstance(error, LOST))
            raise

    def _private(self, login: Login) -> PrivateKey:
        every: dict[Attribute, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
        wanted = {Attribute.LABEL: self._uri.label, Attribute.ID: self._uri.id}
        named = {name: value for name, value in wanted.items() if value is not None}
        fitting: list[Any] = list(login.session.get_objects(every | named))
        if len(fitting) != 1:
            there = _described(fitting or list(login.session.get_objects(every)))
            problem = "several private keys fit this URI" if fitting else "there is no such private key"
            raise KeyUnavailable(
                f"{problem} on the token {login.token}",
                path=self.place,
                hint=f"name one of these: {there}" if there else "there is no other private key either",
            )
        key: PrivateKey = fitting[0]
        kind = _unknown_kind(key)
        if kind:
            raise UnsuitableCertificate(
                f"Content Credentials cannot be signed with this private key: {kind}",
                path=self.place,
                hint=SUITABLE_KEYS,
            )
        if not isinstance(key, SignMixin):
            raise KeyUnavailable(
                "this private key is not allowed to sign",
                path=self.place,
                hint="use a key that was made for signing (CKA_SIGN)",
            )
        return key


def key_at(uri: str, *, secret: Secret) -> TokenKey:
    """Return the key that a URI names; the token is looked for when it is used first.

    Raises `KeyUnavailable` for a URI that names no key.
    """
    return TokenKey(parse(uri), secret)


def _described(keys: Sequence[Any]) -> str:
    """Name keys as URIs do, the first ones of many."""
    known = sorted((_attribute(key, Attribute.LABEL) or "", _attribute(key, Attribute.ID) or b"") for key in keys)
    named = [f"object={quote(label)};id={''.join(f'%{byte:02X}' for byte in number)}" for label, number in known]
    return ", ".join((*named[:_NAMED], "…") if len(named) > _NAMED else named)


def _attribute(item: Any, name: Attribute) -> Any:
    try:
        return item[name]
    except (AttributeTypeInvalid, AttributeSensitive):
        return None


def _unknown_kind(key: Any) -> str | None:
    """Name the kind of a key when Content Credentials do not know it; the size of RSA keys is seen later."""
    try:
        kind = key.key_type
    except ValueError:
        return "a type of the vendor's own"
    if kind is KeyType.EC and _attribute(key, Attribute.EC_PARAMS) not in _CURVES:
        return "ECDSA on another curve"
    return None if kind in _TYPES else str(kind.name)


def _public(session: Session, private: PrivateKey) -> PublicKey | None:
    """Look where tokens keep the public half: with the private key (RSA), beside it, or in its certificate."""
    common = {Attribute.ID: private.id} if private.id else {Attribute.LABEL: private.label}
    beside = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: private.key_type}
    for key in (private, *session.get_objects(common | beside)):
        found = _read(key, private.key_type)
        if found is not None:
            return found
    for item in list(session.get_objects(common | {Attribute.CLASS: ObjectClass.CERTIFICATE})):
        with suppress(ValueError, UnsupportedAlgorithm):
            public = load_der_x509_certificate(_attribute(item, Attribute.VALUE) or b"").public_key()
            if isinstance(public, PublicKey):
                return public
    return None


def _read(key: Any, kind: KeyType) -> PublicKey | None:
    if kind is KeyType.RSA:
        modulus, exponent = _attribute(key, Attribute.MODULUS), _attribute(key, Attribute.PUBLIC_EXPONENT)
        if not modulus or not exponent:
            return None
        return rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
    point, parameters = _attribute(key, Attribute.EC_POINT), _attribute(key, Attribute.EC_PARAMS)
    if not point:
        return None
    if kind is KeyType.EC_EDWARDS:
        return ed25519.Ed25519PublicKey.from_public_bytes(point[-32:])
    curve = _CURVES[parameters]
    # An OCTET STRING around the point is the rule, but not all tokens keep to it.
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, point[-(2 * ((curve.key_size + 7) // 8) + 1) :])
