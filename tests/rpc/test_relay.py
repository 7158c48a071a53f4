"""The relay as a client of its protocol sees it: each call stands by itself, whatever is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from grpc import aio

from penstock.engine.rpc.server import GrpcServer
from penstock.wire import relay
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest, WatchExecutionRequest, WatchExecutionResponse
from penstock.wire.gen.relay_service_pb2 import RelayIdentity, RelayReadiness, RelayRequest, RelayResponse
from penstock.wire.service import Caller
from tests.gateway.fake_engine import FakeEngine

GET = "/penstock.v1.ExecutionService/GetExecution"
WATCH = "/penstock.v1.ExecutionService/WatchExecution"
KEY = "psk_ada"

Answer = RelayResponse.Answer


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(answers={"get_execution": Execution(execution_id="0a")})


@pytest.fixture
async def server(engine: FakeEngine) -> AsyncIterator[GrpcServer]:
    server = GrpcServer(engine)
    await server.start("127.0.0.1", 0)
    yield server
    await server.stop(0)


class Client:
    """One stream."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self._answers: list[Answer] = []

    async def send(self, *calls: RelayRequest.Call, **rest: Any) -> None:
        await self.stream.write(RelayRequest(calls=calls, **rest))

    async def next(self) -> Answer:
        while not self._answers:
            self._answers.extend((await self.stream.read()).answers)
        return self._answers.pop(0)

    async def ask(self, call: RelayRequest.Call) -> Answer:
        await self.send(call)
        return await self.next()


@pytest.fixture
async def client(server: GrpcServer) -> AsyncIterator[Client]:
    async with aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        method = channel.stream_stream(
            relay.PATH,
            request_serializer=RelayRequest.SerializeToString,
            response_deserializer=RelayResponse.FromString,
        )
        stream = method()
        yield Client(stream)
        stream.cancel()


def get(call_id: int, key: str = KEY, request: bytes = b"", method: str = GET) -> RelayRequest.Call:
    return RelayRequest.Call(id=call_id, method=method, api_key=key, request=request)


def watch(call_id: int, credit: int) -> RelayRequest.Call:
    return RelayRequest.Call(id=call_id, method=WATCH, api_key=KEY, credit=credit)


async def test_a_call_is_made_for_the_bearer_of_its_own_key(engine: FakeEngine, client: Client) -> None:
    request = GetExecutionRequest(execution_id="0a")
    for call_id, key in enumerate(("psk_ada", "psk_bob"), 1):
        answer = await client.ask(get(call_id, key, request.SerializeToString()))
        assert (answer.call_id, answer.is_end, answer.HasField("error")) == (call_id, True, False)
        assert Execution.FromString(answer.message) == Execution(execution_id="0a")
    assert engine.calls == [
        ("get_execution", request, Caller("ada", "key1")),
        ("get_execution", request, Caller("bob", "key2")),
    ]


@pytest.mark.parametrize(
    ("call", "code", "reason", "message"),
    [
        (get(1, ""), 16, "KEY_MISSING", "there is no key"),
        (get(1, "psk_eve"), 16, "KEY_UNKNOWN", "no such key as psk_eve"),
        (get(1, method=relay.AUTHENTICATE, key=""), 16, "KEY_MISSING", "there is no key"),
        (get(1, method="/penstock.v1.X/Y"), 12, "NO_SUCH_METHOD", "there is no method /penstock.v1.X/Y"),
        (get(1, method=relay.PATH), 12, "NO_SUCH_METHOD", f"there is no method {relay.PATH}"),
        (
            get(1, request=b"\xff"),
            3,
            "MALFORMED",
            "request: expected penstock.v1.GetExecutionRequest in protobuf, got something else",
        ),
    ],
)
async def test_what_is_wrong_with_a_call_ends_it_alone(
    engine: FakeEngine, client: Client, call: RelayRequest.Call, code: int, reason: str, message: str
) -> None:
    answer = await client.ask(call)
    assert (answer.call_id, answer.is_end, answer.HasField("message")) == (1, True, False)
    assert (answer.error.code, answer.error.reason, answer.error.message) == (code, reason, message)
    assert engine.calls == []
    assert not (await client.ask(get(2))).HasField("error")


