"""The connections of one HTTP port: how many there may be, and which of them makes room for a new one."""

from __future__ import annotations

import asyncio
from collections import Counter
from heapq import nsmallest
from operator import attrgetter
from typing import TYPE_CHECKING

from penstock.wire.metrics import Family, counter, gauge, total

if TYPE_CHECKING:
    from penstock.gateway.connections.connection import Connection

_REASONS = ("handshake", "large_head", "late_head", "room", "unread")
_LOT_SHARE = 64
"""When there is no room, one connection in so many goes at once, so that looking for them is seldom."""
_LOOK_EVERY_S = 0.1
"""How often it is looked for room when there was none before."""


class Crowd:
    """Used in the thread of its loop."""

    def __init__(self, connections_max: int) -> None:
        self.connections_max = connections_max
        self._connections: dict[Connection, None] = {}
        """In the order of their coming."""
        self._no_room_until = 0.0
        self.refused = 0
        self.dropped: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._connections)

    def enter(self, connection: Connection) -> None:
        self._connections[connection] = None

    def leave(self, connection: Connection) -> None:
        self._connections.pop(connection, None)

    def make_room(self) -> bool:
        """Ends connections that can be spared. False when there are none.

        Those go first that never sent a whole request, the oldest of them first; then those that have waited longest
        for another one; then those that do not take what is sent to them. Whoever is answered stays.
        """
        now = asyncio.get_running_loop().time()
        if now < self._no_room_until:
            return False
        lot = self._spared(max(1, self.connections_max // _LOT_SHARE))
        if not lot:
            self._no_room_until = now + _LOOK_EVERY_S
            return False
        for connection in lot:
            self.leave(connection)
            connection.abort()
        self.dropped["room"] += len(lot)
        return True

    def _spared(self, count: int) -> list[Connection]:
        found: list[Connection] = []
        asked: list[Connection] = []
        unread: list[Connection] = []
        for connection in self._connections:
            if connection.is_unread:
                unread.append(connection)
            elif not connection.is_idle:
                continue
            elif connection.has_asked:
                asked.append(connection)
            else:
                found.append(connection)
                if len(found) == count:
                    return found
        found += nsmallest(count - len(found), asked, key=attrgetter("idle_until"))
        return found + unread[: count - len(found)]

    def families(self) -> list[Family]:
        dropped = counter("penstock_http_connections_dropped", "HTTP connections that the server ended, by reason.")
        for reason in _REASONS:
            dropped.add(self.dropped[reason], reason=reason)
        return [
            gauge("penstock_http_connections", "HTTP connections that are open.", len(self)),
            gauge("penstock_http_connections_max", "HTTP connections that may be open.", self.connections_max),
            total("penstock_http_connections_refused", "HTTP connections for which there was no room.", self.refused),
            dropped,
        ]
