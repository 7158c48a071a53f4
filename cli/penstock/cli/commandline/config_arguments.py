"""The command line of config profiles and secrets."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_database, add_output, verb


def add_configs(verbs: Verbs) -> None:
    about = "Look at config profiles and change them."
    group = verbs.add_parser("configs", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "account.configs", "List config profiles.")
    listing.add_argument("--flow", default="", help='only those for this flow; "-" for those for every flow')
    get = verb(actions, "get", "account.configs", "Print a config profile as JSON.")
    change = verb(actions, "set", "account.configs", "Make a config profile, or change what is said of it here.")
    delete = verb(actions, "delete", "account.configs", "Remove a config profile.")
    for parser in (get, change, delete):
        parser.add_argument("config_id", metavar="ID", type=types.config_id, help="name of the profile")
    change.add_argument("--flow", help='flow that it is for; "" for every flow')
    change.add_argument(
        "--default", action=argparse.BooleanOptionalAction, default=None, help="whether it applies without being named"
    )
    change.add_argument("--description", help="what it is for")
    change.add_argument("--values", metavar="JSON|@FILE|-", help="what nodes see as context.config")
    change.add_argument("--nodes", metavar="JSON|@FILE|-", help="timeouts and retries of nodes, by their names")
    for parser in (listing, change, delete):
        add_output(parser)


def add_secrets(verbs: Verbs) -> None:
    about = "Put secrets away for the nodes that declare them."
    group = verbs.add_parser("secrets", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "account.secrets", "List secrets, without their values.")
    put = verb(actions, "set", "account.secrets", "Set a secret to what stands on standard input.")
    delete = verb(actions, "delete", "account.secrets", "Remove a secret.")
    rotate = verb(
        actions, "rotate", "database.reseal", "Seal all secrets by the first master key, in the server's database."
    )
    for parser in (put, delete):
        parser.add_argument("name", metavar="NAME", type=types.name, help="name of the secret")
    put.add_argument("--from-file", metavar="FILE", type=Path, help="file that holds the value")
    add_database(rotate)
    rotate.add_argument(
        "--replace-lost",
        action="store_true",
        help="give accounts a new key for payloads where the master key of theirs is lost; what it sealed stays sealed",
    )
    for parser in (listing, put, delete, rotate):
        add_output(parser)
