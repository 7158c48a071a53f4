"""Webhooks that are due, and the tries to deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, execution_row
from penstock.engine.storage.postgres.payloads import shown
from penstock.engine.storage.records import ExecutionRow

RESPONSE_BYTES_MAX = 1_024
"""What is kept of an answer: enough to see what the receiver did not like."""

# Purpose: take a lot of due webhooks and keep other processes off them for a while. Locks: the rows taken; those that
# another process is taking are left to it. Index: executions_webhook_due.
_CLAIM = f"""with due as (
  select execution_id from executions
  where webhook_time <= %(now)s and account <> all(%(without)s::text[])
  order by webhook_time limit %(count_max)s for update skip locked)
update executions e set webhook_time = %(until)s from due where e.execution_id = due.execution_id
returning {EXECUTION_COLUMNS}"""
# Purpose: when there is something to do again; 'infinity' stands for executions that have not ended. Index:
# executions_webhook_due.
_NEXT = """select webhook_time from executions
where webhook_time < 'infinity' and account <> all(%s::text[]) order by webhook_time limit 1"""
# Purpose: whether the claim still stands. Locks: the execution's row, so that tries are numbered one after the other.
# Index: executions_pkey.
_HOLD = "select webhook_time from executions where execution_id = %s for update"
# Purpose: how many tries an execution has had, and how many since it was last delivered or given up. Index:
# webhook_deliveries_pkey.
_TRIES = """select count(*), count(*) filter (where number > (
  select coalesce(max(number), 0) from webhook_deliveries where execution_id = %(id)s and state <> 2))
