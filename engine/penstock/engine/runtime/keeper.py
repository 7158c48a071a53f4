"""Keeps this process's lease, and notices when it is lost."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable

from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.storage.postgres.leases import Leases
from penstock.engine.storage.records import Lease

log = logging.getLogger(__name__)

LEASE_LIFE_S = 15.0
"""After this long without a sign of life another process goes on with the executions."""
RENEW_EVERY_S = 4.0


class LeaseKeeper:
    """Renews the lease and has what dead processes left behind taken over."""

    def __init__(
        self, leases: Leases, instance: str, on_lost: Callable[[Lease], None], on_round: Callable[[], object]
    ) -> None:
        """`on_lost` gets the new lease after this one was lost; `on_round` is called after each renewal."""
        self._leases = leases
        self._instance = instance
        self._on_lost = on_lost
        self._on_round = on_round
        self._task: asyncio.Task[None] | None = None
        self._lease: Lease | None = None
        self._held_until_s = 0.0
        self.process = f"{socket.gethostname()}:{os.getpid()}"
        self.renewals = {"renewed": 0, "failed": 0, "lost": 0}
        """Tries to renew the lease, by what became of them."""

    @property
    def lease(self) -> Lease:
        assert self._lease is not None, "the keeper is not started"
        return self._lease

    @property
    def is_held(self) -> bool:
        """Whether nobody may have taken the lease over for want of a sign of life."""
        return asyncio.get_running_loop().time() < self._held_until_s

    async def start(self) -> Lease:
        self._lease = await self._leases.acquire(self._instance, self.process, LEASE_LIFE_S)
        self._note_held()
        await self._leases.fence_the_dead(self._instance, self._lease)
        self._task = asyncio.create_task(self._keep(), name="lease keeper")
        return self._lease

    async def stop(self) -> None:
        """Gives the lease up: what was not finished may be taken over at once."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._leases.release(self.lease)
        except StoreUnavailable:
            log.warning("the lease could not be given up; it runs out by itself", extra={"action": "lease_kept"})

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                await self._renew_and_count()
                await self._leases.fence_the_dead("", self.lease)
                self._on_round()
            except StoreUnavailable as error:
                log.warning(
                    "the lease could not be renewed", extra={"action": "lease_not_renewed", "error": str(error)}
                )
            except Exception:
                # Whatever it is: a process that stops renewing loses everything that it drives.
                log.exception("the lease could not be renewed", extra={"action": "lease_not_renewed"})

    async def _renew_and_count(self) -> None:
        try:
            await self._renew()
        except Exception:
            self.renewals["failed"] += 1
            raise
        self._note_held()

    def _note_held(self) -> None:
        self._held_until_s = asyncio.get_running_loop().time() + LEASE_LIFE_S

    async def _renew(self) -> None:
        try:
            await self._leases.renew(self.lease, LEASE_LIFE_S)
            self.renewals["renewed"] += 1
        except LeaseLost:
            self.renewals["lost"] += 1
            self._lease = await self._leases.acquire(self._instance, self.process, LEASE_LIFE_S)
            log.error(
                "the lease was lost: another process went on with this one's executions",
                extra={"action": "lease_lost"},
            )
            self._on_lost(self._lease)
