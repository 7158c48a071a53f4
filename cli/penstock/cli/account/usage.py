"""`penstock usage`: what nodes used, added up."""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import UsageError
from penstock.cli.output import print_json, print_table
from penstock.cli.target import find_target

_PATH = "/usage/v1/usage"
_PAGE_SIZE_MAX = 1_000
_FIELDS = {"execution": "execution_id", "day": "date"}
"""Word of --by -> field of the answer, where it is another."""
_SUMS = ("calls", "input_tokens", "cached_tokens", "output_tokens", "cost")
_HEADERS = ("CALLS", "INPUT", "CACHED", "OUTPUT", "USD")


def run(args: argparse.Namespace) -> int:
    query = _query(args)
    return asyncio.run(_run(args, query, Client(find_target())))


async def _run(args: argparse.Namespace, query: dict[str, str], client: Client) -> int:
    path = f"{_PATH}?{urlencode([('group_by', word.upper()) for word in args.by])}"
    async with client:
        answer = await _ask(client, path, query, args.limit)
    if args.output == "json":
        print_json(answer)
    elif args.output == "csv":
        _print_csv(args.by, answer["usage"])
    elif answer["usage"]:
        _print_table(args.by, answer)
    else:
        print(f"no usage was reported from {answer['start_date']} to {answer['end_date']}")
    return 0


def _query(args: argparse.Namespace) -> dict[str, str]:
    first = args.first
    if args.days is not None:
        if first:
            raise UsageError("--days and --from say the same: give one of them")
        first = str(_last(args.last) - timedelta(days=args.days - 1))
    return {"filter": args.filter, "order_by": args.order_by, "start_date": first, "end_date": args.last}


def _last(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise UsageError(f'--to: expected a day such as 2026-01-31, got "{text}"') from None


async def _ask(client: Client, path: str, query: dict[str, str], limit: int) -> JsonObject:
    """The answer with the sums of all its pages, `limit` at most."""
    found: list[JsonObject] = []
    token = ""
    while True:
        page_size = min(limit - len(found), _PAGE_SIZE_MAX)
        answer = await client.call("GET", path, query={**query, "page_size": page_size, "page_token": token})
        found += answer["usage"]
        token = answer.pop("next_page_token", "")
        if not token or len(found) >= limit:
            return {**answer, "usage": found[:limit]}


def _print_csv(by: list[str], usage: list[JsonObject]) -> None:
    fields = [*(_FIELDS.get(word, word) for word in by), *_SUMS]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([each[field] for field in fields] for each in usage)


def _print_table(by: list[str], answer: JsonObject) -> None:
    fields = [_FIELDS.get(word, word) for word in by]
    rows = [(*(each[field] for field in fields), *_shown(each)) for each in answer["usage"]]
    if len(rows) > 1 and by:
        rows.append(("all", *("" for _ in by[1:]), *_shown(answer["total"])))
    print_table((*(word.upper() for word in by), *_HEADERS), rows, flexible=_flexible(by))


def _flexible(by: list[str]) -> str:
    """What may be cut: names that others give are the longest."""
    return next((word.upper() for word in ("model", "provider", "node", "flow") if word in by), "")


def _shown(sums: JsonObject) -> tuple[str, ...]:
    return (*(f"{sums[field]:,}" for field in _SUMS[:-1]), sums["cost"])
