"""Ways from a signer's certificate to the lists that vouch for it, whenever that was.

The engine judges by today's clock and says only yes or no. Here the dates are kept, for a verdict as of another day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.model.trust import CertificatePath, Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model.trust import Trust, TrustList


def paths(chain: Sequence[bytes], trust: Trust) -> tuple[CertificatePath, ...]:
    """List the ways from a chain (DER, leaf first) to the lists of signers, each list once at most.

    Every signature on the way is checked, and that each issuer may issue; nothing is judged by date. A list that does
    not accept the leaf's extended key usages is none.
    """
    try:
        certificates = [x509.load_der_x509_certificate(item) for item in chain]
    except (ValueError, x509.InvalidVersion):
        return ()
    if not certificates:
        return ()
    way = _linked(certificates)
    lists = (item for item in trust.lists if item.purpose is Purpose.SIGNER and _accepts(item, certificates[0]))
    return tuple(found for item in lists if (found := _path(way, item)) is not None)


def issuer_of(certificate: bytes, chain: Sequence[bytes], trust: Trust) -> bytes | None:
    """Find who issued a certificate, among its chain and the anchors of the lists of signers; all DER."""
    leaf = x509.load_der_x509_certificate(certificate)
    for item in chain:
        candidate = x509.load_der_x509_certificate(item)
        if _issued(leaf, candidate):
            return item
    for anchor in _anchors(item for item in trust.lists if item.purpose is Purpose.SIGNER):
        if _issued(leaf, anchor):
            return anchor.public_bytes(Encoding.DER)
    return None


def _linked(certificates: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the chain as far as each certificate is issued by the next."""
    way = certificates[:1]
    for item in certificates[1:]:
        if not _issued(way[-1], item):
            break
        way.append(item)
    return way


def _path(way: list[x509.Certificate], item: TrustList) -> CertificatePath | None:
    """Find the shortest way to a list: the leaf itself, a certificate of the chain, or the issuer of one."""
    allowed = {pem.strip() for pem in item.allowed}
    if way[0].public_bytes(Encoding.PEM).decode("ascii").strip() in allowed:
        return _between(way[:1], item)
    anchors = list(_anchors((item,)))
    for length, last in enumerate(way, start=1):
        if length > 1 and last in anchors:
            return _between(way[:length], item)
        issuer = next((anchor for anchor in anchors if _issued(last, anchor)), None)
        if issuer is not None:
            return _between([*way[:length], issuer], item)
    return None


def _between(way: list[x509.Certificate], item: TrustList) -> CertificatePath:
    return CertificatePath(
        through=item.name,
        valid_from=max(one.not_valid_before_utc for one in way),
        valid_until=min(one.not_valid_after_utc for one in way),
    )


def _accepts(item: TrustList, leaf: x509.Certificate) -> bool:
    if not item.key_usages:
        return True
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return any(usage.dotted_string in item.key_usages for usage in usages)


def _anchors(lists: Iterable[TrustList]) -> Iterator[x509.Certificate]:
    for item in lists:
        yield from (x509.load_pem_x509_certificate(pem.encode("ascii")) for pem in item.anchors)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return constraints.ca
