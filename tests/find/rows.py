"""Executions made with SQL, many enough that a plan matters."""

from __future__ import annotations

import psycopg

from penstock.engine.domain.failure import Failure
from penstock.engine.storage.failures import encode_failure

ACCOUNT = "mine"
COUNT = 3000

# One every ten seconds, every seventh somebody else's. One in ten has failed, the last thirty are in flight.
_FILL = """
insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id, create_time, start_time,
                        complete_time, last_sequence, attempt_count, failure_class, failure, labels, input, parent_id)
select
  (lpad(to_hex((extract(epoch from created) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
  case when n % 7 = 0 then 'other' else 'mine' end,
  case when n < 40 then 'old' when n % 4 = 0 then 'orders' else 'hello' end,
  'G' || n % 3, n % 3, 1, status, gen_random_uuid(), created, created,
  case when status in (3, 4, 6) then created + case when n % 50 = 0 then 90000 else n % 100 end * interval '1 ms' end,
  4, 1,
  case status when 4 then 1 + n % 3 when 6 then 5 end,
  case when status = 6 then %(late)s when status = 4 and n % 200 = 1 then %(rare)s when status = 4 then %(common)s end,
  case when n % 500 = 3 then '{"team": "blue"}' when n % 3 = 0 then '{"team": "red"}' else '{}' end::jsonb,
  '',
  case when n % 400 = 1 then '11111111111111111111111111111111'::uuid end
from (
  select n, timestamptz '2026-01-01T00:00:00Z' + n * interval '10 s' as created,
    case when n > %(count)s - 30 then (array[1, 2, 7, 8, 9])[n % 5 + 1] when n % 10 = 1 then 4 when n % 100 = 2 then 6
      else 3 end as status
  from generate_series(1, %(count)s) n) made"""
_NUMBERED = """create temp view numbered as
select e.*, row_number() over (order by execution_id) as n from executions e where flow = 'orders'"""
# Of somebody who has next to nothing, older than the rest.
_SMALL = """
insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id, create_time, start_time,
                        complete_time, last_sequence, attempt_count, labels, input)
select lpad(to_hex(n), 32, '0')::uuid, 'small', 'old', 'G1', 1, 1, 3, gen_random_uuid(), made, made, made, 4, 1, '{}',
  ''
from generate_series(1, 3) n, (values (timestamptz '2025-01-01T00:00:00Z')) of_old(made)"""
# The node at which an execution failed.
_FAILED = """insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time)
select execution_id, 3, 9, 0, 1, -1, -1, complete_time from executions where status = 4"""
_VALUES = """
insert into search_values (execution_id, path, account, text_value, number_value)
select execution_id, 'input.id', account, 'c' || mod(n, 40), null from numbered
union all select execution_id, 'output.total', account, null, n from numbered where status = 3"""


def fill(url: str) -> None:
    values = {
        "count": COUNT,
        "rare": encode_failure(Failure("RARE", "x" * 300, node="alpha")),
        "common": encode_failure(Failure("COMMON", "né", node="bravo", attempt=2, traceback="Traceback")),
        "late": encode_failure(Failure("NODE_TIMEOUT", "it took too long")),
    }
    with psycopg.connect(url) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(_FILL.replace("% ", "%% ").encode(), values)
        connection.execute(_SMALL.encode())
        connection.execute(_FAILED.encode())
        connection.execute(_NUMBERED.encode())
        connection.execute(_VALUES.encode())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze executions, events, search_values")
