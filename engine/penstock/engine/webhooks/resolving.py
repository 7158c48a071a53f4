"""Finds the addresses of a receiver, and gives none of them when one may not be reached.

The connection is made to just the addresses that were checked: a name that stands for another address a moment later
changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import TypeAlias

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

from penstock.engine.webhooks import limits
from penstock.engine.webhooks.egress import EgressPolicy

log = logging.getLogger(__name__)

LookUp: TypeAlias = Callable[[str, int], list[str]]
"""The addresses of a host, as text. Blocks. Raises OSError."""


class NotAllowed(OSError):
    """A receiver that webhooks may not reach. The text tells whoever invoked nothing about the network here."""

    def __init__(self) -> None:
        super().__init__("the host is not on the public internet: webhooks may not reach it")


def system_look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedResolver(AbstractResolver):
    """Resolves for connections of webhooks alone."""

    def __init__(self, policy: EgressPolicy, look_up: LookUp = system_look_up) -> None:
        self._policy = policy
        self._look_up = look_up
        # Of its own: a name server that hangs holds up nobody else.
        self._threads = ThreadPoolExecutor(limits.LOOK_UPS_MAX, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of the host. Raises OSError, and NotAllowed when any of them may not be reached."""
        addresses = await asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, host, port)
        if not self._policy.permits_all(addresses):
            log.warning(
                "a webhook was not sent: its host is not on the public internet",
                extra={"action": "webhook_refused", "host": host, "addresses": addresses},
            )
            raise NotAllowed
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def open_socket(self, address: AddrInfoType) -> socket.socket:
        """The socket for a connection, whatever it was that led there. Raises NotAllowed.

        A URL may hold an address in place of a name; nothing is looked up for it.
        """
        family, kind, protocol, _, where = address
        if not self._policy.permits_all([str(where[0])]):
            raise NotAllowed
        return socket.socket(family, kind, protocol)


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)
