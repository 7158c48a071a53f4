"""What `decide` answers to each occurrence in each status, for one small flow each."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass
from penstock.engine.domain.occurrence import (
    Accepted,
    CancelRequested,
    ChildChosen,
    DeadlinePassed,
    FramesEmitted,
    ItemFailed,
    ItemsCompleted,
    NodeCompleted,
    NodeFailed,
    NodeStarted,
    NodeTimedOut,
    NotUndone,
    Occurrence,
    PauseDecided,
    PipelineCompleted,
    PlaceFound,
    PolicyDecided,
    Reported,
    RetryRequested,
    SignalAwaited,
    SignalReceived,
    TakenOver,
    Undone,
)
from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait
from penstock.engine.domain.step import Step
from tests.domain.graphs import graph

CHAIN = graph("a -> b")
PAUSE = graph("a -> b", "", ["pause a"])
GATE = graph("a -> b -> d, a -> c -> d", "", ["gate d all", "sleep c 10"])
UNDO = graph("a -> b", "", ["undo a"])
A, B = 0, 1
STARTED, AT = 7, 9
BOOM = Failure("BOOM", "a broke", node="a", attempt=1)
LATE = Failure("NODE_TIMEOUT", "a took too long", failure_class=FailureClass.TIMEOUT, node="a", attempt=1)
LET = Ruling("let", 1, Point.BEFORE, Action.ALLOW)

ACCEPTED = Accepted(True)
OCCURRENCES: tuple[Occurrence, ...] = (
    ACCEPTED,
    PlaceFound(),
    TakenOver("process-2"),
    NodeStarted(A, STARTED),
    NodeCompleted(A, STARTED, b"out", B),
    FramesEmitted(A, STARTED, (b"x", b"y")),
    PipelineCompleted(A, STARTED),
    NodeFailed(A, STARTED, BOOM),
    NodeTimedOut(A, STARTED, LATE),
    ItemsCompleted(A, ((0, 1, STARTED, b"r"),)),
    ItemFailed(A, 0, STARTED, BOOM),
    ChildChosen(A, "child"),
    PauseDecided(A, Decision.APPROVED, "ann"),
    PolicyDecided(A, STARTED, (LET,)),
    SignalAwaited(A, STARTED, "go", 0),
    SignalReceived("go", b"now", "ann", "r1"),
    RetryRequested(A, "ann", "r1"),
    Reported(A, (b"told",)),
    Undone(A, STARTED),
    NotUndone(A, STARTED, BOOM),
    DeadlinePassed(),
    CancelRequested("enough"),
)
LEADS_TO: Mapping[ExecutionStatus, tuple[Occurrence, ...]] = {
    ExecutionStatus.QUEUED: (Accepted(False),),
    ExecutionStatus.RUNNING: (ACCEPTED,),
    ExecutionStatus.COMPLETED: (ACCEPTED, NodeCompleted(A, 1, b"", B), NodeCompleted(B, 1, b"", -1)),
    ExecutionStatus.FAILED: (ACCEPTED, NodeFailed(A, 1, BOOM)),
    ExecutionStatus.CANCELLED: (ACCEPTED, CancelRequested("")),
    ExecutionStatus.TIMED_OUT: (ACCEPTED, NodeTimedOut(A, 1, LATE)),
    ExecutionStatus.PAUSED: (ACCEPTED,),
    ExecutionStatus.WAITING_ON_GATE: (ACCEPTED, NodeCompleted(A, 1, b"", -1), NodeCompleted(B, 1, b"", 3)),
    ExecutionStatus.COMPENSATING: (ACCEPTED, NodeCompleted(A, 1, b"", B), NodeFailed(B, 1, BOOM)),
}
FLOWS = {
    ExecutionStatus.PAUSED: PAUSE,
    ExecutionStatus.WAITING_ON_GATE: GATE,
    ExecutionStatus.COMPENSATING: UNDO,
}
CANCELLED = EventType.EXECUTION_CANCELLED
SENT = Detail(signal="go", by="ann", request_id="r1")
TOO_LONG = Failure(
    "DEADLINE_EXCEEDED",
    "the execution took longer than the 0 s that its flow allows",
    failure_class=FailureClass.TIMEOUT,
)

WHILE_QUEUED: Mapping[type, Step] = {
    PlaceFound: Step((Event(2, EventType.EXECUTION_STARTED, AT),), start=A),
    CancelRequested: Step((Event(2, CANCELLED, AT, reason="enough"),), is_end=True),
    DeadlinePassed: Step((Event(2, EventType.EXECUTION_TIMED_OUT, AT, failure=TOO_LONG),), is_end=True),
}
WHILE_RUNNING: Mapping[type, Step] = {
    TakenOver: Step((Event(3, EventType.EXECUTION_RESUMED, AT, reason="process-2"),), is_general=True),
    NodeStarted: Step((Event(3, EventType.NODE_STARTED, STARTED, A, 1),)),
    NodeCompleted: Step((Event(4, EventType.NODE_SUCCEEDED, AT, A, 1, STARTED, b"out", B),), start=B),
    NodeFailed: Step(
        (
            Event(4, EventType.NODE_FAILED, AT, A, 1, STARTED, failure=BOOM),
            Event(5, EventType.EXECUTION_FAILED, AT, attempt=1, failure=BOOM),
        ),
        is_end=True,
    ),
    NodeTimedOut: Step(
        (
            Event(4, EventType.NODE_TIMED_OUT, AT, A, 1, STARTED, failure=LATE),
            Event(5, EventType.EXECUTION_TIMED_OUT, AT, attempt=1, failure=LATE),
        ),
        is_end=True,
    ),
    ChildChosen: Step(
        (
            Event(3, EventType.NODE_STARTED, AT, A, 1),
            Event(4, EventType.NODE_WAITING, AT, A, 1, detail=Detail(Wait.FLOW, child="child")),
        ),
        is_general=True,
    ),
    PolicyDecided: Step((Event(3, EventType.POLICY_DECIDED, AT, A, 1, detail=Detail(ruling=LET)),)),
    SignalAwaited: Step(
        (
            Event(3, EventType.NODE_STARTED, STARTED, A, 1),
            Event(4, EventType.NODE_WAITING, AT, A, 1, detail=Detail(Wait.SIGNAL, signal="go")),
        ),
        is_general=True,
    ),
    SignalReceived: Step((Event(3, EventType.SIGNAL_RECEIVED, AT, payload=b"now", detail=SENT),), is_general=True),
    Reported: Step((Event(3, EventType.NODE_REPORTED, AT, A, 1, payload=b"told"),)),
    DeadlinePassed: Step(
        (
            Event(4, EventType.NODE_CANCELLED, AT, A, 1, AT),
            Event(5, EventType.EXECUTION_TIMED_OUT, AT, attempt=1, failure=TOO_LONG),
        ),
        is_end=True,
    ),
    CancelRequested: Step(
        (
            Event(4, EventType.NODE_CANCELLED, AT, A, 1, AT),
            Event(5, CANCELLED, AT, attempt=1, reason="enough"),
        ),
        is_end=True,
    ),
}
WHILE_PAUSED: Mapping[type, Step] = {
    PauseDecided: Step(
        (
            Event(5, EventType.PAUSE_DECIDED, AT, A, 1, detail=Detail(decision=Decision.APPROVED, by="ann")),
            Event(6, EventType.NODE_SUCCEEDED, AT, A, 1, payload=b""),
            Event(7, EventType.EXECUTION_CONTINUED, AT),
        ),
        is_general=True,
    ),
    SignalReceived: Step((Event(5, EventType.SIGNAL_RECEIVED, AT, payload=b"now", detail=SENT),), is_general=True),
    Reported: Step((Event(5, EventType.NODE_REPORTED, AT, A, 1, payload=b"told"),)),
    DeadlinePassed: Step(
        (
            Event(5, EventType.NODE_CANCELLED, AT, A, 1),
            Event(6, EventType.EXECUTION_TIMED_OUT, AT, failure=TOO_LONG),
        ),
        is_end=True,
    ),
    CancelRequested: Step(
        (Event(5, EventType.NODE_CANCELLED, AT, A, 1), Event(6, CANCELLED, AT, reason="enough")), is_end=True
    ),
}
# There b is d's one branch that arrived, and c sleeps.
WHILE_WAITING_ON_GATE: Mapping[type, Step] = {
    SignalReceived: Step((Event(10, EventType.SIGNAL_RECEIVED, AT, payload=b"now", detail=SENT),), is_general=True),
    DeadlinePassed: Step(
        (
            Event(10, EventType.NODE_CANCELLED, AT, 2, 1),
            Event(11, EventType.NODE_CANCELLED, AT, 3, 1),
            Event(12, EventType.EXECUTION_TIMED_OUT, AT, attempt=2, failure=TOO_LONG),
        ),
        is_end=True,
    ),
    CancelRequested: Step(
        (
            Event(10, EventType.NODE_CANCELLED, AT, 2, 1),
            Event(11, EventType.NODE_CANCELLED, AT, 3, 1),
            Event(12, CANCELLED, AT, attempt=2, reason="enough"),
        ),
        is_end=True,
    ),
}
UNDOES = Detail(is_compensation=True)
WHILE_COMPENSATING: Mapping[type, Step] = {
    TakenOver: Step((Event(8, EventType.EXECUTION_RESUMED, AT, reason="process-2"),), is_general=True),
    Reported: Step((Event(8, EventType.NODE_REPORTED, AT, A, 1, payload=b"told"),)),
    Undone: Step(
        (
            Event(8, EventType.NODE_COMPENSATED, AT, A, 1, STARTED, detail=UNDOES),
            Event(9, EventType.EXECUTION_FAILED, AT, attempt=2, failure=BOOM),
        ),
        is_end=True,
    ),
    NotUndone: Step(
        (
            Event(8, EventType.COMPENSATION_FAILED, AT, A, 1, STARTED, failure=BOOM, detail=UNDOES),
            Event(9, EventType.EXECUTION_FAILED, AT, attempt=2, failure=BOOM),
        ),
        is_end=True,
    ),
}
ANSWERS = {
    ExecutionStatus.QUEUED: WHILE_QUEUED,
    ExecutionStatus.RUNNING: WHILE_RUNNING,
    ExecutionStatus.PAUSED: WHILE_PAUSED,
    ExecutionStatus.WAITING_ON_GATE: WHILE_WAITING_ON_GATE,
    ExecutionStatus.COMPENSATING: WHILE_COMPENSATING,
}
