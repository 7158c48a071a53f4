"""A stream ends with its key, also when nothing is sent on it: over gRPC, HTTP and through a gateway apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from penstock.gateway.app import Gateway
from penstock.gateway.remote.engine import RemoteEngine
from tests.keys.ward import METHODS, Ward

KEYS = "/keys/v1/keys"
End = Callable[[Ward, str], None]


def revoke(ward: Ward, key: str) -> None:
    assert ward.http("POST", f"{KEYS}/{key.split('_')[1]}:revoke", {}).status == 200


def expire(ward: Ward, key: str) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    changed = ward.http("PATCH", f"{KEYS}/{key.split('_')[1]}", {"expire_time": soon})
    assert changed.status == 200, changed.body


@contextmanager
def gateway_apart(ward: Ward) -> Iterator[str]:
    engine = RemoteEngine(ward.engine.grpc_address)
    gateway = Gateway(engine, "127.0.0.1", 0)

    async def start() -> None:
        await engine.start()
        await engine.wait_until_connected()
        await gateway.start()

    async def stop() -> None:
        await gateway.stop()
        await engine.stop()

    ward.run(start())
    try:
        yield gateway.url
    finally:
        ward.run(stop())


@pytest.fixture(scope="module")
def apart(ward: Ward) -> Iterator[str]:
    with gateway_apart(ward) as url:
        yield url


@contextmanager
def watching(ward: Ward, execution_id: str, key: str) -> Iterator[Any]:
    spec = METHODS["ExecutionService.WatchExecution"]
    metadata = (("authorization", f"Bearer {key}"),)
    with ward.streaming(spec, spec.request(execution_id=execution_id), metadata) as messages:
        next(messages)
        yield messages


def paused(ward: Ward) -> str:
    """An execution in which nothing happens."""
    return str(ward.invoke("pay_rent", wait=False)["execution_id"])


@pytest.mark.parametrize("end", [revoke, expire])
def test_stream_over_grpc_on_which_nothing_is_sent_ends_with_its_key(ward: Ward, end: End) -> None:
    key, other, execution_id = ward.key("executions:read"), ward.key("executions:read"), paused(ward)
    with watching(ward, execution_id, other) as messages_of_other:
        with watching(ward, execution_id, key) as messages:
            end(ward, key)
            with pytest.raises(grpc.RpcError) as refused:
                # What was on its way before may still come.
                for _ in messages:
                    pass
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
            assert refused.value.details() == "unauthorized"
        # Whoever has a good key hears how it goes on.
        ward.http("POST", f"/invocations/v1/executions/{execution_id}/pauses/approve:approve", {})
        assert len(list(messages_of_other)) > 0


@pytest.mark.parametrize("place", ["in the engine's process", "apart"])
def test_event_stream_on_which_nothing_is_sent_ends_with_its_key(ward: Ward, apart: str, place: str) -> None:
    key = ward.key("executions:read")
    url = apart if place == "apart" else ward.gateway.url
    with ward.events(f"/invocations/v1/executions/{paused(ward)}/stream", key, url) as events:
        next(events)
        revoke(ward, key)
        *_, last = events
    assert (last.name, last.json["code"]) == ("error", "UNAUTHENTICATED")


def test_reader_who_goes_ends_the_stream_as_before(ward: Ward) -> None:
    key = ward.key("executions:read")
    with watching(ward, paused(ward), key) as messages:
        messages.cancel()
        with pytest.raises(grpc.RpcError) as gone:
            for _ in messages:
                pass
        assert gone.value.code() is grpc.StatusCode.CANCELLED
    assert ward.http("GET", "/keys/v1/whoami", key=key).status == 200
