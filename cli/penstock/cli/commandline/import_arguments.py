"""The command line of imports."""

from __future__ import annotations

from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb


def add_import(actions: Verbs) -> None:
    """A verb of `executions`."""
    parser = verb(actions, "import", "exports.imported", "Take in an exported document, to look at the execution here.")
    parser.add_argument("file", metavar="FILE", type=Path, help="a document of --format json or audit")
    parser.add_argument(
        "--allow-changed", action="store_true", help="take it although something in it was changed since its export"
    )
    add_output(parser)


def add_imports(verbs: Verbs) -> None:
    about = "Look at what was imported, and delete it."
    group = verbs.add_parser("imports", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "exports.imported", "List imported executions, newest first.")
    listing.add_argument("--limit", type=types.count, default=50, help="most imports to give (%(default)s)")
    get = verb(
        actions, "get", "exports.imported", "Show what is known of an import; `executions get` shows its execution."
    )
    delete = verb(actions, "delete", "exports.imported", "Delete an import.")
    for parser in (get, delete):
        parser.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
    for parser in (listing, get, delete):
        add_output(parser)
