"""Runs a sub-flow: a child execution that the node waits for, in whichever process that is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.engine.domain import ids, limits
from penstock.engine.domain.errors import PenstockError
from penstock.engine.domain.failure import FailureClass, FailureKind, shorten
from penstock.engine.domain.occurrence import ChildChosen
from penstock.engine.domain.states import ExecutionStatus, Wait
from penstock.engine.nodes.authoring import NodeError
from penstock.engine.runtime.again import STOPPED, recover_child
from penstock.engine.runtime.clock import random_bits
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.options import Options
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.storage.records import ExecutionRow, Parent
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.walker import Walker

_LOOK_S = 3600.0
_MESSAGE_LENGTH_MAX = 3_900
"""Of the child's failure: the rest of the parent's says which child it was."""


class ChildFailed(NodeError):
    """A child execution did not complete: what it says of itself, in the words of its parent."""

    def __init__(self, row: ExecutionRow) -> None:
        failure = row.failure
        why = "" if failure is None else f": {shorten(failure.message, _MESSAGE_LENGTH_MAX)}"
        super().__init__(f"child execution {row.execution_id} is {row.status.name}{why}")
        self.kind: FailureKind = FailureKind.USER if failure is None else failure.kind  # type: ignore[misc]
        self.failure_class: FailureClass = (  # type: ignore[misc]
            FailureClass.LOGIC if failure is None else failure.failure_class
        )
        self.code = f"CHILD_{row.status.name}" if failure is None else failure.code
        self.retryable = failure is not None and failure.retryable


async def run_child(walker: Walker, attempt: Attempt, message: bytes) -> bytes:
    """The output of the child. Raises ChildFailed when it does not complete.

    Which execution the child is stands in the parent's log before it is accepted, so that a restart between the two
    accepts the same one.
    """
    driver, node = walker.driver, attempt.node.index
    # What bounds a child is its own flow's deadline.
    driver.runtime.attempts.end(attempt)
    depth = (0 if driver.options is None else driver.options.message.depth) + 1
    if depth > limits.DEPTH_MAX:
        raise NodeError(
            f"there are {depth - 1} executions above this one already; the limit is {limits.DEPTH_MAX}",
            code="TOO_DEEP",
        )
    flight = driver.run.flights[node]
    child = flight.child
    if flight.wait is not Wait.FLOW:
        child = ids.execution_id(driver.runtime.clock.now_us(), random_bits())
        await driver.submit(ChildChosen(node, child))
    try:
        await _accept(driver, attempt, child, depth, message)
        return await _output(driver, child)
    finally:
        if walker.is_dropped and not driver.is_abandoned:
            driver.runtime.background(_cancel(driver, child))


async def _accept(driver: Driver, attempt: Attempt, child: str, depth: int, message: bytes) -> None:
    """Accepts the child unless it was, before this process took its parent over."""
    runtime = driver.runtime
    if await runtime.executions.get(child, driver.account) is not None:
        return
    parent = Parent(driver.key, attempt.node.index)
    stopped = "" if driver.options is None else driver.options.message.children.get(attempt.node.name, "")
    if stopped and attempt.number == 1:
        row = await runtime.executions.get(stopped, driver.account)
        if row is not None and row.status in STOPPED:
            await recover_child(runtime, row, child, parent, depth)
            return
    target = driver.program.artifact.plan.nodes[attempt.node.index].flow
    program, _ = await runtime.catalog.find(driver.account, "", target, child)
    options = ExecutionOptions(depth=depth)
    if driver.options is not None:
        options.overwrite_cache = driver.options.message.overwrite_cache
    resolved = await runtime.configs.resolve(driver.account, program.artifact.flow, "")
    if resolved is not None:
        resolved.freeze(options, program.graph.names)
    execution = runtime.intake.prepare(program, driver.account, message, Options(options), child)
    execution.parent = parent
    await runtime.intake.accept(execution, b"{}")


async def _output(driver: Driver, child: str) -> bytes:
    runtime = driver.runtime
    while True:
        await followers.wait_for_end(runtime, child, driver.account, _LOOK_S)
        row = await followers.get_row(runtime, child, driver.account)
        if row.complete_us is not None:
            break
    if row.status is not ExecutionStatus.COMPLETED:
        raise ChildFailed(row)
    program = await runtime.catalog.program(driver.account, row.graph_id)
    checkpoint = await runtime.executions.checkpoint(child, program.graph.terminal)
    return b"" if checkpoint is None else checkpoint.payload or b""


async def _cancel(parent: Driver, child: str) -> None:
    """Cancels a child whose parent does not wait for it any more."""
    runtime = parent.runtime
    reason = f"parent execution {parent.execution_id} does not wait for it any more"
    try:
        driver = runtime.driver(child, parent.account)
        if driver is not None:
            await driver.cancel(reason)
        else:
            await runtime.commands.ask_for_cancel(child, reason)
    except PenstockError:
        return  # It has ended, or the next process that takes it over finds that its parent has.
