"""Aliases in the store: every move is recorded, one mover at a time, and nothing retired is pointed at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from penstock.engine.domain.alias import LIVE, Target
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.standing import UNTOUCHED, Standing, State
from penstock.engine.storage.postgres.aliases import Aliases, AliasRow, Mover, MoveRow
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.migrate import MIGRATIONS, migrate
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.standings import Standings
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from tests.storage.samples import NOW_US, opened

ACCOUNT, FLOW = "ada", "tea"
ADA, BOB = "key of Ada", "key of Bob"


def graph_id(version: int) -> str:
    return f"01J{version:023}"


def target(version: int, weight: int = 100) -> Target:
    return Target(graph_id(version), version, weight)


def split(**weights: int) -> tuple[Target, ...]:
    """split(v3=90, v4=10)."""
    return tuple(target(int(name[1:]), weight) for name, weight in weights.items())


@dataclass(slots=True)
class Names:
    """A flow with artifacts, in a database."""

    database: Database
    registry: Registry
    aliases: Aliases
    standings: Standings

    async def compile(self, *versions: int) -> None:
        """Publishes artifacts, each of which `live` points at for a while."""
        for version in versions:

            def complete(artifact: Artifact, number: int) -> None:
                artifact.graph_id, artifact.version = graph_id(number), number

            artifact = Artifact(flow=FLOW, digest=f"digest of {version}")
            await self.registry.publish(ACCOUNT, artifact, Flow(flow=FLOW), mover(version), complete)

    async def move(self, alias: str, seen: int, *targets: Target, who: Mover | None = None) -> AliasRow | None:
        return await self.aliases.move(ACCOUNT, FLOW, alias, seen, targets, who or mover(100 + seen, BOB))

    async def history(self, alias: str = "") -> list[MoveRow]:
        return await self.aliases.moves(ACCOUNT, FLOW, alias, None, 1_000)

    async def retire(self, version: int) -> None:
        await self.put(version, State.RETIRED)

    async def put(self, version: int, state: State) -> None:
        await self.standings.put(ACCOUNT, FLOW, graph_id(version), Standing(state, NOW_US, ADA, "old"))


def mover(second: int, key_id: str = ADA) -> Mover:
    return Mover(key_id, NOW_US + second * 1_000_000)


@pytest.fixture
async def names(store: str) -> AsyncIterator[Names]:
    async with opened(store) as database:
        names = Names(database, Registry(database), Aliases(database), Standings(database))
        await names.compile(1, 2, 3)
        yield names


async def test_compiling_moves_live_and_each_move_is_recorded(names: Names) -> None:
    moves = [(count, graph_id(count), mover(count).time_us) for count in (1, 2, 3)]
    assert await names.history() == [
        MoveRow(FLOW, LIVE, number, split(**{f"v{number - 1}": 100}) if number > 1 else (), (target(number),), ADA, at)
        for number, _, at in reversed(moves)
    ]
    assert await names.aliases.alias(ACCOUNT, FLOW, LIVE) == AliasRow(
        FLOW, LIVE, (target(3),), 3, ADA, mover(3).time_us
    )


async def test_compiling_the_same_again_is_no_move(names: Names) -> None:
    await names.compile(3)
    assert [move.number for move in await names.history()] == [3, 2, 1]


async def test_alias_stands_for_several_by_weight(names: Names) -> None:
    moved = await names.move("canary", 0, *split(v2=90, v3=10))
    assert moved == AliasRow(FLOW, "canary", split(v2=90, v3=10), 1, BOB, mover(100).time_us)
    assert await names.aliases.alias(ACCOUNT, FLOW, "canary") == moved
    assert await names.aliases.route(ACCOUNT, FLOW, "canary") == [
        (target(2, 90), UNTOUCHED),
        (target(3, 10), UNTOUCHED),
    ]
    assert [row.alias for row in await names.aliases.aliases(ACCOUNT, FLOW, "", 10)] == ["canary", LIVE]
    assert [row.alias for row in await names.aliases.aliases(ACCOUNT, FLOW, "canary", 10)] == [LIVE]


async def test_flow_shows_the_target_of_most_weight_as_live(names: Names) -> None:
    await names.move(LIVE, 3, *split(v1=10, v2=80, v3=10))
    draft = await names.registry.draft(ACCOUNT, FLOW)
    assert draft is not None and draft.live_graph_id == graph_id(2)


async def test_alias_that_was_moved_since_it_was_seen_is_left_alone(names: Names) -> None:
    assert await names.move(LIVE, 2, target(1)) is None
    assert await names.move("canary", 1, target(1)) is None
    assert [move.number for move in await names.history()] == [3, 2, 1]


async def test_of_movers_at_once_one_moves_it(names: Names) -> None:
    moved = await asyncio.gather(*(names.move(LIVE, 3, target(1 + index % 2)) for index in range(8)))
    assert sum(row is not None for row in moved) == 1
    assert [move.number for move in await names.history()] == [4, 3, 2, 1]


async def test_clock_that_is_behind_does_not_change_the_order_of_the_moves(names: Names) -> None:
    moved = await names.move(LIVE, 3, target(1), who=mover(-1000))
    assert moved is not None and moved.update_us == mover(3).time_us
    assert [(move.number, move.move_us) for move in await names.history()][:2] == [
        (4, mover(3).time_us),
        (3, mover(3).time_us),
    ]


async def test_removed_alias_leaves_its_history_and_goes_on_counting_when_it_is_made_anew(names: Names) -> None:
    await names.move("canary", 0, target(1))
    await names.move("canary", 1)
    assert await names.aliases.alias(ACCOUNT, FLOW, "canary") is None
    assert await names.aliases.route(ACCOUNT, FLOW, "canary") == []
    again = await names.move("canary", 0, target(2))
    assert again is not None and again.number == 3
    changes = [(move.number, move.before, move.after) for move in await names.history("canary")]
    assert changes == [(3, (), (target(2),)), (2, (target(1),), ()), (1, (), (target(1),))]


async def test_moves_come_in_pages_newest_first(names: Names) -> None:
    at = mover(50)
    for alias in ("a", "b", "c"):
        await names.move(alias, 0, target(1), who=at)
    whole = await names.history()
    pages, before = [], None
    for _ in count():
        page = await names.aliases.moves(ACCOUNT, FLOW, "", before, 2)
        if not page:
            break
        pages += page
        before = (page[-1].move_us, page[-1].alias, page[-1].number)
    assert pages == whole
    assert [(move.alias, move.number) for move in whole] == [
        ("c", 1),
        ("b", 1),
        ("a", 1),
        (LIVE, 3),
        (LIVE, 2),
        (LIVE, 1),
    ]


async def test_deleting_the_flow_removes_its_aliases_and_says_who_did(names: Names) -> None:
    assert await names.registry.delete_draft(ACCOUNT, FLOW, mover(9, BOB))
    assert await names.aliases.aliases(ACCOUNT, FLOW, "", 10) == []
    assert (await names.history())[0] == MoveRow(FLOW, LIVE, 4, (target(3),), (), BOB, mover(9).time_us)


async def test_others_see_nothing_of_it(names: Names) -> None:
    assert await names.aliases.alias("eve", FLOW, LIVE) is None
    assert await names.aliases.route("eve", FLOW, LIVE) == []
    assert await names.aliases.moves("eve", FLOW, "", None, 10) == []
    assert await names.standings.of("eve", [graph_id(1)]) == {}


async def test_standing_is_kept_with_who_when_and_why(names: Names) -> None:
    await names.put(1, State.DEPRECATED)
    old = Standing(State.DEPRECATED, NOW_US, ADA, "old")
    assert await names.standings.of(ACCOUNT, [graph_id(1), graph_id(2)]) == {graph_id(1): old, graph_id(2): UNTOUCHED}
    await names.move("canary", 0, *split(v1=50, v2=50))
    assert await names.aliases.route(ACCOUNT, FLOW, "canary") == [(target(1, 50), old), (target(2, 50), UNTOUCHED)]


async def test_artifact_that_an_alias_points_at_cannot_be_retired(names: Names) -> None:
    await names.move("canary", 0, *split(v2=99, v3=1))
    with pytest.raises(Conflict) as refused:
        await names.retire(3)
    assert str(refused.value) == f"tea@canary, tea@live point at artifact {graph_id(3)}: move them first"
    assert refused.value.facts == {"aliases": "tea@canary,tea@live"}
    with pytest.raises(Conflict) as refused:
        await names.retire(2)
    assert str(refused.value) == f"tea@canary points at artifact {graph_id(2)}: move it first"


async def test_alias_cannot_be_pointed_at_what_is_retired(names: Names) -> None:
    await names.retire(1)
    with pytest.raises(Conflict, match=r"^version 1, artifact \w+, is retired"):
        await names.move(LIVE, 3, *split(v1=1, v3=99))
    with pytest.raises(Conflict, match=r"^version 1, artifact \w+, is retired"):
        await names.compile(1)
    assert [move.number for move in await names.history()] == [3, 2, 1]
    await names.put(1, State.ACTIVE)
    await names.compile(1)
    assert (await names.history())[0].after == (target(1),)


async def test_retired_artifact_is_not_deprecated_and_has_no_service(names: Names) -> None:
    await names.retire(1)
    with pytest.raises(Conflict, match="is retired: restore it first"):
        await names.put(1, State.DEPRECATED)
    assert sorted(await names.registry.versions(ACCOUNT)) == [(FLOW, 2), (FLOW, 3)]


async def test_alias_of_before_there_were_weights_is_carried_over(database: str, tmp_path: Path) -> None:
    files = sorted(MIGRATIONS.glob("*.sql"))
    for file in files[:2]:
        (tmp_path / file.name).write_text(file.read_text())
    await migrate(database, tmp_path)
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(
            "insert into artifacts (graph_id, account, flow, version, digest, artifact, create_time)"
            " values (%s, %s, %s, 7, 'digest', '', now())",
            (graph_id(7), ACCOUNT, FLOW),
        )
        await connection.execute(
            "insert into aliases (account, flow, alias, graph_id, update_time)"
            " values (%s, %s, 'live', %s, '2026-11-21 12:00:00.123457+00')",
            (ACCOUNT, FLOW, graph_id(7)),
        )
    assert await migrate(database) == [file.name for file in files[2:]]
    async with opened(database) as opened_database:
        aliases = Aliases(opened_database)
        row = await aliases.alias(ACCOUNT, FLOW, LIVE)
        moves = await aliases.moves(ACCOUNT, FLOW, "", None, 10)
        assert await aliases.route(ACCOUNT, FLOW, LIVE) == [(target(7), UNTOUCHED)]
    at = 1_795_262_400_123_457
    assert row == AliasRow(FLOW, LIVE, (target(7),), 1, "", at)
    assert moves == [MoveRow(FLOW, LIVE, 1, (), (target(7),), "", at)]
