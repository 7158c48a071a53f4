"""`penstock queries`: filters by name."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from penstock.cli.output import print_json, print_table
from penstock.cli.runs import saved_queries
from penstock.cli.runs.saved_queries import Query


def run(args: argparse.Namespace) -> int:
    {"save": _save, "list": _list, "delete": _delete}[args.action](args)
    return 0


def _save(args: argparse.Namespace) -> None:
    saved_queries.store(saved_queries.load() | {args.name: Query(args.filter.strip(), args.order_by.strip())})
    print(f"saved {args.name}: penstock executions list --query {args.name}")


def _list(args: argparse.Namespace) -> None:
    queries = saved_queries.load()
    if args.output == "json":
        print_json({"queries": [{"name": name, **asdict(query)} for name, query in sorted(queries.items())]})
    elif queries:
        rows = [(name, query.order_by, query.filter) for name, query in sorted(queries.items())]
        print_table(("QUERY", "ORDER", "FILTER"), rows, flexible="FILTER")
    else:
        print("No query is saved. Save one: penstock queries save failed --filter 'status = FAILED'")


def _delete(args: argparse.Namespace) -> None:
    saved_queries.find(args.name)
    saved_queries.store({name: query for name, query in saved_queries.load().items() if name != args.name})
    print(f"deleted {args.name}")
