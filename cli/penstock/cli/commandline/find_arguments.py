"""The command line of what finds executions and their nodes."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Parser, Verbs, add_output, verb


def add_lists(actions: Verbs) -> None:
    """`executions list` and `executions nodes`."""
    listing = verb(actions, "list", "runs.listing", "List executions, newest first.")
    _add_filter(listing, "status = FAILED AND flow = hello")
    listing.add_argument(
        "--order-by", default="", help='create_time, complete_time or duration, with "asc" or "desc" (create_time desc)'
    )
    listing.add_argument("--limit", type=types.count, default=50, help="most executions to give (%(default)s)")
    listing.add_argument("--total", action="store_true", help="say how many there are besides")
    nodes = verb(
        actions, "nodes", "runs.node_listing", "List node executions of all executions, newest first, or of one."
    )
    nodes.add_argument("execution_id", metavar="ID", nargs="?", type=types.execution_id, help="only those of this one")
    _add_filter(nodes, "node = charge AND status = FAILED")
    nodes.add_argument("--limit", type=types.count, default=50, help="most node executions to give (%(default)s)")
    for parser in (listing, nodes):
        add_output(parser)


def _add_filter(parser: Parser, example: str) -> None:
    parser.add_argument("--filter", default="", help=f"AIP-160, for example: {example}")
    parser.add_argument(
        "--query", metavar="NAME", type=types.query_name, help="those that a saved query finds: see `penstock queries`"
    )


def add_queries(verbs: Verbs) -> None:
    about = "Save filters under a name, on this machine."
    group = verbs.add_parser("queries", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    save = verb(actions, "save", "runs.queries", "Save a filter, or put it in the place of one of that name.")
    listing = verb(actions, "list", "runs.queries", "List what is saved.")
    delete = verb(actions, "delete", "runs.queries", "Forget a saved filter.")
    for parser in (save, delete):
        parser.add_argument("name", metavar="NAME", type=types.query_name, help="what `--query` names it by")
    save.add_argument("--filter", required=True, help="AIP-160, for example: status = FAILED AND flow = hello")
    save.add_argument("--order-by", default="", help="order of `executions list`, for example: duration desc")
    add_output(listing)
