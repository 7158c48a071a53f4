"""Keeps executions that were imported, as the documents that they came in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import UniqueViolation

from penstock.engine.domain.errors import InvalidArgument, Overloaded
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.postgres.database import Database, Row, from_time
from penstock.engine.storage.postgres.payloads import SIZE, opened, opened_text
from penstock.engine.storage.sealing import binding
from penstock.wire.gen.imported_execution_pb2 import ImportedExecution

IMPORTS_MAX = 1_000
"""Imports of one account: they are looked at by people, one at a time."""
UNFINISHED_S = 24 * 3600
"""How long parts of a document wait for the others."""
EVENTS, NODES, ATTEMPTS, PAUSES = 1, 2, 3, 4
_BYTES_AT_ONCE = 4 * 1024 * 1024
_HEAD, _TAIL = b"head", b"tail"

# Purpose: how many imports an account has. Index: imports_by_account.
_COUNT = "select count(*) from imports where account = %s"
# Purpose: begin an import. Index: imports_pkey.
_BEGIN = "insert into imports (import_id, account, original_id, head) values (%s, %s, %s, %s) on conflict do nothing"
# Purpose: keep a lot of items; those that came before stay. Index: import_items_pkey.
_PUT = """insert into import_items (import_id, kind, number, type, node, item)
select %s, %s, r.* from unnest(%s::int[], %s::smallint[], %s::text[], %s::text[]) r on conflict do nothing"""
# Purpose: a whole import of the same document. Index: imports_by_account.
_SAME = """select execution_id from imports
where account = %s and execution_id is not null and original_id = %s and chain_head = %s"""
# Purpose: end an import under its own id where that is free, else under a new one. Index: imports_pkey,
# executions_pkey, imports_by_execution.
_END = """update imports set tail = %(tail)s, summary = %(summary)s, chain_head = %(chain_head)s, execution_id = case
    when exists (select 1 from executions e where e.execution_id = original_id and e.account = %(account)s)
      or exists (select 1 from imports i where i.account = %(account)s and i.execution_id = imports.original_id)
    then import_id else original_id end
where import_id = %(import_id)s and account = %(account)s returning execution_id"""
_COLUMNS = "import_id, execution_id, original_id, head, tail, summary, create_time"
# Purpose: one import. Index: imports_by_execution.
_GET = f"select {_COLUMNS} from imports where account = %s and execution_id = %s"
# Purpose: one page, newest first. Index: imports_by_account.
_PAGE = f"""select {_COLUMNS} from imports
where account = %s and execution_id is not null and (%s::uuid is null or import_id < %s)
order by import_id desc limit %s"""
# Purpose: one page of items, of one node or of some types of events. Index: import_items_pkey.
_ITEMS = """select number, item, found_count from (
  select *, count(*) over () as found_count,
    coalesce(sum(octet_length(item)) over (order by number rows between unbounded preceding and 1 preceding), 0)
      as bytes_before
  from (select number, item from import_items
        where import_id = %(import_id)s and kind = %(kind)s and number > %(after)s
          and (%(node)s::text is null or node = %(node)s)
          and (%(types)s::smallint[] is null or type = any(%(types)s))
        order by number limit %(count_max)s) page) sized
