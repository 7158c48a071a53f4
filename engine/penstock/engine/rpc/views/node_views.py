"""An execution's log -> its node executions, and pages of the attempts of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.money import NANOS, spell
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus, Wait
from penstock.engine.rpc.messages import duration, set_error, timestamp
from penstock.engine.rpc.views.outlines import Outline
from penstock.engine.rpc.views.stories import Story, stories, whole_attempt
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.reported_usage import cost_nanos
from penstock.wire.gen.artifact_pb2 import Plan, PlannedNode
from penstock.wire.gen.event_pb2 import NodeReport, NodeUsage
from penstock.wire.gen.node_execution_pb2 import Attempt, NodeExecution

_SEQUENCE_MAX = 2**31 - 1
_COUNT_MAX = 2**63 - 1


async def node_executions(
    views: Views, executions: Executions, execution_id: str, outline: Outline
) -> list[NodeExecution]:
    """One for each placed node, in topological order."""
    plan = outline.program.artifact.plan
    nodes = placed_nodes(plan, outline.events, outline.run)
    await _count(views, execution_id, nodes)
    if outline.program.graph.pipeline >= 0:
        frame_count = await executions.frames_up_to(execution_id, _SEQUENCE_MAX, None)
        for node, message in zip(plan.nodes, nodes, strict=True):
            if node.pipeline:
                message.frame_count = frame_count
    return nodes


def placed_nodes(
    plan: Plan, events: Iterable[Event], run: Run, wanted: Collection[int] | None = None
) -> list[NodeExecution]:
    """All of them, or those of the indices `wanted`, of which there need to be no other events. Without what is only
    counted: items, frames and what nodes reported."""
    chosen = range(len(plan.nodes)) if wanted is None else wanted
    statuses = node_statuses(run)
    told = stories(run.graph.names, events)
    return [_node(plan.nodes[i], statuses[i], told[i], run, i) for i in chosen]


def _node(node: PlannedNode, status: NodeStatus, story: Story, run: Run, index: int) -> NodeExecution:
    message = NodeExecution(
        node=node.name,
        status=status.name,
        use=f"{node.package}/{node.function}" if node.function else "",
        attempt_count=story.attempt_count,
        child_execution_id=story.child or None,
        cache_hit=story.is_cache_hit or None,
        fallback=story.is_fallback or None,
    )
    if story.begin_us:
        message.start_time.CopyFrom(timestamp(story.begin_us))
    end = story.end
    if end is not None:
        message.complete_time.CopyFrom(timestamp(end.time_us))
        message.duration.CopyFrom(duration(story.begin_us or end.time_us, end.time_us))
    for event in (end, story.not_undone):
        if event is not None and event.failure is not None:
            set_error(message, event.failure)
    if story.item_count >= 0:
        message.item_count = story.item_count
        message.items_succeeded = message.items_failed = 0
    if status is NodeStatus.WAITING:
        _set_wait(message, run, index)
    return message


def _set_wait(message: NodeExecution, run: Run, node: int) -> None:
    flight = run.flights.get(node)
    if flight is None or flight.wait is None:
        return
    message.wait = flight.wait.name  # type: ignore[assignment]
    if flight.due_us:
        message.due_time.CopyFrom(timestamp(flight.due_us))
    if flight.wait is Wait.SIGNAL:
        message.signal = flight.signal


async def _count(views: Views, execution_id: str, nodes: list[NodeExecution]) -> None:
    """Puts in how many items there are and what the nodes reported."""
    tallies = await views.tallies(execution_id)
    for (node, kind), count in tallies.items():
        if kind is EventType.ITEM_SUCCEEDED:
            nodes[node].items_succeeded = count
        elif kind is EventType.ITEM_FAILED:
            nodes[node].items_failed = count
    if not any(kind is EventType.NODE_REPORTED for _, kind in tallies):
        return
    for node, payload in (await views.progress(execution_id)).items():
        nodes[node].progress.CopyFrom(NodeReport.FromString(payload).progress)
    used: dict[tuple[int, str, str], NodeUsage] = {}
    async for lot in views.usage(execution_id):
        for node, payload in lot:
            add_usage(used, node, NodeReport.FromString(payload).usage)
    for (node, _, _), usage in sorted(used.items(), key=lambda each: each[0]):
        nodes[node].usage.append(usage)


def add_usage(used: dict[tuple[int, str, str], NodeUsage], node: int, usage: NodeUsage) -> None:
    """Adds to the sum of a node, by provider and model."""
    total = used.setdefault((node, usage.provider, usage.model), NodeUsage(provider=usage.provider, model=usage.model))
    total.input_tokens = min(total.input_tokens + usage.input_tokens, _COUNT_MAX)
    total.output_tokens = min(total.output_tokens + usage.output_tokens, _COUNT_MAX)
    total.cached_tokens = min(total.cached_tokens + usage.cached_tokens, _COUNT_MAX)
    nanos = cost_nanos(total) + cost_nanos(usage)
    total.cost, total.cost_usd = spell(nanos), nanos / NANOS


async def attempts_page(
    views: Views, execution_id: str, outline: Outline, node: int, item: int | None, after: int, size: int
) -> tuple[list[Attempt], int]:
    """Attempts of a node that came on record after a sequence, and the sequence to go on after; 0 on the last page.

    Those of a map are its own and those of its items that ended; with `item` those of that item alone.
    """
    name = outline.program.graph.names[node]
    found: list[tuple[int, Attempt]] = []
    if item is None:
        story = Story(name)
        for event in outline.events:
            if event.node == node:
                story.tell(event)
        found += [each for each in story.attempts if each[0] > after]
    is_map = outline.program.artifact.plan.nodes[node].HasField("map")
    if item is not None and not is_map:
        raise InvalidArgument(f"item: node {name} is no map and has no items", field="item")
    if is_map:
        ends = await views.items(execution_id, node, item, after, size + 1)
        found += [(event.sequence, whole_attempt(name, event)) for event in ends]
        found.sort(key=lambda each: each[0])
    return [attempt for _, attempt in found[:size]], found[size - 1][0] if len(found) > size else 0
