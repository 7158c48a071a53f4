"""Why an imported execution stood as it did when it was exported, and how long what took in it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from penstock.engine.domain import page
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.reasons import Cause, DatedRun, Reason, causes, foremost
from penstock.engine.domain.run import Run
from penstock.engine.rpc.explain import explanation_words as words
from penstock.engine.rpc.explain.explaining import ended
from penstock.engine.rpc.imports.imported_record import Record, message_of, outline
from penstock.engine.rpc.messages import duration, timestamp
from penstock.engine.rpc.views.spans import chronicle
from penstock.engine.rpc.views.timeline import ITEMS_MAX, order_of, place_of
from penstock.engine.storage.postgres.imports import ATTEMPTS, EVENTS, Imports
from penstock.engine.storage.postgres.views import Head
from penstock.wire.gen import explanation_pb2 as pb
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.gen.node_execution_pb2 import Attempt
from penstock.wire.gen.timeline_pb2 import ListSpansRequest, ListSpansResponse, Span

_WORDS = {
    Reason.QUEUED: "it waited for a place",
    Reason.RUNNING_NODE: "{node} was running",
    Reason.RETRY_SCHEDULED: "{node} waited for another attempt",
    Reason.WAITING_FOR_DECISION: "{node} waited for a person",
    Reason.GATE_MISSING_BRANCHES: "{node} waited for the rest of its branches",
    Reason.SLEEPING: "{node} slept",
    Reason.WAITING_FOR_CHILD: "{node} waited for its child execution",
    Reason.WAITING_FOR_SIGNAL: "{node} waited for a signal",
    Reason.RUNNING_ITEMS: "items of {node} were running",
    Reason.COMPENSATING: "{node} was being undone",
}
_NOTHING_TO_DO = "It was imported to be looked at: nothing goes on with it."


def explanation(record: Record, events: Sequence[Event]) -> pb.Explanation:
    """As that of an execution that ran here, without what could be done about it."""
    row = record.row()
    if row.complete_us is not None:
        message = ended(row, record.export_us)
        message.ClearField("actions")
        message.summary += f" {_NOTHING_TO_DO}"
        return message
    dated = DatedRun(Run(record.graph))
    for event in events:
        dated.apply(event._replace(sequence=dated.run.sequence + 1))
    found = causes(dated.run, record.export_us, dated.since)
    first = foremost(found)
    told = [_cause(each, record.graph.names) for each in (first, *(one for one in found if one is not first))]
    when = f"It was {row.status.name} when it was exported at {words.moment(record.export_us)}"
    what = "; ".join(cause.summary.removesuffix(".") for cause in told)
    return pb.Explanation(
        execution_id=row.execution_id,
        status=row.status.name,
        reason=first.reason.name,
        summary=f"{when}: {what}. {_NOTHING_TO_DO}",
        causes=told,
        time=timestamp(record.export_us),
        flow=row.flow,
        graph_id=row.graph_id,
    )


def _cause(cause: Cause, names: Sequence[str]) -> pb.Cause:
    name = names[cause.node] if cause.node >= 0 else "it"
    message = pb.Cause(reason=cause.reason.name, summary=f"{_WORDS[cause.reason].format(node=name)}.")
    if cause.node >= 0:
        message.node = name
    if cause.since_us:
        message.since_time.CopyFrom(timestamp(cause.since_us))
    if cause.due_us:
        message.until_time.CopyFrom(timestamp(cause.due_us))
    if cause.attempt:
        message.attempt, message.attempts_max = cause.attempt, cause.attempts_max
    message.arrived.extend(names[node] for node in cause.arrived)
    message.missing.extend(names[node] for node in cause.missing)
    return message


async def spans_page(imports: Imports, record: Record, request: ListSpansRequest, size: int) -> ListSpansResponse:
    """Raises PageTokenError."""
    binding = f"imported spans|{request.execution_id}"
    after = place_of(request.page_token, binding) if request.page_token else (0, 0, "")
    events = await _with_starts(imports, record, await outline(imports, record))
    heads = [Head(event, False) for event in events]
    told = chronicle(Run(record.graph), record.row(), heads)
    spans = sorted([*told.spans, *await _items(imports, record)], key=order_of)
    behind = [span for span in spans if order_of(span) > after]
    time = timestamp(record.export_us)
    if len(behind) > size:
        last = behind[size - 1]
        token = page.encode(f"{last.sequence} {int(last.type)} {last.node}", binding)
        return ListSpansResponse(spans=behind[:size], next_page_token=token, time=time)
    in_flight = [] if record.is_ended else told.in_flight(record.export_us)
    return ListSpansResponse(spans=[*behind, *in_flight], time=time)


async def _with_starts(imports: Imports, record: Record, events: list[Event]) -> list[Event]:
    """The log, with the starts of attempts to undo nodes: these have no event of their own."""
    if not any(_undoes(event) for event in events):
        return events
    starts: dict[tuple[str, int], int] = {}
    async for lot in imports.all_items(record.stored.import_id, ATTEMPTS):
        for _, text in lot:
            attempt = message_of(Attempt, json.loads(text))
            if attempt.compensation:
                starts[attempt.node, attempt.attempt] = attempt.start_time.ToMicroseconds()
    names = record.graph.names
    return [
        event._replace(started_us=starts.get((names[event.node], event.attempt), 0)) if _undoes(event) else event
        for event in events
    ]


def _undoes(event: Event) -> bool:
    is_undo = event.detail is not None and event.detail.is_compensation
    return event.type is EventType.COMPENSATION_FAILED or is_undo


async def _items(imports: Imports, record: Record) -> list[Span]:
    """The attempts of items of maps; none where there are so many that they draw nothing."""
    import_id = record.stored.import_id
    types = (EventType.ITEM_SUCCEEDED, EventType.ITEM_FAILED)
    ends, is_all = await imports.items(import_id, EVENTS, 0, ITEMS_MAX, types=types)
    if not ends or not is_all:
        return []
    events = [message_of(EventMessage, json.loads(text)["event"]) for _, text in ends]
    sequences = {(event.node, event.item, event.attempt or 1): event.sequence for event in events}
    spans: list[Span] = []
    async for lot in imports.all_items(import_id, ATTEMPTS):
        for _, text in lot:
            attempt = message_of(Attempt, json.loads(text))
            sequence = sequences.get((attempt.node, attempt.item, attempt.attempt))
            if attempt.HasField("item") and sequence is not None:
                spans.append(_item(attempt, sequence))
    return spans


def _item(attempt: Attempt, sequence: int) -> Span:
    return Span(
        type=Span.ITEM,
        node=attempt.node,
        attempt=attempt.attempt,
        item=attempt.item,
        state=Span.DONE if attempt.status == Attempt.SUCCEEDED else Span.FAILED,
        start_time=attempt.start_time,
        end_time=attempt.complete_time,
        run_time=duration(attempt.start_time.ToMicroseconds(), attempt.complete_time.ToMicroseconds()),
        sequence=sequence,
    )
