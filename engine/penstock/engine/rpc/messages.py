"""What the engine knows of an execution -> messages of the API. No logic, no storage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc.access.showing import shown
from penstock.engine.runtime.programs.program import Program
from penstock.engine.storage.details import set_detail
from penstock.engine.storage.failures import failure_message
from penstock.engine.storage.records import ExecutionRow, Progress
from penstock.wire.gen.checkpoint_pb2 import Checkpoint
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.failure_pb2 import Failure as FailureMessage
from penstock.wire.json import JsonError, to_struct
from penstock.wire.scopes import Grants

_ABOUT_ITEMS = frozenset({EventType.ITEM_SUCCEEDED, EventType.ITEM_FAILED, EventType.NODE_ATTEMPT_FAILED})
_ABOUT_FRAMES = frozenset({EventType.FRAME_EMITTED, EventType.FRAMES_ROLLED_BACK})
_WITHOUT_ATTEMPT = frozenset({EventType.NODE_SKIPPED, EventType.FRAMES_ROLLED_BACK})


def timestamp(time_us: int) -> Timestamp:
    """From unix time in microseconds."""
    seconds, rest_us = divmod(time_us, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest_us * 1000)


def duration(from_us: int, to_us: int) -> Duration:
    """Never negative: two machines' clocks may differ."""
    seconds, rest_us = divmod(max(0, to_us - from_us), 1_000_000)
    return Duration(seconds=seconds, nanos=rest_us * 1000)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an execution's row does not say of it: it stands in artifacts. Lists show it without."""

    parent_node: str = ""
    """Name of the parent's node whose sub-flow it is."""
    deadline_us: int = 0
    """Longest time that its flow allows it; 0 for no bound."""


ALONE = Surroundings()


def execution(
    row: ExecutionRow, progress: Progress | None, now_us: int, surroundings: Surroundings = ALONE
) -> Execution:
    """`progress` is that of an execution that has not ended; None when it has no event rows yet."""
    message = _fixed(row, surroundings)
    message.status = status_value(row.status)
    message.update_time.CopyFrom(timestamp(row.complete_us or row.start_us or row.create_us))
    message.duration.CopyFrom(duration(row.create_us, row.complete_us or now_us))
    message.last_sequence = row.last_sequence
    message.attempt_count = row.attempt_count
    if row.cancel_reason is not None:
        message.cancel_reason = row.cancel_reason
    if row.start_us is not None:
        message.start_time.CopyFrom(timestamp(row.start_us))
    if row.complete_us is not None:
        message.complete_time.CopyFrom(timestamp(row.complete_us))
    elif progress is not None:
        message.last_sequence = progress.last_sequence
        message.attempt_count = progress.attempt_count
        message.update_time.CopyFrom(timestamp(progress.update_us))
    if row.failure is not None:
        message.failure_class = cast("FailureMessage.Class", int(row.failure.failure_class))
        set_error(message, row.failure)
    return message


def execution_as_of(
    row: ExecutionRow,
    event: Event,
    status: ExecutionStatus,
    attempt_count: int,
    surroundings: Surroundings = ALONE,
) -> Execution:
    """The execution as it stood after an event that led it to `status` and did not end it."""
    message = _fixed(row, surroundings)
    message.status = status_value(status)
    message.update_time.CopyFrom(timestamp(event.time_us))
    message.duration.CopyFrom(duration(row.create_us, event.time_us))
    message.last_sequence = event.sequence
    message.attempt_count = attempt_count
    if status is not ExecutionStatus.QUEUED:
        message.start_time.CopyFrom(timestamp(row.start_us or event.time_us))
    return message


def _fixed(row: ExecutionRow, surroundings: Surroundings) -> Execution:
    """What was settled when it was accepted."""
    message = Execution(
        execution_id=row.execution_id,
        flow=row.flow,
        graph_id=row.graph_id,
        version=row.version,
        mode=row.mode.name,
        create_time=timestamp(row.create_us),
        labels=row.labels,
    )
    if row.parent is not None:
        message.parent_execution_id = row.parent.execution_id.hex()
    if surroundings.parent_node:
        message.parent_node = surroundings.parent_node
    if surroundings.deadline_us:
        message.deadline_time.CopyFrom(timestamp(row.create_us + surroundings.deadline_us))
    if row.options is not None:
        options = ExecutionOptions.FromString(row.options)
        if options.config_id:
            message.config_id = options.config_id
        if options.depth:
            message.depth = options.depth
        if options.source_execution_id:
            message.source_execution_id = options.source_execution_id
            message.source = options.source
    return message


def status_value(status: ExecutionStatus) -> Execution.Status:
    """The same status in the API. The numbers are equal; a test compares them."""
    return cast("Execution.Status", int(status))


def set_error(message: Any, failure: Failure) -> None:
    message.error.CopyFrom(failure_message(failure))


def event(recorded: Event, graph: Graph) -> EventMessage:
    """`graph` is that of the execution's artifact. Payloads are not shown but those of reports."""
    message = EventMessage(
        sequence=recorded.sequence,
        type=recorded.type.name,
        time=timestamp(recorded.time_us),
        reason=recorded.reason,
    )
    if recorded.node >= 0:
        message.node = graph.names[recorded.node]
        if recorded.type not in _WITHOUT_ATTEMPT:
            message.attempt = recorded.attempt or 1
    if recorded.frame_index >= 0:
        if recorded.type in _ABOUT_FRAMES:
            message.frame_index = recorded.frame_index
        elif recorded.type in _ABOUT_ITEMS:
            message.item = recorded.frame_index
    if recorded.branch >= 0 and graph.rules[recorded.node].choices:
        message.branch = graph.names[recorded.branch]
    if recorded.failure is not None:
        set_error(message, recorded.failure)
    if recorded.detail is not None:
        set_detail(message, recorded.detail)
    if recorded.type is EventType.NODE_REPORTED:
        message.report.MergeFromString(recorded.payload or b"")
    return message


def checkpoint(recorded: Event, program: Program, grants: Grants, size: int | None = None) -> Checkpoint:
    """Of an output of a node, or of the result of an item of a map. `size` is that of one that is not shown."""
    node = program.artifact.plan.nodes[recorded.node]
    is_item = recorded.type is EventType.ITEM_SUCCEEDED
    message = Checkpoint(
        node=node.name,
        sequence=recorded.sequence,
        attempt=recorded.attempt,
        time=timestamp(recorded.time_us),
        output_type=node.map.result_type if is_item else node.output_type,
    )
    if is_item:
        message.item = recorded.frame_index
    if size is not None:
        message.output_bytes_size = size
    elif recorded.payload is None and not is_item:
        message.frame_count = max(recorded.frame_index, 0)
    else:
        payload = recorded.payload or b""
        message.output.CopyFrom(payload_struct(program, message.output_type, payload, grants))
        message.output_bytes_size = len(payload)
    return message


def payload_struct(program: Program, type_name: str, payload: bytes, grants: Grants) -> Struct:
    """A message of the artifact in its JSON form, as `grants` let a caller see it. Raises JsonError below `output`."""
    decoded: Message = program.types.message(type_name).FromString(shown(program, type_name, payload, grants))
    encode: Callable[[Message], dict[str, object]] = program.types.json.encoder(program.types.descriptor(type_name))
    try:
        return to_struct(encode(decoded))
    except JsonError as error:
        raise error.under("output") from None
