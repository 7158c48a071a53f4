"""How an imported execution stood and stands: its events, nodes, output, gates. Methods are called as in services."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import Conflict, InvalidArgument
from penstock.engine.domain.event import EventType
from penstock.engine.rpc import requests
from penstock.engine.rpc.imports.imported_items import CHECKPOINTS, ImportedItems, next_token, node_name, struct_of
from penstock.engine.rpc.imports.imported_record import Record, folded, message_of, outline
from penstock.engine.rpc.imports.imported_story import explanation, spans_page
from penstock.engine.rpc.views.gate_views import gates
from penstock.engine.storage.postgres.imports import ATTEMPTS, EVENTS, NODES
from penstock.wire.gen import execution_service_pb2 as pb
from penstock.wire.gen.checkpoint_pb2 import Checkpoint
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.explanation_pb2 import Explanation
from penstock.wire.gen.node_execution_pb2 import Attempt, NodeExecution
from penstock.wire.gen.timeline_pb2 import ListSpansRequest, ListSpansResponse
from penstock.wire.json import to_struct


class ImportedViews(ImportedItems):
    async def get_execution(self, request: pb.GetExecutionRequest, record: Record) -> Execution:
        return record.imported.execution

    async def wait_execution(self, request: pb.WaitExecutionRequest, record: Record) -> Execution:
        """At once: it will never stand otherwise."""
        return record.imported.execution

    async def list_events(self, request: pb.ListEventsRequest, record: Record) -> pb.ListEventsResponse:
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        binding = f"{request.execution_id}|{request.node}"
        after = requests.sequence_token(request.page_token, binding, request.after_sequence)
        node = node_name(record, request.node)
        found, is_all = await self.items(record, EVENTS, after, size, node)
        return pb.ListEventsResponse(
            events=[message_of(Event, value["event"]) for _, value in found],
            next_page_token=next_token(found, is_all, binding),
        )

    async def list_checkpoints(self, request: pb.ListCheckpointsRequest, record: Record) -> pb.ListCheckpointsResponse:
        size = requests.page_size(request)
        binding = f"{request.execution_id}|{request.node}"
        after = requests.sequence_token(request.page_token, binding)
        node = node_name(record, request.node)
        types = CHECKPOINTS if node is None else (*CHECKPOINTS, EventType.ITEM_SUCCEEDED)
        found, is_all = await self.items(record, EVENTS, after, size, node, types)
        return pb.ListCheckpointsResponse(
            checkpoints=[_checkpoint(record, value) for _, value in found],
            next_page_token=next_token(found, is_all, binding),
        )

    async def list_node_executions(
        self, request: pb.ListNodeExecutionsRequest, record: Record
    ) -> pb.ListNodeExecutionsResponse:
        if request.filter:
            raise InvalidArgument("filter: the nodes of an import are given whole", field="filter")
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        binding = f"imported nodes|{request.execution_id}"
        after = requests.sequence_token(request.page_token, binding)
        found, is_all = await self.items(record, NODES, after, size)
        return pb.ListNodeExecutionsResponse(
            nodes=[message_of(NodeExecution, value) for _, value in found],
            next_page_token=next_token(found, is_all, binding),
        )

    async def list_attempts(self, request: pb.ListAttemptsRequest, record: Record) -> pb.ListAttemptsResponse:
        size, item = requests.page_size(request, limits.PAGE_SIZE_MAX), requests.item(request)
        binding = f"{request.execution_id}|{request.node}|{item}"
        after = requests.sequence_token(request.page_token, binding)
        node = node_name(record, request.node, is_needed=True)
        attempts: list[Attempt] = []
        is_all = False
        while not is_all and len(attempts) < size:
            found, is_all = await self.items(record, ATTEMPTS, after, size, node)
            for number, value in found:
                attempt = message_of(Attempt, value)
                after = number
                if item is None or (attempt.HasField("item") and attempt.item == item):
                    attempts.append(attempt)
                if len(attempts) == size:
                    is_all = is_all and number == found[-1][0]
                    break
        return pb.ListAttemptsResponse(
            attempts=attempts, next_page_token="" if is_all else page.encode(str(after), binding)
        )

    async def get_output(self, request: pb.GetOutputRequest, record: Record) -> pb.Output:
        seen, plan = record.imported.execution, record.artifact.plan
        if not record.is_ended:
            name = seen.Status.Name(seen.status)
            raise Conflict(f"the execution has no output: it was {name} when it was exported", facts={"status": name})
        if request.payload_bytes:
            raise Conflict("an export holds JSON, so the output cannot be given in protobuf", reason="IMPORTED")
        output = pb.Output(
            execution_id=seen.execution_id, status=seen.status, output_type=plan.nodes[plan.terminal].output_type
        )
        if seen.HasField("error"):
            output.error.CopyFrom(seen.error)
        if record.graph.pipeline >= 0:
            output.frame_count = await self._frame_count(record)
        elif seen.status == Execution.COMPLETED:
            value = await self.output(record)
            output.frame_count = 1
            if value is not None:
                output.output.CopyFrom(to_struct(value))
        return output

    async def list_gates(self, request: pb.ListGatesRequest, record: Record) -> pb.ListGatesResponse:
        events = await outline(self._imports, record)
        return pb.ListGatesResponse(gates=gates(folded(record.graph, events), events))

    async def explain_execution(self, request: pb.ExplainExecutionRequest, record: Record) -> Explanation:
        return explanation(record, await outline(self._imports, record))

    async def list_spans(self, request: ListSpansRequest, record: Record) -> ListSpansResponse:
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        return await spans_page(self._imports, record, request, size)

    async def _frame_count(self, record: Record) -> int:
        found, _ = await self.items(record, NODES, 0, limits.NODES_MAX)
        return next((value.get("frame_count", 0) for _, value in found if value.get("frame_count")), 0)


def _checkpoint(record: Record, value: Any) -> Checkpoint:
    event = message_of(Event, value["event"])
    node = record.artifact.plan.nodes[record.events.indices[event.node]]
    is_item = event.HasField("item")
    message = Checkpoint(
        node=event.node,
        sequence=event.sequence,
        attempt=event.attempt,
        time=event.time,
        output_type=node.map.result_type if is_item else node.output_type,
    )
    if is_item:
        message.item = event.item
    if (output := struct_of(value.get("output"))) is not None:
        message.output.CopyFrom(output)
    return message
