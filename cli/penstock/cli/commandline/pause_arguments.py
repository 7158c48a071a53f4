"""The command line of pauses."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.bulk_arguments import add_many
from penstock.cli.commandline.parsers import Verbs, add_output, verb

DECISIONS = ("approve", "reject", "resume")
"""What can be done to a pause, and to those of many executions."""


def add_pauses(verbs: Verbs) -> None:
    about = "Look at what waits for a person, and decide it."
    group = verbs.add_parser("pauses", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "runs.pauses", "List open pauses, the oldest executions first.")
    listing.add_argument(
        "execution_id", metavar="ID", type=types.execution_id, nargs="?", help="every pause of this execution instead"
    )
    listing.add_argument("--limit", type=types.count, default=50, help="most pauses to give (%(default)s)")
    one = {
        "get": verb(actions, "get", "runs.pauses", "Show one pause."),
        "approve": verb(actions, "approve", "runs.pauses", "Let an execution go on."),
        "reject": verb(actions, "reject", "runs.pauses", "Refuse to let an execution go on."),
        "resume": verb(actions, "resume", "runs.pauses", "Let an execution go on with a value."),
    }
    for name, parser in one.items():
        # In place of both, a filter finds many.
        count = "?" if name in DECISIONS else None
        parser.add_argument(
            "execution_id", metavar="ID", nargs=count, type=types.execution_id, help="32 lower-case hex digits"
        )
        parser.add_argument(
            "pause", metavar="PAUSE", nargs=count, type=types.name, help="name of the node that is the pause"
        )
    for name in ("approve", "resume"):
        what = "what to go on with in place of the input" if name == "approve" else "what to go on with"
        one[name].add_argument("--value", metavar="JSON|@FILE|-", help=what)
    for name in DECISIONS:
        one[name].add_argument("--comment", default="", help="why, for whoever reads the log")
        one[name].add_argument("--name", type=types.name, help="of many: only pauses of this name")
        add_many(one[name])
        one[name].add_argument(
            "--no-wait", action="store_true", help="of many: print the id of the operation, not its end"
        )
    for parser in (listing, *one.values()):
        add_output(parser)
