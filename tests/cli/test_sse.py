"""The reader of server-sent events."""

import pytest

from penstock.cli.sse import EventParser, ServerSentEvent

STREAM = (
    'id: 1\ndata: {"a":"é"}\n\n: ping\n\nevent: node\r\nid: 2\r\ndata: one\r\ndata:two\r\n\r\ndata: three\r\r'.encode()
)
EVENTS = [
    ServerSentEvent("", '{"a":"é"}', "1"),
    ServerSentEvent("node", "one\ntwo", "2"),
    ServerSentEvent("", "three", "2"),
]


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_events_are_the_same_in_pieces_of_any_size(size: int) -> None:
    parser = EventParser()
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    # A CR at the very end may be half of a line end, so one more byte decides it.
    assert [event for piece in [*pieces, b":"] for event in parser.feed(piece)] == EVENTS


def test_event_that_is_cut_off_is_not_given() -> None:
    parser = EventParser()
    assert parser.feed(b"id: 7\ndata: whole\n\nid: 8\ndata: half\n") == [ServerSentEvent("", "whole", "7")]


def test_event_without_data_is_passed_over_but_its_id_counts() -> None:
    parser = EventParser()
    assert parser.feed(b"event: status\nid: 3\n\ndata: x\n\n") == [ServerSentEvent("", "x", "3")]
