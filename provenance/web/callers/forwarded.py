"""Who asks, where proxies stand between: only those that the settings name are believed, and only about their peers."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.network.addresses import Address, Network

_ROUTED: Final = 64
"""Bits of an IPv6 address that one customer has: the others are theirs to choose."""
_LONGEST: Final = 64
"""Characters of an address; what is longer need not be looked at, or remembered."""
_WITH_PORT: Final = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]+):\d+")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read the networks (CIDR) of proxies. Raises `SettingsError`."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            hint = "give networks such as 10.0.0.0/8 or ::1/128"
            raise SettingsError(f"service.trusted_proxies holds {text!r}, which is no network", hint=hint) from error
    return tuple(found)


def is_trusted(peer: str, proxies: Sequence[Network]) -> bool:
    """Say whether a peer is one of the proxies."""
    found = _read(peer)
    return found is not None and any(found in network for network in proxies)


def client_of(peer: str, stated: Iterable[str], proxies: Sequence[Network]) -> str:
    """Return the address of whoever asked.

    `peer` is who is connected, `stated` are the `X-Forwarded-For` fields in their order. They are read from the right:
    each proxy adds whom it was asked by, and what stands before the first that is no proxy of ours could be anything.
    """
    last = peer
    chain = [item.strip() for field in stated for item in field.split(",")]
    while is_trusted(last, proxies) and chain:
        found = _read(chain.pop())
        if found is None:
            break
        last = str(found)
    return last


def scheme_of(peer: str, scheme: str, stated: Iterable[str], proxies: Sequence[Network]) -> str:
    """Return how a client came to us: as the last of the `X-Forwarded-Proto` fields says, if a proxy of ours does."""
    said = [item.strip().lower() for field in stated for item in field.split(",")]
    return said[-1] if said and said[-1] in {"http", "https"} and is_trusted(peer, proxies) else scheme


def party(address: str) -> str:
    """Return what counts as one party: an IPv4 address, or the network that one customer of an IPv6 provider has."""
    found = _read(address)
    if found is None or found.version == 4:
        return address if found is None else str(found)
    return str(ipaddress.ip_network((int(found) >> _ROUTED << _ROUTED, _ROUTED)))


def _read(text: str) -> Address | None:
    return _parsed(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Address | None:
    within = _WITH_PORT.fullmatch(text)
    try:
        found = ipaddress.ip_address((within[1] or within[2]) if within else text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
