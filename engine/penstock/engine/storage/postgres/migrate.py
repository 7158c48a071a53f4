"""Brings the schema of a database up to date.

The migrations are numbered files, `0001_main.sql` and so on without gaps, in the plain SQL that one
transaction can hold. The table `schema_migrations` records which ones a database has had and a digest
of each, so that a file which was changed afterwards is noticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection, DatabaseError, OperationalError

from penstock.engine.domain.errors import PenstockError, StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

# Purpose: one process migrates at a time; freed at the end of the transaction. The number is arbitrary.
_LOCK = "select pg_advisory_xact_lock(7302118140)"
_TABLE = """create table if not exists schema_migrations (
  number int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())"""
_APPLIED = "select number, name, sha256 from schema_migrations order by number"
_RECORD = "insert into schema_migrations (number, name, sha256) values (%s, %s, %s)"


class MigrationError(PenstockError):
    """The database and the migrations of this version do not go together, or one of them failed."""

    reason = "MIGRATION"


@dataclass(frozen=True, slots=True)
class _Migration:
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def migrate(conninfo: str, folder: Path = MIGRATIONS) -> list[str]:
    """Applies the migrations that the database has not had, each in its own transaction; gives their names.

    May run in several processes at once. Raises MigrationError, after which the migrations before the
    one that failed stay applied, and StoreUnavailable when the database cannot be reached.
    """
    migrations = _read(folder)
    names: list[str] = []
    try:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            while (name := await _apply_next(connection, migrations)) is not None:
                names.append(name)
    except OperationalError as error:
        raise StoreUnavailable(f"cannot migrate the database: {error}") from error
    return names


def _read(folder: Path) -> list[_Migration]:
    migrations: list[_Migration] = []
    for path in sorted(folder.glob("*.sql")):
        number = len(migrations) + 1
        form = _NAME.fullmatch(path.name)
        if form is None or int(form[1]) != number:
            raise MigrationError(f"{path}: expected the name of migration {number:04}, such as {number:04}_words.sql")
        # Universal newlines: a checkout that changes the ends of lines does not change the digest.
        migrations.append(_Migration(number, path.name, path.read_text(encoding="utf-8")))
    if not migrations:
        raise MigrationError(f"{folder}: expected migrations, found none")
    return migrations


async def _apply_next(connection: AsyncConnection[Any], migrations: Sequence[_Migration]) -> str | None:
    """Applies one migration and gives its name; None when there is none left."""
    async with connection.transaction():
        await connection.execute(_LOCK)
        await connection.execute(_TABLE)
        applied = await (await connection.execute(_APPLIED)).fetchall()
        for index, (number, name, sha256) in enumerate(applied):
            _check_applied(index, number, name, sha256, migrations)
        if len(applied) == len(migrations):
            return None
        migration = migrations[len(applied)]
        try:
            # Bytes, because a checker wants proof that a str is a literal; no parameters, so it may be a script.
            await connection.execute(migration.sql.encode())
        except OperationalError:
            raise
        except DatabaseError as error:
            raise MigrationError(f"{migration.name}: {error}") from error
        await connection.execute(_RECORD, (migration.number, migration.name, migration.sha256))
    return migration.name


def _check_applied(index: int, number: int, name: str, sha256: str, migrations: Sequence[_Migration]) -> None:
    if number != index + 1:
        raise MigrationError(f"the database has had migration {name}, but not number {index + 1:04} before it")
    if index >= len(migrations):
        raise MigrationError(
            f"the database has had migration {name}, which this version does not have: "
            f"a newer version migrated it, and this one cannot use it"
        )
    if migrations[index].name != name:
        raise MigrationError(f"the database has had migration {name}, but here it is {migrations[index].name}")
    if migrations[index].sha256 != sha256:
        raise MigrationError(f"migration {name} was changed after the database had it: put back what it was")
