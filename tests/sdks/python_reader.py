"""Runs in an environment with clients: makes one call and prints what it gives, each output on a line of its own.

Arguments: address, key, flow, stream or invoke, input as JSON with the names of fields.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from typing import Any


async def main(address: str, api_key: str, flow: str, operation: str, given: str) -> None:
    package: Any = import_module(f"penstock_{flow}")
    async with package.Client(address, api_key, patience_s=60) as client:
        message = package.Input(**json.loads(given))
        if operation == "stream":
            outputs = client.stream(message)
            async for output in outputs:
                print(output.number, flush=True)
            print(outputs.count, outputs.execution_id)
        else:
            print((await client.invoke(message)).text, flush=True)


asyncio.run(main(*sys.argv[1:]))
