"""Outputs of nodes that are used again: each is computed once, whoever asks for it at the same time."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from penstock.engine.domain import limits
from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.postgres.cache import CacheRows

log = logging.getLogger(__name__)

RESERVATION_LIFE_S = 15.0
"""After this long without a sign of life somebody else computes it. Sooner when the process's lease is fenced."""
PROLONG_EVERY_S = 4.0
_LOOK_FIRST_S, _LOOK_LAST_S = 0.1, 1.0
"""How long to wait before looking again whether another process is done; it grows from the first to the last."""

_Key = tuple[str, bytes]
_Flight = asyncio.Future[bytes | None]


class Reservation:
    """The right and the duty to compute an output. Ends with `fill` or `release`, whatever happens."""

    def __init__(self, cache: OutputCache, place: _Key, ticket: UUID | None, flight: _Flight | None) -> None:
        """`ticket` is that of the row that reserves it, None for none; `flight` is what others here wait for."""
        self._cache = cache
        self.place = place
        self.ticket = ticket
        self.flight = flight
        self._is_open = True

    async def fill(self, output: bytes, ttl_us: int | None, data_key: DataKey | None = None) -> None:
        """Keeps the output for `ttl_us` microseconds, None for ever. A store that does not answer does no harm.

        `data_key` seals it there.
        """
        if self._end():
            await self._cache.finish(self, output, ttl_us, data_key)

    async def release(self) -> None:
        """Gives it up: somebody else may compute it. Nothing after `fill`."""
        if self._end():
            await self._cache.give_up(self)

    def _end(self) -> bool:
        was_open, self._is_open = self._is_open, False
        return was_open


class OutputCache:
    """Made once in a process, in its event loop."""

    def __init__(
        self,
        rows: CacheRows,
        lease_id: Callable[[], UUID],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`lease_id` is that of the lease that this process holds now."""
        self._rows = rows
        self._lease_id = lease_id
        self._sleep = sleep
        self._flights: dict[_Key, _Flight] = {}
        self._reserved: dict[UUID, Reservation] = {}
        self._prolonging: asyncio.Task[None] | None = None

    @staticmethod
    def key(account: str, node: bytes, version: str, input: bytes) -> bytes:
        """32 bytes that are equal for equal arguments alone.

        `node` says what is computed: the package's digest and the function. `input` has to be serialized
        deterministically.
        """
        digest = hashlib.sha256(b"penstock.cache.1")
        for part in (account.encode(), node, version.encode(), input):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        return digest.digest()

    async def get_or_reserve(self, account: str, key: bytes, overwrite: bool) -> bytes | Reservation:
        """The output, or the right to compute it; waits while somebody else computes it.

        With `overwrite` it is computed anew and waits for nobody. What was kept stands until it is filled.
        """
        place = (account, key)
        if overwrite:
            return await self._reserve_anew(place)
        while (flight := self._flights.get(place)) is not None:
            # One who stops waiting must not stop the others.
            output = await asyncio.shield(flight)
            if output is not None:
                return output
        self._flights[place] = flight = asyncio.get_running_loop().create_future()
        try:
            found = await self._find(place, flight)
        except BaseException:
            self._land(place, flight, None)
            raise
        if isinstance(found, bytes):
            self._land(place, flight, found)
        return found

    async def sweep(self) -> int:
        """Removes a lot of entries that expired; how many."""
        return await self._rows.sweep(limits.CACHE_SWEEP_LOT)

    async def stop(self) -> None:
        """Prolongs nothing any more."""
        if self._prolonging is not None:
            self._prolonging.cancel()
            await asyncio.gather(self._prolonging, return_exceptions=True)

    async def finish(
        self, reservation: Reservation, output: bytes, ttl_us: int | None, data_key: DataKey | None
    ) -> None:
        """For `Reservation.fill`."""
        try:
            await self._rows.put(*reservation.place, output, ttl_us, data_key)
        except StoreUnavailable as error:
            log.warning("an output was not cached", extra={"action": "cache_not_filled", "error": str(error)})
        finally:
            self._forget(reservation, output)

    async def give_up(self, reservation: Reservation) -> None:
        """For `Reservation.release`."""
        try:
            if reservation.ticket is not None:
                await self._rows.release(*reservation.place, reservation.ticket)
        except StoreUnavailable as error:
            log.warning("a reservation runs out by itself", extra={"action": "cache_not_released", "error": str(error)})
        finally:
            self._forget(reservation, None)

    async def _find(self, place: _Key, flight: _Flight) -> bytes | Reservation:
        pause_s = _LOOK_FIRST_S
        try:
            while True:
                output = await self._rows.get(*place)
                if output is not None:
                    return output
                ticket = uuid4()
                if await self._reserve(place, ticket):
                    return self._hold(Reservation(self, place, ticket, flight))
                await self._sleep(pause_s)
                pause_s = min(pause_s * 2, _LOOK_LAST_S)
        except StoreUnavailable as error:
            # Without its cache a node is slower, not wrong.
            log.warning("the cache cannot be read", extra={"action": "cache_not_read", "error": str(error)})
            return Reservation(self, place, None, flight)

    async def _reserve_anew(self, place: _Key) -> Reservation:
        """Others here and elsewhere wait for it, unless they have something to wait for or to take."""
        ticket = uuid4()
        flight = None
        if place not in self._flights:
            self._flights[place] = flight = asyncio.get_running_loop().create_future()
        try:
            is_reserved = await self._reserve(place, ticket)
        except StoreUnavailable:
            is_reserved = False
        except BaseException:
            self._land(place, flight, None)
            raise
        if is_reserved:
            return self._hold(Reservation(self, place, ticket, flight))
        self._land(place, flight, None)
        return Reservation(self, place, None, None)

    async def _reserve(self, place: _Key, ticket: UUID) -> bool:
        try:
            return await self._rows.reserve(*place, ticket, self._lease_id(), RESERVATION_LIFE_S)
        except asyncio.CancelledError:
            # The row may be there by now. If it cannot be removed, it runs out.
            with contextlib.suppress(StoreUnavailable):
                await self._rows.release(*place, ticket)
            raise

    def _hold(self, reservation: Reservation) -> Reservation:
        assert reservation.ticket is not None
        self._reserved[reservation.ticket] = reservation
        if self._prolonging is None or self._prolonging.done():
            self._prolonging = asyncio.create_task(self._prolong(), name="cache reservations")
        return reservation

    async def _prolong(self) -> None:
        """Until nothing is reserved any more: most outputs are computed before it wakes for the first time."""
        while True:
            await self._sleep(PROLONG_EVERY_S)
            held = [(*one.place, ticket) for ticket, one in self._reserved.items()]
            if not held:
                return
            try:
                await self._rows.prolong(held, RESERVATION_LIFE_S)
            except StoreUnavailable as error:
                log.warning("reservations are not kept", extra={"action": "cache_not_prolonged", "error": str(error)})

    def _forget(self, reservation: Reservation, output: bytes | None) -> None:
        if reservation.ticket is not None:
            self._reserved.pop(reservation.ticket, None)
        self._land(reservation.place, reservation.flight, output)

    def _land(self, place: _Key, flight: _Flight | None, output: bytes | None) -> None:
        """Tells those who wait here: None sends one of them to compute it."""
        if flight is not None:
            self._flights.pop(place, None)
            flight.set_result(output)
