"""`decide` has an answer for every status and occurrence, and the answer is exactly this."""

from __future__ import annotations

from copy import deepcopy
from itertools import product
from typing import get_args

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.event import Event, EventType, expand
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.domain.fold import apply
from penstock.engine.domain.occurrence import (
    Accepted,
    CancelRequested,
    FramesEmitted,
    NodeCompleted,
    NodeFailed,
    NodeStarted,
    Occurrence,
    PauseDecided,
    PipelineCompleted,
    RetryRequested,
    SignalReceived,
    TakenOver,
)
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.domain.step import NOTHING, Step, decide
from tests.domain.answers import (
    ACCEPTED,
    ANSWERS,
    AT,
    BOOM,
    CANCELLED,
    CHAIN,
    FLOWS,
    LEADS_TO,
    OCCURRENCES,
    STARTED,
    A,
    B,
)
from tests.domain.graphs import graph


def run_after(flow: Graph, *occurrences: Occurrence) -> Run:
    run = Run(flow)
    for time_us, occurrence in enumerate(occurrences, 1):
        for event in decide(run, occurrence, time_us).events:
            apply(run, event)
    return run


def answer(run: Run, occurrence: Occurrence) -> Step | tuple[type[Exception], str]:
    try:
        return decide(run, occurrence, AT)
    except (Conflict, ValueError) as error:
        return type(error), str(error)


def expected(status: ExecutionStatus, kind: type) -> Step | tuple[type[Exception], str]:
    if kind is Accepted:
        return ValueError, "an execution is accepted once"
    if kind in ANSWERS.get(status, {}):
        return ANSWERS[status][kind]
    if kind is PauseDecided:
        return Conflict, f"pause a is not open: the execution is {status.name}"
    if kind is SignalReceived and status is ExecutionStatus.QUEUED:
        return Conflict, "the execution is QUEUED and takes signals once it is RUNNING"
    if kind is SignalReceived:
        return Conflict, f"no signal can reach the execution any more: it is {status.name}"
    if kind is RetryRequested:
        return Conflict, f"node a waits for no other attempt: the execution is {status.name}"
    if kind is CancelRequested and status is ExecutionStatus.COMPENSATING:
        return Conflict, "the execution is COMPENSATING: it ends as FAILED when that is done"
    if kind is CancelRequested:
        return Conflict, f"the execution has ended: it is {status.name}"
    return NOTHING


def test_tables_here_hold_every_status_and_every_occurrence() -> None:
    assert set(LEADS_TO) == set(ExecutionStatus)
    assert {type(occurrence) for occurrence in OCCURRENCES} == set(get_args(Occurrence))


@pytest.mark.parametrize("status", ExecutionStatus, ids=lambda status: status.name)
def test_runs_here_stand_where_they_are_said_to(status: ExecutionStatus) -> None:
    assert run_after(FLOWS.get(status, CHAIN), *LEADS_TO[status]).status is status


@pytest.mark.parametrize(
    ("status", "occurrence"),
    [pytest.param(s, o, id=f"{s.name}-{type(o).__name__}") for s, o in product(ExecutionStatus, OCCURRENCES)],
)
def test_every_status_has_an_answer_to_every_occurrence(status: ExecutionStatus, occurrence: Occurrence) -> None:
    run = run_after(FLOWS.get(status, CHAIN), *LEADS_TO[status])
    before = deepcopy(run)
    given = answer(run, occurrence)
    assert given == expected(status, type(occurrence))
    assert run == before
    if isinstance(given, Step):
        sequences = [event.sequence for event in expand(given.events, run.sequence)]
        assert sequences == list(range(run.sequence + 1, run.sequence + 1 + len(sequences)))


@pytest.mark.parametrize("occurrence", OCCURRENCES[1:], ids=lambda occurrence: type(occurrence).__name__)
def test_nothing_but_an_acceptance_begins_a_log(occurrence: Occurrence) -> None:
    given = answer(Run(CHAIN), occurrence)
    assert given == NOTHING or not isinstance(given, Step)


@pytest.mark.parametrize("has_place", [True, False])
def test_acceptance_starts_the_entry_node_when_there_is_a_place(has_place: bool) -> None:
    accepted = Event(1, EventType.EXECUTION_ACCEPTED, AT)
    started = Event(2, EventType.EXECUTION_STARTED, AT)
    step = Step((accepted, started), start=A) if has_place else Step((accepted,))
    assert decide(Run(CHAIN), Accepted(has_place), AT) == step


def test_conflict_carries_the_status_for_programs() -> None:
    with pytest.raises(Conflict) as caught:
        decide(run_after(CHAIN, *LEADS_TO[ExecutionStatus.FAILED]), CancelRequested(""), AT)
    assert (caught.value.reason, caught.value.facts) == ("ILLEGAL_STATE", {"status": "FAILED"})


def test_end_of_an_attempt_whose_start_is_on_record_takes_one_sequence() -> None:
    run = run_after(CHAIN, ACCEPTED, NodeStarted(A, STARTED))
    assert decide(run, NodeCompleted(A, STARTED, b"out", B), AT) == Step(
        (Event(4, EventType.NODE_SUCCEEDED, AT, A, 1, STARTED, b"out", B),), start=B
    )


