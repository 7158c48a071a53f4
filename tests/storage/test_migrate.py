"""Migrations: applied once, in order, whole or not at all, and never changed afterwards."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.postgres.migrate import MIGRATIONS, MigrationError, migrate

ONE = {"0001_cats.sql": "create table cats (name text);\ninsert into cats values ('Tom 100%');\n"}
TWO = {**ONE, "0002_dogs.sql": "create table dogs (name text);\n"}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


async def rows(database: str, sql: bytes) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        return await (await connection.execute(sql)).fetchall()


async def recorded(database: str) -> list[tuple[object, ...]]:
    return await rows(database, b"select number, name, sha256 from schema_migrations order by number")


def record(number: int, name: str, files: Mapping[str, str]) -> tuple[object, ...]:
    return number, name, hashlib.sha256(files[name].encode()).hexdigest()


async def test_each_file_is_applied_once_in_order_and_recorded(database: str, tmp_path: Path) -> None:
    assert await migrate(database, write(tmp_path, ONE)) == ["0001_cats.sql"]
    assert await migrate(database, write(tmp_path, TWO)) == ["0002_dogs.sql"]
    assert await migrate(database, tmp_path) == []
    assert await rows(database, b"select name from cats") == [("Tom 100%",)]
    assert await recorded(database) == [record(1, "0001_cats.sql", TWO), record(2, "0002_dogs.sql", TWO)]


async def test_the_engines_own_migrations_apply_to_an_empty_database(database: str) -> None:
    names = sorted(path.name for path in MIGRATIONS.glob("*.sql"))
    assert await migrate(database) == names
    assert await migrate(database) == []


async def test_migrators_at_once_apply_each_file_once(database: str, tmp_path: Path) -> None:
    write(tmp_path, TWO)
    applied = await asyncio.gather(*(migrate(database, tmp_path) for _ in range(4)))
    assert sorted(name for names in applied for name in names) == ["0001_cats.sql", "0002_dogs.sql"]
    assert await rows(database, b"select count(*) from cats") == [(1,)]


async def test_file_that_fails_leaves_nothing_behind_and_the_files_before_it_stay(
    database: str, tmp_path: Path
) -> None:
    write(tmp_path, {**ONE, "0002_dogs.sql": "create table dogs (name text); select 1 / 0;"})
    with pytest.raises(MigrationError, match=r"^0002_dogs\.sql: division by zero"):
        await migrate(database, tmp_path)
    assert await rows(database, b"select to_regclass('cats') is null, to_regclass('dogs') is null") == [(False, True)]
    assert await migrate(database, write(tmp_path, TWO)) == ["0002_dogs.sql"]


async def test_file_that_was_changed_after_it_was_applied_is_refused(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, ONE))
    write(tmp_path, {**TWO, "0001_cats.sql": "create table cats (nickname text);\n"})
    with pytest.raises(MigrationError) as caught:
        await migrate(database, tmp_path)
    assert str(caught.value) == "migration 0001_cats.sql was changed after the database had it: put back what it was"
    assert await rows(database, b"select to_regclass('dogs')") == [(None,)]


async def test_line_ends_of_a_checkout_are_no_change(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, ONE))
    (tmp_path / "0001_cats.sql").write_bytes(ONE["0001_cats.sql"].replace("\n", "\r\n").encode())
    assert await migrate(database, tmp_path) == []


async def test_database_of_a_newer_version_is_refused(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, TWO))
    with pytest.raises(MigrationError) as caught:
        await migrate(database, write(tmp_path, ONE))
    assert str(caught.value) == (
        "the database has had migration 0002_dogs.sql, which this version does not have: "
        "a newer version migrated it, and this one cannot use it"
    )


async def test_file_that_was_renamed_after_it_was_applied_is_refused(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, ONE))
    with pytest.raises(MigrationError) as caught:
        await migrate(database, write(tmp_path, {"0001_pets.sql": ONE["0001_cats.sql"]}))
    assert str(caught.value) == "the database has had migration 0001_cats.sql, but here it is 0001_pets.sql"


async def test_record_with_a_gap_is_refused(database: str, tmp_path: Path) -> None:
    await migrate(database, write(tmp_path, TWO))
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute("delete from schema_migrations where number = 1")
    with pytest.raises(MigrationError) as caught:
        await migrate(database, tmp_path)
    assert str(caught.value) == "the database has had migration 0002_dogs.sql, but not number 0001 before it"


@pytest.mark.parametrize("name", ["0002_cats.sql", "1_cats.sql", "0001-cats.sql", "0001_Cats.sql"])
async def test_name_that_is_not_the_next_number_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MigrationError) as caught:
        await migrate("", write(tmp_path, {name: "select 1"}))
    expected = "expected the name of migration 0001, such as 0001_words.sql"
    assert str(caught.value) == f"{tmp_path / name}: {expected}"


async def test_folder_without_migrations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="expected migrations, found none"):
        await migrate("", tmp_path)


async def test_database_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"^cannot migrate the database: "):
        await migrate(f"host={tmp_path} port=5432", write(tmp_path / "sql", ONE))
