"""What processes tell each other at once and nobody has to remember: notifications of the database.

They may get lost with a connection. Whoever relies on one looks for itself from time to time as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple

import psycopg
from psycopg import sql

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.postgres.database import CONNECT_OPTIONS, Database

_TEXT_LENGTH_MAX = 7_000
"""Characters of one notification: Postgres takes less than 8,000 bytes."""
# Purpose: tell every process that listens. A transaction of notifications alone waits for no fsync.
_SEND = "select pg_notify(%s, text) from unnest(%s::text[]) text"


class Notice(NamedTuple):
    """What was told. `channel` is "" as soon as somebody listens: what came before was not heard."""

    channel: str
    text: str


class Notices:
    """Statements on notifications."""

    def __init__(self, database: Database, conninfo: str) -> None:
        self._database = database
        self._conninfo = conninfo

    async def send(self, channel: str, texts: Iterable[str]) -> None:
        """Raises StoreUnavailable."""
        await self._database.execute(_SEND, (channel, list(texts)))

    async def heard(self, channels: Iterable[str]) -> AsyncIterator[Notice]:
        """Notifications as they come, over a connection of its own. Raises StoreUnavailable when that is lost."""
        try:
            async with await psycopg.AsyncConnection.connect(
                self._conninfo, application_name="penstock notices", **CONNECT_OPTIONS
            ) as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                yield Notice("", "")
                async for notify in connection.notifies():
                    yield Notice(notify.channel, notify.payload)
        except psycopg.OperationalError as error:
            raise StoreUnavailable(str(error).strip()) from error


def in_lots(head: str, words: Iterable[str]) -> Iterator[str]:
    """Texts that begin with `head`, with as many words behind it as one notification takes."""
    text = head
    for word in words:
        if len(text) + len(word) >= _TEXT_LENGTH_MAX:
            yield text
            text = head
        text += f" {word}"
    if text != head:
        yield text
