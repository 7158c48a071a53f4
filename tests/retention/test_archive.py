"""Executions are archived before they are removed; what cannot be archived stays."""

from __future__ import annotations

import gzip
import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from penstock.engine.domain.errors import NotFound, StoreUnavailable
from penstock.engine.domain.ids import execution_id
from penstock.engine.runtime.upkeep.archive import Archive
from penstock.engine.storage.postgres.retention import Retention, Subject
from penstock.engine.storage.postgres.sweeps import Sweeps
from tests.retention.past import DAY, Past


class Scribe:
    """Exports what stands in for an execution, and notes which."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.pieces = [b'{"a": 1', b"}\n"]

    async def export(self, execution_id: str, account: str) -> AsyncGenerator[bytes, None]:
        for piece in self.pieces:
            yield piece
            if execution_id in self.errors:
                raise self.errors[execution_id]
        self.written.append(execution_id)


@pytest.fixture
def scribe() -> Scribe:
    return Scribe()


@pytest.fixture
def archive(tmp_path: Path, scribe: Scribe) -> Archive:
    return Archive(tmp_path / "archive", scribe.export)


def files(archive: Archive) -> dict[str, bytes]:
    """What is in the archive, by path."""
    folder = archive._folder
    return {
        path.relative_to(folder).as_posix(): gzip.decompress(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_execution_is_archived_by_account_day_and_flow(past: Past, archive: Archive) -> None:
    one = await past.add(40 * DAY)
    other = await past.add(39 * DAY, account="b/o.b", flow="coffee")
    assert await past.sweeper(archive).sweep()
    assert await past.left() == set()
    assert files(archive) == {
        f"ada/2023-10-05/tea/{one.hex}.json.gz": b'{"a": 1}\n',
        f"b%2Fo%2Eb/2023-10-06/coffee/{other.hex}.json.gz": b'{"a": 1}\n',
    }
    status = await Sweeps(past.database).status("ada")
    assert (status.removed_count, status.archived_count, status.problem) == (1, 1, "")


async def test_files_are_for_their_owner_alone(past: Past, archive: Archive) -> None:
    await past.add(40 * DAY)
    await past.sweeper(archive).sweep()
    [file] = [path for path in archive._folder.rglob("*") if path.is_file()]
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_nothing_is_removed_while_the_archive_cannot_be_written(
    past: Past, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    old = set(await past.add_many(3, 40 * DAY))
    archive._folder.write_text("this is no folder")
    assert await past.sweeper(archive).sweep()
    assert await past.left() == old
    status = await Sweeps(past.database).status("ada")
    assert (status.is_running, status.removed_count) == (False, 0)
    assert status.problem == "the archive cannot be written: Not a directory"
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.action == "archive_failed"  # type: ignore[attr-defined]
    archive._folder.unlink()
    assert await past.sweeper(archive).sweep()
    assert (await past.left(), len(files(archive))) == (set(), 3)
    assert (await Sweeps(past.database).status("ada")).problem == ""


async def test_execution_that_cannot_be_exported_stays_and_holds_up_no_other(
    past: Past, archive: Archive, scribe: Scribe, caplog: pytest.LogCaptureFixture
) -> None:
    bad, worse, *_ = await past.add_many(5, 40 * DAY)
    scribe.errors = {bad.hex: NotFound("there is no artifact", reason="NO_ARTIFACT"), worse.hex: KeyError("x")}
    await past.sweeper(archive).sweep()
    assert await past.left() == {bad, worse}
    assert len(files(archive)) == 3
    assert (await Sweeps(past.database).status("ada")).problem == "2 cannot be archived: INTERNAL, NO_ARTIFACT"
    assert {record.execution for record in caplog.records} == {bad.hex, worse.hex}  # type: ignore[attr-defined]
    scribe.errors = {}
    past.clock.time_us += DAY
    await past.sweeper(archive).sweep()
    assert (await past.left(), len(files(archive))) == (set(), 5)


async def test_database_that_is_away_is_no_fault_of_an_execution(past: Past, archive: Archive, scribe: Scribe) -> None:
    old = await past.add(40 * DAY)
    scribe.errors = {old.hex: StoreUnavailable("gone")}
    with pytest.raises(StoreUnavailable):
        await past.sweeper(archive).sweep()
    assert (await past.left(), files(archive)) == ({old}, {})


async def test_file_that_is_there_stays(
    past: Past, archive: Archive, scribe: Scribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote it may have died when it had removed a part of the execution."""
    old = await past.add(40 * DAY)

    async def die(*_: object, **__: object) -> bool:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(Retention, "remove", die)
        with pytest.raises(StoreUnavailable):
            await past.sweeper(archive, hold_s=0.0).sweep()
    scribe.pieces = [b"half of it"]
    await past.sweeper(archive).sweep()
    assert (await past.left(), scribe.written, list(files(archive).values())) == (set(), [old.hex], [b'{"a": 1}\n'])


async def test_large_export_is_written_piece_by_piece(archive: Archive, scribe: Scribe) -> None:
    scribe.pieces = [bytes([number]) * 700_000 for number in range(5)]
    seen: list[int] = []

    async def on_progress() -> None:
        seen.append(sum(path.name.startswith(".") for path in archive._folder.rglob("*")))

    await archive.keep(subject("ada", "tea"), on_progress)
    assert seen == [1, 1]
    assert list(files(archive).values()) == [b"".join(scribe.pieces)]


async def test_what_a_crash_left_behind_is_taken_away(archive: Archive) -> None:
    one = subject("ada", "tea")
    file = archive.file(one)
    file.parent.mkdir(parents=True)
    file.with_name(f".{file.name}.0123").write_bytes(b"half")
    await archive.keep(one, nothing)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("account", ["..", ".", "a/../../b", "é" * 300, "%2E", "a\nb"])
def test_account_is_one_folder_of_the_archive(archive: Archive, account: str) -> None:
    file = archive.file(subject(account, "tea"))
    assert file.relative_to(archive._folder).parts[1:3] == ("2023-11-14", "tea")
    assert len(file.relative_to(archive._folder).parts) == 4
    assert file.parts[-4] not in (".", "..") and len(file.parts[-4].encode()) <= 255
    assert file != archive.file(subject(account.replace("%2E", "."), "tea")) or "%2E" not in account


def subject(account: str, flow: str) -> Subject:
    return Subject(UUID(execution_id(0, 1)).hex, account, flow, 1_700_000_000_000_000)


async def nothing() -> Any:
    return None
