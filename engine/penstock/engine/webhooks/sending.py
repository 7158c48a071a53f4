"""Sends one webhook and tells what came of it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping

import aiohttp
from yarl import URL

from penstock.engine.domain.failure import shorten
from penstock.engine.storage.postgres.webhooks import RESPONSE_BYTES_MAX
from penstock.engine.webhooks.resolving import GuardedResolver, LookUp, NotAllowed, system_look_up
from penstock.engine.webhooks.retries import Answer
from penstock.engine.webhooks.settings import WebhookSettings

_ERROR_LENGTH_MAX = 512
_REFUSED_REDIRECT = "the receiver sent it elsewhere: redirects are not followed"


class Sender:
    """Made and closed in one event loop. Every request has a connection of its own."""

    def __init__(self, settings: WebhookSettings, look_up: LookUp = system_look_up) -> None:
        self._settings = settings
        self._resolver = GuardedResolver(settings.policy, look_up)
        # A context of its own, so that SSL_CERT_FILE is looked at when a server starts.
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=self._resolver.open_socket,
            ssl=ssl.create_default_context(),
            use_dns_cache=False,
            force_close=True,
            limit=0,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings.total_s, sock_connect=settings.connect_s),
            auto_decompress=False,
            trust_env=False,
            headers={"User-Agent": "Penstock-Webhooks", "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        await self._session.close()
        await self._resolver.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One POST. Whatever goes wrong is in the answer; nothing is raised."""
        try:
            # As it was given: the receiver may have signed it.
            where = URL(url, encoded=True)
            async with self._session.post(where, data=body, headers=headers, allow_redirects=False) as response:
                return await _answer(response)
        except Exception as error:
            return Answer(None, shorten(self._why(error), _ERROR_LENGTH_MAX))

    def _why(self, error: Exception) -> str:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return f"no connection within {self._settings.connect_s:g} s"
        if isinstance(error, TimeoutError):
            return f"no answer within {self._settings.total_s:g} s"
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return _words(error.certificate_error)
        if isinstance(error, aiohttp.ClientConnectorError):
            return _words(error.os_error)
        return _plain(str(error) or type(error).__name__)


def _words(error: Exception) -> str:
    """Why there is no connection."""
    if isinstance(error, NotAllowed):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not good: {_plain(error.verify_message)}"
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        # asyncio replaces the system's words by the socket's address; resolvers have numbers below 0 and words.
        number = error.errno or 0
        return f"cannot connect: {os.strerror(number).lower() if number > 0 else _plain(error.strerror or str(error))}"
    return f"cannot connect: {_plain(str(error))}"


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    """The status decides; of the body only the beginning is read, if it comes."""
    body = b""
    try:
        while len(body) < RESPONSE_BYTES_MAX:
            piece = await response.content.read(RESPONSE_BYTES_MAX - len(body))
            if not piece:
                break
            body += piece
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass
    status = response.status
    if 200 <= status < 300:
        error = ""
    elif 300 <= status < 400:
        error = _REFUSED_REDIRECT
    else:
        error = f"the receiver answered {status}"
    return Answer(status, error, body, response.headers.get("Retry-After", ""))


def _plain(text: str) -> str:
    """What a database takes, on one line."""
    return " ".join(text.replace("\0", "").split())