async def test_who_bears_a_key_and_whether_the_engine_is_ready_are_calls_too(
    engine: FakeEngine, client: Client
) -> None:
    identity = await client.ask(get(1, method=relay.AUTHENTICATE))
    assert RelayIdentity.FromString(identity.message) == RelayIdentity(account="ada", key_id="key1", scopes=["admin"])
    for call_id, is_ready in ((2, True), (3, False)):
        engine.is_ready = is_ready
        readiness = await client.ask(get(call_id, key="", method=relay.READY))
        assert RelayReadiness.FromString(readiness.message).is_ready == is_ready


async def test_an_id_that_is_taken_is_refused(engine: FakeEngine, client: Client) -> None:
    async def for_ever(*_: Any) -> Execution:
        await asyncio.Event().wait()
        raise AssertionError

    engine.answers["get_execution"] = for_ever
    await client.send(get(1), get(1))
    assert (await client.next()).error.reason == "CALL_ID_TAKEN"


async def test_a_cancelled_call_is_cancelled_in_the_engine(engine: FakeEngine, client: Client) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def for_ever(*_: Any) -> Execution:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    engine.answers["get_execution"] = for_ever
    await client.send(get(1))
    await begun.wait()
    await client.send(cancels=[1])
    await ended.wait()
    answer = await client.next()
    assert (answer.call_id, answer.is_end, answer.error.reason) == (1, True, "CANCELLED")


async def test_a_call_that_is_cancelled_with_the_message_that_begins_it_does_nothing(
    engine: FakeEngine, client: Client
) -> None:
    await client.send(get(1), cancels=[1])
    assert ((await client.next()).error.reason, engine.calls) == ("CANCELLED", [])


async def test_calls_end_with_their_stream(engine: FakeEngine, client: Client) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def for_ever(*_: Any) -> Execution:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    engine.answers["get_execution"] = for_ever
    await client.send(get(1))
    await begun.wait()
    client.stream.cancel()
    await ended.wait()


async def test_a_stream_sends_what_it_has_credit_for(engine: FakeEngine, client: Client) -> None:
    given = 0

    async def updates(request: WatchExecutionRequest, caller: Caller) -> AsyncIterator[WatchExecutionResponse]:
        nonlocal given
        for given in range(1, 6):
            yield WatchExecutionResponse(sequence=given)

    engine.answers["watch_execution"] = updates
    await client.send(watch(1, 2 * relay.MESSAGE_COST_BYTES))
    sequences = [WatchExecutionResponse.FromString((await client.next()).message).sequence for _ in range(2)]
    # The third one has been made, and waits; another call is answered meanwhile.
    assert ((await client.ask(get(2))).call_id, sequences, given) == (2, [1, 2], 3)
    await client.send(credits=[RelayRequest.Credit(call_id=1, bytes=1_000_000), RelayRequest.Credit(call_id=9)])
    rest = [await client.next() for _ in range(4)]
    assert [WatchExecutionResponse.FromString(one.message).sequence for one in rest[:3]] == [3, 4, 5]
    assert [one.is_end for one in rest] == [False, False, False, True]


async def test_a_stream_without_credit_begins_and_waits(engine: FakeEngine, client: Client) -> None:
    async def updates(request: WatchExecutionRequest, caller: Caller) -> AsyncIterator[WatchExecutionResponse]:
        yield WatchExecutionResponse(sequence=7)

    engine.answers["watch_execution"] = updates
    await client.send(watch(1, 0))
    assert (await client.ask(get(2))).call_id == 2
    await client.send(credits=[RelayRequest.Credit(call_id=1, bytes=1)])
    assert WatchExecutionResponse.FromString((await client.next()).message).sequence == 7
