"""The command line of what acts on many executions."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Parser, Verbs, add_output, verb


def add_bulk(verbs: Verbs) -> None:
    about = "Look at acts on many executions, follow and stop them."
    group = verbs.add_parser("bulk", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "runs.bulk_operations", "List bulk operations, newest first.")
    listing.add_argument("--limit", type=types.count, default=50, help="most operations to give (%(default)s)")
    one = [
        verb(actions, "get", "runs.bulk_operations", "Show one bulk operation."),
        verb(actions, "watch", "runs.bulk_operations", "Follow a bulk operation to its end."),
        verb(actions, "cancel", "runs.bulk_operations", "Stop a bulk operation. What was done stays done."),
    ]
    for parser in one:
        parser.add_argument(
            "operation_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits of the operation"
        )
    for parser in (listing, *one):
        add_output(parser)


def add_many(parser: Parser) -> None:
    """What takes the place of an ID."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--filter", default="", help="those that the filter finds, as in `executions list`")
    which.add_argument("--all", action="store_true", help="those of all flows")
    parser.add_argument("--limit", type=types.count, help="most executions to act on, oldest first (no limit)")
    parser.add_argument("--dry-run", action="store_true", help="only tell which")
