"""Reports are added up once, whoever does it and whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import date

import pytest

from penstock.engine.runtime.upkeep import usage as upkeep
from penstock.engine.storage.postgres import usage as store
from penstock.engine.storage.postgres.usage import UsageRows
from penstock.wire.gen.event_pb2 import NodeReport, NodeUsage
from tests.harness import ROOT
from tests.usage.desk import BOB, JANUARY_31, LOGGED, Desk, execution, usage


async def test_reports_are_added_up_by_day_flow_node_provider_and_model(desk: Desk) -> None:
    await desk.report(usage("0.0125", 10, cached_tokens=4, output_tokens=2), usage("0.1"), LOGGED)
    await desk.report(usage("0.2", 5), usage("1", model="small"), number=2, node=1)
    await desk.report(usage("0.3"), number=2, day="2026-02-01")
    await desk.report(usage("7"), number=3, caller=BOB)
    await desk.process.rollup.catch_up()
    await desk.process.rollup.catch_up()
    february = date(2026, 2, 1)
    assert await desk.days() == [
        ("ada", JANUARY_31, "chat", "answer", "acme", "large", 1, 5, 0, 0, 200_000_000),
        ("ada", JANUARY_31, "chat", "answer", "acme", "small", 1, 0, 0, 0, 1_000_000_000),
        ("ada", JANUARY_31, "chat", "ask", "acme", "large", 2, 10, 4, 2, 112_500_000),
        ("ada", february, "chat", "ask", "acme", "large", 1, 0, 0, 0, 300_000_000),
        ("bob", JANUARY_31, "chat", "ask", "acme", "large", 1, 0, 0, 0, 7_000_000_000),
    ]
    rows = await desk.database.fetch_all(
        "select execution_id, account, day, node, model, cost_nanos from usage_executions order by 1, 3, 4, 5"
    )
    assert [(*row[:5], int(row[5])) for row in rows] == [
        (execution(1), "ada", JANUARY_31, "ask", "large", 112_500_000),
        (execution(2), "ada", JANUARY_31, "answer", "large", 200_000_000),
        (execution(2), "ada", JANUARY_31, "answer", "small", 1_000_000_000),
        (execution(2), "ada", february, "ask", "large", 300_000_000),
        (execution(3), "bob", JANUARY_31, "ask", "large", 7_000_000_000),
    ]


async def test_what_is_reported_later_is_added_to_what_there_is(desk: Desk) -> None:
    for _ in range(3):
        await desk.report(usage("0.1", 1))
        await desk.process.rollup.catch_up()
    assert [row[6:] for row in await desk.days()] == [(3, 3, 0, 0, 300_000_000)]


async def test_report_committed_beside_an_open_transaction_waits_for_it_and_counts_once(desk: Desk) -> None:
    rows = UsageRows(desk.database)
    async with desk.database.transaction() as early:
        await desk.report(usage("0.1"), connection=early)
        await desk.report(usage("0.2"), number=2)
        # The later one is committed, the earlier one may still be: nothing is passed over.
        below = await rows.now()
        assert (await rows.pending(below))[1:] == (False, True)
        await desk.process.rollup._look()
        assert await desk.days() == []
    await desk.process.rollup.catch_up()
    assert [row[6:] for row in await desk.days()] == [(2, 0, 0, 0, 300_000_000)]


async def test_report_that_was_rolled_back_does_not_count(desk: Desk) -> None:
    with suppress(ZeroDivisionError):
        async with desk.database.transaction() as connection:
            await desk.report(usage("5"), connection=connection)
            raise ZeroDivisionError
    await desk.report(usage("0.1"))
    await desk.process.rollup.catch_up()
    assert [row[-1] for row in await desk.days()] == [100_000_000]


async def test_reports_of_one_transaction_are_never_parted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LOT", store._LOT.replace(f"first {store.LOT} rows", "first 1 rows"))
    await desk.report(*(usage("0.1") for _ in range(5)))
    await desk.report(usage("0.1"), number=2)
    async with UsageRows(desk.database).turn() as turn:
        assert turn is not None
        assert len(await turn.lot()) == 5
    await desk.process.rollup.catch_up()
    assert [row[6] for row in await desk.days()] == [6]


async def test_processes_take_turns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LOT", store._LOT.replace(f"first {store.LOT} rows", "first 1 rows"))
    for number in range(20):
        await desk.report(usage("0.001", 1), number=number)
    # However long it takes.
    monkeypatch.setattr(upkeep, "_CATCH_UP_S_MAX", 60)
    others = [desk.another() for _ in range(3)]
    await asyncio.gather(*(process.rollup.catch_up() for process in (desk.process, *others)))
    assert [row[6:] for row in await desk.days()] == [(20, 20, 0, 0, 20_000_000)]


async def test_who_comes_second_does_not_wait(desk: Desk) -> None:
    rows = UsageRows(desk.database)
    async with rows.turn() as first, rows.turn() as second:
        assert first is not None
        assert second is None


async def test_what_fails_on_the_way_is_added_by_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.report(usage("0.1"))
    with monkeypatch.context() as broken:
        broken.setattr(store, "_ADVANCE", "select 1 / %s::bigint * 0 / 0")
        with pytest.raises(Exception, match="division by zero"):
            await desk.process.rollup.catch_up()
    assert await desk.days() == []
    await desk.another().rollup.catch_up()
    assert [row[6:] for row in await desk.days()] == [(1, 0, 0, 0, 100_000_000)]


async def test_killed_processes_leave_nothing_out_and_count_nothing_twice(desk: Desk) -> None:
    reports = 60
    for number in range(reports):
        await desk.report(usage("0.01", 1), number=number)
    for lots in (1, 10, 25):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.usage.process",
            desk.url,
            str(desk.folder),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        # Where it is killed then, in the middle of a lot or between two, is left to chance.
        assert [await process.stdout.readline() for _ in range(lots)] == [b"added\n"] * lots
        process.kill()
        await process.communicate()
    assert 36 <= sum(row[6] for row in await desk.days()) <= reports
    await desk.process.rollup.catch_up()
    assert [row[6:] for row in await desk.days()] == [(reports, reports, 0, 0, reports * 10_000_000)]


async def test_report_of_an_execution_that_is_gone_holds_nobody_up(desk: Desk) -> None:
    await desk.report(usage("5"))
    await desk.database.execute("delete from executions")
    await desk.report(usage("0.1"), number=2)
    await desk.process.rollup.catch_up()
    assert [row[-1] for row in await desk.days()] == [100_000_000]


async def test_reports_of_versions_before_say_their_cost_as_a_number(desk: Desk) -> None:
    told = NodeUsage(provider="acme", model="large", cost_usd=0.1)
    await desk.report(NodeReport(usage=told).SerializeToString(), usage("0.2"))
    await desk.process.rollup.catch_up()
    assert [row[-1] for row in await desk.days()] == [300_000_000]


async def test_names_that_no_column_takes_are_shown_as_well_as_can_be(desk: Desk) -> None:
    await desk.report(usage("0.1", model="a\0b", provider="x" * 300), node=7)
    await desk.process.rollup.catch_up()
    assert [row[3:6] for row in await desk.days()] == [("7", "x" * 256, "a�b")]


async def test_sums_are_larger_than_any_column_of_whole_numbers(desk: Desk) -> None:
    most = 2**53
    await desk.report(*(usage("1000000", most, output_tokens=most) for _ in range(1_100)))
    await desk.process.rollup.catch_up()
    assert [row[6:] for row in await desk.days()] == [(1_100, 1_100 * most, 0, 1_100 * most, 1_100 * 10**15)]
