"""Filters carried out by Postgres over real rows."""

from __future__ import annotations

import psycopg
import pytest

from penstock.engine.domain.execution_fields import EXECUTION_FIELDS
from penstock.engine.domain.filter import parse
from penstock.engine.storage.postgres.filter_sql import to_sql
from penstock.engine.storage.postgres.migrate import migrate

_INSERT = """
insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id, create_time,
                        complete_time, last_sequence, failure_class, labels, input, parent_id)
select lpad(to_hex(n), 32, '0')::uuid, 'a', flow, graph_id, version, mode, status, gen_random_uuid(),
       created::timestamptz, completed::timestamptz, 1, failure_class, labels::jsonb, '', parent::uuid
from (values
  (1, 'hello',    'G1', 1, 1, 2, '2026-01-01T10:00:00Z', null,                   null, '{}', null),
  (2, 'hello',    'G2', 2, 1, 3, '2026-01-02T10:00:00Z', '2026-01-02T10:00:05Z', null, '{"team": "blue"}', null),
  (3, 'orders',   'G3', 1, 1, 4, '2026-01-03T10:00:00Z', '2026-01-03T10:00:05Z', 1, '{"team": "red", "x/y.z": "1"}',
   repeat('1', 32)),
  (4, 'order_%s', 'g4', 9, 2, 6, '2026-01-04T10:00:00Z', '2026-01-04T10:00:05Z', 5, '{"team": "blue-green"}', null)
) r(n, flow, graph_id, version, mode, status, created, completed, failure_class, labels, parent)
"""

_CASES = {
    'status = "RUNNING"': {1},
    "status != RUNNING": {2, 3, 4},
    "status:FAILED OR status:TIMED_OUT": {3, 4},
    "mode = PIPELINE": {4},
    "flow = hello": {1, 2},
    "flow != hello": {3, 4},
    'flow = "order*"': {3, 4},
    'flow != "order*"': {1, 2},
    'flow = "*_%*"': {4},
    "flow = '*e*l*'": {1, 2},
    "flow > hello": {3, 4},
    "graph_id < G3": {1, 2},
    "graph_id <= Z": {1, 2, 3},
    "execution_id = 00000000000000000000000000000002": {2},
    "execution_id > 00000000000000000000000000000002": {3, 4},
    "parent_execution_id = 11111111111111111111111111111111": {3},
    "parent_execution_id != 11111111111111111111111111111111": {1, 2, 4},
    "parent_execution_id:*": {3},
    "NOT parent_execution_id > 00000000000000000000000000000002": {1, 2, 4},
    "version >= 2": {2, 4},
    "version < 9223372036854775807": {1, 2, 3, 4},
    "create_time > 2026-01-02T12:00:00+02:00": {3, 4},
    'create_time >= "2026-01-02T12:00:00.000+02:00"': {2, 3, 4},
    "complete_time:*": {2, 3, 4},
    "NOT complete_time:*": {1},
    "complete_time < 2026-01-03T00:00:00Z": {2},
    "NOT complete_time < 2026-01-03T00:00:00Z": {1, 3, 4},
    "complete_time != 2026-01-02T10:00:05Z": {1, 3, 4},
    "failure_class = TIMEOUT": {4},
    "failure_class != TIMEOUT": {1, 2, 3},
    "-failure_class = TIMEOUT": {1, 2, 3},
    "create_time:*": {1, 2, 3, 4},
    "labels.team = blue": {2},
    "labels.team:blue": {2},
    "labels.team != blue": {1, 3, 4},
    'labels.team = "blue*"': {2, 4},
    'labels.team != "blue*"': {1, 3},
    "labels.team > blue": {3, 4},
    "NOT labels.team > blue": {1, 2},
    "labels:team": {2, 3, 4},
    "labels.team:*": {2, 3, 4},
    "labels:*": {2, 3, 4},
    'labels."x/y.z" = "1"': {3},
    "labels:'x/y.z'": {3},
    "flow = hello AND status = RUNNING": {1},
    "status = FAILED OR status = RUNNING AND flow = hello": {1},
    "(status = FAILED) OR (status = RUNNING AND flow = hello)": {1, 3},
    "-(flow = hello OR version = 9)": {3},
    'flow = "\'; drop table executions; --"': set(),
}


async def test_every_filter_finds_its_executions(database: str) -> None:
    await migrate(database)
    found = {}
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute(_INSERT.encode())
        for text in _CASES:
            expression = parse(text, EXECUTION_FIELDS)
            assert expression is not None
            condition, parameters = to_sql(expression)
            rows = await connection.execute(
                f"select execution_id from executions e where {condition}".encode(), parameters
            )
            found[text] = {row[0].int for row in await rows.fetchall()}
    assert found == _CASES


@pytest.mark.parametrize(
    ("text", "condition", "parameters"),
    [
        ("status = RUNNING", "e.status = %s::smallint", [2]),
        ('flow = "a_b*"', "e.flow like %s::text", [r"a\_b%"]),
        (
            "version > 1 AND (flow < b OR NOT labels.team = blue)",
            '(e.version > %s::bigint and (e.flow < %s::text collate "C" or not (e.labels @> %s::jsonb)))',
            [1, "b", '{"team": "blue"}'],
        ),
        ("complete_time:*", "e.complete_time is not null", []),
    ],
)
def test_values_are_parameters(text: str, condition: str, parameters: list[object]) -> None:
    expression = parse(text, EXECUTION_FIELDS)
    assert expression is not None
    assert to_sql(expression) == (condition, parameters)
