"""Runs in the environment where the clients are installed: makes the calls of the conformance table.

Reads {"address", "api_key", "cases"} as JSON from standard input, where inputs are base64 of protobuf, and prints
the answers in the same order. It imports nothing of Penstock but the clients.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from base64 import b64decode, b64encode
from importlib import import_module
from typing import Any

NOBODY = "127.0.0.1:9"


async def answer(case: dict[str, Any], address: str, api_key: str) -> dict[str, Any]:
    """What became of one case: `outputs`, of which the single output of a call is the only one, and `error`."""
    package = import_module(f"penstock_{case['flow']}")
    given = parsed(package.Input, b64decode(case["input"]))
    options = {"patience_s": 0.3} if case.get("server") == "none" else {}
    where = NOBODY if case.get("server") == "none" else address
    outputs: list[str] = []
    async with package.Client(where, case.get("api_key", api_key), **options) as client:
        try:
            await operate(client, case, given, outputs)
        except package.PenstockError as error:
            return {"outputs": outputs, "error": described(error)}
    return {"outputs": outputs}


def parsed(message: Any, raw: bytes) -> Any:
    """The class parses by itself in betterproto2; in betterproto an empty message does."""
    return message.parse(raw) if inspect.ismethod(message.parse) else message().parse(raw)


async def operate(client: Any, case: dict[str, Any], given: Any, outputs: list[str]) -> None:
    settings = {name: case[name] for name in ("request_id", "timeout_s") if name in case}
    match case["operation"]:
        case "invoke":
            outputs.append(text(await client.invoke(given, **settings)))
        case "stream":
            async for output in client.stream(given, **settings):
                outputs.append(text(output))  # noqa: PERF401 - those before an error count
        case "start_wait":
            if (output := await client.wait(await client.start(given))) is not None:
                outputs.append(text(output))
        case "start_cancel_wait":
            run = await client.start(given)
            await client.cancel(run.execution_id)
            await client.wait(run)
        case "start_wait_cancel":
            run = await client.start(given)
            await client.wait(run)
            await client.cancel(run.execution_id)
        case "wait":
            await client.wait_for_end(case["execution_id"])
        case "cancel":
            await client.cancel(case["execution_id"])


def text(message: Any) -> str:
    return b64encode(bytes(message)).decode()


def described(error: Any) -> dict[str, Any]:
    members = {name: getattr(error, name) for name in ("code", "message", "kind", "node") if hasattr(error, name)}
    if hasattr(error, "violations"):
        members["violations"] = [{"field": v.field, "description": v.description} for v in error.violations]
    return {"type": type(error).__name__, **members}


async def main() -> None:
    asked = json.load(sys.stdin)
    json.dump([await answer(case, asked["address"], asked["api_key"]) for case in asked["cases"]], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
