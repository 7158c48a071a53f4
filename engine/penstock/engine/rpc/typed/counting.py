"""Passes on the frames of a stream that count: a provisional one when it can no longer be rolled back."""

from __future__ import annotations

from penstock.wire.gen.frame_pb2 import Frame


class Counting:
    """For streams of an artifact's own messages, in which nothing can say that a frame was taken back."""

    def __init__(self) -> None:
        self._provisional: list[tuple[int, bytes]] = []

    def after(self, frame: Frame) -> list[bytes]:
        """The payloads that count from this frame on, in order."""
        if frame.HasField("rollback_to"):
            self._provisional = [held for held in self._provisional if held[0] < frame.rollback_to]
            return []
        if not frame.is_final:
            self._provisional.append((frame.frame_index, frame.payload_bytes))
            if frame.provisional:
                return []
        counting = [payload for _, payload in self._provisional]
        self._provisional = []
        return counting
