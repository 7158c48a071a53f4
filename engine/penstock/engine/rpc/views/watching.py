"""Streams what executions record: of one up to its end, or of all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any, cast

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.event import ATTEMPT_ENDS, Event, EventType, implied_start
from penstock.engine.domain.execution_fields import EXECUTION_FIELDS
from penstock.engine.domain.filter import FilterError, parse
from penstock.engine.rpc import messages
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.news.all_feed import AllFeed, read_cursor, write_cursor
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.storage.postgres.commit_order import BEGINNING, Choice, Place, Recorded
from penstock.engine.storage.postgres.filter_sql import to_sql
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.execution_feed_pb2 import (
    ExecutionEvent,
    FeedBookmark,
    WatchExecutionsRequest,
    WatchExecutionsResponse,
)
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.service import Caller

FEED_FIELDS = {
    name: EXECUTION_FIELDS[name]
    for name in (
        "status",
        "execution_id",
        "parent_execution_id",
        "flow",
        "graph_id",
        "version",
        "mode",
        "create_time",
        "failure_class",
        "labels",
    )
}
"""What is settled when an execution is accepted, and what the event itself says."""


class FeedReader:
    """Turns the feed into messages. It reads artifacts and not their code, which may not load here."""

    def __init__(self, feed: AllFeed, registry: Registry, clock: Clock) -> None:
        self._feed = feed
        self._registry = registry
        self._clock = clock
        self._graphs: OrderedDict[str, Graph] = OrderedDict()

    async def watch(self, request: WatchExecutionsRequest, caller: Caller) -> AsyncIterator[WatchExecutionsResponse]:
        """See ExecutionService.WatchExecutions."""
        after = read_cursor(request.cursor)
        wanted = frozenset(kind for kind in EventType if int(kind) in request.types)
        where, parameters = _filter(request.filter)
        choice = Choice(caller.account, where, tuple(parameters), _stored_types(wanted) if request.types else None)
        place = after or BEGINNING
        async with aclosing(self._feed.follow(choice, after)) as batches:
            async for batch in batches:
                if not batch.recorded:
                    bookmark = FeedBookmark(time=messages.timestamp(self._clock.now_us()))
                    yield WatchExecutionsResponse(bookmark=bookmark, cursor=write_cursor(batch.place))
                for recorded in batch.recorded:
                    graph = await self._graph(caller.account, recorded.graph_id)
                    for at, event in _expand(recorded, place):
                        if not request.types or event.type in wanted:
                            yield _response(recorded, event, graph, at)

    async def _graph(self, account: str, graph_id: str) -> Graph:
        """Artifacts never change, so what was read once stays right."""
        graph = self._graphs.get(graph_id)
        if graph is None:
            artifact = await self._registry.artifact(account, graph_id)
            assert artifact is not None, "an artifact is kept for as long as its executions are"
            graph = self._graphs[graph_id] = graph_of(artifact)
            while len(self._graphs) > limits.PROGRAMS_MAX:
                self._graphs.popitem(last=False)
        return graph


def _filter(text: str) -> tuple[str, list[Any]]:
    """SQL and parameters; "" for no filter. Raises InvalidArgument."""
    try:
        expression = parse(text, FEED_FIELDS)
    except FilterError as error:
        raise InvalidArgument(f"filter: {error}", field="filter", reason=error.reason) from None
    return ("", []) if expression is None else to_sql(expression)


def _stored_types(wanted: frozenset[EventType]) -> tuple[EventType, ...]:
    """Types of the events that have a row, or stand in that of their execution, and tell of what is wanted."""
    ends = ATTEMPT_ENDS if EventType.NODE_STARTED in wanted else frozenset[EventType]()
    return tuple(sorted(wanted | ends))


def _expand(recorded: Recorded, after: Place) -> Iterator[tuple[Place, Event]]:
    """An event, and the start of its attempt before it where it implies that and it was not read already."""
    place, event = recorded.place, recorded.event
    if recorded.implies_start:
        before = place._replace(sequence=place.sequence - 1)
        if before > after:
            yield before, implied_start(event)
    yield place, event


def _response(recorded: Recorded, event: Event, graph: Graph, place: Place) -> WatchExecutionsResponse:
    message = ExecutionEvent(
        execution_id=recorded.place.execution_id,
        flow=recorded.flow,
        graph_id=recorded.graph_id,
        version=recorded.version,
        labels=recorded.labels,
        event=messages.event(event, graph),
    )
    if recorded.parent_id:
        message.parent_execution_id = recorded.parent_id
    if recorded.status is not None and event is recorded.event:
        message.status = cast("Execution.Status", int(recorded.status))
    return WatchExecutionsResponse(recorded=message, cursor=write_cursor(place))
