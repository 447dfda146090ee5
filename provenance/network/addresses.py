"""Which addresses are public, and the resolver that names them."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Public by number, but not in effect. NAT64, 6to4 and Teredo lead to IPv4 addresses of the sender's choice; site-local
# addresses were replaced but still lead inside; the IPv4 block of the IETF and the last one hold addresses that the
# host itself answers in some clouds. Which of these Python knows of depends on its version.
_DISGUISED = tuple(
    ipaddress.ip_network(item)
    for item in (
        "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.88.99.0/24",
        "fec0::/10", "192.0.0.0/24", "168.63.129.16/32",
    )
)  # fmt: skip


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    return [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Say whether an address leads to the public network and nowhere else."""
    if any(address in network for network in _DISGUISED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
