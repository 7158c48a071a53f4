"""How the bench talks to a process that measures: one JSON job a line in, one JSON result a line out."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bench.pacing import Call, Figures, measure, measure_paced

Job = dict[str, Any]


async def answer_jobs(answer: Callable[[Job], Awaitable[Figures]]) -> None:
    """Until standard input ends. What an answer raises ends it too."""
    while text := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await answer(json.loads(text))), flush=True)


async def run_job(call: Call, job: Job) -> Figures:
    """`callers` of the job call in a closed loop; with `rate`, that many calls a second start instead.

    Each of the callers calls once before, so that connections are open and everything has been read once;
    `calls` of the figures counts those as well.
    """
    callers = job["callers"]
    await asyncio.gather(*(call() for _ in range(callers)))
    if "rate" in job:
        figures = await measure_paced(call, job["rate"], job["seconds"])
    else:
        figures = await measure(call, callers, job["seconds"])
    return {**figures, "calls": figures["count"] + callers}
