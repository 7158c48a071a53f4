"""The command line of retention."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb


def add_retention(verbs: Verbs) -> None:
    about = "Say how long executions are kept after they ended, and look at their removal."
    group = verbs.add_parser("retention", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    show = verb(actions, "show", "account.retention", "Show how long executions are kept.")
    show.add_argument("flow", metavar="FLOW", type=types.name, nargs="?", help="only those of this flow")
    put = verb(actions, "set", "account.retention", "Keep executions for a time after their end, or for ever.")
    put.add_argument("period", metavar="TIME", type=types.keeping_s, help="30d, 12h or forever")
    unset = verb(actions, "unset", "account.retention", "Take a time back that was set.")
    for parser in (put, unset):
        parser.add_argument(
            "--flow", metavar="FLOW", type=types.name, help="of this flow (all that have no time of their own)"
        )
    status = verb(actions, "status", "account.retention", "Tell what was removed, and what keeps the rest.")
    run = verb(actions, "run", "account.retention", "Remove at once what was kept long enough, and wait for it.")
    for parser in (show, put, unset, status, run):
        add_output(parser)
