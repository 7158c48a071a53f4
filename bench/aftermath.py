"""What the database tells after a kill: whether every execution ended right, and when each step of the way was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

NODE_COUNT = 20
OUTPUT = bytes((0x08, NODE_COUNT)) + b"\x12\x01x"
"""A token that 20 nodes have counted: field 1 is 20, field 2 is "x"."""

# Purpose: each execution that was acknowledged, and whether it ended as it should: completed, each node completed
# once, and the output that of 20 nodes.
_TALLY = """select i.id, e.execution_id is not null, coalesce(e.status not in (1, 2), false),
  coalesce(e.status = 3 and l.count = %(nodes)s and l.nodes = %(nodes)s and l.output = %(output)s, false)
from unnest(%(ids)s::uuid[]) i(id) left join executions e on e.execution_id = i.id,
lateral (select count(*), count(distinct node) as nodes, (array_agg(payload order by sequence desc))[1] as output
         from events where execution_id = i.id and type = 8) l"""
_MARKS = """select
  (select extract(epoch from pg_postmaster_start_time())),
  (select extract(epoch from max(start_time)) from leases),
  extract(epoch from min(v.event_time) filter (where v.type = 2)),
  extract(epoch from max(v.event_time) filter (where v.type = 2)),
  extract(epoch from min(v.event_time) filter (where v.type = 8)),
  (select extract(epoch from max(complete_time)) from executions where execution_id = any(%(ids)s::uuid[])),
  count(distinct v.execution_id) filter (where v.type = 2)
from events v where v.execution_id = any(%(ids)s::uuid[]) and v.event_time > to_timestamp(%(restart)s)"""


@dataclass(frozen=True, slots=True)
class Tally:
    """`lost` are not there, `unfinished` have not ended, `wrong` have ended with anything but the right output."""

    right: int
    lost: list[str]
    unfinished: list[str]
    wrong: list[str]


@dataclass(frozen=True, slots=True)
class Marks:
    """Seconds from the start of the new process. `in_flight` counts the executions that were taken over."""

    postgres: float
    """When its Postgres was started; below 0 when that ran on."""
    lease: float
    first_taken_over: float
    last_taken_over: float
    first_node: float
    end: float
    in_flight: int


def tally(database_url: str, execution_ids: Sequence[str]) -> Tally:
    """How the executions that were acknowledged have ended."""
    values = {"ids": [UUID(i) for i in execution_ids], "nodes": NODE_COUNT, "output": OUTPUT}
    found = Tally(0, [], [], [])
    right = 0
    with psycopg.connect(database_url) as connection:
        for execution_id, is_there, is_ended, is_right in connection.execute(_TALLY, values):
            right += is_right
            if not is_right:
                group = found.wrong if is_ended else found.unfinished if is_there else found.lost
                group.append(execution_id.hex)
    return Tally(right, found.lost, found.unfinished, found.wrong)


def marks(database_url: str, execution_ids: Sequence[str], restart: float) -> Marks:
    """When the executions went on after `restart`, unix time in seconds, by the times of their events.

    An event's time is that of its decision: it is committed a few milliseconds later.
    """
    values = {"ids": [UUID(i) for i in execution_ids], "restart": restart}
    with psycopg.connect(database_url) as connection:
        row = connection.execute(_MARKS, values).fetchone()
    assert row is not None and row[-1], "nothing was in flight"
    *times, in_flight = row
    postgres, lease, first_taken_over, last_taken_over, first_node, end = (float(time) - restart for time in times)
    return Marks(postgres, lease, first_taken_over, last_taken_over, first_node, end, in_flight)


def live_count(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select count(*) from executions where status in (1, 2)").fetchone()
    assert row is not None
    return int(row[0])