from webhook_deliveries where execution_id = %(id)s"""
_RECORD = """insert into webhook_deliveries (execution_id, number, account, state, delivery_time, duration_us, url,
  status_code, error, response, next_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_SET_TIME = "update executions set webhook_time = %s where execution_id = %s"
# Purpose: let others deliver what this process claimed. Index: executions_pkey.
_GIVE_BACK = "update executions set webhook_time = %s where execution_id = any(%s::uuid[]) and webhook_time = %s"
# Purpose: forget a claim of what has no webhook. Index: executions_pkey.
_DROP = "update executions set webhook_time = null where execution_id = %s and webhook_time = %s"
# Purpose: whether there is something to deliver. Index: executions_pkey.
_OPTIONS = "select complete_time is not null, options from executions where execution_id = %s and account = %s"
# Purpose: one page of tries, newest first. Index: webhook_deliveries_by_time, or webhook_deliveries_pkey for one
# execution.
_LIST = """select execution_id, number, account, state, delivery_time, duration_us, url, status_code, error, response,
  next_time from webhook_deliveries
where account = %(account)s and (%(id)s::uuid is null or execution_id = %(id)s)
and (%(time)s::timestamptz is null or (delivery_time, execution_id, number) < (%(time)s, %(after)s::uuid, %(number)s))
order by delivery_time desc, execution_id desc, number desc limit %(count_max)s"""


class DeliveryState(IntEnum):
    """Numbers as in penstock.v1.WebhookDelivery.State."""

    DELIVERED = 1
    RETRYING = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """An execution whose webhook this process delivers until `until_us`."""

    row: ExecutionRow
    until_us: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try. Times are unix time in microseconds; `next_us` None: nothing follows. `number` 0: not recorded yet."""

    execution_id: str
    account: str
    state: DeliveryState
    delivery_us: int
    duration_us: int
    url: str
    status_code: int | None
    error: str
    response: bytes
    next_us: int | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """The try that a page goes on after."""

    delivery_us: int
    execution_id: str
    number: int


class Webhooks:
    """Statements on webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now_us: int, until_us: int, without: Sequence[str], count_max: int) -> list[Claim]:
        """At most so many that are due, but for those of the accounts `without`.

        Who claimed one and does not say what became of it leaves it to the first who looks after `until_us`.
        """
        parameters = {
            "now": to_time(now_us),
            "until": to_time(until_us),
            "without": list(without),
            "count_max": count_max,
        }
        rows = await self._database.fetch_all(_CLAIM, parameters)
        return [Claim(execution_row(row), until_us) for row in rows]

    async def next_due_us(self, without: Sequence[str]) -> int | None:
        """When the next one is due, or was; None when none is."""
        row = await self._database.fetch_one(_NEXT, (list(without),))
        return from_time(row[0]) if row else None

    async def tries(self, execution_id: str) -> int:
        """Tries since it was last delivered or given up."""
        row = await self._database.fetch_one(_TRIES, {"id": UUID(execution_id)})
        return row[1] if row else 0

    async def record(self, claim: Claim, delivery: Delivery, data_key: DataKey | None = None) -> None:
        """Keeps a try, and sets when the next one is due if the claim still stands. `data_key` seals the answer.

        It does not when the try took too long and another process claimed it, and when somebody asked for another
        delivery meanwhile: then what they set holds.
        """
        id = UUID(delivery.execution_id)
        async with self._database.transaction() as connection:
            held = await (await connection.execute(_HOLD, (id,))).fetchone()
            if held is None:
                return
            counted = await (await connection.execute(_TRIES, {"id": id}, binary=True)).fetchone()
            assert counted is not None
            due_us = from_time(held[0])
            next_us = delivery.next_us if due_us == claim.until_us else due_us
            number, response = counted[0] + 1, delivery.response[:RESPONSE_BYTES_MAX]
            if data_key is not None:
                response = data_key.seal(response, id.bytes, _place(number))
            await connection.execute(_RECORD, _values(delivery, number, next_us, response))
            if due_us == claim.until_us:
                await connection.execute(_SET_TIME, (None if next_us is None else to_time(next_us), id))

    async def give_back(self, claims: Sequence[Claim], now_us: int) -> None:
        """Makes claims of one lot or of several due at once."""
        for until_us in {claim.until_us for claim in claims}:
            ids = [UUID(claim.row.execution_id) for claim in claims if claim.until_us == until_us]
            await self._database.execute(_GIVE_BACK, (to_time(now_us), ids, to_time(until_us)))

    async def drop(self, claim: Claim) -> None:
        """Has nobody look at it again."""
        await self._database.execute(_DROP, (UUID(claim.row.execution_id), to_time(claim.until_us)))

    async def ended_and_options(self, execution_id: str, account: str) -> tuple[bool, bytes] | None:
        """Whether an execution has ended, and its serialized ExecutionOptions. None when there is no such one."""
        row = await self._database.fetch_one(_OPTIONS, (UUID(execution_id), account))
        return None if row is None else (row[0], bytes(row[1] or b""))

    async def make_due(self, execution_id: str, now_us: int) -> None:
        """Has an execution that has ended delivered now."""
        await self._database.execute(_SET_TIME, (to_time(now_us), UUID(execution_id)))

    async def deliveries(
        self, account: str, execution_id: str, after: Position | None, count_max: int
    ) -> list[Delivery]:
        """Newest first; `execution_id` "" means all of the account."""
        parameters = {
            "account": account,
            "id": UUID(execution_id) if execution_id else None,
            "time": to_time(after.delivery_us) if after else None,
            "after": UUID(after.execution_id) if after else None,
            "number": after.number if after else 0,
            "count_max": count_max,
        }
        return [await self._delivery(row) for row in await self._database.fetch_all(_LIST, parameters)]

    async def _delivery(self, row: Row) -> Delivery:
        return Delivery(
            execution_id=row[0].hex,
            number=row[1],
            account=row[2],
            state=DeliveryState(row[3]),
            delivery_us=from_time(row[4]) or 0,
            duration_us=row[5],
            url=row[6],
            status_code=row[7],
            error=row[8],
            response=await shown(self._database, bytes(row[9]), row[0].bytes, _place(row[1])) or b"",
            next_us=from_time(row[10]),
        )


def _place(number: int) -> bytes:
    return b"response %d" % number


def _values(delivery: Delivery, number: int, next_us: int | None, response: bytes) -> tuple[object, ...]:
    state = delivery.state
    if state is not DeliveryState.DELIVERED:
        state = DeliveryState.FAILED if next_us is None else DeliveryState.RETRYING
    return (
        UUID(delivery.execution_id),
        number,
        delivery.account,
        int(state),
        to_time(delivery.delivery_us),
        delivery.duration_us,
        delivery.url,
        delivery.status_code,
        delivery.error,
        response,
        to_time(next_us) if state is DeliveryState.RETRYING and next_us is not None else None,
    )
