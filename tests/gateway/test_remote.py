"""A gateway apart from its engine: what is remembered, what is held back, and what happens when the way breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import ClientSession
from google.protobuf.empty_pb2 import Empty
from grpc import aio

from penstock.engine.rpc.server import GrpcServer
from penstock.gateway import limits
from penstock.gateway.app import Gateway
from penstock.gateway.remote.aliases import KnownAliases
from penstock.gateway.remote.engine import RemoteEngine
from penstock.gateway.remote.keys import KnownKeys, RemoteCaller
from penstock.wire import relay
from penstock.wire.gen.alias_service_pb2 import DeleteAliasRequest, SetAliasRequest, SetAliasResponse
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import (
    DeprecateArtifactRequest,
    GetArtifactRequest,
    RestoreArtifactRequest,
    RetireArtifactRequest,
)
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest, WatchExecutionRequest, WatchExecutionResponse
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.gen.package_service_pb2 import PublishPackageRequest
from penstock.wire.scopes import Grants
from penstock.wire.service import Caller
from penstock.wire.share import share_of
from penstock.wire.status import Code, RpcError
from tests.gateway.answers import answer
from tests.gateway.conftest import running, served
from tests.gateway.fake_engine import KEYS, FakeEngine

EXECUTION = "/invocations/v1/executions/0a"
ADA = {"Authorization": "Bearer psk_ada"}
UNREACHABLE = (
    503,
    {
        "error": "the engine cannot be reached; try again",
        "code": "UNAVAILABLE",
        "reason": "ENGINE_UNREACHABLE",
        "details": {},
    },
)
LOST = (
    503,
    {
        "error": "the connection to the engine broke; what was asked may have been done:"
        " try again with the same request id",
        "code": "UNAVAILABLE",
        "reason": "ENGINE_LOST",
        "details": {},
    },
)


class ManualClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def remote(engine: FakeEngine) -> AsyncIterator[RemoteEngine]:
    async with served(engine) as remote:
        yield remote


async def connected(server: GrpcServer) -> RemoteEngine:
    remote = RemoteEngine(f"127.0.0.1:{server.port}")
    await remote.start()
    await remote.wait_until_connected()
    return remote


async def get(gateway: Gateway, path: str) -> tuple[int, Any]:
    async with ClientSession(gateway.url, headers=ADA) as client, client.get(path) as response:
        return await answer(response)


# What is remembered.


def test_a_key_is_remembered_for_a_while() -> None:
    clock = ManualClock()
    keys = KnownKeys(clock)
    ada = RemoteCaller("ada", "key1", "psk_ada")
    keys.keep(ada)
    clock.now += limits.KEY_LIFE_S - 0.1
    assert keys.get("psk_ada") == ada
    clock.now += 0.1
    assert keys.get("psk_ada") is None


def test_keys_are_not_remembered_without_end() -> None:
    keys = KnownKeys()
    for number in range(limits.KEYS_MAX + 1):
        keys.keep(RemoteCaller("ada", "key1", str(number)))
    assert (keys.get("0"), keys.get(str(limits.KEYS_MAX))) == (
        None,
        RemoteCaller("ada", "key1", str(limits.KEYS_MAX)),
    )


def test_a_caller_does_not_show_its_key() -> None:
    assert "psk_ada" not in repr(RemoteCaller("ada", "key1", "psk_ada"))


async def test_a_revoked_key_stops_with_its_next_call(
    engine: FakeEngine, remote: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await remote.authenticate("psk_ada")
    monkeypatch.delitem(KEYS, "psk_ada")
    assert await remote.authenticate("psk_ada") == ada
    with pytest.raises(RpcError) as refused:
        await remote.service("ExecutionService").get_execution(GetExecutionRequest(), ada)
    assert (refused.value.code, engine.calls) == (Code.UNAUTHENTICATED, [])
    with pytest.raises(RpcError):
        await remote.authenticate("psk_ada")


async def test_an_alias_that_somebody_else_moves_is_followed_after_a_while() -> None:
    clock, asked = ManualClock(), []

    async def get_artifact(request: GetArtifactRequest, caller: RemoteCaller) -> Artifact:
        asked.append((caller.account, request.graph_id))
        return Artifact(version=len(asked))

    ask = KnownAliases(clock).remembering(get_artifact)
    ada, bob = RemoteCaller("ada", "key1", "psk_ada"), RemoteCaller("bob", "key2", "psk_bob")
    hello = GetArtifactRequest(graph_id="hello")
    versions = [(await ask(hello, caller)).version for caller in (ada, ada, bob)]
    clock.now += limits.ALIAS_LIFE_S
    versions.append((await ask(hello, ada)).version)
    assert (versions, asked) == ([1, 1, 2, 3], [("ada", "hello"), ("bob", "hello"), ("ada", "hello")])


async def test_a_key_is_not_shown_what_another_key_asked_for_unless_it_may_look_at_it() -> None:
    asked = []

    async def get_artifact(request: GetArtifactRequest, caller: RemoteCaller) -> Artifact:
        asked.append(caller.key)
        return Artifact(flow="hello")

    ask = KnownAliases(clock=lambda: 0.0).remembering(get_artifact)
    scopes = {
        "psk_admin": "admin",
        "psk_reads": "flows:read:h*",
        "psk_pays": "flows:read:pay*",
        "psk_runs": "invoke:hello",
    }
    for key, scope in scopes.items():
        await ask(GetArtifactRequest(graph_id="hello"), RemoteCaller("ada", key, key, grants=Grants([scope])))
    assert asked == ["psk_admin", "psk_pays"]


async def test_a_key_has_the_scopes_that_the_engine_says(engine: FakeEngine, remote: RemoteEngine) -> None:
    assert (await remote.authenticate("psk_ada")).grants.scopes == ("admin",)


@pytest.mark.parametrize(
    ("service", "method", "request_", "response"),
    [
        ("FlowService", "compile_flow", CompileFlowRequest(flow="hello"), Artifact(version=2)),
        ("AliasService", "set_alias", SetAliasRequest(flow="hello"), SetAliasResponse()),
        ("AliasService", "delete_alias", DeleteAliasRequest(flow="hello"), Empty()),
        ("ArtifactService", "deprecate_artifact", DeprecateArtifactRequest(), Artifact()),
        ("ArtifactService", "retire_artifact", RetireArtifactRequest(), Artifact()),
        ("ArtifactService", "restore_artifact", RestoreArtifactRequest(), Artifact()),
    ],
)
async def test_an_alias_that_is_moved_through_the_gateway_is_followed_at_once(
    engine: FakeEngine, remote: RemoteEngine, service: str, method: str, request_: Any, response: Any
) -> None:
    versions = iter((1, 2))
    engine.answers |= {"get_artifact": lambda *_: Artifact(version=next(versions)), method: response}
    ada = await remote.authenticate("psk_ada")
    artifacts, hello = remote.service("ArtifactService"), GetArtifactRequest(graph_id="hello")
    before = [(await artifacts.get_artifact(hello, ada)).version for _ in range(2)]
    await getattr(remote.service(service), method)(request_, ada)
    assert (before, (await artifacts.get_artifact(hello, ada)).version) == ([1, 1], 2)


async def test_an_alias_that_stands_for_several_is_remembered_by_share() -> None:
    aliases = KnownAliases(clock=lambda: 0.0)
    asked = []

    async def get_artifact(request: GetArtifactRequest, caller: RemoteCaller) -> Artifact:
        asked.append(share_of(request.request_id))
        return Artifact(version=asked[-1], alias_weight=None if request.graph_id == "whole" else 1)

    ada = RemoteCaller("ada", "key1", "psk_ada")
    ask = aliases.remembering(get_artifact)
    ids = [f"order-{number}" for number in range(300)] * 2
    requests = [GetArtifactRequest(graph_id="split", request_id=request_id) for request_id in ids]
    assert [(await ask(request, ada)).version for request in requests] == [share_of(request_id) for request_id in ids]
    assert len(asked) == len(set(asked)) == len({share_of(request_id) for request_id in ids})
    asked.clear()
    for request_id in ids:
        await ask(GetArtifactRequest(graph_id="whole", request_id=request_id), ada)
    assert len(asked) == 1


async def test_what_was_asked_before_an_alias_moved_is_not_remembered() -> None:
    aliases, arrived, go_on = KnownAliases(), asyncio.Event(), asyncio.Event()
    asked = 0

    async def get_artifact(request: GetArtifactRequest, caller: RemoteCaller) -> Artifact:
        nonlocal asked
        asked += 1
        version = asked
        arrived.set()
        await go_on.wait()
        return Artifact(version=version)

    async def compile_flow(request: CompileFlowRequest, caller: RemoteCaller) -> None:
        return None

    ada = RemoteCaller("ada", "key1", "psk_ada")
    ask, hello = aliases.remembering(get_artifact), GetArtifactRequest(graph_id="hello")
    slow = asyncio.create_task(ask(hello, ada))
    await arrived.wait()
    await aliases.forgetting(compile_flow)(CompileFlowRequest(), ada)
    go_on.set()
    assert ((await slow).version, (await ask(hello, ada)).version) == (1, 2)


# Streams.


def update(size: int) -> WatchExecutionResponse:
    response = WatchExecutionResponse(sequence=1)
    response.frame.payload_bytes = bytes(size)
    return response


@pytest.mark.parametrize("size", [0, 10_000, 2 * relay.CREDIT_BYTES])
async def test_a_reader_who_takes_nothing_holds_the_stream_back(
    engine: FakeEngine, remote: RemoteEngine, size: int
) -> None:
    count = 3 * relay.CREDIT_BYTES // (size + relay.MESSAGE_COST_BYTES) + 10
    ahead_max = relay.CREDIT_BYTES // (size + relay.MESSAGE_COST_BYTES) + 2
    given = 0

    async def watch(request: WatchExecutionRequest, caller: Caller) -> AsyncIterator[WatchExecutionResponse]:
        nonlocal given
        for given in range(1, count + 1):  # noqa: B007 - read outside
            yield update(size)

    engine.answers["watch_execution"] = watch
    ada = await remote.authenticate("psk_ada")
    ahead, taken = [], 0
    async for _ in remote.service("ExecutionService").watch_execution(WatchExecutionRequest(), ada):
        taken += 1
        await remote.readiness()  # as long as a message needs to go there and back
        ahead.append(given - taken)
    assert (taken, 0 < max(ahead) <= ahead_max) == (count, True)


async def test_streams_do_not_wait_for_each_other(engine: FakeEngine, remote: RemoteEngine) -> None:
    async def watch(request: WatchExecutionRequest, caller: Caller) -> AsyncIterator[WatchExecutionResponse]:
        for _ in range(1000):
            yield update(1000)

    engine.answers["watch_execution"] = watch
    ada = await remote.authenticate("psk_ada")
    watch_execution = remote.service("ExecutionService").watch_execution
    async with aclosing(watch_execution(WatchExecutionRequest(), ada)) as stalled:
        await anext(stalled)
        assert len([message async for message in watch_execution(WatchExecutionRequest(), ada)]) == 1000


async def test_a_stream_that_nobody_reads_on_is_closed_in_the_engine(engine: FakeEngine, remote: RemoteEngine) -> None:
    closed = asyncio.Event()

    async def watch(request: WatchExecutionRequest, caller: Caller) -> AsyncIterator[WatchExecutionResponse]:
        try:
            yield update(0)
            await asyncio.Event().wait()
        finally:
            closed.set()

    engine.answers["watch_execution"] = watch
    ada = await remote.authenticate("psk_ada")
    async with aclosing(remote.service("ExecutionService").watch_execution(WatchExecutionRequest(), ada)) as stream:
        await anext(stream)
    await closed.wait()


# What ends one call and no other.


async def test_many_calls_at_once_get_their_own_answers(engine: FakeEngine, remote: RemoteEngine) -> None:
    async def get_execution(request: GetExecutionRequest, caller: Caller) -> Execution:
        await asyncio.sleep(0)
        return Execution(execution_id=request.execution_id)

    engine.answers["get_execution"] = get_execution
    ada = await remote.authenticate("psk_ada")
    call = remote.service("ExecutionService").get_execution
    ids = [f"{number:032x}" for number in range(1000)]
    answers = await asyncio.gather(*(call(GetExecutionRequest(execution_id=id), ada) for id in ids))
    assert [execution.execution_id for execution in answers] == ids


async def test_what_is_too_large_to_be_sent_fails_alone(engine: FakeEngine, remote: RemoteEngine) -> None:
    ada = await remote.authenticate("psk_ada")
    request = PublishPackageRequest(archive=bytes(limits.BODY_BYTES_MAX))
    with pytest.raises(RpcError) as refused:
        await remote.service("PackageService").publish_package(request, ada)
    assert (refused.value.reason, (await remote.readiness()).is_ready) == ("PAYLOAD_TOO_LARGE", True)


async def test_the_largest_request_and_answer_go_through(engine: FakeEngine, remote: RemoteEngine) -> None:
    size = limits.BODY_BYTES_MAX - 100

    async def get_execution(request: GetExecutionRequest, caller: Caller) -> Execution:
        return Execution(cancel_reason=request.execution_id)

    engine.answers["get_execution"] = get_execution
    ada = await remote.authenticate("psk_ada")
    request = GetExecutionRequest(execution_id="x" * size)
    execution = await remote.service("ExecutionService").get_execution(request, ada)
    assert len(execution.cancel_reason) == size


async def test_an_answer_that_is_too_large_fails_alone(engine: FakeEngine, remote: RemoteEngine) -> None:
    engine.answers["get_execution"] = Execution(cancel_reason="x" * limits.BODY_BYTES_MAX)
    ada = await remote.authenticate("psk_ada")
    with pytest.raises(RpcError) as refused:
        await remote.service("ExecutionService").get_execution(GetExecutionRequest(), ada)
    assert (refused.value.reason, (await remote.readiness()).is_ready) == ("ANSWER_TOO_LARGE", True)


async def test_an_unexpected_error_of_the_engine_tells_nothing(engine: FakeEngine) -> None:
    engine.answers["get_execution"] = ZeroDivisionError("secret")
    async with served(engine) as remote, running(remote) as gateway:
        assert await get(gateway, EXECUTION) == (
            500,
            {"error": "internal error", "code": "INTERNAL", "reason": "INTERNAL", "details": {}},
        )


# The way to the engine.


async def test_no_engine_is_a_503_for_everybody(caplog: pytest.LogCaptureFixture) -> None:
    engine = RemoteEngine("127.0.0.1:1")
    await engine.start()
    async with running(engine) as gateway:
        assert await get(gateway, EXECUTION) == UNREACHABLE
        assert (await get(gateway, "/readyz"))[0] == 503
        assert (await get(gateway, "/healthz"))[0] == 200
    await engine.stop()


async def test_an_engine_that_comes_back_is_found_again(engine: FakeEngine) -> None:
    engine.answers["get_execution"] = Execution()
    server = GrpcServer(engine)
    await server.start("127.0.0.1", 0)
    remote = await connected(server)
    async with running(remote) as gateway:
        assert (await get(gateway, EXECUTION))[0] == 200
        await server.stop(0)
        while (await remote.readiness()).is_ready:
            pass
        assert await get(gateway, EXECUTION) == UNREACHABLE
        again = GrpcServer(engine)
        await again.start("127.0.0.1", server.port)
        await remote.wait_until_connected()
        assert (await get(gateway, EXECUTION))[0] == 200
        assert (await get(gateway, "/readyz"))[0] == 200
        await remote.stop()
        await again.stop(0)


async def test_a_call_under_way_when_the_engine_goes_may_be_tried_again(engine: FakeEngine) -> None:
    begun = asyncio.Event()

    async def get_execution(request: GetExecutionRequest, caller: Caller) -> Execution:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    engine.answers["get_execution"] = get_execution
    server = GrpcServer(engine)
    await server.start("127.0.0.1", 0)
    remote = await connected(server)
    async with running(remote) as gateway:
        call = asyncio.create_task(get(gateway, EXECUTION))
        await begun.wait()
        await server.stop(0)
        assert await call == LOST
        await remote.stop()


async def test_a_stop_of_the_engine_lets_calls_finish_and_begins_no_more(engine: FakeEngine) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def get_execution(request: GetExecutionRequest, caller: Caller) -> Execution:
        begun.set()
        await go_on.wait()
        return Execution(execution_id="0a")

    engine.answers["get_execution"] = get_execution
    server = GrpcServer(engine)
    await server.start("127.0.0.1", 0)
    remote = await connected(server)
    ada = await remote.authenticate("psk_ada")
    call_execution = remote.service("ExecutionService").get_execution
    call = asyncio.create_task(call_execution(GetExecutionRequest(), ada))
    await begun.wait()
    stopping = asyncio.create_task(server.stop(20))
    while (await remote.readiness()).is_ready:
        pass
    with pytest.raises(RpcError) as refused:
        await call_execution(GetExecutionRequest(), ada)
    go_on.set()
    assert (refused.value.reason, (await call).execution_id) == ("STOPPING", "0a")
    await stopping
    await remote.stop()


async def test_something_else_on_the_port_is_no_engine(caplog: pytest.LogCaptureFixture) -> None:
    other = aio.server()
    port = other.add_insecure_port("127.0.0.1:0")
    await other.start()
    remote = RemoteEngine(f"127.0.0.1:{port}")
    complained = asyncio.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complained.set()

    listener = Listener()
    logging.getLogger("penstock.gateway").addHandler(listener)
    await remote.start()
    await complained.wait()
    logging.getLogger("penstock.gateway").removeHandler(listener)
    assert not (await remote.readiness()).is_ready
    [record] = [record for record in caplog.records if record.name == "penstock.gateway"]
    assert (record.action, record.reason.split(":")[0]) == ("gateway.engine_unreachable", "UNIMPLEMENTED")  # type: ignore[attr-defined]
    await remote.stop()
    await other.stop(0)
