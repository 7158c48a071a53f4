"""Keeps the audit log. Records are added and read; no statement changes one or takes one out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from penstock.engine.domain.audit import Record
from penstock.engine.domain.filter_tree import Expression
from penstock.engine.storage.audit_chain import START, link, read, spell
from penstock.engine.storage.postgres.conditions import Column, condition
from penstock.engine.storage.postgres.database import Database, Row

# Purpose: the last record of an account, held against others who add some. Locks: its row, which is made for it. Index:
# audit_heads_pkey.
_HEAD = """insert into audit_heads as h (account, number, hash) values (%s, 0, %s)
on conflict (account) do update set number = h.number returning number, hash"""
# Purpose: add records. Index: audit_records_pkey.
_ADD = """insert into audit_records (account, number, record, hash)
select %s, %s + r.place, r.record, r.hash
from unnest(%s::text[], %s::bytea[]) with ordinality r (record, hash, place)"""
# Purpose: note the last record. Locks: the row held. Index: audit_heads_pkey.
_MOVE = "update audit_heads set number = %s, hash = %s where account = %s"
# Purpose: records after one, oldest first. Index: audit_records_pkey.
_AFTER = "select number, record, hash from audit_records where account = %s and number > %s order by number limit %s"

_FIELDS: Mapping[str, Column] = {
    "time": Column("to_timestamp((record::json ->> 1)::bigint / 1e6)", "%s::timestamptz"),
    "key_id": Column('(record::json ->> 2) collate "C"', "%s::text"),
    "method": Column('(record::json ->> 4) collate "C"', "%s::text"),
    "resource": Column('(record::json ->> 5) collate "C"', "%s::text"),
    "outcome": Column('(record::json ->> 6) collate "C"', "%s::text"),
    "face": Column('(record::json ->> 8) collate "C"', "%s::text"),
}


@dataclass(frozen=True, slots=True)
class KeptRecord:
    number: int
    record: Record
    hash: bytes


class AuditRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: str, records: Sequence[Record]) -> None:
        """Durable, all or none, when it returns. Raises StoreUnavailable."""
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_HEAD, (account, START), binary=True)).fetchone()
            assert row is not None
            last, head = int(row[0]), bytes(row[1])
            texts = [spell(number, record) for number, record in enumerate(records, last + 1)]
            hashes = []
            for text in texts:
                head = link(head, text)
                hashes.append(head)
            await connection.execute(_ADD, (account, last, [text.decode() for text in texts], hashes))
            await connection.execute(_MOVE, (last + len(texts), head, account))

    async def page(self, account: str, expression: Expression | None, before: int, count_max: int) -> list[KeptRecord]:
        """Records before a number, newest first. Index: audit_records_pkey."""
        parameters: list[object] = [account, before]
        holds = "true" if expression is None else condition(expression, _FIELDS, parameters)
        sql = (
            f"select number, record, hash from audit_records where account = %s and number < %s and {holds}"
            " order by number desc limit %s"
        )
        return [_kept(row) for row in await self._database.fetch_all(sql, (*parameters, count_max))]

    async def after(self, account: str, number: int, count_max: int) -> list[KeptRecord]:
        """Records after a number, oldest first."""
        return [_kept(row) for row in await self._database.fetch_all(_AFTER, (account, number, count_max))]


def _kept(row: Row) -> KeptRecord:
    return KeptRecord(row[0], read(row[1]), bytes(row[2]))
