"""Streams become server-sent events, and end with their readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from google.protobuf.struct_pb2 import Struct

from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import WatchExecutionRequest, WatchExecutionResponse
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.gen.invocation_service_pb2 import StreamFlowRequest
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError
from tests.gateway.answers import answer, invalid
from tests.gateway.fake_engine import GRAPH_ID, FakeEngine, Greeting, GreetRequest

STREAM = "/invocations/v1/flows/invoke/stream"
WATCH = "/invocations/v1/executions/ab12/stream"
BODY = {"graph_id": GRAPH_ID, "input": {"name": "Ada"}}
ID = "0" * 32


def frame(index: int, sequence: int) -> Frame:
    payload = Greeting(greeting=f"Hello {index}").SerializeToString()
    return Frame(execution_id=ID, frame_index=index, payload_bytes=payload, success=True, sequence=sequence)


def final(index: int, sequence: int) -> Frame:
    return Frame(execution_id=ID, frame_index=index, is_final=True, success=True, sequence=sequence)


def messages(*items: Any) -> Callable[[Any, Caller], AsyncIterator[Any]]:
    """A stream of these messages; an exception among them is raised."""

    async def stream(request: Any, caller: Caller) -> AsyncIterator[Any]:
        for item in items:
            if isinstance(item, Exception):
                raise item
            yield item

    return stream


class Blocked:
    """A stream that gives some messages and then nothing; it knows when it is waited for and when it is closed."""

    def __init__(self, *items: Any) -> None:
        self.items = items
        self.waiting, self.closed = asyncio.Event(), asyncio.Event()

    async def __call__(self, request: Any, caller: Caller) -> AsyncIterator[Any]:
        try:
            for item in self.items:
                yield item
            self.waiting.set()
            await asyncio.Event().wait()
        finally:
            self.closed.set()


async def event(response: ClientResponse) -> bytes:
    """The next event of a stream."""
    lines = b""
    while not lines.endswith(b"\n\n"):
        lines += await response.content.readline()
    return lines


async def test_frames_come_byte_for_byte_as_promised(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["stream_flow"] = messages(frame(0, 4), frame(1, 5), final(2, 6))
    async with client.post(STREAM, json=BODY, headers={"Idempotency-Key": "once"}) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
        assert (await response.read()).decode() == (
            f'id: 4\ndata: {{"execution_id":"{ID}","frame_index":0,"payload":{{"greeting":"Hello 0"}},'
            '"is_final":false,"success":true}\n\n'
            f'id: 5\ndata: {{"execution_id":"{ID}","frame_index":1,"payload":{{"greeting":"Hello 1"}},'
            '"is_final":false,"success":true}\n\n'
            f'id: 6\ndata: {{"execution_id":"{ID}","frame_index":2,"is_final":true,"success":true}}\n\n'
        )
    assert engine.requests("stream_flow") == [
        StreamFlowRequest(
            graph_id=GRAPH_ID, input_bytes=GreetRequest(name="Ada").SerializeToString(), request_id="once"
        )
    ]


async def test_a_final_frame_without_an_event_repeats_the_last_id(engine: FakeEngine, client: ClientSession) -> None:
    timed_out = Frame(execution_id=ID, frame_index=1, is_final=True, error="no final frame within 1 s")
    engine.answers["stream_flow"] = messages(frame(0, 4), timed_out)
    async with client.post(STREAM, json=BODY) as response:
        text = await response.text()
    assert text.split("\n\n")[1:] == [
        f'id: 4\ndata: {{"execution_id":"{ID}","frame_index":1,"is_final":true,"success":false,'
        '"error":"no final frame within 1 s"}',
        "",
    ]


async def test_a_stream_that_takes_protobuf_gives_json_events(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["stream_flow"] = messages(frame(0, 4))
    body = StreamFlowRequest(graph_id=GRAPH_ID, input_bytes=b"").SerializeToString()
    headers = {"Content-Type": "application/x-protobuf", "Accept": "text/event-stream"}
    async with client.post(STREAM, data=body, headers=headers) as response:
        assert b'"payload":{"greeting":"Hello 0"}' in await response.read()


async def test_a_stream_without_a_message_is_an_empty_one(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["stream_flow"] = messages()
    async with client.post(STREAM, json=BODY) as response:
        assert (response.status, await response.read()) == (200, b"")


async def test_a_stream_that_fails_before_its_first_message_is_a_plain_error(
    engine: FakeEngine, client: ClientSession
) -> None:
    engine.answers["stream_flow"] = messages(RpcError(Code.NOT_FOUND, "NOT_FOUND", "no such artifact"))
    async with client.post(STREAM, json=BODY) as response:
        assert await answer(response) == (
            404,
            {"error": "no such artifact", "code": "NOT_FOUND", "reason": "NOT_FOUND", "details": {}},
        )


async def test_an_input_that_does_not_fit_is_a_plain_error(engine: FakeEngine, client: ClientSession) -> None:
    async with client.post(STREAM, json={"graph_id": GRAPH_ID, "input": {"name": 1}}) as response:
        assert await answer(response) == invalid("WRONG_TYPE", "input.name", "expected string, got 1")


@pytest.mark.parametrize(
    ("error", "data"),
    [
        (
            RpcError(Code.UNAVAILABLE, "STORE_UNAVAILABLE", "no database"),
            b'{"error":"no database","code":"UNAVAILABLE","reason":"STORE_UNAVAILABLE","details":{}}',
        ),
        (
            ZeroDivisionError("secret"),
            b'{"error":"internal error","code":"INTERNAL","reason":"INTERNAL","details":{}}',
        ),
    ],
)
async def test_a_stream_that_breaks_later_ends_with_an_error_event(
    engine: FakeEngine, client: ClientSession, error: Exception, data: bytes
) -> None:
    engine.answers["stream_flow"] = messages(frame(0, 4), error)
    async with client.post(STREAM, json=BODY) as response:
        await event(response)
        assert await response.read() == b"event: error\ndata: " + data + b"\n\n"


async def test_a_caller_that_goes_away_closes_the_stream(engine: FakeEngine, client: ClientSession) -> None:
    stream = engine.answers["stream_flow"] = Blocked(frame(0, 4))
    async with client.post(STREAM, json=BODY) as response:
        await event(response)
        await stream.waiting.wait()
        response.close()
    async with asyncio.timeout(5):
        await stream.closed.wait()


async def test_a_caller_that_goes_away_before_the_first_message_closes_the_stream(
    engine: FakeEngine, client: ClientSession
) -> None:
    stream = engine.answers["stream_flow"] = Blocked()
    call = asyncio.ensure_future(client.post(STREAM, json=BODY))
    await stream.waiting.wait()
    call.cancel()
    async with asyncio.timeout(5):
        await stream.closed.wait()


async def test_a_stop_ends_open_streams(engine: FakeEngine, gateway: Gateway, client: ClientSession) -> None:
    stream = engine.answers["stream_flow"] = Blocked(frame(0, 4))
    async with client.post(STREAM, json=BODY) as response:
        await event(response)
        await stream.waiting.wait()
        async with asyncio.timeout(5):
            await gateway.stop()
            assert await response.read() == b""
            await stream.closed.wait()


async def test_a_stop_refuses_a_stream_that_has_not_begun(
    engine: FakeEngine, gateway: Gateway, client: ClientSession
) -> None:
    stream = engine.answers["stream_flow"] = Blocked()
    call = asyncio.ensure_future(client.post(STREAM, json=BODY))
    await stream.waiting.wait()
    async with asyncio.timeout(5):
        await gateway.stop()
        async with await call as response:
            assert await answer(response) == (
                503,
                {
                    "error": "the server is stopping; try again",
                    "code": "UNAVAILABLE",
                    "reason": "STOPPING",
                    "details": {},
                },
            )
        await stream.closed.wait()


class TestSilence:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(keep_alive_s=0.01)

    async def test_a_silent_stream_is_kept_alive_by_comments(self, engine: FakeEngine, client: ClientSession) -> None:
        engine.answers["stream_flow"] = Blocked(frame(0, 4))
        async with client.post(STREAM, json=BODY) as response:
            while await event(response) == b": ping\n\n":
                pass  # The frame may take longer than a silence.
            assert [await event(response) for _ in range(2)] == [b": ping\n\n"] * 2

    async def test_a_stream_that_is_silent_from_the_start_is_opened(
        self, engine: FakeEngine, client: ClientSession
    ) -> None:
        comment_seen = asyncio.Event()

        async def stream(request: Any, caller: Caller) -> AsyncIterator[Any]:
            await comment_seen.wait()
            yield frame(0, 4)
            raise RpcError(Code.UNAVAILABLE, "STORE_UNAVAILABLE", "no database")

        engine.answers["stream_flow"] = stream
        async with client.post(STREAM, json=BODY) as response:
            assert (response.status, await event(response)) == (200, b": ping\n\n")
            comment_seen.set()
            events = [text for text in (await response.read()).split(b"\n\n") if text != b": ping"]
        assert [text.split(b"\n")[0] for text in events] == [b"id: 4", b"event: error", b""]

    async def test_a_silent_stream_whose_caller_goes_away_is_closed(
        self, engine: FakeEngine, client: ClientSession
    ) -> None:
        stream = engine.answers["stream_flow"] = Blocked()
        async with client.post(STREAM, json=BODY) as response:
            assert await event(response) == b": ping\n\n"
            response.close()
        async with asyncio.timeout(5):
            await stream.closed.wait()


async def test_a_watch_names_its_events_and_leaves_frames_as_they_are(
    engine: FakeEngine, client: ClientSession
) -> None:
    payload = Struct()
    payload["greeting"] = "Hello"
    watched = Frame(execution_id=ID, payload=payload, success=True, sequence=3)
    engine.answers["watch_execution"] = messages(
        WatchExecutionResponse(status=Execution(execution_id=ID, status=Execution.RUNNING), sequence=1),
        WatchExecutionResponse(node=Event(sequence=2, type=Event.NODE_STARTED, node="greet"), sequence=2),
        WatchExecutionResponse(frame=watched, sequence=3),
    )
    async with client.get(WATCH) as response:
        status, node, unnamed, end = (await response.text()).split("\n\n")
    assert status.startswith(f'id: 1\nevent: status\ndata: {{"execution_id":"{ID}","status":"RUNNING",')
    assert node == 'id: 2\nevent: node\ndata: {"sequence":2,"type":"NODE_STARTED","node":"greet"}'
    assert unnamed == (
        f'id: 3\ndata: {{"execution_id":"{ID}","frame_index":0,"payload":{{"greeting":"Hello"}},'
        '"is_final":false,"success":true}'
    )
    assert end == ""
    assert engine.requests("get_artifact") == []


@pytest.mark.parametrize(
    ("headers", "query", "after"),
    [
        ({}, "", 0),
        ({}, "?after_sequence=5", 5),
        ({"Last-Event-ID": "7"}, "", 7),
        ({"Last-Event-ID": "7"}, "?after_sequence=5", 7),
        ({"Last-Event-ID": "0"}, "?after_sequence=5", 0),
        ({"last-event-id": ""}, "?after_sequence=5", 5),
    ],
)
async def test_a_watch_resumes_after_the_last_event(
    engine: FakeEngine, client: ClientSession, headers: dict[str, str], query: str, after: int
) -> None:
    engine.answers["watch_execution"] = messages()
    async with client.get(WATCH + query, headers=headers) as response:
        assert response.status == 200
    assert engine.requests("watch_execution") == [WatchExecutionRequest(execution_id="ab12", after_sequence=after)]


async def test_a_wrong_event_id_is_refused_with_its_header(engine: FakeEngine, client: ClientSession) -> None:
    async with client.get(WATCH, headers={"Last-Event-ID": "x"}) as response:
        assert await answer(response) == invalid("WRONG_TYPE", "Last-Event-ID", 'expected int32, got "x"')
    assert engine.calls == []


async def test_a_slow_reader_slows_the_stream_and_closes_it_when_it_goes_away(
    engine: FakeEngine, client: ClientSession
) -> None:
    given = 0
    closed = asyncio.Event()
    greeting = Greeting(greeting="x" * 100_000).SerializeToString()

    async def endless() -> AsyncIterator[Any]:
        nonlocal given
        try:
            while True:
                given += 1
                yield Frame(execution_id=ID, payload_bytes=greeting, success=True, sequence=given)
        finally:
            closed.set()

    stream = endless()  # Held here, so that the collector cannot close it.
    engine.answers["stream_flow"] = lambda request, caller: stream
    async with client.post(STREAM, json=BODY) as response:
        await event(response)
        before = -1
        while before != given:
            before = given
            for _ in range(1000):
                await asyncio.sleep(0)
        response.close()
    async with asyncio.timeout(5):
        await closed.wait()
    assert 0 < given < 1000
