"""`penstock executions explain`: why an execution is not further, and what can be done."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_table
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import one_line
from penstock.cli.target import find_target


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: argparse.Namespace, client: Client) -> int:
    async with client:
        explanation = await client.call("GET", f"{EXECUTIONS}/{args.execution_id}:explain")
    if args.output == "json":
        print_json(explanation)
    else:
        _show(explanation)
    return 0


def _show(explanation: JsonObject) -> None:
    print(one_line(explanation["summary"]))
    print()
    facts = {
        "execution": explanation["execution_id"],
        "flow": f"{explanation['flow']} ({explanation['graph_id']})",
        "status": explanation["status"],
        "reason": explanation["reason"],
        "trouble": explanation.get("classification", ""),
        "process": explanation["process"],
        "deadline": moment(explanation.get("deadline_time")),
        "advice": " ".join(explanation["advice"]),
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<11}{one_line(value)}")
    if causes := list(_causes(explanation)):
        print()
        rows = [_row(cause, depth) for cause, depth in causes]
        print_table(("NODE", "REASON", "SINCE", "UNTIL", "ATTEMPT", "WHY"), rows, flexible="WHY")
    _show_actions(explanation, [cause for cause, _ in causes])


def _causes(explanation: JsonObject, depth: int = 0) -> Iterator[tuple[JsonObject, int]]:
    """With those of child executions behind the node that waits for them."""
    for cause in explanation["causes"]:
        yield cause, depth
        if "child" in cause:
            yield from _causes(cause["child"], depth + 1)


def _row(cause: JsonObject, depth: int) -> tuple[str, ...]:
    attempt = f"{cause['attempt']} of {cause['attempts_max']}" if "attempts_max" in cause else ""
    name = "  " * depth + cause.get("node", "")
    since, until = moment(cause.get("since_time")), moment(cause.get("until_time"))
    return name, cause["reason"], since, until, attempt, cause["summary"]


def _show_actions(explanation: JsonObject, causes: list[JsonObject]) -> None:
    deciders = [decider for cause in causes for decider in cause["deciders"]]
    if deciders:
        print()
        print(f"Who may decide: {one_line(', '.join(dict.fromkeys(deciders)))}")
    actions = [action for each in (*causes, explanation) for action in each["actions"]]
    if actions:
        print()
        for action in actions:
            print(one_line(action["command"]))
