"""Keeps acts on many executions: what was asked for, which process does it, and how far that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any, LiteralString
from uuid import UUID

from penstock.engine.domain.errors import IdempotencyMismatch, Overloaded
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, execution_row
from penstock.engine.storage.records import ExecutionRow, Lease, RequestKey
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation, BulkProblem
from penstock.wire.gen.bulk_operation_service_pb2 import CreateBulkOperationRequest

OPEN_MAX = 20
"""Operations of one account that have not ended: each acts on several executions at once."""
KEPT_S = 30 * 24 * 3600
"""How long an operation is kept after its end."""
COUNT_MAX = 1_000_000
"""Executions that are counted beforehand: counting more takes longer than acting on the first ones."""
_PURGE_LOT = 100


class BulkState(IntEnum):
    """Numbers as in penstock.v1.BulkOperation.State."""

    PENDING = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    CANCELLED = 5


_V = BulkOperation
_NO_CHILD: LiteralString = " and e.parent_id is null"
_CAN: Mapping[int, LiteralString] = MappingProxyType(
    {
        # Statuses are listed so that the index over those that are not COMPLETED serves.
        _V.CANCEL: "e.status in (1, 2, 7, 8, 9)" + _NO_CHILD,
        _V.RECOVER: "e.status in (4, 5, 6)" + _NO_CHILD,
        _V.RELAUNCH: "true" + _NO_CHILD,
        _V.FORK: "true" + _NO_CHILD,
        _V.APPROVE: "e.status in (2, 7, 8)",
        _V.REJECT: "e.status in (2, 7, 8)",
        _V.RETRY_NOW: "e.status in (2, 9)",
    }
)
"""What each verb can act on. Executions of sub-flows go with their parents, but for what is decided in them alone."""

_COLUMNS = """operation_id, account, state, request, key_id, key_name, matched, done, skipped, failed, problems,
position, lot, is_stopped, error, revision, lease_id, create_time, start_time, update_time, complete_time"""
_HOLDER = "(select process from leases l where l.lease_id = b.lease_id)"

# Purpose: how many operations of an account have not ended. Index: bulk_operations_open.
_OPEN = "select count(*) from bulk_operations where account = %s and complete_time is null"
# Purpose: keep one, unless its request id stands for another. Index: bulk_operations_requests.
_INSERT = """insert into bulk_operations
  (operation_id, account, state, request, request_id, fingerprint, key_id, key_name, lease_id, create_time, update_time)
