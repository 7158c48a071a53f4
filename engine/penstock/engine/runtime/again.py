"""Accepts executions that are made from others: recovered, relaunched, forked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.options import Options
from penstock.engine.runtime.origin import Origin, origin_of
from penstock.engine.runtime.programs.program import Program
from penstock.engine.storage.records import ExecutionRow, Parent, RequestKey
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.execution_pb2 import Execution

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.runtime import Runtime

STOPPED = (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED, ExecutionStatus.TIMED_OUT)


def require_stopped(row: ExecutionRow) -> None:
    """Raises Conflict with the status unless the execution ended without completing."""
    if row.status not in STOPPED:
        raise Conflict(
            f"only an execution that stopped can be recovered: it is {row.status.name}",
            facts={"status": row.status.name},
        )


async def find_origin(runtime: Runtime, row: ExecutionRow, program: Program) -> Origin:
    """What of an execution need not run again."""
    log = (await runtime.executions.logs([row.execution_id]))[row.execution_id]
    return origin_of(program.graph, (*row.first_events(), *log))


async def prepare_again(
    runtime: Runtime,
    row: ExecutionRow,
    program: Program,
    source: Execution.Source,
    children: Mapping[int, str],
    execution_id: str = "",
) -> Driver:
    """A driver for an execution with the input and the options of another one. Raises Overloaded."""
    options = ExecutionOptions() if row.options is None else ExecutionOptions.FromString(row.options)
    options.ClearField("webhook")
    options.ClearField("children")
    options.source_execution_id = row.execution_id
    options.source = source
    for node, child in children.items():
        options.children[program.graph.names[node]] = child
    run_input = await runtime.executions.input(row.execution_id)
    return runtime.intake.prepare(program, row.account, run_input, Options(options), execution_id)


async def accept_again(
    runtime: Runtime, driver: Driver, row: ExecutionRow, origin: Origin, request: RequestKey | None
) -> str:
    """Accepts it with the labels of the other one; gives its id, or that of the one that the request id stands for."""
    labels = orjson.dumps(row.labels)
    if request is not None:
        return await runtime.intake.accept_once(driver, labels, request, origin)
    await runtime.intake.accept(driver, labels, origin)
    return driver.execution_id


async def recover_child(runtime: Runtime, row: ExecutionRow, execution_id: str, parent: Parent, depth: int) -> None:
    """Accepts the child of an execution that is recovered: it goes on where the one before stopped."""
    program = await runtime.catalog.program(row.account, row.graph_id)
    origin = await find_origin(runtime, row, program)
    driver = await prepare_again(runtime, row, program, Execution.RECOVER, origin.children, execution_id)
    assert driver.options is not None
    driver.options.message.depth = depth
    driver.parent = parent
    await accept_again(runtime, driver, row, origin, None)
