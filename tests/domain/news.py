"""Whatever can happen to a run, for tests that try everything: mostly what can happen now, and anything else too."""

from __future__ import annotations

from hypothesis import strategies as st

from penstock.engine.domain import occurrence as o
from penstock.engine.domain.artifact import Graph, Work
from penstock.engine.domain.failure import Failure, FailureKind
from penstock.engine.domain.frontier import reachable
from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import Decision, Wait

SIGNALS = ("go", "stop")
# What a walk sees more often than the rest, so that it goes far.
WELL = (
    o.NodeStarted,
    o.NodeCompleted,
    o.ItemsCompleted,
    o.ChildChosen,
    o.PauseDecided,
    o.SignalAwaited,
    o.SignalReceived,
    o.FramesEmitted,
    o.Undone,
)
ITEMS = 3


def failures(graph: Graph, node: int) -> list[Failure]:
    """One that may be tried again, one that may not, and one of the system."""
    name = graph.names[node]
    return [
        Failure("BOOM", "it broke", retryable=True, node=name, attempt=1),
        Failure("WRONG", "it is wrong", node=name, attempt=1),
        Failure("DOWN", "it is down", FailureKind.SYSTEM, retryable=True, node=name, attempt=1),
    ]


def branches(graph: Graph, node: int) -> list[int]:
    """What a node can choose: one of its choices or none, and nothing when it has none."""
    choices = sorted(graph.rules[node].choices)
    if choices:
        return [*choices * 3, -1]
    return list(graph.successors[node]) if len(graph.successors[node]) == 1 else [-1]


def news(run: Run, node: int) -> list[o.Occurrence]:
    """What a process can have to say of a node where it stands: at least one when the node is in flight."""
    flight, graph = run.flights.get(node), run.graph
    if flight is None:
        return []
    work, failed = graph.rules[node].work, failures(graph, node)
    if run.undoing is not None:
        return [o.Undone(node, 1), *(o.NotUndone(node, 1, failure) for failure in failed)]
    completed: list[o.Occurrence] = [o.NodeCompleted(node, 1, b"out", branch) for branch in branches(graph, node)]
    match flight.wait:
        case Wait.RETRY:
            return [o.NodeStarted(node, 1), o.RetryRequested(node, "ann")]
        case Wait.GATE:
            return []
        case Wait.SLEEP:
            return completed
        case Wait.PAUSE | Wait.APPROVAL:
            return _decisions(graph, node)
        case Wait.FLOW:
            return [
                *completed,
                *(o.NodeFailed(node, 1, failure) for failure in failed),
                *_rulings(graph, node, {Point.AFTER}),
            ]
        case Wait.SIGNAL:
            return [o.SignalReceived(flight.signal, b"x")]
    ends = [kind(node, 1, failure) for failure in failed for kind in (o.NodeFailed, o.NodeTimedOut)]
    if node == graph.pipeline:
        behind = tuple(sorted(reachable(graph, node) - {node}))
        frames = [o.FramesEmitted(node, 1, (b"x",) * count, behind, (True,) * count) for count in (1, 2)]
        firm = o.FramesEmitted(node, 1, (b"x", b"y"), behind[:1])
        failing = [o.NodeFailed(each, 1, failure) for each in behind for failure in failures(graph, each)]
        before = _rulings(graph, node, {Point.BEFORE})
        return [*frames, firm, o.PipelineCompleted(node, 1), o.NodeStarted(node, 1), *ends, *failing, *before]
    if work is Work.GATE:
        return [*completed, o.NodeFailed(node, 1, failed[1])]
    if work is Work.FLOW and not flight.is_fallback:
        return [o.ChildChosen(node, f"child-{flight.attempt}"), *ends]
    if work is Work.MAP and not flight.is_fallback:
        return [*_of_items(run, node), o.NodeFailed(node, 1, failed[1])]
    taken = (0,)
    return [
        *completed * 4,
        *(each._replace(taken_signals=taken, is_cache_hit=True) for each in completed[:1]),  # type: ignore[attr-defined]
        o.NodeStarted(node, 1),
        *ends,
        *(o.SignalAwaited(node, 1, name, 0) for name in SIGNALS),
        o.Reported(node, (b"told",)),
        *_rulings(graph, node, set(Point)),
    ]


