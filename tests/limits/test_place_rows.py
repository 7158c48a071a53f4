"""Places in the database: whatever comes, goes and is limited, they are those of a list that one person keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.engine.domain.execution_limit import EVERY_FLOW, Admission, ExecutionLimit, WhenFull
from penstock.engine.storage.postgres.execution_limits import ExecutionLimits, LimitRow
from penstock.engine.storage.postgres.execution_places import PlaceRows
from penstock.engine.storage.postgres.turn_taker import Arrival
from tests.keys.ward import Ward

FLOWS = ("a", "b", "c")
LEASES = (uuid4(), uuid4())
_numbers = count()

limits = st.builds(
    ExecutionLimit,
    st.sampled_from((EVERY_FLOW, *FLOWS)),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from((WhenFull.QUEUE, WhenFull.REJECT)),
)
turns = st.tuples(
    st.lists(st.integers(0, 9), max_size=3),
    st.lists(st.tuples(st.sampled_from(FLOWS), st.booleans()), max_size=6),
    st.sampled_from(LEASES),
)
acts = st.lists(st.one_of(turns, turns, limits, st.sampled_from((EVERY_FLOW, *FLOWS))), max_size=12)


@dataclass
class List:
    """Who is there in the order in which they came: id, flow, and whether it runs. One looks after the other."""

    limits: dict[str, ExecutionLimit] = field(default_factory=dict)
    rows: list[tuple[UUID, str, bool]] = field(default_factory=list)

    def limits_of(self, flow: str) -> list[ExecutionLimit]:
        return [self.limits[each] for each in (flow, EVERY_FLOW) if each in self.limits]

    def many(self, limit: ExecutionLimit, *, running: bool) -> int:
        return sum(row[2] == running and limit.flow in (EVERY_FLOW, row[1]) for row in self.rows)

    def has_room(self, flow: str) -> bool:
        return all(self.many(limit, running=True) < limit.running_max for limit in self.limits_of(flow))

    def fill(self) -> None:
        for index, (execution_id, flow, is_running) in enumerate(self.rows):
            if not is_running and self.has_room(flow):
                self.rows[index] = (execution_id, flow, True)

    def uncount(self) -> None:
        self.rows = [row for row in self.rows if self.limits_of(row[1])]

    def turn(self, left: list[UUID], arrivals: list[Arrival]) -> list[Any]:
        self.rows = [row for row in self.rows if row[0] not in left]
        self.fill()
        return [self._enter(*each) for each in arrivals]

    def _enter(self, execution_id: UUID, flow: str, can_wait: bool) -> Any:
        if not self.limits_of(flow):
            return Admission.NOT_COUNTED
        has_room = self.has_room(flow)
        if not has_room:
            for limit in self.limits_of(flow):
                waiting = self.many(limit, running=False) + 1
                room = limit.queued_max if limit.when_full is WhenFull.QUEUE else 0
                if self.many(limit, running=True) + waiting > limit.running_max and waiting > room:
                    return limit
            if not can_wait:
                limits = self.limits_of(flow)
                return next(limit for limit in limits if self.many(limit, running=True) >= limit.running_max)
        self.rows.append((execution_id, flow, has_room))
        return Admission.RUNS if has_room else Admission.WAITS


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_places_are_those_of_a_list_that_one_person_keeps(ward: Ward, acts: list[Any]) -> None:
    ward.run(compare(ward, f"listed-{next(_numbers)}", acts))


async def compare(ward: Ward, account: str, acts: list[Any]) -> None:
    places = ward.engine.runtime.places
    database = places.rows._database
    kept = List()
    for act in acts:
        if isinstance(act, tuple):
            indexes, comers, lease_id = act
            left = [kept.rows[index][0] for index in indexes if index < len(kept.rows)]
            arrivals = [Arrival(uuid4(), *comer) for comer in comers]
            before = {row[0] for row in kept.rows if not row[2]} - set(left)
            turn = await places._turns._taker.take(account, lease_id, left, arrivals)
            wanted = kept.turn(left, arrivals)
            assert turn.answers == wanted
            assert set(turn.started) == {row[0] for row in kept.rows if row[2]} & before
        else:
            await change(places.execution_limits, account, kept, act)
        rows = await database.fetch_all(
            "select execution_id, flow, is_running from execution_places where account = %s order by number", (account,)
        )
        assert rows == kept.rows
        assert await counts(places.rows, account) == counted(kept)
    for execution_id, flow, is_running in kept.rows:
        for standing in await places.rows.standings(account, execution_id):
            waiting = [row[0] for row in kept.rows if not row[2] and standing.limit.flow in (EVERY_FLOW, row[1])]
            position = 0 if is_running else waiting.index(execution_id) + 1
            running = kept.many(standing.limit, running=True)
            assert (standing.running, standing.queued, standing.position) == (running, len(waiting), position), flow


async def change(rows: ExecutionLimits, account: str, kept: List, act: ExecutionLimit | str) -> None:
    if isinstance(act, str):
        assert await rows.delete(account, act) == (kept.limits.pop(act, None) is not None)
    else:
        await rows.put(account, LimitRow(act, "tests", 1))
        kept.limits[act.flow] = act
    kept.uncount()
    kept.fill()


async def counts(rows: PlaceRows, account: str) -> dict[str, tuple[int, int]]:
    found = await rows._database.fetch_all(
        "select flow, running, waiting from place_counts where account = %s and running + waiting > 0", (account,)
    )
    return {flow: (running, waiting) for flow, running, waiting in found}


def counted(kept: List) -> dict[str, tuple[int, int]]:
    found = Counter((flow, is_running) for _, flow, is_running in kept.rows)
    return {flow: (found[flow, True], found[flow, False]) for flow, _ in found}


def test_a_place_is_not_given_up_while_another_process_runs_the_execution(ward: Ward) -> None:
    async def look() -> None:
        places = ward.engine.runtime.places
        database = places.rows._database
        account, execution_id, taker = "elsewhere", uuid4(), places._turns._taker
        await places.execution_limits.put(account, LimitRow(ExecutionLimit("a", 1, 0, WhenFull.REJECT), "tests", 1))
        await taker.take(account, LEASES[0], (), [Arrival(execution_id, "a", True)])
        await database.execute(_ACCEPTED, (execution_id, account, LEASES[0]))
        # The process that let it in does not know that its acceptance was committed before its lease was lost.
        again = await taker.take(account, LEASES[1], [execution_id], [Arrival(uuid4(), "a", True)])
        assert isinstance(again.answers[0], ExecutionLimit)
        await database.execute("update executions set complete_time = now() where execution_id = %s", (execution_id,))
        again = await taker.take(account, LEASES[1], [execution_id], [Arrival(uuid4(), "a", True)])
        assert again.answers == [Admission.RUNS]
        await database.execute("delete from executions where execution_id = %s", (execution_id,))

    ward.run(look())


def test_the_oldest_make_room_and_of_those_that_wait_the_newest_remain(ward: Ward) -> None:
    async def look() -> None:
        places = ward.engine.runtime.places
        account, taker = "replacing", places._turns._taker
        await places.execution_limits.put(account, LimitRow(ExecutionLimit("a", 2, 0, WhenFull.REPLACE), "tests", 1))
        comers = [Arrival(uuid4(), "a", True) for _ in range(5)]
        ids = [each.execution_id for each in comers]
        turn = await taker.take(account, LEASES[0], (), comers)
        assert turn.answers == [Admission.RUNS] * 2 + [Admission.WAITS] * 3
        assert (turn.started, set(turn.replaced)) == ([], set(ids[:3]))
        assert set(ids[:3]) <= set(await places.rows.replaced())
        turn = await taker.take(account, LEASES[1], ids[:1], ())
        assert (turn.started, turn.replaced) == (ids[3:4], [])
        # One that waits and is to make room never runs.
        turn = await taker.take(account, LEASES[0], ids[1:3], ())
        assert (turn.started, turn.replaced) == (ids[4:], [])

    ward.run(look())


_ACCEPTED = """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id,
  create_time, last_sequence, labels, input) values (%s, %s, 'a', 'G', 1, 1, 2, %s, now(), 1, '{}', '')"""
