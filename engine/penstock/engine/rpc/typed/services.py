"""Answers calls of typed services: bytes of the artifact's own messages, run as InvocationService runs them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from penstock.engine.domain import limits
from penstock.engine.domain.standing import Standing, State
from penstock.engine.rpc.call_counts import CallCounts
from penstock.engine.rpc.calls import TRACEPARENT, Context, abort, bearer, take_origin
from penstock.engine.rpc.status import rpc_error
from penstock.engine.rpc.typed.counting import Counting
from penstock.engine.rpc.typed.directory import TypedDirectory
from penstock.engine.rpc.typed.outcome import failed, not_ended
from penstock.engine.rpc.typed.steering import Call, Steering, act_of
from penstock.engine.runtime.programs.program import Program
from penstock.wire.deprecation import DEPRECATED_METADATA, since
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, StreamFlowRequest
from penstock.wire.scopes import EVERYTHING
from penstock.wire.service import Caller, Engine
from penstock.wire.status import Code, RpcError
from penstock.wire.typed import EXECUTION_ID_METADATA, OPTIONS_METADATA, REQUEST_ID_METADATA, ServiceName

StartFlow = Callable[[InvokeFlowRequest, Caller], Awaitable[str]]


class TypedServices(grpc.GenericRpcHandler):
    """One handler for all of them; add it to the server."""

    def __init__(self, engine: Engine, directory: TypedDirectory, start_flow: StartFlow) -> None:
        """`start_flow` accepts an execution and gives its id, as InvocationService does for us alone."""
        self.directory = directory
        self._start_flow = start_flow
        self._engine = engine
        self._invocations = engine.service("InvocationService")
        self._executions = engine.service("ExecutionService")
        self._steering = Steering(engine)
        self.counts = CallCounts()
        """Calls of the server that has these services: theirs, of all artifacts together, and of the fixed ones."""
        self._methods: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
            "Invoke": (grpc.unary_unary_rpc_method_handler, self.counts.of("flows/Invoke").unary(self._invoke)),
            "Stream": (grpc.unary_stream_rpc_method_handler, self.counts.of("flows/Stream").streaming(self._stream)),
            "Start": (grpc.unary_unary_rpc_method_handler, self.counts.of("flows/Start").unary(self._start)),
        }
        self._counted_act = self.counts.of("flows/act").unary(self._act)

    def service(self, handler_call_details: Any) -> Any:
        full_name, _, method = handler_call_details.method.removeprefix("/").partition("/")
        name = ServiceName.parse(full_name)
        if name is None:
            return None
        if method in self._methods:
            make, answer = self._methods[method]
            return make(partial(answer, name))
        if act_of(method) is None:
            return None
        # Whether there is such a method is up to the artifact, which is known when the call is answered.
        return grpc.unary_unary_rpc_method_handler(partial(self._counted_act, name, method))

    async def _invoke(self, name: ServiceName, raw: bytes, context: Context) -> bytes:
        try:
            called = await self._called(name, context)
            request = InvokeFlowRequest(
                graph_id=called.graph_id,
                flow=called.flow,
                input_bytes=raw,
                wait=True,
                timeout_seconds=_seconds(context),
                request_id=called.request_id,
            )
            _take_options(request, context)
            answer = await self._invocations.invoke_flow(request, called.caller)
            # Trailing alone: initial metadata would be a message of its own, and a tenth of the whole call.
            context.set_trailing_metadata(called.metadata(answer.execution_id))
            if not answer.HasField("result"):
                raise not_ended(answer)
            if not answer.result.success:
                raise failed(answer.execution_id, answer.result.error)
            return answer.result.output_bytes  # type: ignore[no-any-return]
        except RpcError as error:
            await abort(context, error)
            raise AssertionError("abort raises") from error

    async def _start(self, name: ServiceName, raw: bytes, context: Context) -> bytes:
        try:
            called = await self._called(name, context)
            request = InvokeFlowRequest(
                graph_id=called.graph_id, flow=called.flow, input_bytes=raw, request_id=called.request_id
            )
            _take_options(request, context)
            execution_id = await self._start_flow(request, called.caller)
            metadata = called.metadata(execution_id)
            await context.send_initial_metadata(metadata)
            context.set_trailing_metadata(metadata)
            # It is part of the answer to who started it, whatever else that key may look at.
            starter = replace(called.caller, grants=EVERYTHING)
            execution = await self._executions.get_execution(GetExecutionRequest(execution_id=execution_id), starter)
            return execution.SerializeToString()  # type: ignore[no-any-return]
        except RpcError as error:
            await abort(context, error)
            raise AssertionError("abort raises") from error

    async def _stream(self, name: ServiceName, raw: bytes, context: Context) -> AsyncIterator[bytes]:
        try:
            called = await self._called(name, context)
            request = StreamFlowRequest(
                graph_id=called.graph_id,
                flow=called.flow,
                input_bytes=raw,
                timeout_seconds=_seconds(context),
                request_id=called.request_id,
            )
            _take_options(request, context)
            counting = Counting()
            is_first = True
            async with aclosing(self._invocations.stream_flow(request, called.caller)) as frames:
                async for frame in frames:
                    if is_first:
                        is_first = False
                        metadata = called.metadata(frame.execution_id)
                        await context.send_initial_metadata(metadata)
                        context.set_trailing_metadata(metadata)
                    for payload in counting.after(frame):
                        yield payload
                    if frame.is_final and not frame.success:
                        raise RpcError(
                            Code.UNKNOWN,
                            "EXECUTION_FAILED",
                            frame.error,
                            metadata={"execution_id": frame.execution_id},
                        )
        except RpcError as error:
            await abort(context, error)

    async def _act(self, name: ServiceName, method: str, raw: bytes, context: Context) -> bytes:
        """Decides a pause, or sends a signal."""
        try:
            called = await self._called(name, context)
            act = Call(name, method, called.program, called.request_id)
            execution_id, answer = await self._steering.answer(act, raw, called.caller)
            context.set_trailing_metadata(called.metadata(execution_id))
            return answer
        except RpcError as error:
            await abort(context, error)
            raise AssertionError("abort raises") from error

    async def _called(self, name: ServiceName, context: Context) -> _Called:
        take_origin(context)
        caller = await self._engine.authenticate(bearer(context.invocation_metadata()))
        request_id = _request_id(context)
        try:
            program = await self.directory.program(caller.account, name, request_id)
            standing = await self.directory.standing(caller.account, program)
        except Exception as error:
            raise rpc_error(error) from error
        # A call of the service that follows `live` stays the same request when `live` has moved since.
        return _Called(caller, program, name.flow if name.version is None else "", request_id, standing)


@dataclass(frozen=True, slots=True)
class _Called:
    """What a call is about. `flow` is "" when the service is that of one version."""

    caller: Caller
    program: Program
    flow: str
    request_id: str
    standing: Standing

    @property
    def graph_id(self) -> str:
        return self.program.graph_id

    def metadata(self, execution_id: str) -> tuple[tuple[str, str], ...]:
        """What every answer carries."""
        if self.standing.state is not State.DEPRECATED:
            return ((EXECUTION_ID_METADATA, execution_id),)
        return (EXECUTION_ID_METADATA, execution_id), (DEPRECATED_METADATA, since(self.standing.time_us or 0))


def _seconds(context: Context) -> float:
    """How long to wait for the end: what the caller's deadline leaves."""
    left_s = context.time_remaining()
    return limits.WAIT_SECONDS_MAX if left_s is None else min(max(left_s, 0.001), limits.WAIT_SECONDS_MAX)


def _take_options(request: InvokeFlowRequest | StreamFlowRequest, context: Context) -> None:
    """Raises RpcError for bytes that are none."""
    for key, value in context.invocation_metadata() or ():
        if key == TRACEPARENT and isinstance(value, str):
            request.traceparent = value
        elif key == OPTIONS_METADATA and isinstance(value, bytes):
            try:
                given = InvokeFlowRequest.FromString(value)
            except DecodeError:
                text = f"{OPTIONS_METADATA}: expected an InvokeFlowRequest in protobuf, got other bytes"
                raise RpcError(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", text) from None
            request.labels.update(given.labels)
            request.config_id, request.overwrite_cache = given.config_id, given.overwrite_cache
            if given.HasField("webhook"):
                request.webhook.CopyFrom(given.webhook)


def _request_id(context: Context) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == REQUEST_ID_METADATA:
            return str(value)
    return ""
