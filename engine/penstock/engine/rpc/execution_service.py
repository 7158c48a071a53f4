"""ExecutionService: looks at executions and acts on them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from penstock.engine.domain import limits, page
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import Conflict, InvalidArgument
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.access.showing import shown
from penstock.engine.rpc.acts import again
from penstock.engine.rpc.acts.cancelling import cancel_elsewhere
from penstock.engine.rpc.acts.retrying import Retrier
from penstock.engine.rpc.acts.signals import signal_execution
from penstock.engine.rpc.explain.explaining import Explainer
from penstock.engine.rpc.explain.surroundings import SurroundingsReader
from penstock.engine.rpc.exports.exporting import Exporter
from penstock.engine.rpc.views.execution_watch import ExecutionWatch
from penstock.engine.rpc.views.failure_counts import failure_counts_page
from penstock.engine.rpc.views.gate_views import gates
from penstock.engine.rpc.views.listing import ExecutionPages
from penstock.engine.rpc.views.node_lists import NodeLists
from penstock.engine.rpc.views.node_views import attempts_page
from penstock.engine.rpc.views.outlines import read_outline
from penstock.engine.rpc.views.payload_parts import PayloadReader, checkpoint, shown_bytes_max
from penstock.engine.rpc.views.run_lists import RunListsReader
from penstock.engine.rpc.views.timeline import Timeline
from penstock.engine.rpc.views.watching import FeedReader
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.failure_counts import FailureCounts
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.run_lists import RunLists
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen import execution_service_pb2 as pb
from penstock.wire.gen.execution_again_pb2 import (
    ForkExecutionRequest,
    RecoverExecutionRequest,
    RelaunchExecutionRequest,
)
from penstock.wire.gen.execution_feed_pb2 import WatchExecutionsRequest, WatchExecutionsResponse
from penstock.wire.gen.execution_lists_pb2 import (
    ListChildExecutionsRequest,
    ListChildExecutionsResponse,
    ListFramesRequest,
    ListFramesResponse,
    ListLogsRequest,
    ListLogsResponse,
)
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.explanation_pb2 import Explanation
from penstock.wire.gen.export_pb2 import ExportExecutionRequest, ExportExecutionResponse
from penstock.wire.gen.failure_count_pb2 import ListFailureCountsRequest, ListFailureCountsResponse
from penstock.wire.gen.payload_pb2 import GetPayloadRequest, Payload
from penstock.wire.gen.retry_now_pb2 import RetryNowRequest, RetryNowResponse
from penstock.wire.gen.signal_pb2 import SignalExecutionResponse
from penstock.wire.gen.timeline_pb2 import ListSpansRequest, ListSpansResponse
from penstock.wire.service import Caller


class ExecutionService:
    """See proto/penstock/v1/execution_service.proto."""

    def __init__(
        self,
        runtime: Runtime,
        views: Views,
        registry: Registry,
        explainer: Explainer,
        timeline: Timeline,
        failures: FailureCounts,
        exporter: Exporter,
        feed: FeedReader,
        lists: RunLists,
        pages: ExecutionPages,
        nodes: NodeLists,
        retrier: Retrier,
    ) -> None:
        self._runtime = runtime
        self._views = views
        self._explainer = explainer
        self._timeline = timeline
        self._failures = failures
        surroundings = SurroundingsReader(registry, runtime.executions)
        self._watch = ExecutionWatch(runtime, views, surroundings)
        self._lists = RunListsReader(runtime, lists, surroundings)
        self._payloads = PayloadReader(runtime, lists)
        self._exporter = exporter
        self._feed = feed
        self._pages = pages
        self._nodes = nodes
        self._retrier = retrier

    async def get_execution(self, request: pb.GetExecutionRequest, caller: Caller) -> Execution:
        return await self._execution(requests.execution_id(request), caller)

    async def list_executions(self, request: pb.ListExecutionsRequest, caller: Caller) -> pb.ListExecutionsResponse:
        return await self._pages.page(request, caller.account)

    async def list_events(self, request: pb.ListEventsRequest, caller: Caller) -> pb.ListEventsResponse:
        execution_id = requests.execution_id(request)
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        if request.after_sequence < 0:
            raise InvalidArgument(
                f"after_sequence: expected 0 or more, got {request.after_sequence}", field="after_sequence"
            )
        binding = f"{execution_id}|{request.node}"
        after = requests.sequence_token(request.page_token, binding, request.after_sequence)
        row, program = await self._program(execution_id, caller)
        if request.node:
            node = self._node_index(program, request.node)
            found = await self._views.events_of_node(execution_id, node, after, size + 1)
        else:
            found = await followers.stored_heads(self._runtime, execution_id, row.account, after, size + 1)
        return pb.ListEventsResponse(
            events=[messages.event(event, program.graph) for event in found[:size]],
            next_page_token=page.encode(str(found[size - 1].sequence), binding) if len(found) > size else "",
        )

    async def list_checkpoints(self, request: pb.ListCheckpointsRequest, caller: Caller) -> pb.ListCheckpointsResponse:
        execution_id = requests.execution_id(request)
        size = requests.page_size(request)
        bytes_max = shown_bytes_max(request.output_bytes_max, "output_bytes_max")
        binding = f"{execution_id}|{request.node}"
        after = requests.sequence_token(request.page_token, binding)
        _, program = await self._program(execution_id, caller)
        node = self._node_index(program, request.node) if request.node else None
        found, has_more = await self._views.checkpoints(execution_id, node, after, bytes_max, size)
        return pb.ListCheckpointsResponse(
            checkpoints=[checkpoint(execution_id, cut, program, caller.grants) for cut in found],
            next_page_token=page.encode(str(found[-1].event.sequence), binding) if has_more else "",
        )

    async def list_node_executions(
        self, request: pb.ListNodeExecutionsRequest, caller: Caller
    ) -> pb.ListNodeExecutionsResponse:
        return await self._nodes.page(request, caller.account)

    async def list_attempts(self, request: pb.ListAttemptsRequest, caller: Caller) -> pb.ListAttemptsResponse:
        execution_id = requests.execution_id(request)
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        item = requests.item(request)
        binding = f"{execution_id}|{request.node}|{item}"
        after = requests.sequence_token(request.page_token, binding)
        outline = await read_outline(self._runtime, self._views, execution_id, caller.account)
        node = self._node_index(outline.program, request.node)
        attempts, last = await attempts_page(self._views, execution_id, outline, node, item, after, size)
        return pb.ListAttemptsResponse(
            attempts=attempts, next_page_token=page.encode(str(last), binding) if last else ""
        )

    async def get_output(self, request: pb.GetOutputRequest, caller: Caller) -> pb.Output:
        execution_id = requests.execution_id(request)
        row, program = await self._program(execution_id, caller)
        if row.complete_us is None:
            raise Conflict(
                f"the execution has no output yet: it is {row.status.name}", facts={"status": row.status.name}
            )
        output = pb.Output(
            execution_id=execution_id,
            status=row.status.name,
            output_type=program.artifact.output_type,
            frame_count=await self._watch.frames_up_to(execution_id, program, row.last_sequence),
        )
        if row.failure is not None:
            messages.set_error(output, row.failure)
        if row.status is ExecutionStatus.COMPLETED and program.mode is Mode.UNARY:
            checkpoint = await self._runtime.executions.checkpoint(execution_id, program.graph.terminal)
            assert checkpoint is not None
            payload = checkpoint.payload or b""
            if request.payload_bytes:
                output.output_bytes = shown(program, output.output_type, payload, caller.grants)
            else:
                struct = messages.payload_struct(program, output.output_type, payload, caller.grants)
                output.output.CopyFrom(struct)
        return output

    async def wait_execution(self, request: pb.WaitExecutionRequest, caller: Caller) -> Execution:
        execution_id = requests.execution_id(request)
        timeout_s = requests.wait_seconds(request)
        await followers.wait_for_end(self._runtime, execution_id, caller.account, timeout_s, or_pause=True)
        return await self._execution(execution_id, caller)

    def watch_execution(
        self, request: pb.WatchExecutionRequest, caller: Caller
    ) -> AsyncIterator[pb.WatchExecutionResponse]:
        return self._watch.watch(request, caller)

    def watch_executions(
        self, request: WatchExecutionsRequest, caller: Caller
    ) -> AsyncIterator[WatchExecutionsResponse]:
        return self._feed.watch(request, caller)

    async def list_logs(self, request: ListLogsRequest, caller: Caller) -> ListLogsResponse:
        return await self._lists.logs(request, caller)

    async def list_frames(self, request: ListFramesRequest, caller: Caller) -> ListFramesResponse:
        return await self._lists.frames(request, caller)

    async def list_child_executions(
        self, request: ListChildExecutionsRequest, caller: Caller
    ) -> ListChildExecutionsResponse:
        return await self._lists.children(request, caller)

    async def get_payload(self, request: GetPayloadRequest, caller: Caller) -> Payload:
        return await self._payloads.part(request, caller)

    async def recover_execution(self, request: RecoverExecutionRequest, caller: Caller) -> Execution:
        return await self._execution(await again.recover(self._runtime, request, caller), caller)

    async def relaunch_execution(self, request: RelaunchExecutionRequest, caller: Caller) -> Execution:
        return await self._execution(await again.relaunch(self._runtime, request, caller), caller)

    async def fork_execution(self, request: ForkExecutionRequest, caller: Caller) -> Execution:
        return await self._execution(await again.fork(self._runtime, request, caller), caller)

    async def retry_now(self, request: RetryNowRequest, caller: Caller) -> RetryNowResponse:
        return await self._retrier.retry_now(request, caller)

    async def cancel_execution(self, request: pb.CancelExecutionRequest, caller: Caller) -> Execution:
        execution_id = requests.execution_id(request)
        requests.check_reason(request.reason)
        driver = self._runtime.driver(execution_id, caller.account)
        if driver is not None:
            await driver.cancel(request.reason)
            return await self._execution(execution_id, caller)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        if row.complete_us is not None:
            raise Conflict(f"the execution has ended: it is {row.status.name}", facts={"status": row.status.name})
        await cancel_elsewhere(self._runtime, execution_id, caller.account, request.reason)
        return await self._execution(execution_id, caller)

    async def _execution(self, execution_id: str, caller: Caller) -> Execution:
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        return await self._watch.as_it_stands(row)

    async def _program(self, execution_id: str, caller: Caller) -> tuple[ExecutionRow, Program]:
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        return row, await self._runtime.catalog.program(row.account, row.graph_id)

    def _node_index(self, program: Program, name: str) -> int:
        try:
            return program.graph.names.index(name)
        except ValueError:
            known = ", ".join(program.graph.names)
            raise InvalidArgument(f"node: expected one of {known}, got {name[:80]!r}", field="node") from None

    async def signal_execution(self, request: pb.SignalExecutionRequest, caller: Caller) -> SignalExecutionResponse:
        return await signal_execution(self._runtime, request, caller)

    async def list_gates(self, request: pb.ListGatesRequest, caller: Caller) -> pb.ListGatesResponse:
        execution_id = requests.execution_id(request)
        outline = await read_outline(self._runtime, self._views, execution_id, caller.account)
        return pb.ListGatesResponse(gates=gates(outline.run, outline.events))

    async def explain_execution(self, request: pb.ExplainExecutionRequest, caller: Caller) -> Explanation:
        return await self._explainer.explain(requests.execution_id(request), caller.account)

    async def list_spans(self, request: ListSpansRequest, caller: Caller) -> ListSpansResponse:
        execution_id = requests.execution_id(request)
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        return await self._timeline.page(execution_id, caller.account, request.page_token, size)

    async def list_failure_counts(self, request: ListFailureCountsRequest, caller: Caller) -> ListFailureCountsResponse:
        return await failure_counts_page(self._failures, request, caller.account, self._runtime.clock.now_us())

    def export_execution(
        self, request: ExportExecutionRequest, caller: Caller
    ) -> AsyncIterator[ExportExecutionResponse]:
        return self._exporter.export(request, caller)
