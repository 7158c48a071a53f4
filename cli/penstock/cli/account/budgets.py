"""`penstock budgets`: keeps budgets for what nodes use."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from typing import Any

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.table import one_line
from penstock.cli.target import find_target

_PATH = "/usage/v1/budgets"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"list": _list, "get": _get, "set": _set, "delete": _delete}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    budgets = await pages(client, _PATH, "budgets", {}, sys.maxsize)
    if args.output == "json":
        print_json({"budgets": budgets})
    elif budgets:
        rows = [
            (
                budget["budget_id"],
                _scope(budget),
                _spent(budget),
                _limit(budget),
                budget["state"],
                _action(budget),
                moment(budget.get("renew_time")),
            )
            for budget in budgets
        ]
        print_table(("BUDGET", "FOR", "SPENT", "LIMIT", "STATE", "THEN", "RENEWS"), rows, flexible="FOR")
    else:
        print("no budgets yet: penstock budgets set ID --period month --cost 100 makes one")


async def _get(args: Namespace, client: Client) -> None:
    budget = await client.call("GET", f"{_PATH}/{args.budget_id}")
    if args.output == "json":
        print_json(budget)
        return
    facts = {
        "budget": budget["budget_id"],
        "description": budget.get("description", ""),
        "for": _scope(budget),
        "spent": f"{_spent(budget)} of {_limit(budget)}",
        "state": budget["state"],
        "then": _action(budget),
        "since": moment(budget.get("period_start_time")),
        "renews": moment(budget.get("renew_time")),
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<13}{one_line(value)}")


async def _set(args: Namespace, client: Client) -> None:
    budget = _given(args)
    query = {"update_mask": ",".join(map(_camel, budget)), "allow_missing": "true"}
    answer = await client.call("PATCH", f"{_PATH}/{args.budget_id}", query=query, body=budget)
    if args.output == "json":
        print_json(answer)
    else:
        print(one_line(f"budget {args.budget_id}: {_spent(answer)} of {_limit(answer)} for {_scope(answer)}"))


async def _delete(args: Namespace, client: Client) -> None:
    answer = await client.call("DELETE", f"{_PATH}/{args.budget_id}")
    if args.output == "json":
        print_json(answer)
    else:
        print(f"budget {args.budget_id} is gone")


def _given(args: Namespace) -> JsonObject:
    """What the command line says about the budget; what it does not say stays as it is."""
    said: dict[str, Any] = {
        "description": args.description,
        "flow": args.flow,
        "provider": args.provider,
        "model": args.model,
        "period": args.period and args.period.upper(),
        "cost_limit": args.cost,
        "token_limit": args.tokens,
        "warn_at": args.warn_at,
        "action": args.verdict and args.verdict.upper(),
        "stop_running": args.stop_running,
    }
    return {name: value for name, value in said.items() if value is not None}


def _scope(budget: JsonObject) -> str:
    """flow chat, anthropic claude; "everything" for all."""
    flow = f"flow {budget['flow']}" if budget.get("flow") else ""
    service = f"{budget.get('provider', '')} {budget.get('model', '')}".strip()
    return ", ".join(filter(None, (flow, service))) or "everything"


def _spent(budget: JsonObject) -> str:
    return f"{budget['spent_tokens']:,}" if "token_limit" in budget else str(budget["spent_cost"])


def _limit(budget: JsonObject) -> str:
    amount = f"{budget['token_limit']:,} tokens" if "token_limit" in budget else f"{budget['cost_limit']} USD"
    period: str = budget["period"].lower()
    return amount if period == "total" else f"{amount} a {period}"


def _action(budget: JsonObject) -> str:
    return "BLOCK, STOP" if budget.get("stop_running") else str(budget["action"])


def _camel(name: str) -> str:
    """cost_limit -> costLimit: the JSON form of a field mask."""
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))
