"""InvocationService: runs flows."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import orjson

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import Conflict, InvalidArgument, StoreUnavailable
from penstock.engine.domain.event import Event
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.standing import Standing, State
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc import requests
from penstock.engine.rpc.access.showing import shown
from penstock.engine.rpc.artifacts.alias_messages import state_change
from penstock.engine.rpc.messages import set_error, status_value
from penstock.engine.rpc.payloads import Input, canonical, output_struct, read_input
from penstock.engine.rpc.settings.budget_gate import require_budget
from penstock.engine.rpc.views.frames import FrameReader
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.options import Options
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.records import RequestKey
from penstock.engine.webhooks.check import check_webhook
from penstock.engine.webhooks.egress import EgressPolicy
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.gen.invocation_service_pb2 import (
    InvocationResult,
    InvokeFlowRequest,
    InvokeFlowResponse,
    StreamFlowRequest,
)
from penstock.wire.scopes import Grants
from penstock.wire.service import Caller


class InvocationService:
    """See proto/penstock/v1/invocation_service.proto."""

    def __init__(self, runtime: Runtime, egress: EgressPolicy) -> None:
        """`egress` says where webhooks may go."""
        self._runtime = runtime
        self._egress = egress

    async def invoke_flow(self, request: InvokeFlowRequest, caller: Caller) -> InvokeFlowResponse:
        program, standing = await self._find(request, caller)
        answer = await self._invoke(program, request, caller)
        if standing.state is State.DEPRECATED:
            answer.deprecation.CopyFrom(state_change(standing))
        return answer

    async def _invoke(self, program: Program, request: InvokeFlowRequest, caller: Caller) -> InvokeFlowResponse:
        runtime = self._runtime
        if program.mode is Mode.PIPELINE:
            raise InvalidArgument(
                f"flow {program.artifact.flow} is a pipeline:"
                " POST /invocations/v1/flows/invoke/stream, or StreamFlow over gRPC",
                field="graph_id",
                reason="IS_PIPELINE",
            )
        timeout_s = requests.wait_seconds(request)
        deadline = runtime.loop.time() + timeout_s
        driver, given = await self._prepare(program, caller, request)
        accepted: asyncio.Future[None] | None = None
        if request.request_id:
            execution_id = await self._accept_once(driver, given, request)
            if execution_id != driver.execution_id:
                return await self._repeat(program, caller, execution_id, request, given, timeout_s)
        else:
            accepted = runtime.intake.accept(driver, _labels(request))
        answer = InvokeFlowResponse(accepted=True, execution_id=driver.execution_id)
        if not request.wait:
            if accepted is not None:
                await accepted
            return answer
        # Who waits for the end is not woken for the acceptance before it.
        await followers.wait_for_driver(runtime, driver, timeout_s, or_pause=True)
        run = driver.run
        if not run.status.is_terminal:
            if accepted is not None:
                await accepted
            if not runtime.drives(driver):
                left_s = deadline - runtime.loop.time()
                return await self._repeat(program, caller, driver.execution_id, request, given, left_s)
            answer.status = status_value(run.status)
            return answer
        _set_result(answer, program, given, caller.grants, run.status, run.end_us, run.output, run.failure)
        return answer

    async def start_flow(self, request: InvokeFlowRequest, caller: Caller) -> str:
        """Accepts an execution of a unary flow or of a pipeline, and waits for nothing more. Gives its id.

        No RPC of this service: the typed services' Start.
        """
        program, _ = await self._find(request, caller)
        driver, given = await self._prepare(program, caller, request)
        if request.request_id:
            return await self._accept_once(driver, given, request)
        await self._runtime.intake.accept(driver, _labels(request))
        return driver.execution_id

    async def stream_flow(self, request: StreamFlowRequest, caller: Caller) -> AsyncIterator[Frame]:
        runtime = self._runtime
        program, standing = await self._find(request, caller)
        timeout_s = requests.wait_seconds(request)
        driver, given = await self._prepare(program, caller, request)
        deadline = runtime.loop.time() + timeout_s
        # Followed before it begins, so that its pipeline waits for this reader from the first frame on.
        feed = driver.open_feed()
        follower = feed.follow(0, is_paced=True)
        execution_id = driver.execution_id
        if request.request_id:
            execution_id = await self._accept_once(driver, given, request)
        else:
            await runtime.intake.accept(driver, _labels(request))
        reader = FrameReader(execution_id, program, caller.grants, is_json=given.is_json)
        if execution_id == driver.execution_id:
            events = followers.follow_paced(runtime, driver, feed, follower)
        else:
            events = followers.follow(runtime, execution_id, caller.account, 0)
        async with aclosing(_until(deadline, timeout_s, events, reader)) as frames:
            if standing.state is State.DEPRECATED:
                async for frame in frames:
                    frame.deprecation.CopyFrom(state_change(standing))
                    yield frame
                    break
            async for frame in frames:
                yield frame

    async def _find(self, request: Any, caller: Caller) -> tuple[Program, Standing]:
        """What the request names. Raises Conflict when it is retired and the request is no repetition."""
        found = await self._runtime.catalog.find(caller.account, request.graph_id, request.flow, request.request_id)
        program, standing = found
        if standing.state is State.RETIRED:
            request_id = request.request_id
            if not request_id or not await self._runtime.executions.is_used(caller.account, request_id):
                why = f": {standing.reason}" if standing.reason else ""
                raise Conflict(
                    f"version {program.artifact.version} of flow {program.artifact.flow} is retired{why}",
                    reason="RETIRED",
                    facts={"graph_id": program.graph_id},
                )
        return found

    async def _prepare(self, program: Program, caller: Caller, request: Any) -> tuple[Driver, Input]:
        given = read_input(program, request)
        if request.labels:
            requests.check_labels(request.labels)
        requests.check_request_id(request.request_id)
        if self._runtime.budgets.blocks:
            await require_budget(self._runtime, caller.account, program.artifact.flow, request.request_id)
        options = None
        is_bare = not request.overwrite_cache and not request.HasField("webhook") and not self._traceparent(request)
        configs, flow = self._runtime.configs, program.artifact.flow
        if not is_bare or not configs.are_known_to_say_nothing(caller.account, flow, request.config_id):
            options = await self._options(program, caller, request)
        driver = self._runtime.intake.prepare(program, caller.account, given.data, options)
        places = self._runtime.places
        if places.limited and places.count(driver):
            await places.enter(driver, request.request_id)
        return driver, given

    def _traceparent(self, request: Any) -> str:
        """What the request says of its caller's trace; "" where nobody traces."""
        return "" if self._runtime.trace_due is None else request.traceparent[: limits.TRACEPARENT_LENGTH_MAX]

    async def _options(self, program: Program, caller: Caller, request: Any) -> Options | None:
        """What the execution is accepted with beside its input; None for nothing."""
        resolved = await self._runtime.configs.resolve(caller.account, program.artifact.flow, request.config_id)
        traceparent = self._traceparent(request)
        if resolved is None and not request.overwrite_cache and not request.HasField("webhook") and not traceparent:
            return None
        message = ExecutionOptions(overwrite_cache=request.overwrite_cache, traceparent=traceparent)
        if resolved is not None:
            resolved.check_nodes(program.graph.names)
            resolved.freeze(message, program.graph.names)
        if request.HasField("webhook"):
            check_webhook(request.webhook, self._egress)
            message.webhook.CopyFrom(request.webhook)
        return Options(message)

    async def _accept_once(self, driver: Driver, given: Input, request: Any) -> str:
        program = driver.program
        # A flow that was pinned to an artifact stays the same request when its alias has moved since.
        options = (
            request.config_id,
            request.overwrite_cache,
            request.webhook.url,
            sorted(request.webhook.headers.items()),
        )
        labels = sorted(request.labels.items())
        content: tuple[Any, ...] = (request.flow or request.graph_id, labels, type(request).__name__)
        if any(options):
            content += options
        fingerprint = hashlib.sha256(repr(content).encode() + canonical(program, given.data)).digest()
        key = RequestKey(request.request_id, fingerprint)
        return await self._runtime.intake.accept_once(driver, _labels(request), key)

    async def _repeat(
        self,
        program: Program,
        caller: Caller,
        execution_id: str,
        request: InvokeFlowRequest,
        given: Input,
        timeout_s: float,
    ) -> InvokeFlowResponse:
        """The answer for an execution that was accepted before or that another process drives."""
        answer = InvokeFlowResponse(accepted=True, execution_id=execution_id)
        if not request.wait:
            return answer
        runtime = self._runtime
        await followers.wait_for_end(runtime, execution_id, caller.account, timeout_s, or_pause=True)
        row = await followers.get_row(runtime, execution_id, caller.account)
        if row.complete_us is None:
            answer.status = status_value(row.status)
            return answer
        if row.graph_id != program.graph_id:
            # The alias has moved between the two calls, or gives their shares to others now.
            program = await runtime.catalog.program(caller.account, row.graph_id)
        checkpoint = await runtime.executions.checkpoint(execution_id, program.graph.terminal)
        output = checkpoint.payload if checkpoint is not None else None
        _set_result(answer, program, given, caller.grants, row.status, row.complete_us, output, row.failure)
        return answer


