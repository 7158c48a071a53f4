"""The command line of pauses."""

from __future__ import annotations

from penstock.cli import argument_types as types
from penstock.cli.parsers import Verbs, add_output, verb


def add_pauses(verbs: Verbs) -> None:
    about = "Look at what waits for a person, and decide it."
    group = verbs.add_parser("pauses", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "pauses", "List open pauses, the oldest executions first.")
    listing.add_argument(
        "execution_id", metavar="ID", type=types.execution_id, nargs="?", help="every pause of this execution instead"
    )
    listing.add_argument("--limit", type=types.count, default=50, help="most pauses to give (%(default)s)")
    one = {
        "get": verb(actions, "get", "pauses", "Show one pause."),
        "approve": verb(actions, "approve", "pauses", "Let an execution go on."),
        "reject": verb(actions, "reject", "pauses", "Refuse to let an execution go on."),
        "resume": verb(actions, "resume", "pauses", "Let an execution go on with a value."),
    }
    for parser in one.values():
        parser.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
        parser.add_argument("pause", metavar="PAUSE", type=types.name, help="name of the node that is the pause")
    for name in ("approve", "resume"):
        what = "what to go on with in place of the input" if name == "approve" else "what to go on with"
        one[name].add_argument("--value", metavar="JSON|@FILE|-", help=what)
    for name in ("approve", "reject", "resume"):
        one[name].add_argument("--comment", default="", help="why, for whoever reads the log")
    for parser in (listing, *one.values()):
        add_output(parser)
