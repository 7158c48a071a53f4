"""ExecutionService: looks at executions and acts on them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from penstock.engine.domain import limits, page
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import Conflict, InvalidArgument, StoreUnavailable
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.frames import FrameReader
from penstock.engine.rpc.listing import execution_filter, is_ascending
from penstock.engine.rpc.node_views import attempts, node_executions
from penstock.engine.runtime import followers
from penstock.engine.runtime.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen import execution_service_pb2 as pb
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.service import Caller

_CANCEL_ELSEWHERE_S = 10.0
"""How long a cancel waits for the process that drives the execution."""
_STATUS_EVENTS = TERMINAL_EVENTS | {
    EventType.EXECUTION_ACCEPTED,
    EventType.EXECUTION_STARTED,
    EventType.EXECUTION_RESUMED,
}


class ExecutionService:
    """See proto/penstock/v1/execution_service.proto."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def get_execution(self, request: pb.GetExecutionRequest, caller: Caller) -> Execution:
        return await self._execution(requests.execution_id(request), caller)

    async def list_executions(self, request: pb.ListExecutionsRequest, caller: Caller) -> pb.ListExecutionsResponse:
        size = requests.page_size(request)
        ascending = is_ascending(request.order_by)
        where, parameters = execution_filter(request.filter)
        binding = f"{caller.account}|{request.filter}|{request.order_by}"
        after = requests.execution_token(request.page_token, binding)
        rows = await self._runtime.executions.page(caller.account, where, parameters, after, ascending, size + 1)
        live = [row.execution_id for row in rows[:size] if row.complete_us is None]
        progress = await self._runtime.executions.progress(live) if live else {}
        now_us = self._runtime.clock.now_us()
        return pb.ListExecutionsResponse(
            executions=[messages.execution(row, progress.get(row.execution_id), now_us) for row in rows[:size]],
            next_page_token=page.encode(rows[size - 1].execution_id, binding) if len(rows) > size else "",
        )

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
            self._node_index(program, request.node)
        names = program.graph.names
        found: list[Event] = []
        while len(found) <= size:
            events = await followers.stored_heads(self._runtime, execution_id, row.account, after, size + 1)
            if not events:
                break
            after = events[-1].sequence
            found += [e for e in events if not request.node or (e.node >= 0 and names[e.node] == request.node)]
        return pb.ListEventsResponse(
            events=[messages.event(event, names) for event in found[:size]],
            next_page_token=page.encode(str(found[size - 1].sequence), binding) if len(found) > size else "",
        )

    async def list_checkpoints(self, request: pb.ListCheckpointsRequest, caller: Caller) -> pb.ListCheckpointsResponse:
        execution_id = requests.execution_id(request)
        size = requests.page_size(request)
        after = requests.sequence_token(request.page_token, execution_id)
        _, program = await self._program(execution_id, caller)
        found = await self._runtime.executions.checkpoints(execution_id, after, size + 1)
        return pb.ListCheckpointsResponse(
            checkpoints=[messages.checkpoint(event, program) for event in found[:size]],
            next_page_token=page.encode(str(found[size - 1].sequence), execution_id) if len(found) > size else "",
        )

    async def list_node_executions(
        self, request: pb.ListNodeExecutionsRequest, caller: Caller
    ) -> pb.ListNodeExecutionsResponse:
        program, log = await self._log(requests.execution_id(request), caller)
        return pb.ListNodeExecutionsResponse(nodes=node_executions(program, log))

    async def list_attempts(self, request: pb.ListAttemptsRequest, caller: Caller) -> pb.ListAttemptsResponse:
        program, log = await self._log(requests.execution_id(request), caller)
        node = self._node_index(program, request.node)
        return pb.ListAttemptsResponse(attempts=attempts(program, log, node))

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
            frame_count=await self._frames_up_to(execution_id, program, row.last_sequence),
        )
        if row.failure is not None:
            messages.set_error(output, row.failure)
        if row.status is ExecutionStatus.COMPLETED and program.mode is Mode.UNARY:
            checkpoint = await self._runtime.executions.checkpoint(execution_id, program.graph.terminal)
            assert checkpoint is not None
            payload = checkpoint.payload or b""
            if request.payload_bytes:
                output.output_bytes = payload
            else:
                output.output.CopyFrom(messages.payload_struct(program, output.output_type, payload))
        return output

    async def wait_execution(self, request: pb.WaitExecutionRequest, caller: Caller) -> Execution:
        execution_id = requests.execution_id(request)
        timeout_s = requests.wait_seconds(request)
        await followers.wait_for_end(self._runtime, execution_id, caller.account, timeout_s)
        return await self._execution(execution_id, caller)

    async def watch_execution(
        self, request: pb.WatchExecutionRequest, caller: Caller
    ) -> AsyncIterator[pb.WatchExecutionResponse]:
        execution_id = requests.execution_id(request)
        after = request.after_sequence
        if after < 0:
            raise InvalidArgument(f"after_sequence: expected 0 or more, got {after}", field="after_sequence")
        row, program = await self._program(execution_id, caller)
        frame_count = await self._frames_up_to(execution_id, program, after) if after else 0
        reader = FrameReader(execution_id, program, is_json=not request.payload_bytes, frame_count=frame_count)
        async with aclosing(followers.follow(self._runtime, execution_id, caller.account, after)) as log:
            async for events in log:
                for event in events:
                    async for update in self._updates(event, row, program, reader, caller):
                        yield update

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
        await self._runtime.commands.ask_for_cancel(execution_id, request.reason)
        await followers.wait_for_end(self._runtime, execution_id, caller.account, _CANCEL_ELSEWHERE_S)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        if row.complete_us is None:
            holder = await self._runtime.leases.holder(row.lease_id)
            raise StoreUnavailable(
                f"process {holder or 'unknown'} drives the execution and has not answered within"
                f" {_CANCEL_ELSEWHERE_S:g} s; it is cancelled as soon as that process, or the one after it, looks"
            )
        if row.status is not ExecutionStatus.CANCELLED:
            raise Conflict(f"the execution has ended: it is {row.status.name}", facts={"status": row.status.name})
        return await self._execution(execution_id, caller)

    async def _execution(self, execution_id: str, caller: Caller) -> Execution:
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        progress = None
        if row.complete_us is None:
            progress = (await self._runtime.executions.progress([execution_id])).get(execution_id)
        return messages.execution(row, progress, self._runtime.clock.now_us())

    async def _as_of(self, event: Event, row: ExecutionRow, caller: Caller) -> Execution:
        """The execution as it stood after a change of its status."""
        if event.type in TERMINAL_EVENTS:
            return await self._execution(row.execution_id, caller)
        started = await self._runtime.executions.attempts_up_to(row.execution_id, event.sequence)
        return messages.execution_as_of(row, event, started)

    async def _program(self, execution_id: str, caller: Caller) -> tuple[ExecutionRow, Program]:
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        return row, await self._runtime.catalog.program(row.account, row.graph_id)

    async def _log(self, execution_id: str, caller: Caller) -> tuple[Program, list[Event]]:
        """The whole log without the payloads of frames; implied starts are not expanded."""
        row, program = await self._program(execution_id, caller)
        log = [*row.first_events(), *(await self._runtime.executions.logs([execution_id]))[execution_id]]
        end = row.last_event()
        return program, log if end is None else [*log, end]

    async def _frames_up_to(self, execution_id: str, program: Program, sequence: int) -> int:
        terminal = program.graph.terminal if program.mode is Mode.UNARY else None
        return await self._runtime.executions.frames_up_to(execution_id, sequence, terminal)

    def _node_index(self, program: Program, name: str) -> int:
        try:
            return program.graph.names.index(name)
        except ValueError:
            known = ", ".join(program.graph.names)
            raise InvalidArgument(f"node: expected one of {known}, got {name[:80]!r}", field="node") from None

    async def _updates(
        self, event: Event, row: ExecutionRow, program: Program, reader: FrameReader, caller: Caller
    ) -> AsyncIterator[pb.WatchExecutionResponse]:
        frame = reader.read(event)
        if event.type in _STATUS_EVENTS:
            # Its id resumes before the final frame, which must not be lost between the two.
            sequence = event.sequence - 1 if frame is not None else event.sequence
            yield pb.WatchExecutionResponse(status=await self._as_of(event, row, caller), sequence=sequence)
        elif event.node >= 0 and event.type is not EventType.FRAME_EMITTED:
            sequence = event.sequence - 1 if frame is not None else event.sequence
            yield pb.WatchExecutionResponse(node=messages.event(event, program.graph.names), sequence=sequence)
        if frame is not None:
            yield pb.WatchExecutionResponse(frame=frame, sequence=event.sequence)
