"""What the engine knows of an execution -> messages of the API. No logic, no storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.program import Program
from penstock.engine.storage.failures import failure_message
from penstock.engine.storage.records import ExecutionRow, Progress
from penstock.wire.gen.checkpoint_pb2 import Checkpoint
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.json import to_struct


def timestamp(time_us: int) -> Timestamp:
    """From unix time in microseconds."""
    seconds, rest_us = divmod(time_us, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest_us * 1000)


def duration(from_us: int, to_us: int) -> Duration:
    """Never negative: two machines' clocks may differ."""
    seconds, rest_us = divmod(max(0, to_us - from_us), 1_000_000)
    return Duration(seconds=seconds, nanos=rest_us * 1000)


def execution(row: ExecutionRow, progress: Progress | None, now_us: int) -> Execution:
    """`progress` is that of an execution that has not ended; None when it has no event rows yet."""
    message = Execution(
        execution_id=row.execution_id,
        status=row.status.name,
        flow=row.flow,
        graph_id=row.graph_id,
        version=row.version,
        mode=row.mode.name,
        create_time=timestamp(row.create_us),
        update_time=timestamp(row.complete_us or row.start_us or row.create_us),
        duration=duration(row.create_us, row.complete_us or now_us),
        last_sequence=row.last_sequence,
        attempt_count=row.attempt_count,
        labels=row.labels,
        cancel_reason=row.cancel_reason,
        failure_class=None if row.failure is None else row.failure.failure_class.name,
    )
    if row.start_us is not None:
        message.start_time.CopyFrom(timestamp(row.start_us))
    if row.complete_us is not None:
        message.complete_time.CopyFrom(timestamp(row.complete_us))
    elif progress is not None:
        message.last_sequence = progress.last_sequence
        message.attempt_count = progress.attempt_count
        message.update_time.CopyFrom(timestamp(progress.update_us))
    if row.failure is not None:
        set_error(message, row.failure)
    return message


def execution_as_of(row: ExecutionRow, event: Event, attempt_count: int) -> Execution:
    """The execution as it stood after an event that changed its status and did not end it."""
    is_queued = event.type is EventType.EXECUTION_ACCEPTED
    message = Execution(
        execution_id=row.execution_id,
        status="QUEUED" if is_queued else "RUNNING",
        flow=row.flow,
        graph_id=row.graph_id,
        version=row.version,
        mode=row.mode.name,
        create_time=timestamp(row.create_us),
        update_time=timestamp(event.time_us),
        duration=duration(row.create_us, event.time_us),
        last_sequence=event.sequence,
        attempt_count=attempt_count,
        labels=row.labels,
    )
    if not is_queued:
        message.start_time.CopyFrom(timestamp(row.start_us or event.time_us))
    return message


def status_value(status: ExecutionStatus) -> Execution.Status:
    """The same status in the API. The numbers are equal; a test compares them."""
    return cast("Execution.Status", int(status))


def set_error(message: Any, failure: Failure) -> None:
    message.error.CopyFrom(failure_message(failure))


def event(recorded: Event, names: tuple[str, ...]) -> EventMessage:
    """`names` are those of the artifact's nodes, by index."""
    message = EventMessage(
        sequence=recorded.sequence,
        type=recorded.type.name,
        time=timestamp(recorded.time_us),
        reason=recorded.reason,
    )
    if recorded.node >= 0:
        message.node = names[recorded.node]
        message.attempt = recorded.attempt or 1
    if recorded.type is EventType.FRAME_EMITTED:
        message.frame_index = recorded.frame_index
    if recorded.failure is not None:
        set_error(message, recorded.failure)
    return message


def checkpoint(recorded: Event, program: Program) -> Checkpoint:
    node = program.artifact.plan.nodes[recorded.node]
    message = Checkpoint(
        node=node.name,
        sequence=recorded.sequence,
        attempt=recorded.attempt,
        time=timestamp(recorded.time_us),
        output_type=node.output_type,
    )
    if recorded.payload is None:
        message.frame_count = max(recorded.frame_index, 0)
    else:
        message.output.CopyFrom(payload_struct(program, node.output_type, recorded.payload))
        message.output_bytes_size = len(recorded.payload)
    return message


def payload_struct(program: Program, type_name: str, payload: bytes) -> Struct:
    """A message of the artifact in its JSON form, as google.protobuf.Struct."""
    decoded: Message = program.types.message(type_name).FromString(payload)
    encode: Callable[[Message], dict[str, object]] = program.types.json.encoder(program.types.descriptor(type_name))
    return to_struct(encode(decoded))
