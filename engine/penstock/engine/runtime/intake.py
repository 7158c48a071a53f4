"""Accepts executions: each is durable before anybody hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from penstock.engine.domain import ids, limits
from penstock.engine.domain.errors import IdempotencyMismatch, LeaseLost, Overloaded, StoreUnavailable
from penstock.engine.domain.event import Event
from penstock.engine.domain.occurrence import Accepted
from penstock.engine.domain.step import Step, decide
from penstock.engine.runtime.clock import random_bits
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.options import Options
from penstock.engine.runtime.origin import Origin
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.programs.searching import output_values
from penstock.engine.runtime.waiters import ignore_outcome
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.records import Acceptance, RequestKey, SearchValue

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

_RETRY_DELAY_S = 0.5


class Intake:
    """Takes invocations in for one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def prepare(
        self,
        program: Program,
        account: str,
        run_input: bytes,
        options: Options | None = None,
        execution_id: str = "",
    ) -> Driver:
        """A driver for an execution that nobody knows of yet: with a new id unless one is given.

        Raises Overloaded, and MasterKeyError where its payloads have to be sealed and cannot be.
        """
        runtime = self._runtime
        if program.sealing_problem is not None:
            program.sealing_key()
        if runtime.is_stopping:
            raise Overloaded("this process is stopping", reason="STOPPING")
        if runtime.queued_count >= limits.QUEUED_MAX:
            raise Overloaded(f"{limits.QUEUED_MAX} executions wait already")
        execution_id = execution_id or ids.execution_id(runtime.clock.now_us(), random_bits())
        return Driver(runtime, execution_id, account, program, run_input, options)

    def accept(self, driver: Driver, labels: bytes, origin: Origin | None = None) -> asyncio.Future[None]:
        """Done when the acceptance is durable; the execution then runs, whoever waits for it.

        `origin` is what it begins with when it goes on from another one.
        """
        accepted: asyncio.Future[None] = self._runtime.loop.create_future()
        step = self._accept_step(driver, origin)
        self._runtime.journal.commit(
            driver.key,
            step.events,
            partial(self._accepted, driver, step, accepted),
            _acceptance(driver, labels),
            _values(driver, step),
            driver.program.data_key,
        )
        return accepted

    async def accept_once(
        self, driver: Driver, labels: bytes, request: RequestKey, origin: Origin | None = None
    ) -> str:
        """Accepts unless the request id was used. Gives the id of the execution it stands for.

        Raises IdempotencyMismatch when it was used for another request.
        """
        # In a task of its own: a caller who goes away must not leave the execution without its driver.
        accepting = self._runtime.background(self._accept_once(driver, labels, request, origin))
        accepting.add_done_callback(ignore_outcome)
        return await asyncio.shield(accepting)

    async def _accept_once(self, driver: Driver, labels: bytes, request: RequestKey, origin: Origin | None) -> str:
        step = self._accept_step(driver, origin)
        runtime, data_key = self._runtime, driver.program.data_key
        if data_key is not None:
            # Whoever has the database could find out what gives a plain one, where that is short.
            request = replace(request, fingerprint=data_key.fingerprint(request.fingerprint))
        try:
            known = await self._commit_once(
                _acceptance(driver, labels), step.events, request, _values(driver, step), data_key
            )
        except BaseException:
            self._refused(driver)
            raise
        if known is None:
            runtime.watches.committed()
            self._begin(driver, step)
            return driver.execution_id
        self._refused(driver)
        fingerprint, execution_id = known
        if fingerprint != request.fingerprint:
            raise IdempotencyMismatch(
                f"request id {request.request_id!r} was used for another request",
                facts={"execution_id": execution_id},
            )
        return execution_id

    async def _commit_once(
        self,
        acceptance: Acceptance,
        events: tuple[Event, ...],
        request: RequestKey,
        values: Sequence[SearchValue],
        data_key: DataKey | None,
    ) -> tuple[bytes, str] | None:
        """See `Executions.accept_once`. Like the journal it tries until the database answers: who gives up before
        does not know whether there is an execution now that nobody drives."""
        runtime = self._runtime
        lease = runtime.keeper.lease
        while True:
            try:
                known = await runtime.executions.accept_once(acceptance, events, request, lease, values, data_key)
            except StoreUnavailable:
                await asyncio.sleep(_RETRY_DELAY_S)
                continue
            if runtime.keeper.lease is not lease:
                raise LeaseLost("another process has taken over this process's executions")
            return known

    def _accept_step(self, driver: Driver, origin: Origin | None) -> Step:
        now_us = self._runtime.clock.now_us()
        if origin is not None and (origin.recovered or origin.items):
            self._runtime.keep_place(driver, True)
            return decide(driver.run, Accepted(True, origin.recovered, origin.items), now_us)
        if self._runtime.places.waiting and driver.execution_id in self._runtime.places.waiting:
            return decide(driver.run, Accepted(False), now_us)
        return decide(driver.run, Accepted(self._runtime.take_place(driver)), now_us)

    def _accepted(self, driver: Driver, step: Step, accepted: asyncio.Future[None], error: Exception | None) -> None:
        if error is not None:
            self._refused(driver)
            if not accepted.done():
                accepted.set_exception(error)
                accepted.exception()  # Whoever waited for it may have left: that is no error of its own.
            driver.abandon()
            return
        self._begin(driver, step)
        if not accepted.done():
            accepted.set_result(None)

    def _begin(self, driver: Driver, step: Step) -> None:
        self._runtime.add(driver)
        driver.begin(step)
        if len(step.events) == 1:
            self._runtime.fill_places()
            if self._runtime.places.waiting:
                self._runtime.places.begun(driver)

    def _refused(self, driver: Driver) -> None:
        runtime = self._runtime
        runtime.give_place_back(driver)
        if runtime.places.limited and runtime.places.count(driver):
            runtime.places.left(driver)


def _values(driver: Driver, step: Step) -> Sequence[SearchValue]:
    """What it is found by from now on: by its input, and by its output when it has that already."""
    searched = driver.program.searched_input
    values = () if searched is None else searched.values(driver.account, driver.input)
    if step.is_end and driver.program.searched_output is not None:
        values = (*values, *output_values(driver.program, driver.account, step.events))
    return values


def _acceptance(driver: Driver, labels: bytes) -> Acceptance:
    artifact = driver.program.artifact
    return Acceptance(
        driver.key,
        driver.account,
        artifact.flow,
        artifact.graph_id,
        artifact.version,
        driver.program.mode,
        labels,
        driver.input,
        None if driver.options is None else driver.options.message.SerializeToString(),
        driver.parent,
        driver.options is not None and driver.options.message.HasField("webhook"),
    )
