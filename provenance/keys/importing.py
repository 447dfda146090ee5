"""Make an identity of certificates and a key that came from elsewhere, or answer a request that was made here.

The private key is taken as it is: a file is copied, encrypted as it was, and a key that lives elsewhere stays there.
Nothing is kept that could not sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cryptography.x509 import NameOID, load_pem_x509_csr

from provenance.errors import KeyUnavailable, SigningError, UnsuitableCertificate, about
from provenance.keys.algorithms import PublicKey, algorithm_of, kind_of
from provenance.keys.authority import check_name
from provenance.keys.bundle import Bundle, FoundKey, open_bundle, pem_of, sort
from provenance.keys.certificates import parse_chain, require_suitable
from provenance.keys.files import path_of
from provenance.keys.keeping import Material, material_of
from provenance.keys.open import open_bare, open_key
from provenance.keys.profile import SUITABLE_KEYS, label, printable, public_key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from provenance.keys.bundle import Sorted
    from provenance.keys.identities import IdentityStore
    from provenance.keys.identity import Identity
    from provenance.keys.secrets import Secret

_URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
"""One letter is a drive."""
_WHICH: Final = "give the certificate that was issued for the key, and those of its issuers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody brings: files with certificates and keys in any order, or the place of a key."""

    files: tuple[Path, ...]
    key: str | None = None
    """A file with the private key, which is copied, or a URI, and then it stays where it is."""
    protect: Callable[[], str] | None = None
    """Gives a passphrase for a key that is not encrypted; without it such a key is kept as it is."""
    replace: bool = False
    """An identity of that name may be replaced; what it had goes to `previous/`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of it."""

    identity: Identity
    left_out: tuple[str, ...]
    """Names of certificates that have nothing to do with the chain, and were not kept."""
    key_in_clear: bool
    """The key was copied, and no passphrase protects it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    keep: str | bytes = field(repr=False)
    public: PublicKey | None
    """None when its place does not tell."""
    in_clear: bool = False


def import_identity(store: IdentityStore, name: str, given: Given, *, secret: Secret, at: datetime) -> Imported:
    """Keep certificates and their key as an identity, or as the answer to the request of one that is there.

    `secret` is asked, in words, for what the key takes. Raises `KeyUnavailable` when the key is missing or no
    certificate belongs to it, `UnsuitableCertificate` for a chain that could not sign at this time (aware),
    `SigningError` when the name is taken, or what the place of the key says; nothing is changed then.
    """
    existing = store.find(name)
    uri = given.key if given.key is not None and is_uri(given.key) else None
    files = given.files if given.key is None or uri is not None else (*given.files, Path(given.key))
    if not files:
        raise KeyUnavailable("no file with a certificate was given", hint=_WHICH)
    name = existing.name if existing else name
    bundle = open_bundle(files, name=name, secret=secret, protect=given.protect)
    if not bundle.certificates:
        raise KeyUnavailable("there is no certificate in these files", path=files[0], hint=_WHICH)
    key = _key(bundle, uri, name=name, secret=secret)
    with about(files[0]):
        material, left_out = _material(existing, name, bundle, key, given)
    require_suitable(parse_chain(material.chain_pem), at=at, path=files[0])
    identity = store.add(material, at=at) if existing is None else store.replace(existing, material, at=at)
    return Imported(
        identity=identity,
        left_out=tuple(label(item) for item in left_out),
        key_in_clear=key is not None and key.in_clear,
    )


def is_uri(text: str) -> bool:
    """Say whether a key is named by a URI rather than by the path of a file."""
    return _URI.match(text) is not None


def kept_uri(uri: str) -> str:
    """Return the URI of a key as it is kept: one of a file must not depend on where the command was run."""
    scheme = uri.partition(":")[0].lower()
    if scheme not in {"file", "pkcs12"}:
        return uri
    return f"{scheme}:{quote(str(path_of(uri, None).absolute()))}"


def organisation_of(leaf: x509.Certificate) -> str:
    """Return the organisation that a certificate names, printable; its label when it names none."""
    names = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return printable(str(names[0].value)) if names else label(leaf)


def _key(bundle: Bundle, uri: str | None, *, name: str, secret: Secret) -> _Key | None:
    found: tuple[FoundKey, ...] = bundle.keys
    if len(found) + (uri is not None) > 1:
        places = ", ".join([*(str(item.path) for item in found), *([uri.partition("?")[0]] if uri else [])])
        raise KeyUnavailable(f"there is more than one private key: {places}", hint="give one of them")
    if uri is not None:
        return _key_elsewhere(kept_uri(uri), bundle, name=name, secret=secret)
    if found:
        return _Key(keep=found[0].pem, public=found[0].private_key.public_key(), in_clear=not found[0].encrypted)
    return None


def _key_elsewhere(uri: str, bundle: Bundle, *, name: str, secret: Secret) -> _Key:
    if uri.startswith(("file:", "pkcs12:")):
        return _Key(keep=uri, public=open_bare(uri, name=name, secret=secret).public_key)
    # Any certificate will do here: what is wanted is what the place tells of the key, if it tells.
    signer = open_key(uri, pem_of(bundle.certificates[:1]), name=name, secret=secret)
    try:
        return _Key(keep=uri, public=signer.key.public_key())
    finally:
        signer.close()


def _material(
    existing: Identity | None, name: str, bundle: Bundle, key: _Key | None, given: Given
) -> tuple[Material, tuple[x509.Certificate, ...]]:
    if existing is None:
        check_name(name)
        if key is None:
            raise KeyUnavailable(
                "there is no private key for these certificates",
                hint="name its file or its place with --key, or the identity that requested them",
            )
    elif key is None:
        return _answered(existing, bundle, given)
    elif not given.replace:
        raise _taken(existing)
    found = _sorted(bundle, key.public)
    return _new(name, key.keep, found), found.left_out


def _answered(existing: Identity, bundle: Bundle, given: Given) -> tuple[Material, tuple[x509.Certificate, ...]]:
    """Take certificates for a key that an identity has: the one it made a request with, or the one it signs with."""
    now = material_of(existing)
    known = [
        *(parse_chain(now.chain_pem) if now.chain_pem else ()),
        *(parse_chain(now.root_pem) if now.root_pem else ()),
    ]
    if now.request_pem:
        requested = load_pem_x509_csr(now.request_pem.encode("ascii")).public_key()
        found = sort(bundle.certificates, _known_kind(requested), known=known)
        if found is not None:
            return _new(existing.name, now.request_key or now.key, found), found.left_out
    found = sort(bundle.certificates, _known_kind(public_key_of(known[0])), known=known) if known else None
    if found is None:
        raise KeyUnavailable(
            f"none of these certificates belongs to the key of {existing.name}",
            hint=f"{_WHICH}; with another key, give that with --key",
        )
    if not given.replace:
        raise _taken(existing)
    fresh = _new(existing.name, now.key, found)
    return replace(fresh, request_pem=now.request_pem, request_key=now.request_key), found.left_out


def _known_kind(key: object) -> PublicKey:
    if isinstance(key, PublicKey):
        return key
    raise KeyUnavailable("the key of this identity is of an unknown kind", hint="remove the identity")


def _taken(existing: Identity) -> SigningError:
    return SigningError(
        f"there is an identity named {existing.name} already",
        path=existing.directory,
        hint="choose another name, or give --replace: what it has now is then kept in previous/",
    )


def _sorted(bundle: Bundle, key: PublicKey | None) -> Sorted:
    found = sort(bundle.certificates, key)
    if found is not None:
        return found
    there = ", ".join(label(item) for item in bundle.certificates[:5])
    why = "none of the certificates belongs to the private key" if key else "it is not clear whose certificate is meant"
    raise KeyUnavailable(f"{why}: {there}", hint=_WHICH)


def _new(name: str, key: str | bytes, found: Sorted) -> Material:
    leaf = found.chain[0]
    public = public_key_of(leaf)
    algorithm = algorithm_of(public) if isinstance(public, PublicKey) else None
    if algorithm is None:
        found_kind = "of an unknown kind" if public is None else kind_of(public)
        raise UnsuitableCertificate(
            f"the certificate of {label(leaf)} has a key that cannot sign: {found_kind}", hint=SUITABLE_KEYS
        )
    return Material(
        name=name,
        organisation=organisation_of(leaf),
        algorithm=algorithm,
        key=key,
        chain_pem=pem_of(found.chain),
        root_pem=pem_of([found.root] if found.root else []),
    )