def _rulings(graph: Graph, node: int, points: set[Point]) -> list[o.Occurrence]:
    """What policies can decide before a node and after it."""
    found: list[o.Occurrence] = []
    for point in points:
        completed = o.NodeCompleted(node, 1, b"out", branches(graph, node)[0]) if point is Point.AFTER else None
        for action in (Action.ALLOW, Action.BLOCK, Action.REQUIRE_APPROVAL):
            mask, ruling = Ruling("mask", 1, point, Action.REDACT), Ruling("rule", 2, point, action)
            found.append(o.PolicyDecided(node, 1, (mask, ruling), b"out", 0, completed))
    return found


def _decisions(graph: Graph, node: int) -> list[o.Occurrence]:
    on = (Decision.APPROVED, Decision.RESUMED)
    return [
        *(o.PauseDecided(node, each, "ann", "", b"out", branch) for each in on for branch in branches(graph, node)),
        o.PauseDecided(node, Decision.REJECTED, "ann", "no"),
        o.PauseDecided(node, Decision.EXPIRED),
    ]


def _of_items(run: Run, node: int) -> list[o.Occurrence]:
    items = run.flights[node].items
    if items is None or not run.has_start(node):
        return [o.NodeStarted(node, 1, ITEMS)]
    open_items = [item for item in range(items.count) if item not in items.results and item not in items.failures]
    if not open_items:
        return [o.NodeCompleted(node, 1, b"out", branch) for branch in branches(run.graph, node)]
    failed = [o.ItemFailed(node, item, 1, failure) for item in open_items for failure in failures(run.graph, node)]
    done = [o.ItemsCompleted(node, ((item, 1, 1, b"r"),)) for item in open_items]
    return [*done * 3, o.ItemsCompleted(node, tuple((item, 1, 1, b"r") for item in open_items)), *failed]


def everything(run: Run) -> list[o.Occurrence]:
    """What can come at any time, and news of nodes that are stale or can never be."""
    found: list[o.Occurrence] = [
        o.Accepted(True),
        o.PlaceFound(),
        o.TakenOver("process-2"),
        o.DeadlinePassed(),
        o.CancelRequested("enough"),
        o.RetryRequested(-1, "ann", "r1"),
        *(o.SignalReceived(name, b"x", "ann", request_id) for name in SIGNALS for request_id in ("", "r1")),
    ]
    graph = run.graph
    for node in range(len(graph.names)):
        behind = tuple(sorted(reachable(graph, node) - {node}))
        found += [o.NodeCompleted(node, 1, b"out", branch) for branch in branches(graph, node)]
        found += [
            kind(node, 1, failure) for failure in failures(graph, node) for kind in (o.NodeFailed, o.NodeTimedOut)
        ]
        found += [o.NotUndone(node, 1, failure) for failure in failures(graph, node)]
        found += [o.ItemFailed(node, 0, 1, failure) for failure in failures(graph, node)]
        found += [
            o.NodeStarted(node, 1),
            o.RetryRequested(node, "ann"),
            o.FramesEmitted(node, 1, (b"x",), behind),
            o.PipelineCompleted(node, 1),
            o.ItemsCompleted(node, ((0, 1, 1, b"r"),)),
            o.SignalAwaited(node, 1, "go", 0),
            *_rulings(graph, node, set(Point)),
            o.Reported(node, (b"told",)),
            o.Undone(node, 1),
            *_decisions(graph, node),
        ]
    return found


@st.composite
def occurrences(draw: st.DrawFn, run: Run) -> o.Occurrence:
    """Mostly what leads on, from any of the nodes in flight; else anything."""
    leading = [each for node in sorted(run.flights) for each in news(run, node)]
    lot = draw(st.integers(0, 19))
    if leading and lot < 12:
        well = [each for each in leading if isinstance(each, WELL)]
        return draw(st.sampled_from(well or leading))
    if leading and lot < 16:
        return draw(st.sampled_from(leading))
    if not leading and lot < 16:
        return o.PlaceFound()
    if lot == 16:
        return draw(st.sampled_from([o.CancelRequested("enough"), o.DeadlinePassed()]))
    if lot == 17:
        return o.TakenOver("process-2")
    return draw(st.sampled_from(everything(run)))
