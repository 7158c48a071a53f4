"""What is removed, and what stays."""

from __future__ import annotations

import pytest

from penstock.engine.domain import limits
from penstock.engine.storage.postgres.leftovers import Leftovers
from penstock.engine.storage.postgres.retention import Retention
from penstock.engine.storage.postgres.sweeps import Sweeps
from tests.retention.past import ACCOUNT, DAY, HOUR, SECOND, Past


async def test_execution_goes_after_thirty_days_with_everything_that_belongs_to_it(past: Past) -> None:
    await past.add_many(5, 32 * DAY)
    young = await past.add(29 * DAY)
    await past.sweep()
    assert await past.left() == {young}
    assert await past.left_behind() == set()
    assert [await past.count(table) for table in ("events", "webhook_deliveries", "commands")] == [3, 1, 1]


async def test_age_counts_from_the_end(past: Past) -> None:
    late = await past.add(90 * DAY, ended_us=10 * DAY)
    await past.sweep()
    assert await past.left() == {late}
    past.clock.time_us += 22 * DAY
    await past.sweep()
    assert await past.left() == set()


async def test_execution_that_goes_on_stays_however_old_it_is(past: Past) -> None:
    paused = await past.add(400 * DAY, ended_us=None)
    for _ in range(3):
        await past.sweep()
        past.clock.time_us += 40 * DAY
    assert await past.left() == {paused}
    await past.database.execute("update executions set complete_time = create_time + interval '1 second'")
    past.clock.time_us += 31 * DAY
    await past.sweep()
    assert await past.left() == set()


async def test_flow_and_account_have_periods_of_their_own(past: Past) -> None:
    await past.keep(7)
    await past.keep(90, "coffee")
    await past.keep(None, "water")
    at = {
        (account, flow, age): await past.add(age * DAY, account=account, flow=flow)
        for account, flow in (("ada", "tea"), ("ada", "coffee"), ("ada", "water"), ("bob", "tea"), ("bob", "coffee"))
        for age in (3, 9, 32, 95, 4_000)
    }
    await past.sweep()
    left = await past.left()
    ages: dict[tuple[str, str], set[int]] = {}
    for (account, flow, age), one in at.items():
        ages.setdefault((account, flow), set()).update({age} if one in left else ())
    assert ages == {
        ("ada", "tea"): {3},
        ("ada", "coffee"): {3, 9, 32},
        ("ada", "water"): {3, 9, 32, 95, 4_000},
        ("bob", "tea"): {3, 9},
        ("bob", "coffee"): {3, 9},
    }


async def test_setting_of_the_server_may_be_for_ever(past: Past) -> None:
    old, other = await past.add(4_000 * DAY), await past.add(9 * DAY, account="bob")
    await past.sweep(default_s=None)
    assert await past.left() == {old, other}
    await past.keep(7, account="bob")
    await past.sweep(default_s=None)
    assert await past.left() == {old}
    await past.sweep(default_s=86_400)
    assert await past.left() == set()


async def test_policy_that_is_set_later_holds_for_what_was_looked_at_before(past: Past) -> None:
    one, two = await past.add(40 * DAY, flow="tea"), await past.add(40 * DAY, flow="coffee")
    await past.keep(None)
    await past.sweep()
    assert await past.left() == {one, two}
    await past.keep(20, "tea")
    await past.sweep()
    assert await past.left() == {two}
    await past.policies.delete(ACCOUNT, "")
    await past.sweep()
    assert await past.left() == set()


