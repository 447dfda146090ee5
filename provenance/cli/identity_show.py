"""What `provenance identity show` tells: certificates, key, purposes, root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from rich.console import Group
from rich.table import Table
from rich.text import Text

from provenance.keys import parse_chain
from provenance.keys.identity import read_pem
from provenance.keys.profile import purpose_names, purposes_of
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cryptography import x509
    from rich.console import RenderableType

    from provenance.keys import Identity


def described(item: Identity, *, at: datetime) -> RenderableType:
    """Describe an identity at a time (aware), without opening its key."""
    chain = () if item.waiting else parse_chain(read_pem(item.chain_path), path=item.chain_path)
    root = parse_chain(read_pem(item.root_path), path=item.root_path)[0] if item.root_path else None
    parts: list[RenderableType] = [Text(visible(item.name), "bold"), _rows(_about(item, chain))]
    for number, certificate in enumerate(chain, start=1):
        head = "Certificate" if number == 1 else f"Issuer {number - 1}"
        parts += [Text(head, "bold"), _rows(_certificate(certificate, at))]
    parts.append(Text("Root", "bold"))
    if root is None:
        parts.append(Text("  not known here: verifiers need the list that holds it"))
    else:
        parts.append(_rows(_certificate(root, at)))
    return Group(*parts)


def _about(item: Identity, chain: tuple[x509.Certificate, ...]) -> Iterable[tuple[str, str]]:
    yield "directory", str(item.directory)
    yield "organisation", item.organisation
    yield "algorithm", item.algorithm
    yield "key", item.key_place
    if item.development:
        yield "kind", "development: trusted on this machine only"
    elif chain:
        yield "kind", "issued by an authority"
    else:
        yield "kind", "waits for its certificate, and cannot sign yet"
    if chain:
        yield "may sign for", purpose_names(purposes_of(chain[0])) or "nothing: it names no purpose"
    if item.request_path is not None:
        yield "request", f"{item.request_path}, not answered yet"


def _certificate(certificate: x509.Certificate, at: datetime) -> Iterable[tuple[str, str]]:
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    state = "expired" if at > last else "not valid yet" if at < first else f"{(last - at).days} more days"
    yield "subject", certificate.subject.rfc4514_string()
    yield "issuer", certificate.issuer.rfc4514_string()
    yield "serial", f"{certificate.serial_number:x}"
    yield "valid", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, {state}"
    yield "SHA-256", certificate.fingerprint(SHA256()).hex()


def _rows(pairs: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(f"  {name}", "dim"), Text(visible(value)))
    return table
