"""The feed of all executions is read from its indexes, whatever else there is."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from psycopg import sql

from penstock.engine.storage.postgres import commit_order
from penstock.engine.storage.postgres.commit_order import BEGINNING

INDEXES = {
    "events_by_xid",
    "executions_by_create_xid",
    "executions_by_start_xid",
    "executions_by_move_xid",
    "executions_pkey",
    "events_pkey",
    "removed_up_to_pkey",
}


@pytest.mark.parametrize("where", ["true", "e.status = 4 and e.labels @> '{}'::jsonb"])
def test_a_page_is_read_from_the_indexes_of_its_transactions(
    connection: psycopg.Connection[tuple[Any, ...]], where: str
) -> None:
    parameters = {
        "account": "default",
        "xid": 1,
        "execution_id": BEGINNING.execution_id,
        "sequence": 0,
        "span": 64,
        "types": None,
        "count_max": 500,
    }
    with connection.transaction():
        connection.execute(commit_order._SETTINGS)
        statement = f"explain {commit_order._statement(where)}".encode()
        plan = "\n".join(row[0] for row in connection.execute(statement, parameters).fetchall())
    assert "Seq Scan" not in plan
    assert "Gather" not in plan
    # Of tables as small as these not each of them is worth while.
    assert {"events_by_xid"} <= set(re.findall(r"(?:using|Index Scan on) (\w+)", plan)) <= INDEXES


def test_new_rows_are_summarized(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    for index in ("events_by_xid", "executions_by_create_xid", "executions_by_move_xid"):
        statement = sql.SQL("select brin_summarize_new_values({})").format(sql.Literal(index))
        connection.execute(statement)
        assert connection.execute(statement).fetchone() == (0,)
    connection.execute(commit_order._SUMMARIZE)
