"""What is recorded of an execution in this process, and of those below it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal

from google.protobuf import descriptor_pool

from penstock.cli.runs.follow import Update
from penstock.engine.rpc.face import Face
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import WatchExecutionRequest, WatchExecutionResponse
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.json import JsonCodec
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError

Kind = Literal["frame", "status", "node"]

_AHEAD_MAX = 100
"""How many updates wait for whoever looks at them."""

_CODEC = JsonCodec(descriptor_pool.Default())
_KINDS: dict[Kind, Any] = {"frame": Frame, "status": Execution, "node": Event}
_ENCODERS = {kind: _CODEC.encoder(message.DESCRIPTOR) for kind, message in _KINDS.items()}

_LOOK_S = 0.02

Recorded = tuple[str, WatchExecutionResponse]


async def updates(face: Face, caller: Caller, execution_id: str) -> AsyncGenerator[tuple[str, Update, bytes], None]:
    """Each with the execution that it is about, until `execution_id` has ended; the bytes are a frame's payload.

    Raises RpcError.
    """
    queue: asyncio.Queue[Recorded | Exception] = asyncio.Queue(_AHEAD_MAX)
    followers: dict[str, asyncio.Task[None]] = {}

    def follow(whose: str) -> None:
        if whose not in followers:
            followers[whose] = asyncio.create_task(_follow(face, caller, whose, queue))

    follow(execution_id)
    try:
        while True:
            item = await queue.get()
            if isinstance(item, Exception):
                raise item
            whose, response = item
            update = _update(response)
            yield whose, update, response.frame.payload_bytes
            if response.node.child_execution_id:
                follow(response.node.child_execution_id)
            if whose == execution_id and update.is_end:
                return
    finally:
        for task in followers.values():
            task.cancel()
        await asyncio.gather(*followers.values(), return_exceptions=True)


def _update(response: WatchExecutionResponse) -> Update:
    kind: Kind = response.WhichOneof("update")
    return Update(kind, _ENCODERS[kind](getattr(response, kind)))


async def _follow(face: Face, caller: Caller, whose: str, queue: asyncio.Queue[Recorded | Exception]) -> None:
    request = WatchExecutionRequest(execution_id=whose, payload_bytes=True)
    service = face.service("ExecutionService")
    while True:
        try:
            async with aclosing(service.watch_execution(request, caller)) as responses:
                async for response in responses:
                    await queue.put((whose, response))
            return
        except Exception as error:
            if not isinstance(error, RpcError) or error.code is not Code.NOT_FOUND:
                await queue.put(error)
                return
            # A child stands in its parent's log before it is accepted.
            await asyncio.sleep(_LOOK_S)
