"""A runtime in memory for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from penstock.engine.runtime.runtime import Runtime
from tests.runtime.memory import MemoryStore, make_runtime


@pytest.fixture
async def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def runtime(memory: MemoryStore) -> AsyncIterator[Runtime]:
    runtime = make_runtime(memory)
    yield runtime
    memory.gate.set()
    memory.error = None
    await runtime.stop()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
