"""One connection for prepared statements, driven through libpq itself.

The driver's cursors are made for every kind of statement; for the one that the journal sends again and
again they cost more than the rows in it. Connecting and the meaning of errors are still the driver's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import pq

from penstock.engine.storage.postgres.database import CONNECT_OPTIONS

_BINARY = pq.Format.BINARY


class Link:
    """Runs one statement at a time. Used from the event loop's thread alone."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._prepared: set[bytes] = set()
        self._results: list[pq.abc.PGresult] = []
        self._answer: asyncio.Future[pq.abc.PGresult] | None = None
        self._loop.add_reader(self._libpq.socket, self._read)

    @classmethod
    async def open(cls, conninfo: str, settings: str) -> Link:
        """`settings` are statements that the session begins with. Raises psycopg.OperationalError."""
        connection = await psycopg.AsyncConnection.connect(
            conninfo, application_name="penstock journal", **CONNECT_OPTIONS
        )
        try:
            await connection.execute(settings, prepare=False)
        except BaseException:
            await connection.close()
            raise
        return cls(connection)

    @property
    def is_broken(self) -> bool:
        return self._connection.broken or self._connection.closed

    async def close(self) -> None:
        self._stop_listening()
        await self._connection.close()

    async def run(self, name: bytes, sql: bytes, parameters: Sequence[bytes]) -> pq.abc.PGresult:
        """The result of the statement, whose parameters and result are in binary.

        It is prepared under `name` at its first use. Raises psycopg.Error, by its SQLSTATE as the driver would.
        """
        if name not in self._prepared:
            self._libpq.send_prepare(name, sql)
            await self._sent()
            self._prepared.add(name)
        self._libpq.send_query_prepared(name, parameters, [_BINARY] * len(parameters), _BINARY)
        return await self._sent()

    def _sent(self) -> asyncio.Future[pq.abc.PGresult]:
        """The answer to what was just handed to libpq."""
        self._answer = self._loop.create_future()
        self._write()
        return self._answer

    def _write(self) -> None:
        try:
            is_left = self._libpq.flush()
        except psycopg.Error as error:
            self._fail(error)
            return
        if is_left:
            self._loop.add_writer(self._libpq.socket, self._write)
        else:
            self._loop.remove_writer(self._libpq.socket)

    def _read(self) -> None:
        libpq = self._libpq
        try:
            libpq.consume_input()
            while not libpq.is_busy():
                result = libpq.get_result()
                if result is None:
                    break
                self._results.append(result)
            else:
                return
        except psycopg.Error as error:
            self._fail(error)
            return
        if self._results:
            results, self._results = self._results, []
            self._tell(results[-1])

    def _tell(self, result: pq.abc.PGresult) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            answer.set_result(result)
        else:
            answer.set_exception(_error(result))

    def _fail(self, error: psycopg.Error) -> None:
        """The connection is gone; nobody listens to it any more."""
        self._stop_listening()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _stop_listening(self) -> None:
        # A connection that was closed has no socket any more, and was let go of before.
        if not self._connection.closed:
            self._loop.remove_reader(self._libpq.socket)
            self._loop.remove_writer(self._libpq.socket)


def _error(result: pq.abc.PGresult) -> psycopg.Error:
    state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    message = result.error_message.decode(errors="replace").strip()
    try:
        return psycopg.errors.lookup(state)(message)
    except KeyError:
        # Not a code of Postgres's: the connection broke, or a proxy in between has its own words.
        return psycopg.OperationalError(message)