async def test_policy_that_changes_while_an_hour_is_looked_at_is_not_missed(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    await past.add(40 * DAY)
    await past.keep(None)
    looked_at = Retention.looked_at

    async def change_before(self: Retention, *arguments: object) -> None:
        monkeypatch.undo()
        await past.keep(20)
        await looked_at(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Retention, "looked_at", change_before)
    await past.sweep(default_s=3_600)
    await past.sweep(default_s=3_600)
    assert await past.left() == set()


async def test_child_goes_by_its_own_age_but_not_before_its_parent_ended(past: Past) -> None:
    parent = await past.add(80 * DAY, ended_us=None)
    child = await past.add(79 * DAY, parent=parent)
    await past.sweep()
    assert await past.left() == {parent, child}
    await past.database.execute(
        "update executions set complete_time = to_timestamp(%s) where execution_id = %s",
        (past.clock.now_us() / SECOND, parent),
    )
    past.clock.time_us += 4 * HOUR + DAY
    await past.sweep()
    assert await past.left() == {parent}
    past.clock.time_us += 31 * DAY
    await past.sweep()
    assert await past.left() == set()


async def test_execution_whose_result_is_to_be_delivered_stays(past: Past) -> None:
    one = await past.add(40 * DAY, is_undelivered=True)
    await past.sweep()
    assert await past.left() == {one}
    await past.database.execute("update executions set webhook_time = null")
    past.clock.time_us += 3 * DAY
    await past.sweep()
    assert await past.left() == set()


async def test_execution_with_many_events_goes_in_slices(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SWEEP_EVENTS", 10)
    monkeypatch.setattr(limits, "SWEEP_BYTES", 4_000)
    await past.add_many(3, 40 * DAY, events=25)
    await past.add(40 * DAY, events=9, payload=bytes(3_000))
    young = await past.add(DAY, events=25)
    await past.sweep()
    assert (await past.left(), await past.left_behind(), await past.count("events")) == ({young}, set(), 25)


async def test_request_ids_go_when_they_are_free_again(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SWEEP_PAGE", 10)
    for number in range(50):
        await past.database.execute(
            "insert into request_ids values ('ada', %s, '', gen_random_uuid(), to_timestamp(%s))",
            (str(number), past.clock.now_us() / SECOND - number * 3_600 - 60),
        )
    await past.sweep()
    rows = await past.database.fetch_all("select request_id::int from request_ids order by 1")
    assert [row[0] for row in rows] == list(range(24))


async def test_command_that_came_too_late_for_its_execution_goes(past: Past) -> None:
    kept = await past.add(DAY)
    await past.database.execute(
        "insert into commands (command_id, execution_id, kind, detail, create_time)"
        " values (gen_random_uuid(), gen_random_uuid(), 5, '', now() - interval '2 days')"
    )
    await Leftovers(past.database).remove_commands()
    assert (await past.count("commands"), await past.left()) == (1, {kept})


async def test_what_is_kept_is_not_read_again_and_again(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    await past.keep(None, "water")
    for age in range(31, 51):
        await past.add(age * DAY, flow="water")
    read = 0
    look = Retention.look

    async def count(self: Retention, *arguments: object) -> object:
        nonlocal read
        found = await look(self, *arguments)  # type: ignore[arg-type]
        read += found.count
        return found

    monkeypatch.setattr(Retention, "look", count)
    await past.sweep()
    assert read == 20
    for _ in range(10):
        past.clock.time_us += DAY
        await past.sweep()
    assert read == 20


async def test_execution_is_read_about_twice_in_its_life(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    # Others are kept for an hour, so that each hour is looked at soon.
    await past.keep(1 / 24, account="bob")
    await past.add_many(50, 0)
    read = 0
    look = Retention.look

    async def count(self: Retention, *arguments: object) -> object:
        nonlocal read
        found = await look(self, *arguments)  # type: ignore[arg-type]
        read += found.count
        return found

    monkeypatch.setattr(Retention, "look", count)
    for step_us in [HOUR] * 4 + [DAY] * 32:
        past.clock.time_us += step_us
        await past.sweep()
    assert (read, await past.left()) == (100, set())


async def test_nobody_waits_for_long_and_it_rests_after_each_lot(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SWEEP_LOT", 10)
    lots: list[int] = []
    remove = Retention.remove

    async def count(self: Retention, ids: list[object], *arguments: object, **more: object) -> bool:
        lots.append(len(ids))
        return await remove(self, ids, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Retention, "remove", count)
    await past.add_many(95, 40 * DAY)
    await past.sweep()
    assert lots == [10] * 9 + [5]
    assert len(past.rests) > len(lots) and min(past.rests) > 0


async def test_it_rests_less_when_it_is_behind(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(1_000_000))
    monkeypatch.setattr("penstock.engine.runtime.upkeep.retention.monotonic", lambda: next(times))
    for age in (31, 33, 60):
        await past.add(age * DAY)
    await past.sweep()
    # What it did in between took as long each time, by this clock; the hour of the oldest comes first.
    rests = [rest for rest in past.rests if rest]
    assert (rests[0], min(rests), sorted(rests[2:]) == rests[2:]) == (4.0, 0.5, True)


async def test_sweep_that_is_asked_for_takes_what_is_due_by_the_second(past: Past) -> None:
    await past.keep(1 / 24)
    due, young = await past.add(HOUR + 2 * SECOND), await past.add(HOUR - 2 * SECOND)
    await past.sweep()
    assert await past.left() == {due, young}
    await Sweeps(past.database).ask()
    await past.sweep()
    assert await past.left() == {young}


async def test_account_is_told_what_was_removed_of_it(past: Past) -> None:
    sweeps = Sweeps(past.database)
    before = await sweeps.status("ada")
    assert (before.is_running, before.start_us, before.removed_count, before.remove_us) == (False, None, 0, None)
    await past.add_many(3, 40 * DAY)
    await past.add_many(2, 40 * DAY, account="bob")
    await sweeps.ask()
    assert (await sweeps.status("ada")).is_running
    await past.sweep()
    told = {account: await sweeps.status(account) for account in ("ada", "bob", "eve")}
    assert {account: status.removed_count for account, status in told.items()} == {"ada": 3, "bob": 2, "eve": 0}
    assert told["ada"].end_us == told["ada"].remove_us == past.clock.now_us()
    assert not told["ada"].is_running and told["eve"].remove_us is None


async def test_clock_that_was_ahead_for_a_while_leaves_nothing_out(past: Past) -> None:
    await past.add(40 * DAY)
    past.clock.time_us += 400 * DAY
    await past.sweep()
    past.clock.time_us -= 400 * DAY
    await past.sweep()
    await past.add(0)
    past.clock.time_us += 32 * DAY
    await past.sweep()
    assert await past.left() == set()


async def test_history_that_was_there_before_the_first_sweep_goes_too(past: Past) -> None:
    # Hours far apart: what is between them costs nothing.
    for age in (15_000, 10_000, 5_000, 32):
        await past.add(age * DAY)
    await past.sweep()
    assert await past.left() == set()
