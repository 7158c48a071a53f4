"""Runs the pipeline of a flow: the frames of its last pipeline node, through the nodes behind it, into the log.

After a failure or a restart everything runs again. As many frames as are on record are passed over, unless the node
read the last one to go on from it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from penstock.engine.domain.occurrence import NodeStarted, Occurrence, PipelineCompleted
from penstock.engine.runtime.pipelines.frame_log import FrameLog
from penstock.engine.runtime.pipelines.stages import Stages, close
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.last_frame import last_frame_of
from penstock.engine.runtime.running.node_runner import run_generator

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker


async def run_pipeline(walker: Walker, attempt: Attempt, message: bytes) -> Occurrence:
    """What became of the pipeline. Raises LeaseLost, and CancelledError when the walker is dropped."""
    driver = walker.driver
    stages = Stages(walker, attempt, message)
    frames = FrameLog(walker, attempt, stages.reached)
    failure = None
    try:
        await stages.start()
        await _run_last(walker, stages, frames)
    except BaseException as error:  # a node may raise anything, SystemExit included
        if walker.is_over:
            raise
        failure = walker.failed(stages.behind.at, error)
    finally:
        stages.close()
    if stages.stream is not None:
        if stages.stream.met is not None:
            # Whatever the last node made of the error.
            failure = stages.stream.met.failure
        frames.note_through()
    await frames.flush()
    if failure is None:
        return PipelineCompleted(attempt.node.index, attempt.started_us)
    if failure.node != attempt.node.index:
        # The failure tells when the node behind started; when the pipeline did is recorded before it.
        await driver.submit(NodeStarted(attempt.node.index, attempt.started_us))
    return failure


async def _run_last(walker: Walker, stages: Stages, frames: FrameLog) -> None:
    """Runs the last pipeline node to its end, or to an error in what it takes."""
    driver, behind, stream = walker.driver, stages.behind, stages.stream
    frames.last = last = await last_frame_of(driver, behind.stage.node)
    if stream is not None:
        frames.note_through()
    left = driver.run.frame_count
    is_alone = behind.stage.node.index == driver.run.graph.terminal
    generator = run_generator(driver, behind.stage, stages.taken, last)
    try:
        async for output, is_provisional in generator:
            if walker.is_dropped:
                # It was cancelled and went on all the same.
                raise asyncio.CancelledError
            if stream is not None:
                if stream.met is not None:
                    return
                is_provisional = is_provisional or stream.is_provisional
            if left:
                if last is None or not last.is_gone_on_from:
                    left -= 1
                    continue
                left = 0
            if not is_alone or behind.is_judged:
                output = await behind.carry(output, -1)
            if frames.put(output, is_provisional):
                await frames.room()
    finally:
        # Nobody waits for what the node does when its generator is closed.
        driver.runtime.background(close(generator))
