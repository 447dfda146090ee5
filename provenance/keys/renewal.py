"""Renew an identity before its certificate expires.

A development identity gets its new certificate at once. For any other one a new request is made, and the certificate
that it has is used until the answer is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.errors import KeyUnavailable, SigningError
from provenance.keys.authority import certify_development_key, issue_development_identity
from provenance.keys.certificates import parse_chain
from provenance.keys.identity import place_of
from provenance.keys.importing import kept_uri
from provenance.keys.keeping import Material, material_of
from provenance.keys.open import open_bare, open_key
from provenance.keys.request import build_request, new_key, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from provenance.keys.bound import BoundSigner
    from provenance.keys.identities import IdentityStore
    from provenance.keys.identity import Identity
    from provenance.keys.secrets import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How an identity is renewed."""

    days: int = 365
    """Validity of a development certificate; an authority decides for itself."""
    new_key: bool = False
    key: str | None = None
    """The URI of another key that is there already."""
    encrypt: bool = False
    """A new key is encrypted; where the present one is, it is in any case."""
    protect: Callable[[], str] | None = None
    """Gives the passphrase for a new key."""


def renew_identity(store: IdentityStore, name: str, wish: Renewal, *, secret: Secret, at: datetime) -> Identity:
    """Renew the certificate of an identity, or make the request for a new one with the same subject.

    Raises `NoIdentity`, `SigningError` for an identity that waits for its first certificate or whose key cannot be made
    here, `OutputError`, or what the place of the key says; everything is as it was then.
    """
    identity = store.get(name)
    if identity.waiting:
        raise SigningError(
            f"{identity.name} has no certificate yet that could be renewed",
            path=identity.request_path,
            hint=f"import the answer to its request: provenance identity import {identity.slug} --cert FILE",
        )
    now = material_of(identity)
    leaf = parse_chain(now.chain_pem, path=identity.chain_path)[0]
    renewed = _issued if identity.development else _requested
    return store.replace(identity, renewed(identity, now, leaf, wish, secret, at), at=at)


def _issued(
    identity: Identity, now: Material, leaf: x509.Certificate, wish: Renewal, _secret: Secret, at: datetime
) -> Material:
    if wish.key is not None:
        raise SigningError(
            f"{identity.name} is a development identity, whose key is made here",
            hint="leave --key off, or use --new-key",
        )
    if wish.new_key:
        issued = issue_development_identity(
            identity.name,
            algorithm=identity.algorithm,
            days=wish.days,
            at=at,
            passphrase=_passphrase(identity, wish),
            organisation=identity.organisation,
        )
        return issued.material()
    chain, root = certify_development_key(
        leaf.public_key(), name=identity.name, organisation=identity.organisation, days=wish.days, at=at
    )
    return replace(now, chain_pem=chain, root_pem=root)


def _requested(
    identity: Identity, now: Material, leaf: x509.Certificate, wish: Renewal, secret: Secret, _at: datetime
) -> Material:
    key, signer = _key(identity, now, wish, secret)
    try:
        request = build_request(*subject_of(leaf), signer=signer)
    finally:
        signer.close()
    return replace(now, request_pem=request, request_key=key)


def _key(identity: Identity, now: Material, wish: Renewal, secret: Secret) -> tuple[str | bytes | None, BoundSigner]:
    """Return the key to be certified, opened; and where it is or itself, when it is another than now."""
    if wish.key is not None:
        uri = kept_uri(wish.key)
        return uri, open_bare(uri, name=identity.name, secret=secret)
    if not wish.new_key:
        # With its chain: not every place of a key tells the public one.
        signer = open_key(identity.key, now.chain_pem, name=identity.name, secret=secret, base=identity.directory)
        return None, signer
    if identity.key_path is None or identity.key_path.parent != identity.directory:
        raise SigningError(
            f"the key of {identity.name} is not kept here, so no other one can be made: {place_of(identity.key)}",
            hint="make another key there, and name it with --key URI",
        )
    return new_key(identity.name, identity.algorithm, _passphrase(identity, wish))


def _passphrase(identity: Identity, wish: Renewal) -> str | None:
    """Get the passphrase for a new key, which must not be less protected than the one that it replaces."""
    path = identity.key_path
    encrypted = path is not None and path.is_file() and b"ENCRYPTED" in path.read_bytes()
    if not (wish.encrypt or encrypted):
        return None
    if wish.protect is None:
        raise KeyUnavailable(f"there is no passphrase for the new key of {identity.name}", hint="give one")
    return wish.protect()
