"""`penstock executions logs|frames|children|checkpoints|attempts|gates|output|payload`: what one execution has."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CliError
from penstock.cli.human import failure, moment, span
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import one_line
from penstock.cli.target import find_target


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: argparse.Namespace, client: Client) -> int:
    async with client:
        await _ACTIONS[args.action](args, client)
    return 0


async def _read(
    args: argparse.Namespace, client: Client, rest: str, member: str, query: Mapping[str, str | int]
) -> list[JsonObject] | None:
    """Every item of a list; None when they are printed already, as JSON."""
    items = await pages(client, f"{EXECUTIONS}/{args.execution_id}/{rest}", member, query, args.limit or sys.maxsize)
    if args.output != "json":
        return items
    print_json({member: items})
    return None


async def _logs(args: argparse.Namespace, client: Client) -> None:
    found = await _read(args, client, "logs", "lines", {"node": args.node, "level": args.level})
    if found is not None:
        rows = [(moment(line["time"]), line["node"], line["level"], line["message"]) for line in found]
        empty = "No node logged anything; `context.log` does."
        print_list(("TIME", "NODE", "LEVEL", "MESSAGE"), rows, empty, flexible="MESSAGE")


async def _frames(args: argparse.Namespace, client: Client) -> None:
    found = await _read(args, client, "frames", "frames", {})
    if found is not None:
        rows = [
            (
                str(frame["frame_index"]),
                str(frame["sequence"]),
                moment(frame["time"]),
                _size(frame["payload_bytes_size"]),
                _payload(frame.get("payload"), frame.get("payload_link")),
            )
            for frame in found
        ]
        empty = f"No frames yet. To wait for them: penstock executions watch {args.execution_id}"
        print_list(("FRAME", "SEQUENCE", "TIME", "SIZE", "PAYLOAD"), rows, empty, flexible="PAYLOAD")


async def _children(args: argparse.Namespace, client: Client) -> None:
    found = await _read(args, client, "children", "executions", {})
    if found is not None:
        rows = [
            (
                child["execution_id"],
                child.get("parent_node", ""),
                f"{child['flow']} v{child['version']}",
                child["status"],
                span(child.get("duration")),
                failure(child["error"]) if child.get("error") else "",
            )
            for child in found
        ]
        empty = "No sub-flow of this execution has run."
        print_list(("EXECUTION", "NODE", "FLOW", "STATUS", "DURATION", "ERROR"), rows, empty, flexible="ERROR")


async def _checkpoints(args: argparse.Namespace, client: Client) -> None:
    found = await _read(args, client, "checkpoints", "checkpoints", {"node": args.node})
    if found is not None:
        rows = [
            (
                str(each["sequence"]),
                each["node"] + (f" item {each['item']}" if "item" in each else ""),
                moment(each["time"]),
                _size(each["output_bytes_size"]),
                _payload(each.get("output"), each.get("output_link")),
            )
            for each in found
        ]
        empty = f"No node has completed yet. Why: penstock executions explain {args.execution_id}"
        print_list(("SEQUENCE", "NODE", "TIME", "SIZE", "OUTPUT"), rows, empty, flexible="OUTPUT")


async def _attempts(args: argparse.Namespace, client: Client) -> None:
    # 0 is an item too, and what is 0 is left out of a query.
    query = {} if args.item is None else {"item": str(args.item)}
    found = await _read(args, client, f"nodes/{args.node}/attempts", "attempts", query)
    if found is not None:
        rows = [
            (
                str(each["attempt"]),
                str(each.get("item", "")),
                each["status"],
                moment(each.get("start_time")),
                span(each.get("duration")),
                _attempt_detail(each),
            )
            for each in found
        ]
        empty = f"{args.node} has not been tried yet. Why: penstock executions explain {args.execution_id}"
        print_list(("ATTEMPT", "ITEM", "STATUS", "STARTED", "DURATION", "DETAIL"), rows, empty, flexible="DETAIL")


async def _gates(args: argparse.Namespace, client: Client) -> None:
    found = await client.call("GET", f"{EXECUTIONS}/{args.execution_id}/gates")
    if args.output == "json":
        print_json(found)
        return
    rows = [
        (
            gate["gate"],
            gate["state"],
            f"{len(gate['arrived'])} of {gate['required']}",
            ", ".join(gate["arrived"]),
            ", ".join(gate["missing"]),
        )
        for gate in found["gates"]
    ]
    headers = ("GATE", "STATE", "NEEDED", "ARRIVED", "MISSING")
    print_list(headers, rows, "The flow has no gates.", flexible="MISSING")


async def _output(args: argparse.Namespace, client: Client) -> None:
    found = await client.call("GET", f"{EXECUTIONS}/{args.execution_id}/output")
    if args.output == "json":
        print_json(found)
    elif found.get("error"):
        raise CliError(f"execution {args.execution_id} {found['status']}: {failure(found['error'])}")
    elif found.get("output") is None:
        hint = f"penstock executions frames {args.execution_id}" if found["frame_count"] else "it has none"
        raise CliError(f"execution {args.execution_id} {found['status']} gave no output: {hint}")
    else:
        print_json(found["output"])


async def _get_payload(args: argparse.Namespace, client: Client) -> None:
    """As it comes, so that another program takes it up."""
    path = f"{EXECUTIONS}/{args.execution_id}/payloads/{args.payload}"
    query = {"payload_bytes": "true"} if args.protobuf else {}
    out = sys.stdout.buffer if args.out is None else args.out.open("wb")
    try:
        async for piece in client.pieces(path, query):
            out.write(piece)
        out.flush()
    finally:
        if args.out is not None:
            out.close()


_ACTIONS: dict[str, Callable[[argparse.Namespace, Client], Awaitable[None]]] = {
    "logs": _logs,
    "frames": _frames,
    "children": _children,
    "checkpoints": _checkpoints,
    "attempts": _attempts,
    "gates": _gates,
    "output": _output,
    "payload": _get_payload,
}


def _attempt_detail(attempt: JsonObject) -> str:
    parts = [word for word in ("fallback", "compensation") if attempt.get(word)]
    if attempt.get("error"):
        parts.append(failure(attempt["error"] | {"node": ""}))
    if attempt.get("due_time"):
        parts.append(f"next attempt {moment(attempt['due_time'])}")
    return "; ".join(parts)


def _payload(value: JsonObject | None, link: str | None) -> str:
    if link:
        return f"left out: penstock executions payload {link.split('/')[4]} {link.rpartition('/')[2]}"
    return "" if value is None else one_line(json.dumps(value, ensure_ascii=False))


def _size(size: int) -> str:
    return f"{size:,} B" if size < 10_000 else f"{size / 1024:,.0f} KiB"
