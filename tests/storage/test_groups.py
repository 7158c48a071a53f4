"""How the journal makes groups, whatever writes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.domain.event import Event
from penstock.engine.storage.journal import Entry, Journal
from penstock.engine.storage.records import Lease
from tests.storage.samples import acceptance, key, succeeded

LEASE = Lease(UUID(int=1), 1)
NEXT_LEASE = Lease(UUID(int=2), 1)


@dataclass(slots=True)
class ManualWriter:
    """Holds each group until the test answers for it."""

    groups: list[tuple[list[bytes], Lease]] = field(default_factory=list)
    answers: list[asyncio.Future[None]] = field(default_factory=list)

    async def write(self, entries: Sequence[Entry], lease: Lease, *, again: bool = False) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.groups.append(([entry.execution_id for entry in entries], lease))
        self.answers.append(answer)
        await answer


@dataclass(slots=True)
class Owners:
    """Those who hand entries in, and what they are told."""

    journal: Journal
    told: list[tuple[bytes, Exception | None]] = field(default_factory=list)

    def hand_in(self, *numbers: int, events: Sequence[Event] = (succeeded(4),)) -> None:
        for number in numbers:
            self.journal.commit(key(number), events, partial(self._tell, key(number)))

    def _tell(self, execution_id: bytes, error: Exception | None) -> None:
        self.told.append((execution_id, error))


@pytest.fixture
def writer() -> ManualWriter:
    return ManualWriter()


@pytest.fixture
async def owners(writer: ManualWriter) -> AsyncIterator[Owners]:
    journal = Journal(writer)
    journal.start(LEASE)
    yield Owners(journal)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def turn(count: int = 3) -> None:
    """Lets everything run that is ready; no timer comes due."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_lone_entry_is_written_at_once(writer: ManualWriter, owners: Owners) -> None:
    await turn()
    owners.hand_in(1)
    await turn()
    assert writer.groups == [([key(1)], LEASE)]
    writer.answers[0].set_result(None)
    await turn()
    assert owners.told == [(key(1), None)]


async def test_entries_that_come_while_a_group_is_under_way_are_the_next_group(
    writer: ManualWriter, owners: Owners
) -> None:
    owners.hand_in(1)
    await turn()
    owners.hand_in(2, 3)
    await turn()
    owners.hand_in(4)
    assert writer.groups == [([key(1)], LEASE)]
    writer.answers[0].set_result(None)
    await turn()
    assert writer.groups[1:] == [([key(2), key(3), key(4)], LEASE)]
    assert owners.told == [(key(1), None)]


async def test_idle_journal_writes_nothing(writer: ManualWriter, owners: Owners) -> None:
    owners.hand_in(1)
    await turn()
    writer.answers[0].set_result(None)
    await turn(10)
    assert len(writer.groups) == 1


