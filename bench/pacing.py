"""Makes calls, either as fast as their answers come or at a given rate, and takes their latencies."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from time import perf_counter, process_time

Call = Callable[[], Awaitable[None]]
"""Makes one call and checks its answer; raises AssertionError when that is wrong."""

Figures = dict[str, float]
"""per_second, p50_ms, p90_ms, p99_ms, count of the calls, cpu_s that this process spent."""


async def measure(call: Call, callers: int, seconds: float) -> Figures:
    """A closed loop: each caller waits for its answer, then calls again."""
    latencies: list[float] = []
    cpu, start = process_time(), perf_counter()
    end = start + seconds

    async def caller() -> None:
        done = 0.0
        while done < end:
            begin = perf_counter()
            await call()
            done = perf_counter()
            latencies.append(done - begin)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return _figures(latencies, perf_counter() - start, process_time() - cpu)


async def measure_paced(call: Call, rate: float, seconds: float) -> Figures:
    """An open loop: `rate` calls a second start at even distances, whatever the ones before them do.

    A latency counts from the time a call was due, so that a late start is part of it.
    """
    latencies: list[float] = []
    count = max(1, round(rate * seconds))
    started: asyncio.Queue[asyncio.Task[None]] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    cpu, start = process_time(), perf_counter()

    async def one(due: float) -> None:
        await call()
        latencies.append(perf_counter() - due)

    def begin(due: float) -> None:
        started.put_nowait(loop.create_task(one(due)))

    def pace() -> None:
        """In a thread, because the timers of an event loop know whole milliseconds only."""
        for index in range(count):
            due = start + index / rate
            time.sleep(max(0.0, due - perf_counter()))
            loop.call_soon_threadsafe(begin, due)

    threading.Thread(target=pace, daemon=True).start()
    for _ in range(count):
        await (await started.get())
    return _figures(latencies, perf_counter() - start, process_time() - cpu)


def _figures(latencies: list[float], taken: float, cpu: float) -> Figures:
    latencies.sort()
    shares = {f"p{share}_ms": latencies[int(len(latencies) * share / 100)] * 1e3 for share in (50, 90, 99)}
    return {"per_second": len(latencies) / taken, **shares, "count": len(latencies), "cpu_s": cpu}
