"""Keeps acts on many executions: what was asked for, which process does it, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from penstock.engine.domain.errors import IdempotencyMismatch, Overloaded
from penstock.engine.storage.data_keys import REQUEST
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.payloads import shown
from penstock.engine.storage.records import Lease, RequestKey
from penstock.engine.storage.sealing import binding
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation, BulkProblem
from penstock.wire.gen.bulk_operation_service_pb2 import CreateBulkOperationRequest

OPEN_MAX = 20
"""Operations of one account that have not ended: each acts on several executions at once."""
KEPT_S = 30 * 24 * 3600
"""How long an operation is kept after its end."""
_PURGE_LOT = 100


class BulkState(IntEnum):
    """Numbers as in penstock.v1.BulkOperation.State."""

    PENDING = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    CANCELLED = 5


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
# Purpose: the same of those that one key asked for. Index: bulk_operations_by_key.
_PAGE_OF_KEY = _PAGE.replace("account = %s", "account = %s and key_id = %s", 1)
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


class BulkRows:
    """Statements on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, bulk: Bulk, key: RequestKey, lease: Lease, now_us: int) -> str:
        """The id of the operation, which the process with the lease is to do, or that the request id stands for.

        Safe to repeat. Raises IdempotencyMismatch, Overloaded when too many have not ended, and MasterKeyError.
        """
        request = bulk.request.SerializeToString()
        data_key = await self._database.data_keys.existing(bulk.account)
        if data_key is not None:
            # What it gives to executions may be what theirs are sealed for.
            request = data_key.seal(request, _owner(UUID(bulk.operation_id)), REQUEST)
            key = replace(key, fingerprint=data_key.fingerprint(key.fingerprint))
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
        values = (UUID(bulk.operation_id), bulk.account, request, key.request_id)
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
        return None if row is None else await self._bulk(row)

    async def page(self, account: str, after: str, count_max: int, *, key_id: str | None) -> list[Bulk]:
        """Newest first; `after` is the id that the page before ended with, "" for the first page. `key_id` None: those
        of every key."""
        before = UUID(after) if after else None
        if key_id is None:
            rows = await self._database.fetch_all(_PAGE, (account, before, before, count_max))
        else:
            rows = await self._database.fetch_all(_PAGE_OF_KEY, (account, key_id, before, before, count_max))
        return [await self._bulk(row) for row in rows]

    async def claim(self, lease: Lease, count_max: int, now_us: int) -> list[Bulk]:
        """Those that nobody does and this process does from now on. One that does not open waits for the next start."""
        parameters = {
            "lease_id": lease.lease_id,
            "epoch": lease.epoch,
            "count_max": count_max,
            "now": to_time(now_us),
        }
        claimed = [await self._bulk(row) for row in await self._database.fetch_all(_CLAIM, parameters)]
        return [bulk for bulk in claimed if bulk.request.verb]

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

    async def _bulk(self, row: Row) -> Bulk:
        """Maps _COLUMNS and the process that holds the lease. The request is empty when no key opens it."""
        request = await shown(self._database, bytes(row[3]), _owner(row[0]), REQUEST)
        return Bulk(
            operation_id=row[0].hex,
            account=row[1],
            state=BulkState(row[2]),
            request=CreateBulkOperationRequest.FromString(request or b""),
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


def _owner(operation_id: UUID) -> bytes:
    return binding("bulk_operations", operation_id.hex)


def _us(time: datetime) -> int:
    found = from_time(time)
    assert found is not None
    return found
