"""The command line of usage and budgets."""

from __future__ import annotations

import argparse

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb

DIMENSIONS = ("execution", "flow", "node", "provider", "model", "day")


def add_usage(verbs: Verbs) -> None:
    parser = verb(verbs, "usage", "account.usage", "Add up what nodes reported that they used: tokens and cost.")
    parser.add_argument(
        "--by", metavar="WORDS", type=_dimensions, default=["flow"], help=f"any of {', '.join(DIMENSIONS)} (flow)"
    )
    parser.add_argument("--filter", default="", help='AIP-160, for example: flow = "chat*" AND provider = anthropic')
    parser.add_argument("--days", metavar="N", type=types.count, help="days up to the last one (30)")
    parser.add_argument("--from", metavar="DAY", dest="first", default="", help="first day, in UTC: 2026-01-01")
    parser.add_argument("--to", metavar="DAY", dest="last", default="", help="last day, in UTC (today)")
    parser.add_argument("--order-by", default="", help='for example: "cost desc" (newest day, then highest cost)')
    parser.add_argument("--limit", metavar="N", type=types.count, default=50, help="most lines to give (%(default)s)")
    parser.add_argument(
        "--output", choices=("table", "json", "csv"), default="table", help="for people or for programs"
    )


def add_budgets(verbs: Verbs) -> None:
    about = "Keep budgets for what nodes use."
    group = verbs.add_parser("budgets", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "account.budgets", "List budgets and what was spent of them.")
    get = verb(actions, "get", "account.budgets", "Show a budget.")
    change = verb(actions, "set", "account.budgets", "Make a budget, or change what is said of it here.")
    delete = verb(actions, "delete", "account.budgets", "Remove a budget.")
    for parser in (get, change, delete):
        parser.add_argument("budget_id", metavar="ID", type=_budget_id, help="name of the budget")
    limit = change.add_mutually_exclusive_group()
    limit.add_argument("--cost", metavar="USD", help="how much it is in US dollars")
    limit.add_argument("--tokens", metavar="N", type=types.count, help="how much it is in tokens")
    change.add_argument("--period", choices=("day", "month", "total"), help="when it begins anew, in UTC")
    change.add_argument("--flow", help='only what this flow uses; "" for every flow')
    change.add_argument("--provider", help='only what this provider gives; "" for every one')
    change.add_argument("--model", help='only this model; "" for every one')
    change.add_argument("--warn-at", metavar="PART", type=float, help="the part of it that is worth a warning (0.8)")
    change.add_argument("--action", dest="verdict", choices=("warn", "block"), help="what happens when it is used up")
    change.add_argument(
        "--stop-running", action=argparse.BooleanOptionalAction, default=None, help="whether what runs ends as well"
    )
    change.add_argument("--description", help="what it is for")
    for parser in (listing, get, change, delete):
        add_output(parser)


def _dimensions(text: str) -> list[str]:
    """Comma-separated words."""
    words = [word.strip() for word in text.split(",")] if text.strip() else []
    wrong = next((word for word in words if word not in DIMENSIONS), None)
    if wrong is not None:
        raise argparse.ArgumentTypeError(f'expected any of {", ".join(DIMENSIONS)}, got "{wrong}"')
    return words


def _budget_id(text: str) -> str:
    try:
        return types.config_id(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f'expected the name of a budget such as team-a, got "{text}"') from None
