"""Whatever is thrown at both ports, each answer is a right one or a caller's error, and the server goes on.

`--fuzz SECONDS` goes on for so long, beyond 300 with `-o faulthandler_timeout=0`. Without it there are a few inputs,
other ones each time. Every input follows from the seed, which is printed, and its number.
"""

from __future__ import annotations

import os
import time

import pytest

from tests.fuzz.campaign import memory_bytes, throw, until
from tests.fuzz.conftest import Account
from tests.fuzz.ports import Ports
from tests.harness import Server

_INPUTS = 1_000
_PARTS = 4
_GROWTH_BYTES_MAX = 256 << 20
"""More than what the server may keep: executions that wait, artifacts, documents."""


@pytest.fixture
def fuzz_s(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--fuzz"))


async def test_inputs_that_nobody_expects_are_answered(target: Server, fuzz_s: float) -> None:
    seed = os.environ.get("PENSTOCK_FUZZ_SEED") or os.urandom(4).hex()
    print(f"PENSTOCK_FUZZ_SEED={seed}")
    account, steering = Account(target, "fuzz"), Account(target, "steering")
    account.publish()
    stock = account.stock()
    ports = Ports(target.info["http_url"], target.info["grpc_address"], account.key, steering.key)
    assert target.process is not None
    sizes, tried = [memory_bytes(target.process.pid)], 0
    try:
        for _ in range(1, _PARTS + 1):
            end = time.monotonic() + fuzz_s / _PARTS
            report = await throw(
                ports, stock, seed, until(end) if fuzz_s else lambda count: count < _INPUTS // _PARTS, tried
            )
            tried += report.tried
            sizes.append(memory_bytes(target.process.pid))
            print(f"{tried} inputs, {sizes[-1] >> 20} MiB")
            if report.troubles:
                pytest.fail(f"{report}\n\n{target.log[-20_000:]}", pytrace=False)
            assert target.process.poll() is None, target.log[-10_000:]
            assert target.invoke("hello", {"name": "Ada"})["result"]["output"] == {"greeting": "Hello, Ada!"}
    finally:
        await ports.close()
    assert sizes[-1] - sizes[1] < _GROWTH_BYTES_MAX, sizes
    assert "Traceback" not in target.log, target.log[-20_000:]
