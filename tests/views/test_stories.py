"""What the events of one node say of its attempts, where no server shows it at will."""

from __future__ import annotations

from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.states import Wait
from penstock.engine.rpc.views.stories import Story
from penstock.wire.gen.node_execution_pb2 import Attempt

START, END = 1_000_000, 2_000_000


def told(*events: Event) -> Story:
    story = Story("pay")
    for event in events:
        story.tell(event)
    return story


def statuses(story: Story) -> list[tuple[int, int]]:
    return [(attempt.attempt, attempt.status) for _, attempt in story.attempts]


def started(sequence: int, attempt: int) -> Event:
    return Event(sequence, EventType.NODE_STARTED, START, 0, attempt)


def test_attempt_whose_process_died_is_aborted_once_the_next_one_starts() -> None:
    assert statuses(told(started(3, 1))) == [(1, Attempt.RUNNING)]
    assert statuses(told(started(3, 1), started(5, 2))) == [(1, Attempt.ABORTED), (2, Attempt.RUNNING)]


def test_attempts_stand_where_they_came_on_record() -> None:
    story = told(started(3, 1), Event(9, EventType.NODE_SUCCEEDED, END, 0, 1))
    assert [sequence for sequence, _ in story.attempts] == [3]
    assert (story.begin_us, story.attempt_count) == (START, 1)


def test_cancel_of_a_node_that_waits_for_its_next_attempt_takes_that_one_back() -> None:
    failed = Event(4, EventType.NODE_ATTEMPT_FAILED, END, 0, 1, detail=Detail(Wait.RETRY, END))
    story = told(started(3, 1), failed)
    assert story.attempts[0][1].HasField("due_time")
    story.tell(Event(5, EventType.NODE_CANCELLED, END, 0, 1))
    ((_, attempt),) = story.attempts
    assert (attempt.status, attempt.HasField("due_time")) == (Attempt.RETRYABLE_FAILED, False)


def test_attempts_to_undo_do_not_count() -> None:
    undone = Event(7, EventType.NODE_COMPENSATED, END, 0, 1, START, detail=Detail(is_compensation=True))
    story = told(started(3, 1), Event(4, EventType.NODE_SUCCEEDED, END, 0, 1), undone)
    assert [(attempt.attempt, attempt.compensation) for _, attempt in story.attempts] == [(1, False), (1, True)]
    assert story.attempt_count == 1


def test_wait_alone_is_no_attempt() -> None:
    story = told(Event(3, EventType.NODE_WAITING, START, 0, 1, detail=Detail(Wait.PAUSE)))
    assert (story.begin_us, story.attempts) == (START, [])
