"""Runs in an environment with clients: makes one call and prints what it gives, each output on a line of its own.

Arguments: address, key, flow, the call, and as JSON its input with the names of fields, or what names its run.
A last one is how long a single try may take, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from typing import Any


async def main(address: str, api_key: str, flow: str, operation: str, given: str, try_s: str = "") -> None:
    package: Any = import_module(f"penstock_{flow}")
    if try_s:
        package._flow.SLICE_S = package._executions.SLICE_S = package._stream._TRY_S = float(try_s)
    settings = json.loads(given)
    async with package.Client(address, api_key, patience_s=60) as client:
        match operation:
            case "invoke":
                print((await client.invoke(package.Input(**settings))).text)
            case "wait":
                print((await client.wait(**settings)).text)
            case "stream":
                await read(client.stream(package.Input(**settings)))
            case "resume":
                await read(client.resume(**settings))


async def read(outputs: Any) -> None:
    async for output in outputs:
        print(output.number, flush=True)
    print(outputs.count, outputs.execution_id)


asyncio.run(main(*sys.argv[1:]))
