"""Details of events as bytes: a serialized penstock.v1.Event with the fields of a detail alone."""

from __future__ import annotations

from typing import cast

from penstock.engine.domain.event import Detail
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait
from penstock.engine.storage.rulings import decision_message, ruling_of
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.pause_pb2 import Pause


def set_detail(message: Event, detail: Detail) -> None:
    """Puts a detail into an event of the API."""
    if detail.wait is not None:
        message.wait = cast("Event.Wait", int(detail.wait))
    if detail.due_us:
        message.due_time.FromMicroseconds(detail.due_us)
    if detail.item_count >= 0:
        message.item_count = detail.item_count
    if detail.child:
        message.child_execution_id = detail.child
    if detail.signal:
        message.signal = detail.signal
    if detail.request_id:
        message.request_id = detail.request_id
    if detail.taken_signals:
        message.taken_signals.places.extend(detail.taken_signals)
    if detail.decision is not None:
        message.decision = cast("Pause.State", int(detail.decision))
    if detail.by:
        message.by = detail.by
    if detail.comment:
        message.comment = detail.comment
    if detail.is_cache_hit:
        message.cache_hit = True
    if detail.is_fallback:
        message.fallback = True
    if detail.is_provisional:
        message.provisional = True
    if detail.is_compensation:
        message.compensation = True
    if detail.ends_as is not None:
        message.ends_as = cast("Execution.Status", int(detail.ends_as))
    if detail.ruling is not None:
        message.policy.CopyFrom(decision_message(detail.ruling))


def encode_detail(detail: Detail) -> bytes:
    message = Event()
    set_detail(message, detail)
    return message.SerializeToString()


def decode_detail(data: bytes) -> Detail:
    message = Event.FromString(data)
    return Detail(
        wait=Wait(message.wait) if message.HasField("wait") else None,
        due_us=message.due_time.ToMicroseconds() if message.HasField("due_time") else 0,
        item_count=message.item_count if message.HasField("item_count") else -1,
        child=message.child_execution_id,
        signal=message.signal,
        request_id=message.request_id,
        taken_signals=tuple(message.taken_signals.places),
        decision=Decision(message.decision) if message.HasField("decision") else None,
        by=message.by,
        comment=message.comment,
        is_cache_hit=message.cache_hit,
        is_fallback=message.fallback,
        is_provisional=message.provisional,
        is_compensation=message.compensation,
        ends_as=ExecutionStatus(message.ends_as) if message.HasField("ends_as") else None,
        ruling=ruling_of(message.policy) if message.HasField("policy") else None,
    )
