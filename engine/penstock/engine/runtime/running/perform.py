"""Does what a node does that is more than a function of its input."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from penstock.engine.domain.artifact import Work
from penstock.engine.domain.errors import LeaseLost
from penstock.engine.domain.occurrence import NodeCompleted, NotUndone, Occurrence, Undone
from penstock.engine.runtime.options import overwrites_cache
from penstock.engine.runtime.pipelines.pipeline import run_pipeline
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.cache import Reservation
from penstock.engine.runtime.running.children import run_child
from penstock.engine.runtime.running.guarded import perform_guarded
from penstock.engine.runtime.running.maps import run_map
from penstock.engine.runtime.running.node_runner import bounded, call_node, encoded, open_secrets

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker

Outcome = tuple[Occurrence, bytes | None]
"""What happened, and the message that the next node gets when there is one."""


async def perform(walker: Walker, node: BoundNode, message: bytes | None) -> Outcome:
    """Runs a node to its end. `message` is what it gets; None when the run says.

    Raises LeaseLost, and CancelledError when the walker is dropped.
    """
    driver = walker.driver
    if driver.run.undoing is not None:
        return await _undo(walker, node), None
    rules = driver.runtime.policies.rules(driver.account, driver.program.artifact.flow, node.name)
    if rules is not None or driver.run.guards is not None:
        return await perform_guarded(walker, node, message, rules, _perform_subject)
    return await _perform(walker, node, message)


async def _perform_subject(walker: Walker, node: BoundNode, subject: bytes | None) -> Outcome:
    return await _perform(walker, node, subject, is_subject=True)


async def _perform(walker: Walker, node: BoundNode, message: bytes | None, *, is_subject: bool = False) -> Outcome:
    """With `is_subject` a map is given what it runs over."""
    driver = walker.driver
    attempt = walker.begin_attempt(node)
    try:
        if driver.runtime.budgets.stops and driver.run.flights[node.index].wait is None:
            driver.runtime.budgets.require_running(driver.account, driver.program.artifact.flow)
        if node.work is Work.GATE:
            return _completed(walker, attempt, driver.program.join(node.index, driver.run, driver.input))
        if message is None:
            message = driver.program.message(node.index, driver.run, driver.input)
        await open_secrets(attempt)
        if node.sensitive is not None:
            worked_on = message if is_subject else driver.program.subject(node.index, message, driver.input)
            attempt.hide(node.sensitive, worked_on)
        if node.is_pipeline:
            return await run_pipeline(walker, attempt, message), None
        if node.work is Work.MAP:
            run_input = message if is_subject else driver.input
            return _completed(walker, attempt, await run_map(walker, attempt, message, run_input))
        if node.work is Work.FLOW:
            return _completed(walker, attempt, await run_child(walker, attempt, message))
        return await _run_function(walker, attempt, message)
    except LeaseLost:
        raise
    except BaseException as error:  # a node may raise anything, SystemExit included
        if walker.is_over:
            raise
        return walker.failed(walker.attempt or attempt, error), None
    finally:
        walker.end_attempt(attempt)


def _completed(walker: Walker, attempt: Attempt, output: bytes, is_cache_hit: bool = False) -> Outcome:
    driver, node = walker.driver, attempt.node.index
    branch, following = driver.program.route(node, bounded(attempt.node, output), driver.input)
    taken = tuple(attempt.taken_signals or ())
    return NodeCompleted(node, attempt.started_us, output, branch, is_cache_hit, taken), following


async def _run_function(walker: Walker, attempt: Attempt, message: bytes) -> Outcome:
    """A function that is given secrets or whose output is cached."""
    node, driver = attempt.node, walker.driver
    if node.cache is None:
        return _completed(walker, attempt, await _call(walker, attempt, message))
    cache = driver.runtime.cache
    found = await cache.get_or_reserve(
        driver.account, driver.program.cache_key(driver.account, node, message), overwrites_cache(driver)
    )
    if not isinstance(found, Reservation):
        return _completed(walker, attempt, found, is_cache_hit=True)
    try:
        output = await _call(walker, attempt, message)
        ttl_us = node.cache.ttl.ToMicroseconds() if node.cache.HasField("ttl") else None
        await found.fill(output, ttl_us, driver.program.data_key)
    finally:
        await found.release()
    return _completed(walker, attempt, output)


async def _call(walker: Walker, attempt: Attempt, message: bytes) -> bytes:
    return encoded(attempt.node, await call_node(walker.driver, attempt, message))


async def _undo(walker: Walker, node: BoundNode) -> Occurrence:
    """Runs what undoes a completed node, with its output."""
    driver = walker.driver
    checkpoint = driver.run.outputs[node.index]
    assert checkpoint is not None
    attempt = walker.begin_attempt(node)
    try:
        await open_secrets(attempt)
        attempt.hide(node.sensitive, checkpoint.payload or b"")
        encoded(node, await call_node(driver, attempt, checkpoint.payload or b""))
        return Undone(node.index, attempt.started_us)
    except BaseException as error:  # a node may raise anything, SystemExit included
        if walker.is_over:
            raise
        failure = walker.failed(attempt, error).failure
        return NotUndone(node.index, attempt.started_us, failure, random.random())
    finally:
        walker.end_attempt(attempt)