values (%s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing"""
# Purpose: what a request id stands for. Index: bulk_operations_requests.
_BY_REQUEST = """select operation_id, fingerprint from bulk_operations
where account = %s and request_id = %s and request_id <> ''"""
# Purpose: one operation. Index: bulk_operations_pkey.
_GET = f"select {_COLUMNS}, {_HOLDER} from bulk_operations b where operation_id = %s and account = %s"
# Purpose: one page, newest first. Index: bulk_operations_by_account.
_PAGE = f"""select {_COLUMNS}, {_HOLDER} from bulk_operations b
where account = %s and (%s::uuid is null or operation_id < %s) order by operation_id desc limit %s"""
# Purpose: forget a lot of those that ended long ago. Index: bulk_operations_by_account: ids sort by time.
_PURGE = """delete from bulk_operations where operation_id in (
  select operation_id from bulk_operations where account = %s and operation_id < %s and complete_time < %s limit %s)"""
# Purpose: take those that this process was asked for, and those that no living process does. Locks: the lease row,
# shared (see the journal's fence), and the operations taken; those that another process is taking are skipped.
# Index: bulk_operations_open.
_CLAIM = f"""with fence as (select 1 from leases where lease_id = %(lease_id)s and epoch = %(epoch)s for share),
lot as (
  select operation_id from bulk_operations o
  where complete_time is null and exists (select 1 from fence)
    and (o.lease_id = %(lease_id)s and o.state = 1
      or not exists (select 1 from leases l where l.lease_id = o.lease_id and l.expire_time <> 'infinity'))
  order by operation_id limit %(count_max)s for update skip locked)
update bulk_operations b
set lease_id = %(lease_id)s, state = 2, start_time = coalesce(b.start_time, %(now)s), update_time = %(now)s,
  revision = b.revision + 1
from lot where b.operation_id = lot.operation_id
returning {_COLUMNS.replace("operation_id", "b.operation_id", 1)}, ''"""
# Purpose: note how far an operation is; nothing once another process does it. Locks: its row. Index:
# bulk_operations_pkey.
_SAVE = """update bulk_operations
set matched = %(matched)s, done = %(done)s, skipped = %(skipped)s, failed = %(failed)s, problems = %(problems)s,
  position = %(position)s, lot = %(lot)s::uuid[], state = %(state)s, error = %(error)s, update_time = %(now)s,
  complete_time = %(complete)s, revision = revision + 1
where operation_id = %(operation_id)s and lease_id = %(lease_id)s and complete_time is null returning is_stopped"""
# Purpose: have it stopped by whoever does it. Locks: its row. Index: bulk_operations_pkey.
_STOP = """update bulk_operations set is_stopped = true, update_time = %(now)s, revision = revision + 1
where operation_id = %(operation_id)s and account = %(account)s and complete_time is null and not is_stopped"""
# Purpose: whether somebody wants it stopped. Index: bulk_operations_pkey.
_IS_STOPPED = "select is_stopped from bulk_operations where operation_id = %s"


@dataclass(slots=True)
class Bulk:
    """An operation as stored. Times are unix time in microseconds; None means not yet."""

    operation_id: str
    account: str
    state: BulkState
    request: CreateBulkOperationRequest
    key_id: str
    key_name: str
    matched: int | None
    done: int
    skipped: int
    failed: int
    problems: list[BulkProblem]
    position: str
    """The last execution that was acted on; "" before the first."""
    lot: list[str]
    """Executions that are being acted on: some may have been already."""
    is_stopped: bool
    error: str
    revision: int
    create_us: int
    start_us: int | None
    update_us: int
    complete_us: int | None
    process: str

    @property
    def settled(self) -> int:
        return self.done + self.skipped + self.failed


@dataclass(frozen=True, slots=True)
class Target:
    """Which executions: `where` is SQL over executions from `filter_sql`, "" for all. None is newer than `last`."""

    account: str
    verb: int
    where: LiteralString
    parameters: Sequence[Any]
    last: str

    def sql(self, columns: LiteralString) -> tuple[LiteralString, list[Any]]:
        # Purpose: executions to act on. Index: executions_not_completed for those that have not ended or failed, else
        # executions_pkey.
        sql = "select " + columns + " from executions e where e.account = %s and " + _CAN[self.verb]
        values: list[Any] = [self.account]
        if self.where:
            sql += " and (" + self.where + ")"
            values += self.parameters
        return sql + " and e.execution_id <= %s", [*values, UUID(self.last)]


class BulkRows:
    """Statements on them, and on the executions that they find."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, bulk: Bulk, key: RequestKey, lease: Lease, now_us: int) -> str:
        """The id of the operation, which the process with the lease is to do, or that the request id stands for.

        Safe to repeat. Raises IdempotencyMismatch, and Overloaded when too many have not ended.
        """
        known = await self._known(bulk.account, key)
        if known is not None:
            return known
        await self._purge(bulk.account, now_us)
        row = await self._database.fetch_one(_OPEN, (bulk.account,))
        if row is not None and row[0] >= OPEN_MAX:
            raise Overloaded(
                f"{row[0]} bulk operations have not ended and {OPEN_MAX} may: cancel one or wait",
                reason="TOO_MANY_BULK_OPERATIONS",
            )
        now = to_time(now_us)
        values = (UUID(bulk.operation_id), bulk.account, bulk.request.SerializeToString(), key.request_id)
        await self._database.execute(
            _INSERT, (*values, key.fingerprint, bulk.key_id, bulk.key_name, lease.lease_id, now, now)
        )
        return await self._known(bulk.account, key) or bulk.operation_id

    async def _known(self, account: str, key: RequestKey) -> str | None:
        if not key.request_id:
            return None
        row = await self._database.fetch_one(_BY_REQUEST, (account, key.request_id))
        if row is not None and bytes(row[1]) != key.fingerprint:
            raise IdempotencyMismatch(f"request_id {key.request_id!r} was used for another bulk operation")
        return None if row is None else str(row[0].hex)

    async def _purge(self, account: str, now_us: int) -> None:
        before_us = now_us - KEPT_S * 1_000_000
        values = (account, UUID(int=before_us // 1000 << 80), to_time(before_us), _PURGE_LOT)
        await self._database.execute(_PURGE, values)

    async def get(self, operation_id: str, account: str) -> Bulk | None:
        row = await self._database.fetch_one(_GET, (UUID(operation_id), account))
        return None if row is None else _bulk(row)

    async def page(self, account: str, after: str, count_max: int) -> list[Bulk]:
        """Newest first; `after` is the id that the page before ended with, "" for the first page."""
        before = UUID(after) if after else None
        rows = await self._database.fetch_all(_PAGE, (account, before, before, count_max))
        return [_bulk(row) for row in rows]

    async def claim(self, lease: Lease, count_max: int, now_us: int) -> list[Bulk]:
        """Those that nobody does and this process does from now on."""
        parameters = {
            "lease_id": lease.lease_id,
            "epoch": lease.epoch,
            "count_max": count_max,
            "now": to_time(now_us),
        }
        return [_bulk(row) for row in await self._database.fetch_all(_CLAIM, parameters)]

    async def save(self, bulk: Bulk, lease: Lease, now_us: int) -> bool | None:
        """Whether somebody wants it stopped; None when it is not this process's any more."""
        is_over = bulk.state > BulkState.RUNNING
        parameters = {
            "operation_id": UUID(bulk.operation_id),
            "lease_id": lease.lease_id,
            "matched": bulk.matched,
            "done": bulk.done,
            "skipped": bulk.skipped,
            "failed": bulk.failed,
            "problems": BulkOperation(problems=bulk.problems).SerializeToString(),
            "position": UUID(bulk.position) if bulk.position else None,
            "lot": [UUID(one) for one in bulk.lot],
            "state": int(bulk.state),
            "error": bulk.error,
            "now": to_time(now_us),
            "complete": to_time(now_us) if is_over else None,
        }
        row = await self._database.fetch_one(_SAVE, parameters)
        return None if row is None else bool(row[0])

    async def stop(self, operation_id: str, account: str, now_us: int) -> None:
        parameters = {"operation_id": UUID(operation_id), "account": account, "now": to_time(now_us)}
        await self._database.execute(_STOP, parameters)

    async def is_stopped(self, operation_id: str) -> bool:
        row = await self._database.fetch_one(_IS_STOPPED, (UUID(operation_id),))
        return row is None or bool(row[0])

    async def count(self, target: Target) -> int:
        """COUNT_MAX stands for more."""
        sql, values = target.sql("1")
        row = await self._database.fetch_one(f"select count(*) from ({sql} limit %s) found", (*values, COUNT_MAX))
        return 0 if row is None else int(row[0])

    async def following(self, target: Target, after: str, count_max: int) -> list[str]:
        """The oldest executions after one, "" for none."""
        sql, values = target.sql("e.execution_id")
        sql += " and e.execution_id > %s order by e.execution_id limit %s"
        rows = await self._database.fetch_all(sql, (*values, UUID(after or "0" * 32), count_max))
        return [row[0].hex for row in rows]

    async def sample(self, target: Target, count_max: int) -> list[ExecutionRow]:
        sql, values = target.sql(EXECUTION_COLUMNS)
        rows = await self._database.fetch_all(sql + " order by e.execution_id limit %s", (*values, count_max))
        return [execution_row(row) for row in rows]


def _bulk(row: Row) -> Bulk:
    """Maps _COLUMNS and the process that holds the lease."""
    return Bulk(
        operation_id=row[0].hex,
        account=row[1],
        state=BulkState(row[2]),
        request=CreateBulkOperationRequest.FromString(bytes(row[3])),
        key_id=row[4],
        key_name=row[5],
        matched=row[6],
        done=row[7],
        skipped=row[8],
        failed=row[9],
        problems=list(BulkOperation.FromString(bytes(row[10])).problems),
        position=row[11].hex if row[11] else "",
        lot=[one.hex for one in row[12]],
        is_stopped=row[13],
        error=row[14],
        revision=row[15],
        create_us=_us(row[17]),
        start_us=from_time(row[18]),
        update_us=_us(row[19]),
        complete_us=from_time(row[20]),
        process=(row[21] or "") if row[20] is None else "",
    )


def _us(time: datetime) -> int:
    found = from_time(time)
    assert found is not None
    return found
