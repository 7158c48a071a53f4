"""Takes turns: one statement that counts all who come and go at once under the limits of an account.

What is counted is decided in the database, in migration 0021, so that no process holds the account's lock while it does
something else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg.pq.abc import PGresult

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.domain.execution_limit import Admission, ExecutionLimit, WhenFull
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.link import Link

# Purpose: one turn. Locks: the account's. Index: execution_limits_pkey, place_counts_pkey, execution_places_pkey,
# executions_pkey; execution_places_waiting to fill, execution_places_by_number to replace.
_TAKE_TURN = b"""select what, id, limit_flow, running_max, queued_max, when_full
from penstock_take_turn($1::text, $2::uuid, $3::uuid[], $4::uuid[], $5::text[], $6::bool[])"""

# It waits for no fsync: the acceptance that follows is later in the log of the database, so it is durable only when its
# place is; and a place that was given up is that of an execution whose end is durable. Plans as in the journal.
_SETTINGS = (
    "set synchronous_commit = off; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off;"
    "set jit = off"
)

_NOT_COUNTED, _WAITS, _REFUSED, _STARTED, _REPLACED = range(5)
"""What a row of the answer says."""

_BOOL, _TEXT, _UUID = 16, 25, 2950
"""Types by the number that Postgres gives them."""
_ARRAY, _LENGTH = Struct(">iiIii"), Struct(">i")


class Arrival(NamedTuple):
    execution_id: UUID
    flow: str
    can_wait: bool


Answer = Admission | ExecutionLimit
"""What becomes of one that comes; the limit that refuses it, if one does."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of those who came and went at once."""

    answers: list[Answer]
    """For each that came."""
    started: list[UUID] = field(default_factory=list)
    """Who waited and got a place."""
    replaced: list[UUID] = field(default_factory=list)
    """Who has to make room."""


class TurnTaker:
    """Owns one connection, from the first turn on, and opens it again when it broke. Takes one turn at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._link: Link | None = None

    async def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def take(self, account: str, lease_id: UUID, left: Collection[UUID], arrivals: Sequence[Arrival]) -> Turn:
        """Takes the places of `left` unless they run somewhere, fills what is free, then lets those who come in.

        Raises StoreUnavailable; whether the turn was taken is then unknown.
        """
        parameters = (
            account.encode(),
            lease_id.bytes,
            _array(_UUID, [each.bytes for each in left]),
            _array(_UUID, [each.execution_id.bytes for each in arrivals]),
            _array(_TEXT, [each.flow.encode() for each in arrivals]),
            _array(_BOOL, [each.can_wait.to_bytes(1, "big") for each in arrivals]),
        )
        try:
            if self._link is None:
                self._link = await Link.open(self._database.conninfo, _SETTINGS)
            result = await self._link.run(b"turn", _TAKE_TURN, parameters)
        except psycopg.OperationalError as error:
            if self._link is not None and self._link.is_broken:
                await self.close()
            raise StoreUnavailable(str(error).strip()) from error
        return _read(result, arrivals)


def _array(oid: int, items: Sequence[bytes]) -> bytes:
    """A one-dimensional array in Postgres's binary format."""
    return b"".join((_ARRAY.pack(1, 0, oid, len(items), 1), *(_LENGTH.pack(len(item)) + item for item in items)))


def _read(result: PGresult, arrivals: Sequence[Arrival]) -> Turn:
    # Who simply runs has no row.
    answers: dict[UUID, Answer] = {each.execution_id: Admission.RUNS for each in arrivals}
    turn = Turn([])
    for row in range(result.ntuples):
        what, execution_id = _int(result, row, 0), UUID(bytes=_bytes(result, row, 1))
        if what == _STARTED:
            turn.started.append(execution_id)
        elif what == _REPLACED:
            turn.replaced.append(execution_id)
        elif what == _REFUSED:
            running_max, queued_max, when_full = (_int(result, row, column) for column in (3, 4, 5))
            flow = _bytes(result, row, 2).decode()
            answers[execution_id] = ExecutionLimit(flow, running_max, queued_max, WhenFull(when_full))
        else:
            answers[execution_id] = Admission.WAITS if what == _WAITS else Admission.NOT_COUNTED
    turn.answers.extend(answers.values())
    return turn


def _int(result: PGresult, row: int, column: int) -> int:
    return int.from_bytes(_bytes(result, row, column), "big")


def _bytes(result: PGresult, row: int, column: int) -> bytes:
    value = result.get_value(row, column)
    assert value is not None
    return value
