"""Which addresses webhooks may reach: those of the public internet, and what the operator allows beside them.

Without it, whoever may invoke a flow could have this machine send requests into the network that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""What `penstock dev` allows."""

# The registries of special-purpose addresses of IANA (RFC 6890 and later), written out: what `ipaddress` calls private
# changes from one release of Python to the next.
_NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")),
)
# Addresses of IPv6 that end in one of IPv4, to which they lead: mapped ones, and those of a network with NAT64.
_CARRIES_4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """`allow` are networks that may be reached although they are not public."""

    allow: tuple[Network, ...] = ()

    def permits(self, address: Address) -> bool:
        carried = _carried(address)
        return _is_public(carried) or any(_is_within(one, self.allow) for one in {address, carried})

    def permits_all(self, addresses: Iterable[str]) -> bool:
        """Whether each of them may be reached. False for a text that is no address."""
        try:
            return all(self.permits(ip_address(text)) for text in addresses)
        except ValueError:
            return False


def parse_allow(text: str) -> tuple[Network, ...]:
    """Networks from "10.1.0.0/16, ::1": PENSTOCK_WEBHOOK_ALLOW. Raises ValueError that says what was expected."""
    networks: list[Network] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ip_network(word))
        except ValueError:
            raise ValueError(f'expected networks such as 10.1.0.0/16 with commas between them, got "{word}"') from None
    return tuple(networks)


def _carried(address: Address) -> Address:
    """The address that is reached in the end."""
    if isinstance(address, IPv6Address) and _is_within(address, _CARRIES_4):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _is_within(address, _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not _is_within(address, _NOT_PUBLIC_6)


def _is_within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
