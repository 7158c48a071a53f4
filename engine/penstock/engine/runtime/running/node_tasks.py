"""Tasks that nodes start: a sys.exit in one fails the node, not the server.

asyncio lets SystemExit out of a task and out of the loop. For tasks that are started while a node runs,
the loop's task factory turns it into an error that whoever awaits the task gets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from penstock.engine.nodes.authoring import current


class NodeExited(Exception):
    """A task of a node called sys.exit. `code` is what it was called with."""

    def __init__(self, code: object) -> None:
        super().__init__("sys.exit in a task")
        self.code = code


class NodeInterrupted(Exception):
    """A task of a node raised KeyboardInterrupt."""


def guard_node_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Has the loop guard the tasks that nodes start from now on."""
    loop.set_task_factory(_make_task)


def _make_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    if current.get(None) is not None:
        coroutine = _guarded(coroutine)
    return asyncio.Task(coroutine, loop=loop, **options)


async def _guarded(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await coroutine
    except SystemExit as error:
        raise NodeExited(error.code) from error
    except KeyboardInterrupt as error:
        raise NodeInterrupted from error
