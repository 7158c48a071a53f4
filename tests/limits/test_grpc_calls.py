"""Who calls over gRPC and sends nothing, or calls too often at once, keeps nobody else from being answered."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from typing import Any

import grpc
import pytest

from penstock.engine.domain import limits
from penstock.engine.rpc.server import GrpcServer
from tests.keys.ward import METHODS, Refused, Ward

PATIENCE_S = 20
INVOKE = "/penstock.v1.InvocationService/InvokeFlow"
CHECK, WATCH = ("/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch")


@pytest.fixture
def channel(ward: Ward) -> Iterator[grpc.Channel]:
    own = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(ward.engine.grpc_address, options=own) as made:
        yield made


class Mute:
    """A call whose message never comes."""

    def __init__(self, channel: grpc.Channel, path: str, key: str = "") -> None:
        self._never: Queue[bytes | None] = Queue()
        metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self.call = channel.stream_stream(path)(iter(self._never.get, None), metadata=metadata, timeout=PATIENCE_S)

    def refused(self) -> tuple[grpc.StatusCode, str]:
        with pytest.raises(grpc.RpcError) as error:
            next(self.call)
        self._never.put(None)
        return error.value.code(), error.value.details()


@pytest.mark.parametrize("key", ["", "psk_none_such"])
@pytest.mark.parametrize("path", [INVOKE, "/penstock.v1.ExecutionService/WatchExecutions", "/flows.hello.Hello/Invoke"])
def test_who_has_no_key_is_refused_before_anything_is_read(channel: grpc.Channel, path: str, key: str) -> None:
    assert Mute(channel, path, key).refused() == (grpc.StatusCode.UNAUTHENTICATED, "unauthorized")


@pytest.mark.parametrize("path", [INVOKE, CHECK])
def test_message_has_to_come_in_time(
    ward: Ward, channel: grpc.Channel, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MESSAGE_TIMEOUT_S", 0.05)
    monkeypatch.setattr(limits, "KEYLESS_MESSAGE_TIMEOUT_S", 0.05)
    refused = Mute(channel, path, ward.key()).refused()
    assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "request: expected its end within 0.05 s")


def test_first_call_of_a_key_is_as_any_other(ward: Ward) -> None:
    """It is looked up before its message is read."""
    key = ward.key()
    assert ward.ask("ApiKeyService.WhoAmI", key=key).api_key.key_id == key.split("_")[1]
    assert ward.ask("ApiKeyService.WhoAmI", key=key).api_key.key_id == key.split("_")[1]
    execution_id = ward.invoke("hello")["execution_id"]
    assert ward.ask("ExecutionService.WatchExecution", key=ward.key(), execution_id=execution_id)
    with pytest.raises(Refused, match="flow"):
        ward.ask("InvocationService.InvokeFlow", key=ward.key())


def test_calls_at_once_are_bounded(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = METHODS["ExecutionService.WatchExecution"]
    execution_id = ward.invoke("pay_rent", wait=False)["execution_id"]
    metadata = (("authorization", f"Bearer {ward.admin}"),)
    with ward.streaming(spec, spec.request(execution_id=execution_id), metadata) as messages:
        next(messages)
        door: Any = ward.engine.server._door
        monkeypatch.setattr(door, "_calls_max", door._count)
        with pytest.raises(Refused) as refused:
            ward.ask("ApiKeyService.WhoAmI")
        assert (refused.value.code.name, refused.value.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
        monkeypatch.undo()
        assert ward.ask("ApiKeyService.WhoAmI").api_key.key_id


def test_calls_without_a_key_are_bounded_by_method(channel: grpc.Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEYLESS_CALLS_MAX", 1)
    watches = [channel.unary_stream(WATCH)(b"", timeout=PATIENCE_S) for _ in range(2)]
    try:
        first = [_first(watch) for watch in watches]
        assert sorted(first, key=str) == [grpc.StatusCode.RESOURCE_EXHAUSTED, b"\x08\x01"]
        assert channel.unary_unary(CHECK)(b"", timeout=PATIENCE_S) == b"\x08\x01"
    finally:
        for watch in watches:
            watch.cancel()


def _first(call: Any) -> Any:
    try:
        return next(call)
    except grpc.RpcError as error:
        return error.code()  # type: ignore[attr-defined]


def test_connections_are_bounded(ward: Ward) -> None:
    async def started() -> GrpcServer:
        made = GrpcServer(ward.engine.face, keys=ward.engine.face.keys, connections_max=1)
        await made.start("127.0.0.1", 0)
        return made

    server = ward.run(started())
    own = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    try:
        with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=own) as first:
            assert first.unary_unary(CHECK)(b"", timeout=PATIENCE_S) == b"\x08\x01"
            with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=own) as second:
                with pytest.raises(grpc.RpcError) as refused:
                    second.unary_unary(CHECK)(b"", timeout=PATIENCE_S)
                assert refused.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
            assert first.unary_unary(CHECK)(b"", timeout=PATIENCE_S) == b"\x08\x01"
    finally:
        ward.run(server.stop(0))
