"""Events -> frames, as streamed to callers.

A pipeline's frames are its FRAME_EMITTED events; FRAMES_ROLLED_BACK takes the last ones back. A unary execution has
one frame, the output of its terminal node. The event that ends the execution becomes the final frame.
"""

from __future__ import annotations

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.rpc.access.showing import shown
from penstock.engine.rpc.payloads import output_struct
from penstock.engine.runtime.programs.program import Program
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.scopes import Grants


class FrameReader:
    """Turns the events of one execution, in order, into frames."""

    def __init__(
        self, execution_id: str, program: Program, grants: Grants, *, is_json: bool, frame_count: int = 0
    ) -> None:
        """`grants` are those of who reads the frames. `frame_count` is how many there are before the first event."""
        self._execution_id = execution_id
        self._program = program
        self._grants = grants
        self._is_json = is_json
        self._frame_type = EventType.FRAME_EMITTED if program.mode is Mode.PIPELINE else EventType.NODE_SUCCEEDED
        self.frame_count = frame_count

    def read(self, event: Event) -> Frame | None:
        """The frame that an event stands for; None for most events."""
        if event.type is self._frame_type and event.node == self._program.graph.terminal:
            return self._payload_frame(event)
        if event.type is EventType.FRAMES_ROLLED_BACK:
            return self._rollback_frame(event)
        if event.type in TERMINAL_EVENTS:
            return self.final(event.sequence, end_error(event))
        return None

    def _payload_frame(self, event: Event) -> Frame:
        payload = event.payload or b""
        frame = Frame(
            execution_id=self._execution_id, frame_index=self.frame_count, success=True, sequence=event.sequence
        )
        if self._is_json:
            frame.payload.CopyFrom(output_struct(self._program, payload, self._grants))
        else:
            frame.payload_bytes = shown(self._program, self._program.artifact.output_type, payload, self._grants)
        if event.detail is not None and event.detail.is_provisional:
            frame.provisional = True
        self.frame_count += 1
        return frame

    def _rollback_frame(self, event: Event) -> Frame:
        """Frames from its index on do not count any more; those that follow take their places."""
        self.frame_count = event.frame_index
        return Frame(
            execution_id=self._execution_id,
            frame_index=event.frame_index,
            success=True,
            sequence=event.sequence,
            rollback_to=event.frame_index,
        )

    def final(self, sequence: int, error: str | None) -> Frame:
        """The frame that ends a stream. `sequence` is 0 when the stream ends and the execution does not."""
        return Frame(
            execution_id=self._execution_id,
            frame_index=self.frame_count,
            is_final=True,
            success=error is None,
            error=error,
            sequence=sequence,
        )


def end_error(event: Event) -> str | None:
    """One sentence on why an execution did not complete; None when it did."""
    if event.type is EventType.EXECUTION_COMPLETED:
        return None
    if event.failure is not None:
        return event.failure.message
    return f"cancelled: {event.reason}" if event.reason else "cancelled"
