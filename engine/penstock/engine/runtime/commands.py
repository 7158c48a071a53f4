"""Does what other processes ask of this one about executions that it drives: cancels, decisions, signals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from penstock.engine.domain.errors import LeaseLost, PenstockError, StoreUnavailable
from penstock.engine.domain.event import EventType
from penstock.engine.domain.states import Decision
from penstock.engine.runtime import steering
from penstock.engine.runtime.driver import Driver
from penstock.engine.storage.postgres.commands import CHANNEL, Command, Commands, Found
from penstock.wire.gen.event_pb2 import Event

if TYPE_CHECKING:
    from penstock.engine.runtime.news.hearing import Hearing
    from penstock.engine.runtime.programs.program import Program
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

ANSWER_S_MAX = 10.0
"""How long who asks waits for the process that drives the execution."""
_POLL_S_FIRST = 0.01
_POLL_S_MAX = 0.5


class CommandListener:
    """Listens from `start` on; `look` finds what no notification told of."""

    def __init__(self, runtime: Runtime, commands: Commands) -> None:
        self._runtime = runtime
        self._commands = commands
        self._looking = asyncio.Lock()
        self._told = asyncio.Event()

    def start(self) -> None:
        self._runtime.background(self._look_when_told())

    def listen(self, hearing: Hearing) -> None:
        hearing.on(CHANNEL, lambda _: self._told.set())

    async def look(self) -> None:
        """Does what this process is asked to do. What is done is taken out after it: doing it twice changes nothing."""
        async with self._looking:
            async for lot in self._commands.find(self._runtime.keeper.lease):
                by_execution: dict[str, list[Found]] = {}
                for found in lot:
                    by_execution.setdefault(found.command.execution_id, []).append(found)
                done = await asyncio.gather(*(self._do_all(commands) for commands in by_execution.values()))
                if taken := [command for commands in done for command in commands]:
                    await self._commands.remove(taken)

    async def ask(
        self,
        execution_id: str,
        kind: EventType,
        asked: Event,
        payload: bytes | None = None,
        *,
        program: Program | None = None,
    ) -> bool:
        """Asks whichever process drives the execution. Whether that has looked at it: the log says what came of it.

        `asked` has a request id unless it is a cancel. `program` is the execution's: a payload is kept as it keeps its
        own. What is not done in time is done as soon as somebody looks.
        """
        command = Command(uuid4(), execution_id, kind, asked, payload)
        assert payload is None or program is not None
        await self._commands.ask(command, None if program is None else program.sealing_key())
        loop = self._runtime.loop
        deadline, poll_s = loop.time() + ANSWER_S_MAX, _POLL_S_FIRST
        while await self._commands.is_open(command):
            left_s = deadline - loop.time()
            if left_s <= 0:
                return False
            await asyncio.sleep(min(poll_s, left_s))
            poll_s = min(poll_s * 2, _POLL_S_MAX)
        return True

    async def ask_for_cancel(self, execution_id: str, reason: str) -> None:
        """Asks for a cancel and waits for nothing."""
        await self._commands.ask(Command(uuid4(), execution_id, EventType.EXECUTION_CANCELLED, Event(reason=reason)))

    async def _do_all(self, commands: Sequence[Found]) -> list[Command]:
        """Commands of one execution, one after the other. Gives those that are done."""
        return [found.command for found in commands if not found.is_live or await self._do(found)]

    async def _do(self, found: Found) -> bool:
        """Whether it is done, or never can be."""
        command = found.command
        driver = self._runtime.driver(command.execution_id, found.account)
        if driver is None:
            return False  # Taken over and not resumed yet.
        facts = {"execution": command.execution_id, "command": command.kind.name}
        try:
            await _act(driver, command)
        except (LeaseLost, StoreUnavailable):
            return False  # The process that goes on with the execution does it.
        except PenstockError as error:
            log.info("a command came too late", extra={"action": "command_too_late", "error": str(error), **facts})
        except Exception:
            log.exception("a command cannot be done", extra={"action": "command_refused", **facts})
        return True

    async def _look_when_told(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            try:
                await self.look()
            except Exception:
                log.exception("commands cannot be read; they are looked for again", extra={"action": "look_failed"})


async def _act(driver: Driver, command: Command) -> None:
    asked, payload = command.asked, command.payload
    if command.kind is EventType.EXECUTION_CANCELLED:
        await driver.cancel(asked.reason)
    elif command.kind is EventType.PAUSE_DECIDED:
        node = driver.run.graph.names.index(asked.node)
        decision = Decision(asked.decision)
        await steering.decide_pause(
            driver, node, decision, payload, by=asked.by, comment=asked.comment, key=asked.request_id
        )
    elif command.kind is EventType.RETRY_REQUESTED:
        node = driver.run.graph.names.index(asked.node) if asked.node else -1
        await steering.retry_now(driver, node, asked.by, asked.request_id)
    else:
        await steering.signal(driver, asked.signal, payload or b"", asked.by, asked.request_id)
