"""Events of an exported document -> entries of a log: what `messages.event` does, the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.details import decode_detail
from penstock.engine.storage.failures import decode_failure
from penstock.wire.gen.event_pb2 import Event as EventMessage


@dataclass(frozen=True, slots=True)
class EventReader:
    """`indices` are those of the nodes of the flow, by name."""

    indices: Mapping[str, int]

    def read(self, message: EventMessage) -> Event:
        """Without payload. Raises KeyError for a node that the flow does not have, ValueError for an unknown type."""
        has_index = message.HasField("item") or message.HasField("frame_index")
        return Event(
            sequence=message.sequence,
            type=EventType(message.type),
            time_us=message.time.ToMicroseconds(),
            node=self.indices[message.node] if message.HasField("node") else -1,
            attempt=message.attempt,
            branch=self.indices[message.branch] if message.HasField("branch") else -1,
            frame_index=(message.item if message.HasField("item") else message.frame_index) if has_index else -1,
            failure=decode_failure(message.error.SerializeToString()) if message.HasField("error") else None,
            reason=message.reason if message.HasField("reason") else None,
            detail=decode_detail(message.SerializeToString()),
        )
