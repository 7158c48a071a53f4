"""Speaks the JSON API of a Penstock server."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Self, TypeAlias

import aiohttp

from penstock.cli.errors import CannotConnect, ConnectionBroken, Refused
from penstock.cli.serving.tls_settings import client_context
from penstock.cli.sse import EventParser, ServerSentEvent
from penstock.cli.target import Target

JsonObject: TypeAlias = dict[str, Any]

# A server sends a comment after 15 s of silence, so a stream that is silent for longer is dead.
_SILENCE_S = 45.0
# A server on the same continent accepts a connection well within it.
_CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Download:
    """A file and the name that it asks for."""

    name: str
    content: bytes


class Client:
    """One server, for the time of an `async with`.

    Every call raises CannotConnect when nothing answers there, ConnectionBroken when an answer stops half-way,
    and Refused when the server answers with an error.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._target.api_key}"} if self._target.api_key else {}
        context = client_context() if self._target.url.startswith("https:") else None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context) if context is not None else None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def call(
        self, method: str, path: str, *, query: Mapping[str, str | int] | None = None, body: JsonObject | None = None
    ) -> JsonObject:
        """One request and its answer. Query parameters that are "" or 0 say nothing and are left out."""
        async with self._request(method, path, query, body, {}) as response:
            return _object(await response.read(), response)

    async def upload(self, path: str, query: Mapping[str, str | int], data: bytes) -> JsonObject:
        """Sends a document, or a part of one, as it is."""
        headers = {"Content-Type": "application/json"}
        async with self._request("POST", path, query, None, headers, data=data) as response:
            return _object(await response.read(), response)

    async def download(self, path: str, query: Mapping[str, str | int]) -> Download:
        """A file that the server gives under a name of its own."""
        async with self._request("GET", path, query, None, {}) as response:
            disposition = response.content_disposition
            if disposition is None or not disposition.filename:
                raise _foreign(response)
            # Whatever the server says, it is a name and no path.
            return Download(PurePosixPath(disposition.filename).name, await response.read())

    async def pieces(self, path: str, query: Mapping[str, str | int]) -> AsyncGenerator[bytes, None]:
        """A large answer as it comes. Raises ConnectionBroken when it is not whole."""
        async with self._request("GET", path, query, None, {}) as response:
            async for piece in response.content.iter_any():
                yield piece

    async def events(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: JsonObject | None = None,
        after: str = "",
    ) -> AsyncGenerator[ServerSentEvent, None]:
        """The events of a stream until the server ends it; `after` is the id of the last one that is known."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        async with self._request(method, path, query, body, headers, silence_s=_SILENCE_S) as response:
            if response.content_type != "text/event-stream":
                raise _foreign(response)
            parser = EventParser()
            async for piece in response.content.iter_any():
                for event in parser.feed(piece):
                    if event.name == "error":
                        raise _refusal(event.data, response)
                    yield event

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None,
        body: JsonObject | None,
        headers: Mapping[str, str],
        silence_s: float | None = None,
        data: bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = self._target.url
        params = {name: str(value) for name, value in (query or {}).items() if value}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=silence_s)
        try:
            async with self._session.request(
                method,
                url + path,
                params=params,
                json=body,
                data=data,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                if response.status >= 300:
                    raise _refusal(await response.read(), response)
                yield response
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise CannotConnect(f"cannot connect to {url}: {_why(error)}; is the server running?") from error
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise ConnectionBroken(f"{url} broke the connection: {_why(error)}") from error


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not to be trusted ({error.certificate_error}): PENSTOCK_CA names who signs it"
    if isinstance(error, aiohttp.ClientConnectorError):
        code, text = error.os_error.errno, error.os_error.strerror or str(error.os_error)
        # asyncio replaces the system's words by the socket's address; resolver errors have negative numbers.
        return os.strerror(code).lower() if code and code > 0 else text
    return str(error) or type(error).__name__


def _object(raw: bytes, response: aiohttp.ClientResponse) -> JsonObject:
    try:
        value = json.loads(raw)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _foreign(response)
    return value


def _foreign(response: aiohttp.ClientResponse) -> CannotConnect:
    what = f"{response.status} {response.content_type}"
    return CannotConnect(f"{response.url.origin()} is not a Penstock server: {response.url.path} answered {what}")


def _refusal(raw: bytes | str, response: aiohttp.ClientResponse) -> CannotConnect | Refused:
    """An error body as the exception that it is for a caller."""
    try:
        body = json.loads(raw)
        message, code, reason = str(body["error"]), body["code"], str(body["reason"])
        violations = tuple(_violation(v) for v in body["details"].get("violations", ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _foreign(response)
    if code == "UNAVAILABLE":
        return ConnectionBroken(f"{response.url.origin()}: {message}")
    if code == "UNAUTHENTICATED":
        message += f": {response.url.origin()} does not know this API key (PENSTOCK_API_KEY)"
    return Refused(message, reason, violations)


def _violation(violation: JsonObject) -> str:
    field, description = violation["field"], violation["description"]
    return f"{field}: {description}" if field else str(description)