where bytes_before < %(bytes_max)s order by number"""
# Purpose: take an import out, its items first. Index: import_items_pkey, imports_pkey.
_DELETE_ITEMS = """delete from import_items where ctid = any(array(
  select ctid from import_items where import_id = %s limit 10000)) returning 1"""
_DELETE = "delete from imports where import_id = %s and account = %s"
# Purpose: imports that a process left half done. Index: imports_by_account.
_LEFT = """select import_id from imports
where account = %s and execution_id is null and create_time < now() - make_interval(secs => %s)"""
# Purpose: keep a part of a document. Index: import_parts_pkey.
_PUT_PART = """insert into import_parts (account, upload_id, position, data) values (%s, %s, %s, %s)
on conflict (account, upload_id, position) do update set data = excluded.data"""
# Purpose: how far an upload is. Index: import_parts_pkey.
_SIZE = f"""select position + {SIZE.replace("payload", "data")} from import_parts
where account = %s and upload_id = %s order by position desc limit 1"""
# Purpose: one part. Index: import_parts_pkey.
_PART = """select position, data from import_parts
where account = %s and upload_id = %s and position >= %s order by position limit 1"""
# Purpose: drop the parts of a document. Index: import_parts_pkey.
_DROP_PARTS = "delete from import_parts where account = %s and upload_id = %s and position >= %s"
# Purpose: forget parts that nobody completed. Index: import_parts_by_time.
_FORGET_PARTS = "delete from import_parts where create_time < now() - make_interval(secs => %s)"


class Item(NamedTuple):
    """An item of a list. `text` is JSON; `type` is that of an event, 0 for others; `node` None for none."""

    number: int
    type: int
    node: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Import:
    """An import that is whole. `head` and `tail` are the members around the lists of its document, as JSON, or sealed:
    see `Imports.opened`."""

    import_id: UUID
    execution_id: str
    original_id: str
    head: str
    tail: str
    summary: ImportedExecution
    import_us: int


class Imports:
    """Statements on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def data_key(self, account: str) -> DataKey | None:
        """What seals the documents of an account from now on, where anything of it is sealed. Raises MasterKeyError."""
        return await self._database.data_keys.existing(account)

    async def begin(
        self, import_id: UUID, account: str, original_id: str, head: str, data_key: DataKey | None = None
    ) -> None:
        """`data_key` seals what is in the document, here and in `put` and `end`. Raises Overloaded when the account has
        too many."""
        for (left,) in await self._database.fetch_all(_LEFT, (account, UNFINISHED_S)):
            await self.delete(left, account)
        row = await self._database.fetch_one(_COUNT, (account,))
        if row is not None and row[0] >= IMPORTS_MAX:
            raise Overloaded(
                f"the account has {row[0]:,} imports and may have {IMPORTS_MAX:,}: delete some",
                reason="TOO_MANY_IMPORTS",
            )
        if data_key is not None:
            head = data_key.seal_text(head, _owner(import_id), _HEAD)
        await self._database.execute(_BEGIN, (import_id, account, UUID(original_id), head))

    async def put(self, import_id: UUID, kind: int, items: Sequence[Item], data_key: DataKey | None = None) -> None:
        """Safe to repeat."""
        if data_key is not None:
            owner = _owner(import_id)
            items = [
                each._replace(text=data_key.seal_text(each.text, owner, _place(kind, each.number))) for each in items
            ]
        columns = [list(column) for column in zip(*items, strict=True)]
        await self._database.execute(_PUT, (import_id, kind, *columns))

    async def same(self, account: str, original_id: str, chain_head: bytes) -> str | None:
        """The id of an import of the same document."""
        row = await self._database.fetch_one(_SAME, (account, UUID(original_id), chain_head))
        return None if row is None else str(row[0].hex)

    async def end(
        self,
        import_id: UUID,
        account: str,
        tail: str,
        summary: ImportedExecution,
        chain_head: bytes,
        data_key: DataKey | None = None,
    ) -> str:
        """The id under which it is found."""
        if data_key is not None:
            tail = data_key.seal_text(tail, _owner(import_id), _TAIL)
        parameters = {
            "import_id": import_id,
            "account": account,
            "tail": tail,
            "summary": summary.SerializeToString(),
            "chain_head": chain_head,
        }
        try:
            row = await self._database.fetch_one(_END, parameters)
        except UniqueViolation:
            # Another one of the same execution ended at the same moment.
            row = await self._database.fetch_one(_END, parameters)
        if row is None:
            raise InvalidArgument("the import was taken out while it was under way")
        return str(row[0].hex)

    async def get(self, execution_id: str, account: str) -> Import | None:
        row = await self._database.fetch_one(_GET, (account, UUID(execution_id)))
        return None if row is None else _import(row)

    async def opened(self, found: Import) -> Import:
        """With what is sealed as it was. Raises MasterKeyError."""
        owner = _owner(found.import_id)
        head = await opened_text(self._database, found.head, owner, _HEAD)
        return replace(found, head=head, tail=await opened_text(self._database, found.tail, owner, _TAIL))

    async def page(self, account: str, after: UUID | None, count_max: int) -> list[Import]:
        rows = await self._database.fetch_all(_PAGE, (account, after, after, count_max))
        return [_import(row) for row in rows]

    async def items(
        self,
        import_id: UUID,
        kind: int,
        after: int,
        count_max: int,
        node: str | None = None,
        types: Sequence[int] | None = None,
    ) -> tuple[list[tuple[int, str]], bool]:
        """Number and JSON of items after a number, and whether these are all. Raises MasterKeyError.

        At most `count_max`, and no more than one beyond 4 MiB.
        """
        parameters = {
            "import_id": import_id,
            "kind": kind,
            "after": after,
            "node": node,
            "types": None if types is None else [int(one) for one in types],
            "count_max": count_max + 1,
            "bytes_max": _BYTES_AT_ONCE,
        }
        rows = await self._database.fetch_all(_ITEMS, parameters)
        is_all = not rows or rows[0][2] == len(rows) <= count_max
        owner = _owner(import_id)
        return [
            (number, await opened_text(self._database, text, owner, _place(kind, number)))
            for number, text, _ in rows[:count_max]
        ], is_all

    async def all_items(self, import_id: UUID, kind: int) -> AsyncIterator[list[tuple[int, str]]]:
        """All of one kind, lot by lot."""
        after, is_all = 0, False
        while not is_all:
            lot, is_all = await self.items(import_id, kind, after, 500)
            if lot:
                yield lot
                after = lot[-1][0]

    async def delete(self, import_id: UUID, account: str) -> None:
        """Safe to repeat."""
        while await self._database.fetch_all(_DELETE_ITEMS, (import_id,)):
            pass
        await self._database.execute(_DELETE, (import_id, account))

    async def put_part(self, account: str, upload_id: str, position: int, data: bytes) -> None:
        """Keeps a part that follows those that are there, or takes the place of one. Raises InvalidArgument."""
        if position == 0:
            await self._database.execute(_FORGET_PARTS, (UNFINISHED_S,))
            await self.drop_parts(account, upload_id)
        size = await self.size(account, upload_id)
        if position > size:
            raise InvalidArgument(
                f"offset: expected at most {size}, what is there of it, got {position}", field="offset"
            )
        if position < size:
            await self._database.execute(_DROP_PARTS, (account, upload_id, position))
            if await self.size(account, upload_id) != position:
                raise InvalidArgument(f"offset: expected where a part begins, got {position}", field="offset")
        # Nobody has looked at yet what flowed through what.
        data_key = await self._database.data_keys.current(account)
        data = data_key.seal(data, _upload(account, upload_id), _part(position))
        await self._database.execute(_PUT_PART, (account, upload_id, position, data))

    async def size(self, account: str, upload_id: str) -> int:
        row = await self._database.fetch_one(_SIZE, (account, upload_id))
        return 0 if row is None else int(row[0])

    async def parts(self, account: str, upload_id: str) -> AsyncIterator[bytes]:
        position = 0
        while True:
            row = await self._database.fetch_one(_PART, (account, upload_id, position))
            if row is None:
                return
            yield await opened(self._database, bytes(row[1]), _upload(account, upload_id), _part(row[0]))
            position = row[0] + 1

    async def drop_parts(self, account: str, upload_id: str) -> None:
        await self._database.execute(_DROP_PARTS, (account, upload_id, 0))


def _owner(import_id: UUID) -> bytes:
    return binding("imports", import_id.hex)


def _place(kind: int, number: int) -> bytes:
    return b"item %d %d" % (kind, number)


def _upload(account: str, upload_id: str) -> bytes:
    return binding("import_parts", account, upload_id)


def _part(position: int) -> bytes:
    return b"part %d" % position


def _import(row: Row) -> Import:
    """Maps _COLUMNS."""
    return Import(
        import_id=row[0],
        execution_id=row[1].hex,
        original_id=row[2].hex,
        head=row[3],
        tail=row[4],
        summary=ImportedExecution.FromString(bytes(row[5])),
        import_us=from_time(row[6]) or 0,
    )