def _labels(request: Any) -> bytes:
    return orjson.dumps(dict(request.labels)) if request.labels else b"{}"


def _set_result(
    answer: InvokeFlowResponse,
    program: Program,
    given: Input,
    grants: Grants,
    status: ExecutionStatus,
    end_us: int,
    output: bytes | None,
    failure: Failure | None,
) -> None:
    result: InvocationResult = answer.result
    result.completed_at = end_us // 1_000_000
    if status is ExecutionStatus.COMPLETED:
        result.success = True
        if given.is_json:
            result.output.CopyFrom(output_struct(program, output or b"", grants))
        else:
            result.output_bytes = shown(program, program.artifact.output_type, output or b"", grants)
        return
    result.success = False
    if failure is None:
        failure = Failure("CANCELLED", "the execution was cancelled")
    set_error(result, failure)


async def _until(
    deadline: float, timeout_s: float, events: AsyncGenerator[Sequence[Event], None], reader: FrameReader
) -> AsyncGenerator[Frame, None]:
    """The frames of a stream; a final error frame when the time is up first."""
    try:
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    batch = await anext(events, None)
            except TimeoutError:
                yield reader.final(
                    0, f"no final frame within {timeout_s:g} s; the execution goes on: resume its stream"
                )
                return
            if batch is None:
                raise StoreUnavailable("this process let go of the execution: resume its stream")
            for event in batch:
                frame = reader.read(event)
                if frame is not None:
                    yield frame
                    if frame.is_final:
                        return
    finally:
        await events.aclose()
