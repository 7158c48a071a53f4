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
    run = case.get("execution_id")
    for step in case["operation"].split("_"):
        match step:
            case "invoke":
                outputs.append(text(await client.invoke(given, **settings)))
            case "start":
                run = await client.start(given, **settings)
            case "paused":
                await reach_pause(client, run)
            case "approve":
                await client.approve(run, case["pause"], comment=case.get("comment", ""), **value(case))
            case "reject":
                await client.reject(run, case["pause"], comment=case.get("comment", ""))
            case "fill":
                await client.resume_with(run, case["pause"], **value(case))
            case "signal":
                sent = case["signals"].pop(0)
                await client.signal(run, sent["name"], named(case, sent["class"], sent["payload"]))
            case "wait":
                if (output := await client.wait(run)) is not None:
                    outputs.append(text(output))
            case "cancel":
                await client.cancel(run)
            case "stream" | "resume":
                stream = client.stream(given, **settings) if step == "stream" else client.resume(run)
                async for output in stream:
                    outputs.append(text(output))  # noqa: PERF401 - those before an error count


async def reach_pause(client: Any, run: Any) -> None:
    """Returns when the run has come to an open pause."""
    try:
        await client.wait(run)
    except client_error(client, "Paused"):
        assert [pause.state for pause in await client.pauses(run)] == ["OPEN"]


def client_error(client: Any, name: str) -> Any:
    return getattr(import_module(type(client).__module__.partition(".")[0]), name)


def value(case: dict[str, Any]) -> dict[str, Any]:
    return {"value": named(case, case["value_class"], case["value"])} if "value" in case else {}


def named(case: dict[str, Any], name: str, raw: str) -> Any:
    """A message of a class that the client's module imports."""
    return parsed(getattr(import_module(f"penstock_{case['flow']}.client"), name), b64decode(raw))


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
