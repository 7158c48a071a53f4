"""A run is what its events fold to, in their order and without a gap."""

from __future__ import annotations

import pytest

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Detail, Event, EventType, expand, implied_start
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.fold import fold
from penstock.engine.domain.frontier import node_statuses, reachable
from penstock.engine.domain.run import Flight, Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus, Wait
from tests.domain.graphs import graph

FLOW = graph("a ?> b -> d, a ?> c -> d")
A, B, C, D = map(FLOW.names.index, "abcd")
ACCEPTED = Event(1, EventType.EXECUTION_ACCEPTED, 1)
STARTED = Event(2, EventType.EXECUTION_STARTED, 1)
A_IMPLIED = Event(4, EventType.NODE_SUCCEEDED, 3, A, 1, 2, b"out", C)
A_STARTED = Event(3, EventType.NODE_STARTED, 2, A, 1)
BOOM = Failure("BOOM", "c broke", node="c", attempt=1)
C_FAILED = Event(6, EventType.NODE_FAILED, 4, C, 1, 3, failure=BOOM)
FAILED = Event(7, EventType.EXECUTION_FAILED, 4, attempt=2, failure=BOOM)


RUNNING = {"status": ExecutionStatus.RUNNING, "create_us": 1}


def run_with(*node_statuses: NodeStatus, outputs: list[Event | None] | None = None, **fields: object) -> Run:
    run = Run(FLOW, **fields)  # type: ignore[arg-type]
    run.node_statuses = list(node_statuses) or run.node_statuses
    run.outputs = outputs or run.outputs
    return run


def by_node(**statuses: NodeStatus) -> tuple[NodeStatus, ...]:
    return tuple(statuses.get(name, NodeStatus.QUEUED) for name in FLOW.names)


def test_no_events_fold_to_a_run_that_is_not_accepted() -> None:
    assert fold(FLOW, []) == run_with(status=ExecutionStatus.QUEUED, sequence=0)


def test_accepted_run_has_nothing_in_flight() -> None:
    assert fold(FLOW, [ACCEPTED]) == run_with(status=ExecutionStatus.QUEUED, sequence=1, create_us=1)


def test_started_run_is_at_its_entry_node() -> None:
    assert fold(FLOW, [ACCEPTED, STARTED]) == run_with(**RUNNING, sequence=2, flights={A: Flight()})


def test_checkpoint_leads_to_the_node_that_was_chosen() -> None:
    assert fold(FLOW, [ACCEPTED, STARTED, A_IMPLIED]) == run_with(
        *by_node(a=NodeStatus.SUCCEEDED),
        **RUNNING,
        sequence=4,
        flights={C: Flight()},
        attempt_count=1,
        outputs=[A_IMPLIED, None, None, None],
        branches={A: C},
    )


def test_recorded_start_is_a_start_and_marks_the_node_as_running() -> None:
    assert fold(FLOW, [ACCEPTED, STARTED, A_STARTED]) == run_with(
        *by_node(a=NodeStatus.RUNNING),
        **RUNNING,
        sequence=3,
        flights={A: Flight(is_start_recorded=True)},
        attempt_count=1,
    )


def test_resumed_attempt_is_the_next_one_when_its_start_was_recorded() -> None:
    assert fold(FLOW, [ACCEPTED, STARTED, A_STARTED, Event(4, EventType.EXECUTION_RESUMED, 5)]) == run_with(
        *by_node(a=NodeStatus.RUNNING),
        **RUNNING,
        sequence=4,
        flights={A: Flight(attempt=2)},
        attempt_count=1,
        takeover_count=1,
    )


def test_resumed_attempt_is_the_same_one_when_its_start_was_not_recorded() -> None:
    assert fold(FLOW, [ACCEPTED, STARTED, Event(3, EventType.EXECUTION_RESUMED, 5)]) == run_with(
        **RUNNING, sequence=3, flights={A: Flight()}, takeover_count=1
    )


def test_process_that_only_waited_for_a_signal_was_not_taken_down_by_a_node() -> None:
    waiting = Event(4, EventType.NODE_WAITING, 4, A, 1, detail=Detail(Wait.SIGNAL, signal="go"))
    assert fold(FLOW, [ACCEPTED, STARTED, A_STARTED, waiting, Event(5, EventType.EXECUTION_RESUMED, 5)]) == run_with(
        *by_node(a=NodeStatus.RUNNING), **RUNNING, sequence=5, flights={A: Flight(attempt=2)}, attempt_count=1
    )


def test_frames_are_counted() -> None:
    frames = [Event(4 + i, EventType.FRAME_EMITTED, 5, D, payload=b"x", frame_index=i) for i in range(3)]
    assert fold(FLOW, [ACCEPTED, STARTED, A_STARTED, *frames]).frame_count == 3


