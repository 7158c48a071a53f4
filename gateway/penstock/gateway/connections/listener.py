"""Takes the connections of the HTTP port, as many as there may be, and has TLS shake hands on them."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from http import HTTPStatus
from itertools import islice

from aiohttp import web

from penstock.gateway import limits
from penstock.gateway.connections.connection import refusal
from penstock.gateway.connections.crowd import Crowd
from penstock.wire.status import Code

_log = logging.getLogger("penstock.gateway")

_TAKEN_AT_ONCE = 64
"""Connections that are taken before requests have their turn again."""
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_PAUSE_S = 0.2
"""How long nobody is taken when the system has no more descriptors."""
_PARTING_S = 0.5
"""How long a connection that was refused stays half open, so that its client gets to read why."""
_PARTING_MAX = 256


class Listener(web.BaseSite):
    """Own, because a listening socket of the loop takes whoever comes, and tells nothing of handshakes that fail."""

    __slots__ = ("_accepted", "_crowd", "_host", "_listening", "_make", "_parting", "_port", "_shares_port")

    def __init__(
        self,
        runner: web.BaseRunner,
        crowd: Crowd,
        make: Callable[[], asyncio.BaseProtocol],
        host: str,
        port: int,
        *,
        ssl_context: ssl.SSLContext | None,
        shares_port: bool,
    ) -> None:
        """`make` makes a connection of the crowd. Port 0 takes a free one."""
        super().__init__(runner, ssl_context=ssl_context, backlog=limits.CONNECTIONS_WAITING_MAX)
        self._crowd = crowd
        self._make = make
        self._host = host
        self._port = port
        self._shares_port = shares_port
        self._listening: list[socket.socket] = []
        self._accepted: dict[asyncio.Task[None], socket.socket | None] = {}
        """What is not yet of the crowd: with TLS, those that shake hands. In the order of their coming; None when the
        loop has it."""
        self._parting: set[socket.socket] = set()

    @property
    def name(self) -> str:
        return f"{'http' if self._ssl_context is None else 'https'}://{self._host}:{self.port}"

    @property
    def port(self) -> int:
        """The one that was taken. Only between start() and stop()."""
        return int(self._listening[0].getsockname()[1])

    async def start(self) -> None:
        """Raises OSError."""
        await super().start()
        self._listening = await _bind(self._host, self._port, self._backlog, shares_port=self._shares_port)
        for listening in self._listening:
            self._listen(listening)

    async def stop(self) -> None:
        for listening in self._listening:
            asyncio.get_running_loop().remove_reader(listening)
            listening.close()
        self._listening.clear()
        for task in list(self._accepted):
            self._drop(task)
        for connection in list(self._parting):
            self._part(connection)
        await super().stop()

    def _listen(self, listening: socket.socket) -> None:
        if listening.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listening, self._take_those_who_wait, listening)

    def _take_those_who_wait(self, listening: socket.socket) -> None:
        for _ in range(_TAKEN_AT_ONCE):
            try:
                connection, _address = listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _NO_DESCRIPTOR:
                    self._pause(listening, error)
                    return
                continue  # The client has gone already.
            connection.setblocking(False)
            self._take(connection)

    def _pause(self, listening: socket.socket, error: OSError) -> None:
        fields = {"action": "gateway.no_descriptors", "error": str(error), "connections": len(self._crowd)}
        _log.error("no connections can be taken for a moment: %s", error.strerror, extra=fields)
        loop = asyncio.get_running_loop()
        loop.remove_reader(listening)
        self._crowd.make_room()
        loop.call_later(_PAUSE_S, self._listen, listening)

    def _take(self, connection: socket.socket) -> None:
        if len(self._accepted) >= limits.HANDSHAKES_MAX:
            # Whoever means it shakes hands sooner than so many others come.
            for task in list(islice(self._accepted, limits.HANDSHAKES_MAX // 16)):
                self._drop(task)
                self._crowd.dropped["handshake"] += 1
        if len(self._crowd) + len(self._accepted) >= self._crowd.connections_max and not self._crowd.make_room():
            self._refuse(connection)
            return
        task = asyncio.get_running_loop().create_task(self._welcome(connection))
        self._accepted[task] = connection

    def _drop(self, task: asyncio.Task[None]) -> None:
        connection = self._accepted.pop(task)
        task.cancel()
        if connection is not None:
            connection.close()

    async def _welcome(self, connection: socket.socket) -> None:
        loop, context = asyncio.get_running_loop(), self._ssl_context
        task = asyncio.current_task()
        assert task is not None
        self._accepted[task] = None
        try:
            # From here on the loop closes it, whatever happens.
            await loop.connect_accepted_socket(
                self._make,
                connection,
                ssl=context,
                ssl_handshake_timeout=None if context is None else limits.HANDSHAKE_TIMEOUT_S,
            )
        except OSError:  # of TLS too, and a handshake that takes too long
            self._crowd.dropped["handshake"] += 1
        finally:
            self._accepted.pop(task, None)

    def _refuse(self, connection: socket.socket) -> None:
        self._crowd.refused += 1
        if self._ssl_context is not None or len(self._parting) >= _PARTING_MAX:
            connection.close()
            return
        problem = f"the server has {self._crowd.connections_max:,} connections that are busy: try again"
        answer = refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, Code.UNAVAILABLE, "TOO_MANY_CONNECTIONS", problem, "Retry-After: 1"
        )
        try:
            connection.send(answer)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            connection.close()
            return
        self._parting.add(connection)
        asyncio.get_running_loop().call_later(_PARTING_S, self._part, connection)

    def _part(self, connection: socket.socket) -> None:
        self._parting.discard(connection)
        connection.close()


async def _bind(host: str, port: int, backlog: int, *, shares_port: bool) -> list[socket.socket]:
    """A listening socket for each address of the host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    bound: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listening = socket.socket(family, kind, protocol)
            bound.append(listening)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shares_port:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                listening.bind(address)
                listening.setblocking(False)
                listening.listen(backlog)
            except OSError as error:
                problem = f"cannot bind {address}: {(error.strerror or str(error)).lower()}"
                raise OSError(error.errno, problem) from None
    except BaseException:
        for listening in bound:
            listening.close()
        raise
    return bound
