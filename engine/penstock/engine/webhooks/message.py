"""What a receiver gets: how an execution ended, in the words of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.message import Message

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.programs.program import Program
from penstock.engine.storage.failures import failure_message
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.failure_pb2 import Failure as FailureMessage
from penstock.wire.json import JsonCodec, dumps
from penstock.wire.rfc3339 import rfc3339

_POOL = descriptor_pool.Default()
_encode_failure: Callable[[Message], dict[str, Any]] = JsonCodec(_POOL).encoder(
    _POOL.FindMessageTypeByName(FailureMessage.DESCRIPTOR.full_name)
)


def message_body(row: ExecutionRow, program: Program, output: bytes | None) -> bytes:
    """JSON of an execution that has ended, the same bytes with every try. `output` None: it gave none."""
    assert row.complete_us is not None
    data = {
        "execution_id": row.execution_id,
        "flow": row.flow,
        "graph_id": row.graph_id,
        "version": row.version,
        "status": row.status.name,
        "labels": dict(sorted(row.labels.items())),
        "sequence": row.last_sequence,
        "result": _result(row, program, output),
    }
    return dumps({"type": f"execution.{row.status.name.lower()}", "timestamp": rfc3339(row.complete_us), "data": data})


def _result(row: ExecutionRow, program: Program, output: bytes | None) -> dict[str, Any]:
    """In the form of InvocationResult."""
    end = {"completed_at": (row.complete_us or 0) // 1_000_000}
    if row.status is not ExecutionStatus.COMPLETED:
        failure = row.failure or Failure("CANCELLED", "the execution was cancelled")
        return {"success": False, **end, "error": _encode_failure(failure_message(failure))}
    if program.mode is Mode.PIPELINE:
        # Its frames are in its stream.
        return {"success": True, **end}
    return {"output": _output(program, output or b""), "success": True, **end}


def _output(program: Program, payload: bytes) -> dict[str, Any]:
    type_name = program.artifact.output_type
    if program.sensitive is not None:
        # Nobody knows who reads it there.
        payload = program.sensitive.redacted(type_name, payload)
    encode: Callable[[Message], dict[str, Any]] = program.types.json.encoder(program.types.descriptor(type_name))
    return encode(program.types.message(type_name).FromString(payload))
