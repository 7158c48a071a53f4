"""The command line of webhooks."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb


def add_webhooks(verbs: Verbs) -> None:
    about = "Look at deliveries of results, and at what they are signed with."
    group = verbs.add_parser("webhooks", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "deliveries", "account.webhooks", "List tries to deliver, newest first.")
    listing.add_argument(
        "execution_id", metavar="ID", type=types.execution_id, nargs="?", help="only those of this execution"
    )
    listing.add_argument("--limit", type=types.count, default=50, help="most tries to give (%(default)s)")
    again = verb(actions, "redeliver", "account.webhooks", "Deliver the result of an execution once more.")
    again.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
    show = verb(actions, "secret", "account.webhooks", "Print the secret that receivers check signatures with.")
    rotate = verb(
        actions, "rotate", "account.webhooks", "Make a new secret and print it; the old one signs on for 24 h."
    )
    rotate.add_argument("--at-once", action="store_true", help="let the old one sign no more")
    for parser in (listing, again, show, rotate):
        add_output(parser)
