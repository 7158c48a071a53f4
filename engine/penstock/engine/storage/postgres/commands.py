"""What one process asks of another: a durable row, and a notification so that it is seen at once.

Everything works without notifications too: who drives executions looks for rows every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from penstock.engine.domain.event import EventType
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.postgres.database import Database, Row
from penstock.engine.storage.postgres.payloads import opened
from penstock.engine.storage.records import Lease
from penstock.wire.gen.event_pb2 import Event

log = logging.getLogger(__name__)

CHANNEL = "penstock_commands"
"""Where those who drive executions are told that there is something to look for."""
_LOT = 50
"""Commands that are read at once: each may hold a signal of the largest size."""
# Purpose: ask once, also when the answer to an earlier try was lost. Index: commands_pkey.
_ASK = """insert into commands (command_id, execution_id, kind, detail, payload) values (%s, %s, %s, %s, %s)
on conflict do nothing"""
# Purpose: a lot of what is asked of this process, oldest first, and of what nobody needs to do any more because its
# execution has ended. Index: executions_pkey; the table itself is nearly always empty.
_FIND = """select c.command_id, c.execution_id, c.kind, c.detail, c.payload, c.create_time, e.account,
  e.complete_time is null
from commands c join executions e on e.execution_id = c.execution_id
where (e.lease_id = %(lease_id)s or e.complete_time is not null)
  and (%(time)s::timestamptz is null or (c.create_time, c.command_id) > (%(time)s, %(after)s::uuid))
order by c.create_time, c.command_id limit %(count_max)s"""
# Purpose: take out what is done. Index: commands_pkey.
_REMOVE = "delete from commands where command_id = any(%s::uuid[])"
# Purpose: whether somebody has yet to do it. Index: commands_pkey.
_IS_OPEN = "select 1 from commands where command_id = %s"


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked. `kind` is the event that it is to become, `asked` and `payload` what that is to hold."""

    command_id: UUID
    execution_id: str
    kind: EventType
    asked: Event
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A command, and of its execution the account and whether it goes on."""

    command: Command
    account: str
    is_live: bool


class Commands:
    """Statements on commands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, command: Command, data_key: DataKey | None = None) -> None:
        """Asks whichever process drives the execution, now or later. `data_key` seals the payload. Safe to repeat."""
        detail, execution_id, payload = command.asked.SerializeToString(), UUID(command.execution_id), command.payload
        if data_key is not None and payload is not None:
            payload = data_key.seal(payload, execution_id.bytes, _place(command.command_id))
        values = (command.command_id, execution_id, int(command.kind), detail, payload)
        await self._database.execute(_ASK, values)
        await self._database.execute("select pg_notify(%s, '')", (CHANNEL,))

    async def find(self, lease: Lease) -> AsyncIterator[list[Found]]:
        """What this process is asked to do, and what nobody needs to do any more, in lots, oldest first."""
        parameters = {"lease_id": lease.lease_id, "count_max": _LOT, "time": None, "after": None}
        while True:
            rows = await self._database.fetch_all(_FIND, parameters)
            if rows:
                found = [await self._found(row) for row in rows]
                yield [each for each in found if each is not None]
            if len(rows) < _LOT:
                return
            parameters |= {"time": rows[-1][5], "after": rows[-1][0]}

    async def remove(self, commands: Sequence[Command]) -> None:
        """Takes out what is done."""
        await self._database.execute(_REMOVE, ([command.command_id for command in commands],))

    async def is_open(self, command: Command) -> bool:
        """Whether nobody has done it yet."""
        return await self._database.fetch_one(_IS_OPEN, (command.command_id,)) is not None

    async def _found(self, row: Row) -> Found | None:
        """None for one that goes on and whose payload does not open: it waits for the master key."""
        payload, is_live = None if row[4] is None else bytes(row[4]), row[7]
        try:
            if payload is not None:
                payload = await opened(self._database, payload, row[1].bytes, _place(row[0]))
        except MasterKeyError as error:
            facts = {"execution": row[1].hex, "error": str(error)}
            log.warning("a command cannot be read", extra={"action": "command_sealed", **facts})
            if is_live:
                return None
            payload = None
        command = Command(row[0], row[1].hex, EventType(row[2]), Event.FromString(bytes(row[3])), payload)
        return Found(command, account=row[6], is_live=is_live)


def _place(command_id: UUID) -> bytes:
    return b"command " + command_id.bytes