def test_failed_run_keeps_the_failure_and_has_nothing_in_flight() -> None:
    assert fold(FLOW, [ACCEPTED, STARTED, A_IMPLIED, C_FAILED, FAILED]) == run_with(
        *by_node(a=NodeStatus.SUCCEEDED, c=NodeStatus.FAILED),
        status=ExecutionStatus.FAILED,
        sequence=7,
        attempt_count=2,
        create_us=1,
        end_us=4,
        outputs=[A_IMPLIED, None, None, None],
        branches={A: C},
        ends_as=ExecutionStatus.FAILED,
        failure=BOOM,
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (EventType.EXECUTION_COMPLETED, ExecutionStatus.COMPLETED),
        (EventType.EXECUTION_FAILED, ExecutionStatus.FAILED),
        (EventType.EXECUTION_CANCELLED, ExecutionStatus.CANCELLED),
        (EventType.EXECUTION_TIMED_OUT, ExecutionStatus.TIMED_OUT),
    ],
)
def test_last_event_ends_the_run(kind: EventType, status: ExecutionStatus) -> None:
    assert fold(FLOW, [ACCEPTED, STARTED, Event(3, kind, 5)]) == run_with(
        status=status, sequence=3, create_us=1, end_us=5
    )


@pytest.mark.parametrize(
    ("log", "event"),
    [
        ([], STARTED),
        ([ACCEPTED], ACCEPTED),
        ([ACCEPTED, STARTED], Event(2, EventType.EXECUTION_RESUMED, 5)),
        ([ACCEPTED, STARTED], Event(4, EventType.EXECUTION_RESUMED, 5)),
        ([ACCEPTED, STARTED], Event(4, EventType.NODE_STARTED, 5, A, 1)),
        ([ACCEPTED, STARTED], Event(5, EventType.NODE_SUCCEEDED, 5, A, 1, 2, b"out", C)),
    ],
)
def test_event_that_does_not_follow_is_refused(log: list[Event], event: Event) -> None:
    with pytest.raises(ValueError, match=rf"^event {event.sequence} does not follow event {len(log)}$"):
        fold(FLOW, [*log, event])


def test_lost_event_between_a_recorded_start_and_its_end_is_noticed() -> None:
    end = Event(5, EventType.NODE_SUCCEEDED, 5, A, 1, 2, b"out", C)
    with pytest.raises(ValueError, match=r"^event 5 does not follow event 3$"):
        fold(FLOW, [ACCEPTED, STARTED, A_STARTED, end])


def test_implied_starts_are_put_in_before_their_ends() -> None:
    log = [ACCEPTED, STARTED, A_IMPLIED, C_FAILED, FAILED]
    c_started = Event(5, EventType.NODE_STARTED, 3, C, 1)
    assert list(expand(log, 0)) == [ACCEPTED, STARTED, A_STARTED, A_IMPLIED, c_started, C_FAILED, FAILED]
    assert implied_start(A_IMPLIED) == A_STARTED


def test_implied_starts_are_put_in_behind_any_sequence() -> None:
    assert list(expand([C_FAILED, FAILED], 4)) == [Event(5, EventType.NODE_STARTED, 3, C, 1), C_FAILED, FAILED]
    assert list(expand([C_FAILED, FAILED], 5)) == [C_FAILED, FAILED]


PIPELINE = graph("a ?> b -> d, a ?> c -> d", "a")
PIPELINE_LOG = [
    ACCEPTED,
    STARTED,
    A_STARTED,
    Event(4, EventType.FRAME_EMITTED, 4, D, payload=b"x", frame_index=0),
    Event(5, EventType.NODE_SUCCEEDED, 5, A, 1, 2, frame_index=1),
    Event(7, EventType.NODE_SUCCEEDED, 5, B, 1, 2, frame_index=1),
    Event(9, EventType.NODE_SUCCEEDED, 5, D, 1, 2, frame_index=1),
]


def test_nodes_behind_a_pipeline_are_never_in_flight() -> None:
    run = fold(PIPELINE, PIPELINE_LOG)
    assert (run.flights, run.frame_count, run.attempt_count, run.outputs) == (
        {},
        1,
        3,
        [PIPELINE_LOG[4], None, None, None],
    )
    assert run.node_statuses == list(by_node(a=NodeStatus.SUCCEEDED, b=NodeStatus.SUCCEEDED, d=NodeStatus.SUCCEEDED))


@pytest.mark.parametrize(
    ("flow", "log"), [(FLOW, [ACCEPTED, STARTED, A_IMPLIED]), (PIPELINE, PIPELINE_LOG)], ids=["unary", "pipeline"]
)
def test_log_with_its_implied_starts_folds_to_the_same_run(flow: Graph, log: list[Event]) -> None:
    assert fold(flow, expand(log, 0)) == fold(flow, log)


def test_node_reaches_itself_and_what_lies_behind_it() -> None:
    assert [reachable(FLOW, node) for node in (A, B, C, D, -1)] == [
        frozenset({A, B, C, D}),
        frozenset({B, D}),
        frozenset({C, D}),
        frozenset({D}),
        frozenset(),
    ]


def test_nodes_that_an_execution_did_not_come_to_are_skipped_when_it_has_ended() -> None:
    log = [ACCEPTED, STARTED, A_IMPLIED, Event(5, EventType.NODE_SKIPPED, 3, B)]
    failed = [C_FAILED._replace(sequence=7), FAILED._replace(sequence=8)]
    assert [node_statuses(fold(FLOW, each)) for each in (log[:1], log, [*log, *failed])] == [
        by_node(),
        by_node(a=NodeStatus.SUCCEEDED, b=NodeStatus.SKIPPED),
        by_node(a=NodeStatus.SUCCEEDED, b=NodeStatus.SKIPPED, c=NodeStatus.FAILED, d=NodeStatus.SKIPPED),
    ]