def test_untaken_edges_fail_the_execution_and_the_failure_says_why() -> None:
    message = "no edge of node a was taken: no `when` held and there is no `otherwise`"
    failure = Failure("NO_BRANCH_TAKEN", message, node="a", attempt=1)
    assert decide(run_after(graph("a ?> b"), ACCEPTED), NodeCompleted(A, STARTED, b"out", -1), AT) == Step(
        (
            Event(4, EventType.NODE_SUCCEEDED, AT, A, 1, STARTED, b"out"),
            Event(5, EventType.EXECUTION_FAILED, AT, attempt=1, failure=failure),
        ),
        is_end=True,
    )


def test_cancel_without_a_reason_records_none() -> None:
    step = decide(run_after(CHAIN, Accepted(False)), CancelRequested(""), AT)
    assert step == Step((Event(2, CANCELLED, AT),), is_end=True)


PIPELINE = graph("p -> b", "p")


def test_first_frames_start_the_pipeline_and_the_nodes_that_they_went_through() -> None:
    assert decide(run_after(PIPELINE, ACCEPTED), FramesEmitted(A, STARTED, (b"x", b"y"), (B,)), AT) == Step(
        (
            Event(3, EventType.NODE_STARTED, STARTED, A, 1),
            Event(4, EventType.NODE_STARTED, AT, B, 1),
            Event(5, EventType.FRAME_EMITTED, AT, B, payload=b"x", frame_index=0),
            Event(6, EventType.FRAME_EMITTED, AT, B, payload=b"y", frame_index=1),
        )
    )


def test_end_of_a_pipeline_ends_the_nodes_that_had_a_frame() -> None:
    run = run_after(PIPELINE, ACCEPTED, FramesEmitted(A, STARTED, (b"x",), (B,)))
    assert decide(run, PipelineCompleted(A, STARTED), AT) == Step(
        (
            Event(6, EventType.NODE_SUCCEEDED, AT, A, 1, frame_index=1),
            Event(7, EventType.NODE_SUCCEEDED, AT, B, 1),
            Event(8, EventType.EXECUTION_COMPLETED, AT, attempt=2),
        ),
        is_end=True,
    )


def test_frames_beyond_the_limit_fail_the_pipeline_and_the_failure_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVENTS_MAX", 5)
    run = run_after(PIPELINE, ACCEPTED, FramesEmitted(A, STARTED, (b"1", b"2")))
    message = "an execution has at most 5 events, frames and items included"
    failure = Failure("TOO_MANY_EVENTS", message, node="p", attempt=1)
    assert decide(run, FramesEmitted(A, STARTED, (b"3",)), AT) == Step(
        (
            Event(6, EventType.NODE_FAILED, AT, A, 1, failure=failure),
            Event(7, EventType.EXECUTION_FAILED, AT, attempt=1, failure=failure),
        ),
        is_end=True,
    )


@pytest.mark.parametrize("occurrences", [(ACCEPTED,), (ACCEPTED, NodeStarted(A, STARTED))], ids=["quick", "slow"])
@pytest.mark.parametrize("frame_count", range(1, 5))
def test_frames_are_recorded_up_to_the_limit_and_not_beyond(
    occurrences: tuple[Occurrence, ...], frame_count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EVENTS_MAX", 5)
    step = decide(run_after(PIPELINE, *occurrences), FramesEmitted(A, STARTED, (b"x",) * frame_count), AT)
    # Acceptance, start and the pipeline's start leave room for two.
    assert step.is_end is (frame_count > 2)


def test_frames_of_no_frames_after_the_start_change_nothing() -> None:
    run = run_after(PIPELINE, ACCEPTED, NodeStarted(A, STARTED))
    assert decide(run, FramesEmitted(A, STARTED, ()), AT) == NOTHING


def test_failure_behind_a_pipeline_that_was_not_reached_yet_changes_nothing() -> None:
    run = run_after(graph("a -> p -> b", "p"), ACCEPTED)
    assert decide(run, NodeFailed(2, STARTED, BOOM), AT) == NOTHING


def test_failure_of_a_node_on_another_branch_than_the_pipeline_changes_nothing() -> None:
    flow = graph("a ?> p -> d, a ?> c -> d", "p")
    run = run_after(flow, ACCEPTED, NodeCompleted(A, STARTED, b"", flow.names.index("p")))
    assert decide(run, NodeFailed(flow.names.index("c"), STARTED, BOOM), AT) == NOTHING


def test_node_that_kills_its_process_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TAKEOVERS_MAX", 2)
    takeover = TakenOver("process-2")
    run = run_after(CHAIN, ACCEPTED, takeover, takeover)
    message = "node a was started 3 times and its process stopped each time"
    kind, failure_class = FailureKind.SYSTEM, FailureClass.INFRASTRUCTURE
    failure = Failure("PROCESS_DIED", message, kind, failure_class, node="a", attempt=1)
    assert decide(run, takeover, AT) == Step(
        (
            Event(6, EventType.NODE_FAILED, AT, A, 1, AT, failure=failure),
            Event(7, EventType.EXECUTION_FAILED, AT, attempt=1, failure=failure),
        ),
        is_end=True,
    )


def test_progress_makes_take_overs_count_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TAKEOVERS_MAX", 2)
    takeover = TakenOver("process-2")
    run = run_after(CHAIN, ACCEPTED, takeover, takeover, NodeCompleted(A, 1, b"", B))
    assert decide(run, takeover, AT) == Step(
        (Event(7, EventType.EXECUTION_RESUMED, AT, reason="process-2"),), is_general=True
    )
