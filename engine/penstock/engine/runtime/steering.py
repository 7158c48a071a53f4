"""Pauses of a live execution decided, and signals sent to it: what people and programs tell a run that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.engine.domain.event import EventType
from penstock.engine.domain.occurrence import PauseDecided, RetryRequested, SignalReceived
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


async def decide_pause(
    driver: Driver,
    node: int,
    decision: Decision,
    value: bytes | None = None,
    *,
    by: str = "",
    comment: str = "",
    key: str = "",
) -> None:
    """Decides a pause; `value` None stands for its input. Raises Conflict when it is not open."""
    occurrence = PauseDecided(node, decision, by, comment, request_id=key)
    run, program = driver.run, driver.program
    flight = run.flights.get(node)
    goes_on = decision in (Decision.APPROVED, Decision.RESUMED)
    if goes_on and flight is not None and flight.wait is Wait.PAUSE:
        value = program.message(node, run, driver.input) if value is None else value
        branch, _ = program.route(node, value, driver.input)
        occurrence = occurrence._replace(value=value, branch=branch)
    elif goes_on and flight is not None and flight.wait is Wait.APPROVAL:
        held = (run.guards or {})[node].held
        if held is not None:
            branch, _ = program.route(node, held, driver.input)
            occurrence = occurrence._replace(branch=branch)
    await driver.submit(occurrence)


async def signal(driver: Driver, name: str, payload: bytes, by: str, request_id: str) -> int:
    """Keeps a signal; the sequence of its event when that is durable. Raises Conflict when it cannot be heard.

    One for an execution that waits for a place is kept when that has one.
    """
    while driver.run.status is ExecutionStatus.QUEUED and not driver.is_abandoned:
        await driver.open_feed().news(driver.run.sequence)
    step = await driver.submit(SignalReceived(name, payload, by, request_id))
    return step.events[0].sequence if step.events else 0


async def retry_now(driver: Driver, node: int, by: str, request_id: str) -> list[int]:
    """Ends waits for another attempt, of one node or with -1 of all; gives the nodes when that is durable.

    Raises Conflict when nothing waits for one.
    """
    step = await driver.submit(RetryRequested(node, by, request_id))
    return [event.node for event in step.events if event.type is EventType.RETRY_REQUESTED]