async def test_group_has_a_bounded_number_of_rows(writer: ManualWriter, owners: Owners) -> None:
    half = [succeeded(2 * sequence) for sequence in range(limits.GROUP_RECORDS_MAX // 2)]
    owners.hand_in(1, 2, 3, 4, 5, events=half)
    for index in range(3):
        await turn()
        writer.answers[index].set_result(None)
    await turn()
    assert [group for group, _ in writer.groups] == [[key(1), key(2)], [key(3), key(4)], [key(5)]]
    assert owners.told == [(key(number), None) for number in (1, 2, 3, 4, 5)]


async def test_group_has_a_bounded_size(writer: ManualWriter, owners: Owners, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GROUP_BYTES_MAX", 100)
    half = [succeeded(4)._replace(payload=b"x" * 50)]
    owners.hand_in(1, 2, 3, events=half)
    owners.journal.commit(key(4), (), partial(owners._tell, key(4)), acceptance(4)._replace(input=b"x" * 51))
    owners.hand_in(5, events=[succeeded(4)._replace(payload=b"x" * 1000)])
    owners.hand_in(6, events=half)
    for index in range(5):
        await turn()
        writer.answers[index].set_result(None)
    groups = [[key(1), key(2)], [key(3)], [key(4)], [key(5)], [key(6)]]
    assert [group for group, _ in writer.groups] == groups


async def test_group_whose_outcome_is_unknown_is_sent_again_as_it_was(
    writer: ManualWriter, owners: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penstock.engine.storage.journal._RETRY_DELAY_S_FIRST", 0)
    owners.hand_in(1, 2)
    await turn()
    owners.hand_in(3)
    writer.answers[0].set_exception(StoreUnavailable("the connection broke"))
    await turn()
    assert (writer.groups, owners.told) == ([([key(1), key(2)], LEASE)] * 2, [])
    writer.answers[1].set_result(None)
    await turn()
    assert owners.told == [(key(1), None), (key(2), None)]


async def test_group_that_is_refused_is_sent_again_entry_by_entry(writer: ManualWriter, owners: Owners) -> None:
    owners.hand_in(1, 2, 3)
    refusal = ValueError("cannot be stored")
    await turn()
    for index, answer in enumerate([refusal, None, refusal, None]):
        if answer is None:
            writer.answers[index].set_result(None)
        else:
            writer.answers[index].set_exception(answer)
        await turn()
    assert [group for group, _ in writer.groups] == [[key(1), key(2), key(3)], [key(1)], [key(2)], [key(3)]]
    assert owners.told == [(key(1), None), (key(2), refusal), (key(3), None)]


async def test_lost_lease_is_told_to_everybody_and_later_groups_are_still_written(
    writer: ManualWriter, owners: Owners
) -> None:
    owners.hand_in(1, 2)
    await turn()
    lost = LeaseLost("gone")
    writer.answers[0].set_exception(lost)
    await turn()
    assert owners.told == [(key(1), lost), (key(2), lost)]
    owners.journal.renew(NEXT_LEASE)
    owners.hand_in(3)
    await turn()
    assert writer.groups[1:] == [([key(3)], NEXT_LEASE)]


async def test_renewal_fails_what_waits_and_leaves_what_is_under_way_to_the_old_lease(
    writer: ManualWriter, owners: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penstock.engine.storage.journal._RETRY_DELAY_S_FIRST", 0)
    owners.hand_in(1)
    await turn()
    owners.hand_in(2)
    owners.journal.renew(NEXT_LEASE)
    assert [(execution_id, type(error)) for execution_id, error in owners.told] == [(key(2), LeaseLost)]
    writer.answers[0].set_exception(StoreUnavailable("the connection broke"))
    await turn()
    assert writer.groups == [([key(1)], LEASE)] * 2


async def test_group_that_was_written_under_a_lease_lost_since_is_not_acted_on(
    writer: ManualWriter, owners: Owners
) -> None:
    owners.hand_in(1)
    await turn()
    owners.journal.renew(NEXT_LEASE)
    writer.answers[0].set_result(None)
    await turn()
    assert [(execution_id, type(error)) for execution_id, error in owners.told] == [(key(1), LeaseLost)]


async def test_stop_waits_for_the_group_under_way_and_those_behind_it(writer: ManualWriter, owners: Owners) -> None:
    owners.hand_in(1)
    await turn()
    owners.hand_in(2)
    stopping = asyncio.create_task(owners.journal.stop())
    await turn()
    for answer_count in (1, 2):
        writer.answers[answer_count - 1].set_result(None)
        await turn()
        assert len(owners.told) == answer_count
    await stopping
    assert owners.told == [(key(1), None), (key(2), None)]


async def test_stop_waits_for_a_lone_group_under_way(writer: ManualWriter, owners: Owners) -> None:
    owners.hand_in(1)
    await turn()
    stopping = asyncio.create_task(owners.journal.stop())
    await turn()
    assert not stopping.done()
    writer.answers[0].set_result(None)
    await turn()
    assert owners.told == [(key(1), None)]
    writer.answers[1].set_result(None)
    await stopping


async def test_stop_gives_up_on_a_database_that_does_not_answer(
    writer: ManualWriter, owners: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penstock.engine.storage.journal._STOP_S_MAX", 0.001)
    owners.hand_in(1)
    await turn()
    await owners.journal.stop()
    assert (len(writer.groups), owners.told) == (1, [])


async def test_owner_who_breaks_when_told_does_not_stop_the_journal(writer: ManualWriter, owners: Owners) -> None:
    def breaks(error: Exception | None) -> None:
        raise ValueError("event 9 does not follow event 4")

    owners.journal.commit(key(1), (succeeded(4),), breaks)
    owners.hand_in(2)
    await turn()
    writer.answers[0].set_result(None)
    await turn()
    owners.hand_in(3)
    await turn()
    assert (owners.told, writer.groups[1:]) == ([(key(2), None)], [([key(3)], LEASE)])


async def test_journal_that_was_not_started_stops_at_once(writer: ManualWriter) -> None:
    await Journal(writer).stop()
    assert writer.groups == []
