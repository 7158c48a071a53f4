"""Node executions that a filter lets through: of one execution, or of all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from penstock.engine.domain import limits, page
from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.execution_fields import NEWEST_FIRST
from penstock.engine.domain.filter_holds import holds
from penstock.engine.domain.filter_pins import pinned
from penstock.engine.domain.filter_tree import And, Expression, Value
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.domain.node_fields import NODE_FIELDS, executions_of
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus
from penstock.engine.rpc import requests
from penstock.engine.rpc.views.filters import Filters, read
from penstock.engine.rpc.views.node_views import node_executions, placed_nodes
from penstock.engine.rpc.views.outlines import fold_heads, read_heads, read_outline, whole_log, with_starts
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.execution_lists import ExecutionLists
from penstock.engine.storage.postgres.list_sql import Place
from penstock.engine.storage.postgres.node_logs import NodeLogs
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.views import Head, Views
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.artifact_pb2 import Plan
from penstock.wire.gen.execution_service_pb2 import ListNodeExecutionsRequest, ListNodeExecutionsResponse
from penstock.wire.gen.node_execution_pb2 import NodeExecution

ALL = "-"
"""Stands for all executions (AIP-159)."""
_LOT = 20
"""Executions whose logs are looked at at once: it takes no longer than other calls may wait."""
_LOOKED_AT_MAX = 500
"""Executions that one call looks at; its page is then short, and says where to go on."""


class _At(NamedTuple):
    """Where a page ended: at a node of an execution."""

    execution_id: str
    node: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What an artifact says of its nodes. Its code need not load here."""

    plan: Plan
    graph: Graph


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A filter over nodes, and what it settles of them, None where it says nothing: most nodes need not be told of."""

    expression: Expression | None
    names: frozenset[Value] | None
    statuses: frozenset[Value] | None

    def of(self, run: Run) -> list[int]:
        """Nodes of an execution that were reached and may be let through, by index."""
        return [
            index
            for index, status in enumerate(node_statuses(run))
            if status is not NodeStatus.QUEUED
            and (self.statuses is None or status in self.statuses)
            and (self.names is None or run.graph.names[index] in self.names)
        ]


def _wanted(expression: Expression | None) -> _Wanted:
    return _Wanted(expression, pinned(expression, "node"), pinned(expression, "status"))


class NodeLists:
    def __init__(
        self,
        runtime: Runtime,
        views: Views,
        registry: Registry,
        lists: ExecutionLists,
        filters: Filters,
        logs: NodeLogs,
    ) -> None:
        self._runtime = runtime
        self._views = views
        self._registry = registry
        self._lists = lists
        self._filters = filters
        self._logs = logs
        self._drawings: OrderedDict[tuple[str, str], _Drawing] = OrderedDict()

    async def page(self, request: ListNodeExecutionsRequest, account: str) -> ListNodeExecutionsResponse:
        """Raises NotFound, InvalidArgument and PageTokenError."""
        expression = read(request.filter, NODE_FIELDS)
        binding = f"nodes|{account}|{request.execution_id}|{request.filter}"
        at = _place(page.decode(request.page_token, binding)) if request.page_token else None
        if request.execution_id == ALL:
            size = requests.page_size(request)
            found, last = await self._of_all(account, expression, at, size)
        else:
            size = requests.page_size(request, limits.PAGE_SIZE_MAX)
            found, last = await self._of_one(requests.execution_id(request), account, expression, at, size)
        token = page.encode(f"{last.execution_id} {last.node}", binding) if last is not None else ""
        return ListNodeExecutionsResponse(nodes=found, next_page_token=token)

    async def _of_one(
        self, execution_id: str, account: str, expression: Expression | None, at: _At | None, size: int
    ) -> tuple[list[NodeExecution], _At | None]:
        outline = await read_outline(self._runtime, self._views, execution_id, account)
        nodes = await node_executions(self._views, self._runtime.executions, execution_id, outline)
        if expression is not None:
            row, _ = await read_heads(self._runtime, self._views, execution_id, account)
            chosen = [(i, node) for i, node in enumerate(nodes) if holds(expression, _Reader(row, node).read)]
        else:
            chosen = list(enumerate(nodes))
        chosen = [(i, node) for i, node in chosen if at is None or i > at.node]
        last = _At(execution_id, chosen[size - 1][0]) if len(chosen) > size else None
        return [node for _, node in chosen[:size]], last

    async def _of_all(
        self, account: str, expression: Expression | None, at: _At | None, size: int
    ) -> tuple[list[NodeExecution], _At | None]:
        executions, wanted = await self._executions(account, expression), _wanted(expression)
        found: list[tuple[_At, NodeExecution]] = []
        rows: list[ExecutionRow] = []
        if at is not None:
            row = await self._runtime.executions.get(at.execution_id, account)
            rows = [] if row is None else [row]
            found += [each for each in await self._reached(rows, wanted) if each[0].node > at.node]
        place = None if at is None else Place(at.execution_id)
        looked_at = 0
        while len(found) <= size and looked_at < _LOOKED_AT_MAX:
            lot = min(max(_LOT, size + 1), _LOOKED_AT_MAX - looked_at)
            rows = await self._lists.page(account, executions, NEWEST_FIRST, place, lot)
            for first in range(0, len(rows), _LOT):
                found += await self._reached(rows[first : first + _LOT], wanted)
                if len(found) > size:
                    break
            looked_at += len(rows)
            if len(rows) < lot:
                break
            place = Place(rows[-1].execution_id)
        else:
            if len(found) <= size and place is not None:
                return [node for _, node in found], _At(place.execution_id, limits.NODES_MAX)
        last = found[size - 1][0] if len(found) > size else None
        return [node for _, node in found[:size]], last

    async def _executions(self, account: str, expression: Expression | None) -> Expression | None:
        """Which executions are looked at."""
        wanted = executions_of(expression)
        if wanted is not None:
            wanted = await self._filters.looked_up(wanted, account)
        nodes = pinned(expression, "node")
        if nodes is not None and all(isinstance(name, str) for name in nodes):
            flows = await self._filters.flows_with_nodes(account, [str(name) for name in nodes])
            return flows if wanted is None else And((flows, wanted))
        return wanted

    async def _reached(self, rows: Sequence[ExecutionRow], wanted: _Wanted) -> list[tuple[_At, NodeExecution]]:
        logs = await self._logs.outlines([row.execution_id for row in rows]) if rows else {}
        found: list[tuple[_At, NodeExecution]] = []
        for row in rows:
            for index, node in await self._nodes(row, logs[row.execution_id], wanted):
                if wanted.expression is None or holds(wanted.expression, _Reader(row, node).read):
                    found.append((_At(row.execution_id, index), node))
        return found

    async def _nodes(
        self, row: ExecutionRow, heads: Sequence[Head], wanted: _Wanted
    ) -> Iterable[tuple[int, NodeExecution]]:
        """Those that were reached and may be wanted, each with its index."""
        log = whole_log(row, heads)
        if row.start_us is None and heads:
            # It found its place between the two reads.
            row, log = await read_heads(self._runtime, self._views, row.execution_id, row.account)
        drawing = await self._drawing(row.account, row.graph_id)
        if drawing is None:
            return ()
        run = fold_heads(drawing.graph, log)
        chosen = wanted.of(run)
        events = with_starts(head for head in log if head.event.node in chosen)
        nodes = placed_nodes(drawing.plan, events, run, chosen)
        for node in nodes:
            node.execution_id, node.flow, node.version = row.execution_id, row.flow, row.version
            # What is counted is read for one execution at a time.
            node.ClearField("items_succeeded")
            node.ClearField("items_failed")
        return zip(chosen, nodes, strict=True)

    async def _drawing(self, account: str, graph_id: str) -> _Drawing | None:
        """Artifacts never change, so what was read once stays right."""
        drawing = self._drawings.get((account, graph_id))
        if drawing is None:
            artifact = await self._registry.artifact(account, graph_id)
            if artifact is None:
                return None
            drawing = self._drawings[account, graph_id] = _Drawing(artifact.plan, graph_of(artifact))
            while len(self._drawings) > limits.PROGRAMS_MAX:
                self._drawings.popitem(last=False)
        return drawing


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the fields of NODE_FIELDS."""

    row: ExecutionRow
    node: NodeExecution

    def read(self, field: str) -> str | int | datetime | timedelta | None:
        row, node = self.row, self.node
        match field:
            case "flow" | "graph_id" | "version" | "execution_id":
                value: str | int = getattr(row, field)
                return value
            case "create_time":
                return _EPOCH + timedelta(microseconds=row.create_us)
            case "start_time" | "complete_time":
                return (
                    _EPOCH + timedelta(microseconds=getattr(node, field).ToMicroseconds())
                    if node.HasField(field)
                    else None
                )
            case "duration":
                return timedelta(microseconds=node.duration.ToMicroseconds()) if node.HasField("duration") else None
            case "error.class" | "error.code":
                return getattr(node.error, field.removeprefix("error.")) if node.HasField("error") else None
            case _:
                found: str | int = getattr(node, field)
                return found


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


def _place(key: str) -> _At:
    execution_id, _, node = key.partition(" ")
    if not is_execution_id(execution_id) or not (node.isascii() and node.isdecimal() and len(node) < 6):
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
    return _At(execution_id, int(node))
