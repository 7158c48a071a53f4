"""Threads for plain functions: bounded, and never held by a function that hangs."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from penstock.engine.runtime.running.threads import NodeThreads

setting: contextvars.ContextVar[str] = contextvars.ContextVar("setting")


class Work:
    """A function that ends when the test says so. `started` is set in the event loop when it has begun."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._release = threading.Event()
        self.started = asyncio.Event()
        self.argument: Any = None
        self.thread: threading.Thread | None = None

    def __call__(self, argument: Any) -> Any:
        self.argument, self.thread = argument, threading.current_thread()
        self._loop.call_soon_threadsafe(self.started.set)
        self._release.wait()
        return argument

    def release(self) -> None:
        self._release.set()


@pytest.fixture
async def threads() -> AsyncIterator[NodeThreads]:
    threads = NodeThreads(size_max=2)
    yield threads
    threads.close()


async def turn() -> None:
    """Lets everything run that is ready in the event loop."""
    for _ in range(5):
        await asyncio.sleep(0)


def raising(error: BaseException) -> Any:
    def function(argument: object) -> None:
        raise error

    return function


async def test_function_runs_in_another_thread_and_in_the_context_of_its_caller(threads: NodeThreads) -> None:
    setting.set("of the caller")
    main = threading.current_thread()

    def look(argument: int) -> tuple[int, str, bool]:
        seen = setting.get()
        setting.set("of the function")
        return argument, seen, threading.current_thread() is main

    assert await threads.run(look, 7) == (7, "of the caller", False)
    assert setting.get() == "of the caller"


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
async def test_what_a_function_raises_comes_to_its_caller_and_the_thread_goes_on(
    threads: NodeThreads, error: BaseException
) -> None:
    with pytest.raises(type(error)) as caught:
        await threads.run(raising(error), None)
    assert caught.value is error
    assert await threads.run(len, "abc") == 3


async def test_stop_iteration_becomes_an_error_that_a_future_can_hold(threads: NodeThreads) -> None:
    with pytest.raises(RuntimeError, match="the function raised StopIteration"):
        await threads.run(raising(StopIteration()), None)


async def test_no_more_functions_run_at_once_than_there_are_places(threads: NodeThreads) -> None:
    works = [Work() for _ in range(4)]
    running = [asyncio.create_task(threads.run(work, index)) for index, work in enumerate(works)]
    await works[0].started.wait()
    await works[1].started.wait()
    await turn()
    assert [work.started.is_set() for work in works] == [True, True, False, False]
    works[1].release()
    assert await running[1] == 1
    await works[2].started.wait()
    await turn()
    assert not works[3].started.is_set()
    for work in works:
        work.release()
    assert await asyncio.gather(*running) == [0, 1, 2, 3]


async def test_idle_thread_is_used_again(threads: NodeThreads) -> None:
    used = {await threads.run(lambda _: threading.get_ident(), None) for _ in range(5)}
    assert len(used) == 1


async def test_caller_who_gives_up_is_free_at_once_and_so_is_the_place(threads: NodeThreads) -> None:
    hanging = [Work(), Work()]
    running = [asyncio.create_task(threads.run(work, None)) for work in hanging]
    for work in hanging:
        await work.started.wait()
    for task in running:
        task.cancel()
    answers = await asyncio.gather(*running, return_exceptions=True)
    assert [type(answer) for answer in answers] == [asyncio.CancelledError] * 2
    # Both hang for nobody, and the places go to others.
    others = [Work(), Work()]
    running = [asyncio.create_task(threads.run(work, None)) for work in others]
    for work in others:
        await work.started.wait()
    for work in (*hanging, *others):
        work.release()
    await asyncio.gather(*running)


async def test_place_that_was_given_up_is_not_freed_again_when_its_function_ends(threads: NodeThreads) -> None:
    hanging = Work()
    given_up = asyncio.create_task(threads.run(hanging, None))
    await hanging.started.wait()
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    hanging.release()
    assert hanging.thread is not None
    # Its thread takes the next call that comes when it is idle; until then the two places are for two others.
    works = [Work() for _ in range(3)]
    running = [asyncio.create_task(threads.run(work, None)) for work in works]
    await works[0].started.wait()
    await works[1].started.wait()
    await turn()
    assert not works[2].started.is_set()
    for work in works:
        work.release()
    await asyncio.gather(*running)


async def test_call_that_is_given_up_while_it_waits_never_runs(threads: NodeThreads) -> None:
    works = [Work() for _ in range(4)]
    running = [asyncio.create_task(threads.run(work, None)) for work in works]
    await works[0].started.wait()
    await works[1].started.wait()
    running[2].cancel()
    await asyncio.gather(running[2], return_exceptions=True)
    works[0].release()
    await works[3].started.wait()
    works[1].release()
    works[3].release()
    await asyncio.gather(running[0], running[1], running[3])
    assert not works[2].started.is_set()


async def test_close_ends_the_idle_threads() -> None:
    threads = NodeThreads()
    work = Work()
    work.release()
    await threads.run(work, None)
    assert work.thread is not None
    threads.close()
    await asyncio.to_thread(work.thread.join)
    assert not work.thread.is_alive()


def test_hanging_function_does_not_keep_the_process_from_ending() -> None:
    script = """
import asyncio, threading
from penstock.engine.runtime.running.threads import NodeThreads

async def main():
    started = asyncio.Event()
    loop = asyncio.get_running_loop()
    def hang(_):
        loop.call_soon_threadsafe(started.set)
        threading.Event().wait()
    task = asyncio.create_task(NodeThreads().run(hang, None))
    await started.wait()
    print("hangs")

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hangs\n", "")
