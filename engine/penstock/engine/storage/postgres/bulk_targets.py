"""Finds the executions that an act on many is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, LiteralString
from uuid import UUID

from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, execution_row
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation

COUNT_MAX = 1_000_000
"""Executions that are counted beforehand: counting more takes longer than acting on the first ones."""

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
        _V.RESUME: "e.status in (2, 7, 8)",
        _V.SIGNAL: "e.status in (2, 7, 8)",
    }
)
"""What each verb can act on. Executions of sub-flows go with their parents, but for what is decided in them alone."""


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


class BulkTargets:
    def __init__(self, database: Database) -> None:
        self._database = database

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
        """The oldest ones."""
        sql, values = target.sql(EXECUTION_COLUMNS)
        rows = await self._database.fetch_all(sql + " order by e.execution_id limit %s", (*values, count_max))
        return [execution_row(row) for row in rows]
