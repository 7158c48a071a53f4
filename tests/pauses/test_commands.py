"""Commands between processes as the table keeps them: each for whoever drives its execution, until it is done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from penstock.engine.domain.event import EventType
from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres import commands as statements
from penstock.engine.storage.postgres.commands import Command, Commands, Found
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.notices import Notice, Notices
from penstock.engine.storage.records import Lease
from penstock.engine.storage.sealing import Sealer
from penstock.wire.gen.event_pb2 import Event
from tests.configs.conftest import database_url
from tests.storage.samples import opened

__all__ = ["database_url"]

MINE, OTHER = Lease(UUID(int=1), 1), Lease(UUID(int=2), 1)
_INSERT = """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id,
  create_time, start_time, complete_time, last_sequence, labels, input)
values (%s, 'ada', 'tea', '', 1, 1, %s, %s, now(), now(), %s, 2, '{}', '')"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as database:
        yield database


@pytest.fixture
def commands(database: Database, database_url: str) -> Commands:
    return Commands(database)


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def execution(
    connection: psycopg.Connection[tuple[object, ...]], lease: Lease = MINE, *, has_ended: bool = False
) -> str:
    execution_id = uuid4()
    ended = "now" if has_ended else None
    connection.execute(_INSERT, (execution_id, 3 if has_ended else 2, lease.lease_id, ended))
    return execution_id.hex


def cancel(execution_id: str, reason: str = "why") -> Command:
    return Command(uuid4(), execution_id, EventType.EXECUTION_CANCELLED, Event(reason=reason))


async def found(commands: Commands, lease: Lease = MINE) -> list[Found]:
    return [each async for lot in commands.find(lease) for each in lot]


async def test_command_is_found_as_it_was_asked_by_whoever_drives_its_execution(
    commands: Commands, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    mine, other = execution(connection), execution(connection, OTHER)
    asked = [
        cancel(mine),
        Command(
            uuid4(),
            mine,
            EventType.PAUSE_DECIDED,
            Event(node="approve", decision="RESUMED", by="Ada (1)", comment="„ja“ \0", request_id="r"),
            b"\x00\xff",
        ),
        Command(uuid4(), mine, EventType.SIGNAL_RECEIVED, Event(signal="paid", request_id="s"), b""),
    ]
    for command in (*asked, cancel(other)):
        await commands.ask(command)
    assert await found(commands) == [Found(command, "ada", True) for command in asked]
    assert len(await found(commands, OTHER)) == 1


async def test_command_that_is_asked_twice_is_there_once_until_it_is_removed(
    commands: Commands, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    command = cancel(execution(connection))
    await commands.ask(command)
    await commands.ask(command)
    assert await found(commands) == await found(commands) == [Found(command, "ada", True)]
    assert await commands.is_open(command)
    await commands.remove([command])
    await commands.remove([command])
    assert await found(commands) == []
    assert not await commands.is_open(command)


async def test_command_to_an_execution_that_has_ended_is_anybody_s_to_remove(
    commands: Commands, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    command = cancel(execution(connection, OTHER, has_ended=True))
    await commands.ask(command)
    assert await found(commands) == [Found(command, "ada", False)]


async def test_many_commands_are_found_in_lots_oldest_first(
    commands: Commands, connection: psycopg.Connection[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "_LOT", 3)
    execution_id = execution(connection)
    asked = [cancel(execution_id, str(number)) for number in range(9)]
    for command in asked:
        await commands.ask(command)
    lots = [lot async for lot in commands.find(MINE)]
    assert [len(lot) for lot in lots] == [3, 3, 3]
    assert [each.command for lot in lots for each in lot] == asked


async def test_who_listens_hears_that_somebody_asked(
    commands: Commands, connection: psycopg.Connection[tuple[object, ...]], database: Database, database_url: str
) -> None:
    heard = Notices(database, database_url).heard([statements.CHANNEL])
    assert await anext(heard) == Notice("", "")
    await commands.ask(cancel(execution(connection)))
    assert await anext(heard) == Notice(statements.CHANNEL, "")


async def test_what_is_sealed_waits_for_its_key_and_for_its_own_row(
    database_url: str, connection: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    execution_id = execution(connection)
    command = Command(uuid4(), execution_id, EventType.SIGNAL_RECEIVED, Event(signal="paid"), b"content")
    async with opened(database_url, Sealer(MasterKeys(tmp_path, ""))) as database:
        commands = Commands(database)
        await commands.ask(command, await database.data_keys.current("ada"))
        assert b"content" not in bytes(str(connection.execute("select payload from commands").fetchall()), "ascii")
        assert await found(commands) == [Found(command, "ada", True)]
        async with opened(database_url) as without_keys:
            assert await found(Commands(without_keys)) == []
        connection.execute("update commands set command_id = gen_random_uuid()")
        assert await found(commands) == []
        connection.execute("update executions set complete_time = now()")
        assert [each.is_live for each in await found(commands)] == [False]
