"""Sends inputs to a server's ports and says what is wrong with the answers, if anything is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp
import grpc
from google.protobuf.message import DecodeError
from grpc import aio
from yarl import URL

from penstock.wire.gen import relay_service_pb2
from penstock.wire.status import Code
from tests.fuzz.inputs import GrpcInput, HttpInput, Input

PATIENCE_S = 120.0
"""An answer that takes longer never comes."""
GLANCE_S = 0.3
"""How long somebody listens to what may go on for ever."""

_BAD = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DATA_LOSS)
_BAD_CODES = (Code.INTERNAL, Code.UNKNOWN, Code.UNAVAILABLE, Code.DATA_LOSS)
_HUNG_UP = "Can not write request body"
_ENDED_WHILE_SENDING = "Internal error from Core"
"""What the client makes of a call that ended before it had sent all."""
_ANSWER_BYTES_MAX = 1 << 26


class Ports:
    """Both ports of one server. `steering_key` is for inputs that may have an account refused everything."""

    def __init__(self, http_url: str, grpc_address: str, key: str, steering_key: str) -> None:
        self._url = http_url
        self._keys = {False: key, True: steering_key}
        self._session, self._alone = _session(is_kept=True), _session(is_kept=False)
        self._channel = aio.insecure_channel(grpc_address, (("grpc.max_receive_message_length", _ANSWER_BYTES_MAX),))

    async def close(self) -> None:
        await self._session.close()
        await self._alone.close()
        await self._channel.close()

    async def trouble(self, given: Input) -> str:
        """What is wrong with the answer; "" when nothing is."""
        try:
            if isinstance(given, HttpInput):
                return await self._http_twice(given)
            if isinstance(given, GrpcInput):
                return await self._limited(self._grpc(given), may_wait=given.may_wait)
            return await self._limited(self._raw(given.data), may_wait=True)
        except (aiohttp.ClientError, OSError) as error:
            return f"no answer: {error!r}"

    async def _limited(self, answering: asyncio._CoroutineLike[str], *, may_wait: bool) -> str:
        task = asyncio.ensure_future(answering)
        try:
            return await asyncio.wait_for(task, GLANCE_S if may_wait else PATIENCE_S)
        except TimeoutError:
            return "" if may_wait else f"no answer within {PATIENCE_S:g} s"

    async def _http_twice(self, given: HttpInput) -> str:
        try:
            return await self._limited(self._http(given, self._session), may_wait=given.may_wait)
        except aiohttp.ClientConnectionError as error:
            # A body that is refused before all of it was sent: the server hangs up.
            if _HUNG_UP in str(error):
                return ""
            # The server may close a connection just when it is used again. A new one it may not.
            return await self._limited(self._http(given, self._alone), may_wait=given.may_wait)

    async def _http(self, given: HttpInput, session: aiohttp.ClientSession) -> str:
        url = URL(self._url + given.path, encoded=True)
        headers = {"Authorization": f"Bearer {self._keys[given.of_steering]}", **given.headers}
        async with session.request(
            given.method, url, data=given.body, headers=headers, allow_redirects=False
        ) as answer:
            # Of a stream the first piece is enough.
            body = await (answer.content.readany() if given.may_wait else answer.read())
            return f"{answer.status} {body[:500]!r}" if answer.status >= 500 else ""

    async def _grpc(self, given: GrpcInput) -> str:
        metadata = (("authorization", f"Bearer {self._keys[given.of_steering]}"), *given.metadata)
        # What a method answers with one message is a stream of one, to a client.
        if given.takes_stream:
            call = self._channel.stream_stream(given.path)(_each(given.messages), metadata=metadata)
        else:
            call = self._channel.unary_stream(given.path)(given.messages[0], metadata=metadata)
        try:
            answers = []
            async for answer in call:
                answers.append(answer)
                if len(answers) == 5:
                    break
            return _wrong_in(answers) if given.path.endswith("/Relay") else ""
        except aio.AioRpcError as error:
            details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
            # A typed service says so of an execution that failed.
            is_bad = error.code() in _BAD and b"EXECUTION_FAILED" not in bytes(details)
            if given.takes_stream and error.details() == _ENDED_WHILE_SENDING:
                return ""
            return f"{error.code()} {error.details()}" if is_bad else ""
        finally:
            call.cancel()

    async def _raw(self, data: bytes) -> str:
        url = urlsplit(self._url)
        key = f"\r\nAuthorization: Bearer {self._keys[False]}\r\n".encode()
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        try:
            writer.write(data.replace(b"\r\n", key, 1))
            with suppress(ConnectionError):
                await writer.drain()
                line = await reader.readline()
                return line.decode(errors="replace") if line[9:10] == b"5" else ""
            return ""
        finally:
            writer.transport.abort()


def _session(*, is_kept: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        skip_auto_headers=("Content-Type", "Accept", "User-Agent"),
        connector=aiohttp.TCPConnector(limit=0, force_close=not is_kept),
    )


async def _each(messages: Sequence[bytes]) -> AsyncIterator[bytes]:
    for message in messages:
        yield message


def _wrong_in(answers: Sequence[bytes]) -> str:
    """What a call that was relayed was answered with."""
    for raw in answers:
        try:
            response = relay_service_pb2.RelayResponse.FromString(raw)
        except DecodeError:
            return f"no RelayResponse: {raw!r}"
        for answer in response.answers:
            if answer.HasField("error") and answer.error.code in _BAD_CODES:
                return f"relayed: {answer.error}"
    return ""
