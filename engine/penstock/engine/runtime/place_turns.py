"""Has the executions that come and go under limits counted, all of an account that are there at once together.

While one turn is in the database the next fills, as with the groups of the journal: a lone execution waits for nobody,
and how long a turn takes matters little to many.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.postgres.turn_taker import Answer, Arrival, TurnTaker

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

_RETRY_S = 0.5


class _Arrived(NamedTuple):
    driver: Driver
    can_wait: bool
    answer: asyncio.Future[Answer]


@dataclass(slots=True)
class _Crowd:
    """Who came and who went in one account since its last turn began."""

    arrived: list[_Arrived] = field(default_factory=list)
    left: set[UUID] = field(default_factory=set)


class PlaceTurns:
    """Those of one process. Used from the event loop's thread alone."""

    def __init__(
        self,
        runtime: Runtime,
        taker: TurnTaker,
        came: Callable[[Driver, Answer], None],
        told: Callable[[Sequence[UUID], Sequence[UUID]], None],
    ) -> None:
        """`came` hears of each that is let in before anybody else; `told` of those that a turn started and replaced."""
        self._runtime = runtime
        self._taker = taker
        self._came = came
        self._told = told
        self._crowds: dict[str, _Crowd] = {}
        self._is_taking = False

    async def close(self) -> None:
        await self._taker.close()

    def arrive(self, driver: Driver, *, can_wait: bool) -> asyncio.Future[Answer]:
        """What becomes of one more execution. The future fails with StoreUnavailable.

        Whoever does not learn it has the execution `leave`.
        """
        answer: asyncio.Future[Answer] = self._runtime.loop.create_future()
        self._crowd(driver.account).arrived.append(_Arrived(driver, can_wait, answer))
        return answer

    def leave(self, driver: Driver) -> None:
        """Its place is free, if it had one and no other process runs it."""
        self._crowd(driver.account).left.add(UUID(driver.execution_id))

    def _crowd(self, account: str) -> _Crowd:
        if not self._is_taking:
            self._is_taking = True
            self._runtime.background(self._take_turns())
        return self._crowds.setdefault(account, _Crowd())

    async def _take_turns(self) -> None:
        while self._crowds:
            account = next(iter(self._crowds))
            crowd = self._crowds.pop(account)
            try:
                await self._take_turn(account, crowd)
            except StoreUnavailable as error:
                log.warning("places are not counted", extra={"action": "places_retry", "error": str(error)})
                await self._try_again(account, crowd)
            except Exception:
                log.exception("places are not counted", extra={"action": "places_broke"})
                await self._try_again(account, crowd)
        self._is_taking = False

    async def _try_again(self, account: str, crowd: _Crowd) -> None:
        self._crowds.setdefault(account, _Crowd()).left |= crowd.left
        await asyncio.sleep(_RETRY_S)

    async def _take_turn(self, account: str, crowd: _Crowd) -> None:
        # Those whose callers went away meanwhile are not let in.
        arrived = [each for each in crowd.arrived if not each.answer.done()]
        arrivals = [Arrival(UUID(each.execution_id), each.program.artifact.flow, wait) for each, wait, _ in arrived]
        lease = self._runtime.keeper.lease
        try:
            turn = await self._taker.take(account, lease.lease_id, crowd.left, arrivals)
            if self._runtime.keeper.lease is not lease:
                raise StoreUnavailable("the lease of this process was lost")
        except BaseException:
            # Whether they were let in is not known, or not for long; whoever waits has them leave.
            for each in arrived:
                if not each.answer.done():
                    each.answer.set_exception(StoreUnavailable("executions cannot be counted now"))
            raise
        for each, answer in zip(arrived, turn.answers, strict=True):
            if not each.answer.done():
                self._came(each.driver, answer)
                each.answer.set_result(answer)
        self._told(turn.started, turn.replaced)
