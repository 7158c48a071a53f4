"""A start that lets what was left behind go first."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain.states import ExecutionStatus
from tests.runtime.test_recovery import Scene, scene  # noqa: F401 - a fixture


async def test_settle_returns_when_what_was_left_behind_has_ended(scene: Scene) -> None:  # noqa: F811
    for number in range(3):
        scene.leave_behind(number)
    runtime: Any = scene.runtime
    runtime._first_look = runtime.background(runtime.recovery.run())
    await runtime.settle(30)
    assert scene.statuses() == [ExecutionStatus.COMPLETED] * 3


async def test_settle_does_not_wait_for_ever(scene: Scene) -> None:  # noqa: F811
    scene.leave_behind(1)
    scene.memory.gate.clear()
    runtime: Any = scene.runtime
    runtime._first_look = runtime.background(runtime.recovery.run())
    await runtime.settle(0.01)
    assert scene.statuses() == [ExecutionStatus.RUNNING]
    scene.memory.gate.set()
