"""What both ports take in is bounded, and by the same numbers."""

from __future__ import annotations

import asyncio
import resource
import zlib
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest
from aiohttp import web

from penstock.engine.domain import limits
from penstock.gateway import limits as gateway_limits
from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings
from penstock.gateway.streams import OpenStreams
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.json.errors import MESSAGE_DEPTH_MAX
from penstock.wire.json.parse import DEPTH_MAX
from penstock.wire.status import Code, RpcError
from tests.keys.ward import Ward

INVOKE = "/invocations/v1/flows/invoke"
METHOD = "/penstock.v1.InvocationService/InvokeFlow"
MIB = 1024 * 1024


def bomb(size: int) -> bytes:
    """Spaces, as gzip: a thousandth of them."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(squeeze.compress(b" " * MIB) for _ in range(size // MIB)), squeeze.flush()])


def raw_call(ward: Ward, request: bytes, *metadata: tuple[str, str], **options: Any) -> grpc.RpcError:
    """What a call is refused with."""
    own = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(ward.engine.grpc_address, options=own) as channel:
        call = channel.unary_unary(METHOD)
        sent = (("authorization", f"Bearer {ward.admin}"), *metadata)
        with pytest.raises(grpc.RpcError) as refused:
            call(request, metadata=sent, timeout=60, **options)
    return refused.value


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_what_unpacks_to_more_than_may_come_is_refused_over_http(ward: Ward) -> None:
    packed, before = bomb(512 * MIB), peak_bytes()
    answer = ward.http("POST", INVOKE, packed, **{"Content-Encoding": "gzip"})
    assert (answer.status, answer.json["reason"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer.json["details"]["limit_bytes"] == str(gateway_limits.BODY_BYTES_MAX)
    # It is not unpacked any further than that: room for what is read at once, and for copies of it.
    assert peak_bytes() - before < 4 * gateway_limits.BODY_BYTES_MAX


def test_what_unpacks_to_more_than_may_come_is_refused_over_grpc(ward: Ward) -> None:
    large = InvokeFlowRequest(flow=" " * (2 * limits.REQUEST_BYTES_MAX)).SerializeToString()
    refused = raw_call(ward, large, compression=grpc.Compression.Gzip)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert raw_call(ward, large).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_bodies_of_both_ports_are_bounded_alike() -> None:
    assert gateway_limits.BODY_BYTES_MAX == limits.REQUEST_BYTES_MAX


def test_headers_and_metadata_are_bounded_alike(ward: Ward) -> None:
    assert gateway_limits.HEADER_BYTES_MAX == limits.METADATA_BYTES_MAX
    large, small = "a" * 2 * limits.METADATA_BYTES_MAX, "a" * (limits.METADATA_BYTES_MAX // 2)
    assert raw_call(ward, b"", ("x-note", large)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert raw_call(ward, b"", ("x-note", small)).code() is grpc.StatusCode.INVALID_ARGUMENT
    assert ward.http("GET", "/keys/v1/whoami", **{"X-Note": large}).status == 400
    assert ward.http("GET", "/keys/v1/whoami", **{"X-Note": small}).status == 200
    many = {f"X-Note-{number}": "a" for number in range(gateway_limits.HEADERS_MAX)}
    assert ward.http("GET", "/keys/v1/whoami", **many).status == 400


def test_depth_is_bounded_alike(ward: Ward) -> None:
    assert DEPTH_MAX == MESSAGE_DEPTH_MAX == 100
    deep = b'{"flow": "hello", "input": ' + b'{"a":' * DEPTH_MAX + b"1" + b"}" * DEPTH_MAX + b"}"
    answer = ward.http("POST", INVOKE, deep)
    assert (answer.status, answer.json["reason"]) == (400, "TOO_DEEP")
    nested = b""
    for _ in range(DEPTH_MAX):
        # A value that is a list of one value.
        values = b"\x0a" + _length(nested) + nested
        nested = b"\x32" + _length(values) + values
    member = b"\x0a\x01a\x12" + _length(nested) + nested
    struct = b"\x0a" + _length(member) + member
    number = InvokeFlowRequest.DESCRIPTOR.fields_by_name["input"].number
    refused = raw_call(ward, _tag(number) + _length(struct) + struct)
    assert refused.code() is grpc.StatusCode.INVALID_ARGUMENT


def _tag(number: int) -> bytes:
    return _length_of(number << 3 | 2)


def _length(data: bytes) -> bytes:
    return _length_of(len(data))


def _length_of(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_connection_without_a_whole_request_is_dropped(ward: Ward, begun: bytes) -> None:
    gateway = Gateway(ward.engine.face, "127.0.0.1", 0, Settings(idle_s=0.05))
    await gateway.start()
    try:
        url = urlsplit(gateway.url)
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(begun)
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()
    finally:
        await gateway.stop()


async def test_streams_of_a_key_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_limits, "KEY_STREAMS_MAX", 2)
    streams, end = OpenStreams(), asyncio.Event()

    async def send() -> None:
        await end.wait()

    async def run(key_id: str) -> None:
        await streams.run(web.StreamResponse(), send, key_id)

    opened = [asyncio.create_task(run(key_id)) for key_id in ("ada", "ada", "bob")]
    await asyncio.sleep(0)
    with pytest.raises(RpcError) as refused:
        await run("ada")
    assert (refused.value.code, refused.value.reason) == (Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS")
    end.set()
    await asyncio.gather(*opened)
    await run("ada")
    assert not streams._of_keys
