"""Keeps a connection to the engine: opens another one when it breaks."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from grpc import aio

from penstock.gateway import limits
from penstock.gateway.remote.connection import Connection, Stream
from penstock.gateway.remote.credentials import Credentials
from penstock.gateway.remote.problems import no_connection
from penstock.gateway.remote.unary import ask
from penstock.wire import relay
from penstock.wire.gen.relay_service_pb2 import RelayRequest, RelayResponse
from penstock.wire.status import RpcError

_log = logging.getLogger("penstock.gateway")

_MESSAGE_BYTES_MAX = limits.BODY_BYTES_MAX + relay.ENVELOPE_BYTES_MAX
_OPTIONS = (
    ("grpc.max_receive_message_length", _MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", _MESSAGE_BYTES_MAX),
    # gRPC's own pauses between tries; by default they grow to two minutes.
    ("grpc.initial_reconnect_backoff_ms", int(limits.RECONNECT_S_FIRST * 1e3)),
    ("grpc.max_reconnect_backoff_ms", int(limits.RECONNECT_S_MAX * 1e3)),
    # A machine that is gone says nothing.
    ("grpc.keepalive_time_ms", int(limits.ENGINE_SILENCE_S * 1e3)),
    ("grpc.keepalive_timeout_ms", int(limits.ENGINE_SILENCE_S * 1e3)),
    ("grpc.http2.ping_timeout_ms", int(limits.ENGINE_SILENCE_S * 1e3)),
    ("grpc.http2.max_pings_without_data", 0),
)


class Link:
    """The way to the engine, from start() to stop()."""

    def __init__(self, address: str, credentials: Credentials | None = None) -> None:
        """`credentials` None: plain text."""
        self.address = address
        self._credentials = credentials
        self._connection: Connection | None = None
        self._is_connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._channel: aio.Channel | None = None

    @property
    def connection(self) -> Connection:
        """The one that answers now. Raises RpcError UNAVAILABLE while there is none."""
        if self._connection is None:
            raise no_connection()
        return self._connection

    async def start(self) -> None:
        """Begins to connect, and goes on until stop()."""
        if self._credentials is None:
            channel = aio.insecure_channel(self.address, options=_OPTIONS)
        else:
            channel = aio.secure_channel(self.address, self._credentials, options=_OPTIONS)
        self._channel = channel
        self._keeper = asyncio.create_task(self._keep(channel))

    async def wait_until_connected(self) -> None:
        await self._is_connected.wait()

    async def stop(self) -> None:
        """Ends the connection. Calls that still run fail."""
        if self._keeper is not None and self._channel is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            await self._channel.close()

    async def _keep(self, channel: aio.Channel) -> None:
        pause_s, has_complained = limits.RECONNECT_S_FIRST, False
        while True:
            stream = _open(channel)
            if await self._serve(stream):
                pause_s, has_complained = limits.RECONNECT_S_FIRST, False
                fields = {"action": "gateway.engine_lost", "engine": self.address}
                _log.warning("the connection to the engine broke", extra=fields)
            elif not has_complained:
                has_complained = True
                fields = {"action": "gateway.engine_unreachable", "engine": self.address, "reason": await _why(stream)}
                _log.warning("the engine cannot be reached; it is tried again", extra=fields)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, limits.RECONNECT_S_MAX)

    async def _serve(self, stream: Stream) -> bool:
        """Runs one connection to its end. False when the engine never answered on it."""
        connection = Connection(stream)
        running = asyncio.create_task(connection.run())
        has_answered = False
        try:
            with suppress(RpcError):
                # Not connected before the engine has answered: the port may be that of something else.
                await ask(connection, relay.READY, "", b"")
                has_answered = True
                self._connection = connection
                self._is_connected.set()
                await asyncio.wait([running])
        finally:
            self._connection = None
            self._is_connected.clear()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return has_answered


def _open(channel: aio.Channel) -> Stream:
    method: aio.StreamStreamMultiCallable[RelayRequest, RelayResponse] = channel.stream_stream(
        relay.PATH,
        request_serializer=RelayRequest.SerializeToString,
        response_deserializer=RelayResponse.FromString,
    )
    return method()


async def _why(stream: Stream) -> str:
    return f"{(await stream.code()).name}: {await stream.details()}"
