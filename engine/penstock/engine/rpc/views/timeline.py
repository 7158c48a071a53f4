"""Pages of an execution's timeline."""

from __future__ import annotations

from penstock.engine.domain import page
from penstock.engine.domain.errors import NotFound
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.run import Run
from penstock.engine.rpc.messages import duration, timestamp
from penstock.engine.rpc.views.outlines import read_heads
from penstock.engine.rpc.views.spans import chronicle
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.lots import Lot, Lots
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.views import Views
from penstock.wire.gen.timeline_pb2 import ListSpansResponse, Span

ITEMS_MAX = 1_000
"""Attempts of a map's items that are shown one by one: more of them draw nothing that a person can read."""


class Timeline:
    def __init__(self, runtime: Runtime, registry: Registry, views: Views, lots: Lots) -> None:
        self._runtime = runtime
        self._registry = registry
        self._views = views
        self._lots = lots

    async def page(self, execution_id: str, account: str, token: str, size: int) -> ListSpansResponse:
        """Raises NotFound and PageTokenError."""
        binding = f"spans|{execution_id}"
        after = place_of(token, binding) if token else (0, 0, "")
        row, heads = await read_heads(self._runtime, self._views, execution_id, account)
        artifact = await self._registry.artifact(account, row.graph_id)
        if artifact is None:
            raise NotFound(f"the artifact {row.graph_id} of execution {execution_id} is gone")
        now_us = self._runtime.clock.now_us()
        told = chronicle(Run(graph_of(artifact)), row, heads)
        spans = [*told.spans, *await self._items(execution_id, told.run.graph.names)]
        spans.sort(key=order_of)
        behind = [span for span in spans if order_of(span) > after]
        if len(behind) > size:
            last = behind[size - 1]
            key = f"{last.sequence} {int(last.type)} {last.node}"
            return ListSpansResponse(
                spans=behind[:size], next_page_token=page.encode(key, binding), time=timestamp(now_us)
            )
        return ListSpansResponse(spans=[*behind, *told.in_flight(now_us)], time=timestamp(now_us))

    async def _items(self, execution_id: str, names: tuple[str, ...]) -> list[Span]:
        spans: list[Span] = []
        counts: dict[int, int] = {}
        lots = await self._lots.lots(execution_id)
        for lot in lots:
            counts[lot.node] = counts.get(lot.node, 0) + lot.item_count
        for node, count in counts.items():
            if count > ITEMS_MAX:
                spans += [_lot(lot, names[node]) for lot in lots if lot.node == node]
            else:
                ends = await self._views.items(execution_id, node, None, 0, ITEMS_MAX)
                spans += [_item(event, names[node]) for event in ends]
        return spans


def order_of(span: Span) -> tuple[int, int, str]:
    """What came on record first; a node before its attempts. No two spans have the same."""
    return span.sequence, int(span.type), span.node


def place_of(token: str, binding: str) -> tuple[int, int, str]:
    """The `order_of` that a page goes on after. Raises PageTokenError."""
    sequence, _, rest = page.decode(token, binding).partition(" ")
    kind, _, node = rest.partition(" ")
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (sequence, kind)):
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
    return int(sequence), int(kind), node


def _item(event: Event, node: str) -> Span:
    start_us = event.started_us or event.time_us
    return Span(
        type=Span.ITEM,
        node=node,
        attempt=event.attempt or 1,
        item=event.frame_index,
        state=Span.DONE if event.type is EventType.ITEM_SUCCEEDED else Span.FAILED,
        start_time=timestamp(start_us),
        end_time=timestamp(event.time_us),
        run_time=duration(start_us, event.time_us),
        sequence=event.sequence,
    )


def _lot(lot: Lot, node: str) -> Span:
    return Span(
        type=Span.ITEMS,
        node=node,
        attempt=lot.attempt or 1,
        item_count=lot.item_count,
        items_failed=lot.failed_count,
        state=Span.DONE if lot.failed_count < lot.item_count else Span.FAILED,
        start_time=timestamp(lot.start_us),
        end_time=timestamp(lot.end_us),
        run_time=duration(0, lot.run_us),
        sequence=lot.first_sequence,
    )
