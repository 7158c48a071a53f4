"""The watchdog frees the event loop from a node that blocks it. Each test is a process: signals are a process's own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

PATIENCE_S = 60

STAGE = """
import asyncio, json, logging, sys, threading, time

from penstock.engine.runtime.running.watchdog import NodeBlocksLoop, Watchdog

BLOCKED_S_MAX = 0.2
LONG_S = 600


def written_in(filename, source):
    names = {"time": time, "blocked": blocked}
    exec(compile(source, filename, "exec"), names)
    return names["run"]


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__()
        self.seen = threading.Event()
        self.actions = []

    def emit(self, record):
        self.actions.append(record.action)
        self.seen.set()


blocked = Warnings()
logging.getLogger().addHandler(blocked)


def main(scenario):
    async def run():
        watchdog = Watchdog(lambda filename: filename.startswith("/packages/"), BLOCKED_S_MAX)
        watchdog.start()
        try:
            return await scenario()
        finally:
            watchdog.stop()

    if sys.argv[1] == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    else:
        factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        print(json.dumps(runner.run(run())))


async def raised(coroutine):
    try:
        await coroutine
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"
"""

SENTENCE = (
    "NodeBlocksLoop: the node blocked the event loop for 0.2 s:"
    " await what it waits for, or write it as a plain def, which runs in a thread"
)


def play(loop: str, scenario: str) -> Any:
    """What the scenario returned."""
    done = subprocess.run(
        [sys.executable, "-c", f"{STAGE}\n{scenario}\nmain(scenario)", loop],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param("while True: pass", id="computes"),
        pytest.param("time.sleep(600)", id="sleeps"),
        pytest.param("try:\n        time.sleep(600)\n    except Exception: pass", id="catches what it can"),
    ],
)
def test_node_that_blocks_fails_and_the_loop_goes_on(loop: str, blocks: str) -> None:
    scenario = f"""
async def scenario():
    node = written_in("/packages/abc/nodes.py", '''
async def run():
    {blocks}
''')
    first = await raised(node())
    await asyncio.sleep(0)
    return [first, await raised(node())]
"""
    assert play(loop, scenario) == [SENTENCE, SENTENCE]


def test_helper_that_a_node_calls_is_stopped_too(loop: str) -> None:
    scenario = """
async def scenario():
    helper = written_in("/lib/somewhere/helper.py", "def run():\\n    while True: time.sleep(0.001)\\n")
    node = written_in("/packages/abc/nodes.py", "async def run(helper):\\n    helper()\\n")
    return await raised(node(helper))
"""
    assert play(loop, scenario) == SENTENCE


def test_nothing_is_raised_while_the_engines_own_code_blocks(loop: str) -> None:
    scenario = """
async def scenario():
    waiting = asyncio.create_task(written_in("/packages/abc/nodes.py", '''
async def run():
    import asyncio
    await asyncio.Event().wait()
''')())
    await asyncio.sleep(0)
    engine = written_in("/engine/driver.py", "async def run():\\n    assert blocked.seen.wait(600)\\n")
    answer = await raised(engine())
    waiting.cancel()
    return [answer, set(blocked.actions) == {"loop_blocked"}, await raised(waiting)]
"""
    assert play(loop, scenario) == ["nothing", True, "CancelledError: "]


def test_node_that_awaits_may_take_as_long_as_it_likes(loop: str) -> None:
    scenario = """
async def scenario():
    node = written_in("/packages/abc/nodes.py", '''
async def run():
    import asyncio
    for _ in range(60):
        await asyncio.sleep(0.01)
''')
    return [await raised(node()), blocked.actions]
"""
    assert play(loop, scenario) == ["nothing", []]


def test_stopped_watchdog_lets_everybody_block(loop: str) -> None:
    scenario = """
async def scenario():
    other = Watchdog(lambda filename: True, BLOCKED_S_MAX)
    other.stop()
    other.start()
    other._thread.join()
    return "ended"
"""
    assert play(loop, scenario) == "ended"


def test_watchdog_of_a_loop_in_another_thread_stays_out_of_it(loop: str) -> None:
    scenario = """
async def scenario():
    def elsewhere():
        async def run():
            watchdog = Watchdog(lambda filename: True, BLOCKED_S_MAX)
            watchdog.start()
            return watchdog._thread.is_alive()

        return asyncio.run(run())

    return await asyncio.to_thread(elsewhere)
"""
    assert play(loop, scenario) is False
