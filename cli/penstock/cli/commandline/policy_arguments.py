"""The command line of policies."""

from __future__ import annotations

import argparse

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Parser, Verbs, add_output, verb


def add_policies(verbs: Verbs) -> None:
    about = "Look at policies, change them and test them."
    group = verbs.add_parser("policies", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "account.policies", "List policies in the order in which they are looked at.")
    listing.add_argument("--flow", default="", help="only those that are about this flow")
    get = verb(actions, "get", "account.policies", "Show a policy.")
    versions = verb(actions, "versions", "account.policies", "List the versions of a policy, newest first.")
    change = verb(
        actions, "set", "account.policies", "Make a policy, or the next version of it with what is said of it here."
    )
    delete = verb(actions, "delete", "account.policies", "Remove a policy; what it decided stands.")
    test = verb(actions, "test", "account.policies", "Tell what a policy would do with a message.")
    for parser in (get, versions, change, delete):
        parser.add_argument("policy_id", metavar="ID", type=types.config_id, help="name of the policy")
    get.add_argument("--version", type=types.count, help="an older version")
    versions.add_argument("--limit", type=types.count, default=50, help="most versions to give (%(default)s)")
    _add_changes(change)
    _add_test(test)
    for parser in (listing, get, versions, change, delete, test):
        add_output(parser)


def _add_changes(change: Parser) -> None:
    change.add_argument("--description", help="what it is for")
    change.add_argument("--flow", metavar="PATTERN", help='flows that it is about, such as "pay*"; "" for every flow')
    change.add_argument("--node", metavar="PATTERN", help='their nodes that it is about; "" for every node')
    point = change.add_mutually_exclusive_group()
    point.add_argument(
        "--before", dest="point", action="store_const", const="BEFORE", help="look at it before a node runs"
    )
    point.add_argument(
        "--after", dest="point", action="store_const", const="AFTER", help="look at it when a node gave its output"
    )
    change.add_argument("--when", metavar="CEL|@FILE", help='rule that says whether it holds; "" for always')
    action = change.add_mutually_exclusive_group()
    action.add_argument("--allow", action="store_true", help="let the node go on, whatever policies behind it say")
    action.add_argument("--block", metavar="REASON", help="fail the node")
    action.add_argument("--require-approval", metavar="MESSAGE", help="have a person decide")
    action.add_argument("--redact", metavar="FIELDS", help="empty these fields; paths with commas between them")
    change.add_argument("--timeout", metavar="LENGTH", help="how long an approval waits, such as 24h")
    change.add_argument("--on-timeout", choices=("approve", "reject", "fail"), help="what its timeout does (fail)")
    change.add_argument("--priority", type=int, help="smaller numbers are looked at first")
    change.add_argument(
        "--dry-run", action=argparse.BooleanOptionalAction, default=None, help="only record what it would have done"
    )


def _add_test(test: Parser) -> None:
    test.add_argument("policy_id", metavar="ID", nargs="?", type=types.config_id, help="name of the policy")
    test.add_argument("--policy", metavar="JSON|@FILE|-", help="a policy that need not be stored, in its place")
    test.add_argument(
        "--execution", metavar="ID", type=types.execution_id, help="look at what is on record of this one"
    )
    test.add_argument("--node", default="", help="the node")
    test.add_argument("--flow", default="", help="flow, or flow@alias, that has the node")
    test.add_argument("--input", metavar="JSON|@FILE|-", help="the node's input")
    test.add_argument("--gave", metavar="JSON|@FILE|-", help="the node's output")
    test.add_argument("--attempt", type=types.count, help="number of the attempt (1)")
    test.add_argument(
        "--label", metavar="KEY=VALUE", type=types.label, action="append", default=[], help="label of the execution"
    )
