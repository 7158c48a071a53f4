"""Who looks after the nodes in flight of an execution: walkers for what runs, timers for what waits for a time.

Nobody is told what to do: after each step it follows from what is in flight, and after a take-over as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.engine.domain.states import Wait
from penstock.engine.runtime.walker import Walker

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


def look_after(driver: Driver, done: Walker | None) -> None:
    """Has every node in flight looked after, and nothing else. `done` is the walker whose node ended: it goes on."""
    flights = driver.run.flights
    covered = set()
    for walker in list(driver.walkers):
        flight = flights.get(walker.node)
        if walker is done or flight is None or flight.attempt != walker.number:
            driver.walkers.remove(walker)
            if walker is not done or walker.is_dropped:
                walker.drop()
        else:
            covered.add(walker.node)
    free = None if done is None or done.is_dropped else done
    if free is not None:
        free.node = -1
    for node, flight in flights.items():
        if node in covered:
            continue
        if flight.wait is None or flight.wait is Wait.FLOW:
            if free is None:
                walk(driver, node)
            else:
                free.node, free.number = node, flight.attempt
                driver.walkers.append(free)
                free = None
        elif flight.due_us:
            driver.arm(node, flight.due_us)
    if driver.timers is not None:
        driver.timers.keep(flights)
    # Who waits for a child or a signal holds no place: the child may be waiting for one.
    is_running = any(flights[walker.node].wait is None for walker in driver.walkers if walker.node in flights)
    driver.runtime.keep_place(driver, is_running)


def walk(driver: Driver, node: int, message: bytes | None = None) -> None:
    """Starts a walker at a node in flight. `message` is what that gets; None when the run says."""
    walker = Walker(driver, node, driver.run.flights[node].attempt)
    driver.walkers.append(walker)
    walker.go(message)


def retry(driver: Driver, node: int) -> None:
    """Starts the next attempt of a node whose wait is over."""
    walk(driver, node)
    driver.runtime.keep_place(driver, True)


def stop(driver: Driver, done: Walker | None) -> None:
    """Stops everything but `done`, whose task comes to its end by itself."""
    walkers, driver.walkers = driver.walkers, []
    for walker in walkers:
        if walker is not done or walker.is_dropped:
            walker.drop()
    if driver.timers is not None:
        driver.timers.cancel()
